"""Good small files of every parser, each with the word CANARYWORD in it, and marks that fit them."""

import json
import wave
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import Image, PngImagePlugin

from tests.redaction import flight_builders as flights
from tests.redaction import flight_logs as logs
from tests.redaction import media_builders as media
from tests.redaction import office_builders as office
from tests.redaction import table_builders as tables
from tests.redaction.document_builders import a_pdf, a_torture_pdf, shown

CANARY = "CANARYWORD"
Entries = list[dict[str, Any]]


@dataclass(frozen=True)
class Seed:
    """A file, what is asked of it, and what is written."""

    path: Path
    marks: Entries
    suffix: str
    transcript: Path | None = None


def _pdf(folder: Path) -> list[Seed]:
    box: Entries = [{"kind": "box", "page": 1, "rect": [60, 80, 200, 120]}]
    text: Entries = [{"kind": "text", "pattern": "ssn"}, {"kind": "page", "page": 1}]
    plain = a_pdf(
        folder / "plain.pdf", shown(CANARY, 72, 700) + shown("078-05-1120", 72, 600), shown("b", 9, 9)
    )
    return [
        Seed(plain, box, ".pdf"),
        Seed(plain, text, ".pdf"),
        Seed(a_torture_pdf(folder / "torture.pdf"), box, ".pdf"),
    ]


def _image(folder: Path) -> list[Seed]:
    picture = Image.effect_noise((96, 64), 40).convert("RGB")
    info = PngImagePlugin.PngInfo()
    info.add_text("Comment", CANARY)
    picture.save(folder / "a.png", pnginfo=info)
    exif = Image.Exif()
    exif[0x010E], exif[0x0112] = CANARY, 6
    picture.save(folder / "a.jpg", exif=exif, comment=CANARY.encode())
    box: Entries = [{"kind": "box", "page": 1, "rect": [2, 2, 30, 30]}]
    return [Seed(folder / "a.png", box, ".png"), Seed(folder / "a.jpg", box, ".jpg")]


def _video(folder: Path) -> list[Seed]:
    region = {
        "kind": "region", "start": 0.2, "end": 0.8, "style": "solid",
        "keyframes": [{"t": 0.2, "rect": [0.1, 0.1, 0.3, 0.3]}],
    }  # fmt: skip
    names = {"title": CANARY}
    made = [
        media.a_video(folder / f"a.{kind}", seconds=1.5, size=(64, 48), metadata=names)
        for kind in ("mp4", "mkv", "mov")
    ]
    made.append(media.a_video(folder / "a.ts", seconds=1.5, size=(64, 48), format_name="mpegts"))
    cut = {"kind": "cut", "start": 0.3, "end": 0.9}
    return [Seed(path, [mark], ".mp4") for path in made for mark in (region, cut)]


def _audio(folder: Path) -> list[Seed]:
    mute: Entries = [{"kind": "mute", "start": 0.2, "end": 0.5}]
    made = [
        media.a_sound(folder / f"a.{kind}", seconds=1, metadata={"title": CANARY})
        for kind in ("wav", "mp3", "m4a", "ogg", "flac")
    ]
    return [Seed(path, mute, path.suffix) for path in made]


def _table(folder: Path) -> list[Seed]:
    header = ("plate", "read_at", "speed")
    rows = [(CANARY, f"2026-02-01 05:{n:02}:44", str(n)) for n in range(30)]
    columns: Entries = [
        {"kind": "column", "name": "read_at", "action": "coarsen", "to": "hour"},
        {"kind": "column", "name": "speed", "action": "release"},
    ]
    made = [
        tables.an_lpr_csv(folder / "a.csv", rows, header=header),
        tables.an_lpr_csv(folder / "b.csv", rows, header=header, delimiter=";", encoding="utf-16"),
        office.an_xlsx(folder / "a.xlsx", office.rows(("A1", "plate"), ("A2", CANARY))),
    ]
    some = {"kind": "rows", "keep": [{"column": "plate", "op": "ne", "value": "Q"}]}
    whole: Entries = [{"kind": "column", "name": "plate", "action": "mask"}]
    return [
        Seed(made[0], columns, ".csv"),
        Seed(made[1], columns, ".csv"),
        Seed(
            made[0],
            [some, *columns],
            ".xlsx",
        ),
        Seed(made[2], whole, ".csv"),
    ]


def _flight(folder: Path) -> list[Seed]:
    home: Entries = [{"kind": "home", "radius_m": 60, "seed": "5eed" * 8}]
    made = [
        flights.a_flight_srt(folder / "a.srt"),
        flights.a_flight_csv(folder / "a.csv"),
        flights.a_flight_gpx(folder / "a.gpx"),
        flights.a_flight_kml(folder / "a.kml"),
        flights.a_flight_geojson(folder / "a.geojson"),
        logs.a_ulog(folder / "a.ulg"),
        logs.a_dataflash(folder / "a.bin"),
        logs.a_tlog(folder / "a.tlog"),
        logs.a_dji_record(folder / "a.txt"),
    ]
    return [Seed(path, home, suffix) for path in made for suffix in (".gpx", ".geojson")]


def _office(folder: Path) -> list[Seed]:
    box: Entries = [{"kind": "box", "page": 1, "rect": [60, 80, 200, 120]}]
    made = [
        office.a_docx(folder / "a.docx", office.paragraph(CANARY)),
        office.a_mail(folder / "a.eml", CANARY),
    ]
    return [Seed(path, box, ".pdf") for path in made]


def _transcript(folder: Path) -> list[Seed]:
    sound = folder / "a.wav"
    with wave.open(str(sound), "wb") as stream:
        stream.setparams((1, 2, 8000, 0, "NONE", ""))
        stream.writeframes(bytes(32000))
    cues = f"00:00:00.100 --> 00:00:01.000\n{CANARY} said Ann\n"
    word = {"start": 0.1, "end": 0.4, "word": "Ann"}
    texts = {
        "a.srt": "1\n" + cues.replace(".", ",") + "\n2\n00:00:01,200 --> 00:00:01,900\n- Ann?\n",
        "a.vtt": "WEBVTT\n\n" + cues + "\n00:01.200 --> 00:01.900\n<v Bob>Ann <c>left</c>\n",
        "a.json": json.dumps({"segments": [{"start": 0.1, "end": 1.0, "text": "Ann", "words": [word]}]}),
    }
    mute: Entries = [{"kind": "mute", "literal": "Ann"}]
    seeds = []
    for name, text in texts.items():
        path = folder / name
        path.write_text(text)
        seeds.append(Seed(sound, mute, ".wav", transcript=path))
    return seeds


def _marks(folder: Path) -> list[Seed]:
    source = a_pdf(folder / "plain.pdf", shown(CANARY, 72, 700))
    return [
        Seed(
            source,
            [
                {"kind": "box", "page": 1, "rect": [60, 80, 200, 120], "reason": "x", "note": CANARY},
                {"kind": "text", "literal": "word", "pages": [1]},
                {"kind": "page", "page": 1, "suggested": True, "decision": "rejected"},
            ],
            ".pdf",
        )
    ]


MAKERS: Mapping[str, Callable[[Path], list[Seed]]] = {
    "pdf": _pdf,
    "image": _image,
    "video": _video,
    "audio": _audio,
    "table": _table,
    "flight": _flight,
    "office": _office,
    "transcript": _transcript,
    "marks": _marks,
}


def of(parser: str, folder: Path) -> list[Seed]:
    """This will make the seeds of a parser; sniff has those of all."""
    folder.mkdir(parents=True, exist_ok=True)
    if parser != "sniff":
        return MAKERS[parser](folder)
    every = []
    for name, make in MAKERS.items():
        (folder / name).mkdir(exist_ok=True)
        every += make(folder / name)
    return every
