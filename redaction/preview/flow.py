"""One step of following: where a box went from picture to picture, by the flow of points inside it.

Points are tracked there and back (Lucas and Kanade's pyramid); those that do not come back to where they
began do not count, and the median of the others moves and scales the box, as in Kalal's median flow (2010).
Points are tracked from an anchor picture, not only from the last one, so that small errors do not add up.
"""

import importlib
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from redaction.report import Refused

Grey = NDArray[np.uint8]
Points = NDArray[np.float32]
Patch = NDArray[np.float64]
Pair = tuple[float, float]
Box = tuple[float, float, float, float]  # left, top, width, height in pixels

_GRID = 9  # points a side, beside the corners that are found
_CORNERS = 60
_BACK = 1.0  # pixels a point may miss its beginning by on the way back
_TOGETHER = 0.06  # of the box: points farther from the median's way do not move with it
_FEWEST, _LEAST_SHARE = 6, 0.35  # points that must move together
_ANCHOR_SHARE = 0.5  # of the anchor's points; with fewer the next picture becomes the anchor
_FASTEST_GROWTH = 1.2  # times in one picture
_PATCH = 32  # pixels a side
_ALIKE, _SURE = 0.55, 0.85  # likeness below which it is lost, above which its looks are learnt
_LEARN = 0.08  # share of the new looks in each sure picture
_FOUND = 0.7  # likeness from which a place that was searched for is believed
_SEARCHED, _REACH = 0.75, 24  # of the box, and pixels, beyond it that are looked at
_PLAIN, _OUTLINE = 6.0, 0.15  # spread of brightness of a thing without features; share seen round it then
_WINDOW: dict[str, Any] = {"winSize": (17, 17), "maxLevel": 3}


class NoFlow(Refused):
    """Nothing can be followed here: the package that does it is not installed."""


def library() -> ModuleType:
    """:raises NoFlow: without OpenCV."""
    try:
        return importlib.import_module("cv2")
    except ImportError as error:
        raise NoFlow(
            "a thing is followed by the package opencv-python-headless, which is not installed: "
            "install the extra named detect, or set the box by hand"
        ) from error


@dataclass
class Follower:
    """Follows one box from one grey picture to the next; ``step`` says None where it is lost."""

    picture: Grey
    box: Box
    cv: Any = field(default_factory=library)
    _alive: NDArray[np.bool_] = field(init=False)  # of the anchor's points: those that still move with it
    _now: Points = field(init=False)  # where those are

    def __post_init__(self) -> None:
        self._margin = 0.0
        self._looks = self._patch(self.picture, self.box).astype(np.float64)
        if self._looks.std() < _PLAIN:  # only its outline tells it from what is behind it
            self._margin = _OUTLINE
            self._looks = self._patch(self.picture, self.box).astype(np.float64)
        self._speed = np.zeros(2)
        self._drop_anchor(self.picture, self.box)
        self._last = self.picture

    def step(self, picture: Grey) -> Box | None:
        """This will give the box in the next picture and take it from there."""
        box = self._by_flow(picture)
        if box is None:
            box = self._by_looks(picture)
            if box is None:
                return None
            self._drop_anchor(picture, box)
        self._speed = np.array(_centre(box)) - np.array(_centre(self.box))
        self._last, self.box = picture, box
        return box

    def _by_flow(self, picture: Grey) -> Box | None:
        near = self._flow(picture)
        if near is None:
            return None
        guess, kept = near
        alive = np.flatnonzero(self._alive)[kept]
        anchor = self._anchor_points[alive]
        refined = self._refined(picture, anchor, guess[kept])
        box = _moved(self._anchor_box, anchor, refined)
        if box is None or not self._is_believable(box):
            return None
        likeness, fresh = self._likeness(picture, box)
        if likeness < _ALIKE:
            return None
        self._alive = np.zeros_like(self._alive)
        self._alive[alive] = True
        self._now = refined
        if likeness >= _SURE:
            self._looks = (1 - _LEARN) * self._looks + _LEARN * fresh
        if len(alive) < max(_FEWEST * 2, _ANCHOR_SHARE * len(self._anchor_points)):
            self._drop_anchor(picture, box)
        return box

    def _by_looks(self, picture: Grey) -> Box | None:
        """Searched for near where it should be, where the flow of its points says nothing."""
        expected = _shifted(self.box, self._speed)
        outer = _widened(expected, self._margin)
        sides = (max(4, round(outer[2])), max(4, round(outer[3])))
        looks = self.cv.resize(np.clip(self._looks, 0, 255).astype(np.uint8), sides)
        reach = max(_REACH, _SEARCHED * max(self.box[2:]))
        area = (round(sides[0] + 2 * reach), round(sides[1] + 2 * reach))
        view, (left, top) = self._view(picture, _centre(outer), area)
        found = self.cv.matchTemplate(view, looks, self.cv.TM_CCOEFF_NORMED)
        _, likeness, _, (x, y) = self.cv.minMaxLoc(found)
        if likeness < _FOUND:
            return None
        centre = (left + x + sides[0] / 2, top + y + sides[1] / 2)
        box = _shifted(self.box, np.array(centre) - np.array(_centre(self.box)))
        return box if self._likeness(picture, box)[0] >= _FOUND else None

    def _drop_anchor(self, picture: Grey, box: Box) -> None:
        self._anchor, self._anchor_box = picture, box
        self._anchor_points = self._points(picture, box)
        self._alive = np.ones(len(self._anchor_points), bool)
        self._now = self._anchor_points

    def _points(self, picture: Grey, box: Box) -> Points:
        left, top, right, bottom = _inside(box, picture)
        across = np.linspace(left, right, _GRID + 2)[1:-1]
        down = np.linspace(top, bottom, _GRID + 2)[1:-1]
        grid = np.stack(np.meshgrid(across, down), axis=-1).reshape(-1, 2)
        cut = picture[int(top) : int(bottom) + 1, int(left) : int(right) + 1]
        corners = self.cv.goodFeaturesToTrack(np.ascontiguousarray(cut), _CORNERS, 0.02, 3)
        found = grid
        if corners is not None:
            found = np.concatenate([grid, corners.reshape(-1, 2) + np.array([int(left), int(top)])])
        points: Points = found.astype(np.float32)
        return points

    def _view(self, picture: Grey, centre: Pair, sides: tuple[int, int]) -> tuple[Grey, Pair]:
        """A piece of a picture round a point, its edge pixels repeated beyond it, and where it begins."""
        left, top = round(centre[0] - sides[0] / 2), round(centre[1] - sides[1] / 2)
        middle = (left + (sides[0] - 1) / 2, top + (sides[1] - 1) / 2)
        piece: Grey = self.cv.getRectSubPix(picture, sides, middle)
        return piece, (left, top)

    def _flow(self, picture: Grey) -> tuple[Points, NDArray[np.bool_]] | None:
        """Where points went, and which of them went with the rest."""
        points = self._now
        if len(points) < _FEWEST:
            return None
        reach = max(_REACH, 0.5 * max(self.box[2:]))
        sides = (round(self.box[2] + 2 * reach), round(self.box[3] + 2 * reach))
        before, begun = self._view(self._last, _centre(self.box), sides)
        after, ended = self._view(picture, _centre(_shifted(self.box, self._speed)), sides)
        start = points - np.array(begun, np.float32)
        went, status, _ = self.cv.calcOpticalFlowPyrLK(before, after, start, None, **_WINDOW)
        back, returned, _ = self.cv.calcOpticalFlowPyrLK(after, before, went, None, **_WINDOW)
        missed = np.linalg.norm(back - start, axis=1)
        good = (status.ravel() == 1) & (returned.ravel() == 1) & (missed < _BACK)
        if good.sum() < _FEWEST:
            return None
        placed: Points = went + np.array(ended, np.float32)
        way = placed - points
        apart = np.linalg.norm(way - np.median(way[good], axis=0), axis=1)
        together = good & (apart < max(1.5, _TOGETHER * max(self.box[2:])))
        if together.sum() < max(_FEWEST, _LEAST_SHARE * len(points)):
            return None
        return placed, together

    def _refined(self, picture: Grey, anchor: Points, guess: Points) -> Points:
        """From the anchor straight to here, where that agrees with the way by steps."""
        box = self._anchor_box
        sides = (round(max(box[2], self.box[2]) + 2 * _REACH), round(max(box[3], self.box[3]) + 2 * _REACH))
        before, begun = self._view(self._anchor, _centre(box), sides)
        after, ended = self._view(picture, _centre(_shifted(self.box, self._speed)), sides)
        near = guess - np.array(ended, np.float32)
        exact, status, _ = self.cv.calcOpticalFlowPyrLK(
            before, after, anchor - np.array(begun, np.float32), near.copy(),
            winSize=_WINDOW["winSize"], maxLevel=0, flags=self.cv.OPTFLOW_USE_INITIAL_FLOW,
        )  # fmt: skip
        agrees = (status.ravel() == 1) & (np.linalg.norm(exact - near, axis=1) < 2.0)
        refined: Points = np.where(agrees[:, None], exact + np.array(ended, np.float32), guess)
        return refined

    def _is_believable(self, box: Box) -> bool:
        growth = [new / max(old, 1e-6) for new, old in zip(box[2:], self.box[2:], strict=True)]
        return min(box[2:]) >= 4 and all(1 / _FASTEST_GROWTH < ratio < _FASTEST_GROWTH for ratio in growth)

    def _patch(self, picture: Grey, box: Box) -> Grey:
        outer = _widened(box, self._margin)
        sides = (max(2, round(outer[2])), max(2, round(outer[3])))
        cut = self.cv.getRectSubPix(picture, sides, _centre(outer))
        patch: Grey = self.cv.resize(cut, (_PATCH, _PATCH), interpolation=self.cv.INTER_AREA)
        return patch

    def _likeness(self, picture: Grey, box: Box) -> tuple[float, Patch]:
        """Correlation of its looks with what they were, −1 to 1, and the new looks."""
        now = self._patch(picture, box).astype(np.float64)
        one, other = now - now.mean(), self._looks - self._looks.mean()
        return float((one * other).mean() / max(one.std() * other.std(), 1e-6)), now


def _centre(box: Box) -> Pair:
    return box[0] + box[2] / 2, box[1] + box[3] / 2


def _shifted(box: Box, way: Patch) -> Box:
    return float(box[0] + way[0]), float(box[1] + way[1]), box[2], box[3]


def _widened(box: Box, share: float) -> Box:
    across, down = share * box[2], share * box[3]
    return box[0] - across, box[1] - down, box[2] + 2 * across, box[3] + 2 * down


def _moved(box: Box, before: Points, after: Points) -> Box | None:
    """The box moved and scaled as the points are: by medians, so that a third of them may be wrong."""
    shift = np.median(after - before, axis=0)
    centre_before, centre_after = before.mean(axis=0), before.mean(axis=0) + shift
    scale = _scale(before, after)
    if scale is None:
        return None
    x = centre_after[0] + (box[0] + box[2] / 2 - centre_before[0]) * scale
    y = centre_after[1] + (box[1] + box[3] / 2 - centre_before[1]) * scale
    w, h = box[2] * scale, box[3] * scale
    return float(x - w / 2), float(y - h / 2), float(w), float(h)


def _scale(before: Points, after: Points) -> float | None:
    first, second = np.triu_indices(len(before), k=1)
    if len(first) > 1500:
        every = len(first) // 1500 + 1
        first, second = first[::every], second[::every]
    old = np.linalg.norm(before[first] - before[second], axis=1)
    new = np.linalg.norm(after[first] - after[second], axis=1)
    far = old > 3
    return float(np.median(new[far] / old[far])) if far.any() else None


def _inside(box: Box, picture: Grey) -> tuple[float, float, float, float]:
    height, width = picture.shape
    left, top = max(0.0, box[0]), max(0.0, box[1])
    return left, top, min(width - 1.0, box[0] + box[2]), min(height - 1.0, box[1] + box[3])
