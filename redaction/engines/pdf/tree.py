"""The structure tree of a new document: what a screen reader reads, in order; nothing of the source's own.

Document, a section a page, and in it paragraphs, headings and figures (ISO 32000-1, 14.7 and 14.8).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Name, String

from redaction.engines.pdf.canvas import Marked
from redaction.engines.pdf.geometry import Box, Frame, around

REDACTED, PICTURE = "redacted", "picture"
TITLE = "Released record"

MOST_PLACED = 12  # figures of a page that say where they are; more cost memory and help nobody

_HEADING = 1.3  # of the page's usual size
_LONGEST_HEADING = 120  # letters


@dataclass
class Part:
    """One element of a page: its kind, its marked content, and for a figure what it is and where."""

    kind: str
    ids: list[int] = field(default_factory=list)
    alt: str | None = None
    box: Box | None = None


def hang(pdf: pikepdf.Pdf, pages: Sequence[tuple[Any, list[Part]]], language: str) -> None:
    """This will give a document its structure tree, language and title; one that was there is replaced."""
    document = pdf.make_indirect(Dictionary(Type=Name.StructElem, S=Name.Document))
    sections, numbers = Array(), Array()
    for place, (page, parts) in enumerate(pages):
        section = pdf.make_indirect(Dictionary(Type=Name.StructElem, S=Name.Sect, P=document))
        below, parents = Array(), dict[int, Any]()
        placed = sum(part.box is not None for part in parts) <= MOST_PLACED
        for part in parts:
            element = _element(pdf, section, page, part, placed=placed)
            below.append(element)
            parents |= dict.fromkeys(part.ids, element)
        section.K = below
        sections.append(section)
        page.StructParents, page.Tabs = place, Name.S
        numbers.append(place)
        numbers.append(pdf.make_indirect(Array([parents[number] for number in sorted(parents)])))
    document.K = sections
    root = pdf.Root
    root.StructTreeRoot = pdf.make_indirect(
        Dictionary(
            Type=Name.StructTreeRoot,
            K=document,
            ParentTree=Dictionary(Nums=numbers),
            ParentTreeNextKey=len(pages),
        )
    )
    document.P = root.StructTreeRoot
    root.MarkInfo = Dictionary(Marked=True)
    root.Lang = String(language)
    root.ViewerPreferences = Dictionary(DisplayDocTitle=True)
    pdf.trailer.Info = pdf.make_indirect(Dictionary(Title=String(TITLE)))


def _element(pdf: pikepdf.Pdf, section: Any, page: Any, part: Part, *, placed: bool) -> Any:
    element = Dictionary(S=_KINDS[part.kind], P=section, Pg=page)
    element.K = part.ids[0] if len(part.ids) == 1 else Array(part.ids)
    if part.alt is not None:
        element.Alt = _ALTS.setdefault(part.alt, String(part.alt))
    if part.box is not None and placed:
        element.A = Dictionary(O=_LAYOUT, BBox=Array([round(edge) for edge in part.box]), Placement=_BLOCK)
    return pdf.make_indirect(element)


# one object each: a long document has tens of thousands of elements
_KINDS = {kind: Name(f"/{kind}") for kind in ("P", "H1", "Figure")}
_ALTS: dict[str, String] = {}
_LAYOUT, _BLOCK = Name.Layout, Name.Block


def parts_of(marked: Sequence[Marked], frame: Frame, redacted: Iterable[tuple[int, Box]]) -> list[Part]:
    """This will make paragraphs of lines, in the order of the content, with black areas where they stand.

    ``redacted`` are the marked-content numbers of black areas and their boxes in the page's own space.
    """
    usual = _usual_size(marked)
    parts: list[Part] = []
    places: list[Box] = []
    last: Marked | None = None
    for number, this in enumerate(marked):
        shown = frame.displayed(this.box)
        if this.kind != "P":
            parts.append(Part("Figure", [number], PICTURE, this.box))
            places.append(shown)
            last = None
        elif last is not None and _goes_on(last, this, frame):
            parts[-1].ids.append(number)
            places[-1] = around((places[-1], shown))
            last = this
        else:
            large = this.size >= _HEADING * usual and this.letters <= _LONGEST_HEADING
            parts.append(Part("H1" if large else "P", [number]))
            places.append(shown)
            last = this
    for number, box in redacted:
        at = frame.displayed(box)
        middle = (at[1] + at[3]) / 2
        after = [
            place
            for place, other in enumerate(places)
            if other[1] > middle or (other[1] <= middle <= other[3] and other[0] > at[0])
        ]
        where = after[0] if after else len(parts)
        parts.insert(where, Part("Figure", [number], REDACTED, box))
        places.insert(where, at)
    return parts


def _usual_size(marked: Sequence[Marked]) -> float:
    sizes = [line.size for line in marked if line.kind == "P" for _ in range(1 + line.letters // 10)]
    return median(sizes) if sizes else 1.0


def _goes_on(before: Marked, this: Marked, frame: Frame) -> bool:
    """Whether a line belongs to the paragraph of the one before: beside it, or close below it."""
    if before.upright != this.upright or not 0.8 * before.size <= this.size <= 1.25 * before.size:
        return False
    above, below = frame.displayed(before.box), frame.displayed(this.box)
    height = max(1e-6, min(above[3] - above[1], below[3] - below[1]))
    level = min(above[3], below[3]) - max(above[1], below[1])
    if level > 0.5 * height:
        return -height < below[0] - above[2] < 3 * height
    beside = below[0] < above[2] and above[0] < below[2]
    return beside and -0.3 * height < below[1] - above[3] < 0.7 * height
