"""Font programs cut down to the glyphs that are still shown, without names, notices or ids.

A glyph that a release no longer shows would tell which letters stood under the black (the "font charset"
channel): its outline, width, name and code go. Glyph numbers stay, since codes in the pages mean them.
"""

import io
import struct
from collections.abc import Iterable

import numpy as np
from fontTools import cffLib, ttLib
from fontTools.encodings.StandardEncoding import StandardEncoding
from fontTools.misc import psCharStrings

from redaction.engines.pdf.layers import Unsure

STANDARD = StandardEncoding

_TABLES = ("glyf", "loca", "head", "hhea", "hmtx", "maxp", "cvt ", "fpgm", "prep", "cmap", "post", "CFF ")
_POINTS_ARE_WORDS, _HAS_SCALE, _MORE, _HAS_TWO, _HAS_FOUR = 1, 8, 32, 64, 128
_CFF_TEXTS = frozenset(
    {"version", "Notice", "Copyright", "FullName", "FamilyName", "Weight", "UniqueID", "XUID"}
    | {"PostScript", "BaseFontName", "BaseFontBlend"}
)


def tables(data: bytes) -> dict[str, bytes]:
    """This will part an sfnt into its tables.

    :raises Unsure: when it is none.
    """
    if data[:4] not in (b"\0\1\0\0", b"true", b"OTTO") or len(data) < 12:
        raise Unsure("a font program of an unknown form")
    found = {}
    for index in range(struct.unpack_from(">H", data, 4)[0]):
        if len(data) < 28 + 16 * index:
            raise Unsure("a font program that is cut short")
        tag, _, place, length = struct.unpack_from(">4sIII", data, 12 + 16 * index)
        found[tag.decode("latin-1")] = data[place : place + length]
    return found


def join(parts: dict[str, bytes], magic: bytes) -> bytes:
    """This will make an sfnt of tables."""
    names = sorted(parts)
    power = 1 << (len(names).bit_length() - 1)
    head = magic + struct.pack(
        ">HHHH", len(names), power * 16, power.bit_length() - 1, len(names) * 16 - power * 16
    )
    place, rows, body = 12 + 16 * len(names), [], []
    for name in names:
        data = parts[name]
        padded = data + bytes(-len(data) % 4)
        total = int(np.frombuffer(padded, ">u4").sum(dtype=np.uint64)) & 0xFFFFFFFF
        rows.append(struct.pack(">4sIII", name.encode("latin-1"), total, place, len(data)))
        body.append(padded)
        place += len(padded)
    return head + b"".join(rows) + b"".join(body)


def truetype(data: bytes, keep: set[int] | None, *, by_code: bool) -> bytes:
    """This will clean a TrueType or OpenType program; ``keep`` are glyph numbers, None keeps every outline.

    ``by_code`` says that codes are looked up in its cmap and names in its post table, so that they must stay.
    """
    try:
        return _truetype(data, keep, by_code)
    except Unsure:
        raise
    except Exception as error:  # fontTools and struct raise whatever a damaged font makes them trip over
        raise Unsure("a damaged font program") from error


def _truetype(data: bytes, keep: set[int] | None, by_code: bool) -> bytes:
    parts = {name: part for name, part in tables(data).items() if name in _TABLES}
    if not by_code:
        parts.pop("cmap", None)
        parts.pop("post", None)
    if "CFF " in parts:
        parts["CFF "] = cff(parts["CFF "], glyphs=keep)
    if keep is not None:
        count = struct.unpack_from(">H", parts["maxp"], 4)[0]
        keep = {number for number in keep | {0} if number < count}
        if "glyf" in parts:
            long = struct.unpack_from(">h", parts["head"], 50)[0] == 1
            places = np.frombuffer(parts["loca"], ">u4" if long else ">u2").astype(np.int64)
            places = places if long else places * 2
            keep = _with_components(parts["glyf"], places, keep)
            parts["glyf"], parts["loca"] = _emptied(parts["glyf"], places, keep, count)
            parts["head"] = parts["head"][:50] + struct.pack(">h", 1) + parts["head"][52:]
        if "hmtx" in parts:
            parts["hmtx"] = _narrowed(parts["hmtx"], struct.unpack_from(">H", parts["hhea"], 34)[0], keep)
        if "cmap" in parts:
            parts["cmap"] = _fewer_codes(data, keep)
        if "post" in parts:
            parts["post"] = _fewer_names(parts["post"], keep)
    return join(parts, data[:4])


def _with_components(
    outlines: bytes, places: "np.ndarray[tuple[int], np.dtype[np.int64]]", keep: set[int]
) -> set[int]:
    done: set[int] = set()
    left = list(keep)
    while left:
        number = left.pop()
        if number in done or number + 1 >= len(places):
            continue
        done.add(number)
        start, end = int(places[number]), int(places[number + 1])
        if end - start < 10 or struct.unpack_from(">h", outlines, start)[0] >= 0:
            continue
        place = start + 10
        while True:
            flags, part = struct.unpack_from(">HH", outlines, place)
            left.append(part)
            place += 4 + (4 if flags & _POINTS_ARE_WORDS else 2)
            place += 2 if flags & _HAS_SCALE else 4 if flags & _HAS_TWO else 8 if flags & _HAS_FOUR else 0
            if not flags & _MORE:
                break
    return done


def _emptied(
    outlines: bytes, places: "np.ndarray[tuple[int], np.dtype[np.int64]]", keep: set[int], count: int
) -> tuple[bytes, bytes]:
    body, starts = bytearray(), [0]
    for number in range(count):
        if number in keep and number + 1 < len(places):
            body += outlines[int(places[number]) : int(places[number + 1])]
            body += bytes(-len(body) % 4)
        starts.append(len(body))
    return bytes(body) or b"\0", struct.pack(f">{len(starts)}I", *starts)


def _narrowed(metrics: bytes, count: int, keep: set[int]) -> bytes:
    out = bytearray(metrics)
    for number in range((len(metrics) - 4 * count) // 2 + count):
        if number in keep:
            continue
        if number < count - 1:
            out[4 * number : 4 * number + 4] = bytes(4)
        elif number >= count:
            out[2 * count + 2 * number : 2 * count + 2 * number + 2] = bytes(2)
    return bytes(out)


def _fewer_codes(data: bytes, keep: set[int]) -> bytes:
    font = ttLib.TTFont(io.BytesIO(data), lazy=True)
    order = font.getGlyphOrder()
    kept = {order[number] for number in keep if number < len(order)}
    table = font["cmap"]
    table.tables = [each for each in table.tables if each.format in (0, 4, 6, 12)]
    for each in table.tables:
        each.cmap = {code: name for code, name in each.cmap.items() if name in kept}
    table.tables = [each for each in table.tables if each.cmap]
    return bytes(table.compile(font))


def _fewer_names(post: bytes, keep: set[int]) -> bytes:
    if post[:4] != b"\0\2\0\0":
        return post[:32]
    count = struct.unpack_from(">H", post, 32)[0]
    indices = struct.unpack_from(f">{count}H", post, 34)
    strings, place = [], 34 + 2 * count
    while place < len(post):
        strings.append(post[place : place + 1 + post[place]])
        place += 1 + post[place]
    kept, body = [], list[bytes]()
    for number, index in enumerate(indices):
        if number not in keep or index - 258 >= len(strings):
            kept.append(0)
        elif index < 258:
            kept.append(index)
        else:
            kept.append(258 + len(body))
            body.append(strings[index - 258])
    return post[:32] + struct.pack(f">{count + 1}H", count, *kept) + b"".join(body)


def looked_up(data: bytes, codes: set[int], names: set[str]) -> set[int]:
    """This will give the glyph numbers that any of a program's own tables has for some codes or names.

    :raises Unsure: when the program is damaged.
    """
    try:
        font = ttLib.TTFont(io.BytesIO(data), lazy=True)
        order = {name: number for number, name in enumerate(font.getGlyphOrder())}
        found = {order[name] for name in names if name in order}
        if "cmap" in font:
            for table in font["cmap"].tables:
                found |= {order[table.cmap[code]] for code in codes if code in getattr(table, "cmap", {})}
    except Exception as error:  # fontTools raises whatever a damaged font makes it trip over
        raise Unsure("a damaged font program") from error
    return found


def cff_built_in(data: bytes, codes: set[int]) -> set[str]:
    """This will give the names that a CFF program itself gives to codes."""
    fonts = cffLib.CFFFontSet()
    fonts.decompile(io.BytesIO(data), None)
    encoding = getattr(fonts.topDictIndex[0], "Encoding", "StandardEncoding")
    listed = encoding if isinstance(encoding, list) else StandardEncoding
    return {listed[code] for code in codes}


def cff(
    data: bytes, *, glyphs: set[int] | None = None, names: Iterable[str] | None = None, cids: bool = False
) -> bytes:
    """This will clean a bare CFF program and empty every glyph that is not kept.

    Kept are glyph numbers, or names; with ``cids`` the numbers are CIDs where the program is keyed by them.
    """
    try:
        return _cff(data, glyphs, None if names is None else set(names), cids)
    except Exception as error:  # fontTools raises whatever a damaged font makes it trip over
        raise Unsure("a damaged font program") from error


def _cff(data: bytes, glyphs: set[int] | None, names: set[str] | None, cids: bool) -> bytes:
    fonts = cffLib.CFFFontSet()
    fonts.decompile(io.BytesIO(data), None)
    top = fonts.topDictIndex[0]
    order = top.charset
    keyed = hasattr(top, "ROS")
    strings = top.CharStrings
    if glyphs is not None or names is not None:
        kept = {".notdef", order[0]} | (names or set())
        for number in glyphs or ():
            if keyed and cids:
                kept.add(f"cid{number:05d}")
            elif number < len(order):
                kept.add(order[number])
        kept |= {part for name in kept & set(order) for part in _accented(strings[name])}
        fonts.desubroutinize()
        _empty(top, kept, keyed)
    for key in _CFF_TEXTS:
        top.rawDict.pop(key, None)
        top.__dict__.pop(key, None)
    fonts.fontNames = ["Daylight"]
    buffer = io.BytesIO()
    fonts.compile(buffer, None)
    return buffer.getvalue()


def _empty(top: cffLib.TopDict, kept: set[str], keyed: bool) -> None:
    strings, order = top.CharStrings, list(top.charset)
    for name in order:
        if name not in kept:
            glyph = strings[name]
            glyph.program, glyph.bytecode = ["endchar"], None
    if keyed:
        return
    encoding = getattr(top, "Encoding", None)
    if isinstance(encoding, list):
        top.Encoding = [name if name in kept else ".notdef" for name in encoding]
    renamed = [name if name in kept else f"gone{place}" for place, name in enumerate(order)]
    charstrings = {new: strings.charStrings[old] for new, old in zip(renamed, order, strict=True)}
    strings.charStrings = charstrings
    top.charset = renamed


def _accented(glyph: psCharStrings.T2CharString) -> list[str]:
    """The parts of an accented letter made by the old four-number ``endchar``."""
    glyph.decompile()
    program = glyph.program
    if len(program) >= 5 and program[-1] == "endchar" and all(isinstance(n, int) for n in program[-5:-1]):
        return [StandardEncoding[program[-3]], StandardEncoding[program[-2]]]
    return []
