"""Recordings that are only a part: pictures or sound that lie in another file are refused, never fetched.

QuickTime and MP4 name other files in ``dref`` (ISO/IEC 14496-12, 8.7.2); Matroska links segments by
``PrevUUID`` and ``NextUUID`` and by ordered chapters of another segment (RFC 9559, 17).
"""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from redaction.matroska import SEGMENT, element
from redaction.report import Refused

_WAY = (b"moov", b"trak", b"mdia", b"minf", b"dinf")
_LARGEST_DREF = 1 << 20
_MOST_BOXES = 100_000
_DEEPEST = 20  # chapters within chapters
_INFO = 0x1549A966
_LINKS = (0x3CB923, 0x3EB923)  # the segment before, the segment behind
_CHAPTERS, _EDITION, _ATOM, _ELSEWHERE = 0x1043A770, 0x45B9, 0xB6, 0x6E67
_INSIDE = (SEGMENT, _INFO, _CHAPTERS, _EDITION, _ATOM)


def refuse_other_files(path: Path, container: str) -> None:
    """This will refuse a recording that says some of it lies elsewhere. ``container`` is FFmpeg's name.

    :raises Refused: when it does.
    """
    with path.open("rb") as stream:
        end = stream.seek(0, os.SEEK_END)
        if container == "mov" and any(_elsewhere(body) for body in _references(stream, 0, end, 0)):
            raise Refused("the recording takes pictures or sound from another file; export it as one file")
        if container == "matroska" and _is_linked(stream, 0, end, [_MOST_BOXES]):
            raise Refused("the recording is one part of several linked files; export it as one file")


def _references(stream: BinaryIO, start: int, end: int, depth: int) -> Iterator[bytes]:
    count = 0
    while start + 8 <= end and (count := count + 1) <= _MOST_BOXES:
        stream.seek(start)
        head = stream.read(16)
        size, kind, skipped = int.from_bytes(head[:4], "big"), head[4:8], 8
        if size == 1:
            size, skipped = int.from_bytes(head[8:16], "big"), 16
        size = end - start if size == 0 else size
        if size < skipped:
            return
        stop = min(start + size, end)
        if kind == b"dref" and depth == len(_WAY):
            stream.seek(start + skipped)
            yield stream.read(min(stop - start - skipped, _LARGEST_DREF))
        elif depth < len(_WAY) and kind == _WAY[depth]:
            yield from _references(stream, start + skipped, stop, depth + 1)
        start += size


def _elsewhere(body: bytes) -> bool:
    """An entry that is not marked as "in this file" and says where instead."""
    place = 8
    while place + 12 <= len(body):
        size = int.from_bytes(body[place : place + 4], "big")
        inside = body[place + 11] & 1
        if not inside and body[place + 12 : place + size].strip(b"\0"):
            return True
        place += max(size, 12)
    return False


def _is_linked(stream: BinaryIO, start: int, end: int, left: list[int], depth: int = 0) -> bool:
    """Whether an element between two places names another segment; ``left`` bounds how many are looked at."""
    while start < end and left[0] > 0 and depth < _DEEPEST:
        left[0] -= 1
        stream.seek(start)
        head = stream.read(12)
        known = element(head)
        if known is None:
            return False
        number, size, skipped = known
        stop = end if size is None else min(start + skipped + size, end)
        if number in _LINKS or number == _ELSEWHERE:
            return True
        if number in _INSIDE and _is_linked(stream, start + skipped, stop, left, depth + 1):
            return True
        start = stop
    return False
