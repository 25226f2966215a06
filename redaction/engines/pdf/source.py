"""Opening a PDF that may be hostile, and settling it into pages whose content is all that shows.

Form values and notes become page content (so that boxes and text marks reach them), layers that are off and
replacement texts go, and what is thrown away is named for the report.
"""

import mmap
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pikepdf
from pikepdf import Name

from redaction import limits
from redaction.report import Refused

LARGEST_FILE = limits.PDF_BYTES
MOST_PAGES = limits.PDF_PAGES

_GONE = {
    "scripts": ("/JavaScript", "/JS", "/OpenAction", "/AA"),
    "attachments": ("/EmbeddedFiles", "/EmbeddedFile", "/AF"),
    "form fields": ("/AcroForm",),
    "notes and links": ("/Annots",),
    "layers": ("/OCProperties",),
    "bookmarks": ("/Outlines",),
    "metadata": ("/Metadata", "/PieceInfo"),
    "page thumbnails": ("/Thumb",),
    "the old structure tree": ("/StructTreeRoot",),
    "replacement texts": ("/ActualText", "/Alt"),
}

# what qpdf says when it goes on without what it cannot find
_CUT_OFF = ("unable to find trailer dictionary", "unable to recover stream data")


def open_pdf(path: Path) -> pikepdf.Pdf:
    """This will open a PDF that this engine can work on.

    :raises Refused: when it is encrypted, broken, empty, a portfolio, an XFA form, or beyond the limits.
    """
    if path.stat().st_size > LARGEST_FILE:
        raise Refused(f"the PDF is larger than {LARGEST_FILE >> 20} MiB")
    try:
        pdf = pikepdf.open(path, suppress_warnings=True)
    except pikepdf.PasswordError:
        raise Refused("the PDF is encrypted; it must be saved without a password first") from None
    except (pikepdf.PdfError, ValueError, RuntimeError, RecursionError):
        raise Refused("the PDF is broken and cannot be read") from None
    try:
        _refuse_unfit(pdf)
    except Refused:
        pdf.close()
        raise
    except (pikepdf.PdfError, ValueError, RuntimeError, RecursionError, AttributeError, TypeError, KeyError):
        pdf.close()
        raise Refused("the PDF is broken and cannot be read") from None
    return pdf


def _refuse_unfit(pdf: pikepdf.Pdf) -> None:
    if pdf.is_encrypted:
        raise Refused("the PDF is encrypted; it must be saved without encryption first")
    if Name.Collection in pdf.Root:
        raise Refused("the PDF is a portfolio of other files; each of them must be handed in by itself")
    form = pdf.Root.get(Name.AcroForm)
    if isinstance(form, pikepdf.Dictionary) and Name.XFA in form:
        raise Refused("the PDF is an XFA form, whose pages are made by a program; print it to a PDF first")
    if len(pdf.pages) == 0:
        raise Refused("the PDF has no pages")
    if len(pdf.pages) > MOST_PAGES:
        raise Refused(f"the PDF has more than {MOST_PAGES} pages; it must be split first")
    told = " ".join(pdf.get_warnings())
    if any(sign in told for sign in _CUT_OFF):
        raise Refused("the PDF is broken: a part of it is missing; a whole copy must be handed in")


def what_goes(pdf: pikepdf.Pdf, path: Path) -> list[str]:
    """This will name, for people, the hidden things of a source that never pass into a release."""
    keys: set[str] = set()
    for found in _dictionaries(pdf):
        keys.update(found.keys())
    warnings = [f"removed: {words}" for words, names in _GONE.items() if keys.intersection(names)]
    if len(pdf.docinfo) and "removed: metadata" not in warnings:
        warnings.append("removed: metadata")
    if _revisions(path) > 1:
        warnings.append("removed: earlier revisions kept inside the file")
    return warnings


def settle(pdf: pikepdf.Pdf, target: Path) -> None:
    """This will write a copy in which everything that shows is page content and nothing else is left.

    :raises Refused: when the structure is too broken for that.
    """
    try:
        _drop_annotations_in_layers(pdf)
        pdf.generate_appearance_streams()
        pdf.flatten_annotations("screen")
        for page in pdf.pages:
            for key in (Name.Annots, Name.AA, Name.Thumb, Name.PieceInfo, Name.Metadata):
                if key in page.obj:
                    del page.obj[key]
        for name in list(pdf.Root.keys()):
            if name not in ("/Type", "/Pages", "/OCProperties"):
                del pdf.Root[name]
        _drop_replacement_texts(pdf)
        pdf.save(target)
    except (pikepdf.PdfError, ValueError, RuntimeError, RecursionError, TypeError, KeyError) as error:
        raise Refused("the PDF is broken and its pages cannot be read") from error


def _drop_annotations_in_layers(pdf: pikepdf.Pdf) -> None:
    """qpdf flattens a note whatever its layer, which would bring back what the page does not show."""
    for page in pdf.pages:
        annotations = page.obj.get(Name.Annots)
        if isinstance(annotations, pikepdf.Array):
            kept = [note for note in annotations if not (_is_dictionary(note) and Name.OC in note)]
            page.obj[Name.Annots] = pikepdf.Array(kept)


def _drop_replacement_texts(pdf: pikepdf.Pdf) -> None:
    """PDFium reads ActualText instead of the glyphs that are drawn, so a search would miss what shows."""
    for found in _dictionaries(pdf):
        if "/ActualText" in found:
            del found["/ActualText"]
    for holder in [*pdf.pages, *_forms(pdf)]:
        _rewrite_inline(pdf, holder)


def _rewrite_inline(pdf: pikepdf.Pdf, holder: Any) -> None:
    if isinstance(holder, pikepdf.Page):
        content = b"\n".join(part.read_bytes() for part in _parts(holder.obj.get(Name.Contents)))
    else:
        content = holder.read_bytes()
    if not re.search(rb"ActualText|#", content) or b"BDC" not in content:
        return
    instructions = []
    changed = False
    for instruction in pikepdf.parse_content_stream(holder):
        operands: Any = instruction.operands
        if str(instruction.operator) == "BDC" and _replaces_text(operands):
            changed = True
            operands = [operands[0], pikepdf.Dictionary()]
        instructions.append((operands, instruction.operator))
    if not changed:
        return
    rewritten = pikepdf.unparse_content_stream(instructions)
    if isinstance(holder, pikepdf.Page):
        holder.obj[Name.Contents] = pdf.make_stream(rewritten)
    else:
        holder.write(rewritten)


def _replaces_text(operands: Any) -> bool:
    return len(operands) == 2 and _is_dictionary(operands[1]) and "/ActualText" in operands[1]


def _parts(contents: Any) -> Iterator[pikepdf.Stream]:
    for part in contents if isinstance(contents, pikepdf.Array) else (contents,):
        if isinstance(part, pikepdf.Stream):
            yield part


def _forms(pdf: pikepdf.Pdf) -> Iterator[pikepdf.Stream]:
    for found in pdf.objects:
        if isinstance(found, pikepdf.Stream) and found.get(Name.Subtype) == Name.Form:
            yield found


def _dictionaries(pdf: pikepdf.Pdf) -> Iterator[Any]:
    """Every dictionary of a file, also those nested in others, whether reachable or not."""
    for top in pdf.objects:
        stack: list[tuple[Any, int]] = [(top, 0)]
        while stack:
            found, depth = stack.pop()
            if not isinstance(found, pikepdf.Object) or depth > 50 or (depth and found.is_indirect):
                continue
            if isinstance(found, pikepdf.Array):
                stack += [(item, depth + 1) for item in found]
            elif isinstance(found, pikepdf.Dictionary | pikepdf.Stream):
                yield found
                stack += [(value, depth + 1) for _, value in found.items()]


def _is_dictionary(found: Any) -> bool:
    return isinstance(found, pikepdf.Dictionary)


def _revisions(path: Path) -> int:
    # mapped: the largest file that is taken would fill half the memory a child has
    with path.open("rb") as stream, mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as data:
        return sum(1 for _ in re.finditer(rb"startxref\s+[1-9]\d*\s+%%EOF", data))
