"""A street filmed for ten seconds in which each thing has a colour, a tone or a number of its own.

So that what left of it can be told apart, picture by picture and sample by sample: two cars, a plate shown
whole, something cut out, a name that is said, and what nobody may take away.
"""

import wave
from collections.abc import Iterator
from fractions import Fraction
from functools import cache
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, cast

import av
import numpy as np
from numpy.typing import NDArray

from tests.redaction.media_builders import RATE, noise

WIDTH, HEIGHT, FPS, SECONDS = 480, 272, 10, 10
CAR = (90, 44)
TOPS = {"red": 96, "blue": 176}
TURNED = 9.0  # seconds: the camera looks elsewhere from here on
SCREEN = (9.0, 9.6)  # it shows a screen that nobody may see
CUT = (8.2, 8.6)  # something happens by the roadside
SAID = ((2.0, 2.6), (6.2, 6.8))
NAME = "Canary"
SPOKEN = (
    b"1\n00:00:00,500 --> 00:00:01,500\nunit twelve in position\n\n"
    b"2\n00:00:02,000 --> 00:00:02,600\nthat is Maria Canary\n\n"
    b"3\n00:00:04,000 --> 00:00:04,800\nthe red one\n\n"
    b"4\n00:00:06,200 --> 00:00:06,800\nMaria Canary again\n"
)
STREET, NAMED, BESIDE = 440, 1500, 2500  # hertz: what may be heard, the name, what is cut out
# blue and red difference of each thing; grey has 128 of both
COLOURS = {"red": (100, 220), "blue": (220, 100), "cut": (200, 200), "screen": (40, 150), "sign": (60, 60)}
_NEAR = 24
_SIGN = (slice(28, 60), slice(400, 460))
_ROADSIDE = (slice(28, 60), slice(200, 300))
_BITS, _BLOCK = 8, 24  # the picture's number, in blocks along the top

Chroma = NDArray[np.uint8]


def left_of(car: str, second: float) -> float:
    """Pixels. The blue car drives evenly for eight seconds; the red one hurries from 4 to 6."""
    if car == "blue":
        return float(np.interp(second, (0, 8), (20, 370)))
    return float(np.interp(second, (0, 4, 6, 8), (20, 150, 300, 370)))


@cache
def a_street() -> bytes:
    """The film as a camera gives it: key pictures each second, tags, chapter and subtitles tell names."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "street.mp4"
        with av.open(str(path), "w", options={"movflags": "faststart+use_metadata_tags"}) as out:
            out.metadata.update({"title": f"Maria {NAME}", "comment": "seen by C. Canary"})
            stream: Any = out.add_stream("libx264", rate=FPS)
            stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
            stream.options = {"preset": "ultrafast", "crf": "18", "g": "10"}
            sound: Any = out.add_stream("aac", rate=RATE, layout="mono")
            words = out.add_mux_stream("mov_text")
            base = Fraction(1, 1000)
            out.set_chapters(
                [{"id": 1, "start": 0, "end": 9000, "time_base": base, "metadata": {"title": NAME}}]
            )
            for number in range(SECONDS * FPS):
                frame = av.VideoFrame(WIDTH, HEIGHT, "yuv420p")
                for plane, values in zip(frame.planes, _planes(number), strict=True):
                    rows = np.frombuffer(cast(Any, plane), np.uint8).reshape(-1, plane.line_size)
                    rows[: plane.height, : plane.width] = values
                frame.pts, frame.time_base = number, Fraction(1, FPS)
                out.mux(stream.encode(frame))
            out.mux(stream.encode(None))
            heard = _sound()
            for at in range(0, heard.shape[1], 1024):
                piece = av.AudioFrame.from_ndarray(
                    np.ascontiguousarray(heard[:, at : at + 1024]), format="fltp", layout="mono"
                )
                piece.sample_rate, piece.pts, piece.time_base = RATE, at, Fraction(1, RATE)
                out.mux(sound.encode(piece))
            out.mux(sound.encode(None))
            shown = f"that is Maria {NAME}".encode()
            packet = av.Packet(len(shown).to_bytes(2, "big") + shown)
            packet.stream, packet.pts, packet.dts, packet.duration = words, 2000, 2000, 600
            packet.time_base = base
            out.mux(packet)
        return path.read_bytes()


def a_call() -> bytes:
    """The street's sound alone, as a dispatcher's recorder keeps it."""
    target = BytesIO()
    with wave.open(target, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(RATE)
        out.writeframes((_sound()[0] * 32767).astype("<i2").tobytes())
    return target.getvalue()


def _planes(number: int) -> tuple[NDArray[np.uint8], Chroma, Chroma]:
    second = number / FPS
    turned = second >= TURNED
    grey = np.clip(noise(WIDTH, HEIGHT) // 3 + (190 if turned else 90), 16, 235).astype(np.uint8)
    blue, red = (np.full((HEIGHT // 2, WIDTH // 2), 128, np.uint8) for _ in range(2))

    def paint(name: str, rows: slice, columns: slice, light: Any) -> None:
        grey[rows, columns] = light
        half = tuple(slice(side.start // 2, side.stop // 2) for side in (rows, columns))
        blue[half], red[half] = COLOURS[name]

    paint("sign", *_SIGN, 150)
    if not turned:
        for car, top in TOPS.items():
            left = 2 * round(left_of(car, second) / 2)
            body = np.where(noise(*CAR) > 0, 200, 120).astype(np.uint8)
            paint(car, slice(top, top + CAR[1]), slice(left, left + CAR[0]), body)
    if CUT[0] <= second < CUT[1] - 1e-6:
        paint("cut", *_ROADSIDE, 140)
    if SCREEN[0] <= second < SCREEN[1] - 1e-6:
        paint("screen", slice(80, 240), slice(60, 380), 160)
    for bit in range(_BITS):
        left = 8 + _BLOCK * bit
        grey[4:20, left : left + _BLOCK] = 235 if number >> bit & 1 else 16
    return grey, blue, red


def _sound() -> NDArray[np.float32]:
    steps = np.arange(SECONDS * RATE) / RATE
    hertz = np.full(steps.shape, float(STREET))
    for start, end in SAID:
        hertz[(steps >= start) & (steps < end)] = NAMED
    hertz[(steps >= CUT[0]) & (steps < CUT[1])] = BESIDE
    phase = np.cumsum(hertz) / RATE
    return (0.4 * np.sin(2 * np.pi * phase)).astype(np.float32)[None]


class Seen:
    """One picture of a film: its number, and how much of each thing can be seen in it."""

    def __init__(self, frame: av.VideoFrame) -> None:
        grey, blue, red = (plane_of(frame, number) for number in range(3))
        blocks = [grey[6:18, 8 + _BLOCK * bit + 4 : 8 + _BLOCK * (bit + 1) - 4] for bit in range(_BITS)]
        self.number = sum(1 << bit for bit, block in enumerate(blocks) if block.mean() > 128)
        self.second = self.number / FPS
        self.dark = bool(grey.max() < 40)
        self.street = float(grey[HEIGHT - 20 : HEIGHT - 4].mean())
        colours = np.stack([blue, red]).astype(np.int16)
        self.pixels = {
            name: int((np.abs(colours - np.array(code)[:, None, None]).max(axis=0) < _NEAR).sum())
            for name, code in COLOURS.items()
        }


def plane_of(frame: av.VideoFrame, number: int) -> NDArray[np.uint8]:
    plane = frame.planes[number]
    rows = np.frombuffer(cast(Any, plane), np.uint8).reshape(-1, plane.line_size)
    return rows[: plane.height, : plane.width]


def _decoded(content: bytes, kind: str) -> Iterator[Any]:
    """Everything in the file, also what an edit list tells players to leave out."""
    with av.open(BytesIO(content), "r", options={"ignore_editlist": "1"}) as film:
        for packet in film.demux():
            if packet.stream.type == kind:
                yield from packet.decode()


def frames(content: bytes) -> Iterator[av.VideoFrame]:
    for frame in _decoded(content, "video"):
        yield frame.reformat(format="yuv420p")


def pictures(content: bytes) -> list[Seen]:
    return [Seen(frame) for frame in frames(content)]


def heard(content: bytes) -> NDArray[np.float64]:
    """Every sample there is, one after the other, 1 being full scale."""
    samples = np.concatenate([frame.to_ndarray()[0] for frame in _decoded(content, "audio")])
    full = np.iinfo(samples.dtype).max if samples.dtype.kind == "i" else 1
    return samples.astype(np.float64) / full


def loudest(samples: NDArray[np.float64], hertz: float, *, window: int = 1920) -> NDArray[np.float64]:
    """How loud a tone is in each stretch of 40 milliseconds, 1 being full scale."""
    whole = samples[: len(samples) // window * window].reshape(-1, window)
    turns = np.hanning(window) * np.exp(-2j * np.pi * hertz * np.arange(window) / RATE)
    return cast(NDArray[np.float64], 4 * np.abs(whole @ turns) / window)
