"""What a PDF holds beside its pages: objects, revisions, loose bytes. By pikepdf, which painted nothing."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pikepdf
from pikepdf import Name

from redaction.report import Finding, Refused

FORBIDDEN = {
    "/JS": "a script",
    "/JavaScript": "a script",
    "/AA": "an automatic action",
    "/OpenAction": "an automatic action",
    "/EmbeddedFile": "an attachment",
    "/EmbeddedFiles": "an attachment",
    "/AF": "an attachment",
    "/Metadata": "metadata",
    "/AcroForm": "form fields",
    "/XFA": "form fields",
    "/Annots": "notes or links",
    "/Outlines": "bookmarks",
    "/Names": "named things",
    "/OCProperties": "layers",
    "/PieceInfo": "private data of a program",
    "/Thumb": "a thumbnail of a page",
    "/ActualText": "replacement text",
    "/URI": "a link",
    "/Collection": "a portfolio",
}


def read(path: Path) -> pikepdf.Pdf:
    """This will open an output.

    :raises Refused: when it cannot be read without a password or at all.
    """
    try:
        return pikepdf.open(path, suppress_warnings=True)
    except pikepdf.PasswordError:
        raise Refused("the PDF is encrypted and cannot be examined") from None
    except (pikepdf.PdfError, ValueError, RuntimeError):
        raise Refused("the PDF is broken and cannot be examined") from None


def faults(path: Path) -> list[Finding]:
    """This will name everything in a PDF through which more could leave than its pages show."""
    content = path.read_bytes()
    findings = [Finding(words) for words in _outer_faults(content)]
    with read(path) as pdf:
        found: set[str] = set()
        for part, _ in dictionaries(pdf):
            found.update(part.keys())
        kinds = sorted({FORBIDDEN[key] for key in found.intersection(FORBIDDEN)})
        findings += [Finding(f"holds {words}") for words in kinds]
        findings += [Finding(f"says of itself: {key[1:]}") for key in _loose_info(pdf)]
        if strays := _strays(pdf):
            findings.append(Finding(f"holds {strays} objects that belong to no page"))
    return findings


def dictionaries(pdf: pikepdf.Pdf) -> Iterator[tuple[Any, str]]:
    """Every dictionary in the file, reachable or not, nested ones too, and the number of its object."""
    for top in [pdf.trailer, *pdf.objects]:
        place = f"object {top.objgen[0]}" if isinstance(top, pikepdf.Object) else ""
        stack: list[tuple[Any, int]] = [(top, 0)]
        while stack:
            part, depth = stack.pop()
            if not isinstance(part, pikepdf.Object) or depth > 50 or (depth and part.is_indirect):
                continue
            if isinstance(part, pikepdf.Array):
                stack += [(item, depth + 1) for item in part]
            elif isinstance(part, pikepdf.Dictionary | pikepdf.Stream):
                yield part, place
                stack += [(value, depth + 1) for _, value in part.items()]


def _outer_faults(content: bytes) -> Iterator[str]:
    if not content.startswith(b"%PDF-"):
        yield "bytes before its beginning"
    ends = re.findall(rb"startxref\s+[1-9]\d*\s+%%EOF", content)
    if len(ends) > 1:
        yield f"{len(ends) - 1} earlier revisions"
    if len(content) - content.rfind(b"%%EOF") > 8:
        yield "bytes after its end"


def _loose_info(pdf: pikepdf.Pdf) -> list[str]:
    return [str(key) for key in pdf.docinfo if str(key) != "/Title"]


def _strays(pdf: pikepdf.Pdf) -> int:
    reached = _reachable(pdf)
    housekeeping = (Name.XRef, Name.ObjStm)
    return sum(
        1
        for part in pdf.objects
        if isinstance(part, pikepdf.Dictionary | pikepdf.Stream | pikepdf.Array)
        and part.objgen not in reached
        and (isinstance(part, pikepdf.Array) or part.get(Name.Type) not in housekeeping)
    )


def _reachable(pdf: pikepdf.Pdf) -> set[tuple[int, int]]:
    seen: set[tuple[int, int]] = set()
    stack: list[Any] = [pdf.trailer]
    while stack:
        part = stack.pop()
        if not isinstance(part, pikepdf.Object):
            continue
        if part.is_indirect:
            if part.objgen in seen:
                continue
            seen.add(part.objgen)
        if isinstance(part, pikepdf.Array):
            stack += list(part)
        elif isinstance(part, pikepdf.Dictionary | pikepdf.Stream):
            stack += [value for _, value in part.items()]
    return seen
