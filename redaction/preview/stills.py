"""The exact picture on the screen at one moment, upright and at full size, for a look from near."""

import base64
import io
from pathlib import Path
from typing import Any

import av
import av.error
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from redaction.engines.media.choice import Choice, pictures_of
from redaction.engines.media.pictures import turn_of
from redaction.engines.media.source import opened, origin_of, picture_of, rate_of, scan
from redaction.preview.walking import SAME, Moment, moments
from redaction.report import Refused

QUALITY = 92
_FIRST = 200  # packets looked at to learn whether a film has time stamps


def still(path: str, at: float, picture: int, suffix: str) -> str:
    """This will give the picture on the screen at second ``at`` as JPEG or PNG, in Base64.

    :raises Refused: when no picture can be decoded there.
    """
    found: Moment | None = None
    for moment in moments(Path(path), at, picture):
        if found is not None and moment.start > at + SAME:
            break
        found = moment
        if moment.end > at + SAME:
            break
    if found is None:
        raise Refused("no picture of the recording can be decoded")
    target = io.BytesIO()
    image = displayed(found.frame)
    if suffix == "png":
        image.save(target, "PNG", compress_level=1)
    else:
        image.save(target, "JPEG", quality=QUALITY)
    return base64.b64encode(target.getvalue()).decode()


def displayed(frame: av.VideoFrame) -> Image.Image:
    """This will turn a decoded picture upright, as marks see it."""
    pixels: NDArray[Any] = frame.to_ndarray(format="rgb24")
    return Image.fromarray(np.ascontiguousarray(turn_of(frame).apply(pixels)))


def shape(path: str, picture: int) -> dict[str, Any]:
    """This will say how long, wide and fast a recording is, by its headers where they can be believed.

    :raises Refused: when it cannot be read.
    """
    source = Path(path)
    with opened(source) as container:
        films, sounds = pictures_of(container), list(container.streams.audio)
        stream = picture_of(container, picture) if films else None
        duration = (container.duration or 0) / 1_000_000
        labels = [_label(sound, number) for number, sound in enumerate(sounds)]
        found: dict[str, Any] = {
            "fps": round(float(rate_of(stream)), 6) if stream is not None else 0.0,
            "frames": (stream.frames or None) if stream is not None else None,
            "has_sound": bool(sounds),
            "sounds": labels,
            "films": len(films),
            "origin": origin_of(container),
        }
        stamped = stream is None or _is_stamped(container, stream)
        first = _near_the_start(container, stream) if stream is not None else None
    if not duration:
        duration = scan(source, film=bool(films)).duration
    width, height = 0, 0
    if stream is not None:
        if first is None:
            shown = next(moments(source, 0, picture, threads=1), None)
            if shown is None:
                raise Refused("no picture of the recording can be decoded")
            first = shown.frame
        width, height = first.width, first.height
        if turn_of(first).swapped:
            width, height = height, width
    return {**found, "duration": round(duration, 6), "width": width, "height": height, "stamped": stamped}


def length(path: str, picture: int, sound: int) -> float:
    """This will give the seconds of a recording as the engine counts them, by reading every packet.

    :raises MarksError: when a track is not there.
    :raises Refused: when the recording cannot be read.
    """
    source = Path(path)
    with opened(source) as container:
        film = bool(pictures_of(container))
    return scan(source, Choice(picture, sound), film=film).duration


def _is_stamped(container: av.container.InputContainer, stream: Any) -> bool:
    for count, packet in enumerate(container.demux(stream)):
        if count >= _FIRST:
            break
        if packet.size and packet.pts is None:
            return False
    return True


def _near_the_start(container: av.container.InputContainer, stream: Any) -> av.VideoFrame | None:
    """A picture for its size, without opening the file again: hours of film have a long index."""
    try:
        container.seek(0)
        stream.codec_context.thread_count = 1
        return next(container.decode(stream), None)
    except (av.error.FFmpegError, ValueError):
        return None


def _label(sound: Any, number: int) -> dict[str, Any]:
    """Only what the engine's numbers need: a track's own title may be anything."""
    channels = {1: "mono", 2: "stereo"}.get(sound.channels, f"{sound.channels} channels")
    return {"number": number, "label": f"Sound {number + 1} ({channels})"}
