"""The sound of a film as packets: whether they can be passed on as they are."""

from array import array
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from av.audio.stream import AudioStream
from numpy.typing import NDArray

from redaction.engines.media.sound import DRIFT

_FRAMES = (1024, 2048, 960, 1920, 512, 480)  # samples a packet of AAC may hold
_CONFIG_BYTES = range(2, 65)


class Stamps:
    """Collects the stamps and sizes of the sound's packets."""

    def __init__(self) -> None:
        self.pts, self.sizes, self.durations = array("q"), array("q"), array("q")
        self.shown = array("B")
        self.whole = True

    def take(self, packet: Any) -> None:
        self.whole = self.whole and packet.pts is not None and not packet.is_corrupt
        self.pts.append(packet.pts if packet.pts is not None else 0)
        self.sizes.append(packet.size)
        self.durations.append(packet.duration or 0)
        self.shown.append(not packet.is_discard)


@dataclass(frozen=True)
class SoundSource:
    """AAC packets that can be copied, or ``config`` empty: then the sound must be encoded anew.

    ``passes`` tells for each packet in file order whether it is heard; ``start`` is the first one's place in
    samples, ``step`` the samples in each. ``ticks`` and ``packed`` are every packet's stamp, in units of
    ``base`` seconds, and size, whatever the coding; None when some packet has no stamp.
    """

    rate: int
    channels: int
    config: bytes = b""
    start: int = 0
    step: int = 0
    passes: NDArray[np.bool_] | None = None
    sizes: NDArray[np.int64] | None = None
    base: float = 1.0
    ticks: NDArray[np.int64] | None = None
    packed: NDArray[np.int64] | None = None

    @property
    def can_be_copied(self) -> bool:
        return bool(self.config)


def stamps_of(sound: AudioStream, stamps: Stamps, origin: float) -> SoundSource:
    """This will tell from the packets of a track whether they form one unbroken row of AAC."""
    rate, channels = sound.rate, sound.channels
    base = float(sound.time_base or 1)
    plain = SoundSource(rate, channels)
    if stamps.whole:
        ticks, packed = np.array(stamps.pts, np.int64), np.array(stamps.sizes, np.int64)
        plain = SoundSource(rate, channels, base=base, ticks=ticks, packed=packed)
    config = sound.codec_context.extradata or b""
    if sound.codec_context.name != "aac" or len(config) not in _CONFIG_BYTES or not stamps.whole:
        return plain
    starts = np.array(stamps.pts) * base - origin
    # what begins before the clock does is run-in, or sound that an edit list hides
    passes = np.array(stamps.shown, dtype=bool) & (starts >= -0.5 / rate)
    if not passes.any():
        return plain
    steps = np.diff(starts[passes])
    usual = float(np.median(np.array(stamps.durations))) * base * rate
    step = min(_FRAMES, key=lambda samples: abs(samples - usual))
    ideal = starts[passes][0] + np.arange(len(steps) + 1) * step / rate
    if abs(step - usual) > 0.1 * step or np.abs(starts[passes] - ideal).max() > DRIFT:
        return plain
    first = max(0, round(float(starts[passes][0]) * rate))
    sizes = np.array(stamps.sizes, np.int64)[passes]
    return replace(plain, config=config, start=first, step=step, passes=passes, sizes=sizes)
