"""Reads a page's content operator by operator and writes it anew, without what lies under black areas.

Forms are written into the page where they are placed, so that one placement can lose what another keeps. What
is not surely understood raises ``Unsure``; the page is then shown as a picture.
"""

import copy
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pikepdf
from pikepdf import Name

from redaction.engines.pdf import colouring, lettering, paths
from redaction.engines.pdf.canvas import Canvas
from redaction.engines.pdf.cleansing import Copies, is_number, numbers, written
from redaction.engines.pdf.faces import Faces
from redaction.engines.pdf.geometry import (
    EVERYWHERE,
    IDENTITY,
    Box,
    Frame,
    Matrix,
    carry,
    common,
    extent,
    figures,
    meets,
    times,
    within,
)
from redaction.engines.pdf.layers import Layers, Unsure
from redaction.engines.pdf.pictures import Pictures
from redaction.engines.pdf.typefaces import Face

MOST_OPERATORS = 1_500_000
DEEPEST = 12

_SMALLEST_FIGURE = 8.0  # points; a smaller picture is a bullet or a rule
_LEAST_COVER = 3.0  # points; a thinner box is a rule
_PLAIN_NUMBERS = {"w": 1, "J": 1, "j": 1, "M": 1, "i": 1}
_INTENTS = ("/AbsoluteColorimetric", "/RelativeColorimetric", "/Saturation", "/Perceptual")
_PAINTS = ("S", "s", "f", "F", "f*", "B", "B*", "b", "b*", "n")


@dataclass
class State:
    """The part of the graphics state that decides what shows where."""

    ctm: Matrix = IDENTITY
    clip: Box = EVERYWHERE
    face: Face | None = None
    size: float = 0.0
    spacing: float = 0.0
    word_spacing: float = 0.0
    stretch: float = 1.0
    leading: float = 0.0
    rise: float = 0.0
    mode: int = 0
    solid: bool = True
    patterned: bool = False


@dataclass
class Shared:
    """What the pages of one document have in common."""

    source: pikepdf.Pdf
    copies: Copies
    faces: Faces
    pictures: Pictures
    layers: Layers


@dataclass
class Content:
    """One page being rewritten. All boxes are in the page's own space."""

    shared: Shared
    frame: Frame
    areas: list[Box]
    canvas: Canvas = field(default_factory=Canvas)
    state: State = field(default_factory=State)
    text: Matrix = IDENTITY
    line: Matrix = IDENTITY
    used: dict[int, set[int]] = field(default_factory=dict)
    gone: dict[int, set[int]] = field(default_factory=dict)
    kept_letters: int = 0
    gone_letters: int = 0
    shadows: list[Box] = field(default_factory=list)
    pictures: list[Box] = field(default_factory=list)
    unseen: list[Box] = field(default_factory=list)
    drawings: list[Box] = field(default_factory=list)
    _resources: Any = None
    _stack: list[State] = field(default_factory=list)
    _path: paths.Path = field(default_factory=paths.Path)
    _clipping: str = ""
    _layers: list[bool] = field(default_factory=list)
    base: Matrix = IDENTITY
    _depth: int = 0
    _count: int = 0

    def __post_init__(self) -> None:
        self.shadows = list(self.areas)

    @property
    def hidden(self) -> bool:
        return not all(self._layers)

    @property
    def seen(self) -> Box:
        """Where something drawn now would show."""
        return common(self.state.clip, self.frame.box)

    def run(self, holder: Any, resources: Any) -> None:
        """This will rewrite a content stream.

        :raises Unsure: when it cannot be done surely.
        """
        outer, self._resources = self._resources, resources
        floor, layers = len(self._stack), len(self._layers)
        for instruction in pikepdf.parse_content_stream(holder):
            self._count += 1
            if self._count > MOST_OPERATORS:
                raise Unsure("more operators than a page has")
            if isinstance(instruction, pikepdf.ContentStreamInlineImage):
                self._inline(instruction)
                continue
            name = str(instruction.operator)
            operands = list(instruction.operands)
            if name == "q":
                self._stack.append(copy.copy(self.state))
                self.canvas.save()
            elif name == "Q":
                if len(self._stack) > floor:
                    self.state = self._stack.pop()
                    self.canvas.restore()
            elif name in paths_construct:
                self._construct(name, operands)
            elif name in _PAINTS:
                self._paint(name)
            elif name in lettering.OPERATORS:
                lettering.OPERATORS[name](self, operands)
            elif name in _HANDLERS:
                _HANDLERS[name](self, name, operands)
            else:
                raise Unsure("an operator that is not known here")
        while len(self._stack) > floor:
            self.state = self._stack.pop()
            self.canvas.restore()
        del self._layers[layers:]
        self._resources = outer

    def called(self, kind: str, name: Any) -> Any:
        """This will give what a name stands for in the stream that is being read."""
        group = self._resources.get(f"/{kind}") if self._resources is not None else None
        found = group.get(str(name)) if isinstance(group, pikepdf.Dictionary) else None
        if found is None:
            raise Unsure("a name that stands for nothing")
        return found

    def _construct(self, name: str, operands: list[Any]) -> None:
        values = [float(each) for each in operands]
        text = " ".join([*(written(each) for each in operands), name])
        self._path.add(name, values, text, self.state.ctm)

    def _paint(self, name: str) -> None:
        path, self._path = self._path, paths.Path()
        clipping, self._clipping = self._clipping, ""
        box = path.box()
        if box is None:
            if clipping:
                raise Unsure("a clip of nothing")
            return
        if clipping:
            self._clip(path, clipping, name)
            return
        if name == "n" or self.hidden:
            return
        shown = common(box, self.seen)
        fat = (box[0] - 1, box[1] - 1, box[2] + 1, box[3] + 1)
        if not meets(fat, self.seen) or any(
            within(shown, area) for area in self.areas if shown[2] > shown[0]
        ):
            return
        if name in paths.FILLS:
            if self.state.patterned and any(meets(box, area) for area in self.areas):
                raise Unsure("a pattern under a black area")
            if self.state.solid:
                self.cover(shown, path)
        if path.has_curves():
            self.drawings.append(shown)
        lines = path.painted(name, self.areas, self.state.ctm)
        if lines:
            self.canvas.draw(lines)

    def cover(self, shown: Box, path: paths.Path | None) -> None:
        """A filled box may have been drawn to hide a picture; what is under it must not pass."""
        if min(shown[2] - shown[0], shown[3] - shown[1]) < _LEAST_COVER:
            return
        boxes = [shown] if path is None else [common(box, self.seen) for box in path.rectangles() or [shown]]
        for box in boxes:
            if min(box[2] - box[0], box[3] - box[1]) < _LEAST_COVER:
                continue
            for under in self.pictures:
                if extent(common(box, under)) > 0.02 * extent(under) + 4:
                    raise Unsure("a picture under a filled box")
            for under in self.drawings:
                if (
                    path is not None
                    and not path.has_curves()
                    and within(under, box, 0.5)
                    and extent(box) < 1e5
                ):
                    raise Unsure("a drawing under a filled box")

    def _clip(self, path: paths.Path, rule: str, name: str) -> None:
        lines, box = paths.clip(path, self.areas, self.state.ctm)
        if name != "n":
            raise Unsure("a path that is painted and clips at once")
        self.canvas.outside("\n".join([*lines, rule, "n"]))
        self.state.clip = common(self.state.clip, box)

    def _matrix(self, _: str, operands: list[Any]) -> None:
        values = [float(each) for each in operands]
        if len(values) != 6:
            raise Unsure("a matrix of an unknown form")
        a, b, c, d, e, f = values
        self.state.ctm = times((a, b, c, d, e, f), self.state.ctm)
        self.canvas.outside(" ".join([*(written(each) for each in operands), "cm"]))

    def _number(self, name: str, operands: list[Any]) -> None:
        if len(operands) != _PLAIN_NUMBERS[name] or not all(is_number(each) for each in operands):
            raise Unsure("an operator with odd operands")
        self.canvas.plain(" ".join([*(written(each) for each in operands), name]))

    def _dashes(self, _: str, operands: list[Any]) -> None:
        row = numbers(operands[0], most=64)
        self.canvas.plain(f"[{' '.join(written(each) for each in row)}] {written(operands[1])} d")

    def _intent(self, _: str, operands: list[Any]) -> None:
        if str(operands[0]) in _INTENTS:
            self.canvas.plain(f"{operands[0]} ri")

    def _begin_marked(self, name: str, operands: list[Any]) -> None:
        shown = True
        if name == "BDC" and len(operands) == 2 and str(operands[0]) == "/OC":
            group = operands[1]
            if isinstance(group, pikepdf.Name):
                group = self.called("Properties", group)
            shown = self.shared.layers.shows(group)
        self._layers.append(shown)

    def _end_marked(self, _: str, __: list[Any]) -> None:
        if self._layers:
            self._layers.pop()

    def _clip_rule(self, name: str, _: list[Any]) -> None:
        self._clipping = name

    def _nothing(self, _: str, __: list[Any]) -> None:
        """Points, compatibility brackets: they draw nothing and are left out."""

    def _inline(self, instruction: pikepdf.ContentStreamInlineImage) -> None:
        picture = instruction.iimage
        stream = pikepdf.Stream(self.shared.source, picture.read_raw_bytes())
        for key, value in picture.obj.items():
            stream[key] = value
        space = stream.get("/ColorSpace")
        if isinstance(space, pikepdf.Name) and str(space) not in colouring.DEVICE_SPACES:
            stream["/ColorSpace"] = self.called("ColorSpace", space)
        self._picture(stream)

    def _do(self, _: str, operands: list[Any]) -> None:
        found = self.called("XObject", operands[0])
        kind = found.get(Name.Subtype)
        group = found.get("/OC")
        if self.hidden or (group is not None and not self.shared.layers.shows(group)):
            return
        if kind == Name.Image:
            self._picture(found)
        elif kind == Name.Form:
            self._form(found)
        else:
            raise Unsure("an object of an unknown kind")

    def _picture(self, found: Any) -> None:
        matrix = self.state.ctm
        whole = carry(matrix, (0, 0, 1, 1))
        shown = common(whole, self.seen)
        if self.hidden or extent(shown) == 0 or any(within(shown, area) for area in self.areas):
            return
        near = [area for area in self.areas if meets(area, shown)]
        if self.state.patterned and found.get("/ImageMask") is True and near:
            raise Unsure("a pattern under a black area")
        inside = within(whole, self.seen, 0.02 * max(whole[2] - whole[0], whole[3] - whole[1]))
        for under in self.pictures:
            if extent(common(shown, under)) > 0.1 * min(extent(shown), extent(under)):
                raise Unsure("pictures that lie over each other")
        if near or not inside:
            made, key = self.shared.pictures.painted(found, matrix, near, self.seen), object()
        else:
            made = self.shared.pictures.whole(found)
            key = made.objgen
        self.pictures.append(shown)
        name = self.canvas.name("XObject", key, made)
        if min(shown[2] - shown[0], shown[3] - shown[1]) < _SMALLEST_FIGURE:
            self.canvas.draw([f"{name} Do"])
        else:
            self.canvas.figure(f"{name} Do", shown)

    def _form(self, found: Any) -> None:
        if self._depth >= DEEPEST:
            raise Unsure("forms inside too many others")
        given = [float(each) for each in found.get("/Matrix", IDENTITY)]
        box = [float(each) for each in found.get("/BBox", ())]
        if len(given) != 6 or len(box) != 4:
            raise Unsure("a form of an unknown form")
        if not self.state.solid and "/Group" in found:
            raise Unsure("a group of things that show through")
        a, b, c, d, e, f = given
        outer, base = self.state, self.base
        text, line = self.text, self.line
        self.canvas.save()
        self.state = copy.copy(outer)
        self.state.ctm = self.base = times((a, b, c, d, e, f), outer.ctm)
        corners = (min(box[0], box[2]), min(box[1], box[3]), max(box[0], box[2]), max(box[1], box[3]))
        if given != list(IDENTITY):
            self.canvas.plain(f"{figures(given)} cm")
        edge = paths.Path()
        values = [corners[0], corners[1], corners[2] - corners[0], corners[3] - corners[1]]
        edge.add("re", values, f"{figures(values)} re", self.state.ctm)
        path, self._path = self._path, paths.Path()
        self._clip(edge, "W", "n")
        self._depth += 1
        self.run(found, found.get("/Resources", self._resources))
        self._depth -= 1
        self.canvas.restore()
        self.state, self.base, self._path, self.text, self.line = outer, base, path, text, line


Handler = Callable[[Content, str, list[Any]], None]
paths_construct = frozenset(("m", "l", "c", "v", "y", "h", "re"))
_HANDLERS: dict[str, Handler] = {
    "cm": Content._matrix,
    "d": Content._dashes,
    "ri": Content._intent,
    "Do": Content._do,
    "W": Content._clip_rule,
    "W*": Content._clip_rule,
    "BDC": Content._begin_marked,
    "BMC": Content._begin_marked,
    "EMC": Content._end_marked,
    **dict.fromkeys(_PLAIN_NUMBERS, Content._number),
    **colouring.OPERATORS,
    **dict.fromkeys(("DP", "MP", "BX", "EX"), Content._nothing),
}
