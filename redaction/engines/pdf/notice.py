"""The page that stands in for one withheld whole: it says so, and why."""

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from redaction.engines.pdf.geometry import Box
from redaction.engines.pdf.sheet import Picture, Word
from redaction.marks import Mark

MARGIN = 0.1  # of the page's shorter side


def wording(mark: Mark) -> list[str]:
    """This will give the notice's lines: never the note, which is the reviewer's own."""
    lines = [f"Page {mark['page']} is withheld."]
    if mark.reason:
        lines.append(f"Reason: {mark.reason}")
    if mark.exemption:
        lines.append(f"Exemption: {mark.exemption}")
    return lines


def draw(mark: Mark, width: float, height: float, scale: float) -> tuple[Picture, list[Word]]:
    """This will draw the notice on a page of so many points, at ``scale`` pixels a point."""
    image = Image.new("L", (max(1, round(width * scale)), max(1, round(height * scale))), 255)
    pen = ImageDraw.Draw(image)
    margin = MARGIN * min(width, height)
    longest = max(len(line) for line in wording(mark))
    size = max(1.0, min(14.0, 1.6 * (width - 2 * margin) / longest, (height - 2 * margin) / 6))
    font = ImageFont.load_default(size=max(1.0, size * scale))
    words: list[Word] = []
    top = margin
    for line in wording(mark):
        left = margin
        for text in line.split():
            pen.text((left * scale, top * scale), text, fill=0, font=font)
            wide = pen.textlength(text, font=font) / scale
            box: Box = (left, top, left + wide, top + size)
            words.append(Word(text, box, 0, 0))
            left += wide + size * 0.3
        top += size * 1.6
    return np.asarray(image), words
