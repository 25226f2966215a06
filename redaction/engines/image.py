"""Images: decoded, turned as their EXIF says, painted, and encoded anew from the pixels alone."""

from collections.abc import Callable, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from PIL import Image

from redaction.engines.image_source import upright
from redaction.marks import Mark, Marks
from redaction.report import MarkOutcome, MarksError, Refused, Report

__all__ = ["MEDIUM", "SUFFIXES", "redact", "upright"]

MEDIUM = "image"
SUFFIXES = (".jpg", ".jpeg", ".png", ".webp", ".tif", ".tiff", ".bmp", ".gif")

_FORMATS = {".jpg": "JPEG", ".jpeg": "JPEG", ".tif": "TIFF", ".tiff": "TIFF"}
_OPTIONS: dict[str, dict[str, int | str]] = {
    "JPEG": {"quality": 95, "subsampling": 0},
    "PNG": {"compress_level": 6},
    "WEBP": {"quality": 92, "method": 4},
    "TIFF": {"compression": "tiff_adobe_deflate"},
}
_LONGEST = {"JPEG": 65_500, "WEBP": 16_383, "GIF": 65_535}  # pixels a side
_BLACK = 255  # the palette's last colour in a GIF

Progress = Callable[[float, str], None]
Box = tuple[int, int, int, int]


def redact(source: Path, marks: Marks, target: Path, *, progress: Progress | None = None) -> Report:
    """This will write a picture, of the type ``target``'s suffix names, in which every box is black.

    Boxes are pixels from the top left after EXIF orientation. A box with the extent "line" is as given: a
    picture has no lines that could be known.

    :raises MarksError: when a box leaves the picture.
    :raises Refused: when the picture is broken, animated or too large.
    """
    suffix = target.suffix.lower()
    kind = _FORMATS.get(suffix, suffix[1:].upper())
    picture, warned = upright(source)
    for mark in marks.of("box"):
        if mark["rect"][2] > picture.width or mark["rect"][3] > picture.height:
            size = f"{picture.width} by {picture.height} pixels"
            raise MarksError(f"the box leaves the picture, which is {size}", mark_id=mark.id)
    if max(picture.size) > _LONGEST.get(kind, max(picture.size)):
        raise Refused(f"a {kind} picture is at most {_LONGEST[kind]:,} pixels a side; choose .png")
    boxes = [outer(mark["rect"], shared=kind == "WEBP") for mark in marks.of("box")]
    for box in boxes:
        picture.paste(0, box)
    if progress is not None:
        progress(0.5, "painted")
    if kind == "GIF":
        picture = _of_few_colours(picture, boxes)
    picture.save(target, kind, **_OPTIONS.get(kind, {}))
    if progress is not None:
        progress(1.0, "written")
    return Report(
        engine="redaction.engines.image 2",
        medium=MEDIUM,
        versions=_versions(),
        marks=[_outcome(mark) for mark in marks.of("box")],
        details={"width": picture.width, "height": picture.height},
        warnings=warned,
    )


def outer(rect: tuple[float, float, float, float], *, shared: bool = False) -> Box:
    """This will give the whole pixels that a box touches.

    ``shared``: of a format that stores colour for two by two pixels. Decoders smooth it, so two more are
    painted on each side, or the neighbours' colour would tinge the box.
    """
    x0, y0, x1, y1 = rect
    box = int(x0), int(y0), int(-(-x1 // 1)), int(-(-y1 // 1))
    if not shared:
        return box
    left, top = (max(0, low // 2 * 2 - 2) for low in box[:2])
    right, bottom = (-(-high // 2) * 2 + 2 for high in box[2:])
    return left, top, right, bottom


def _of_few_colours(picture: Image.Image, boxes: Sequence[Box]) -> Image.Image:
    """A palette made from the painted pixels, without the dither that would carry colours into a box."""
    few = picture.convert("RGB").quantize(_BLACK, dither=Image.Dither.NONE)
    colours = few.getpalette() or []
    few.putpalette([*colours[: 3 * _BLACK], *bytes(3 * _BLACK - len(colours[: 3 * _BLACK])), 0, 0, 0])
    for box in boxes:
        few.paste(_BLACK, box)
    few.info = {}
    return few


def _outcome(mark: Mark) -> MarkOutcome:
    return MarkOutcome(mark.id, mark.kind, 1, 1)


def _versions() -> dict[str, str]:
    found = {"pillow": version("pillow")}
    try:
        found["pi-heif"] = version("pi-heif")
    except PackageNotFoundError:
        return found
    return found
