"""A third reader, where it is installed: Poppler's ``pdftotext``, in a process of its own."""

import html
import os
import re
import resource
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

PROGRAM = "pdftotext"
SECONDS = 600
MEMORY = 2 << 30
LARGEST = 1 << 30

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
        if _run([program, "-q", "-bbox", str(path.resolve()), str(listed)]):
            yield from _read(listed)


def _run(command: list[str]) -> bool:
    kept = {name: value for name, value in os.environ.items() if name == "PATH"}
    try:
        with subprocess.Popen(  # noqa: S603  # a fixed program; the path is absolute and so no option
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=kept | {"LC_ALL": "C.UTF-8"},
        ) as process:
            try:
                resource.prlimit(process.pid, resource.RLIMIT_AS, (MEMORY, MEMORY))
                resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (LARGEST, LARGEST))
                return process.wait(timeout=SECONDS) == 0
            except (OSError, subprocess.TimeoutExpired):
                process.kill()
                return False
    except OSError:
        return False


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
