"""What the three requests of the demonstration ask for and find: made up, or from a folder of real files."""

import csv
import re
import tempfile
from datetime import date, timedelta
from pathlib import Path

from portal.demo import material
from portal.demo.browser import DemoError
from portal.demo.job import Case
from portal.demo.material import Marks, Material
from portal.demo.people import CITIZEN
from redaction import pipeline, probe
from redaction.marks import parse
from redaction.report import RedactionError, Refused

PLACE = re.compile(r"-?\b\d{1,3}\.\d{5,}\b")
CONTACT = {"name": "Ana Reyes", "email": CITIZEN}
ABOUT = {"relationship": "not_involved", "requester_category": "other"}
SECRET_COLUMNS = (
    "plate",
    "license",
    "licence",
    "name",
    "officer",
    "user",
    "lat",
    "lon",
    "case",
    "text prompt",
    "id",
)


def made_up(folder: Path, today: date) -> list[Case]:
    """This will make the seeded files and the three requests around them."""
    video = [material.traffic_stop(folder), material.incident_report(folder)]
    return _cases(today, video, [material.plate_reads(folder)], [material.flight_log(folder)])


def from_samples(samples: Path, folder: Path, today: date) -> list[Case]:
    """This will take one real PDF, film, plate-reader CSV and DJI log from a folder, wherever they lie in it.

    :raises DemoError: naming the kind of file that is missing.
    """
    video = [_film(_first(samples, "*.mp4")), _document(_documents(samples))]
    return _cases(today, video, [_reads(_table(samples))], [_flight(_log(samples))])


def _cases(today: date, video: list[Material], reads: list[Material], flight: list[Material]) -> list[Case]:
    day = (today - timedelta(days=9)).isoformat()
    span = {"first_day": (today - timedelta(days=12)).isoformat(), "last_day": day}
    return [
        Case(
            "video",
            [
                {"what_happened": "Traffic stop", "incident_date": day, "start_time": "18:00"},
                {"place": "Elm Street at 4th Avenue", "officers": "Unit 12"},
                {"record_type": "law_enforcement_video"}, ABOUT, CONTACT,
            ],
            video, {"record_type": "electronic", "minutes_search": "90", "minutes_redaction": "45"},
            kill_the_worker=True,
        ),
        Case("lpr", [{"lpr_kind": "detections", **span}, {"cameras": "All"}, ABOUT, CONTACT], reads,
             {"record_type": "electronic", "minutes_search": "30", "minutes_programming": "60"}),
        Case("drone", [{"drone_kind": "flight log", **span}, {"place": "Riverside"}, ABOUT, CONTACT], flight,
             {"record_type": "electronic", "minutes_search": "20"}),
    ]  # fmt: skip


def _first(samples: Path, *patterns: str) -> Path:
    found = [path for pattern in patterns for path in sorted(samples.rglob(pattern)) if path.is_file()]
    if not found:
        raise DemoError(f"{samples} holds no file like {' or '.join(patterns)}.")
    return found[0]


def _film(path: Path) -> Material:
    seconds = _seconds(path)
    end = round(min(2.0, seconds), 2)
    marks: Marks = [
        {"id": "middle", "kind": "region", "start": 0, "end": end, "reason": "FACE_BYSTANDER",
         "keyframes": [{"t": 0, "rect": [0.3, 0.3, 0.3, 0.3]}]},
    ]  # fmt: skip
    return Material(path, "Street camera", marks)


def _seconds(path: Path) -> float:
    import av

    with av.open(str(path)) as film:
        return float(film.duration or 0) / av.time_base or 1.0


def _documents(samples: Path) -> tuple[Path, str]:
    """The first PDF with a word on its first page that can be asked for by name, and that word."""
    from pdfminer.high_level import extract_text

    for path in sorted(samples.rglob("*.pdf")):
        words = extract_text(path, page_numbers=[0]).split()
        counted = sorted(
            {w for w in words if w.isalpha() and len(w) >= 6 and w.isascii()}, key=len, reverse=True
        )
        if counted:
            return path, counted[0]
    raise DemoError(f"{samples} holds no PDF with text on its first page.")


def _document(found: tuple[Path, str]) -> Material:
    path, word = found
    marks: Marks = [{"id": "word", "kind": "text", "literal": word, "pages": "all", "reason": "PII_DOC"}]
    return Material(path, "Document", marks, (word,))


def _table(samples: Path) -> Path:
    tables = sorted(samples.rglob("*.csv"), key=lambda path: path.stat().st_size, reverse=True)
    if not tables:
        raise DemoError(f"{samples} holds no CSV.")
    return tables[0]


def _reads(path: Path) -> Material:
    with path.open(newline="", encoding="utf-8-sig") as stream:
        rows = list(csv.DictReader(stream))
    header = list(rows[0]) if rows else []
    secret = [name for name in header if any(word in name.lower() for word in SECRET_COLUMNS)]
    open_text = "\n".join(str(row[name]) for row in rows for name in header if name not in secret)
    marks: Marks = [
        {"id": f"c{number}", "kind": "column", "name": name, "action": "mask", "reason": "PLATE"}
        if name in secret else {"id": f"c{number}", "kind": "column", "name": name, "action": "release"}
        for number, name in enumerate(header)
    ]  # fmt: skip
    values = {str(row[name]).strip() for row in rows for name in secret}
    # a value that also stands in a column that is released, or is a word anybody uses, proves nothing
    gone = sorted(value for value in values if len(value) >= 6 and value not in open_text)
    return Material(path, "Plate-reader table", marks, tuple(gone[:500]))


def _log(samples: Path) -> Path:
    for path in sorted(
        [*samples.rglob("*.SRT"), *samples.rglob("*.srt")], key=lambda each: -each.stat().st_size
    ):
        try:
            if probe.examine(path).medium == "flight":
                return path
        except Refused:
            continue  # the next one may be whole
    raise DemoError(f"{samples} holds no DJI subtitle log with a track.")


def _flight(path: Path) -> Material:
    grid: Marks = [
        {"id": "grid", "kind": "generalise", "grid_deg": 0.001, "altitude": "metre", "time": "relative",
         "reason": "ADDRESS"},
    ]  # fmt: skip
    home: Marks = [{"id": "home", "kind": "home", "radius_m": 100, "reason": "ADDRESS", "seed": "5eed" * 8}]
    exact = sorted(set(PLACE.findall(path.read_text(encoding="utf-8", errors="replace"))))
    return Material(
        path, "Flight log", home + grid if _leaves_something(path, home + grid) else grid, tuple(exact)
    )


def _leaves_something(path: Path, marks: Marks) -> bool:
    """A few seconds of hovering lie wholly inside the circle round take-off; then only the grid is left."""
    with tempfile.TemporaryDirectory() as folder:
        try:
            pipeline.redact(path, parse({"version": 1, "marks": marks}), Path(folder) / "track.gpx")
        except RedactionError:
            return False
    return True
