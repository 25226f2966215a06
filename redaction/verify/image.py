"""Checks a released image without Pillow: FFmpeg decodes the pixels, the segments are walked here."""

import struct
from collections.abc import Iterator
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

from redaction import sniff
from redaction.marks import Marks
from redaction.report import Finding, Report

DARK = 48  # JPEG rings a little along the edge of a black box

_PNG_CHUNKS = {b"IHDR", b"IDAT", b"IEND"}
_JPEG_SEGMENTS = {0xC0, 0xC1, 0xC2, 0xC4, 0xDA, 0xDB, 0xDD, 0xE0}


def verify(output: Path, source: Path, marks: Marks, report: Report) -> list[Finding]:
    """This will check that each box is black, the picture is whole, and nothing is attached to it."""
    findings = examine(output)
    pixels = _decode(output)
    if pixels is None:
        return [*findings, Finding("the picture cannot be decoded")]
    expected = report.details.get("width"), report.details.get("height")
    if None not in expected and expected != (pixels.shape[1], pixels.shape[0]):
        findings.append(Finding("the picture has another size than was written"))
    for mark in marks.of("box"):
        x0, y0, x1, y1 = mark["rect"]
        area = pixels[int(y0) : int(np.ceil(y1)), int(x0) : int(np.ceil(x1))]
        inside = y1 <= pixels.shape[0] and x1 <= pixels.shape[1]
        if not inside or area.size == 0 or int(area.max()) > DARK:
            findings.append(Finding("the box is not black", mark_id=mark.id, place=source.name))
        else:
            report.outcome(mark.id).verified = 1
    return findings


def examine(output: Path) -> list[Finding]:
    """This will name metadata, thumbnails and trailing bytes in any JPEG or PNG."""
    content = output.read_bytes()
    if sniff.media_type(output).format == "png":
        return [Finding(words) for words in _png_faults(content)]
    return [Finding(words) for words in _jpeg_faults(content)]


def _decode(path: Path) -> NDArray[np.uint8] | None:
    try:
        with av.open(str(path.absolute()), options={"protocol_whitelist": "file"}) as container:
            for frame in container.decode(video=0):
                return frame.to_ndarray(format="rgb24").astype(np.uint8)
    except (av.FFmpegError, ValueError, IndexError):
        return None
    return None


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
