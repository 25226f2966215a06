"""An own reader of MP4's box structure (ISO/IEC 14496-12), independent of FFmpeg.

It reads sizes and tables only, so it sees what a player never shows: free space, samples before an edit list,
bytes of the media data that no sample refers to.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

CONTAINERS = {b"moov", b"trak", b"mdia", b"minf", b"stbl", b"edts", b"dinf"}
LARGEST_BOX_READ = 512 * 1024 * 1024  # bytes; tables of a day of film are far smaller


class BrokenError(Exception):
    """The boxes of a file do not fit into each other."""


@dataclass(frozen=True)
class Box:
    kind: bytes
    path: str
    start: int
    payload: int
    end: int
    children: tuple["Box", ...] = ()

    def first(self, *kinds: bytes) -> "Box | None":
        """This will follow a path of kinds downward."""
        box: Box | None = self
        for kind in kinds:
            box = next((child for child in (box.children if box else ()) if child.kind == kind), None)
        return box


@dataclass
class Track:
    """One track's tables. Times are in ``timescale`` ticks a second."""

    handler: bytes
    handler_name: bytes
    codecs: tuple[bytes, ...]
    timescale: int
    shown: NDArray[np.int64]
    durations: NDArray[np.int64]
    sizes: NDArray[np.int64]
    offsets: NDArray[np.int64]
    edits: tuple[tuple[int, int], ...] = field(default=())
    dates: tuple[int, ...] = ()
    description: bytes = b""

    def hidden(self, movie_timescale: int) -> int:
        """This will count the samples that no edit shows; ``edits`` hold (length in movie ticks, start)."""
        spans = [(start, length) for length, start in self.edits if start >= 0]
        if not spans:
            return 0
        seen = np.zeros(len(self.shown), dtype=bool)
        slack = max(1, self.timescale // movie_timescale + 1)
        for start, length in spans:
            # a length of 0 means to the end (fragmented files)
            until = (
                start + length * self.timescale // movie_timescale + slack
                if length
                else np.iinfo(np.int64).max
            )
            seen |= (self.shown + np.maximum(self.durations, 1) > start) & (self.shown < until)
        return int((~seen).sum())


@dataclass(frozen=True)
class Movie:
    boxes: tuple[Box, ...]
    tracks: tuple[Track, ...]
    timescale: int
    dates: tuple[int, ...]


def read(path: Path) -> Movie:
    """This will read an MP4's structure.

    :raises BrokenError: when boxes overlap, end outside the file, or a table is cut short.
    """
    with path.open("rb") as stream:
        size = path.stat().st_size
        boxes = tuple(_boxes(stream, 0, size, ""))
        moov = next((box for box in boxes if box.kind == b"moov"), None)
        if moov is None:
            raise BrokenError("there is no index (moov)")
        try:
            header = moov.first(b"mvhd")
            if header is None:
                raise BrokenError("there is no movie header (mvhd)")
            timescale, dates = _header(_bytes(stream, header))
            tracks = tuple(_track(stream, box) for box in moov.children if box.kind == b"trak")
        except (struct.error, ValueError, IndexError) as error:
            raise BrokenError("a table is cut short") from error
    return Movie(boxes, tracks, timescale, dates)


def walk(boxes: tuple[Box, ...]) -> Iterator[Box]:
    """This will give every box, parents first."""
    for box in boxes:
        yield box
        yield from walk(box.children)


def payload(path: Path, box: Box) -> bytes:
    """This will give the bytes inside one box."""
    with path.open("rb") as stream:
        return _bytes(stream, box)


def _boxes(stream: BinaryIO, start: int, end: int, parent: str) -> Iterator[Box]:
    at = start
    while at < end:
        stream.seek(at)
        head = stream.read(16)
        if len(head) < 8 or at + 8 > end:
            raise BrokenError(f"{end - at} bytes after the last box of {parent or 'the file'}")
        length, kind = struct.unpack(">I4s", head[:8])
        first = at + 8
        if length == 1 and len(head) == 16:
            length, first = struct.unpack(">Q", head[8:])[0], at + 16
        elif length == 0:
            length = end - at
        if length < first - at or at + length > end:
            raise BrokenError(f"the box {_word(kind)} at byte {at} does not fit")
        path = f"{parent}/{_word(kind)}"
        children: tuple[Box, ...] = ()
        if kind in CONTAINERS:
            children = tuple(_boxes(stream, first, at + length, path))
        yield Box(kind, path, at, first, at + length, children)
        at += length


def _word(kind: bytes) -> str:
    return kind.decode("latin-1") if all(byte >= 32 for byte in kind) else kind.hex()


def _bytes(stream: BinaryIO, box: Box) -> bytes:
    if box.end - box.payload > LARGEST_BOX_READ:
        raise BrokenError(f"the box {box.path} is too large")
    stream.seek(box.payload)
    return stream.read(box.end - box.payload)


def _header(data: bytes) -> tuple[int, tuple[int, ...]]:
    """Timescale and the two dates of mvhd or mdhd."""
    if data[0] == 1:
        created, changed, timescale = struct.unpack(">QQI", data[4:24])
    else:
        created, changed, timescale = struct.unpack(">III", data[4:16])
    if timescale == 0:
        raise ValueError("timescale of zero")
    return timescale, (created, changed)


def _track(stream: BinaryIO, trak: Box) -> Track:
    def data(*kinds: bytes) -> bytes:
        box = trak.first(*kinds)
        return _bytes(stream, box) if box is not None else b""

    timescale, dates = _header(data(b"mdia", b"mdhd"))
    handler = data(b"mdia", b"hdlr")
    tkhd = data(b"tkhd")
    dates += struct.unpack(">QQ", tkhd[4:20]) if tkhd[0] == 1 else struct.unpack(">II", tkhd[4:12])
    table = (b"mdia", b"minf", b"stbl")
    durations = _runs(data(*table, b"stts"), signed=False)
    decoded = np.cumsum(durations) - durations
    shifts = _runs(data(*table, b"ctts"), signed=True)
    shown = decoded + shifts if len(shifts) == len(decoded) else decoded
    sizes = _sizes(data(*table, b"stsz"))
    if len(sizes) != len(durations):
        raise ValueError("sample tables differ in length")
    chunks = _chunk_offsets(data(*table, b"stco"), data(*table, b"co64"))
    offsets = _offsets(chunks, data(*table, b"stsc"), sizes)
    description = data(*table, b"stsd")
    codecs = _codecs(description)
    edits = _edits(data(b"edts", b"elst"))
    name = handler[24:].rstrip(b"\0")
    samples = (shown, durations, sizes, offsets)
    return Track(handler[8:12], name, codecs, timescale, *samples, edits, dates, description)


def _entries(data: bytes, columns: str) -> NDArray[np.void]:
    if not data:
        return np.zeros(0, dtype=columns)
    count = struct.unpack(">I", data[4:8])[0]
    return np.frombuffer(data, dtype=columns, count=count, offset=8)


def _runs(data: bytes, *, signed: bool) -> NDArray[np.int64]:
    table = _entries(data, ">u4,>i4" if signed else ">u4,>u4")
    if int(table["f0"].sum(dtype=np.uint64)) > 100_000_000:
        raise ValueError("more samples than a file can hold")
    runs: NDArray[np.int64] = np.repeat(table["f1"].astype(np.int64), table["f0"].astype(np.int64))
    return runs


def _sizes(data: bytes) -> NDArray[np.int64]:
    fixed, count = struct.unpack(">II", data[4:12])
    if count > 100_000_000:
        raise ValueError("more samples than a file can hold")
    if fixed:
        return np.full(count, fixed, dtype=np.int64)
    return np.frombuffer(data, dtype=">u4", count=count, offset=12).astype(np.int64)


def _chunk_offsets(small: bytes, large: bytes) -> NDArray[np.int64]:
    table = _entries(large, ">u8") if large else _entries(small, ">u4")
    return table.astype(np.int64)


def _offsets(chunks: NDArray[np.int64], data: bytes, sizes: NDArray[np.int64]) -> NDArray[np.int64]:
    """The byte at which each sample begins: chunks hold runs of samples one behind the other."""
    table = _entries(data, ">u4,>u4,>u4")
    firsts = np.append(table["f0"].astype(np.int64) - 1, len(chunks))
    each = np.repeat(table["f1"].astype(np.int64), np.diff(firsts))
    if len(each) != len(chunks) or int(each.sum()) != len(sizes):
        raise ValueError("chunk tables differ in length")
    before = np.cumsum(sizes) - sizes
    starts = np.cumsum(each) - each
    base = np.repeat(chunks - (before[starts] if len(sizes) else 0), each)
    offsets: NDArray[np.int64] = base + before
    return offsets


def _codecs(data: bytes) -> tuple[bytes, ...]:
    found, at = [], 8
    for _ in range(struct.unpack(">I", data[4:8])[0]):
        length, kind = struct.unpack(">I4s", data[at : at + 8])
        found.append(kind)
        if length < 8:
            raise ValueError("a sample description without a length")
        at += length
    return tuple(found)


def _edits(data: bytes) -> tuple[tuple[int, int], ...]:
    if not data:
        return ()
    wide = data[0] == 1
    shape = struct.Struct(">QqI" if wide else ">IiI")
    count = struct.unpack(">I", data[4:8])[0]
    rows = [shape.unpack_from(data, 8 + number * shape.size) for number in range(count)]
    return tuple((length, start) for length, start, _ in rows)
