"""Proxy and drawn sound of a recording: which parts there are, which are made next, how far they are."""

from bisect import bisect_right
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import transaction

from portal.core import jobs
from portal.core.models import JobState
from redaction import machinery
from redaction.engines.media.choice import FIRST, Choice
from redaction.marks import parse
from redaction.plans import film_indexes
from redaction.plans.attempts import telling
from redaction.preview import calls
from redaction.preview.walking import SAME
from redaction.report import MarksError
from redaction.workbench import previews
from redaction.workbench.models import Preview
from redaction.workbench.previews import Outcome
from requests_app.custody import known
from requests_app.custody.models import Medium, ResponsiveRecord

BEGINNING = (30.0, 120.0, 300.0)  # seconds: short parts first, so that the beginning can be watched soon
EACH = 300.0  # seconds of a part after those
EACH_SOUND = 1800.0  # of a part without pictures
SHORTEST = 15.0  # a shorter rest belongs to the part before it
_PROXY, _SOUND, _INDEX = Preview.Kind.PROXY, Preview.Kind.SOUND, Preview.Kind.INDEX

Shape = dict[str, Any]


def picture_of(marks: dict[str, Any]) -> int:
    """This will give the number of the picture track the marks choose."""
    return choice_of(marks).picture


def choice_of(marks: dict[str, Any]) -> Choice:
    """This will give the tracks the marks choose."""
    for entry in marks["marks"]:
        if entry["kind"] == "tracks" and entry.get("decision") != "rejected":
            return Choice(int(entry.get("picture") or 0), int(entry.get("sound") or 0))
    return FIRST


def shape_of(record: ResponsiveRecord, picture: int = 0) -> Shape:
    """This will say how long, wide and fast a recording is; found out once.

    :raises Corrupt: when its bytes are not those that were taken in.
    :raises Refused: when it cannot be read.
    """
    return known.shape(previews.original_of(record), picture)


def spans(shape: Shape, *, has_picture: bool) -> list[tuple[float, float | None]]:
    """This will cut a recording into the parts of its proxy, in seconds; the last one goes to the end.

    A film without time stamps can only be read from its beginning, so it is one part.
    """
    bounds = [0.0]
    if shape["stamped"]:
        length = shape["duration"]
        steps = [bound for bound in BEGINNING if has_picture] or [EACH_SOUND]
        while steps[-1] < length:
            steps.append(steps[-1] + (EACH if has_picture else EACH_SOUND))
        bounds += [bound for bound in steps if bound <= length - SHORTEST]
    return list(zip(bounds, [*bounds[1:], None], strict=True))


def variant_of(picture: int, sound: int | None) -> str:
    """This will name a choice of tracks, such as ``p0-all`` or ``p0-s1``."""
    return f"p{picture}-{'all' if sound is None else f's{sound}'}"


def ask(
    record: ResponsiveRecord, *, picture: int, sound: int | None, second: float, at: datetime
) -> list[Preview]:
    """This will have the proxy made, the part with ``second`` first, and the sound drawn.

    Each part that is done asks for the next one. What failed is tried again.

    :raises Refused: when the recording cannot be read.
    """
    shape = shape_of(record, picture)
    rows = _rows(record, shape, picture, sound, at)
    wanted = rows[max(0, bisect_right([row.start for row in rows], second) - 1)]
    previews.start(wanted, again=True)
    if shape["has_sound"]:
        ask_sound(record, at=at, again=True)
    for row in rows:
        if row.job is not None and previews.state_of(row) in ("failed", "none"):
            previews.start(row, again=True)
    go_on(wanted, beside=0)
    previews.note_asked(record.sha256, at)
    return proxy_rows(record, picture, sound)


def ask_sound(record: ResponsiveRecord, *, at: datetime, again: bool = False) -> Preview:
    """This will have the sound drawn and listened to."""
    row, _ = Preview.objects.get_or_create(
        source_sha256=record.sha256, kind=_SOUND, variant="", number=0, defaults={"asked_at": at}
    )
    return previews.start(row, again=again)


def ask_index(record: ResponsiveRecord, choice: Choice, *, at: datetime) -> None:
    """This will have a long film read whole once, before a sample or the copy is asked for."""
    if film_indexes.is_worth_it(record):
        row, _ = Preview.objects.get_or_create(
            source_sha256=record.sha256, kind=_INDEX, number=0,
            variant=f"p{choice.picture}-s{choice.sound}-{machinery.stamp()}", defaults={"asked_at": at},
        )  # fmt: skip
        previews.start(row)  # one that failed stays so: it only makes later work quicker


def proxy_rows(record: ResponsiveRecord, picture: int, sound: int | None) -> list[Preview]:
    """This will list the parts that were ever asked for, in order."""
    rows = Preview.objects.filter(
        source_sha256=record.sha256, kind=_PROXY, variant=variant_of(picture, sound)
    )
    return list(rows.select_related("job").defer("times").order_by("number"))


def proxy_state(rows: list[Preview]) -> dict[str, Any]:
    """This will put together how far a proxy is; finished parts are not yet given addresses."""
    if not rows:
        return {"state": "none", "progress": 0.0, "note": "", "error": "", "parts": []}
    states = [previews.state_of(row) for row in rows]
    stuck = [row for row, state in zip(rows, states, strict=True) if state == "failed"]
    open_ = [row for row, state in zip(rows, states, strict=True) if state in ("running", "waiting")]
    made = states.count("ready") / len(rows)
    under_way = sum(row.job.progress for row in open_ if row.job is not None) / 100 / len(rows)
    if made == 1:
        state = "ready"
    elif stuck and not open_:
        state = "failed"
    elif "running" in states or (made and open_):
        state = "running"
    else:
        state = "waiting" if open_ else "none"
    return {
        "state": state,
        "progress": round(min(1.0, made + under_way), 3),
        "note": next((row.job.progress_note for row in open_ if row.job is not None), ""),
        "error": stuck[0].job.told if stuck and stuck[0].job is not None else "",
        "parts": [
            {"number": row.number, **{name: row.facts[name] for name in ("start", "end", "frames")}}
            for row, found in zip(rows, states, strict=True)
            if found == "ready" and row.address
        ],
    }


def make_part(run: jobs.Run, preview: Preview, record: ResponsiveRecord, folder: Path) -> Outcome:
    """This will make one part of a proxy; the one after it is asked for when it is shown."""
    picture, sound = _choice(preview.variant)
    shape = shape_of(record, picture)
    has_picture = record.medium == Medium.VIDEO
    numbers = [row["number"] for row in shape["sounds"]] if sound is None else [sound]
    found, said = calls.part(
        previews.original_of(record),
        folder,
        preview.start,
        preview.end,
        picture if has_picture else None,
        numbers,
        progress=telling(run),
    )
    times = [round(stamp * 1_000_000) for stamp in said.pop("times", [])]
    return Outcome(found, {**said, "frames": len(times)}, times, go_on)


def make_sound(run: jobs.Run, preview: Preview, record: ResponsiveRecord, folder: Path) -> Outcome:
    """This will draw the sound of a recording and find where somebody speaks."""
    found, said = calls.soundtrack(previews.original_of(record), folder, progress=telling(run))
    return Outcome(found, said)


def make_index(run: jobs.Run, preview: Preview, record: ResponsiveRecord, folder: Path) -> Outcome:
    """This will read a film whole and keep what was found out; it needs no row to be found."""
    picture, sound, _ = preview.variant.split("-", 2)
    tracks = {"id": "tracks", "kind": "tracks", "picture": int(picture[1:]), "sound": int(sound[1:])}
    original, known = film_indexes.hashed_before(record)
    film_indexes.kept(record, original, known, parse({"version": 1, "marks": [tracks]}), telling(run))
    return Outcome(None, {})


def known_times(record: ResponsiveRecord, picture: int, start: float, end: float) -> list[float] | None:
    """This will give when pictures begin from what finished parts know; None when a part is missing."""
    rows = [row for row in proxy_rows(record, picture, None) if previews.is_there(row)]
    covered, found = start, []
    for row in rows:
        if not row.address or row.facts["end"] < covered or row.facts["start"] > max(covered, SAME):
            continue
        found += [stamp / 1_000_000 for stamp in row.times]
        covered = row.facts["end"]
        if row.end is None:
            covered = max(covered, end)
    if covered < end or not found:
        return None
    before = [stamp for stamp in found if stamp <= start + SAME][-1:]
    return before + [stamp for stamp in found if start + SAME < stamp < end]


@transaction.atomic
def _rows(
    record: ResponsiveRecord, shape: Shape, picture: int, sound: int | None, at: datetime
) -> list[Preview]:
    if sound is not None and sound >= len(shape["sounds"]):
        raise MarksError(f"there is no sound track {sound}; the file has {len(shape['sounds'])}")
    wanted = [
        Preview(
            source_sha256=record.sha256, kind=_PROXY, variant=variant_of(picture, sound), number=number,
            start=start, end=end, asked_at=at,
        )
        for number, (start, end) in enumerate(spans(shape, has_picture=record.medium == Medium.VIDEO))
    ]  # fmt: skip
    Preview.objects.bulk_create(wanted, ignore_conflicts=True)
    return proxy_rows(record, picture, sound)


def go_on(row: Preview, *, beside: int = 1) -> None:
    """This will start the next part that nobody has asked for, else the first one, unless enough are at work.

    ``beside`` is how many other parts may be at work then.
    """
    rows = Preview.objects.filter(source_sha256=row.source_sha256, kind=_PROXY, variant=row.variant)
    idle = rows.filter(job=None).order_by("number")
    following = idle.filter(number__gt=row.number).first() or idle.first()
    busy = rows.filter(job__state__in=(JobState.PENDING, JobState.RUNNING)).exclude(pk=row.pk)
    if following is not None and busy.count() <= beside:
        previews.start(following)


def _choice(variant: str) -> tuple[int, int | None]:
    picture, _, sound = variant.partition("-")
    return int(picture[1:]), None if sound == "all" else int(sound[1:])


MAKERS: dict[str, previews.Maker] = {_PROXY: make_part, _SOUND: make_sound, _INDEX: make_index}
