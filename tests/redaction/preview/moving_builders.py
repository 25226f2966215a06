"""Films with one thing that moves over a textured ground, for following it."""

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
from numpy.typing import NDArray

SIZE = (320, 180)
THING = (48, 36)

Place = Callable[[float], tuple[float, float]]


@dataclass(frozen=True)
class Scene:
    """Where the thing's left upper corner is at a second, and what else happens."""

    place: Place
    seconds: float = 4.0
    fps: int = 15
    pole: tuple[int, int] | None = None  # columns that hide it
    changes_at: float | None = None
    plain: bool = False


def a_moving_film(path: Path, scene: Scene) -> Path:
    """The thing at whole pixels, as ``scene`` says, in H.264 of good quality."""
    width, height = SIZE
    ground, other = _texture(width, height, 1, 8) // 2 + 60, _texture(width, height, 9, 16) // 5
    thing = _texture(*THING, 2, 4)
    if scene.plain:
        thing = np.full_like(thing, 225)
    with av.open(str(path), "w") as out:
        stream: Any = out.add_stream("libx264", rate=scene.fps)
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        stream.options = {"preset": "ultrafast", "crf": "18", "g": "15"}
        for number in range(round(scene.seconds * scene.fps)):
            time = number / scene.fps
            picture = (ground if scene.changes_at is None or time < scene.changes_at else other).copy()
            _lay(picture, thing, scene.place(time))
            if scene.pole is not None:
                picture[:, slice(*scene.pole)] = 20
            frame = av.VideoFrame.from_ndarray(np.stack([picture] * 3, axis=-1), format="rgb24")
            frame.pts, frame.time_base = number, Fraction(1, scene.fps)
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    return path


def rect(place: tuple[float, float]) -> list[float]:
    """The thing at a place, in fractions of the picture."""
    return [place[0] / SIZE[0], place[1] / SIZE[1], THING[0] / SIZE[0], THING[1] / SIZE[1]]


def worst(keyframes: list[dict[str, Any]], place: Place) -> float:
    """The farthest a straight line between keyframes is from the thing, in widths of the picture."""
    times = [key["t"] for key in keyframes]
    found = 0.0
    for time in np.arange(times[0], times[-1], 1 / 30):
        x, y, w, h = (
            float(np.interp(time, times, [key["rect"][axis] for key in keyframes])) for axis in range(4)
        )
        left, top = place(float(time))
        middle = ((left + THING[0] / 2) / SIZE[0], (top + THING[1] / 2) / SIZE[1])
        found = max(found, abs(x + w / 2 - middle[0]), abs(y + h / 2 - middle[1]) * SIZE[1] / SIZE[0])
    return found


def _lay(picture: NDArray[np.uint8], thing: NDArray[np.uint8], place: tuple[float, float]) -> None:
    x, y = round(place[0]), round(place[1])
    left, top = max(0, x), max(0, y)
    right, bottom = min(SIZE[0], x + THING[0]), min(SIZE[1], y + THING[1])
    if right > left and bottom > top:
        picture[top:bottom, left:right] = thing[top - y : bottom - y, left - x : right - x]


def _texture(width: int, height: int, seed: int, grain: int) -> NDArray[np.uint8]:
    rows, columns = -(-height // grain), -(-width // grain)
    grains = np.random.default_rng(seed).integers(40, 215, (rows, columns)).astype(np.uint8)
    return grains.repeat(grain, axis=0).repeat(grain, axis=1)[:height, :width]
