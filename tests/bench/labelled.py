"""Frames whose content is known to the pixel: plates and signs set into textured pictures, seen at an angle.

Fixed seed. These are drawn, not photographed: they measure this program against itself from one version to
the next, and by the size of what is to be found; they do not stand for a street at night.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

SIZE = (1280, 720)
_LETTERS = "ABCDEFGHJKLMNPRSTUVWXYZ"
_STATES = ("CALIFORNIA", "TEXAS", "ILLINOIS", "OHIO", "NEW YORK")

Picture = NDArray[np.uint8]


@dataclass(frozen=True)
class Thing:
    """What is to be found: its number's place in pixels of the frame, and how wide the whole plate is."""

    rect: tuple[float, float, float, float]
    width: int


@dataclass(frozen=True)
class Frame:
    picture: Picture
    plates: tuple[Thing, ...]


def a_frame(seed: int, widths: tuple[int, ...] = (36, 60, 90, 140)) -> Frame:
    """This will draw one frame with a plate of each width: tilted, dim, smeared by movement, with noise."""
    chance = np.random.default_rng(seed)
    picture = _ground(chance)
    plates = []
    for number, width in enumerate(widths):
        left = 40 + number * (SIZE[0] - 80) // len(widths) + int(chance.integers(0, 60))
        top = int(chance.integers(60, SIZE[1] - 160))
        plates.append(_set_in(picture, _plate(chance), chance, left, top, width))
    smear = np.zeros((9, 9), np.float32)
    smear[4, : int(chance.integers(1, 7))] = 1
    seen = cv2.filter2D(picture, -1, smear / smear.sum(), anchor=(2, 4)).astype(np.float32)
    seen *= float(chance.uniform(0.2, 1.0))  # from dusk to day
    noisy = cv2.GaussianBlur(seen, (3, 3), float(chance.uniform(0.4, 0.9))) + chance.normal(0, 6, seen.shape)
    jpeg = cv2.imencode(".jpg", noisy.clip(0, 255).astype(np.uint8), [cv2.IMWRITE_JPEG_QUALITY, 80])[1]
    return Frame(np.asarray(cv2.imdecode(jpeg, cv2.IMREAD_COLOR), dtype=np.uint8), tuple(plates))


def a_film(path: Path, *, seconds: int, rate: int = 30, seed: int = 5) -> list[list[Thing]]:
    """This will write a film in which two plates drive by; where they are on each picture comes back."""
    chance = np.random.default_rng(seed)
    ground = _ground(chance)
    cars = [(_plate(chance), 60.0, 200, 3.5, 110), (_plate(chance), 1050.0, 480, -2.5, 90)]
    places: list[list[Thing]] = []
    with av.open(str(path), "w") as out:
        stream: Any = out.add_stream("libx264", rate=rate, options={"preset": "ultrafast", "crf": "20"})
        stream.width, stream.height, stream.pix_fmt = *SIZE, "yuv420p"
        for number in range(seconds * rate):
            picture, there = ground.copy(), []
            for plate, start, top, speed, width in cars:
                span = SIZE[0] - width - 40
                left = round(abs((start + speed * number) % (2 * span) - span))  # there and back again
                there.append(_set_in(picture, plate, None, left, top, width))
            places.append(there)
            for packet in stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")):
                out.mux(packet)
        for packet in stream.encode(None):
            out.mux(packet)
    return places


def _ground(chance: np.random.Generator) -> Picture:
    """Soft patches of light and dark, bars and discs: nothing that is written."""
    width, height = SIZE
    ground = np.zeros((height, width, 3), np.float32) + 95
    for cells, strength in ((6, 40), (24, 18), (120, 8)):
        patch = chance.normal(0, strength, (cells * height // width + 1, cells, 3)).astype(np.float32)
        ground += cv2.resize(patch, (width, height), interpolation=cv2.INTER_CUBIC)
    picture = Image.fromarray(ground.clip(0, 255).astype(np.uint8))
    draw = ImageDraw.Draw(picture)
    for _ in range(14):
        x, y = (int(chance.integers(0, side)) for side in SIZE)
        w, h = (int(chance.integers(30, 300)) for _ in range(2))
        colour = tuple(int(chance.integers(20, 230)) for _ in range(3))
        (draw.rectangle if chance.random() < 0.6 else draw.ellipse)((x, y, x + w, y + h), fill=colour)
    return np.asarray(picture).copy()


def _plate(chance: np.random.Generator) -> tuple[Picture, tuple[int, int, int, int]]:
    """A plate of 12 by 6 inches, 400 pixels wide, with a state's name; where its number is."""
    plate = Image.new("RGB", (400, 200), (236, 238, 232))
    draw = ImageDraw.Draw(plate)
    draw.rectangle((3, 3, 396, 196), outline=(40, 50, 90), width=4)
    number = "".join(chance.choice(list(_LETTERS), 3)) + str(chance.integers(1000, 9999))
    draw.text(
        (200, 34),
        str(chance.choice(_STATES)),
        anchor="mm",
        font=ImageFont.load_default(34),
        fill=(150, 30, 40),
    )
    draw.text((200, 115), number, anchor="mm", font=ImageFont.load_default(92), fill=(20, 30, 80))
    x0, y0, x1, y1 = draw.textbbox((200, 115), number, anchor="mm", font=ImageFont.load_default(92))
    return np.asarray(plate), (round(x0), round(y0), round(x1), round(y1))


def _set_in(
    picture: Picture,
    plate: tuple[Picture, tuple[int, int, int, int]],
    chance: np.random.Generator | None,
    left: int,
    top: int,
    width: int,
) -> Thing:
    pixels, number = plate
    height = width / 2
    corners = np.array([[left, top], [left + width, top], [left + width, top + height], [left, top + height]])
    if chance is not None:
        corners = corners + chance.uniform(-0.07, 0.07, (4, 2)) * [width, height]
    source = np.array([[0, 0], [400, 0], [400, 200], [0, 200]], np.float32)
    turn = cv2.getPerspectiveTransform(source, corners.astype(np.float32))
    small = cv2.warpPerspective(pixels, turn, SIZE, flags=cv2.INTER_AREA)
    mask = cv2.warpPerspective(np.full((200, 400), 255, np.uint8), turn, SIZE)
    picture[mask > 127] = small[mask > 127]
    x0, y0, x1, y1 = number
    points = np.array([[[x0, y0], [x1, y0], [x1, y1], [x0, y1]]], np.float32)
    placed = cv2.perspectiveTransform(points, turn)[0]
    (x0, y0), (x1, y1) = placed.min(axis=0), placed.max(axis=0)
    return Thing((float(x0), float(y0), float(x1), float(y1)), width)
