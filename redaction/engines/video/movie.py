"""Writes an MP4 with nothing in it but the tracks and their tables (ISO/IEC 14496-12, -14, -15).

All sizes are known before the first byte is written, so the index comes first and every sample goes straight
to its place, in whatever order the samples come. No dates, no names, no list of tags; pictures need no edit
list, because their shown times may lie before their decoding times (ctts, version 1).
"""

import struct
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from types import TracebackType

import numpy as np
from numpy.typing import NDArray

MOVIE_SCALE = 1000  # ticks a second of the movie header and its edit lists
CHUNK = 1.0  # seconds of one track that lie together
_ONE = 1 << 16
_UNITY = (_ONE, 0, 0, 0, _ONE, 0, 0, 0, 1 << 30)
_LARGEST_SMALL = (1 << 32) - (1 << 24)  # bytes; above, offsets take 64 bits

Ticks = NDArray[np.int64]


@dataclass(frozen=True)
class Track:
    """One track's tables. ``entry`` is its sample description; ``dts`` and ``pts`` are in ``timescale``.

    For sound ``pts`` equals ``dts``; what lies before 0 is hidden run-in of the encoder.
    """

    entry: bytes
    is_picture: bool
    timescale: int
    dts: Ticks
    pts: Ticks
    end: int
    sizes: Ticks
    keys: Ticks | None = None
    shown: tuple[int, int] = (0, 0)
    matrix: tuple[int, ...] = _UNITY

    @property
    def durations(self) -> Ticks:
        last = max(1, self.end - int(self.pts[-1]))
        return np.append(np.diff(self.dts), last)

    @property
    def length(self) -> int:
        """Milliseconds from second 0 to its end."""
        return -(-self.end * MOVIE_SCALE // self.timescale)


class Movie:
    """An MP4 being written; :meth:`put` takes each sample, in any order."""

    def __init__(self, path: Path, tracks: list[Track]) -> None:
        self._tracks = tracks
        self._chunks = [_chunks(track) for track in tracks]
        order = sorted(
            (float(track.dts[first]) / track.timescale, number, first, last)
            for number, (track, chunks) in enumerate(zip(tracks, self._chunks, strict=True))
            for first, last in chunks
        )
        media = int(sum(track.sizes.sum() for track in tracks))
        wide = media > _LARGEST_SMALL
        zero = [np.zeros(len(chunks), np.int64) for chunks in self._chunks]
        head = len(_FTYP) + len(self._index(zero, wide=wide)) + (16 if wide else 8)
        self._places = [np.zeros(len(track.sizes), np.int64) for track in tracks]
        offsets = [np.zeros(len(chunks), np.int64) for chunks in self._chunks]
        filled = [0] * len(tracks)
        at = head
        for _, number, first, last in order:
            sizes = tracks[number].sizes[first:last]
            self._places[number][first:last] = at + np.cumsum(sizes) - sizes
            offsets[number][filled[number]] = at
            filled[number] += 1
            at += int(sizes.sum())
        self._left = media
        self._there = [np.zeros(len(track.sizes), np.bool_) for track in tracks]
        self._out = path.open("wb")
        self._out.write(_FTYP + self._index(offsets, wide=wide))
        size = media + (16 if wide else 8)
        self._out.write(
            struct.pack(">I4sQ", 1, b"mdat", size) if wide else struct.pack(">I4s", size, b"mdat")
        )

    def __enter__(self) -> "Movie":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._out.close()
        if error is None and self._left:
            raise ValueError(f"{self._left} bytes of samples were never written")

    def put(self, track: int, number: int, data: bytes) -> None:
        """This will write one sample where the index says it is; the last that is put for a place stays."""
        if len(data) != self._tracks[track].sizes[number]:
            raise ValueError(f"sample {number} has {len(data)} bytes, not what the index says")
        place = int(self._places[track][number])
        if self._out.tell() != place:
            self._out.seek(place)
        self._out.write(data)
        if not self._there[track][number]:
            self._there[track][number] = True
            self._left -= len(data)

    def _index(self, offsets: list[Ticks], *, wide: bool) -> bytes:
        length = max(track.length for track in self._tracks)
        header = struct.pack(">IIIIIIH10x", 0, 0, 0, MOVIE_SCALE, min(length, 2**32 - 1), _ONE, 0x100)
        header += struct.pack(">9I24xI", *_UNITY, len(self._tracks) + 1)
        body = _box(b"mvhd", header)
        for number, track in enumerate(self._tracks):
            body += _trak(number + 1, track, self._chunks[number], offsets[number], wide=wide)
        return _box(b"moov", body)


def picture_entry(width: int, height: int, configuration: bytes, aspect: Fraction, colour: bytes) -> bytes:
    """This will write the sample description of an H.264 track (avc1)."""
    body = struct.pack(">6xH16xHHIIIH32xHh", 1, width, height, 72 << 16, 72 << 16, 0, 1, 24, -1)
    body += _box(b"avcC", configuration) + colour
    if aspect != 1:
        body += _box(b"pasp", struct.pack(">II", aspect.numerator, aspect.denominator))
    return _box(b"avc1", body)


def colour_box(primaries: int, transfer: int, matrix: int, *, full_range: bool) -> bytes:
    """This will write what the colours mean (nclx); nothing when the source does not say."""
    if (primaries, transfer, matrix) == (2, 2, 2):
        return b""
    return _box(b"colr", struct.pack(">4sHHHB", b"nclx", primaries, transfer, matrix, full_range << 7))


def sound_entry(channels: int, rate: int, config: bytes) -> bytes:
    """This will write the sample description of an AAC track (mp4a) with its decoder's ``config``."""
    specific = _descriptor(5, config)
    decoder = _descriptor(4, struct.pack(">BBxxxII", 0x40, 0x15, 0, 0) + specific)
    whole = _descriptor(3, struct.pack(">HB", 0, 0) + decoder + _descriptor(6, b"\x02"))
    body = struct.pack(">6xH8xHHIHH", 1, channels, 16, 0, rate if rate < _ONE else 0, 0)
    return _box(b"mp4a", body + _full(b"esds", whole))


def turned(quarter: tuple[int, int, int, int], width: int, height: int) -> tuple[int, ...]:
    """This will give a track's display matrix from the signs of its upper left corner (a, b, c, d)."""
    a, b, c, d = quarter
    across = (width if a < 0 else 0) + (height if c < 0 else 0)
    down = (height if d < 0 else 0) + (width if b < 0 else 0)
    return (a * _ONE, b * _ONE, 0, c * _ONE, d * _ONE, 0, across * _ONE, down * _ONE, 1 << 30)


def _chunks(track: Track) -> list[tuple[int, int]]:
    beats = np.floor(track.dts / (track.timescale * CHUNK)).astype(np.int64)
    firsts = np.flatnonzero(np.append(True, np.diff(beats) != 0))
    return list(pairwise([*firsts.tolist(), len(track.dts)]))


def _trak(number: int, track: Track, chunks: list[tuple[int, int]], offsets: Ticks, *, wide: bool) -> bytes:
    width, height = track.shown
    length = min(track.length, 2**32 - 1)
    volume = 0 if track.is_picture else 0x100
    header = struct.pack(">IIIIII8xhhHH", 3, 0, 0, number, 0, length, 0, 0, volume, 0)
    header += struct.pack(">9i", *track.matrix) + struct.pack(">II", width * _ONE, height * _ONE)
    name, kind = (b"VideoHandler", b"vide") if track.is_picture else (b"SoundHandler", b"soun")
    span = int(track.durations.sum())
    if span < 2**32:
        times = struct.pack(">IIIIIHH", 0, 0, 0, track.timescale, span, 0x55C4, 0)
    else:
        times = struct.pack(">IQQIQHH", 1 << 24, 0, 0, track.timescale, span, 0x55C4, 0)
    media = _box(b"vmhd", struct.pack(">I8x", 1)) if track.is_picture else _box(b"smhd", bytes(8))
    media += _box(b"dinf", _full(b"dref", struct.pack(">I", 1) + _box(b"url ", struct.pack(">I", 1))))
    media += _box(b"stbl", _tables(track, chunks, offsets, wide=wide))
    handler = _full(b"hdlr", struct.pack(">I4s12x", 0, kind) + name + b"\0")
    body = _box(b"tkhd", header) + _edits(track)
    body += _box(b"mdia", _box(b"mdhd", times) + handler + _box(b"minf", media))
    return _box(b"trak", body)


def _edits(track: Track) -> bytes:
    """Sound that begins late is preceded by nothing; run-in is passed over. Pictures need neither."""
    start = int(track.pts[0])
    if track.is_picture or start == 0:
        return b""
    wait = max(0, round(start * MOVIE_SCALE / track.timescale))
    rows = [(wait, -1)] if start > 0 else []
    rows.append((max(0, track.length - wait), max(0, -start)))
    table = b"".join(struct.pack(">IiI", length, begin, _ONE) for length, begin in rows)
    return _box(b"edts", _full(b"elst", struct.pack(">I", len(rows)) + table))


def _tables(track: Track, chunks: list[tuple[int, int]], offsets: Ticks, *, wide: bool) -> bytes:
    body = _full(b"stsd", struct.pack(">I", 1) + track.entry)
    body += _full(b"stts", _runs(track.durations, ">u4"))
    if track.is_picture:
        # measured from the first decoding time, so that this is second 0 of the table
        shifts = track.pts - (track.dts - track.dts[0])
        if shifts.any():
            body += _full(b"ctts", _runs(shifts, ">i4"), version=1)
        keys = track.keys if track.keys is not None else np.zeros(0, np.int64)
        body += _full(b"stss", struct.pack(">I", len(keys)) + (keys + 1).astype(">u4").tobytes())
    counts = np.array([last - first for first, last in chunks])
    changes = np.flatnonzero(np.append(True, np.diff(counts) != 0))
    table = np.stack([changes + 1, counts[changes], np.ones(len(changes), np.int64)], axis=1)
    body += _full(b"stsc", struct.pack(">I", len(table)) + table.astype(">u4").tobytes())
    body += _full(b"stsz", struct.pack(">II", 0, len(track.sizes)) + track.sizes.astype(">u4").tobytes())
    places = offsets.astype(">u8" if wide else ">u4").tobytes()
    return body + _full(b"co64" if wide else b"stco", struct.pack(">I", len(chunks)) + places)


def _runs(values: Ticks, kind: str) -> bytes:
    firsts = np.flatnonzero(np.append(True, np.diff(values) != 0))
    counts = np.diff(np.append(firsts, len(values)))
    table = np.zeros(len(firsts), dtype=[("count", ">u4"), ("value", kind)])
    table["count"], table["value"] = counts, values[firsts]
    return struct.pack(">I", len(firsts)) + table.tobytes()


def _descriptor(tag: int, content: bytes) -> bytes:
    return struct.pack(">BI", tag, 0x80808000 | len(content)) + content


def _full(kind: bytes, content: bytes, *, version: int = 0) -> bytes:
    return _box(kind, struct.pack(">I", version << 24) + content)


def _box(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I4s", 8 + len(content), kind) + content


_FTYP = _box(b"ftyp", b"isom" + struct.pack(">I", 512) + b"isomiso2avc1mp41")
