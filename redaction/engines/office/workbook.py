"""XLSX (ECMA-376 part 1, SpreadsheetML): sheets, rows and columns that do not show, comments, caches."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from redaction.engines.office.hidden import Hidden
from redaction.engines.office.package import Element, Package, attribute, drop, name_of, words
from redaction.report import Refused

BOOK = "xl/workbook.xml"

_LEFT_OUT = ("xl/embeddings/", "xl/activeX/", "xl/comments", "xl/threadedComments/", "xl/persons/",
             "xl/externalLinks/", "customXml/", "docProps/")  # fmt: skip
# CELL and INFO tell where the file lies on this machine
_FETCHES = re.compile(
    r"WEBSERVICE|FILTERXML|IMAGE\(|HYPERLINK\(|DDE|RTD|CELL\s*\(|INFO\s*\(|\[", re.IGNORECASE
)
_OWN_PLACE = re.compile(r"&[ZF]", re.IGNORECASE)  # codes in a header or footer: the file's folder, its name
_MARGINS = tuple(page + part for page in ("odd", "even", "first") for part in ("Header", "Footer"))


@dataclass(frozen=True)
class Sheet:
    """One sheet: its place in the book from 1, its part, whether a program lists it."""

    number: int
    part: str
    shows: bool
    entry: Element


def find(package: Package) -> list[Hidden]:
    """This will list what the workbook holds and its printed pages do not show."""
    found, shared, ranges = list[Hidden](), _shared(package), _print_areas(package)
    blanking = _blanking_styles(package)
    for sheet in sheets(package):
        root = package.tree(sheet.part)
        if not sheet.shows:
            texts = tuple(_texts(_cells(root), shared))
            found.append(Hidden(f"sheet:{sheet.number}", f"a hidden sheet with {len(texts)} cells", texts))
        rows = [row for row in _rows(root) if _is_hidden(row, "ht") and len(row)]
        if rows:
            texts = tuple(_texts((cell for row in rows for cell in row), shared))
            found.append(Hidden(f"rows:{sheet.number}", f"hidden rows on sheet {sheet.number}", texts))
        columns = _hidden_columns(root)
        cells = [cell for cell in _cells(root) if _column(cell) in columns]
        if cells:
            texts = tuple(_texts(cells, shared))
            what = f"hidden columns on sheet {sheet.number}"
            found.append(Hidden(f"columns:{sheet.number}", what, texts))
        cells = [cell for cell in _cells(root) if cell.get("s") in blanking]
        if cells:
            texts = tuple(_texts(cells, shared))
            what = f"cells on sheet {sheet.number} whose number format shows nothing"
            found.append(Hidden(f"formats:{sheet.number}", what, texts))
        if sheet.number in ranges and sheet.shows:
            what = f"cells that sheet {sheet.number} may not print, for it has a print area"
            found.append(Hidden(f"print-area:{sheet.number}", what))
        notes = [
            text
            for _, kind, name in package.related(sheet.part)
            if kind in ("comments", "threadedComment") and name in package
            for text in _comments(package.tree(name))
        ]
        if notes:
            found.append(
                Hidden(f"comments:{sheet.number}", f"comments on sheet {sheet.number}", tuple(notes))
            )
    caches = package.under("xl/pivotCache/")
    if caches:
        found.append(Hidden("pivot-caches", "the rows behind a pivot table", can_show=False))
    if any(attribute(name, "hidden") in ("1", "true") for name in _names(package)):
        found.append(Hidden("names", "hidden defined names", can_show=False))
    if package.under("xl/externalLinks/"):
        found.append(Hidden("links", "values kept from other files", can_show=False))
    found += [
        Hidden(f"embedded:{number}", "a file inside the workbook, of which a picture shows", can_show=False)
        for number, _ in enumerate(package.under("xl/embeddings/"), start=1)
    ]
    return found


def prepare(package: Package, shown: frozenset[str]) -> None:
    """This will make the workbook print what was decided, with the values it was saved with."""
    package.leave_out(*package.under(*_LEFT_OUT))
    blanking = _blanking_styles(package)
    for sheet in sheets(package):
        root = package.tree(sheet.part)
        if f"sheet:{sheet.number}" in shown:
            sheet.entry.set("state", "visible")
        if f"rows:{sheet.number}" in shown:
            for row in list(_rows(root)):
                for name in ("hidden", "ht", "customHeight"):
                    row.attrib.pop(name, None)
            for part in [part for part in root if name_of(part) == "autoFilter"]:
                drop(part)
        if f"columns:{sheet.number}" in shown:
            for column in _columns(root):
                column.attrib.pop("hidden", None)
                if float(column.get("width", "9")) < 1:
                    column.set("width", "12")
        for cell in list(_cells(root)):
            _keep_value(cell)
            if cell.get("s") in blanking and f"formats:{sheet.number}" in shown:
                cell.set("s", "0")
        for part in [part for part in root.iter() if name_of(part) in _MARGINS]:
            part.text = _OWN_PLACE.sub("", part.text or "")
    for entry in list(_names(package)):
        place = entry.get("localSheetId")
        is_area = entry.get("name") == "_xlnm.Print_Area"
        if is_area and place is not None and f"print-area:{int(place) + 1}" in shown:
            drop(entry)


def sheets(package: Package) -> list[Sheet]:
    """This will list the worksheets in the order of the book.

    :raises Refused: when the book names a sheet that is not there, or stands in an unusual place.
    """
    if package.main() != BOOK:
        raise Refused("the workbook is broken: its sheets are listed in an unusual place")
    parts = {key: name for key, _, name in package.related(BOOK)}
    found = []
    entries = [entry for entry in package.tree(BOOK).iter() if name_of(entry) == "sheet"]
    for number, entry in enumerate(entries, start=1):
        part = parts.get(attribute(entry, "id") or "", "")
        if part not in package:
            raise Refused(f"the workbook is broken: sheet {number} is missing")
        found.append(Sheet(number, part, entry.get("state", "visible") == "visible", entry))
    return found


def _blanking_styles(package: Package) -> set[str]:
    """The numbers of cell styles whose format is nothing but semicolons, which shows nothing at all."""
    if "xl/styles.xml" not in package:
        return set()
    root = package.tree("xl/styles.xml")
    formats = {
        part.get("numFmtId")
        for part in root.iter()
        if name_of(part) == "numFmt" and re.fullmatch(r"\s*;[;\s]*", part.get("formatCode", ""))
    }
    styles = next((part for part in root.iter() if name_of(part) == "cellXfs"), ())
    return {str(place) for place, style in enumerate(styles) if style.get("numFmtId") in formats}


def _keep_value(cell: Element) -> None:
    """A formula would be computed anew: today's date, another file, the network. What was saved stays."""
    formula = next((part for part in cell if name_of(part) == "f"), None)
    if formula is None:
        return
    has_value = any(name_of(part) in ("v", "is") and words(part) for part in cell)
    if has_value or _FETCHES.search(formula.text or ""):
        drop(formula)


def _rows(root: Element) -> Iterator[Element]:
    return (part for part in root.iter() if name_of(part) == "row")


def _cells(root: Element) -> Iterator[Element]:
    return (part for part in root.iter() if name_of(part) == "c")


def _columns(root: Element) -> list[Element]:
    return [part for part in root.iter() if name_of(part) == "col"]


def _is_hidden(element: Element, size: str) -> bool:
    given = element.get(size)
    return element.get("hidden") in ("1", "true") or (given is not None and float(given) == 0)


def _hidden_columns(root: Element) -> set[int]:
    found = set[int]()
    for column in _columns(root):
        if _is_hidden(column, "width"):
            last = min(int(column.get("max", "0")), 16_384)
            found.update(range(int(column.get("min", "1")), last + 1))
    return found


def _column(cell: Element) -> int:
    number = 0
    for letter in re.match(r"[A-Z]*", cell.get("r", ""))[0]:  # type: ignore[index]  # matches always
        number = number * 26 + ord(letter) - 64
    return number


def _shared(package: Package) -> list[str]:
    if "xl/sharedStrings.xml" not in package:
        return []
    return [words(entry) for entry in package.tree("xl/sharedStrings.xml") if name_of(entry) == "si"]


def _texts(cells: Iterator[Element] | list[Element], shared: list[str]) -> Iterator[str]:
    for cell in cells:
        text = " ".join(words(part) for part in cell if name_of(part) in ("v", "is")).strip()
        if cell.get("t") == "s" and text.isdigit():
            text = shared[int(text)] if int(text) < len(shared) else ""
        if text:
            yield text


def _names(package: Package) -> list[Element]:
    return [part for part in package.tree(BOOK).iter() if name_of(part) == "definedName"]


def _print_areas(package: Package) -> set[int]:
    return {
        int(entry.get("localSheetId", "0")) + 1
        for entry in _names(package)
        if entry.get("name") == "_xlnm.Print_Area"
    }


def _comments(root: Element) -> list[str]:
    return [
        f"{attribute(entry, 'ref') or ''}: {words(entry)}".strip()
        for entry in root.iter()
        if name_of(entry) in ("comment", "threadedComment")
    ]
