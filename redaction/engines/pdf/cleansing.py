"""Copies of the small things a page's content calls by name: colour spaces, functions, shadings, states.

Each is made anew from the entries the PDF standard gives it (ISO 32000-1, chapters 7.10 and 8), so that
nothing else travels along. What is not known here raises ``Unsure``.
"""

import re
import struct
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Name

from redaction.engines.pdf.geometry import figure
from redaction.engines.pdf.layers import Unsure

_DEEPEST = 8
_DEVICES = ("/DeviceGray", "/DeviceRGB", "/DeviceCMYK")
_INKS = ("/All", "/None", "/Black", "/Cyan", "/Magenta", "/Yellow")
_BLENDS = frozenset(
    {"/Normal", "/Compatible", "/Multiply", "/Screen", "/Overlay", "/Darken", "/Lighten", "/ColorDodge"}
    | {"/ColorBurn", "/HardLight", "/SoftLight", "/Difference", "/Exclusion", "/Hue", "/Saturation"}
    | {"/Color", "/Luminosity"}
)
_NUMBER_STATES = ("/LW", "/LC", "/LJ", "/ML", "/OPM", "/FL", "/SM", "/CA", "/ca")
_FLAG_STATES = ("/OP", "/op", "/SA", "/AIS", "/TK")
_CALCULATOR = re.compile(
    rb"(?:\s|[{}]|-?\d+\.?\d*|-?\.\d+|abs|add|atan|ceiling|cos|cvi|cvr|div|exp|floor|idiv|ln|log|mod|mul|neg"
    rb"|round|sin|sqrt|sub|truncate|and|bitshift|eq|false|ge|gt|le|lt|ne|not|or|true|xor|if|ifelse|copy|dup"
    rb"|exch|index|pop|roll)*"
)


def is_number(found: Any) -> bool:
    return isinstance(found, int | float | Decimal) and not isinstance(found, bool)


def written(value: Any) -> str:
    """This will write a number of the source, as it was written there if PDF allows.

    :raises Unsure: when it is none.
    """
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if not is_number(value):
        raise Unsure("an operator with odd operands")
    text = str(value)
    return figure(float(value)) if "E" in text or len(text) > 16 else text


def numbers(found: Any, *, least: int = 0, most: int = 100_000) -> Array:
    """This will copy an array of numbers.

    :raises Unsure: when it is something else.
    """
    if not isinstance(found, pikepdf.Array) or not least <= len(found) <= most:
        raise Unsure("an entry that should be a list of numbers")
    items = list(found)
    if not all(is_number(item) for item in items):
        raise Unsure("an entry that should be a list of numbers")
    return Array(items)


class Copies:
    """Makes clean copies in the new document, each source object once."""

    def __init__(self, target: pikepdf.Pdf) -> None:
        self.target = target
        self._made: dict[tuple[str, tuple[int, int]], Any] = {}

    def colour_space(self, found: Any, depth: int = 0) -> Any:
        """This will copy a colour space: a name of a device's, or a new array."""
        if depth > _DEEPEST:
            raise Unsure("a colour space inside too many others")
        if isinstance(found, pikepdf.Name):
            if str(found) in (*_DEVICES, "/Pattern"):
                return Name(str(found))
            raise Unsure("a colour space without a definition")
        if not isinstance(found, pikepdf.Array) or not len(found):
            raise Unsure("a colour space of an unknown form")
        return self._once("space", found, lambda: self._colour_space(found, depth))

    def _colour_space(self, found: Any, depth: int) -> Any:
        kind, rest = str(found[0]), list(found)[1:]
        if not rest:
            return self.colour_space(Name(kind), depth + 1)
        if kind in ("/CalGray", "/CalRGB", "/Lab"):
            allowed = ("/WhitePoint", "/BlackPoint", "/Matrix", "/Range")
            entries = {key: numbers(value) for key, value in rest[0].items() if key in allowed}
            gamma = rest[0].get("/Gamma")
            if gamma is not None:
                entries["/Gamma"] = gamma if is_number(gamma) else numbers(gamma)
            return Array([Name(kind), Dictionary(entries)])
        if kind == "/ICCBased" and isinstance(rest[0], pikepdf.Stream):
            return Array([Name.ICCBased, self._profile(rest[0])])
        if kind == "/Indexed" and len(rest) == 3:
            lookup = rest[2].read_bytes() if isinstance(rest[2], pikepdf.Stream) else bytes(rest[2])
            base = self.colour_space(rest[0], depth + 1)
            size = (int(rest[1]) + 1) * self.components(base)
            stream = self.stream(lookup[:size].ljust(size, b"\0"), {})
            return Array([Name.Indexed, base, int(rest[1]), stream])
        if kind == "/Separation" and len(rest) == 3:
            names: Any = _ink(rest[0], 0)
        elif kind == "/DeviceN" and len(rest) in (3, 4):
            names = Array([_ink(each, place) for place, each in enumerate(rest[0])])
        elif kind == "/Pattern" and len(rest) == 1:
            return Array([Name.Pattern, self.colour_space(rest[0], depth + 1)])
        else:
            raise Unsure("a colour space of an unknown form")
        return Array([Name(kind), names, self.colour_space(rest[1], depth + 1), self.function(rest[2])])

    def components(self, space: Any) -> int:
        """This will give the number of components of a colour space made here."""
        if isinstance(space, pikepdf.Name):
            known = {"/DeviceGray": 1, "/DeviceRGB": 3, "/DeviceCMYK": 4}.get(str(space), 0)
        else:
            kind = str(space[0])
            known = {"/CalGray": 1, "/CalRGB": 3, "/Lab": 3, "/Indexed": 1, "/Separation": 1}.get(kind, 0)
            if kind == "/ICCBased":
                known = int(space[1].N)
            elif kind == "/DeviceN":
                known = len(space[1])
        if not known:
            raise Unsure("a colour space of an unknown form")
        return known

    def _profile(self, found: Any) -> Any:
        """A colour profile without its texts (description, copyright, device): they are words on no page."""
        count = int(found.get("/N", 0))
        if count not in (1, 3, 4):
            raise Unsure("a colour profile of an unknown form")
        entries: dict[str, Any] = {"/N": count}
        if "/Range" in found:
            entries["/Range"] = numbers(found["/Range"], least=2 * count, most=2 * count)
        entries["/Alternate"] = Name({1: "/DeviceGray", 3: "/DeviceRGB", 4: "/DeviceCMYK"}[count])
        return self._once("profile", found, lambda: self.stream(_quiet(found.read_bytes()), entries))

    def function(self, found: Any, depth: int = 0) -> Any:
        """This will copy a function, or a list of them."""
        if depth > _DEEPEST:
            raise Unsure("a function inside too many others")
        if isinstance(found, pikepdf.Array):
            return Array([self.function(each, depth + 1) for each in found])
        if isinstance(found, pikepdf.Name) and found == Name.Identity:
            return Name.Identity
        if not isinstance(found, pikepdf.Dictionary | pikepdf.Stream):
            raise Unsure("a function of an unknown form")
        kind = int(found.get("/FunctionType", -1))
        entries: dict[str, Any] = {"/FunctionType": kind}
        for key in ("/Domain", "/Range", "/Size", "/Encode", "/Decode", "/C0", "/C1", "/Bounds"):
            if key in found:
                entries[key] = numbers(found[key])
        for key in ("/BitsPerSample", "/Order", "/N"):
            if is_number(found.get(key)):
                entries[key] = found[key]
        if kind == 2:
            return Dictionary(entries)
        if kind == 3:
            parts = found.get("/Functions", Array())
            return Dictionary(entries | {"/Functions": Array([self.function(p, depth + 1) for p in parts])})
        if kind not in (0, 4) or not isinstance(found, pikepdf.Stream):
            raise Unsure("a function of an unknown form")
        data = found.read_bytes()
        if kind == 4 and not _CALCULATOR.fullmatch(data):
            raise Unsure("a function with unknown words")
        return self._once("function", found, lambda: self.stream(data, entries))

    def shading(self, found: Any) -> Any:
        """This will copy a shading along a line, between circles or by a function; meshes are not copied."""
        kind = int(found.get("/ShadingType", 0)) if isinstance(found, pikepdf.Dictionary) else 0
        if kind not in (2, 3):
            raise Unsure("a shading that could draw anything")
        entries: dict[str, Any] = {"/ShadingType": kind}
        for key in ("/Background", "/BBox", "/Coords", "/Domain"):
            if key in found:
                entries[key] = numbers(found[key])
        if "/Extend" in found:
            entries["/Extend"] = Array([bool(each) for each in found["/Extend"]])
        if "/AntiAlias" in found:
            entries["/AntiAlias"] = bool(found["/AntiAlias"])
        entries["/ColorSpace"] = self.colour_space(found["/ColorSpace"])
        entries["/Function"] = self.function(found["/Function"])
        return self.target.make_indirect(Dictionary(entries))

    def state(self, found: Any) -> Any:
        """This will copy a graphics state; a soft mask or a font in it is not understood."""
        entries: dict[str, Any] = {"/Type": Name.ExtGState}
        for key, value in found.items():
            if (key in _NUMBER_STATES and is_number(value)) or (
                key in _FLAG_STATES and isinstance(value, bool)
            ):
                entries[key] = value
            elif key == "/Font":
                raise Unsure("a font set by a graphics state")
        mask = found.get("/SMask")
        if mask is not None:
            if mask != Name("/None"):
                raise Unsure("a soft mask")
            entries["/SMask"] = Name("/None")
        blend = blend_of(found)
        if blend is not None:
            entries["/BM"] = Name(blend)
        if "/D" in found:
            dashes = list(found["/D"])
            entries["/D"] = Array([numbers(dashes[0]), dashes[1] if is_number(dashes[1]) else 0])
        return self.target.make_indirect(Dictionary(entries))

    def stream(self, data: bytes, entries: dict[str, Any]) -> Any:
        """This will put bytes into the new document; they are deflated when it is written."""
        stream = pikepdf.Stream(self.target, data)
        for key, value in entries.items():
            stream[key] = value
        return stream

    def _once(self, kind: str, found: Any, make: Callable[[], Any]) -> Any:
        if not found.is_indirect:
            return make()
        key = kind, found.objgen
        if key not in self._made:
            made = make()
            self._made[key] = made if isinstance(made, pikepdf.Stream) else self.target.make_indirect(made)
        return self._made[key]


def blend_of(found: Any) -> str | None:
    """This will give the blend mode a graphics state sets, the first known one of a list.

    :raises Unsure: when it is none of the standard's.
    """
    blend = found.get("/BM")
    if blend is None:
        return None
    for each in list(blend) if isinstance(blend, pikepdf.Array) else [blend]:
        if str(each) in _BLENDS:
            return str(each)
    raise Unsure("an unknown way of blending")


def _ink(found: Any, place: int) -> Name:
    """A spot colour's name may say anything; only the standard's own pass."""
    return Name(str(found)) if str(found) in _INKS else Name(f"/Ink{place}")


def _quiet(profile: bytes) -> bytes:
    """An ICC profile whose text tags are blank (ICC.1:2010, 7.3: the tag table)."""
    data = bytearray(profile)
    if len(data) < 132 or data[36:40] != b"acsp":
        raise Unsure("a colour profile of an unknown form")
    count = struct.unpack_from(">I", data, 128)[0]
    if not 0 < count <= 100 or len(data) < 132 + 12 * count:
        raise Unsure("a colour profile of an unknown form")
    size = struct.unpack_from(">I", data, 0)[0]
    del data[max(132 + 12 * count, size) :]
    kept = bytearray(len(data))
    kept[: 132 + 12 * count] = data[: 132 + 12 * count]
    for index in range(count):
        place, length = struct.unpack_from(">II", data, 136 + 12 * index)
        end = min(len(data), place + length)
        silent = bytes(data[place : place + 4]) in (b"desc", b"text", b"mluc", b"dict", b"meta")
        kept[place : place + 8 if silent else end] = data[place : place + 8 if silent else end]
    return bytes(kept[: len(data)])
