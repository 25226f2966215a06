"""In the child: pictures of pages as they are, and of one page as the engine would release it."""

import base64
import io
import tempfile
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from redaction.engines import image as stills
from redaction.engines import pdf
from redaction.engines.image_source import displayed_size, upright
from redaction.engines.pdf import notice, part
from redaction.leaves.opening import Item, Leaf, Paper, alone, each, paged
from redaction.marks import Mark, Marks, parse
from redaction.report import Refused

MOST_AREA = 16_000_000  # pixels of one picture; a wide one of a long page is drawn smaller
LARGEST_PNG = 800_000  # bytes; a photograph beyond is sent as JPEG
_BANDS, _SHARE = 4, 64  # so many bands of a picture, each such a part of its height, tell how it packs


def measured(paper: Item) -> list[list[float]]:
    """This will give width and height of every page as displayed."""
    this = Paper(**paper)
    if this.medium == "image":
        return [[float(side) for side in displayed_size(Path(this.path))]]
    with paged(this) as source:
        return [[round(width, 3), round(height, 3)] for width, height in part.sizes(source)]


def drawn(paper: Item, numbers: list[int], width: int) -> list[Item]:
    """This will draw pages ``width`` pixels wide: ``number``, ``size``, ``kind``, ``picture`` in Base64."""
    this = Paper(**paper)
    if this.medium == "image":
        return [alone(number, partial(_still, Path(this.path), number, width)) for number in numbers]
    with paged(this) as source:
        return each(source, numbers, partial(_draw, width))


def burned(paper: Item, number: int, width: int, marks: Item) -> Item:
    """This will redact one page by the engine and draw the result.

    ``way`` says whether the page stayed text (vector) or became a picture (raster), ``warnings`` what the
    engine wants read. Suggestions nobody has decided are left out.
    """
    this, applied = Paper(**paper), for_page(parse(marks), number)
    with tempfile.TemporaryDirectory(dir=".", prefix="after-") as name:
        folder = Path(name)
        if this.medium == "image":
            target = folder / "after.png"
            report = stills.redact(Path(this.path), applied, target)
            return {**_still(target, 1, width), "number": 1, "way": "picture", "warnings": report.warnings}
        single, target = folder / "single.pdf", folder / "after.pdf"
        with paged(this) as source:
            part.keep(source, [number], single)
        if applied.of("page"):
            (*_others, mark) = [mark for mark in parse(marks).of("page") if _reaches(mark, number)]
            return {**_notice(single, mark, width), "number": number, "way": "withheld"}
        report = pdf.redact(single, applied, target)
        (shown,) = each(target, [1], partial(_draw, width))
        entry = report.details["page_ways"][0]
        told = [words for words in report.warnings if not words.startswith("removed: ")]
        return {**shown, "number": number, "way": entry["way"], "why": entry["why"], "warnings": told}


def _notice(single: Path, mark: Mark, width: int) -> Item:
    """What stands in place of a withheld page; drawn here, for it names the number of the page."""
    ((across, down),) = part.sizes(single)
    picture, _words = notice.draw(
        mark, across, down, min(width / across, (MOST_AREA / (across * down)) ** 0.5)
    )
    return {"size": [across, down], **_coded(Image.fromarray(picture).convert("RGB"))}


def for_page(marks: Marks, number: int) -> Marks:
    """This will give the marks that reach a page as marks of a file that has only this page."""
    entries = [
        {**_moved(mark), "id": mark.id, "reason": mark.reason, "exemption": mark.exemption}
        for mark in marks
        if _reaches(mark, number)
    ]
    return parse({"version": 1, "marks": entries})


def _reaches(mark: Mark, number: int) -> bool:
    if mark.decision == "rejected" or (mark.suggested and mark.decision is None):
        return False
    if mark.kind == "text":
        return bool(mark["pages"] == "all" or number in mark["pages"])
    return mark.kind in ("box", "page") and bool(mark["page"] == number)


def _moved(mark: Mark) -> Item:
    if mark.kind == "text":
        what = {name: mark[name] for name in ("literal", "pattern") if mark[name] is not None}
        return {"kind": "text", **what}
    if mark.kind == "page":
        return {"kind": "page", "page": 1}
    return {"kind": "box", "page": 1, "rect": list(mark["rect"]), "extent": mark["extent"]}


def _draw(width: int, leaf: Leaf) -> Item:
    with leaf.opened() as page:
        across, down = page.get_size()
        if not (1 <= across * leaf.unit < 1e6 and 1 <= down * leaf.unit < 1e6):
            raise Refused(f"page {leaf.number} has no size that can be drawn")
        scale = min(width / across, (MOST_AREA / (across * down)) ** 0.5)
        bitmap = page.render(scale=scale, rev_byteorder=True, may_draw_forms=False, draw_annots=False)
        picture = Image.fromarray(bitmap.to_numpy()[:, :, :3].copy())
        bitmap.close()
    return {"size": [across * leaf.unit, down * leaf.unit], **_coded(picture)}


def _still(path: Path, number: int, width: int) -> Item:
    if number != 1:
        raise Refused("an image has only page 1")
    picture, _left = upright(path)
    size = [float(side) for side in picture.size]
    scale = min(1.0, width / picture.width, (MOST_AREA / (picture.width * picture.height)) ** 0.5)
    if scale < 1:
        picture = picture.resize(
            (max(1, round(picture.width * scale)), max(1, round(picture.height * scale))),
            Image.Resampling.LANCZOS,
            reducing_gap=2.0,
        )
    return {"size": size, **_coded(picture)}


def _coded(picture: Image.Image) -> dict[str, Any]:
    """Fast and lossless; a photograph would be many times larger so, and is sent as a fine JPEG.

    Packing costs more than drawing does, so it is tried on a part first, and shades of grey go as such.
    """
    target, kind = io.BytesIO(), "png"
    plain = _without_colour(picture)
    if _packed(plain) <= LARGEST_PNG:
        plain.save(target, "PNG", compress_level=1)
    if not 0 < target.tell() <= LARGEST_PNG:
        target, kind = io.BytesIO(), "jpeg"
        picture.save(target, "JPEG", quality=90, subsampling=0)
    return {"kind": kind, "picture": base64.b64encode(target.getvalue()).decode()}


def _without_colour(picture: Image.Image) -> Image.Image:
    if picture.mode != "RGB":
        return picture
    pixels = np.asarray(picture)
    red, green, blue = (pixels[..., channel] for channel in range(3))
    return Image.fromarray(red) if np.array_equal(red, green) and np.array_equal(red, blue) else picture


def _packed(picture: Image.Image) -> int:
    """About how many bytes a picture takes as PNG, from some bands of it."""
    high = max(1, picture.height // _SHARE)
    sample = Image.new(picture.mode, (picture.width, _BANDS * high))
    for band in range(_BANDS):
        top = min(picture.height - high, round(picture.height * (band + 0.5) / _BANDS))
        sample.paste(picture.crop((0, top, picture.width, top + high)), (0, band * high))
    target = io.BytesIO()
    sample.save(target, "PNG", compress_level=1)
    return target.tell() * picture.height // sample.height
