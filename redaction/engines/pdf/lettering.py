"""The text operators: letters under a black area go, the others stand on their own places.

A letter is under an area that shares more than 8 % of its width (and more than the hair by which areas are
grown, or half the letter), and 20 % of its height or half of the area's; along and across the baseline, so
for text that runs up the two change places.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pikepdf

from redaction.engines.pdf.canvas import Lettering
from redaction.engines.pdf.cleansing import is_number
from redaction.engines.pdf.geometry import (
    IDENTITY,
    Box,
    Matrix,
    carry,
    common,
    extent,
    figure,
    inverse,
    meets,
    times,
    within,
)
from redaction.engines.pdf.layers import Unsure

if TYPE_CHECKING:
    from redaction.engines.pdf.content import Content

ALONG, ACROSS, ACROSS_AREA = 0.08, 0.2, 0.5
HAIR = 1.25  # points; areas are a point larger than the letters they are meant for

_REACH = 3.0  # heights of a line; a wider gap is another column, whose place tells nothing
_UNSEEN = 3

# code, start and width along the baseline in text units, kern before it in thousandths
_Glyph = tuple[int, float, float, float]


def _number(operands: list[Any], count: int = 1) -> list[float]:
    if len(operands) != count or not all(is_number(each) for each in operands):
        raise Unsure("an operator with odd operands")
    return [float(each) for each in operands]


def _begin(page: "Content", _: list[Any]) -> None:
    page.text = page.line = IDENTITY


def _end(page: "Content", _: list[Any]) -> None:
    """Nothing is left open: what is shown carries its own state and place."""


def _font(page: "Content", operands: list[Any]) -> None:
    if len(operands) != 2:
        raise Unsure("an operator with odd operands")
    page.state.face = page.shared.faces.open(page.called("Font", operands[0]))
    page.state.size = _number(operands[1:])[0]


def _setter(name: str, scale: float = 1.0) -> "Callable[[Content, list[Any]], None]":
    def put(page: "Content", operands: list[Any]) -> None:
        setattr(page.state, name, _number(operands)[0] * scale)

    return put


def _mode(page: "Content", operands: list[Any]) -> None:
    page.state.mode = int(_number(operands)[0])
    if not 0 <= page.state.mode <= 3:
        raise Unsure("a text used as the edge of a drawing")


def _move(page: "Content", operands: list[Any]) -> None:
    x, y = _number(operands, 2)
    page.text = page.line = times((1, 0, 0, 1, x, y), page.line)


def _move_and_lead(page: "Content", operands: list[Any]) -> None:
    page.state.leading = -_number(operands, 2)[1]
    _move(page, operands)


def _matrix(page: "Content", operands: list[Any]) -> None:
    a, b, c, d, e, f = _number(operands, 6)
    page.text = page.line = (a, b, c, d, e, f)


def _next_line(page: "Content", _: list[Any]) -> None:
    page.text = page.line = times((1, 0, 0, 1, 0, -page.state.leading), page.line)


def _show_one(page: "Content", operands: list[Any]) -> None:
    _show(page, operands)


def _show_row(page: "Content", operands: list[Any]) -> None:
    if len(operands) != 1 or not isinstance(operands[0], pikepdf.Array):
        raise Unsure("an operator with odd operands")
    _show(page, list(operands[0]))


def _show_next(page: "Content", operands: list[Any]) -> None:
    _next_line(page, [])
    _show(page, operands)


def _show_spaced(page: "Content", operands: list[Any]) -> None:
    page.state.word_spacing, page.state.spacing = _number(operands[:2], 2)
    _show_next(page, operands[2:])


OPERATORS: "dict[str, Callable[[Content, list[Any]], None]]" = {
    "BT": _begin,
    "ET": _end,
    "Tf": _font,
    "Tc": _setter("spacing"),
    "Tw": _setter("word_spacing"),
    "Tz": _setter("stretch", 0.01),
    "TL": _setter("leading"),
    "Ts": _setter("rise"),
    "Tr": _mode,
    "Td": _move,
    "TD": _move_and_lead,
    "Tm": _matrix,
    "T*": _next_line,
    "Tj": _show_one,
    "TJ": _show_row,
    "'": _show_next,
    '"': _show_spaced,
}


def _show(page: "Content", items: list[Any]) -> None:
    state = page.state
    face, size, stretch = state.face, state.size, state.stretch
    if face is None:
        raise Unsure("a text without a font")
    at, kern = 0.0, 0.0
    glyphs: list[_Glyph] = []
    for item in items:
        if isinstance(item, pikepdf.String):
            for code in face.codes(bytes(item)):
                width = face.width(code) * size * stretch
                glyphs.append((code, at, width, kern))
                kern = 0.0
                at += width + state.spacing * stretch
                if code == 32 and not face.wide:
                    at += state.word_spacing * stretch
        elif is_number(item):
            kern += float(item)
            at -= float(item) / 1000 * size * stretch
        else:
            raise Unsure("an operator with odd operands")
    start = page.text
    page.text = times((1, 0, 0, 1, at, 0), start)
    if not glyphs or page.hidden:
        _leave_out(page, glyphs)
        return
    whole = times(start, state.ctm)
    low, high = face.descent * size + state.rise, face.ascent * size + state.rise
    box = _box(whole, glyphs[0][1], glyphs[-1][1] + glyphs[-1][2], low, high)
    seen = page.seen
    if not meets(box, seen):
        _leave_out(page, glyphs)
    elif state.mode == _UNSEEN:
        page.unseen.append(box)
        _leave_out(page, glyphs)
    else:
        _place(page, glyphs, start, whole, (low, high), box, seen)


def _place(
    page: "Content",
    glyphs: list[_Glyph],
    start: Matrix,
    whole: Matrix,
    reach: tuple[float, float],
    box: Box,
    seen: Box,
) -> None:
    near = [area for area in page.areas if meets(area, box)]
    if near and page.state.face is not None and page.state.face.kind == "/Type3":
        raise Unsure("a font made of drawings under a black area")
    if not near and within(box, seen, 0.5 * (reach[1] - reach[0])):
        _write(page, glyphs, start, whole, reach)
        return
    run: list[_Glyph] = []
    upright = abs(whole[1]) > abs(whole[0])
    for glyph in glyphs:
        place = _box(whole, glyph[1], glyph[1] + glyph[2], *reach)
        if not meets(place, seen) or any(under(place, area, upright=upright) for area in near):
            _leave_out(page, [glyph])
            _write(page, run, start, whole, reach)
            run = []
        else:
            run.append(glyph)
    _write(page, run, start, whole, reach)


def under(glyph: Box, area: Box, *, upright: bool) -> bool:
    """This will say whether a letter counts as under an area; ``upright`` is a baseline that runs up."""
    along, across = (1, 0) if upright else (0, 1)
    width = max(glyph[along + 2] - glyph[along], 1e-6)
    height = max(glyph[across + 2] - glyph[across], 1e-6)
    wide = min(glyph[along + 2], area[along + 2]) - max(glyph[along], area[along])
    high = min(glyph[across + 2], area[across + 2]) - max(glyph[across], area[across])
    least = max(ALONG * width, min(HAIR, width / 2))
    if wide < 0 or high <= 0 or (wide <= least and width > 0.01):
        return False
    return high > ACROSS * height or high > ACROSS_AREA * (area[across + 2] - area[across])


def _write(
    page: "Content", glyphs: list[_Glyph], start: Matrix, whole: Matrix, reach: tuple[float, float]
) -> None:
    state, face = page.state, page.state.face
    if not glyphs or face is None:
        return
    first, last = glyphs[0], glyphs[-1]
    box = _box(whole, first[1], last[1] + last[2], *reach)
    upright = abs(whole[0]) >= abs(whole[1])
    size = (reach[1] - reach[0]) * (whole[2] ** 2 + whole[3] ** 2) ** 0.5
    codes = {glyph[0] for glyph in glyphs}
    letters = sum(1 for glyph in glyphs if not face.letters.get(glyph[0], "x").isspace())
    if not letters and not page.canvas.has_line_for(box, size, upright):
        return
    matrix = times((1, 0, 0, 1, first[1], 0), start)
    if _follows(page, box):
        matrix = _snapped(page, matrix)
        page.shadows.append(box)
    page.used.setdefault(face.number, set()).update(codes)
    page.kept_letters += letters
    page.canvas.name("Font", face.name, page.shared.faces.place(face), prefix="")
    lettering = Lettering(
        face.name, state.size, state.spacing, state.word_spacing, state.stretch, state.rise, state.mode
    )
    page.canvas.show(lettering, matrix, _shown(glyphs, wide=face.wide), box, size, letters, upright)


def _shown(glyphs: list[_Glyph], *, wide: bool) -> str:
    digits = 4 if wide else 2
    parts: list[str] = []
    run: list[str] = []
    for place, (code, _, _, kern) in enumerate(glyphs):
        if kern and place:
            parts += [f"<{''.join(run)}>", figure(kern)] if run else [figure(kern)]
            run = []
        run.append(f"{code:0{digits}X}")
    parts.append(f"<{''.join(run)}>")
    return f"{parts[0]} Tj" if len(parts) == 1 else f"[{' '.join(parts)}] TJ"


def _leave_out(page: "Content", glyphs: list[_Glyph]) -> None:
    face = page.state.face
    if face is not None and glyphs:
        page.gone.setdefault(face.number, set()).update(glyph[0] for glyph in glyphs)
        page.gone_letters += len(glyphs)


def _follows(page: "Content", box: Box) -> bool:
    """Whether a run stands after a black area on its line, where its place would tell how wide that is."""
    upright, turned = page.frame.turn % 180 == 0, page.frame.turn
    across, along = (1, 0) if upright else (0, 1)
    height = box[across + 2] - box[across]
    for area in page.shadows:
        shared = min(box[across + 2], area[across + 2]) - max(box[across], area[across])
        if shared <= 0.3 * min(height, area[across + 2] - area[across]):
            continue
        gap = area[along] - box[along + 2] if turned in (180, 270) else box[along] - area[along + 2]
        ahead = box[along + 2] < area[along + 2] if turned in (180, 270) else box[along] > area[along]
        if ahead and gap < _REACH * height:
            return True
    return False


def _snapped(page: "Content", matrix: Matrix) -> Matrix:
    """The place of a run moved to a whole point along its baseline."""
    grid = 1 / page.frame.unit
    ctm = page.state.ctm
    undone = inverse(ctm)
    if undone is None:
        raise Unsure("a text without extent")
    placed = times(matrix, ctm)
    x, y = placed[4], placed[5]
    if abs(placed[0]) >= abs(placed[1]):
        x = round((x - page.frame.box[0]) / grid) * grid + page.frame.box[0]
    else:
        y = round((y - page.frame.box[1]) / grid) * grid + page.frame.box[1]
    a, b, c, d, _, _ = matrix
    moved = times((1, 0, 0, 1, x, y), undone)
    return a, b, c, d, moved[4], moved[5]


def _box(whole: Matrix, start: float, end: float, low: float, high: float) -> Box:
    return carry(whole, (min(start, end), min(low, high), max(start, end), max(low, high)))


def hides_in_picture(page: "Content") -> bool:
    """Whether invisible text lies over pictures: a scan with what a program read in it."""
    return any(
        extent(common(box, picture)) > 0.5 * extent(box) for box in page.unseen for picture in page.pictures
    )
