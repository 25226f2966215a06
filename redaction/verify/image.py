"""Checks a released image without Pillow: FFmpeg decodes the pixels, the bytes are walked by own parsers."""

from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

from redaction import sniff
from redaction.marks import Marks
from redaction.report import Finding, Report
from redaction.verify.picture_bytes import FAULTS

DARK = 48  # JPEG rings a little along the edge of a black box

_DEMUXERS = {
    "jpeg": "jpeg_pipe",
    "png": "png_pipe",
    "webp": "webp_pipe",
    "tiff": "tiff_pipe",
    "bmp": "bmp_pipe",
    "gif": "gif",
}


def verify(output: Path, source: Path, marks: Marks, report: Report) -> list[Finding]:
    """This will check that each box is black, the picture is whole, and nothing is attached to it."""
    findings = examine(output)
    frame = _decode(output)
    if frame is None:
        return [*findings, Finding("the picture cannot be decoded")]
    pixels = np.asarray(frame.to_ndarray(format="rgb24"), dtype=np.uint8)
    expected = report.details.get("width"), report.details.get("height")
    if None not in expected and expected != (pixels.shape[1], pixels.shape[0]):
        findings.append(Finding("the picture has another size than was written"))
    findings += _turned(pixels, source)
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
    """This will name metadata, thumbnails and loose bytes in a picture of any type that is released here."""
    kind = sniff.media_type(output).format
    if kind not in FAULTS:
        return [Finding(f"a picture of type {kind} is not released here: it holds more than pixels")]
    return [Finding(words) for words in FAULTS[kind](output.read_bytes())]


def _turned(pixels: NDArray[np.uint8], source: Path) -> list[Finding]:
    """Is the picture as large as FFmpeg shows the source? A box is measured on what is displayed."""
    if sniff.media_type(source).format not in _DEMUXERS:
        return []
    shown = _decode(source)
    if shown is None:
        return []
    size = (shown.height, shown.width)
    if (size if shown.rotation % 180 == 0 else size[::-1]) != pixels.shape[:2]:
        return [Finding("the picture does not have the size in which the source is displayed")]
    return []


def _decode(path: Path) -> av.VideoFrame | None:
    try:
        with av.open(
            f"file:{path.absolute()}",
            format=_DEMUXERS.get(sniff.media_type(path).format, "png_pipe"),
            options={"protocol_whitelist": "file"},
        ) as container:
            return next(iter(container.decode(video=0)), None)
    except (av.FFmpegError, ValueError, IndexError):
        return None
