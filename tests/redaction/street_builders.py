"""Pictures with written words at known places, and networks of a few bytes with known answers."""

from collections.abc import Sequence
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

Rect = tuple[float, float, float, float]


def a_street(
    words: Sequence[tuple[str, int, int]],
    *,
    size: tuple[int, int] = (640, 480),
    letters: int = 32,
    noise: float = 6,
    seed: int = 1,
) -> tuple[Image.Image, list[Rect]]:
    """A grey picture, with noise, with each word on a white plate at (left, top); where the letters are."""
    grey = np.random.default_rng(seed).normal(110, noise, (size[1], size[0], 1)).clip(0, 255)
    picture = Image.fromarray(np.repeat(grey.astype(np.uint8), 3, axis=2))
    draw = ImageDraw.Draw(picture)
    font = ImageFont.load_default(letters)
    places = []
    for word, left, top in words:
        x0, y0, x1, y1 = draw.textbbox((left, top), word, font=font)
        draw.rectangle((x0 - 12, y0 - 10, x1 + 12, y1 + 10), fill=(240, 240, 235))
        draw.text((left, top), word, font=font, fill=(20, 20, 60))
        places.append((x0, y0, x1, y1))
    return picture, places


def a_drive(
    path: Path, *, frames: int = 24, rate: int = 10, step: int = 6, turned: int | None = None
) -> tuple[Path, list[Rect]]:
    """A film in which a plate moves to the right; where its letters are on each picture, in fractions.

    ``turned`` is a rotation in degrees that players apply; the places are those of the displayed picture.
    """
    size = (320, 240)
    places: list[Rect] = []
    with av.open(str(path), "w") as out:
        stream = out.add_stream("libx264", rate=rate, options={"preset": "ultrafast", "crf": "18"})
        stream.width, stream.height = size
        stream.pix_fmt = "yuv420p"
        if turned is not None:
            stream.set_display_rotation(turned)
        for number in range(frames):
            picture, [place] = a_street([("7ABC123", 20 + number * step, 90)], size=size, letters=26)
            places.append(_fractions(place, size))
            if turned == 180:
                picture = picture.rotate(180)
            frame = av.VideoFrame.from_ndarray(np.asarray(picture), format="rgb24")
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    return path, places


def a_network(
    answer: NDArray[np.float32], *, weights_among_inputs: bool = False, second_input: bool = False
) -> bytes:
    """An ONNX file that takes one picture and always gives the same answer.

    With ``weights_among_inputs`` it is written as old exporters do: the answer is listed as an input too.
    """
    picture = _value("picture", (1, 3, 32, 32))
    constant = _tensor("answer", answer)
    # Add(answer, 0 · mean of the picture): the runtime must really take a picture of any size
    nodes = [
        _node("ReduceMean", ["picture"], ["mean"], keepdims=0),
        _node("Mul", ["mean", "nothing"], ["zero"]),
        _node("Add", ["answer", "zero"], ["out"]),
    ]
    graph = b"".join(_field(1, node) for node in nodes) + _field(2, b"g")
    graph += _field(5, constant) + _field(5, _tensor("nothing", np.zeros((), np.float32)))
    graph += _field(11, picture)
    if weights_among_inputs:
        graph += _field(11, _value("answer", answer.shape)) + _field(11, _value("nothing", ()))
    if second_input:
        graph += _field(11, _value("another", (1,)))
    graph += _field(12, _value("out", tuple(answer.shape)))
    version = _field(1, b"") + _number_field(2, 13)
    return _number_field(1, 7) + _field(7, graph) + _field(8, version)


def _fractions(place: Rect, size: tuple[int, int]) -> Rect:
    x0, y0, x1, y1 = place
    return x0 / size[0], y0 / size[1], x1 / size[0], y1 / size[1]


def _varint(value: int) -> bytes:
    out = b""
    while value > 0x7F:
        out += bytes([value & 0x7F | 0x80])
        value >>= 7
    return out + bytes([value])


def _field(number: int, content: bytes) -> bytes:
    return _varint(number << 3 | 2) + _varint(len(content)) + content


def _number_field(number: int, value: int) -> bytes:
    return _varint(number << 3) + _varint(value)


def _value(name: str, shape: tuple[int, ...]) -> bytes:
    dims = b"".join(_field(1, _number_field(1, side)) for side in shape)
    tensor = _number_field(1, 1) + _field(2, dims)
    return _field(1, name.encode()) + _field(2, _field(1, tensor))


def _tensor(name: str, values: NDArray[np.float32]) -> bytes:
    dims = b"".join(_number_field(1, side) for side in values.shape)
    return dims + _number_field(2, 1) + _field(8, name.encode()) + _field(9, values.astype("<f4").tobytes())


def _node(kind: str, inputs: list[str], outputs: list[str], **attributes: int) -> bytes:
    content = b"".join(_field(1, name.encode()) for name in inputs)
    content += b"".join(_field(2, name.encode()) for name in outputs)
    content += _field(4, kind.encode())
    for name, value in attributes.items():
        content += _field(5, _field(1, name.encode()) + _number_field(3, value) + _number_field(20, 2))
    return content
