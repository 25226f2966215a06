"""A third reader, where it is installed: Poppler's ``pdftotext``, in a process of its own."""

import html
import re
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from redaction import sandbox
from redaction.limits import MEGABYTE

PROGRAM = "pdftotext"
SECONDS = 600
MEMORY = 2 << 30

_WORD = re.compile(r'\s*<word xMin="(\S+)" yMin="(\S+)" xMax="(\S+)" yMax="(\S+)">(.*)</word>')


@dataclass
class Words:
    """The words of one page and their boxes, in points of the displayed page without UserUnit."""

    texts: list[str] = field(default_factory=list)
    boxes: list[tuple[float, ...]] = field(default_factory=list)

    @property
    def text(self) -> str:
        """Words of one line are parted by blanks, lines by breaks."""
        pieces: list[str] = []
        for place, (text, box) in enumerate(zip(self.texts, self.boxes, strict=True)):
            before = self.boxes[place - 1] if place else box
            level = min(before[3], box[3]) - max(before[1], box[1])
            pieces += ["\n" if level < 0.3 * (box[3] - box[1]) or box[0] < before[0] else " ", text]
        return "".join(pieces)


def is_installed() -> bool:
    return shutil.which(PROGRAM) is not None


def pages(path: Path) -> Iterator[Words]:
    """This will read page after page; nothing where the program is missing or fails."""
    program = shutil.which(PROGRAM)
    if program is None:
        return
    with tempfile.TemporaryDirectory(prefix="daylight-words-") as folder:
        listed = Path(folder) / "words.html"
        command = [program, "-q", "-bbox", str(path.resolve()), str(listed)]  # absolute, and so no option
        try:
            sandbox.program(
                command,
                folder=Path(folder),
                seconds=SECONDS,
                megabytes=MEMORY // MEGABYTE,
                settings={"LC_ALL": "C.UTF-8"},
            )
        except sandbox.ProgramFailed:
            return
        yield from _read(listed)


def _read(listed: Path) -> Iterator[Words]:
    words: Words | None = None
    with listed.open(encoding="utf-8", errors="replace") as lines:
        for line in lines:
            if line.lstrip().startswith("<page "):
                words = Words()
            elif line.lstrip().startswith("</page>") and words is not None:
                yield words
                words = None
            elif words is not None and (found := _WORD.match(line)):
                words.texts.append(html.unescape(found[5]))
                words.boxes.append(tuple(float(edge) for edge in found.group(1, 2, 3, 4)))
