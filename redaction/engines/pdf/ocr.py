"""Reading the words of a painted page with Tesseract, where it is installed.

What is read is what an eye sees: a picture in which the black areas are already black. The program runs in a
process of its own, with one thread, without network use, and with limits on time and memory.
"""

import io
import shutil
import tempfile
from collections.abc import Iterable, Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np
from PIL import Image

from redaction import sandbox
from redaction.engines.pdf.geometry import Box
from redaction.engines.pdf.sheet import Picture, Word
from redaction.limits import MEGABYTE

PROGRAM = "tesseract"
SURE = 50.0  # per cent; below, the program guesses
SECONDS = 90
MEMORY = 1 << 30
LONGEST = 32_000  # pixels a side, the program's own limit

_INK = 128
_MOSTLY = 0.75  # share of dark pixels in a word's place; bold capitals have half

_LANGUAGES = {
    "ar": "ara", "cs": "ces", "de": "deu", "en": "eng", "es": "spa", "fa": "fas", "fil": "fil", "fr": "fra",
    "he": "heb", "hi": "hin", "ht": "hat", "hy": "hye", "it": "ita", "ja": "jpn", "km": "khm", "ko": "kor",
    "lo": "lao", "nl": "nld", "pl": "pol", "pt": "por", "pa": "pan", "ru": "rus", "so": "som", "th": "tha",
    "tl": "fil", "tr": "tur", "uk": "ukr", "ur": "urd", "vi": "vie", "zh": "chi_sim",
}  # fmt: skip


def words(
    picture: Picture, scale: float, language: str = "en", *, black: Sequence[Box] = ()
) -> list[Word] | None:
    """This will read a painted picture (rows first, ``scale`` pixels a point), in reading order.

    Positions are whole points. Words that touch a ``black`` area, or stand where the picture is dark through
    and through, are left out. None where the program is missing, has no language to read in, or failed.
    """
    model = _model(language)
    if model is None or max(picture.shape[:2]) > LONGEST:
        return None
    table = _run(picture, scale, model)
    if table is None:
        return None
    found = []
    for text, box in _rows(table, scale):
        touches = any(box[0] < x1 and x0 < box[2] and box[1] < y1 and y0 < box[3] for x0, y0, x1, y1 in black)
        if not touches and not _is_dark(picture, scale, box):
            found.append(Word(text, box, 0, 0))
    return found


def is_installed() -> bool:
    """This will say whether pages can be read here at all."""
    return bool(_installed())


def _model(language: str) -> str | None:
    """The document's language where it is installed, else English, else whatever there is."""
    wanted = _LANGUAGES.get(language.split("-")[0].lower(), "eng")
    have = _installed()
    return next((name for name in (wanted, "eng", *have) if name in have), None)


@lru_cache(maxsize=1)
def _installed() -> tuple[str, ...]:
    program = shutil.which(PROGRAM)
    if program is None:
        return ()
    with tempfile.TemporaryDirectory() as folder:
        try:
            done = sandbox.program(
                [program, "--list-langs"], folder=Path(folder), seconds=20, megabytes=MEMORY // MEGABYTE
            )
        except sandbox.ProgramFailed:
            return ()
    listed = done.output.decode("ascii", errors="replace").splitlines()[1:]
    return tuple(name.strip() for name in listed if name.strip() not in ("", "osd", "equ"))


def _run(picture: Picture, scale: float, model: str) -> str | None:
    program = shutil.which(PROGRAM)
    if program is None:
        return None
    image = io.BytesIO()
    Image.fromarray(picture).convert("L").save(image, "PPM")
    dpi = str(min(2400, max(70, round(scale * 72))))
    command = [program, "stdin", "stdout", "-l", model, "--dpi", dpi, "--psm", "3", "tsv"]
    with tempfile.TemporaryDirectory() as folder:
        try:
            done = sandbox.program(
                command,
                folder=Path(folder),
                seconds=SECONDS,
                megabytes=MEMORY // MEGABYTE,
                given=image.getvalue(),
                settings={"OMP_THREAD_LIMIT": "1", "LC_ALL": "C.UTF-8"},
            )
        except sandbox.ProgramFailed:
            return None
    return done.output.decode("utf-8", errors="replace")


def _rows(table: str, scale: float) -> Iterable[tuple[str, Box]]:
    """Words and whole-point boxes from the program's table; its rows of level 5 are words."""
    for line in table.splitlines():
        cells = line.split("\t")
        if len(cells) != 12 or cells[0] != "5":
            continue
        text = "".join(letter for letter in cells[11] if letter.isprintable()).strip()
        try:
            left, top, width, height, sure = (float(cell) for cell in cells[6:11])
        except ValueError:
            continue
        if sure < SURE or not any(letter.isalnum() for letter in text) or min(width, height) <= 0:
            continue
        x0, y0 = round(left / scale), round(top / scale)
        x1, y1 = round((left + width) / scale), round((top + height) / scale)
        yield text, (x0, y0, max(x1, x0 + 1), max(y1, y0 + 1))


def _is_dark(picture: Picture, scale: float, box: Box) -> bool:
    x0, y0, x1, y1 = (int(edge * scale) for edge in box)
    area = picture[max(0, y0) : max(0, y1), max(0, x0) : max(0, x1)]
    return area.size == 0 or float(np.mean(area < _INK)) > _MOSTLY
