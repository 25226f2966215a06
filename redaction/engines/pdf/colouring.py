"""The operators of colours, patterns, shadings and graphics states."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pikepdf
from pikepdf import Array, Dictionary

from redaction.engines.pdf.cleansing import blend_of, is_number, written
from redaction.engines.pdf.geometry import IDENTITY, extent, times, within
from redaction.engines.pdf.layers import Unsure

if TYPE_CHECKING:
    from redaction.engines.pdf.content import Content

DEVICE_SPACES = ("/DeviceGray", "/DeviceRGB", "/DeviceCMYK", "/Pattern")

_COLOURS = {"g": 1, "G": 1, "rg": 3, "RG": 3, "k": 4, "K": 4}


def _graphics_state(page: "Content", _: str, operands: list[Any]) -> None:
    found = page.called("ExtGState", operands[0])
    key = found.objgen if found.is_indirect else found.unparse()
    name = page.canvas.name("ExtGState", key, None)
    if page.canvas.resources["ExtGState"][name] is None:
        page.canvas.resources["ExtGState"][name] = page.shared.copies.state(found)
    for alpha in ("/ca", "/CA"):
        if is_number(found.get(alpha)):
            page.state.solid = float(found[alpha]) >= 0.99
    if (blend := blend_of(found)) is not None:
        page.state.solid = page.state.solid and blend in ("/Normal", "/Compatible")
    page.canvas.plain(f"{name} gs")


def _colour(page: "Content", name: str, operands: list[Any]) -> None:
    if len(operands) != _COLOURS[name] or not all(is_number(each) for each in operands):
        raise Unsure("a colour of an unknown form")
    if name.islower():
        page.state.patterned = False
    page.canvas.plain(" ".join([*(written(each) for each in operands), name]))


def _colour_space(page: "Content", name: str, operands: list[Any]) -> None:
    given = str(operands[0])
    if name == "cs":
        page.state.patterned = False
    if given in DEVICE_SPACES:
        page.canvas.plain(f"{given} {name}")
        return
    found = page.called("ColorSpace", given)
    made = page.shared.copies.colour_space(found)
    if isinstance(made, pikepdf.Name):
        page.canvas.plain(f"{made} {name}")
        return
    key = found.objgen if found.is_indirect else found.unparse()
    page.canvas.plain(f"{page.canvas.name('ColorSpace', key, made)} {name}")


def _colour_values(page: "Content", name: str, operands: list[Any]) -> None:
    words = [written(each) for each in operands if is_number(each)]
    rest = [each for each in operands if not is_number(each)]
    if rest:
        if len(rest) != 1 or not isinstance(rest[0], pikepdf.Name):
            raise Unsure("a colour of an unknown form")
        words.append(_pattern(page, rest[0]))
    if name.startswith("sc"):
        page.state.patterned = bool(rest)
    page.canvas.plain(" ".join([*words, name]))


def _pattern(page: "Content", given: Any) -> str:
    found = page.called("Pattern", given)
    if int(found.get("/PatternType", 0)) != 2:
        raise Unsure("a pattern that could draw anything")
    matrix = [float(each) for each in found.get("/Matrix", IDENTITY)]
    if len(matrix) != 6:
        raise Unsure("a pattern of an unknown form")
    a, b, c, d, e, f = matrix
    placed = times((a, b, c, d, e, f), page.base)
    made = Dictionary(PatternType=2, Shading=page.shared.copies.shading(found["/Shading"]))
    made["/Matrix"] = Array([round(each, 6) for each in placed])
    key = (found.objgen if found.is_indirect else found.unparse(), placed)
    return page.canvas.name("Pattern", key, made)


def _shade(page: "Content", _: str, operands: list[Any]) -> None:
    found = page.called("Shading", operands[0])
    shown = page.seen
    if page.hidden or extent(shown) == 0 or any(within(shown, area) for area in page.areas):
        return
    key = found.objgen if found.is_indirect else found.unparse()
    made = page.shared.copies.shading(found)
    if page.state.solid:
        page.cover(shown, None)
    page.canvas.draw([f"{page.canvas.name('Shading', key, made)} sh"])


OPERATORS: "dict[str, Callable[[Content, str, list[Any]], None]]" = {
    "gs": _graphics_state,
    "sh": _shade,
    **dict.fromkeys(_COLOURS, _colour),
    **dict.fromkeys(("cs", "CS"), _colour_space),
    **dict.fromkeys(("sc", "scn", "SC", "SCN"), _colour_values),
}
