"""Images: decoded, turned as their EXIF says, painted, and encoded anew from the pixels alone."""

import warnings
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

from PIL import Image, ImageOps

from redaction.marks import Marks
from redaction.report import MarkOutcome, MarksError, Refused, Report

MEDIUM = "image"
SUFFIXES = (".jpg", ".jpeg", ".png")
FORMATS = ("JPEG", "PNG")  # no other decoder is ever tried
MOST_PIXELS = 100_000_000
LARGEST_FILE = 256 * 1024 * 1024
LONGEST_SIDE = 30_000

Progress = Callable[[float, str], None]


def redact(source: Path, marks: Marks, target: Path, *, progress: Progress | None = None) -> Report:
    """This will write a JPEG or PNG, by ``target``'s suffix, in which every box is black.

    Boxes are pixels from the top left after EXIF orientation. A box with the extent "line" is as given: a
    picture has no lines that could be known.

    :raises MarksError: when a box leaves the picture.
    :raises Refused: when the picture is broken, animated or too large.
    """
    picture, warned = upright(source)
    rows = []
    for mark in marks.of("box"):
        if mark["rect"][2] > picture.width or mark["rect"][3] > picture.height:
            size = f"{picture.width} by {picture.height} pixels"
            raise MarksError(f"the box leaves the picture, which is {size}", mark_id=mark.id)
    for mark in marks.of("box"):
        picture.paste(0, outer(mark["rect"]))
        rows.append(MarkOutcome(mark.id, mark.kind, 1, 1))
    if progress is not None:
        progress(0.5, "painted")
    if target.suffix.lower() == ".png":
        picture.save(target, "PNG", compress_level=6)
    else:
        picture.save(target, "JPEG", quality=95, subsampling=0)
    if progress is not None:
        progress(1.0, "written")
    return Report(
        engine="redaction.engines.image 1",
        medium=MEDIUM,
        versions={"pillow": version("pillow")},
        marks=rows,
        details={"width": picture.width, "height": picture.height},
        warnings=warned,
    )


def upright(source: Path) -> tuple[Image.Image, list[str]]:
    """This will give the pixels as displayed (RGB or grey, on white) and words for what is left behind.

    :raises Refused: when there is no picture that can be read within the limits.
    """
    if source.stat().st_size > LARGEST_FILE:
        raise Refused(f"the picture is larger than {LARGEST_FILE >> 20} MiB")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the limits below stand in for Pillow's warning about bombs
            with Image.open(source, formats=FORMATS) as opened:
                if opened.width * opened.height > MOST_PIXELS or max(opened.size) > LONGEST_SIDE:
                    raise Refused(f"the picture has more than {MOST_PIXELS:,} pixels or is too long")
                if getattr(opened, "n_frames", 1) > 1 and opened.format == "PNG":
                    raise Refused("the picture is animated; hand it in as a video")
                left = ["removed: metadata"] if len(opened.getexif()) or opened.info else []
                opened.load()
                return _flat(ImageOps.exif_transpose(opened)), left
    except Refused:
        raise
    except Exception as error:  # decoders raise whatever a damaged file makes them trip over
        raise Refused(f"the picture is broken and cannot be read ({type(error).__name__})") from error


def outer(rect: tuple[float, float, float, float]) -> tuple[int, int, int, int]:
    """This will give the whole pixels that a box touches."""
    x0, y0, x1, y1 = rect
    return int(x0), int(y0), int(-(-x1 // 1)), int(-(-y1 // 1))


def _flat(picture: Image.Image) -> Image.Image:
    """New pixels without palette, transparency (which can hide a picture) or anything attached."""
    if picture.mode in ("I;16", "I", "F"):
        picture = picture.point(lambda value: value / 257).convert("L")
    if picture.mode in ("1", "L"):
        plain = picture.convert("L")
    elif picture.mode in ("LA", "PA", "P", "RGBA", "La", "RGBa") or "transparency" in picture.info:
        layered = picture.convert("RGBA")
        plain = Image.new("RGB", picture.size, (255, 255, 255))
        plain.paste(layered, mask=layered.getchannel("A"))
    else:
        plain = picture.convert("RGB")
    return Image.frombytes(plain.mode, plain.size, plain.tobytes())
