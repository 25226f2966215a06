"""A page's pictures: copied without what hides in them, or painted where a black area lies over them."""

import base64
import copy
import io
import re
import zlib
from typing import Any

import numpy as np
import pikepdf
from numpy.typing import NDArray
from pikepdf import Dictionary, Name
from PIL import Image, JpegImagePlugin

from redaction import limits
from redaction.engines.pdf.cleansing import Copies, is_number, numbers
from redaction.engines.pdf.geometry import Box, Matrix, carry, inverse, is_straight
from redaction.engines.pdf.layers import Unsure

MOST_PIXELS = limits.IMAGE_PIXELS

_OUTER = ("/ASCII85Decode", "/ASCIIHexDecode", "/FlateDecode", "/A85", "/AHx", "/Fl")
_RAW = ("/FlateDecode", "/LZWDecode", "/RunLengthDecode", "/ASCII85Decode", "/ASCIIHexDecode")
_FAX_NUMBERS = ("/K", "/Columns", "/Rows", "/DamagedRowsBeforeError")
_FAX_FLAGS = ("/EndOfLine", "/EncodedByteAlign", "/EndOfBlock", "/BlackIs1")
_MARKER = re.compile(rb"\xff([^\x00\xd0-\xd7\xff])")

Spots = list[tuple[int, int, int, int]]


class Pictures:
    """Makes the new document's pictures, each source picture once as long as nothing is painted on it."""

    def __init__(self, copies: Copies) -> None:
        self._copies = copies
        self._whole: dict[tuple[int, int], Any] = {}

    def whole(self, found: Any) -> Any:
        """This will copy a picture.

        :raises Unsure: when its coding could carry more than what shows.
        """
        key = found.objgen
        if key == (0, 0) or key not in self._whole:
            made = self._make(found, [])
            if key == (0, 0):
                return made
            self._whole[key] = made
        return self._whole[key]

    def painted(self, found: Any, matrix: Matrix, areas: list[Box], keep: Box) -> Any:
        """This will copy a picture with the areas, and all outside of ``keep``, painted over.

        ``matrix`` carries the unit square to the page's space (ISO 32000-1, 8.9.5).
        """
        return self._make(found, self.spots(found, matrix, areas, keep))

    def spots(self, found: Any, matrix: Matrix, areas: list[Box], keep: Box) -> Spots:
        """This will give the columns and rows (x0, y0, x1, y1) of a picture that must be painted over."""
        undone = inverse(matrix)
        width, height = _side(found, "/Width"), _side(found, "/Height")
        if undone is None or not is_straight(matrix):
            raise Unsure("a slanted picture under a black area")
        spots: Spots = []
        for area in areas:
            u0, v0, u1, v1 = carry(undone, area)
            x0, x1 = (min(width, max(0, round_(u * width))) for u, round_ in ((u0, _floor), (u1, _ceil)))
            y0, y1 = (
                min(height, max(0, round_((1 - v) * height))) for v, round_ in ((v1, _floor), (v0, _ceil))
            )
            spots.append((x0, y0, x1, y1))
        u0, v0, u1, v1 = carry(undone, keep)
        left, right = max(0, _floor(u0 * width) - 2), min(width, _ceil(u1 * width) + 2)
        top, bottom = max(0, _floor((1 - v1) * height) - 2), min(height, _ceil((1 - v0) * height) + 2)
        spots += [
            (0, 0, left, height),
            (right, 0, width, height),
            (0, 0, width, top),
            (0, bottom, width, height),
        ]
        return [spot for spot in spots if spot[0] < spot[2] and spot[1] < spot[3]]

    def _make(self, found: Any, spots: Spots, *, mask: bool = False) -> Any:
        width, height = _side(found, "/Width"), _side(found, "/Height")
        if width * height > MOST_PIXELS:
            raise Unsure("a picture of too many pixels")
        entries: dict[str, Any] = {"/Type": Name.XObject, "/Subtype": Name.Image}
        entries |= {"/Width": width, "/Height": height}
        stencil = found.get("/ImageMask") is True
        if stencil:
            entries |= {"/ImageMask": True, "/BitsPerComponent": 1}
            if spots:
                raise Unsure("a stencil under a black area")
        elif "/ColorSpace" in found:
            entries["/ColorSpace"] = self._copies.colour_space(found["/ColorSpace"])
        if "/Decode" in found:
            entries["/Decode"] = numbers(found["/Decode"], most=64)
        if found.get("/Interpolate") is True:
            entries["/Interpolate"] = True
        bits = found.get("/BitsPerComponent", 1 if stencil else 8)
        if not is_number(bits) or bits not in (1, 2, 4, 8, 16):
            raise Unsure("a picture of an unknown form")
        entries["/BitsPerComponent"] = int(bits)
        if not mask:
            entries |= self._masks(found, spots)
        filters, parameters = _filters(found)
        last = filters[-1] if filters else ""
        if last == "/DCTDecode" and all(each in _OUTER for each in filters[:-1]):
            return self._jpeg(found, filters, entries, spots)
        if last == "/CCITTFaxDecode" and len(filters) == 1:
            return self._fax(found, parameters[0], entries, spots)
        if all(each in _RAW for each in filters):
            return self._plain(found, filters, entries, spots, fill=255 if mask else 0)
        raise Unsure(f"a picture coded as {last[1:40]}")

    def _masks(self, found: Any, spots: Spots) -> dict[str, Any]:
        entries = {}
        soft, hard = found.get("/SMask"), found.get("/Mask")
        if isinstance(soft, pikepdf.Stream):
            scaled = [_scaled(spot, found, soft) for spot in spots]
            entries["/SMask"] = self._make(soft, scaled, mask=True)
            if "/Matte" in soft:
                entries["/SMask"]["/Matte"] = numbers(soft["/Matte"], most=32)
        if isinstance(hard, pikepdf.Array):
            if spots:
                raise Unsure("a picture with a colour left out under a black area")
            entries["/Mask"] = numbers(hard, most=64)
        elif isinstance(hard, pikepdf.Stream):
            entries["/Mask"] = self._make(hard, [_scaled(spot, found, hard) for spot in spots], mask=True)
        return entries

    def _jpeg(self, found: Any, filters: list[str], entries: dict[str, Any], spots: Spots) -> Any:
        data = found.read_raw_bytes()
        for each in filters[:-1]:
            data = _peeled(data, each)
        clean = quiet_jpeg(data)
        if spots:
            clean = _painted_jpeg(clean, spots)
        elif len(filters) == 1 and len(clean) == len(data):
            return self._lazily(found, entries | {"/Filter": Name.DCTDecode})
        return self._copies.stream(clean, entries | {"/Filter": Name.DCTDecode})

    def _fax(self, found: Any, parameters: Any, entries: dict[str, Any], spots: Spots) -> Any:
        kept = Dictionary()
        for key in _FAX_NUMBERS:
            if is_number(parameters.get(key)):
                kept[key] = parameters[key]
        for key in _FAX_FLAGS:
            if isinstance(parameters.get(key), bool):
                kept[key] = parameters[key]
        if not spots:
            return self._lazily(found, entries | {"/Filter": Name.CCITTFaxDecode, "/DecodeParms": kept})
        if found.get("/ColorSpace") != Name.DeviceGray or "/Decode" in found:
            raise Unsure("a picture coded as CCITTFaxDecode in colours")
        picture = np.asarray(pikepdf.PdfImage(found).as_pil_image().convert("L")) > 127
        bits = np.packbits(_paint(picture.copy(), spots, False), axis=1)
        return self._copies.stream(bits.tobytes(), entries)

    def _plain(self, found: Any, filters: list[str], entries: dict[str, Any], spots: Spots, fill: int) -> Any:
        data = found.read_bytes()
        count = 1 if "/ColorSpace" not in entries else self._copies.components(entries["/ColorSpace"])
        depth = count * entries["/BitsPerComponent"]
        stride = (entries["/Width"] * depth + 7) // 8
        size = stride * entries["/Height"]
        if spots:
            rows = np.frombuffer(data[:size].ljust(size, b"\0"), np.uint8).reshape(-1, stride)
            if depth % 8:
                flat = np.unpackbits(rows, axis=1)
                flat = _paint(flat, [(a * depth, b, c * depth, d) for a, b, c, d in spots], 1 if fill else 0)
                rows = np.packbits(flat, axis=1)
            else:
                wide = depth // 8
                rows = _paint(rows.copy(), [(a * wide, b, c * wide, d) for a, b, c, d in spots], fill)
            data = rows.tobytes()
        elif len(data) == size and filters == ["/FlateDecode"] and _ends_cleanly(found.read_raw_bytes()):
            _, (parameters,) = _filters(found)
            kept = Dictionary()
            for key in ("/Predictor", "/Colors", "/BitsPerComponent", "/Columns"):
                if is_number(parameters.get(key)):
                    kept[key] = parameters[key]
            return self._lazily(found, entries | {"/Filter": Name.FlateDecode, "/DecodeParms": kept})
        return self._copies.stream(data[:size].ljust(size, b"\0"), entries)

    def _lazily(self, found: Any, entries: dict[str, Any]) -> Any:
        """The coded bytes stay in the source's file until the new document is written."""
        bare = copy.copy(found)
        for key in list(bare.keys()):
            if key != "/Length":
                del bare[key]
        made = self._copies.target.copy_foreign(bare)
        for key, value in entries.items():
            made[key] = value
        return made


def _ends_cleanly(data: bytes) -> bool:
    """Whether nothing stands behind deflated bytes."""
    worker = zlib.decompressobj()
    try:
        while data and not worker.eof:
            worker.decompress(data, 1 << 20)
            data = worker.unconsumed_tail
    except zlib.error:
        return False
    return worker.eof and not worker.unused_data.strip(b"\r\n")


def quiet_jpeg(data: bytes) -> bytes:
    """This will leave out of a JPEG what no decoder needs: Exif, comments, thumbnails, bytes after its end.

    :raises Unsure: when it does not read as a JPEG (ITU-T T.81, B.1).
    """
    if data[:2] != b"\xff\xd8":
        raise Unsure("a damaged picture")
    out, place = bytearray(data[:2]), 2
    while True:
        while data[place : place + 2] == b"\xff\xff":
            place += 1
        if place + 4 > len(data) or data[place] != 0xFF:
            raise Unsure("a damaged picture")
        marker, length = data[place + 1], int.from_bytes(data[place + 2 : place + 4])
        if marker == 0xD9:
            break
        segment = data[place : place + 2 + length]
        place += 2 + length
        if marker == 0xE0:
            if segment[4:9] == b"JFIF\0" and len(segment) >= 18:
                out += b"\xff\xe0\x00\x10" + segment[4:16] + b"\0\0"
        elif not (0xE1 <= marker <= 0xEF or marker == 0xFE) or (marker == 0xEE and segment[4:9] == b"Adobe"):
            out += segment
        if marker == 0xDA:
            end = _MARKER.search(data, place)
            if end is None:
                out += data[place:]
                break
            out += data[place : end.start()]
            place = end.start()
            if end[1] == b"\xd9":
                break
    return bytes(out) + b"\xff\xd9"


def _painted_jpeg(data: bytes, spots: Spots) -> bytes:
    try:
        with Image.open(io.BytesIO(data)) as opened:
            if not isinstance(opened, JpegImagePlugin.JpegImageFile) or opened.mode not in (
                "L",
                "RGB",
                "CMYK",
            ):
                raise Unsure("a picture of an unknown form")
            tables, sampling = opened.quantization, JpegImagePlugin.get_sampling(opened)
            picture = np.asarray(opened).copy()
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise Unsure("a damaged picture") from error
    buffer = io.BytesIO()
    options: dict[str, Any] = (
        {"qtables": tables} if all(len(each) == 64 for each in tables.values()) else {"quality": 95}
    )
    if picture.ndim == 3 and sampling in (0, 1, 2):
        options["subsampling"] = sampling
    Image.fromarray(_paint(picture, spots, 0)).save(buffer, "JPEG", **options)
    return quiet_jpeg(buffer.getvalue())


def _paint(picture: NDArray[Any], spots: Spots, fill: int | bool) -> NDArray[Any]:
    for x0, y0, x1, y1 in spots:
        picture[y0:y1, x0:x1] = fill
    return picture


def _peeled(data: bytes, outer: str) -> bytes:
    try:
        if outer in ("/FlateDecode", "/Fl"):
            return zlib.decompress(data)
        if outer in ("/ASCII85Decode", "/A85"):
            return base64.a85decode(re.sub(rb"\s", b"", data).removeprefix(b"<~").split(b"~")[0])
        return bytes.fromhex(re.sub(rb"[\s>]", b"", data).decode("ascii"))
    except (ValueError, zlib.error) as error:
        raise Unsure("a damaged picture") from error


def _filters(found: Any) -> tuple[list[str], list[Any]]:
    given, parameters = found.get("/Filter"), found.get("/DecodeParms")
    filters = (
        [str(each) for each in given] if isinstance(given, pikepdf.Array) else [str(given)] if given else []
    )
    rows = list(parameters) if isinstance(parameters, pikepdf.Array) else [parameters]
    kept = [each if isinstance(each, pikepdf.Dictionary) else Dictionary() for each in rows]
    return filters, (kept + [Dictionary()] * len(filters))[: max(1, len(filters))]


def _side(found: Any, key: str) -> int:
    value = found.get(key)
    if not is_number(value) or not 1 <= value <= 100_000:
        raise Unsure("a picture without a size")
    return int(value)


def _scaled(spot: tuple[int, int, int, int], found: Any, mask: Any) -> tuple[int, int, int, int]:
    across = _side(mask, "/Width") / _side(found, "/Width")
    down = _side(mask, "/Height") / _side(found, "/Height")
    x0, y0, x1, y1 = spot
    return _floor(x0 * across), _floor(y0 * down), _ceil(x1 * across), _ceil(y1 * down)


def _floor(value: float) -> int:
    return int(np.floor(value + 1e-6))


def _ceil(value: float) -> int:
    return int(np.ceil(value - 1e-6))
