"""The records the workbench is measured on, made once and kept: documents, films, plate reads, a flight."""

import io
import shutil
import subprocess
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import pikepdf
from PIL import Image

from tests.bench import flight, table, video
from tests.bench.harness import VAR, Failed

SHORT_PAGES, LONG_PAGES = 12, 2000
FILM_SECONDS, LONG_SECONDS = 600, 3 * 3600
READS, POINTS = 1_000_000, 20_000

_SEED = 17
_LINES = 24
_PHOTO = (520, 300)  # pixels; some 60 kB a page, as scans and photographs in a case file have
_WORDS = (
    "officer",
    "camera",
    "record",
    "request",
    "county",
    "plate",
    "reader",
    "vehicle",
    "witness",
    "patrol",
)


@dataclass(frozen=True)
class Input:
    """One record: its name in the table, what it is in words, its stage, its file."""

    name: str
    words: str
    stage: str
    path: str

    def as_dict(self) -> dict[str, str]:
        return asdict(self)


def inputs(folder: Path, scale: float) -> list[Input]:
    """This will make what is missing; ``scale`` shrinks pages, seconds, rows and points.

    :raises Failed: without ffmpeg.
    """
    if shutil.which("ffmpeg") is None:
        raise Failed("ffmpeg is not installed")

    def sized(count: int, least: int) -> int:
        return max(least, round(count * scale))

    long, film, hours = sized(LONG_PAGES, 40), sized(FILM_SECONDS, 60), sized(LONG_SECONDS, 120)
    rows, points = sized(READS, 16_000), sized(POINTS, 2_000)
    pages = {count: _document(folder / f"pages-{count}.pdf", count) for count in (SHORT_PAGES, long)}
    ten = video.a_film(_room("video"), 720, film)
    three = _long_film(folder / f"camera-{hours}.mp4", hours)
    reads, log = table.reads(_room("table"), rows), flight.table(_room("flight"), points)
    return [
        Input("pdf-short", f"PDF of {SHORT_PAGES} pages", "pages", str(pages[SHORT_PAGES])),
        Input("pdf-long", f"PDF of {long:,} pages, {_size(pages[long])}", "pages", str(pages[long])),
        Input("table", f"CSV of {rows:,} plate reads, {_size(reads)}", "table", str(reads)),
        Input("flight", f"flight log of {points:,} points", "flight", str(log)),
        Input("film", f"film of {film / 60:g} minutes, 720p, {_size(ten)}", "film", str(ten)),
        Input("film-long", f"film of {hours / 3600:g} hours, 720p, {_size(three)}", "film", str(three)),
    ]


def _room(name: str) -> Path:
    """Films and tables are those of their own benchmarks."""
    path = VAR / name
    path.mkdir(parents=True, exist_ok=True)
    return path


def _size(path: Path) -> str:
    return f"{path.stat().st_size / 1e6:,.0f} MB"


def _document(path: Path, count: int) -> Path:
    """Letter pages, each with its own text and its own photograph."""
    if path.exists():
        return path
    chance = np.random.default_rng(_SEED)
    pdf = pikepdf.new()
    font = pikepdf.Dictionary(
        Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica
    )
    shared = pdf.make_indirect(font)
    width, height = _PHOTO
    for number in range(1, count + 1):
        photo = io.BytesIO()
        grain = chance.normal(0, 24, (height, width, 3)) + np.linspace(60, 200, width)[None, :, None]
        Image.fromarray(np.clip(grain, 0, 255).astype(np.uint8)).save(photo, "JPEG", quality=84)
        picture = pdf.make_stream(photo.getvalue())
        picture.stream_dict.update(
            {
                "/Type": pikepdf.Name.XObject, "/Subtype": pikepdf.Name.Image, "/Width": width,
                "/Height": height, "/ColorSpace": pikepdf.Name.DeviceRGB, "/BitsPerComponent": 8,
                "/Filter": pikepdf.Name.DCTDecode,
            }
        )  # fmt: skip
        lines = [f"Page {number} of {count}: incident report 26-{number:05d}"]
        lines += [" ".join(chance.choice(_WORDS, 11)) for _ in range(_LINES)]
        text = "".join(
            f"BT /F1 11 Tf 60 {740 - 16 * row} Td ({line}) Tj ET\n" for row, line in enumerate(lines)
        )
        pdf.add_blank_page(page_size=(612, 792))
        page = pdf.pages[-1]
        page.Resources = pikepdf.Dictionary(
            Font=pikepdf.Dictionary(F1=shared), XObject=pikepdf.Dictionary(P=picture)
        )
        page.Contents = pdf.make_stream(f"{text}q 480 0 0 277 66 40 cm /P Do Q\n".encode())
    draft = path.with_suffix(".part")
    pdf.save(draft)
    draft.rename(path)
    return path


def _long_film(path: Path, seconds: int) -> Path:
    """One minute at a body-worn camera's lowest rate, its packets copied again and again."""
    if path.exists():
        return path
    minute, draft = path.with_name("minute.mp4"), path.with_suffix(".part.mp4")
    if not minute.exists():
        source = video.a_film(_room("video"), 720, video.LOOP)
        coded = [
            "-c:v",
            "libx264",
            "-preset",
            "veryfast",
            "-b:v",
            "900k",
            "-maxrate",
            "1200k",
            "-bufsize",
            "2M",
        ]
        _ffmpeg("-i", str(source), *coded, "-g", "60", "-c:a", "aac", "-b:a", "32k", str(minute))
    turns = -(-seconds // video.LOOP)
    _ffmpeg("-stream_loop", str(turns - 1), "-i", str(minute), "-c", "copy", "-t", str(seconds), str(draft))
    draft.rename(path)
    return path


def _ffmpeg(*arguments: str) -> None:
    done = subprocess.run(
        ["ffmpeg", "-v", "error", "-nostdin", "-y", *arguments], check=False, capture_output=True, text=True
    )
    if done.returncode != 0:
        raise Failed(f"ffmpeg: {done.stderr[-300:]}")
