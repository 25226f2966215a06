"""A picture of one page or moment for staff, with the marks as outlines. For eyes, never for release."""

import io
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw, ImageOps

from redaction import sniff
from redaction.engines import office
from redaction.engines.media.painting import is_shown, rect_at
from redaction.marks import Mark, Marks
from redaction.report import Refused

WIDEST = 1100  # pixels
MOST_FRAMES = 1500  # decoded to reach a moment; longer groups of pictures show the last one reached
_LINE = (200, 30, 20)

Rect = tuple[float, float, float, float]


def picture(path: Path, number: int, marks: Marks | None = None) -> bytes:
    """This will draw page ``number`` (from 1), or second ``number`` of a film, as PNG at most 1,100 wide.

    :raises Refused: when there is no such page or moment, or nothing to draw.
    """
    medium = sniff.media_type(path).medium
    shown = marks.effective if marks is not None else Marks()
    if medium == "pdf":
        image, outlines = _page(path, number, shown)
    elif medium == "office":
        with office.converted(path, shown, Path(tempfile.gettempdir())) as made:
            image, outlines = _page(made.path, number, shown)
    elif medium == "image":
        image, outlines = _still(path, number, shown)
    elif medium == "video":
        image, outlines = _frame(path, number, shown)
    else:
        raise Refused("this kind of record has no picture")
    drawing = ImageDraw.Draw(image)
    for name, rect in outlines:
        drawing.rectangle(rect, outline=_LINE, width=3)
        drawing.text((rect[0] + 4, rect[1] + 2), name, fill=_LINE)
    target = io.BytesIO()
    image.save(target, "PNG")
    return target.getvalue()


def _page(path: Path, number: int, marks: Marks) -> tuple[Image.Image, list[tuple[str, Rect]]]:
    import pypdfium2

    try:
        with pypdfium2.PdfDocument(path) as document:
            if not 1 <= number <= len(document):
                raise Refused(f"there is no page {number}")
            page = document[number - 1]
            scale = WIDEST / max(page.get_width(), page.get_height(), 1)
            image = page.render(scale=scale).to_pil().convert("RGB")
    except pypdfium2.PdfiumError as error:
        raise Refused("the page cannot be drawn") from error
    return image, _boxes(marks, number, image.size, scale)


def _still(path: Path, number: int, marks: Marks) -> tuple[Image.Image, list[tuple[str, Rect]]]:
    if number != 1:
        raise Refused("an image has only page 1")
    try:
        with Image.open(path, formats=["JPEG", "PNG"]) as source:
            image = ImageOps.exif_transpose(source).convert("RGB")
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise Refused("the image cannot be drawn") from error
    width = image.width
    image.thumbnail((WIDEST, WIDEST))
    return image, _boxes(marks, 1, image.size, image.width / width)


def _boxes(marks: Marks, page: int, size: tuple[int, int], scale: float) -> list[tuple[str, Rect]]:
    outlines: list[tuple[str, Rect]] = []
    for mark in marks.of("box", "page"):
        if mark["page"] != page:
            continue
        if mark.kind == "page":
            outlines.append((mark.id, (0, 0, size[0] - 1, size[1] - 1)))
        else:
            x0, y0, x1, y1 = (value * scale for value in mark["rect"])
            outlines.append((mark.id, (x0, y0, x1, y1)))
    return outlines


def _frame(path: Path, second: int, marks: Marks) -> tuple[Image.Image, list[tuple[str, Rect]]]:
    frame = _decode(path, second, marks)
    image: Image.Image = frame.to_image().convert("RGB")
    if turn := getattr(frame, "rotation", 0) % 360:
        image = image.rotate(turn, expand=True)
    image.thumbnail((WIDEST, WIDEST))
    shown = [mark for mark in marks.of("region", "frame") if is_shown(mark, second, second + 0.04)]
    return image, [(mark.id, _region(mark, second, image.size)) for mark in shown]


def _decode(path: Path, second: int, marks: Marks) -> Any:
    import av.error

    from redaction.engines.media.choice import Choice
    from redaction.engines.media.source import opened, picture_of

    with opened(path) as container:
        stream = picture_of(container, Choice.of(marks).picture)
        if stream is None:
            raise Refused("the film has no picture")
        try:
            if second:
                container.seek(second * 1_000_000)
            last = None
            for count, frame in enumerate(container.decode(stream)):
                last = frame
                if (frame.time or 0) >= second or count >= MOST_FRAMES:
                    break
        except (av.error.FFmpegError, ValueError) as error:
            raise Refused("the film cannot be drawn there") from error
    if last is None:
        raise Refused(f"the film has no picture at second {second}")
    return last


def _region(mark: Mark, second: float, size: Sequence[int]) -> Rect:
    if mark.kind == "frame":
        return 0, 0, size[0] - 1, size[1] - 1
    x, y, w, h = rect_at(mark["keyframes"], second)
    return x * size[0], y * size[1], (x + w) * size[0], (y + h) * size[1]
