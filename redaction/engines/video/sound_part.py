"""The sound of the result: the source's own packets where nothing touches them, else encoded anew whole."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import av
import av.error
import numpy as np
from numpy.typing import NDArray

from redaction.engines.media.sound import Sound, SoundTrack, mutes_in_order
from redaction.engines.media.source import demuxed, opened, sound_of
from redaction.engines.media.writing import FAULTS, muxer
from redaction.engines.video import sound_packets
from redaction.engines.video.plan import Plan
from redaction.marks import Marks
from redaction.report import Refused


@dataclass(frozen=True)
class SoundPart:
    """AAC packets: of the source where ``passes`` says so, or one behind the other in the file ``source``."""

    rate: int
    channels: int
    config: bytes
    start: int
    step: int
    sizes: NDArray[np.int64]
    seconds: float
    passes: NDArray[np.bool_] | None = None
    source: Path | None = None
    warnings: tuple[str, ...] = ()


def copied(plan: Plan, marks: Marks) -> SoundPart | None:
    """This will give the source's sound as it is; None when there is none, or it is touched or not AAC."""
    sound = plan.film.sound
    if sound is None or not sound.can_be_copied or marks.of("mute") or plan.timeline.cuts:
        return None
    if sound.passes is None or sound.sizes is None:
        return None
    seconds = len(sound.sizes) * sound.step / sound.rate
    return SoundPart(
        sound.rate, sound.channels, sound.config, sound.start, sound.step, sound.sizes, seconds, sound.passes
    )


def encoded(plan: Plan, marks: Marks, folder: Path, check: Callable[[], None]) -> SoundPart | None:
    """This will decode the sound, replace what is muted, leave out what is cut, and encode the rest.

    ``check`` is called often and raises to stop the work.

    :raises Refused: when it cannot be encoded.
    """
    scratch, raw = folder / "sound.m4a", folder / "sound.aac"
    try:
        with opened(plan.film.path) as container, muxer(scratch, "ipod") as out:
            stream = sound_of(container, plan.film.choice.sound)
            if stream is None:
                return None
            sound = Sound(stream, plan.film.origin, plan.timeline, mutes_in_order(marks))
            track = SoundTrack(out, "aac", sound)
            for packet, after in sound_packets.needed(plan.film, plan.timeline):
                check()
                if after is not None:
                    sound.leap(after)
                try:
                    frames = packet.decode()
                except av.error.FFmpegError:
                    continue
                for frame in frames:
                    for samples in sound.take(frame):
                        track.write(samples)
            seconds = track.close()
        return _unpacked(scratch, raw, seconds, tuple(sound.warnings()))
    except FAULTS as error:
        raise Refused(f"the sound cannot be encoded: {error}") from error
    finally:
        scratch.unlink(missing_ok=True)


def _unpacked(scratch: Path, raw: Path, seconds: float, warnings: tuple[str, ...]) -> SoundPart:
    sizes, starts = [], []
    with opened(scratch) as container, raw.open("wb") as out:
        stream = sound_of(container)
        if stream is None:
            raise Refused("the sound cannot be encoded")
        context = stream.codec_context
        for packet in demuxed(container, [stream]):
            if packet.size:
                starts.append(packet.pts)
                sizes.append(packet.size)
                out.write(bytes(packet))
        config, rate, channels = context.extradata or b"", context.sample_rate, context.channels
    step = context.frame_size or 1024
    first = int(starts[0]) if starts else 0
    return SoundPart(
        rate, channels, config, first, step, np.array(sizes, np.int64), seconds, None, raw, warnings
    )
