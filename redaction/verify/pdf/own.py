"""Proof by whitelist: a document this library rebuilt holds nothing but what a rebuilt document may hold.

Each page is one picture, black boxes and coded words in a fixed grammar; each string is one of a handful.
"""

import re
from pathlib import Path
from typing import Any

import pikepdf
from pikepdf import Name
from PIL import Image

from redaction.report import Finding
from redaction.verify.pdf.structure import dictionaries, read

_NUMBER = rb"-?\d+(?:\.\d+)?"
_NUMBERS = rb"(?:" + _NUMBER + rb" )"
_GRAMMAR = re.compile(
    rb"|".join(
        (
            rb"/Artifact BMC|EMC|ET EMC",
            rb"q " + _NUMBERS + rb"{6}cm /P Do Q",
            rb"/Figure <</MCID \d+>> BDC(?: 0 g " + _NUMBERS + rb"{4}re f EMC)?",
            rb"/P <</MCID \d+>> BDC BT 3 Tr",
            rb"/F \d+ Tf \d+ Tz " + _NUMBERS + rb"{6}Tm <(?P<codes>(?:[0-9A-F]{4})+)> Tj",
        )
    )
)
_STRINGS = re.compile(
    r"Released record|redacted|a page without readable text|Adobe|Identity|[a-z]{2}(-[A-Z]{2})?"
)
_TO_UNICODE = re.compile(
    rb"/CIDInit /ProcSet findresource begin 12 dict begin begincmap\s"
    rb"/CIDSystemInfo << /Registry \(Adobe\) /Ordering \(UCS\) /Supplement 0 >> def\s"
    rb"/CMapName /Adobe-Identity-UCS def /CMapType 2 def\s"
    rb"1 begincodespacerange <0000> <FFFF> endcodespacerange\s"
    rb"(?:\d+ beginbfchar\s(?:<([0-9A-F]{4})> <\1>\s)+endbfchar\s)*"
    rb"endcmap CMapName currentdict /CMap defineresource pop end end"
)


def picture(path: Path, number: int) -> Image.Image:
    """This will decode the picture of one page of a rebuilt document."""
    with read(path) as pdf:
        stream: Any = pdf.pages[number - 1].obj.Resources.XObject.P
        return pikepdf.PdfImage(stream).as_pil_image()


def faults(path: Path) -> tuple[list[Finding], list[str]]:
    """This will give what is there beside rebuilt pages, and each page's words as coded."""
    findings: list[Finding] = []
    texts: list[str] = []
    with read(path) as pdf:
        for number, page in enumerate(pdf.pages, start=1):
            place = f"page {number}"
            resources = page.obj.get(Name.Resources, pikepdf.Dictionary())
            pictures = resources.get(Name.XObject, pikepdf.Dictionary())
            if list(pictures.keys()) != ["/P"] or set(resources.keys()) - {"/XObject", "/Font"}:
                findings.append(Finding("does not consist of one picture", place=place))
                texts.append("")
                continue
            words, foreign = _words(page.obj.Contents.read_bytes())
            if foreign:
                findings.append(Finding("draws more than one picture, black boxes and words", place=place))
            texts.append(words)
        findings += _stray_streams(pdf)
        for part, place in dictionaries(pdf):
            for value in _strings(part):
                if not _STRINGS.fullmatch(value):
                    findings.append(Finding("holds a text that is on no page", place=place))
    return findings, texts


def _words(content: bytes) -> tuple[str, bool]:
    words = []
    for line in content.splitlines():
        match = _GRAMMAR.fullmatch(line)
        if match is None:
            return "", True
        if match["codes"]:
            words.append(bytes.fromhex(match["codes"].decode()).decode("utf-16-be", errors="replace"))
        elif line == b"ET EMC":
            words.append("\n")
    return "".join(words), False


def _stray_streams(pdf: pikepdf.Pdf) -> list[Finding]:
    """Beside page contents and pictures there are the font's three streams, each of a known form."""
    expected = {page.obj.Contents.objgen for page in pdf.pages if Name.Contents in page.obj}
    expected |= {
        picture.objgen
        for page in pdf.pages
        for picture in page.obj.Resources.get(Name.XObject, pikepdf.Dictionary()).values()
    }
    findings = []
    for part in pdf.objects:
        if not isinstance(part, pikepdf.Stream) or part.objgen in expected:
            continue
        if part.get(Name.Type) in (Name.XRef, Name.ObjStm):
            continue
        data = part.read_bytes()
        known = not data.strip(b"\0") or _TO_UNICODE.fullmatch(data) or _is_empty_font(data)
        if not known:
            findings.append(
                Finding("holds a stream that belongs to no page", place=f"object {part.objgen[0]}")
            )
    return findings


def _is_empty_font(data: bytes) -> bool:
    return data.startswith(b"\x00\x01\x00\x00") and len(data) < 2000


def _strings(part: Any) -> list[str]:
    found: list[str] = []
    for key, value in part.items():
        if key != "/ID":
            items = value if isinstance(value, pikepdf.Array) and not value.is_indirect else (value,)
            found += [str(item) for item in items if isinstance(item, pikepdf.String)]
    return found
