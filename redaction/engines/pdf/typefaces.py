"""What a page's fonts say: which codes a string holds, how wide each is, and what letter it stands for.

Only codings that leave no doubt are read: one byte a code, or Identity with two (ISO 32000-1, 9.6 and 9.7).
"""

import re
from dataclasses import dataclass, field
from typing import Any

import pikepdf
from fontTools import agl
from fontTools.encodings.StandardEncoding import StandardEncoding
from pdfminer.fontmetrics import FONT_METRICS
from pikepdf import Name

from redaction.engines.pdf.cleansing import is_number
from redaction.engines.pdf.layers import Unsure

ASCENT, DESCENT = 0.8, -0.22  # of the font size, where a font says nothing sane
FONT_FILES = ("/FontFile", "/FontFile2", "/FontFile3")
LONGEST = 6  # characters one code may stand for: a ligature, never a sentence

_GLYPH_NAME = re.compile(r"/[A-Za-z0-9._-]{1,40}")
_CMAP_PARTS = re.compile(
    rb"(beginbfchar|beginbfrange|endbfchar|endbfrange)|<([0-9A-Fa-f\s]*)>|(\[)|(\])|[^<\[\]b e]+|."
)
_CODECS = {"/WinAnsiEncoding": "cp1252", "/MacRomanEncoding": "mac_roman"}
_COLLECTIONS = ("Identity", "UCS", "Japan1", "GB1", "CNS1", "Korea1", "KR")


@dataclass
class Face:
    """One font. ``widths`` are in ems by code; ``names`` and ``letters`` by code as far as they are known."""

    number: int
    source: Any
    kind: str
    wide: bool = False
    widths: dict[int, float] = field(default_factory=dict)
    other_width: float = 0.0
    ascent: float = ASCENT
    descent: float = DESCENT
    names: dict[int, str] = field(default_factory=dict)
    letters: dict[int, str] = field(default_factory=dict)
    descriptor: Any = None
    file_key: str | None = None
    matrix: tuple[float, ...] = (0.001, 0, 0, 0.001, 0, 0)

    @property
    def name(self) -> str:
        return f"/T{self.number}"

    def codes(self, text: bytes) -> list[int]:
        """This will part a string into its codes.

        :raises Unsure: when half a code is left over.
        """
        if not self.wide:
            return list(text)
        if len(text) % 2:
            raise Unsure("a text with half a letter")
        return [text[i] << 8 | text[i + 1] for i in range(0, len(text), 2)]

    def width(self, code: int) -> float:
        return self.widths.get(code, self.other_width)


def open_face(found: Any, number: int) -> Face:
    """This will read a font.

    :raises Unsure: when its coding or its widths leave a doubt.
    """
    if not isinstance(found, pikepdf.Dictionary):
        raise Unsure("a text without a font")
    kind = str(found.get(Name.Subtype))
    face = Face(number, found, kind)
    if kind == "/Type0":
        _open_wide(face)
    elif kind in ("/Type1", "/MMType1", "/TrueType"):
        _open_simple(face)
    elif kind == "/Type3":
        _open_drawn(face)
    else:
        raise Unsure("a font of an unknown kind")
    _measure(face)
    if Name.ToUnicode in found:
        stream = found[Name.ToUnicode]
        if isinstance(stream, pikepdf.Stream):
            face.letters |= read_to_unicode(stream.read_bytes())
    return face


def _open_simple(face: Face) -> None:
    found = face.source
    face.descriptor = found.get(Name.FontDescriptor)
    _find_file(face)
    face.names = _names(found.get(Name.Encoding), embedded=face.file_key is not None)
    symbolic = bool(_flags(face.descriptor) & 4) and not face.names
    for code in range(256):
        name = face.names.get(code)
        if name is None and not symbolic and face.file_key is None and Name.Encoding not in found:
            name = StandardEncoding[code]
            face.names[code] = name
        if name and name != ".notdef":
            letters = agl.toUnicode(name)
            if letters:
                face.letters[code] = letters
    if isinstance(found.get(Name.Widths), pikepdf.Array):
        first = int(found.get(Name.FirstChar, 0))
        for place, width in enumerate(found[Name.Widths]):
            if is_number(width) and 0 <= first + place < 256:
                face.widths[first + place] = float(width) / 1000
        missing = face.descriptor.get("/MissingWidth", 0) if face.descriptor is not None else 0
        face.other_width = float(missing) / 1000 if is_number(missing) else 0.0
    else:
        _standard_widths(face)


def _standard_widths(face: Face) -> None:
    metrics = FONT_METRICS.get(str(face.source.get(Name.BaseFont, "")).lstrip("/"))
    if metrics is None or not face.letters:
        raise Unsure("a font without widths")
    by_letter = metrics[1]
    for code, letters in face.letters.items():
        if letters in by_letter:
            face.widths[code] = by_letter[letters] / 1000
    face.other_width = 0.6 if "Courier" in str(face.source.get(Name.BaseFont)) else 0.5


def _open_wide(face: Face) -> None:
    found = face.source
    if found.get(Name.Encoding) != Name("/Identity-H"):
        raise Unsure("a font with a coding that is not read here")
    descendants = found.get(Name.DescendantFonts)
    if not isinstance(descendants, pikepdf.Array) or len(descendants) != 1:
        raise Unsure("a font of an unknown form")
    below = descendants[0]
    face.wide, face.kind = True, str(below.get(Name.Subtype))
    if face.kind not in ("/CIDFontType0", "/CIDFontType2"):
        raise Unsure("a font of an unknown kind")
    face.descriptor = below.get(Name.FontDescriptor)
    _find_file(face)
    if face.file_key is None:
        raise Unsure("a font of many letters that is not in the file")
    plain = below.get("/CIDToGIDMap", Name.Identity)
    if plain != Name.Identity and not isinstance(plain, pikepdf.Stream):
        raise Unsure("a font of an unknown form")
    other = below.get("/DW", 1000)
    face.other_width = float(other) / 1000 if is_number(other) else 1.0
    _read_wide_widths(face, below.get("/W"))


def _read_wide_widths(face: Face, found: Any) -> None:
    items: list[Any] = list(found) if isinstance(found, pikepdf.Array) else []
    place = 0
    while place < len(items):
        first: Any = items[place]
        second: Any = items[place + 1] if place + 1 < len(items) else None
        if isinstance(second, pikepdf.Array):
            for offset, width in enumerate(second):
                face.widths[int(first) + offset] = float(width) / 1000
            place += 2
        elif is_number(second) and place + 2 < len(items) and 0 <= int(second) - int(first) < 65536:
            for code in range(int(first), int(second) + 1):
                face.widths[code] = float(items[place + 2]) / 1000
            place += 3
        else:
            raise Unsure("a font with widths of an unknown form")


def _open_drawn(face: Face) -> None:
    found = face.source
    matrix = [float(each) for each in found.get("/FontMatrix", ())]
    if len(matrix) != 6 or not isinstance(found.get("/CharProcs"), pikepdf.Dictionary):
        raise Unsure("a font of an unknown form")
    face.matrix = tuple(matrix)
    face.names = _names(found.get(Name.Encoding), embedded=True)
    first = int(found.get(Name.FirstChar, 0))
    for place, width in enumerate(found.get(Name.Widths, ())):
        face.widths[first + place] = float(width) * matrix[0]
    for code, name in face.names.items():
        letters = agl.toUnicode(name)
        if letters:
            face.letters[code] = letters
    box = [float(each) * matrix[3] for each in found.get("/FontBBox", ())]
    if len(box) == 4 and box[3] > box[1]:
        face.ascent, face.descent = max(box[1], box[3]), min(box[1], box[3])


def _names(encoding: Any, *, embedded: bool) -> dict[int, str]:
    """Glyph names by code, as far as the font's own dictionary gives them."""
    base: Any = encoding if isinstance(encoding, pikepdf.Name) else None
    if isinstance(encoding, pikepdf.Dictionary):
        base = encoding.get("/BaseEncoding")
    names: dict[int, str] = {}
    if str(base) in _CODECS:
        names = _codec_names(_CODECS[str(base)])
    elif str(base) == "/StandardEncoding" or (
        base is None and not embedded and isinstance(encoding, pikepdf.Dictionary)
    ):
        names = {code: name for code, name in enumerate(StandardEncoding) if name != ".notdef"}
    elif base is not None:
        raise Unsure("a font with a coding that is not read here")
    if isinstance(encoding, pikepdf.Dictionary):
        code = 0
        for item in encoding.get("/Differences", ()):
            if is_number(item):
                code = int(item)
                continue
            if not _GLYPH_NAME.fullmatch(str(item)):
                raise Unsure("a font whose letters have odd names")
            names[code] = str(item)[1:]
            code += 1
    return names


def _codec_names(codec: str) -> dict[int, str]:
    names = {}
    for code in range(32, 256):
        letter = bytes([code]).decode(codec, errors="ignore") or ("\u2022" if codec == "cp1252" else "")
        if letter:
            names[code] = agl.UV2AGL.get(ord(letter), f"uni{ord(letter):04X}")
    names[0xA0], names[0xAD] = names.get(0xA0, "space"), names.get(0xAD, "hyphen")
    return names


def _find_file(face: Face) -> None:
    if isinstance(face.descriptor, pikepdf.Dictionary):
        there = [key for key in FONT_FILES if isinstance(face.descriptor.get(key), pikepdf.Stream)]
        face.file_key = there[0] if there else None


def _flags(descriptor: Any) -> int:
    value = descriptor.get("/Flags", 0) if descriptor is not None else 0
    return int(value) if is_number(value) else 0


def _measure(face: Face) -> None:
    """Up and down of the letters; what fonts say is often nonsense."""
    if face.descriptor is None:
        return
    up, down = (face.descriptor.get(key, 0) for key in ("/Ascent", "/Descent"))
    if is_number(up) and 400 <= up <= 1300:
        face.ascent = float(up) / 1000
    if is_number(down) and 50 <= abs(down) <= 500:
        face.descent = -abs(float(down)) / 1000


def read_to_unicode(data: bytes) -> dict[int, str]:
    """This will read a ToUnicode map; what stands for more letters than a ligature has is left out."""
    letters: dict[int, str] = {}
    mode, items, inside = b"", list[bytes](), 0
    for match in _CMAP_PARTS.finditer(data):
        word, text, opens, closes = match.groups()
        if word:
            mode, items = (word, []) if word.startswith(b"begin") else (b"", [])
        elif not mode:
            continue
        elif opens:
            inside = len(items)
        elif closes:
            _listed(letters, items[:2], items[inside:])
            items = []
        elif text is not None:
            items.append(bytes.fromhex(re.sub(rb"\s", b"", text + b"0" * (len(text) % 2)).decode()))
            full = 2 if mode == b"beginbfchar" else 3
            if len(items) == full and not (mode == b"beginbfrange" and inside == 2):
                if full == 2:
                    _put(letters, int.from_bytes(items[0]), items[1])
                else:
                    _ranged(letters, *items)
                items = []
        if not items:
            inside = 0
    return letters


def _ranged(letters: dict[int, str], first: bytes, last: bytes, text: bytes) -> None:
    start, end = int.from_bytes(first), int.from_bytes(last)
    if not text or not 0 <= end - start < 65536:
        return
    for code in range(start, end + 1):
        tail = int.from_bytes(text[-2:]) + code - start
        _put(letters, code, text[:-2] + (tail & 0xFFFF).to_bytes(2))


def _listed(letters: dict[int, str], ends: list[bytes], texts: list[bytes]) -> None:
    if len(ends) == 2:
        for place, text in enumerate(texts):
            _put(letters, int.from_bytes(ends[0]) + place, text)


def _put(letters: dict[int, str], code: int, text: bytes) -> None:
    written = text.decode("utf-16-be", errors="ignore").replace("\0", "")
    if written and len(written) <= LONGEST:
        letters[code] = written


def collection(below: Any) -> str:
    """This will give the character collection of a wide font, if it is one of Adobe's."""
    info = below.get("/CIDSystemInfo")
    ordering = str(info.get("/Ordering", "")) if isinstance(info, pikepdf.Dictionary) else ""
    return ordering if ordering in _COLLECTIONS else "Identity"
