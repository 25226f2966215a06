"""Small harms to a good file: bits and lengths, pieces moved, text and numbers a parser may trip over."""

import random
import struct
import zipfile
import zlib
from collections.abc import Callable
from io import BytesIO

_NUMBERS = (0, 1, 0x7F, 0x80, 0xFF, 0x7FFF, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, 1 << 48)
_WORDS = (
    b"\x00", b"\xff\xfe", b"%s%n", b"-1", b"1e309", b"NaN", b"Infinity", b"9" * 400, b'"', b"\n", b"\r",
    b"<!DOCTYPE a [<!ENTITY b 'c'>]>", b"&b;", b"]]>", b"../../../etc/passwd", b"file:///etc/passwd",
    b"=HYPERLINK(1)", b"\xe2\x80\xae", b"[" * 2000, b"(" * 2000, b"<<" * 2000, b"{" * 2000, b"0 0 R",
    b"ffconcat version 1.0\nfile /etc/passwd\n", b"#EXTM3U\n", b"%PDF-1.7\n", b"moov", b"dref", b"elst",
    b"/Type", b",,,,", b"\x00\x00\x01",
)  # fmt: skip
_TOKENS = (
    b"/Length",
    b"/Kids",
    b"/Parent",
    b"/Count",
    b"/Filter",
    b"/W",
    b"/Index",
    b"obj",
    b"stream",
    b"mdat",
    b"stco",
)

Harm = Callable[[random.Random, bytearray], None]


def mutated(draw: random.Random, content: bytes) -> bytes:
    """This will give the content with one to eight harms, sometimes inside a ZIP member or a PDF stream."""
    if draw.random() < 0.5:
        inner = (
            _inside_archive if content[:2] == b"PK" else _inside_stream if content[:5] == b"%PDF-" else None
        )
        changed = inner(draw, content) if inner is not None else None
        if changed is not None:
            return changed
    data = bytearray(content)
    for _ in range(draw.choice((1, 1, 2, 3, 8))):
        if data:
            draw.choice(_HARMS)(draw, data)
    return bytes(data)


def _place(draw: random.Random, data: bytearray) -> int:
    """Heads and tails hold the structure, so they are hit as often as everything between."""
    where = draw.random()
    edge = min(len(data), 512)
    if where < 0.4:
        return draw.randrange(edge)
    return len(data) - 1 - draw.randrange(edge) if where < 0.6 else draw.randrange(len(data))


def _flip(draw: random.Random, data: bytearray) -> None:
    data[_place(draw, data)] ^= 1 << draw.randrange(8)


def _number(draw: random.Random, data: bytearray) -> None:
    form = draw.choice((">I", "<I", ">H", "<H", ">Q", "B"))
    number = draw.choice(_NUMBERS) & (1 << 8 * struct.calcsize(form)) - 1
    place = _place(draw, data)
    data[place : place + struct.calcsize(form)] = struct.pack(form, number)


def _word(draw: random.Random, data: bytearray) -> None:
    place = _place(draw, data)
    data[place:place] = draw.choice(_WORDS)


def _cut(draw: random.Random, data: bytearray) -> None:
    place = _place(draw, data)
    del data[place : place + draw.choice((1, 4, 64, 4096))]


def _end(draw: random.Random, data: bytearray) -> None:
    del data[draw.randrange(len(data)) :]


def _repeat(draw: random.Random, data: bytearray) -> None:
    start, length = _place(draw, data), draw.choice((4, 64, 1024))
    data[start:start] = data[start : start + length] * draw.choice((1, 2, 50))


def _swap(draw: random.Random, data: bytearray) -> None:
    one, other, length = _place(draw, data), _place(draw, data), draw.choice((1, 8, 188))
    data[one : one + length], data[other : other + length] = (
        data[other : other + length],
        data[one : one + length],
    )


def _digits(draw: random.Random, data: bytearray) -> None:
    """Numbers written out: of a page, a column, a coordinate, a time."""
    places = [place for place in range(len(data)) if 0x30 <= data[place] <= 0x39]
    if places:
        place = draw.choice(places)
        data[place : place + 1] = draw.choice((b"0", b"-1", b"99999999999", b"1e400", b".", b"x", b"9" * 30))


def _token(draw: random.Random, data: bytearray) -> None:
    present = [token for token in _TOKENS if token in data]
    if present:
        token = draw.choice(present)
        place = data.index(token, draw.choice((0, max(0, data.rindex(token)))))
        data[place : place + len(token)] = draw.choice(_TOKENS)


_HARMS: tuple[Harm, ...] = (_flip, _number, _word, _cut, _end, _repeat, _swap, _digits, _token)


def _inside_archive(draw: random.Random, content: bytes) -> bytes | None:
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            parts = {info.filename: archive.read(info) for info in archive.infolist()}
    except (zipfile.BadZipFile, ValueError, zlib.error, OSError):
        return None
    name = draw.choice(list(parts))
    part = bytearray(parts[name])
    for _ in range(draw.choice((1, 2, 4))):
        if part:
            draw.choice(_HARMS)(draw, part)
    made = BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for each, body in parts.items():
            archive.writestr(each, bytes(part) if each == name else body)
    return made.getvalue()


def _inside_stream(draw: random.Random, content: bytes) -> bytes | None:
    """What a stream unpacks to is harmed, and packed again in its place when it fits."""
    starts = [place for place in range(len(content)) if content.startswith(b"stream\n", place)]
    if not starts:
        return None
    start = draw.choice(starts) + len(b"stream\n")
    end = content.find(b"endstream", start)
    if end < 0:
        return None
    raw = content[start:end]
    try:
        inner, packed = bytearray(zlib.decompress(raw)), True
    except zlib.error:
        inner, packed = bytearray(raw), False
    if inner:
        draw.choice(_HARMS)(draw, inner)
    return content[:start] + (zlib.compress(bytes(inner)) if packed else bytes(inner)) + content[end:]
