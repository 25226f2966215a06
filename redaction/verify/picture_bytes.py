"""What may be in the bytes of a released picture: its pixels and how to read them; all else is named."""

import struct
from collections.abc import Callable, Iterator, Mapping

_PNG_CHUNKS = {b"IHDR", b"IDAT", b"IEND"}
_JPEG_SEGMENTS = {0xC0, 0xC1, 0xC2, 0xC4, 0xDA, 0xDB, 0xDD, 0xE0}
_WEBP_CHUNKS = {b"VP8 ", b"VP8L"}

# TIFF 6.0: what a plain picture needs, without names, dates, profiles or further directories
_TIFF_TAGS = {254, 256, 257, 258, 259, 262, 266, 273, 274, 277, 278, 279, 282, 283, 284, 296, 317, 339}
_TIFF_SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8}
_STRIPS, _STRIP_SIZES = 273, 279


def _png_faults(content: bytes) -> Iterator[str]:
    place = 8
    while place + 12 <= len(content):
        (length,), name = struct.unpack_from(">I", content, place), content[place + 4 : place + 8]
        if name not in _PNG_CHUNKS:
            yield f"a chunk {name.decode('latin-1')!r} beside the pixels"
        place += 12 + length
        if name == b"IEND":
            break
    if place != len(content):
        yield "bytes after the end of the picture"


def _jpeg_faults(content: bytes) -> Iterator[str]:
    place = 2
    while place + 4 <= len(content):
        if content[place] != 0xFF:
            yield "bytes that belong to no segment"
            return
        kind, length = content[place + 1], int.from_bytes(content[place + 2 : place + 4], "big")
        if kind not in _JPEG_SEGMENTS:
            yield f"a segment {kind:02X} beside the pixels"
        if kind == 0xE0 and not _is_plain_jfif(content[place + 4 : place + 2 + length]):
            yield "a JFIF segment with more than the picture's density"
        place += 2 + length
        if kind == 0xDA:
            place = _scan_end(content, place)
            if content[place : place + 2] == b"\xff\xd9":
                if place + 2 != len(content):
                    yield "bytes after the end of the picture"
                return
    yield "no end of the picture"


def _is_plain_jfif(body: bytes) -> bool:
    return body[:5] == b"JFIF\x00" and len(body) == 14 and body[12:14] == b"\x00\x00"


def _scan_end(content: bytes, place: int) -> int:
    """Entropy-coded data ends at the first FF that is neither stuffed nor a restart."""
    while (place := content.find(b"\xff", place)) >= 0 and place + 1 < len(content):
        if content[place + 1] != 0 and not 0xD0 <= content[place + 1] <= 0xD7:
            return place
        place += 2
    return len(content)


def _webp_faults(content: bytes) -> Iterator[str]:
    place, end = 12, 8 + struct.unpack_from("<I", content, 4)[0]
    while place + 8 <= min(end, len(content)):
        name, length = struct.unpack_from("<4sI", content, place)
        if name not in _WEBP_CHUNKS:
            yield f"a chunk {name.decode('latin-1')!r} beside the pixels"
        place += 8 + length + length % 2
    if place != end or end != len(content):
        yield "bytes after the end of the picture"


def _bmp_faults(content: bytes) -> Iterator[str]:
    try:
        start, header, width, height, _, depth, coding = struct.unpack_from("<IIiiHHI", content, 10)
        colours = struct.unpack_from("<I", content, 46)[0]
    except struct.error:
        yield "the picture's header is broken"
        return
    if header != 40 or coding != 0:
        yield "a header with more than the picture's size"
        return
    palette = 4 * (colours or (1 << depth if depth <= 8 else 0))
    if start != 14 + header + palette:
        yield "bytes between the header and the pixels"
    if start + (width * depth + 31) // 32 * 4 * abs(height) != len(content):
        yield "bytes after the end of the picture"


def _tiff_faults(content: bytes) -> Iterator[str]:
    order = "<" if content[:2] == b"II" else ">"
    try:
        at = struct.unpack_from(f"{order}I", content, 4)[0]
        count = struct.unpack_from(f"{order}H", content, at)[0]
        used = [(0, 8), (at, at + 6 + 12 * count)]
        strips: dict[int, list[int]] = {}
        for number in range(count):
            entry = at + 2 + 12 * number
            tag, kind, values = struct.unpack_from(f"{order}HHI", content, entry)
            if tag not in _TIFF_TAGS:
                yield f"a field {tag} beside the pixels"
            size = _TIFF_SIZES.get(kind, 1) * values
            place = entry + 8 if size <= 4 else struct.unpack_from(f"{order}I", content, entry + 8)[0]
            if size > 4:
                used.append((place, place + size))
            if tag in (_STRIPS, _STRIP_SIZES) and kind in (3, 4):
                letter = "H" if kind == 3 else "I"
                strips[tag] = list(struct.unpack_from(f"{order}{values}{letter}", content, place))
        following = struct.unpack_from(f"{order}I", content, at + 2 + 12 * count)[0]
    except struct.error:
        yield "the picture's directory is broken"
        return
    if following:
        yield "a second page or thumbnail"
    starts, sizes = strips.get(_STRIPS, []), strips.get(_STRIP_SIZES, [])
    used += [(start, start + size) for start, size in zip(starts, sizes, strict=False)]
    at = 0
    for first, last in sorted(used):
        if any(content[at:first]):
            yield "bytes that belong to no part of the picture"
            break
        at = max(at, last)
    if any(content[at:]) or at > len(content):
        yield "bytes after the end of the picture"


def _gif_faults(content: bytes) -> Iterator[str]:
    """GIF89a: one picture; a graphic control without delay is the only extension that passes."""
    if len(content) < 13:
        yield "no end of the picture"
        return
    place, pictures = 13 + _table(content[10]), 0
    while place < len(content):
        kind = content[place]
        if kind == 0x3B:
            if place + 1 != len(content):
                yield "bytes after the end of the picture"
            if pictures != 1:
                yield f"{pictures} pictures, only one may pass"
            return
        if kind == 0x2C and place + 10 < len(content):
            pictures += 1
            place = _blocks_end(content, place + 11 + _table(content[place + 9]))
        elif kind == 0x21 and place + 2 < len(content):
            if content[place + 1] != 0xF9:
                yield f"an extension {content[place + 1]:02X} beside the pixels"
            place = _blocks_end(content, place + 2)
        else:
            yield "bytes that belong to no part of the picture"
            return
    yield "no end of the picture"


def _table(flags: int) -> int:
    return 3 << (flags & 7) + 1 if flags & 0x80 else 0


def _blocks_end(content: bytes, place: int) -> int:
    while place < len(content) and content[place]:
        place += 1 + content[place]
    return place + 1


FAULTS: Mapping[str, Callable[[bytes], Iterator[str]]] = {
    "jpeg": _jpeg_faults,
    "png": _png_faults,
    "webp": _webp_faults,
    "bmp": _bmp_faults,
    "tiff": _tiff_faults,
    "gif": _gif_faults,
}
