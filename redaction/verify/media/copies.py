"""Which pictures and sounds of an output are the source's own, bit by bit? Told by hashes, without decoding.

A group of pictures counts as copied only when it begins with an IDR picture, follows the source's group
picture for picture to its end, and stands where the cuts put it. The output is read by an own parser.
"""

import hashlib
import mmap
import struct
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from redaction.verify.media import boxes
from redaction.verify.media.boxes import BrokenError, Track
from redaction.verify.media.clock import Clock

SAME_TIME = 0.002  # seconds
SAME_SOUND_TIME = 0.05  # seconds a copied sound may stand off its place
_SLICES, _IDR, _SEQUENCE, _PICTURE_SET = range(1, 6), 5, 7, 8


@dataclass
class Prints:
    """Pictures in the order they are decoded, packets of sound, and the parameter sets pictures refer to."""

    times: list[float] = field(default_factory=list)
    digests: list[bytes] = field(default_factory=list)
    fresh: list[bool] = field(default_factory=list)
    sets: set[bytes] = field(default_factory=set)
    sound: list[bytes] = field(default_factory=list)
    sound_times: list[float] = field(default_factory=list)
    sound_config: bytes = b""

    def add(self, time: float, units: Iterator[memoryview]) -> None:
        """This will keep the hash of one picture's slices."""
        digest, fresh = hashlib.blake2b(digest_size=16), False
        for unit in units:
            kind = unit[0] & 0x1F
            if kind in _SLICES:
                fresh = fresh or kind == _IDR
                digest.update(len(unit).to_bytes(4, "big"))
                digest.update(unit)
            elif kind in (_SEQUENCE, _PICTURE_SET):
                self.sets.add(bytes(unit))
        self.times.append(time)
        self.digests.append(digest.digest())
        self.fresh.append(fresh)

    @property
    def groups(self) -> list[tuple[int, int]]:
        firsts = [number for number, fresh in enumerate(self.fresh) if fresh]
        if not firsts or firsts[0]:
            firsts.insert(0, 0)
        return list(zip(firsts, [*firsts[1:], len(self.fresh)], strict=True)) if self.fresh else []


class SourcePrints:
    """Hears every packet of a source and keeps what copying would have kept."""

    def __init__(self) -> None:
        self.prints = Prints()
        self._lengths: int | None = None

    def film(self, packet: Any, time: float) -> None:
        """This will note a packet of the picture; films that are not H.264 have no prints."""
        context = packet.stream.codec_context
        if context.name != "h264":
            return
        if self._lengths is None:
            self._lengths, found = _listed(context.extradata or b"")
            self.prints.sets |= found
        self.prints.add(time, _units(memoryview(packet), self._lengths))

    def sound(self, packet: Any, time: float) -> None:
        """This will note a packet of the sound."""
        self.prints.sound_config = packet.stream.codec_context.extradata or b""
        self.prints.sound.append(_digest(memoryview(packet)))
        self.prints.sound_times.append(time)


def output_prints(path: Path) -> Prints | None:
    """This will read an MP4's samples; None when it is none, or its pictures are not H.264."""
    try:
        movie = boxes.read(path)
    except BrokenError:
        return None
    film = next((track for track in movie.tracks if track.handler == b"vide"), None)
    heard = next((track for track in movie.tracks if track.handler == b"soun"), None)
    if film is None or film.codecs != (b"avc1",):
        return None
    prints = Prints()
    lengths, prints.sets = _listed(_inside(film.description, b"avcC", 78))
    if lengths != 4:
        return None
    with path.open("rb") as stream, mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as data:
        view = memoryview(data)
        try:
            for time, start, end in _samples(film, movie.timescale, len(data)):
                prints.add(time, _units(view[start:end], lengths))
            if heard is not None:
                for time, start, end in _samples(heard, movie.timescale, len(data)):
                    prints.sound.append(_digest(view[start:end]))
                    prints.sound_times.append(time)
        finally:
            view.release()
    return prints


def copied(output: Prints, source: Prints, clock: Clock) -> NDArray[np.bool_]:
    """This will tell for each picture of the output whether its whole group is the source's own."""
    found = np.zeros(len(output.times), dtype=bool)
    # by time and not by hash: the groups of a still picture all have the same one
    begins = sorted(
        (time, number)
        for number, (time, fresh) in enumerate(zip(source.times, source.fresh, strict=True))
        if fresh
    )
    for first, last in output.groups:
        time = _source_time(output.times[first], clock)
        low = bisect_left(begins, (time - SAME_TIME, -1))
        high = bisect_left(begins, (time + SAME_TIME, -1))
        if output.fresh[first] and any(
            _same_group(output, first, last, source, place, clock) for _, place in begins[low:high]
        ):
            found[first:last] = True
    return found


def missing_sets(output: Prints, source: Prints) -> bool:
    """This will tell whether copied pictures would be decoded by other parameters than in the source."""
    names = [(unit[0] & 0x1F, _number(unit)) for unit in output.sets]
    return not source.sets <= output.sets or len(set(names)) < len(names)


def same_sound(output: Prints, source: Prints, config: bytes) -> bool:
    """This will tell whether the output's sound is a run of the source's packets, at their times."""
    if not output.sound or config != source.sound_config:
        return False
    try:
        first = source.sound.index(output.sound[0])
    except ValueError:
        return False
    last = first + len(output.sound)
    times = np.array(source.sound_times[first:last])
    return source.sound[first:last] == output.sound and bool(
        np.abs(times - np.array(output.sound_times)).max() < SAME_SOUND_TIME
    )


def _same_group(output: Prints, first: int, last: int, source: Prints, place: int, clock: Clock) -> bool:
    end = place + last - first
    if source.digests[place:end] != output.digests[first:last]:
        return False
    if end < len(source.fresh) and not source.fresh[end]:
        return False
    pairs = zip(source.times[place:end], output.times[first:last], strict=True)
    return all(abs(then - _source_time(now, clock)) < SAME_TIME for then, now in pairs)


def _source_time(time: float, clock: Clock) -> float:
    piece = clock.piece_at(time)
    return time - piece.placed + piece.start


def _samples(track: Track, movie_scale: int, length: int) -> Iterator[tuple[float, int, int]]:
    """Time in seconds by the edit list, first byte and end of each sample."""
    wait, begin = 0.0, 0
    for span, start in track.edits:
        if start >= 0:
            begin = start
            break
        wait += span / movie_scale
    times = (track.shown - begin) / track.timescale + wait
    for time, start, size in zip(times.tolist(), track.offsets.tolist(), track.sizes.tolist(), strict=True):
        yield time, start, min(start + size, length)


def _units(data: memoryview, lengths: int) -> Iterator[memoryview]:
    if not lengths:
        pieces = bytes(data).split(b"\0\0\1")[1:]
        yield from (memoryview(piece) for piece in (each.rstrip(b"\0") for each in pieces) if piece)
        return
    at = 0
    while at + lengths < len(data):
        size = int.from_bytes(data[at : at + lengths], "big")
        at += lengths
        if size:
            yield data[at : at + size]
        at += size


def _listed(record: bytes) -> tuple[int, set[bytes]]:
    """Size of the lengths and parameter sets of an avcC record; Annex B has length size 0."""
    if not record or record[0] != 1:
        return 0, {bytes(unit) for unit in _units(memoryview(record), 0)}
    found, at = set(), 5
    try:
        for mask in (0x1F, 0xFF):
            count, at = record[at] & mask, at + 1
            for _ in range(count):
                size = struct.unpack_from(">H", record, at)[0]
                found.add(record[at + 2 : at + 2 + size])
                at += 2 + size
    except (IndexError, struct.error):
        return 0, set()
    return (record[4] & 3) + 1, found - {b""}


def _inside(description: bytes, kind: bytes, skipped: int) -> bytes:
    """The content of a box in the first sample description, behind its fixed fields."""
    at = 8 + 8 + skipped
    while at + 8 <= len(description):
        size = struct.unpack_from(">I", description, at)[0]
        if description[at + 4 : at + 8] == kind:
            return description[at + 8 : at + size]
        at += max(size, 8)
    return b""


def _number(unit: bytes) -> int:
    """The number of a parameter set: the first Exp-Golomb code, behind three bytes in a sequence set."""
    start = 4 if unit[0] & 0x1F == _SEQUENCE else 1
    bits = int.from_bytes(unit[start : start + 5].ljust(5, b"\0"), "big")
    zeros = 40 - bits.bit_length()
    return (bits >> (39 - 2 * zeros)) - 1 if zeros < 16 else -1


def _digest(data: memoryview) -> bytes:
    return hashlib.blake2b(data, digest_size=16).digest()
