"""Proof by whitelist: a document this library made holds nothing but what such a document may hold.

A page is either one picture with black boxes and coded words in a fixed grammar, or rewritten text of known
operators, fonts and pictures. Every object belongs to one of the pages, the structure tree or the head.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pikepdf
from pikepdf import Name
from PIL import Image

from redaction import grammar
from redaction.inspection import Inspection, unpacked
from redaction.parts import Foreign
from redaction.report import Finding
from redaction.verify.pdf import head
from redaction.verify.pdf.structure import dictionaries, objects, read

_NUMBER = rb"-?\d+(?:\.\d+)?"
_NUMBERS = rb"(?:" + _NUMBER + rb" )"
_BLACK = rb"/Figure <</MCID \d+>> BDC 0 g (" + _NUMBERS + rb"{4})re f EMC"
_GRAMMAR = re.compile(
    rb"|".join(
        (
            rb"/Artifact BMC|EMC|ET EMC",
            rb"q " + _NUMBERS + rb"{6}cm /P Do Q",
            rb"/Figure <</MCID \d+>> BDC",
            _BLACK,
            rb"/P <</MCID \d+>> BDC BT 3 Tr",
            rb"/F \d+ Tf \d+ Tz " + _NUMBERS + rb"{6}Tm <(?P<codes>(?:[0-9A-F]{4})+)> Tj",
        )
    )
)
_AREA = re.compile(rb"^" + _BLACK + rb"$", re.MULTILINE)
_DRAWING = re.compile(rb"(?<=\s)(BDC|BMC|EMC|Tj|TJ|Do|sh|S|s|f\*?|B\*?|b\*?)(?=\s|$)")
_STRINGS = re.compile(
    r"Released record|redacted|picture|a page without readable text|Adobe|Identity|UCS|Japan1|GB1|CNS1|Korea1"
    r"|[a-z]{2}(-[A-Z]{2})?"
)
_LARGEST_EMPTY_FONT = 2000


@dataclass
class Page:
    """What one page is made of. ``areas`` are its black rectangles in its own space: x, y, width, height."""

    number: int
    is_picture: bool
    words: str = ""
    marks: list[int] = field(default_factory=list)
    areas: list[tuple[float, ...]] = field(default_factory=list)
    fonts: set[int] = field(default_factory=set)


def picture(pdf: pikepdf.Pdf, number: int) -> Image.Image:
    """This will decode the picture of one page that consists of one."""
    stream: Any = pdf.pages[number - 1].obj.Resources.XObject.P
    return pikepdf.PdfImage(stream).as_pil_image()


def faults(path: Path) -> tuple[list[Finding], list[Page]]:
    """This will give what is there beside pages of our own making, and what each page is made of."""
    findings: list[Finding] = []
    pages: list[Page] = []
    inspection = Inspection()
    with read(path) as pdf:
        for number, page in enumerate(pdf.pages, start=1):
            made, words = _page(page, number, inspection)
            pages.append(made)
            findings += [Finding(each, place=f"page {number}") for each in words]
        head_reached, words = head.faults(pdf, pages)
        findings += [Finding(each) for each in words]
        reached = inspection.reached | head_reached
        strays = sum(1 for part in objects(pdf) if part.is_indirect and part.objgen not in reached)
        if strays:
            findings.append(Finding(f"holds {strays} objects that belong to no page"))
        for part, place in dictionaries(pdf):
            for value in _strings(part):
                if not _STRINGS.fullmatch(value):
                    findings.append(Finding("holds a text that is on no page", place=place))
    return findings, pages


def _page(page: pikepdf.Page, number: int, inspection: Inspection) -> tuple[Page, list[str]]:
    resources = page.obj.get(Name.Resources, pikepdf.Dictionary())
    pictures = resources.get(Name.XObject, pikepdf.Dictionary())
    inspection.reached.add(page.obj.objgen)
    if "/P" in pictures:
        return _drawn(page, number, inspection, list(pictures.keys()))
    made = Page(number, is_picture=False)
    foreign = inspection.page(page)
    made.fonts = {font for font, _ in inspection.fonts}
    if foreign is not None:
        return made, [f"holds {foreign}"]
    content = unpacked(page.obj.Contents)
    made.marks, made.areas = grammar.marked(content), _areas(content)
    return made, list(_loose_drawing(content))


def _drawn(
    page: pikepdf.Page, number: int, inspection: Inspection, names: list[str]
) -> tuple[Page, list[str]]:
    """A page that is one picture, and words that draw nothing."""
    made = Page(number, is_picture=True)
    resources = page.obj.Resources
    if names != ["/P"] or list(resources.get(Name.Font, {"/F": None}).keys()) != ["/F"]:
        return made, ["does not consist of one picture"]
    foreign = inspection.frame(page)
    if foreign is not None:
        return made, [f"holds {foreign}"]
    if Name.Font in resources and not _is_empty(resources.Font.F):
        return made, ["has a font that draws something"]
    try:
        content = unpacked(page.obj.Contents)
    except Foreign as error:
        return made, [f"holds {error}"]
    made.marks, made.areas = grammar.marked(content), _areas(content)
    words = []
    for line in content.splitlines():
        match = _GRAMMAR.fullmatch(line)
        if match is None:
            return made, ["draws more than one picture, black boxes and words"]
        if match["codes"]:
            words.append(bytes.fromhex(match["codes"].decode()).decode("utf-16-be", errors="replace"))
        elif line == b"ET EMC":
            words.append("\n")
    made.words = "".join(words)
    return made, []


def _areas(content: bytes) -> list[tuple[float, ...]]:
    return [tuple(float(each) for each in found.split()) for found in _AREA.findall(content)]


def _loose_drawing(content: bytes) -> Iterator[str]:
    """All that is drawn belongs to an element or is marked as an artifact: never both, never neither."""
    inside = False
    for found in _DRAWING.finditer(content):
        operator = found[1]
        if operator in (b"BDC", b"BMC", b"EMC"):
            if inside == (operator != b"EMC"):
                yield "has marked content inside other marked content"
                return
            inside = operator != b"EMC"
        elif not inside:
            yield "draws something that is not marked"
            return


def _is_empty(font: Any) -> bool:
    """The one font of such a page: no letter has an outline."""
    below = font.DescendantFonts[0]
    program = below.FontDescriptor.FontFile2.read_bytes()
    numbers = below.CIDToGIDMap.read_bytes()
    return len(program) < _LARGEST_EMPTY_FONT and program[:4] == b"\0\1\0\0" and not numbers.strip(b"\0")


def _strings(part: Any) -> list[str]:
    found: list[str] = []
    for key, value in part.items():
        if key != "/ID":
            items = value if isinstance(value, pikepdf.Array) and not value.is_indirect else (value,)
            found += [str(item) for item in items if isinstance(item, pikepdf.String)]
    return found
