"""A sheet of shapes as SVG and PNG: nothing in either but the shapes and their words."""

from pathlib import Path
from xml.sax.saxutils import escape

from PIL import Image, ImageDraw, ImageFont

from redaction.engines.flight.drawing import HEIGHT, PAPER, WIDTH, Sheet

FINER = 2  # drawn so many times larger and shrunk, for smooth edges
ANCHORS = {"start": "ls", "middle": "ms", "end": "rs"}

Spots = list[tuple[float, float]]


def as_svg(sheet: Sheet) -> str:
    """This will give the sheet as an SVG without scripts, links, styles or a description."""
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img">',
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="{PAPER}"/>',
    ]
    for spots, ink, width in sheet.lines:
        points = " ".join(f"{x:g},{y:g}" for x, y in spots)
        parts.append(
            f'<polyline points="{points}" fill="none" stroke="{ink}" stroke-width="{width:g}" '
            'stroke-linejoin="round" stroke-linecap="round"/>'
        )
    for (x, y), ink, radius in sheet.dots:
        parts.append(f'<circle cx="{x:g}" cy="{y:g}" r="{radius:g}" fill="{ink}"/>')
    for spots, ink in sheet.areas:
        parts.append(f'<polygon points="{" ".join(f"{x:g},{y:g}" for x, y in spots)}" fill="{ink}"/>')
    for (x, y), text, anchor, size, ink in sheet.texts:
        parts.append(
            f'<text x="{x:g}" y="{y:g}" text-anchor="{anchor}" font-family="sans-serif" font-size="{size}" '
            f'fill="{ink}">{escape(text)}</text>'
        )
    return "\n".join([*parts, "</svg>\n"])


def as_png(sheet: Sheet, path: Path) -> None:
    """This will draw the sheet as a picture of 1200 by 1000 pixels."""
    picture = Image.new("RGB", (WIDTH * FINER, HEIGHT * FINER), PAPER)
    brush = ImageDraw.Draw(picture)
    for spots, ink, width in sheet.lines:
        thick = max(1, round(width * FINER))
        brush.line(_larger(spots), fill=ink, width=thick, joint="curve")
        for x, y in (spots[0], spots[-1]):
            _disc(brush, x, y, width / 2, ink)
    for (x, y), ink, radius in sheet.dots:
        _disc(brush, x, y, radius, ink)
    for spots, ink in sheet.areas:
        brush.polygon(_larger(spots), fill=ink)
    for (x, y), text, anchor, size, ink in sheet.texts:
        font = ImageFont.load_default(size * FINER)
        brush.text((x * FINER, y * FINER), text, fill=ink, font=font, anchor=ANCHORS[anchor])
    picture.resize((WIDTH, HEIGHT), Image.Resampling.LANCZOS).save(path, "PNG", optimize=True)


def _larger(spots: Spots) -> Spots:
    return [(x * FINER, y * FINER) for x, y in spots]


def _disc(brush: ImageDraw.ImageDraw, x: float, y: float, radius: float, ink: str) -> None:
    edge = radius * FINER
    brush.ellipse((x * FINER - edge, y * FINER - edge, x * FINER + edge, y * FINER + edge), fill=ink)
