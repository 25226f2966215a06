"""The bytes of a PDF outside its objects: before, after, between, and older revisions."""

import mmap
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from redaction.report import Refused

_END = re.compile(rb"startxref\s+[1-9]\d*\s+%%EOF")
_HEAD = re.compile(rb"%PDF-1\.\d\n%\xbf\xf7\xa2\xfe\n")
_OBJECT = re.compile(rb"\d+ 0 obj\n(?:(<<.{0,100000}?>>)\nstream\n|.{1,1000000}?\nendobj\n)", re.DOTALL)
_LENGTH = re.compile(rb"/Length (\d+)\b")
_CLOSE = re.compile(rb"\n?endstream\nendobj\n\n?")
_TAIL = re.compile(rb"startxref\n\d+\n%%EOF\n")
_SLACK = 8  # bytes; a line's end or two behind the end of the file


@contextmanager
def content(path: Path) -> Iterator[mmap.mmap]:
    """This will map a file's bytes.

    :raises Refused: when there are none.
    """
    if path.stat().st_size == 0:
        raise Refused("the PDF is empty")
    with path.open("rb") as stream, mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as mapped:
        yield mapped


def faults(path: Path) -> list[str]:
    """This will name what stands around the objects of any PDF."""
    found = []
    with content(path) as data:
        if data[:5] != b"%PDF-":
            found.append("bytes before its beginning")
        ends = sum(1 for _ in _END.finditer(data))
        if _is_linearized(data):
            ends -= 1  # such a file has a first part for the first page
        if ends > 1:
            found.append(f"{ends - 1} earlier revisions")
        if len(data) - data.rfind(b"%%EOF") > _SLACK:
            found.append("bytes after its end")
    return found


def _is_linearized(data: mmap.mmap) -> bool:
    return b"/Linearized" in data[:1024]


def loose(path: Path) -> list[str]:
    """This will walk a document of our own making from end to end: object after object, nothing between."""
    with content(path) as data:
        head = _HEAD.match(data)
        place = head.end() if head else 0
        while head and (found := _OBJECT.match(data, place)):
            place = found.end()
            if found[1] is not None:
                length = _LENGTH.search(found[1])
                close = _CLOSE.match(data, place + int(length[1])) if length else None
                if close is None:
                    break
                place = close.end()
        tail = _TAIL.match(data, place) if head else None
        if tail is None or tail.end() != len(data):
            return ["bytes between its objects"]
    return []
