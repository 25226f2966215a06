"""What a PDF holds beside its pages: objects, revisions, loose bytes. By pikepdf, which painted nothing."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pikepdf
from pikepdf import Name

from redaction.report import Finding, Refused
from redaction.verify.pdf import outer

FORBIDDEN = {
    "/JS": "a script",
    "/JavaScript": "a script",
    "/AA": "an automatic action",
    "/OpenAction": "an automatic action",
    "/EmbeddedFile": "an attachment",
    "/EmbeddedFiles": "an attachment",
    "/EF": "an attachment",
    "/AF": "an attachment",
    "/RichMediaContent": "film, sound or a 3-D model",
    "/RichMediaSettings": "film, sound or a 3-D model",
    "/3DD": "film, sound or a 3-D model",
    "/Metadata": "metadata",
    "/LastModified": "metadata",
    "/AcroForm": "form fields",
    "/XFA": "form fields",
    "/Annots": "notes or links",
    "/Outlines": "bookmarks",
    "/Names": "named things",
    "/Dests": "named things",
    "/PageLabels": "page labels",
    "/Threads": "article threads",
    "/OCProperties": "layers",
    "/PieceInfo": "private data of a program",
    "/Thumb": "a thumbnail of a page",
    "/ActualText": "replacement text",
    "/URI": "a link",
    "/Alternates": "other versions of a picture",
    "/OPI": "other versions of a picture",
    "/Collection": "a portfolio",
    "/DSS": "a signature",
    "/Perms": "a signature",
    "/ByteRange": "a signature",
}

ALTERNATIVES = ("redacted", "picture", "a page without readable text")

_PACKING = frozenset(("/Length", "/Filter", "/DecodeParms"))

Place = tuple[int, int]


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
    findings = [Finding(words) for words in outer.faults(path)]
    with read(path) as pdf:
        found: set[str] = set()
        described = False
        for part, _ in dictionaries(pdf):
            found.update(part.keys())
            described |= part.get(Name.Type) == Name.StructElem and _describes(part)
            if "/ActualText" not in found and isinstance(part, pikepdf.Stream) and _replaces(part):
                found.add("/ActualText")
        kinds = dict.fromkeys(FORBIDDEN[key] for key in sorted(found.intersection(FORBIDDEN)))
        findings += [Finding(f"holds {words}") for words in sorted(kinds)]
        if described:
            findings.append(Finding("describes figures in words that are not shown"))
        findings += [Finding(f"says of itself: {words}") for words in _loose_info(pdf)]
        if strays := _strays(pdf):
            findings.append(Finding(f"holds {strays} objects that belong to no page"))
    return findings


def _describes(element: Any) -> bool:
    """Words a screen reader says instead of what is shown, or that only a program sees (14.9)."""
    texts = [str(element[key]) for key in ("/Alt", "/E", "/T") if key in element]
    return any(text not in ALTERNATIVES for text in texts)


def _replaces(stream: Any) -> bool:
    """Whether the content of a page or form holds replacement texts."""
    if stream.get(Name.Subtype) == Name.Form or not set(stream.keys()) - _PACKING:
        try:
            return b"/ActualText" in stream.read_bytes()
        except pikepdf.PdfError:
            return False
    return False


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


def _loose_info(pdf: pikepdf.Pdf) -> list[str]:
    """The standard's own entries by name; others could be words of the record themselves."""
    keys = [str(key) for key in pdf.docinfo if str(key) != "/Title"]
    known = sorted(key[1:] for key in keys if key in _INFORMATION)
    return known + ["an entry of its own"] * (len(known) < len(keys))


_INFORMATION = (
    "/Author",
    "/Subject",
    "/Keywords",
    "/Creator",
    "/Producer",
    "/CreationDate",
    "/ModDate",
    "/Trapped",
)


def _strays(pdf: pikepdf.Pdf) -> int:
    reached = _reachable(pdf)
    loose = [part for part in objects(pdf) if part.objgen not in reached]
    if any(_has(part, "/Linearized") for part in loose):  # such a file has a head and hints of its own
        loose = [part for part in loose if not _has(part, "/Linearized") and not _has(part, "/S", "/Length")]
    return len(loose)


def _has(part: Any, *keys: str) -> bool:
    return isinstance(part, pikepdf.Dictionary | pikepdf.Stream) and all(key in part for key in keys)


def objects(pdf: pikepdf.Pdf) -> Iterator[Any]:
    """Every object of a file but its own housekeeping."""
    for part in pdf.objects:
        if isinstance(part, pikepdf.Stream) and part.get(Name.Type) in (Name.XRef, Name.ObjStm):
            continue
        if part is not None and isinstance(part, pikepdf.Object):
            yield part


def _reachable(pdf: pikepdf.Pdf) -> set[Place]:
    seen: set[Place] = set()
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
