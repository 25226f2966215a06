"""From a picture to boxes, for each way a network may be fed and answer.

A picture is an array of rows, columns and RGB, 8 bits; boxes come back in its pixels.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from redaction.detect.boxes import Found, distinct

Picture = NDArray[np.uint8]
Answer = list[NDArray[np.float32]]

STEP = 32  # the sides a network takes are multiples of this, in pixels
_STRIDE = 4  # pixels of the input for one of CenterFace's answer
_INK, _UNCLIP = 0.3, 1.6  # of the text detector, as its makers publish them
_SMALLEST_TEXT = 3  # pixels


@dataclass(frozen=True)
class Network:
    """A loaded network; ``convention`` is a name in ``CONVENTIONS``."""

    run: Callable[[NDArray[np.float32]], Answer]
    convention: str
    threshold: float
    size: int | None = None
    classes: tuple[int, ...] | None = None

    def find(self, picture: Picture, longest: int, enlarge: float = 1.0) -> list[Found]:
        """This will look at a picture brought to ``longest`` pixels, or to the size the network was made for.

        A smaller picture is made at most ``enlarge`` times as large.
        """
        height, width = picture.shape[:2]
        wanted = self.size or min(longest, max(height, width) * enlarge)
        scale = wanted / max(height, width)
        across, down = (max(STEP, round(side * scale / STEP) * STEP) for side in (width, height))
        if self.size:
            across = down = self.size
        how = cv2.INTER_AREA if across < width else cv2.INTER_LINEAR
        fitted = np.asarray(cv2.resize(picture, (across, down), interpolation=how), dtype=np.float32)
        found = CONVENTIONS[self.convention](self, fitted)
        boxes = (box.scaled(width / across, height / down).clipped(width, height) for box in found)
        return [box for box in boxes if box.width > 0 and box.height > 0]


def centerface(network: Network, picture: NDArray[np.float32]) -> list[Found]:
    """CenterFace (Xu et al., 2019): a map of centres, of sizes (logarithms) and of offsets."""
    heat, sizes, offsets, *_ = network.run(_planes(picture))
    rows, columns = np.nonzero(heat[0, 0] > network.threshold)
    height, width = (np.exp(sizes[0, :, rows, columns]) * _STRIDE).T
    down, across = offsets[0, :, rows, columns].T
    x = (columns + across + 0.5) * _STRIDE
    y = (rows + down + 0.5) * _STRIDE
    edges = np.stack([x - width / 2, y - height / 2, x + width / 2, y + height / 2], axis=1)
    scores = heat[0, 0][rows, columns]
    return distinct([_found(box, score) for box, score in zip(edges, scores, strict=True)], 0.3)


def dbnet(network: Network, picture: NDArray[np.float32]) -> list[Found]:
    """Differentiable binarisation (Liao et al., 2020): a map of how surely each pixel is inside a text.

    The map shows shrunken texts; each is grown back by its area over its rim, as the paper says.
    """
    normal = (picture[:, :, ::-1] / 255.0 - 0.5) / 0.5
    surface = network.run(_planes(normal.astype(np.float32)))[0][0, 0]
    ink = cv2.dilate((surface > _INK).astype(np.uint8), np.ones((2, 2), np.uint8))
    count, labels, stats, _ = cv2.connectedComponentsWithStats(ink, connectivity=8)
    flat = labels.ravel()
    # every sum at once: a loop over masks of a page with thousands of words takes minutes
    total = np.bincount(flat, weights=(surface * ink).ravel(), minlength=count)
    area = np.bincount(flat, weights=ink.ravel(), minlength=count)
    down, across = picture.shape[0] / surface.shape[0], picture.shape[1] / surface.shape[1]
    found = []
    for label in range(1, count):
        x, y, w, h = (int(value) for value in stats[label][:4])
        score = float(total[label] / max(area[label], 1.0))
        if min(w, h) < _SMALLEST_TEXT or score < network.threshold:
            continue
        grow = w * h * _UNCLIP / (2 * (w + h))
        box = Found(x - grow, y - grow, x + w + grow, y + h + grow, min(score, 1.0))
        found.append(box.scaled(across, down))
    return found


def yolo(network: Network, picture: NDArray[np.float32]) -> list[Found]:
    """One answer [1, 4 + classes, candidates]: centre, width, height in pixels, then a score a class."""
    answer = network.run(_planes(picture / 255.0))[0][0]
    classes = answer[4:]
    if network.classes is not None:
        classes = classes[[number for number in network.classes if number < len(classes)]]
    scores = classes.max(axis=0) if len(classes) else np.zeros(answer.shape[1], np.float32)
    found = []
    for place in np.nonzero(scores >= network.threshold)[0]:
        x, y, w, h = (float(value) for value in answer[:4, place])
        found.append(Found(x - w / 2, y - h / 2, x + w / 2, y + h / 2, min(float(scores[place]), 1.0)))
    return distinct(found, 0.5)


def end2end(network: Network, picture: NDArray[np.float32]) -> list[Found]:
    """One answer [boxes, 7]: number of the picture, left, top, right, bottom in pixels, class, score."""
    answer = network.run(_planes(picture / 255.0))[0].reshape(-1, 7)
    return [
        _found(row[1:5], row[6])
        for row in answer
        if row[6] >= network.threshold and (network.classes is None or int(row[5]) in network.classes)
    ]


CONVENTIONS: Mapping[str, Callable[[Network, NDArray[np.float32]], list[Found]]] = {
    "centerface": centerface,
    "dbnet": dbnet,
    "yolo": yolo,
    "end2end": end2end,
}


def _found(edges: Any, score: Any) -> Found:
    x0, y0, x1, y1 = (float(edge) for edge in edges)
    return Found(x0, y0, x1, y1, min(float(score), 1.0))


def _planes(picture: NDArray[Any]) -> NDArray[np.float32]:
    return np.ascontiguousarray(picture.transpose(2, 0, 1)[None], dtype=np.float32)
