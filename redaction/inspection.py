"""Looking through the objects of rewritten pages, each once, for anything that is not a known part."""

import math
import re
import zlib
from typing import Any

import pikepdf
from pikepdf import Name

from redaction import grammar
from redaction.parts import DEEPEST, KINDS, Check, Foreign, colours

LARGEST = 512 << 20  # bytes a stream may unpack to

_CALCULATOR = re.compile(
    rb"(?:\s|[{}]|-?\d+\.?\d*|-?\.\d+|abs|add|atan|ceiling|cos|cvi|cvr|div|exp|floor|idiv|ln|log|mod|mul|neg"
    rb"|round|sin|sqrt|sub|truncate|and|bitshift|eq|false|ge|gt|le|lt|ne|not|or|true|xor|if|ifelse|copy|dup"
    rb"|exch|index|pop|roll)*+"
)
_PACKING = frozenset(("/Length", "/Filter", "/DecodeParms"))
_COMPONENTS = {"/DeviceGray": 1, "/DeviceRGB": 3, "/DeviceCMYK": 4, "/CalGray": 1, "/CalRGB": 3, "/Lab": 3}


class Inspection:
    """What was found clean stays known, so that a font of a thousand pages is looked at once."""

    def __init__(self) -> None:
        self._clean: set[tuple[str, tuple[int, int]]] = set()
        self._visited: set[tuple[str, tuple[int, int]]] = set()
        self.fonts: set[tuple[int, int]] = set()
        self.reached: set[tuple[int, int]] = set()

    def page(self, page: pikepdf.Page) -> str | None:
        """This will say what a rewritten page holds beyond its parts, or None; lists its fonts."""
        return self._whole("page", page)

    def frame(self, page: pikepdf.Page) -> str | None:
        """This will say the same of a page that is a picture, whose content has a grammar of its own."""
        return self._whole("frame", page)

    def _whole(self, kind: str, page: pikepdf.Page) -> str | None:
        self._visited, self.fonts = set(), set()
        try:
            self.part(kind, page.obj, 0)
        except Foreign as error:
            return str(error)
        except (
            pikepdf.PdfError,
            zlib.error,
            ValueError,
            TypeError,
            KeyError,
            AttributeError,
            RecursionError,
        ):
            return "an object that cannot be read"
        self._clean |= self._visited
        return None

    def part(self, kind: str, found: Any, depth: int) -> None:
        """This will pass when an object is a whole and known part.

        :raises Foreign: when it is not.
        """
        if depth > DEEPEST:
            raise Foreign("objects inside too many others")
        if kind == "drawing":
            kind = "image" if _is_stream(found) and found.get(Name.Subtype) == Name.Image else "form"
        if not isinstance(found, pikepdf.Object):
            raise Foreign("an entry that should be an object")
        key = kind, found.objgen
        if found.is_indirect:
            self.reached.add(found.objgen)
            if kind == "font":
                self.fonts.add(found.objgen)
            if key in self._visited or (key in self._clean and kind != "resources" and kind != "form"):
                return
            self._visited.add(key)
        if kind == "colours":
            colours(self, found, depth)
            return
        if not isinstance(found, pikepdf.Dictionary | pikepdf.Stream):
            raise Foreign("an entry that should be a dictionary")
        checks = KINDS[kind]
        for name, value in found.items():
            if name not in checks:
                raise Foreign(f"an entry that is not known: {_plain(name)}")
            checks[name](self, value, depth)
        self._content(kind, found)

    def nested(self, check: Check, found: Any, depth: int) -> None:
        if depth > DEEPEST:
            raise Foreign("objects inside too many others")
        check(self, found, depth + 1)

    def plain(self, found: Any) -> bytes:
        """This will give the bytes of a stream that says nothing but how it is packed.

        :raises Foreign: when it says more.
        """
        if not _is_stream(found) or set(found.keys()) - _PACKING:
            raise Foreign("an entry that should be plain data")
        self.reached.add(found.objgen)
        return unpacked(found)

    def _content(self, kind: str, found: Any) -> None:
        """The bytes of a stream must be of the form that its kind has."""
        if kind in ("content", "form", "glyph") or (kind == "pattern" and found.get("/PatternType") == 1):
            if not _is_stream(found):
                raise Foreign("content that is not in a stream")
            content = unpacked(found)
            if not (grammar.is_glyph(content) if kind == "glyph" else grammar.is_page(content)):
                raise Foreign("content in a form that is not known")
            if kind == "pattern" and grammar.has_text(content):
                raise Foreign("text in a pattern")
        elif kind == "image":
            _picture(found)
        elif kind == "function" and found.get("/FunctionType") in (0, 4):
            _function(found)


def unpacked(stream: Any) -> bytes:
    """This will unpack a stream that is deflated once, or not packed.

    :raises Foreign: when something stands behind its end.
    """
    raw: bytes = stream.read_raw_bytes()
    filters = stream.get("/Filter")
    if filters is None:
        return raw
    if isinstance(filters, pikepdf.Array):
        filters = filters[0] if len(filters) else None
    if filters != Name.FlateDecode:
        return raw
    worker = zlib.decompressobj()
    content = worker.decompress(raw, LARGEST)
    if not worker.eof or worker.unused_data.strip(b"\r\n"):
        raise Foreign("a stream with something behind its end")
    return content


def _picture(found: Any) -> None:
    if not _is_stream(found):
        raise Foreign("a picture that is not in a stream")
    content = unpacked(found)
    filters = found.get("/Filter")
    names = [str(each) for each in filters] if isinstance(filters, pikepdf.Array) else [str(filters)]
    if "/DCTDecode" in names:
        if names not in (["/DCTDecode"], ["/FlateDecode", "/DCTDecode"]) or not grammar.is_plain_jpeg(
            content
        ):
            raise Foreign("a picture with something beside its pixels")
        return
    if names == ["/CCITTFaxDecode"]:
        return
    width, height = int(found.Width), int(found.Height)
    stencil = bool(found.get("/ImageMask", False))
    colours_here = 1 if stencil else components(found.get("/ColorSpace"))
    bits = 1 if stencil else int(found.get("/BitsPerComponent", 8))
    row = math.ceil(width * colours_here * bits / 8)
    options = found.get("/DecodeParms")
    if isinstance(options, pikepdf.Array):
        options = options[0] if len(options) else None
    predictor = int(options.get("/Predictor", 1)) if isinstance(options, pikepdf.Dictionary) else 1
    if len(content) != height * (row + (predictor >= 10)):
        raise Foreign("a picture with something beside its pixels")


def components(space: Any) -> int:
    """This will give the number of components of a colour space.

    :raises Foreign: when it is not known.
    """
    if isinstance(space, pikepdf.Name):
        count = _COMPONENTS.get(str(space), 0)
    elif isinstance(space, pikepdf.Array):
        family = str(space[0])
        count = _COMPONENTS.get(family, 1 if family in ("/Indexed", "/Separation") else 0)
        count = int(space[1].N) if family == "/ICCBased" else count
        count = len(space[1]) if family == "/DeviceN" else count
    else:
        count = 0
    if not count:
        raise Foreign("a colour space that is not known")
    return count


def _function(found: Any) -> None:
    if not _is_stream(found):
        raise Foreign("a function that is not in a stream")
    content = unpacked(found)
    if found.FunctionType == 4:
        if not _CALCULATOR.fullmatch(content):
            raise Foreign("a function with unknown words")
        return
    samples = math.prod(int(each) for each in found.Size) * (len(found.Range) // 2)
    if len(content) > math.ceil(samples * int(found.BitsPerSample) / 8) + 1:
        raise Foreign("a function with something behind its numbers")


def _is_stream(found: Any) -> bool:
    return isinstance(found, pikepdf.Stream)


def _plain(name: str) -> str:
    """An entry's name may itself be a secret; the standard's own are short words."""
    return (
        name
        if re.fullmatch(r"/[A-Z][A-Za-z]{1,19}", name) and name in _NAMED
        else "one without a meaning here"
    )


_NAMED = frozenset(
    [
        "/ActualText",
        "/Alt",
        "/Metadata",
        "/PieceInfo",
        "/Thumb",
        "/Annots",
        "/AA",
        "/OC",
        "/OPI",
        "/Alternates",
        "/LastModified",
        "/Name",
        "/CharSet",
        "/CIDSet",
        "/SMask",
        "/Group",
        "/StructParent",
        "/StructParents",
        "/Properties",
        "/ProcSet",
        "/Font",
        "/TR",
        "/HT",
        "/Intent",
        "/AF",
    ]
)
