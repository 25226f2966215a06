"""One demuxing pass over a film: every packet's stamps and size, where it can be cut, what its header says.

Nothing is decoded but the first picture. Whole days of film fit in memory: some 30 bytes a picture.
"""

from array import array
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from av.video.reformatter import ColorRange
from av.video.stream import VideoStream
from numpy.typing import NDArray

from redaction.engines.media.choice import FIRST, Choice
from redaction.engines.media.pictures import Turn, turn_of
from redaction.engines.media.source import (
    check_length,
    check_size,
    demuxed,
    first_picture,
    limit_packets,
    opened,
    origin_of,
    picture_of,
    rate_of,
    sound_of,
    tracks_left_out,
)
from redaction.engines.video import nal
from redaction.engines.video.sound_source import SoundSource, Stamps, stamps_of
from redaction.report import Refused

CLEAN, HIDDEN, DAMAGED = 1, 2, 4  # a decoder may start here; an edit list hides it; it cannot be parsed
FINE = Fraction(1, 90_000)  # seconds; the clock of a film whose own stamps are of no use

_INTRA_ONLY = {"mjpeg", "rawvideo", "prores", "dnxhd", "ffv1", "huffyuv", "png", "dvvideo"}
_WHOLE_KEYS = {"vp8", "vp9", "av1"}  # their key frames empty every reference
_HEVC_IDR = (19, 20)


@dataclass(frozen=True)
class Look:
    """How pictures are shown: stored size, turn, shape of a pixel, colours."""

    width: int
    height: int
    turn: Turn
    aspect: Fraction
    full_range: bool
    format: str
    primaries: int
    transfer: int
    matrix: int

    @property
    def shown(self) -> tuple[int, int]:
        return (self.height, self.width) if self.turn.swapped else (self.width, self.height)


@dataclass(frozen=True)
class Film:
    """What a scan found out. Stamps are in ticks of ``clock``; seconds count from what a player shows first.

    ``sizes`` are bytes as demuxed, ``clean_sizes`` those of a copy without anything but pictures.
    ``faults`` are sentences why packets cannot be copied.
    """

    path: Path
    choice: Choice
    format: str
    codec: str
    clock: Fraction
    origin: float
    duration: float
    rate: Fraction
    look: Look
    dropped: tuple[str, ...]
    pts: NDArray[np.int64]
    dts: NDArray[np.int64]
    sizes: NDArray[np.int64]
    clean_sizes: NDArray[np.int64]
    flags: NDArray[np.uint8]
    length_size: int
    parameters: tuple[bytes, ...]
    faults: tuple[str, ...]
    stamped: bool
    sound: SoundSource | None

    @property
    def hidden(self) -> int:
        return int(((self.flags & HIDDEN) != 0).sum())

    @cached_property
    def starts(self) -> NDArray[np.float64]:
        """Seconds at which each packet's picture is shown."""
        starts: NDArray[np.float64] = self.pts.astype(np.float64) * float(self.clock) - self.origin
        return starts

    @cached_property
    def ends(self) -> NDArray[np.float64]:
        """Seconds at which the next picture that is not hidden takes each one's place."""
        seen = np.sort(self.starts[(self.flags & HIDDEN) == 0])
        following = np.searchsorted(seen, self.starts, side="right")
        last = max(self.duration, float(seen[-1] + 1 / self.rate)) if len(seen) else self.duration
        ends: NDArray[np.float64] = np.append(seen, last)[following]
        return ends

    @cached_property
    def groups(self) -> NDArray[np.int64]:
        """Numbers of the packets at which a group begins that shares nothing with what is before it.

        A packet whose picture is shown before one that was decoded earlier is no boundary.
        """
        count = len(self.pts)
        if not self.stamped:
            return np.zeros(1, np.int64)
        least = np.minimum.accumulate(self.pts[::-1])[::-1]
        most = np.append(np.iinfo(np.int64).min, np.maximum.accumulate(self.pts)[:-1])
        fresh = ((self.flags & CLEAN) != 0) & (self.pts == least) & (self.pts > most)
        found = np.flatnonzero(fresh)
        return found if count and len(found) and found[0] == 0 else np.append(0, found)


class _Scan:
    """Collects what one pass over the packets shows."""

    def __init__(self, picture: VideoStream) -> None:
        self.codec = picture.codec_context.name
        self.pts, self.dts, self.sizes, self.clean_sizes = (array("q") for _ in range(4))
        self.flags = array("B")
        self.faults: dict[str, None] = {}
        self.parameters: dict[tuple[int, int], bytes] = {}
        self.length_size, self.stamped = 0, True
        extradata = picture.codec_context.extradata or b""
        self.hevc_lengths = (extradata[21] & 3) + 1 if len(extradata) > 22 and extradata[0] == 1 else 0
        if self.codec == "h264":
            try:
                self.length_size, listed = nal.listed(extradata)
                for unit in listed:
                    self._keep_parameters(unit)
            except nal.BrokenUnits:
                self.faults["its list of parameter sets is broken"] = None

    def take(self, packet: Any) -> None:
        flags = HIDDEN if packet.is_discard else 0
        self.stamped = self.stamped and packet.pts is not None
        size = packet.size
        try:
            if self.codec == "h264":
                clean, size = self._walk(memoryview(packet))
            elif self.codec == "hevc":
                clean = self._is_hevc_start(memoryview(packet))
            else:
                clean = packet.is_keyframe and self.codec in _INTRA_ONLY | _WHOLE_KEYS
        except nal.BrokenUnits:
            clean, flags = False, flags | DAMAGED
        if packet.is_corrupt:
            flags |= DAMAGED
        self.pts.append(packet.pts if packet.pts is not None else 0)
        self.dts.append(packet.dts if packet.dts is not None else 0)
        self.sizes.append(packet.size)
        self.clean_sizes.append(size)
        self.flags.append(flags | (CLEAN if clean else 0))

    def _walk(self, data: memoryview) -> tuple[bool, int]:
        clean, size, pictures = False, 0, 0
        for unit in nal.units(data, self.length_size):
            kind = unit[0] & 0x1F
            if kind in nal.PICTURE:
                clean = clean or kind == nal.IDR
                size += 4 + len(unit)
                pictures += len(unit) > 1 and unit[1] >> 7  # first_mb_in_slice is 0
            elif kind in (nal.SPS, nal.PPS):
                self._keep_parameters(bytes(unit))
            elif kind in nal.PARTITIONS:
                self.faults["its pictures are in data partitions"] = None
        if not size:
            raise nal.BrokenUnits("no picture")
        if pictures > 1:
            self.faults["one packet holds several pictures"] = None
        return clean, size

    def _keep_parameters(self, unit: bytes) -> None:
        kind = unit[0] & 0x1F
        if kind == nal.SPS:
            number = nal.sequence_of(unit).id
        elif kind == nal.PPS:
            number = nal.picture_set_ids(unit)[0]
        else:
            return
        if self.parameters.setdefault((kind, number), unit) != unit:
            self.faults["its parameter sets change on the way"] = None

    def _is_hevc_start(self, data: memoryview) -> bool:
        return any((unit[0] >> 1) & 0x3F in _HEVC_IDR for unit in nal.units(data, self.hevc_lengths))


def decoding_times(shown: NDArray[np.int64]) -> NDArray[np.int64]:
    """This will make decoding times from shown ones: the n-th picture decoded gets the n-th, early enough."""
    ordered = np.sort(shown)
    late = int((np.arange(len(shown)) - np.searchsorted(ordered, shown)).max(initial=0))
    step = int(np.diff(ordered).min()) if len(ordered) > 1 else 1
    before = ordered[0] - max(1, step) * np.arange(late, 0, -1)
    return np.concatenate([before, ordered])[: len(shown)]


def film_of(path: Path, choice: Choice = FIRST) -> Film:
    """This will scan a film.

    :raises MarksError: when a track that was chosen is not there.
    :raises Refused: when it is broken, absurd or has no picture.
    """
    with opened(path) as container:
        choice.check(container)
        picture, sound = picture_of(container, choice.picture), sound_of(container, choice.sound)
        if picture is None:
            raise Refused("the recording has no picture")
        scan, stamps = _Scan(picture), Stamps()
        streams = [picture] if sound is None else [picture, sound]
        bases = {stream.index: float(stream.time_base or 1) for stream in streams}
        origin, end, frames = origin_of(container), 0.0, 0
        for count, packet in enumerate(demuxed(container, list(streams))):
            limit_packets(count)
            if not packet.size:
                continue
            if packet.stream is picture:
                scan.take(packet)
            else:
                stamps.take(packet)
            if packet.is_discard:
                continue
            frames += packet.stream is picture
            stamp = packet.pts if packet.pts is not None else packet.dts
            if stamp is not None:
                end = max(end, (stamp + (packet.duration or 0)) * bases[packet.stream_index] - origin)
        name = container.format.name.split(",")[0]
        if name == "avi" and picture.average_rate:
            end = max(end, float(frames / picture.average_rate))
        check_length(end)
        if not frames:
            raise Refused("the recording has no picture")
        heard = stamps_of(sound, stamps, origin) if sound is not None else None
        dropped = tracks_left_out(container, list(streams))
        clock, rate = picture.time_base or FINE, rate_of(picture)
        look = _look(path, choice, picture)
    pts, flags = np.array(scan.pts, np.int64), np.array(scan.flags, np.uint8)
    stamped = scan.stamped and len(np.unique(pts)) == len(pts)
    dts = np.array(scan.dts, np.int64)
    if stamped and ((np.diff(dts) <= 0).any() or (dts > pts).any()):
        dts = decoding_times(pts)  # Matroska has none, and what FFmpeg guesses for B-frames may be wrong
    return Film(
        path=path,
        choice=choice,
        format=name,
        codec=scan.codec,
        clock=clock if stamped else FINE,
        origin=origin,
        duration=end,
        rate=rate,
        look=look,
        dropped=dropped,
        pts=pts,
        dts=dts,
        sizes=np.array(scan.sizes, np.int64),
        clean_sizes=np.array(scan.clean_sizes, np.int64),
        flags=flags,
        length_size=scan.length_size,
        parameters=tuple(unit for _, unit in sorted(scan.parameters.items())),
        faults=tuple(scan.faults),
        stamped=stamped,
        sound=heard,
    )


def _look(path: Path, choice: Choice, picture: VideoStream) -> Look:
    """The decoder knows size and orientation; the header may be wrong about both."""
    first = first_picture(path, choice.picture)
    check_size(first.width, first.height)
    context = picture.codec_context
    return Look(
        width=first.width,
        height=first.height,
        turn=turn_of(first),
        aspect=picture.sample_aspect_ratio or Fraction(1),
        full_range=first.color_range == ColorRange.JPEG or first.format.name.startswith("yuvj"),
        format=first.format.name,
        primaries=int(context.color_primaries),
        transfer=int(context.color_trc),
        matrix=int(context.colorspace),
    )
