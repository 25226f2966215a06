"""Pictures of many kinds, with known content, some built byte by byte."""

import base64
import random
import struct
from pathlib import Path

from PIL import Image, ImageCms, ImageDraw

CORNER = (200, 40, 40)  # top left
REST = (40, 90, 200)

# a_flag() as one HEVC picture: the decoder's record and the slice
_RECORD = base64.b64decode(
    "AQFgAAAAkAAAAAAAHvAA/P34+AAADwOgAAEAGEABDAH//wFgAAADAJAAAAMAAAMAHpWYCaEAAQAoQgEBAWAAAAMAkAAAAwAAAwAe"
    "oCCDFllZrkyuaAgAAAMACAAAAwDIQKIAAQAGRAHBcaES"
)
_PICTURE = base64.b64decode("AAAANSgBrwvgKvX/4Tb/93bZd073Cfm9CEuwriiMi5VGKHhQevFa05AndhE03uCG/+DD3vL+CBP4")


def a_flag(width: int = 64, height: int = 48) -> Image.Image:
    """A blue picture whose upper left quarter is red."""
    picture = Image.new("RGB", (width, height), REST)
    picture.paste(CORNER, (0, 0, width // 2, height // 2))
    return picture


def a_profile_that_swaps_red_and_green() -> bytes:
    """sRGB with the colours of two channels exchanged and another name."""
    content = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    places = {}
    for number in range(struct.unpack_from(">I", content, 128)[0]):
        at = 132 + 12 * number
        places[bytes(content[at : at + 4])] = at
    red, green = places[b"rXYZ"], places[b"gXYZ"]
    content[red : red + 4], content[green : green + 4] = b"gXYZ", b"rXYZ"
    return bytes(content).replace("sRGB".encode("utf-16-be"), "SECR".encode("utf-16-be"))


def a_heic(path: Path, *, turns: int = 0, copies: int = 1, exif: bytes = b"") -> Path:
    """A HEIC file (ISO/IEC 23008-12) with ``copies`` pictures, displayed after quarter turns to the left."""
    items = [(number + 1, b"hvc1", _PICTURE) for number in range(copies)]
    if exif:
        items.append((copies + 1, b"Exif", struct.pack(">I", 0) + exif))
    infe = b"".join(
        _full(b"infe", 2, struct.pack(">HH4s", number, 0, kind) + b"\0") for number, kind, _ in items
    )
    properties = [
        _box(b"hvcC", _RECORD),
        _full(b"ispe", 0, struct.pack(">II", 64, 48)),
        _box(b"irot", bytes([turns])),
    ]
    rows = b"".join(struct.pack(">HBBBB", number + 1, 3, 0x81, 2, 0x83) for number in range(copies))
    iprp = _box(
        b"iprp",
        _box(b"ipco", b"".join(properties)) + _full(b"ipma", 0, struct.pack(">I", copies) + rows),
    )
    iref = _full(b"iref", 0, _box(b"cdsc", struct.pack(">HHH", copies + 1, 1, 1))) if exif else b""

    def meta(start: int) -> bytes:
        places, at = b"", start
        for number, _, content in items:
            places += struct.pack(">HHHII", number, 0, 1, at, len(content))
            at += len(content)
        return _full(
            b"meta",
            0,
            _full(b"hdlr", 0, struct.pack(">I4s12x", 0, b"pict") + b"\0")
            + _full(b"pitm", 0, struct.pack(">H", 1))
            + _full(b"iloc", 0, struct.pack(">BBH", 0x44, 0, len(items)) + places)
            + _full(b"iinf", 0, struct.pack(">H", len(items)) + infe)
            + iprp
            + iref,
        )

    head = _box(b"ftyp", b"heic" + bytes(4) + b"mif1heic")
    start = len(head) + len(meta(0)) + 8
    path.write_bytes(head + meta(start) + _box(b"mdat", b"".join(content for _, _, content in items)))
    return path


def _box(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I4s", len(content) + 8, kind) + content


def _full(kind: bytes, version: int, content: bytes) -> bytes:
    return _box(kind, struct.pack(">I", version << 24) + content)


def a_scene(seed: int = 1, size: int = 240) -> Image.Image:
    """A picture of random blocks, large enough to survive being made small."""
    drawn = random.Random(seed)  # noqa: S311  no secret: the same picture every time
    picture = Image.new("RGB", (size, size), "white")
    pen = ImageDraw.Draw(picture)
    for _ in range(60):
        x, y = drawn.randrange(size), drawn.randrange(size)
        pen.rectangle(
            (x, y, x + size // 5, y + size // 5), fill=tuple(drawn.randrange(256) for _ in range(3))
        )
    return picture
