"""What an embedded font tells of letters that are shown nowhere: widths, names, outlines.

Whoever takes letters off a page but leaves their outlines in the font says which letters were there
(the "font-subset channel").
"""

import io
import logging
import re
import unicodedata
from collections.abc import Iterable
from typing import Any

import pikepdf
from fontTools import agl
from fontTools.cffLib import CFFFontSet
from fontTools.encodings.MacRoman import MacRoman
from fontTools.encodings.StandardEncoding import StandardEncoding
from fontTools.misc import eexec
from fontTools.ttLib import TTFont, TTLibError

from redaction import grammar

LIE = "a font tells programs other letters than it shows"
EMPTY_PROGRAM = 8  # bytes of a CFF or Type 1 letter that sets a width and ends

logging.getLogger("fontTools").setLevel(logging.ERROR)  # it tells of every odd table

_UNREADABLE = (ValueError, TypeError, KeyError, AttributeError, IndexError, AssertionError, OverflowError)
_LONGEST_LIGATURE = 4
_TYPE1_GLYPH = re.compile(rb"/([^\s/(){}<>\[\]%]+)\s+(\d+)\s+(?:RD|-\|)\s")
_TYPE1_CODE = re.compile(rb"dup\s+(\d+)\s*/([^\s/]+)\s+put")


def lies(font: Any) -> bool:
    """This will say whether a font tells programs other letters than those it is drawn by.

    Only a font whose letters have names of their own (Adobe glyph list) can be asked; longer texts than a
    ligature has are never believed.
    """
    told = font.get("/ToUnicode")
    texts = grammar.unicodes(told.read_bytes()) if isinstance(told, pikepdf.Stream) else {}
    if any(len(text) > _LONGEST_LIGATURE for text in texts.values()):
        return True
    encoding = font.get("/Encoding")
    named = _differences(encoding) if isinstance(encoding, pikepdf.Dictionary) else {}
    base = encoding.get("/BaseEncoding") if isinstance(encoding, pikepdf.Dictionary) else encoding
    for code, text in texts.items():
        name = named.get(code)
        if (
            name is None
            and code < 256
            and base in (pikepdf.Name.WinAnsiEncoding, pikepdf.Name.MacRomanEncoding)
        ):
            name = _win_ansi(code) if base == pikepdf.Name.WinAnsiEncoding else MacRoman[code]
        drawn = agl.toUnicode(name) if name else ""
        if drawn and _plain(drawn) != _plain(text):
            return True
    return False


def _plain(text: str) -> str:
    """Letters without case, form and signs: a font may tell a hyphen for a dash, or small for capital."""
    folded = unicodedata.normalize("NFKD", text).casefold()
    return "".join(letter for letter in folded if letter.isalnum())


def tells(font: Any, codes: set[int]) -> str | None:
    """This will say which list of a font names codes that are not among ``codes``; None if none does."""
    below = _below(font)
    if _listed(below) - codes:
        return "a font gives the widths of letters that are not shown"
    encoding = font.get("/Encoding")
    if isinstance(encoding, pikepdf.Dictionary) and set(_differences(encoding)) - codes:
        return "a font names letters that are not shown"
    told = font.get("/ToUnicode")
    if isinstance(told, pikepdf.Stream) and set(grammar.unicodes(told.read_bytes())) - codes:
        return "a font lists letters that are not shown"
    drawn = font.get("/CharProcs")
    if isinstance(drawn, pikepdf.Dictionary) and isinstance(encoding, pikepdf.Dictionary):
        named = _differences(encoding)
        if {str(key) for key in drawn} - {f"/{named[code]}" for code in codes if code in named}:
            return "a font draws letters that are not shown"
    return None


def spare(font: Any, codes: set[int]) -> bool:
    """This will say whether the font's program draws letters other than those of ``codes``.

    A program that cannot be read counts as one that does.
    """
    below = _below(font)
    descriptor = below.get("/FontDescriptor")
    if not isinstance(descriptor, pikepdf.Dictionary):
        return False
    for key in ("/FontFile", "/FontFile2", "/FontFile3"):
        stream = descriptor.get(key)
        if isinstance(stream, pikepdf.Stream):
            try:
                return _spare(font, below, key, stream.read_bytes(), codes)
            except (*_UNREADABLE, TTLibError, pikepdf.PdfError):
                return True
    return False


def _spare(font: Any, below: Any, key: str, data: bytes, codes: set[int]) -> bool:
    if key == "/FontFile":
        return bool(_type1(data, _names(font, codes, _built_in(data))))
    if data[:4] in (b"\0\1\0\0", b"true", b"OTTO"):
        with TTFont(io.BytesIO(data), lazy=True) as program:
            if "glyf" in program:
                return bool(_outlines(program, _glyphs(font, below, program, codes)))
            table = program["CFF "].cff
            return bool(_compact(font, below, table, codes))
    table = CFFFontSet()
    table.decompile(io.BytesIO(data), None)
    return bool(_compact(font, below, table, codes))


def _below(font: Any) -> Any:
    descendants = font.get("/DescendantFonts")
    return descendants[0] if isinstance(descendants, pikepdf.Array) and len(descendants) else font


def _listed(font: Any) -> set[int]:
    """Codes with a width of their own."""
    found: set[int] = set()
    widths = font.get("/Widths")
    if isinstance(widths, pikepdf.Array):
        first = int(font.get("/FirstChar", 0))
        found |= {first + place for place, width in enumerate(widths) if width}
    for key, step in (("/W", 1), ("/W2", 3)):
        rows = list(font.get(key, ()))
        while len(rows) >= 2:
            if isinstance(rows[1], pikepdf.Array):
                found |= set(range(int(rows[0]), int(rows[0]) + len(rows[1]) // step))
                rows = rows[2:]
            else:
                found |= set(range(int(rows[0]), min(int(rows[1]), 0xFFFF) + 1))
                rows = rows[2 + step :]
    return found


def _differences(encoding: Any) -> dict[int, str]:
    named, code = {}, 0
    for item in encoding.get("/Differences", ()):
        if isinstance(item, pikepdf.Name):
            named[code] = str(item)[1:]
            code += 1
        else:
            code = int(item)
    return named


def _names(font: Any, codes: Iterable[int], built_in: dict[int, str]) -> set[str]:
    """Every name by which a reader could look up one of the codes."""
    encoding = font.get("/Encoding")
    named = _differences(encoding) if isinstance(encoding, pikepdf.Dictionary) else {}
    names = {".notdef"}
    for code in codes:
        ways = {built_in.get(code), named.get(code)}
        if code < 256:
            ways |= {StandardEncoding[code], MacRoman[code], _win_ansi(code)}
        names |= {way for way in ways if way}
    return names


def _win_ansi(code: int) -> str | None:
    name: str | None = agl.UV2AGL.get(ord(bytes([code]).decode("cp1252", errors="replace")))
    return name


def _glyphs(font: Any, below: Any, program: Any, codes: set[int]) -> set[int]:
    """Every glyph number that a reader could take for one of the codes."""
    if below is not font:
        plain = below.get("/CIDToGIDMap")
        if not isinstance(plain, pikepdf.Stream):
            return set(codes)
        table = plain.read_bytes()
        return {int.from_bytes(table[2 * code : 2 * code + 2]) for code in codes}
    names = _names(font, codes, {})
    wanted = {page + code for code in codes for page in (0, 0xF000, 0xF100, 0xF200)}
    wanted |= {ord(letter) for name in names for letter in agl.toUnicode(name)[:1]}
    order = {name: place for place, name in enumerate(program.getGlyphOrder())}
    found = {order[name] for name in names if name in order}
    for table in program["cmap"].tables if "cmap" in program else ():
        found |= {order[name] for code, name in table.cmap.items() if code in wanted and name in order}
    return found


def _outlines(program: Any, kept: set[int]) -> set[int]:
    """Numbers of drawn TrueType glyphs beside the kept ones and their parts."""
    places = program["loca"].locations
    kept, todo = {0}, [*kept, 0]
    while todo:
        number = todo.pop()
        if number >= len(places) - 1:
            continue
        kept.add(number)
        if places[number + 1] > places[number]:
            glyph = program["glyf"][program.getGlyphName(number)]
            parts = (
                (program.getGlyphID(part.glyphName) for part in glyph.components)
                if glyph.isComposite()
                else ()
            )
            todo += [part for part in parts if part not in kept]
    return {number for number in range(len(places) - 1) if places[number + 1] > places[number]} - kept


def _compact(font: Any, below: Any, table: Any, codes: set[int]) -> set[str]:
    top = table[0]
    letters, charset = top.CharStrings, top.charset
    if hasattr(top, "ROS"):
        kept = {".notdef", "cid00000", *(f"cid{code:05d}" for code in codes)}
    elif below is not font:
        kept = {charset[code] for code in codes if code < len(charset)} | {".notdef"}
    else:
        own = top.Encoding if isinstance(getattr(top, "Encoding", None), list) else []
        kept = _names(font, codes, dict(enumerate(own)))
    drawn = set()
    for name in charset:
        if name not in kept:
            program = letters[name]
            if len(program.bytecode or b"") > EMPTY_PROGRAM:
                drawn.add(name)
    return drawn


def _built_in(data: bytes) -> dict[int, str]:
    return {int(code): name.decode("latin-1") for code, name in _TYPE1_CODE.findall(data)}


def _type1(data: bytes, kept: set[str]) -> set[str]:
    """Names of drawn Type 1 glyphs beside the kept ones."""
    start = data.index(b"eexec") + 5
    body = data[start:].lstrip(b" \t\r\n")
    if re.fullmatch(rb"[0-9A-Fa-f\s]{8}", body[:8]):
        digits = re.sub(rb"\s", b"", body)
        body = bytes.fromhex(digits[: len(digits) // 2 * 2].decode("ascii", "ignore"))
    plain, _ = eexec.decrypt(body, 55665)
    drawn, place = set(), plain.index(b"/CharStrings")
    lead = re.search(rb"/lenIV\s+(-?\d+)", plain)
    least = EMPTY_PROGRAM + (int(lead[1]) if lead else 4)
    while found := _TYPE1_GLYPH.search(plain, place):
        size = int(found[2])
        place = found.end() + size
        name = found[1].decode("latin-1")
        if name not in kept and size > least:
            drawn.add(name)
    return drawn
