"""The fonts of a new document: opened when a page first uses them, written when it is known what is shown.

A font's dictionary is made anew and lists only the codes that are on released pages.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any

import pikepdf
from fontTools import agl
from pikepdf import Array, Dictionary, Name, String

from redaction.engines.pdf import fontfiles, glyphdrawings, type1files, typefaces
from redaction.engines.pdf.cleansing import is_number
from redaction.engines.pdf.layers import Unsure
from redaction.engines.pdf.typefaces import Face

_PLAIN_NAME = re.compile(r"/[A-Za-z0-9+,._-]{1,63}")
_MEASURES = frozenset(
    {"/Flags", "/ItalicAngle", "/Ascent", "/Descent", "/Leading", "/CapHeight", "/XHeight"}
    | {"/StemV", "/StemH", "/MissingWidth"}
)
_STANDARD_ENCODINGS = ("/WinAnsiEncoding", "/MacRomanEncoding", "/StandardEncoding")


class Faces:
    """All fonts of one document, by the source's object."""

    def __init__(self, target: pikepdf.Pdf) -> None:
        self.target = target
        self.all: list[Face] = []
        self._by_object: dict[object, Face | Unsure] = {}
        self._placeholders: dict[int, Any] = {}
        self._cleaned: dict[tuple[object, object], Any] = {}

    def open(self, found: Any) -> Face:
        """This will read a font once; a font that is not understood raises each time it is asked for."""
        if not isinstance(found, pikepdf.Dictionary):
            raise Unsure("a text without a font")
        key: object = found.objgen if found.is_indirect else found.unparse()
        if key not in self._by_object:
            try:
                face = typefaces.open_face(found, len(self.all))
                self.all.append(face)
                self._by_object[key] = face
            except Unsure as doubt:
                self._by_object[key] = doubt
            except (ValueError, TypeError, KeyError, AttributeError, IndexError, pikepdf.PdfError):
                self._by_object[key] = Unsure("a damaged font")
        known = self._by_object[key]
        if isinstance(known, Unsure):
            raise Unsure(str(known))
        return known

    def place(self, face: Face) -> Any:
        """This will give the font's object in the new document; ``write`` fills it."""
        if face.number not in self._placeholders:
            self._placeholders[face.number] = self.target.make_indirect(Dictionary(Type=Name.Font))
        return self._placeholders[face.number]

    def write(
        self, used: Mapping[int, set[int]], gone: Mapping[int, set[int]], *, partial: bool
    ) -> dict[int, str]:
        """This will fill every font with what is used of it; gives the fonts that cannot be written, and why.

        ``used`` and ``gone`` are codes by font number; ``partial`` says that pages of the source are not in
        the new document as text, so that any font may hold letters which are shown nowhere.
        """
        failed = {}
        for number, codes in sorted(used.items()):
            face = self.all[number]
            prune = partial or bool(gone.get(number, set()) - codes)
            try:
                made = self._written(face, codes, prune)
            except Unsure as doubt:
                failed[number] = str(doubt)
                continue
            except (ValueError, TypeError, KeyError, AttributeError, IndexError, pikepdf.PdfError):
                failed[number] = "a damaged font"
                continue
            there = self.place(face)
            for key in list(there.keys()):
                if key != "/Type":
                    del there[key]
            for key, value in made.items():
                there[key] = value
        return failed

    def unreadable(self, used: Mapping[int, set[int]]) -> dict[int, str]:
        """This will say which fonts keep a document from PDF/UA, and why."""
        reasons = {}
        for number, codes in used.items():
            face = self.all[number]
            if face.file_key is None and face.kind != "/Type3":
                reasons[number] = "a font is not embedded"
            elif any(code not in face.letters for code in codes):
                reasons[number] = "a font does not say which letters it shows"
        return reasons

    def _written(self, face: Face, codes: set[int], prune: bool) -> dict[str, Any]:
        if face.kind == "/Type3":
            return self._drawn(face, codes)
        return self._wide(face, codes, prune) if face.wide else self._simple(face, codes, prune)

    def _simple(self, face: Face, codes: set[int], prune: bool) -> dict[str, Any]:
        found = face.source
        made: dict[str, Any] = {"/Subtype": Name.Type1 if face.kind == "/MMType1" else Name(face.kind)}
        made["/BaseFont"] = _plain_name(found.get(Name.BaseFont), face)
        if isinstance(found.get(Name.Widths), pikepdf.Array):
            made |= _widths(face, codes, 1000)
        encoding = _encoding(found.get(Name.Encoding), codes)
        if encoding is not None:
            made["/Encoding"] = encoding
        if isinstance(face.descriptor, pikepdf.Dictionary):
            made["/FontDescriptor"] = self._descriptor(face, codes, prune)
        return made | self._to_unicode(face, codes)

    def _wide(self, face: Face, codes: set[int], prune: bool) -> dict[str, Any]:
        below = face.source[Name.DescendantFonts][0]
        name = _plain_name(face.source.get(Name.BaseFont), face)
        listed = Array()
        for code in sorted(codes):
            listed.append(code)
            listed.append(Array([_width(face, code, 1000)]))
        descendant = Dictionary(
            Type=Name.Font,
            Subtype=Name(face.kind),
            BaseFont=name,
            CIDSystemInfo=Dictionary(
                Registry=String("Adobe"), Ordering=String(typefaces.collection(below)), Supplement=0
            ),
            FontDescriptor=self._descriptor(face, codes, prune),
            DW=0,
            W=listed,
        )
        if face.kind == "/CIDFontType2":
            plain = below.get("/CIDToGIDMap", Name.Identity)
            descendant["/CIDToGIDMap"] = Name.Identity
            if isinstance(plain, pikepdf.Stream):
                descendant["/CIDToGIDMap"] = pikepdf.Stream(
                    self.target, _fewer_numbers(plain.read_bytes(), codes)
                )
        made: dict[str, Any] = {"/Subtype": Name.Type0, "/BaseFont": name, "/Encoding": Name("/Identity-H")}
        made["/DescendantFonts"] = Array([self.target.make_indirect(descendant)])
        return made | self._to_unicode(face, codes)

    def _drawn(self, face: Face, codes: set[int]) -> dict[str, Any]:
        found = face.source
        drawings, names = Dictionary(), dict[int, str]()
        for code in sorted(codes):
            name = face.names.get(code)
            drawing = found["/CharProcs"].get(f"/{name}") if name else None
            if name is not None and isinstance(drawing, pikepdf.Stream):
                names[code] = name
                if f"/{name}" not in drawings:
                    drawings[f"/{name}"] = pikepdf.Stream(self.target, glyphdrawings.clean(drawing))
        made: dict[str, Any] = {"/Subtype": Name.Type3, "/FontMatrix": Array([float(n) for n in face.matrix])}
        made["/FontBBox"] = Array([float(each) for each in found["/FontBBox"]])
        made["/CharProcs"], made["/Resources"] = drawings, Dictionary()
        made["/Encoding"] = Dictionary(Differences=_differences(names))
        made |= _widths(face, codes, 1 / face.matrix[0])
        return made | self._to_unicode(face, codes)

    def _descriptor(self, face: Face, codes: set[int], prune: bool) -> Any:
        found = face.descriptor
        entries: dict[str, Any] = {"/Type": Name.FontDescriptor}
        entries["/FontName"] = _plain_name(found.get("/FontName"), face)
        entries |= {key: found[key] for key in sorted(_MEASURES) if is_number(found.get(key))}
        box = found.get("/FontBBox")
        if isinstance(box, pikepdf.Array) and len(box) == 4 and all(is_number(each) for each in box):
            entries["/FontBBox"] = Array(list(box))
        if face.file_key is not None:
            key = found[face.file_key].objgen, frozenset(codes) if prune else None
            if key not in self._cleaned:
                self._cleaned[key] = self._program(face, codes if prune else None)
            entries[face.file_key] = self._cleaned[key]
        return self.target.make_indirect(Dictionary(entries))

    def _program(self, face: Face, codes: set[int] | None) -> Any:
        stream = face.descriptor[face.file_key]
        data, entries = stream.read_bytes(), dict[str, Any]()
        if face.file_key == "/FontFile":
            first, second = int(stream.get("/Length1", 0)), int(stream.get("/Length2", 0))
            if codes is not None and any(code not in face.names for code in codes):
                names: Iterable[str] | None = {*_built_in(data, codes), *_names(face, codes)}
            else:
                names = None if codes is None else _names(face, codes)
            data, first, second = type1files.cut(data, first, second, names)
            entries = {"/Length1": first, "/Length2": second, "/Length3": 0}
        elif data[:4] in (b"\0\1\0\0", b"true", b"OTTO"):
            glyphs = None if codes is None else _glyphs(face, codes, data)
            data = fontfiles.truetype(data, glyphs, by_code=not face.wide)
            entries = (
                {"/Length1": len(data)} if face.file_key == "/FontFile2" else {"/Subtype": Name.OpenType}
            )
        elif face.file_key == "/FontFile3":
            data = self._compact(face, codes, data)
            entries = {"/Subtype": Name.CIDFontType0C if face.wide else Name.Type1C}
        else:
            raise Unsure("a font program of an unknown form")
        made = pikepdf.Stream(self.target, data)
        for key, value in entries.items():
            made[key] = value
        return made

    def _compact(self, face: Face, codes: set[int] | None, data: bytes) -> bytes:
        if codes is None:
            return fontfiles.cff(data)
        if face.wide:
            return fontfiles.cff(data, glyphs=codes, cids=True)
        names = _names(face, codes)
        if any(code not in face.names for code in codes):
            names |= fontfiles.cff_built_in(data, codes)
        return fontfiles.cff(data, names=names)

    def _to_unicode(self, face: Face, codes: set[int]) -> dict[str, Any]:
        rows = [(code, face.letters[code]) for code in sorted(codes) if code in face.letters]
        if not rows:
            return {}
        return {"/ToUnicode": pikepdf.Stream(self.target, to_unicode(rows, wide=face.wide))}


def to_unicode(rows: list[tuple[int, str]], *, wide: bool) -> bytes:
    """This will write a ToUnicode map of (code, letters) rows."""
    digits = 4 if wide else 2
    lines = [
        "/CIDInit /ProcSet findresource begin 12 dict begin begincmap",
        "/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def",
        "/CMapName /Adobe-Identity-UCS def /CMapType 2 def",
        f"1 begincodespacerange <{'0' * digits}> <{'F' * digits}> endcodespacerange",
    ]
    for start in range(0, len(rows), 100):
        part = rows[start : start + 100]
        lines.append(f"{len(part)} beginbfchar")
        lines += [f"<{code:0{digits}X}> <{text.encode('utf-16-be').hex().upper()}>" for code, text in part]
        lines.append("endbfchar")
    lines.append("endcmap CMapName currentdict /CMap defineresource pop end end")
    return "\n".join(lines).encode("ascii")


def _names(face: Face, codes: set[int]) -> set[str]:
    return {face.names[code] for code in codes if code in face.names}


def _built_in(data: bytes, codes: set[int]) -> set[str]:
    """Names that a Type 1 program itself gives to codes: its own list, or the standard one."""
    own = {int(code): name.decode("latin-1") for code, name in type1files.CODE.findall(data)}
    return {own.get(code, fontfiles.STANDARD[code]) for code in codes}


def _glyphs(face: Face, codes: set[int], data: bytes) -> set[int]:
    """Every glyph number that a reader could take for a used code; there are several ways to look it up."""
    if face.wide:
        plain = face.source[Name.DescendantFonts][0].get("/CIDToGIDMap")
        if not isinstance(plain, pikepdf.Stream):
            return set(codes)
        table = plain.read_bytes()
        return {int.from_bytes(table[2 * code : 2 * code + 2]) for code in codes}
    letters = {code: agl.toUnicode(name) for code, name in face.names.items()}
    wanted = {code: {code, 0xF000 + code, 0xF100 + code, 0xF200 + code} for code in codes}
    for code in codes:
        wanted[code] |= {ord(letter) for letter in letters.get(code, "")[:1]}
    return fontfiles.looked_up(data, set().union(*wanted.values()), _names(face, codes))


def _fewer_numbers(table: bytes, codes: set[int]) -> bytes:
    out = bytearray(2 * (max(codes) + 1))
    for code in codes:
        out[2 * code : 2 * code + 2] = table[2 * code : 2 * code + 2].ljust(2, b"\0")
    return bytes(out)


def _plain_name(found: Any, face: Face) -> Name:
    name = str(found) if isinstance(found, pikepdf.Name) else ""
    return Name(name) if _PLAIN_NAME.fullmatch(name) else Name(f"/Daylight{face.number}")


def _width(face: Face, code: int, scale: float) -> float | int:
    width = round(face.width(code) * scale, 4)
    return int(width) if width == int(width) else width


def _widths(face: Face, codes: set[int], scale: float) -> dict[str, Any]:
    first, last = min(codes), max(codes)
    row = [_width(face, code, scale) if code in codes else 0 for code in range(first, last + 1)]
    return {"/FirstChar": first, "/LastChar": last, "/Widths": Array(row)}


def _encoding(found: Any, codes: set[int]) -> Any:
    if isinstance(found, pikepdf.Name):
        return Name(str(found)) if str(found) in _STANDARD_ENCODINGS else None
    if not isinstance(found, pikepdf.Dictionary):
        return None
    made = Dictionary(Type=Name.Encoding)
    if str(found.get("/BaseEncoding")) in _STANDARD_ENCODINGS:
        made["/BaseEncoding"] = Name(str(found["/BaseEncoding"]))
    named, code = {}, 0
    for item in found.get("/Differences", ()):
        if is_number(item):
            code = int(item)
            continue
        if code in codes:
            named[code] = str(item)[1:]
        code += 1
    made["/Differences"] = _differences(named)
    return made


def _differences(names: Mapping[int, str]) -> Array:
    row = Array()
    before = None
    for code, name in sorted(names.items()):
        if before is None or code != before + 1:
            row.append(code)
        row.append(Name(f"/{name}"))
        before = code
    return row
