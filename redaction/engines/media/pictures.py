"""Decoded pictures on the player's clock, upright, as fresh 4:2:0 planes without any side data."""

import queue
import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, TypeVar, cast

import av
import numpy as np
from av.sidedata.sidedata import Type as SideData
from av.video.reformatter import ColorRange

from redaction.engines.media.painting import Plane
from redaction.report import Refused

T = TypeVar("T")

_STEP = 1 << 16  # display matrices hold 16.16 fixed-point numbers


@dataclass(frozen=True)
class Turn:
    """How stored pixels become the displayed picture: rows and columns exchanged, then mirrored."""

    swapped: bool = False
    rows_reversed: bool = False
    columns_reversed: bool = False

    @property
    def mirrored(self) -> bool:
        """This will tell whether the displayed picture is a mirror image of the stored one."""
        return (self.swapped + self.rows_reversed + self.columns_reversed) % 2 == 1

    @property
    def corner(self) -> tuple[int, int, int, int]:
        """The signs of a display matrix's upper left corner: a, b, c, d."""
        across, down = (-1 if self.columns_reversed else 1), (-1 if self.rows_reversed else 1)
        return (0, down, across, 0) if self.swapped else (across, 0, 0, down)

    def apply(self, plane: Plane) -> Plane:
        """This will give a view of a plane as it is displayed; what is painted on it is painted in place.

        Pixels may have a third axis, of their colours.
        """
        if self.swapped:
            plane = plane.swapaxes(0, 1)
        if self.rows_reversed:
            plane = plane[::-1]
        return plane[:, ::-1] if self.columns_reversed else plane


def turn_of(frame: av.VideoFrame) -> Turn:
    """This will read a picture's display matrix (ISO/IEC 14496-12, 6.2.2).

    :raises Refused: when it is not a quarter turn or a mirror.
    """
    entries = cast(Iterable[Any], frame.side_data)
    found = next((entry for entry in entries if entry.type == SideData.DISPLAYMATRIX), None)
    if found is None:
        return Turn()
    matrix = np.frombuffer(bytes(found), dtype=np.int32)
    a, b, c, d = (int(matrix[place]) for place in (0, 1, 3, 4))
    small = _STEP // 1000
    if abs(b) <= small and abs(c) <= small and a and d:
        return Turn(False, d < 0, a < 0)
    if abs(a) <= small and abs(d) <= small and b and c:
        return Turn(True, b < 0, c < 0)
    raise Refused("the picture is turned by an angle that is not a quarter turn")


def planes_of(frame: av.VideoFrame) -> list[Plane]:
    """This will give views of the Y, U and V planes of a 4:2:0 picture."""
    planes = []
    for plane in frame.planes:
        # a plane is a writable buffer; PyAV's stub says so from Python 3.12 only
        rows = np.frombuffer(cast(Any, plane), dtype=np.uint8).reshape(-1, plane.line_size)
        planes.append(rows[: plane.height, : plane.width])
    return planes


def upright(frame: av.VideoFrame, turn: Turn, size: tuple[int, int]) -> av.VideoFrame:
    """This will copy a picture into a new one of even size, turned, with no side data.

    ``size`` is the stored width and height of the first picture; a later one of another size is scaled.
    A missing last row or column is filled with its neighbour.
    """
    full = frame.color_range == ColorRange.JPEG or frame.format.name.startswith("yuvj")
    if frame.format.name != "yuv420p" or full or (frame.width, frame.height) != size:
        frame = frame.reformat(
            width=size[0],
            height=size[1],
            format="yuv420p",
            src_color_range=ColorRange.JPEG if full else None,
            dst_color_range=ColorRange.MPEG,
            threads=1,  # each picture's scaler would keep threads of its own until a child may start no more
        )
    sources = [turn.apply(plane) for plane in planes_of(frame)]
    height, width = sources[0].shape
    fresh = av.VideoFrame(width + width % 2, height + height % 2, "yuv420p")
    for target, source in zip(planes_of(fresh), sources, strict=True):
        rows, columns = source.shape
        target[:rows, :columns] = source
        target[:rows, columns:] = source[:, -1:]
        target[rows:] = target[rows - 1 : rows]
    return fresh


def read_ahead(items: Callable[[], Iterable[T]], depth: int = 12) -> Iterator[T]:
    """This will run an iterable in a thread of its own, at most ``depth`` items ahead."""
    ready: queue.Queue[tuple[str, Any]] = queue.Queue(maxsize=depth)
    stopped = threading.Event()

    def put(kind: str, value: Any) -> bool:
        while not stopped.is_set():
            try:
                ready.put((kind, value), timeout=0.1)
                return True
            except queue.Full:
                continue
        return False

    def run() -> None:
        try:
            for item in items():
                if not put("item", item):
                    return
            put("end", None)
        except BaseException as error:  # handed to the consumer, which raises it
            put("error", error)

    thread = threading.Thread(target=run, name="read-ahead", daemon=True)
    thread.start()
    try:
        while True:
            kind, value = ready.get()
            if kind == "end":
                return
            if kind == "error":
                raise value
            yield value
    finally:
        stopped.set()
        thread.join()
