"""What a container says it holds, for any recording; and the structure of those that are released."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import av
import av.error
import numpy as np
from av.stream import Disposition
from av.video.stream import VideoStream
from numpy.typing import NDArray

from redaction.marks import Marks
from redaction.report import Finding, Refused
from redaction.verify.media.copies import SourcePrints
from redaction.verify.media.sounds import examine_flac, examine_mp3, examine_ogg, examine_wav
from redaction.verify.media.structure import examine_mp4

_TAGS = {"major_brand", "minor_version", "compatible_brands", "vendor_id", "duration"}
_VALUES = {
    "language": ("und", "eng"),
    "handler_name": ("VideoHandler", "SoundHandler"),
}
_TOOLS = ("Lavf", "Lavc")
_STRUCTURES = {
    **dict.fromkeys((".mp4", ".m4a", ".m4v", ".mov"), examine_mp4),
    **dict.fromkeys((".ogg", ".opus", ".oga"), examine_ogg),
    ".wav": examine_wav,
    ".mp3": examine_mp3,
    ".flac": examine_flac,
}
_FORMATS = "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,mpegts,wav,mp3,ogg,flac,aac"
_PROBE = {"protocol_whitelist": "file", "format_whitelist": _FORMATS}


@dataclass(frozen=True)
class Times:
    """Of a source: seconds it lasts, when its pictures begin (None when some have no stamp), their number,
    and the width and height of the displayed picture (0 without one)."""

    length: float
    pictures: NDArray[np.float64] | None
    count: int
    size: tuple[int, int]


def examine(output: Path, *, film: bool) -> list[Finding]:
    """This will name tags, chapters and tracks that do not belong in a release."""
    suffix = output.suffix.lower()
    findings: list[Finding] = []
    examine_structure = _STRUCTURES.get(suffix)
    if examine_structure is not None:
        findings += examine_structure(output)
    try:
        with _opened(output) as container:
            return findings + _listed(container, film=film)
    except (av.error.FFmpegError, ValueError) as error:
        return [*findings, Finding(f"the file cannot be played: {error}")]


def times_of(source: Path, marks: Marks, hearer: SourcePrints | None = None) -> Times:
    """This will read when a source's pictures begin and how long it lasts, without decoding.

    ``hearer`` is told of every packet that is not hidden. Of several tracks the ones ``marks`` choose count.

    :raises Refused: when it cannot be read.
    """
    starts: list[float] = []
    stamped, end, count = True, 0.0, 0
    size = (0, 0)
    try:
        with _opened(source) as container:
            picture, sound = chosen_by(marks)
            film = next(iter(films_of(container)[picture:]), None)
            tracks = [*([film] if film else []), *container.streams.audio[sound : sound + 1]]
            shifted = container.format.name.split(",")[0] not in ("mov", "matroska")
            origin = (container.start_time or 0) / 1_000_000 if shifted else 0.0
            bases = {track.index: float(track.time_base or 1) for track in tracks}
            for packet in container.demux(tracks) if tracks else ():
                if not packet.size or packet.is_discard:
                    continue
                stamp = packet.pts if packet.pts is not None else packet.dts
                base = bases[packet.stream_index]
                if stamp is not None:
                    end = max(end, (stamp + (packet.duration or 0)) * base - origin)
                at = (stamp or 0) * base - origin
                if hearer is not None:
                    (hearer.film if packet.stream is film else hearer.sound)(packet, at)
                if packet.stream is film:
                    count += 1
                    stamped = stamped and packet.pts is not None
                    starts.append(at)
            size = _displayed(source, picture) if film else (0, 0)
    except (av.error.FFmpegError, ValueError) as error:
        raise Refused(f"the source cannot be read: {error}") from error
    return Times(end, np.sort(np.array(starts)) if stamped else None, count, size)


@contextmanager
def opened_anew(path: Path) -> Iterator[tuple[av.container.InputContainer, float]]:
    """This will open a recording and tell at which stamp, in seconds, its own clock begins.

    :raises Refused: when it cannot be read.
    """
    try:
        with _opened(path) as container:
            shifted = container.format.name.split(",")[0] not in ("mov", "matroska")
            yield container, (container.start_time or 0) / 1_000_000 if shifted else 0.0
    except (av.error.FFmpegError, ValueError) as error:
        raise Refused(f"{path.name} cannot be read: {error}") from error


def chosen_by(marks: Marks) -> tuple[int, int]:
    """This will give which picture and which sound of a source may pass, counted from 0."""
    return next(((mark["picture"], mark["sound"]) for mark in marks.of("tracks")), (0, 0))


def films_of(container: av.container.InputContainer) -> list[VideoStream]:
    """This will give the pictures of a recording that are no covers."""
    return [stream for stream in container.streams.video if not _is_cover(stream)]


def _displayed(source: Path, picture: int) -> tuple[int, int]:
    with _opened(source) as container:
        film = films_of(container)[picture]
        for packet in container.demux(film):
            try:
                frames = packet.decode()
            except av.error.FFmpegError:
                continue
            for frame in frames:
                size = (frame.width, frame.height)
                return size if frame.rotation % 180 == 0 else size[::-1]
    raise Refused("no picture of the source can be decoded")


def _opened(path: Path) -> av.container.InputContainer:
    return av.open(f"file:{path.absolute()}", options=_PROBE, metadata_errors="replace")


def _is_cover(stream: av.stream.Stream) -> bool:
    return bool(stream.disposition & (Disposition.attached_pic | Disposition.timed_thumbnails))


def _listed(container: av.container.InputContainer, *, film: bool) -> list[Finding]:
    findings = _tags(container.metadata, "the file")
    if container.chapters():
        findings.append(Finding("the file has chapters"))
    counts = {"video": 0, "audio": 0}
    for stream in container.streams:
        place = f"track {stream.index}"
        findings += _tags(stream.metadata, place)
        if stream.type not in counts or (stream.type == "video" and _is_cover(stream)):
            findings.append(
                Finding(f"a track of type {stream.type} does not belong in a release", place=place)
            )
        else:
            counts[stream.type] += 1
    for kind, limit in (("video", 1 if film else 0), ("audio", 1)):
        if counts[kind] > limit:
            findings.append(Finding(f"{counts[kind]} {kind} tracks, at most {limit} may pass"))
    if not counts["video" if film else "audio"]:
        findings.append(Finding("the file has no film" if film else "the file has no sound"))
    return findings


def _tags(metadata: dict[str, str], place: str) -> list[Finding]:
    findings = []
    for name, value in metadata.items():
        key = name.lower()
        if key in _TAGS or value in _VALUES.get(key, ()) or (key == "encoder" and value.startswith(_TOOLS)):
            continue
        findings.append(Finding(f"metadata: the tag {name!r}", place=place))
    return findings
