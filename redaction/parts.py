"""The parts of which a rewritten page may consist: which entries an object may have, and of what kind.

A list of what is known, not of what is forbidden: anything else is named. Entries are those of ISO
32000-1 that a page needs to be drawn.
"""

import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any, Protocol

import pikepdf
from fontTools import agl

from redaction import grammar

DEEPEST = 40


class Inspector(Protocol):
    """Goes on to the parts of a part."""

    def part(self, kind: str, found: Any, depth: int) -> None: ...

    def nested(self, check: "Check", found: Any, depth: int) -> None: ...

    def plain(self, found: Any) -> bytes: ...


Check = Callable[[Inspector, Any, int], None]


class Foreign(Exception):
    """An object holds something a rewritten page has no use for."""


def _number(_: Inspector, found: Any, __: int) -> None:
    if not isinstance(found, int | float | Decimal):
        raise Foreign("an entry that should be a number")


def _numbers(inspector: Inspector, found: Any, depth: int) -> None:
    if not isinstance(found, pikepdf.Array):
        _number(inspector, found, depth)
        return
    for each in found:
        inspector.nested(_numbers, each, depth)


def _name(pattern: str) -> Check:
    expression = re.compile(pattern)

    def check(_: Inspector, found: Any, __: int) -> None:
        if not isinstance(found, pikepdf.Name) or not expression.fullmatch(str(found)):
            raise Foreign("a name that is not known")

    return check


def _text(*known: str) -> Check:
    def check(_: Inspector, found: Any, __: int) -> None:
        if not isinstance(found, pikepdf.String) or str(found) not in known:
            raise Foreign("a text that is on no page")

    return check


def _anything_above(_: Inspector, __: Any, ___: int) -> None:
    """Parent: what is above a page is looked at elsewhere."""


def _of(kind: str) -> Check:
    def check(inspector: Inspector, found: Any, depth: int) -> None:
        inspector.part(kind, found, depth + 1)

    return check


def _either(*checks: Check) -> Check:
    def check(inspector: Inspector, found: Any, depth: int) -> None:
        for place, each in enumerate(checks):
            try:
                each(inspector, found, depth)
            except Foreign:
                if place == len(checks) - 1:
                    raise
            else:
                return

    return check


def _all(check: Check) -> Check:
    def checks(inspector: Inspector, found: Any, depth: int) -> None:
        if not isinstance(found, pikepdf.Array):
            raise Foreign("an entry that should be a list")
        for each in found:
            inspector.nested(check, each, depth)

    return checks


def _named(pattern: str, kind: str) -> Check:
    """A dictionary of parts by names of our own."""
    expression = re.compile(pattern)

    def check(inspector: Inspector, found: Any, depth: int) -> None:
        if not isinstance(found, pikepdf.Dictionary):
            raise Foreign("an entry that should be a dictionary")
        for key, value in found.items():
            if not expression.fullmatch(key):
                raise Foreign("a name that is not known")
            inspector.part(kind, value, depth + 1)

    return check


def _differences(_: Inspector, found: Any, __: int) -> None:
    for each in found if isinstance(found, pikepdf.Array) else (None,):
        if not isinstance(each, int) and not (isinstance(each, pikepdf.Name) and _is_letter(str(each)[1:])):
            raise Foreign("a letter's name that is not known")


def _is_letter(name: str) -> bool:
    """A glyph's name that the Adobe glyph list has, or one that is a number: others may be words."""
    parts = name.partition(".")[0].split("_")
    return all(agl.toUnicode(part) or _COUNTED.fullmatch(part) for part in parts) or name == ".notdef"


def colours(inspector: Inspector, found: Any, depth: int) -> None:
    """A colour space: a device's name, or a list that begins with its family's."""
    if isinstance(found, pikepdf.Name):
        _DEVICE(inspector, found, depth)
        return
    if not isinstance(found, pikepdf.Array) or not len(found) or not isinstance(found[0], pikepdf.Name):
        raise Foreign("a colour space that is not known")
    family, rest = str(found[0]), list(found)[1:]
    checks = _FAMILIES.get(family)
    if checks is None or len(rest) != len(checks):
        raise Foreign("a colour space that is not known")
    for check, each in zip(checks, rest, strict=True):
        inspector.nested(check, each, depth)


def _procedures(inspector: Inspector, found: Any, depth: int) -> None:
    for name, glyph in found.items():
        if not _is_letter(name[1:]):
            raise Foreign("a letter's name that is not known")
        inspector.part("glyph", glyph, depth + 1)


def _bytes_only(inspector: Inspector, found: Any, __: int) -> None:
    inspector.plain(found)


def _profile(inspector: Inspector, found: Any, depth: int) -> None:
    inspector.part("profile", found, depth + 1)
    if not grammar.is_silent_profile(found.read_bytes()):
        raise Foreign("a colour profile with texts in it")


def _to_unicode(inspector: Inspector, found: Any, __: int) -> None:
    if not grammar.is_to_unicode(inspector.plain(found)):
        raise Foreign("a list of letters that is not known")


_COUNTED = re.compile(r"[A-Za-z]{1,5}\d{1,6}|u(ni)?[0-9A-F]{4,8}")
_NUMBERED = r"\d{1,6}"
_DEVICE = _name(r"/(DeviceGray|DeviceRGB|DeviceCMYK|Pattern)")
_INK = _name(r"/(All|None|Black|Cyan|Magenta|Yellow|Ink\d+)")
_CODING = _name(r"/(FlateDecode|DCTDecode|CCITTFaxDecode)")
_FILTER = _either(_CODING, _all(_CODING))


def _each(check: Check, names: str) -> dict[str, Check]:
    return dict.fromkeys(names.split(), check)


_FLATE: dict[str, Check] = {
    "/Filter": _name("/FlateDecode"),
    "/Length": _number,
    "/DecodeParms": _of("predictor"),
}
_FAMILIES: dict[str, tuple[Check, ...]] = {
    "/CalGray": (_of("calibration"),),
    "/CalRGB": (_of("calibration"),),
    "/Lab": (_of("calibration"),),
    "/ICCBased": (_profile,),
    "/Indexed": (colours, _number, _bytes_only),
    "/Separation": (_INK, colours, _of("function")),
    "/DeviceN": (_all(_INK), colours, _of("function")),
    "/Pattern": (colours,),
}
_FONT_NAME = _name(r"/[A-Za-z0-9+,._-]{1,80}")
_FUNCTIONS = _either(_of("function"), _all(_of("function")), _name("/Identity"))
_ENCODINGS = "/(WinAnsi|MacRoman|MacExpert|Standard)Encoding"
_RANGES = "/Domain /Range /Size /Encode /Decode /C0 /C1 /Bounds"
_FAX = "/K /Columns /Rows /EndOfLine /EncodedByteAlign /EndOfBlock /BlackIs1 /DamagedRowsBeforeError"
_METRICS = (
    "/Flags /ItalicAngle /Ascent /Descent /Leading /CapHeight /XHeight /StemV /StemH /AvgWidth /MaxWidth"
    " /MissingWidth /FontWeight"
)

_PAGE: dict[str, Check] = {
    "/Type": _name("/Page"),
    "/Parent": _anything_above,
    "/Resources": _of("resources"),
    "/Tabs": _name("/S"),
    "/Group": _of("group"),
    **_each(_numbers, "/MediaBox /StructParents /Rotate /UserUnit"),
}

KINDS: dict[str, dict[str, Check]] = {
    "page": {**_PAGE, "/Contents": _of("content")},
    "frame": {**_PAGE, "/Contents": _of("plain")},
    "plain": _FLATE,
    "resources": {
        "/Font": _named(rf"/(T{_NUMBERED}|F)", "font"),
        "/XObject": _named(rf"/([IX]{_NUMBERED}|P)", "drawing"),
        "/ExtGState": _named(rf"/G{_NUMBERED}", "state"),
        "/ColorSpace": _named(rf"/C{_NUMBERED}", "colours"),
        "/Pattern": _named(rf"/N{_NUMBERED}", "pattern"),
        "/Shading": _named(rf"/S{_NUMBERED}", "shading"),
    },
    "content": _FLATE,
    "group": {
        "/Type": _name("/Group"),
        "/S": _name("/Transparency"),
        "/CS": colours,
        **_each(_number, "/I /K"),
    },
    "form": {
        "/Type": _name("/XObject"),
        "/Subtype": _name("/Form"),
        "/Resources": _of("resources"),
        "/Group": _of("group"),
        **_each(_numbers, "/FormType /BBox /Matrix"),
        **_FLATE,
    },
    "image": {
        "/Type": _name("/XObject"),
        "/Subtype": _name("/Image"),
        "/ColorSpace": colours,
        "/Mask": _either(_numbers, _of("image")),
        "/SMask": _of("image"),
        "/Filter": _FILTER,
        "/DecodeParms": _either(_of("predictor"), _all(_of("predictor"))),
        **_each(_numbers, "/Width /Height /BitsPerComponent /Decode /ImageMask /Interpolate /Length /Matte"),
    },
    "predictor": _each(_number, f"/Predictor /Colors /BitsPerComponent /ColorTransform {_FAX}"),
    "state": {
        "/Type": _name("/ExtGState"),
        "/SMask": _name("/None"),
        "/BM": _name("/[A-Za-z]{3,10}"),
        **_each(_numbers, "/LW /LC /LJ /ML /OPM /FL /SM /CA /ca /OP /op /SA /AIS /TK /D"),
    },
    "calibration": _each(_numbers, "/WhitePoint /BlackPoint /Matrix /Range /Gamma"),
    "profile": {"/N": _number, "/Range": _numbers, "/Alternate": _DEVICE, **_FLATE},
    "function": {
        "/Functions": _all(_of("function")),
        **_each(_numbers, f"/FunctionType /BitsPerSample /Order /N {_RANGES}"),
        **_FLATE,
    },
    "shading": {
        "/ColorSpace": colours,
        "/Function": _FUNCTIONS,
        **_each(_numbers, "/ShadingType /Extend /AntiAlias /Background /BBox /Coords /Domain /Matrix"),
    },
    "pattern": {
        "/Type": _name("/Pattern"),
        "/Shading": _of("shading"),
        "/ExtGState": _of("state"),
        "/Resources": _of("resources"),
        **_each(_numbers, "/PatternType /PaintType /TilingType /BBox /XStep /YStep /Matrix"),
        **_FLATE,
    },
    "font": {
        "/Type": _name("/Font"),
        "/Subtype": _name("/(Type0|Type1|MMType1|TrueType|Type3|CIDFontType0|CIDFontType2)"),
        "/BaseFont": _FONT_NAME,
        "/FontDescriptor": _of("descriptor"),
        "/DescendantFonts": _all(_of("font")),
        "/Encoding": _either(_name(rf"/Identity-[HV]|{_ENCODINGS}"), _of("encoding")),
        "/ToUnicode": _to_unicode,
        "/CIDSystemInfo": _of("collection"),
        "/CIDToGIDMap": _either(_name("/Identity"), _bytes_only),
        "/CharProcs": _procedures,
        "/Resources": _of("resources"),
        **_each(_numbers, "/FirstChar /LastChar /Widths /DW /W /DW2 /W2 /FontBBox /FontMatrix"),
    },
    "glyph": _FLATE,
    "encoding": {
        "/Type": _name("/Encoding"),
        "/BaseEncoding": _name(_ENCODINGS),
        "/Differences": _differences,
    },
    "collection": {
        "/Registry": _text("Adobe"),
        "/Ordering": _text("Identity", "UCS", "Japan1", "GB1", "CNS1", "Korea1"),
        "/Supplement": _number,
    },
    "descriptor": {
        "/Type": _name("/FontDescriptor"),
        "/FontName": _FONT_NAME,
        "/FontBBox": _numbers,
        "/FontStretch": _name("/(Ultra|Extra|Semi)?(Condensed|Expanded)|/Normal"),
        **_each(_number, _METRICS),
        **_each(_of("program"), "/FontFile /FontFile2 /FontFile3"),
    },
    "program": {
        "/Subtype": _name("/(Type1C|CIDFontType0C|OpenType)"),
        **_each(_number, "/Length1 /Length2 /Length3"),
        **_FLATE,
    },
}
