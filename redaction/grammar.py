"""The few forms in which a rewritten page may draw: operators, strings and marked content, nothing between.

ISO 32000-1, annex A, lists the operators; those that can carry what nobody sees are not among these.
"""

import re
import struct

_N = rb"(?:-?\d+\.?\d*+|-?\.\d++)\s++"
_STRING = rb"<[0-9A-Fa-f]*+>\s*+"


def _times(count: int) -> bytes:
    return rb"(?:" + _N + rb"){%d}" % count


_OPERATORS = (
    rb"q|Q|h|S|s|f|f\*|B|B\*|b|b\*|n|W|W\*|BT|ET|EMC",
    _times(1) + rb"(?:w|J|j|M|i|g|G|Tc|Tw|Tz|Ts|TL)",
    rb"[012]\s++Tr",
    _times(2) + rb"(?:m|l)",
    _times(3) + rb"(?:rg|RG)",
    _times(4) + rb"(?:k|K|v|y|re)",
    _times(6) + rb"(?:cm|c|Tm)",
    rb"\[\s*+(?:" + _N.replace(rb"\s++", rb"(?:\s++|(?=\]))") + rb")*+\]\s*+" + _N + rb"d",
    rb"/(?:AbsoluteColorimetric|RelativeColorimetric|Saturation|Perceptual)\s++ri",
    rb"/G\d++\s++gs",
    rb"/(?:DeviceGray|DeviceRGB|DeviceCMYK|Pattern|C\d++)\s++(?:cs|CS)",
    rb"(?:" + _N + rb"){0,32}(?:/N\d++\s++)?(?:scn?|SCN?)",
    rb"/S\d++\s++sh",
    rb"/[IX]\d++\s++Do",
    rb"/T\d++\s++" + _N + rb"Tf",
    _STRING + rb"Tj",
    rb"\[\s*+(?:" + _STRING + rb"|" + _N.replace(rb"\s++", rb"\s*+") + rb")*+\]\s*+TJ",
    rb"/(?:P|H1|H2|Figure)\s++<<\s*+/MCID\s++\d++\s*+>>\s*+BDC|/Artifact\s++BMC",
)
_PAGE = re.compile(rb"\s*+(?:(?:" + rb"|".join(_OPERATORS) + rb")(?:\s++|$))*+")
_GLYPH = re.compile(
    rb"\s*+(?:"
    + _times(2)
    + rb"d0|"
    + _times(6)
    + rb"d1)\s++(?:(?:"
    + rb"|".join(_OPERATORS)
    + rb")(?:\s++|$))*+"
)
_TO_UNICODE = re.compile(
    rb"/CIDInit /ProcSet findresource begin 12 dict begin begincmap\s"
    rb"/CIDSystemInfo << /Registry \(Adobe\) /Ordering \(UCS\) /Supplement 0 >> def\s"
    rb"/CMapName /Adobe-Identity-UCS def /CMapType 2 def\s"
    rb"1 begincodespacerange (?:<00> <FF>|<0000> <FFFF>) endcodespacerange\s"
    rb"(?:\d+ beginbfchar\s(?:<[0-9A-Fa-f]{2,4}> <(?:[0-9A-Fa-f]{4})*>\s)+endbfchar\s)*"
    rb"endcmap CMapName currentdict /CMap defineresource pop end end\s*"
)
_CODE = re.compile(rb"<([0-9A-Fa-f]{2,4})> <([0-9A-Fa-f]*)>\s")
_JPEG_SEGMENTS = frozenset((0xC0, 0xC1, 0xC2, 0xC4, 0xDB, 0xDD, 0xDA))
_ICC_TEXTS = (b"desc", b"text", b"mluc", b"dict", b"meta")


def is_page(content: bytes) -> bool:
    """This will say whether a content stream has none but known operators, each with what it needs."""
    return _PAGE.fullmatch(content) is not None


def is_glyph(content: bytes) -> bool:
    """This will say the same of a drawn letter of a Type 3 font."""
    return _GLYPH.fullmatch(content) is not None


def has_text(content: bytes) -> bool:
    """This will say whether a content stream of this grammar shows text."""
    return re.search(rb"(?:^|\s)BT\s", content) is not None


def marked(content: bytes) -> list[int]:
    """This will give the marked-content numbers of a content stream, in order."""
    return [int(found[1]) for found in re.finditer(rb"/MCID\s++(\d++)", content)]


def is_to_unicode(content: bytes) -> bool:
    return _TO_UNICODE.fullmatch(content) is not None


def unicodes(content: bytes) -> dict[int, str]:
    """This will read a ToUnicode map of this grammar: codes and what they say."""
    pairs = _CODE.findall(content.partition(b"endcodespacerange")[2])
    return {
        int(code, 16): bytes.fromhex(text.decode()).decode("utf-16-be", "replace") for code, text in pairs
    }


def is_plain_jpeg(data: bytes) -> bool:
    """This will say whether a JPEG holds its picture only: no comment, no program's data, nothing behind."""
    if data[:2] != b"\xff\xd8":
        return False
    place = 2
    while place + 2 <= len(data) and data[place] == 0xFF:
        kind = data[place + 1]
        if kind == 0xD9:
            return place + 2 == len(data)
        if place + 4 > len(data):
            return False
        length = struct.unpack_from(">H", data, place + 2)[0]
        body = data[place + 4 : place + 2 + length]
        known = kind in _JPEG_SEGMENTS
        known |= kind == 0xE0 and body[:5] == b"JFIF\0" and len(body) == 14
        known |= kind == 0xEE and body[:5] == b"Adobe" and len(body) == 12
        if not known:
            return False
        place += 2 + length
        if kind == 0xDA:
            place = _scan_end(data, place)
    return False


def _scan_end(data: bytes, place: int) -> int:
    """Past the coded picture: to the next marker that is neither a stuffed byte nor a restart."""
    found = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]", re.DOTALL).search(data, place)
    return found.start() if found else len(data)


def is_silent_profile(data: bytes) -> bool:
    """This will say whether an ICC profile's texts are blank, and nothing stands between its tags."""
    if len(data) < 132 or data[36:40] != b"acsp":
        return False
    count = struct.unpack_from(">I", data, 128)[0]
    if not 0 < count <= 100 or len(data) < 132 + 12 * count:
        return False
    rest = bytearray(data)
    rest[: 132 + 12 * count] = bytes(132 + 12 * count)
    for index in range(count):
        place, length = struct.unpack_from(">II", data, 136 + 12 * index)
        if data[place : place + 4] in _ICC_TEXTS and data[place + 8 : place + length].strip(b"\0"):
            return False
        rest[place : place + length] = bytes(max(0, min(len(rest), place + length) - place))
    return not rest.strip(b"\0")
