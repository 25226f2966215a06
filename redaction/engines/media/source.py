"""Opening a recording that came from outside: the container is told by its first bytes, never by its name.

FFmpeg's own probing would follow a text file such as ffconcat or m3u8 to other files; here the demuxer is
chosen by content from a short list and no protocol but ``file`` is allowed.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any, cast

import av
import av.container
import av.error
from av.audio.stream import AudioStream
from av.codec.context import ThreadType
from av.packet import Packet
from av.stream import Stream
from av.video.stream import VideoStream

from redaction import limits
from redaction.engines.media.choice import FIRST, Choice, pictures_of
from redaction.engines.media.references import refuse_other_files
from redaction.report import Refused

MOST_STREAMS = limits.FILM_STREAMS
LARGEST_SIDE = limits.FILM_SIDE
LARGEST_AREA = limits.FILM_AREA
LONGEST = limits.FILM_SECONDS
MOST_PACKETS = limits.FILM_PACKETS
HIGHEST_RATE = limits.SOUND_RATE
MOST_CHANNELS = limits.SOUND_CHANNELS

_DEMUXERS = (
    *("mov", "mp4", "m4a", "3gp", "3g2", "mj2", "matroska", "webm", "avi", "mpegts"),
    *("wav", "mp3", "ogg", "flac", "aac"),
)
_ZERO_BASED = {"mov", "matroska"}  # players show these on their own clock; the others may start anywhere


@dataclass(frozen=True)
class Recording:
    """What a demuxing pass found out. Times are seconds from the start of what a player shows."""

    format: str
    origin: float
    duration: float
    pictures: int
    hidden: int
    has_picture: bool
    has_sound: bool
    dropped: tuple[str, ...] = field(default=())


def container_format(head: bytes) -> str | None:
    """This will name FFmpeg's demuxer for a file by its first 1,024 bytes; None when not on the list."""
    if head[4:8] in (b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot"):
        return "mov"
    if head[:4] == b"\x1a\x45\xdf\xa3":
        return "matroska"
    if head[:4] in (b"RIFF", b"RF64"):
        return {b"AVI ": "avi", b"WAVE": "wav"}.get(head[8:12])
    if head[:4] == b"OggS":
        return "ogg"
    if head[:4] == b"fLaC":
        return "flac"
    for first, step in ((0, 188), (4, 192)):
        if len(head) > first + 2 * step and all(head[first + n * step] == 0x47 for n in range(3)):
            return "mpegts"
    if head[:3] == b"ID3":
        return "mp3"
    if len(head) > 1 and head[0] == 0xFF and head[1] & 0xE0 == 0xE0:
        return "aac" if head[1] & 0xF6 == 0xF0 else "mp3"
    return None


@contextmanager
def opened(path: Path) -> Iterator[av.container.InputContainer]:
    """This will open a recording for reading with the demuxer its bytes call for.

    :raises Refused: when it is no known container, or is broken.
    """
    try:
        with path.open("rb") as stream:
            head = stream.read(1024)
    except OSError as error:
        raise Refused(f"the recording cannot be read: {error.strerror}") from error
    name = container_format(head)
    if name is None:
        raise Refused("this is not a recording in a format that is known here")
    refuse_other_files(path, name)
    try:
        container = av.open(
            # the prefix keeps a name with a colon or a leading dash from being read as a protocol or option
            f"file:{path.absolute()}",
            format=name,
            options={"protocol_whitelist": "file", "format_whitelist": ",".join(_DEMUXERS)},
            metadata_errors="replace",
        )
    except (av.error.FFmpegError, ValueError) as error:
        raise Refused(f"the recording is broken: {_cause(error)}") from error
    try:
        _check_shape(container)
        yield container
    finally:
        container.close()


def picture_of(container: av.container.InputContainer, number: int = 0) -> VideoStream | None:
    """This will give the film track that may pass.

    :raises Refused: when it is larger than a recording's picture is.
    """
    found = next(iter(pictures_of(container)[number:]), None)
    if found is not None:
        _check_picture(found)
    return found


def sound_of(container: av.container.InputContainer, number: int = 0) -> AudioStream | None:
    """This will give the sound track that may pass.

    :raises Refused: when its rate or channels are impossible.
    """
    found = next(iter(container.streams.audio[number:]), None)
    if found is not None:
        _check_sound(found)
    return found


def scan(path: Path, choice: Choice = FIRST, *, film: bool) -> Recording:
    """This will read every packet once, without decoding: headers may be wrong about length and frames.

    ``film`` says whether the picture is wanted; without it only the sound is read.

    :raises MarksError: when a track that was chosen is not there.
    :raises Refused: when the source is broken or absurd.
    """
    with opened(path) as container:
        choice.check(container)
        picture = picture_of(container, choice.picture) if film else None
        sound = sound_of(container, choice.sound)
        kept: list[Stream] = [stream for stream in (picture, sound) if stream is not None]
        dropped = tracks_left_out(container, kept)
        name, origin = container.format.name.split(",")[0], origin_of(container)
        end, pictures, hidden = 0.0, 0, 0
        if kept:
            for count, packet in enumerate(demuxed(container, kept)):
                limit_packets(count)
                if not packet.size:
                    continue
                if packet.is_discard:
                    hidden += packet.stream is picture
                    continue
                pictures += packet.stream is picture
                stamp = packet.pts if packet.pts is not None else packet.dts
                if stamp is not None:
                    length = packet.duration or 0
                    end = max(end, float((stamp + length) * packet.time_base) - origin)
        if name == "avi" and picture is not None and picture.average_rate:
            end = max(end, float(pictures / picture.average_rate))
        check_length(end)
        return Recording(name, origin, end, pictures, hidden, picture is not None, sound is not None, dropped)


def origin_of(container: av.container.InputContainer) -> float:
    """This will give the second of the container's stamps at which a player's clock begins."""
    if container.format.name.split(",")[0] in _ZERO_BASED or container.start_time is None:
        return 0.0
    return container.start_time / 1_000_000


def tracks_left_out(container: av.container.InputContainer, kept: list[Stream]) -> tuple[str, ...]:
    """This will describe the tracks that do not pass."""
    return tuple(_describe(stream) for stream in container.streams if stream not in kept)


def limit_packets(count: int) -> None:
    """This will refuse a recording of absurdly many packets.

    :raises Refused: past the limit.
    """
    if count > MOST_PACKETS:
        raise Refused("the recording has more packets than a day of film")


def check_length(seconds: float) -> None:
    """This will refuse a recording of more than a day.

    :raises Refused: past the limit.
    """
    if seconds > LONGEST:
        raise Refused("the recording is longer than 24 hours")


def first_picture(path: Path, number: int = 0) -> av.VideoFrame:
    """This will decode one picture of a film track, the first that can be decoded.

    :raises Refused: when there is none.
    """
    with opened(path) as container:
        picture = picture_of(container, number)
        if picture is not None:
            for packet in demuxed(container, [picture]):
                try:
                    frames = packet.decode()
                except av.error.FFmpegError:
                    continue
                if frames:
                    return cast(av.VideoFrame, frames[0])
    raise Refused("no picture of the recording can be decoded")


def demuxed(container: av.container.InputContainer, streams: list[Stream]) -> Iterator[Any]:
    """This will give the packets of some streams in file order, then an empty one for each, which flushes it.

    Frames that are flushed another way would lose the unit of their time stamps.

    :raises Refused: when the container breaks off in a way FFmpeg cannot read past.
    """
    packets = container.demux(*streams)
    while True:
        try:
            packet = next(packets)
        except StopIteration:
            return
        except (av.error.FFmpegError, ValueError) as error:
            raise Refused(f"the recording is broken: {_cause(error)}") from error
        yield packet


def start_decoder(stream: VideoStream, threads: int) -> None:
    """This will start a film track's decoder with so many threads, 0 for one a core.

    Left to the first packet, a decoder that finds no thread or memory would look like a damaged picture.

    :raises Refused: when it cannot be started.
    """
    stream.codec_context.thread_type, stream.codec_context.thread_count = ThreadType.AUTO, threads
    try:
        stream.codec_context.open(strict=False)
    except (av.error.FFmpegError, ValueError) as error:
        raise Refused(f"the decoder of the recording's picture cannot be started: {_cause(error)}") from error


def pictures_in(packet: "Packet[VideoStream]") -> list[av.VideoFrame]:
    """This will decode a packet's pictures: none when it is damaged.

    :raises Refused: when memory is wanting, for then a picture of which nothing is wrong would be missing.
    """
    try:
        return packet.decode()
    except av.error.MemoryError as error:
        raise Refused("the machine has too little memory for the recording's pictures") from error
    except av.error.FFmpegError:
        return []


def rate_of(stream: VideoStream) -> Fraction:
    """This will give a film track's pictures a second, 25 when the file does not know."""
    rate = stream.average_rate or stream.guessed_rate or Fraction(25)
    return rate if 0 < rate <= 1000 else Fraction(25)


def check_size(width: int, height: int) -> None:
    """This will refuse a picture that would take more memory than a recording's does.

    :raises Refused: naming its size.
    """
    if max(width, height) > LARGEST_SIDE or width * height > LARGEST_AREA:
        raise Refused(f"the picture of {width} by {height} pixels is larger than this engine takes")


def _check_shape(container: av.container.InputContainer) -> None:
    if len(container.streams) > MOST_STREAMS:
        raise Refused(f"the recording has more than {MOST_STREAMS} tracks")
    picture_of(container)
    sound_of(container)


def _check_picture(picture: VideoStream) -> None:
    if picture.codec_context is None:
        raise Refused("there is no decoder for this recording's picture")
    check_size(picture.width, picture.height)


def _check_sound(sound: AudioStream) -> None:
    if sound.codec_context is None:
        raise Refused("there is no decoder for this recording's sound")
    if not 0 < sound.rate <= HIGHEST_RATE or not 0 < sound.channels <= MOST_CHANNELS:
        raise Refused("the sound has an impossible sample rate or number of channels")


def _describe(stream: Stream) -> str:
    context = stream.codec_context
    return f"track {stream.index}: {stream.type} ({context.name if context is not None else 'unknown'})"


def _cause(error: Exception) -> str:
    return getattr(error, "strerror", None) or "it cannot be parsed"
