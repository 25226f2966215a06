"""XLSX by its own XML: what is visible on one sheet, read without the engine's library."""

import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from xml.etree.ElementTree import Element, ParseError

from defusedxml import ElementTree

from redaction.verify.table.faults import Unreadable

LOOK = 20  # rows in which the header is looked for
LARGEST = 800 * 1024 * 1024
_BUILT_IN_DATES = frozenset({*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)})
_DAY_ONE = datetime(1899, 12, 30)  # noqa: DTZ001  # serial dates have no zone


@dataclass(frozen=True)
class Sheet:
    """The visible cells of one sheet as rows of text."""

    path: Path
    part: str
    header_row: int
    places: tuple[int, ...]
    encoding: str = "utf-8"

    def records(self, _delimiter: str) -> Iterator[tuple[int, list[str]]]:
        """This will give (row of the sheet, cells), the header first.

        :raises Unreadable: when the XML is broken.
        """
        for number, cells in _rows(self.path, self.part):
            texts = [cells.get(place, "") for place in self.places]
            if number >= self.header_row and any(texts):
                yield number, texts


def open_sheet(path: Path, names: list[str]) -> Sheet:
    """This will choose the first visible sheet, or the first that has all the names.

    :raises Unreadable: when there is none.
    """
    try:
        with zipfile.ZipFile(path) as package:
            if sum(part.file_size for part in package.infolist()) > LARGEST:
                raise Unreadable("the workbook is too large")
            parts = _visible(package)
        found = [_shape(path, part, set(names)) for part in parts]
    except (zipfile.BadZipFile, KeyError, ParseError, ValueError) as error:
        raise Unreadable(f"the workbook cannot be read ({type(error).__name__})") from None
    sheets = [sheet for sheet, _ in found if sheet is not None]
    fitting = [sheet for sheet, fits in found if fits and sheet is not None]
    if not sheets:
        raise Unreadable("the file is empty")
    return (fitting or sheets)[0]


def _visible(package: zipfile.ZipFile) -> list[str]:
    book = ElementTree.fromstring(package.read("xl/workbook.xml"))
    links = ElementTree.fromstring(package.read("xl/_rels/workbook.xml.rels"))
    targets = {
        link.get("Id"): str(link.get("Target")) for link in links if "worksheet" in str(link.get("Type"))
    }
    keys = [
        value
        for sheet in book.iter()
        if sheet.tag.endswith("}sheet") and sheet.get("state", "visible") == "visible"
        for name, value in sheet.attrib.items()
        if name.endswith("}id")
    ]
    return [
        targets[key].lstrip("/") if targets[key].startswith("/") else "xl/" + targets[key]
        for key in keys
        if key in targets
    ]


def _shape(path: Path, part: str, names: set[str]) -> tuple[Sheet | None, bool]:
    top = 0
    title: dict[int, str] = {}
    used: set[int] = set()
    for number, cells in _rows(path, part):
        full = {place for place, text in cells.items() if text.strip()}
        texts = set(cells.values())
        if full and (
            not top or (number <= LOOK and names and names <= texts and not names <= set(title.values()))
        ):
            top, title, used = number, cells, set()
        used |= full
    if not top:
        return None, False
    return Sheet(path, part, top, tuple(sorted(used))), names <= set(title.values())


def _rows(path: Path, part: str) -> Iterator[tuple[int, dict[int, str]]]:
    with zipfile.ZipFile(path) as package:
        shared = _shared(package)
        dates = _date_styles(package)
        hidden: set[int] = set()
        number = 0
        with package.open(part) as stream:
            for _, element in ElementTree.iterparse(stream):
                tag = element.tag.rpartition("}")[2]
                if tag == "col" and _is_hidden(element, "width"):
                    hidden.update(
                        range(int(element.get("min", 1)) - 1, min(int(element.get("max", 1)), 16_384))
                    )
                elif tag == "row":
                    number = int(element.get("r", number + 1))
                    if not _is_hidden(element, "ht"):
                        yield number, _row(element, shared, dates, hidden)
                    element.clear()


def _is_hidden(element: Element, size: str) -> bool:
    return element.get("hidden") in ("1", "true") or element.get(size) in ("0", "0.0")


def _row(row: Element, shared: list[str], dates: dict[int, bool], hidden: set[int]) -> dict[int, str]:
    cells: dict[int, str] = {}
    place = -1
    for cell in row:
        reference = re.match(r"[A-Z]+", cell.get("r", ""))
        place = _number_of(reference[0]) if reference else place + 1
        if place not in hidden:
            cells[place] = _text(cell, shared, dates)
    return cells


def _number_of(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number - 1


def _text(cell: Element, shared: list[str], dates: dict[int, bool]) -> str:
    kind = cell.get("t", "n")
    if kind == "inlineStr":
        return _joined(cell)
    value = next((child.text or "" for child in cell if child.tag.endswith("}v")), "")
    if kind == "s":
        return shared[int(value)] if value else ""
    if kind == "b":
        return "TRUE" if value == "1" else "FALSE"
    if kind != "n" or not value:
        return value
    amount = float(value)
    if dates.get(int(cell.get("s", 0))):
        return _moment(amount)
    return str(int(amount)) if amount.is_integer() and abs(amount) < 1e15 else repr(amount)


def _moment(serial: float) -> str:
    at = _DAY_ONE + timedelta(milliseconds=round(serial * 86_400_000))
    if serial < 1:
        return at.time().isoformat()
    return at.date().isoformat() if serial.is_integer() else at.isoformat(" ")


def _joined(element: Element) -> str:
    """The text of a string without its phonetic notes."""
    pieces = []
    for child in element:
        tag = child.tag.rpartition("}")[2]
        pieces.append(child.text or "" if tag == "t" else "" if tag == "rPh" else _joined(child))
    return "".join(pieces)


def _shared(package: zipfile.ZipFile) -> list[str]:
    if "xl/sharedStrings.xml" not in package.namelist():
        return []
    root = ElementTree.fromstring(package.read("xl/sharedStrings.xml"))
    return [_joined(item) for item in root]


def _date_styles(package: zipfile.ZipFile) -> dict[int, bool]:
    if "xl/styles.xml" not in package.namelist():
        return {}
    root = ElementTree.fromstring(package.read("xl/styles.xml"))
    custom = {
        int(item.get("numFmtId", 0)): item.get("formatCode", "")
        for item in root.iter()
        if item.tag.endswith("}numFmt")
    }
    formats = next((part for part in root if part.tag.endswith("}cellXfs")), ())
    found = {}
    for place, style in enumerate(formats):
        key = int(style.get("numFmtId", 0))
        code = re.sub(r"\"[^\"]*\"|\\.|\[[^\]]*\]", "", custom.get(key, ""))
        found[place] = key in _BUILT_IN_DATES or re.search(r"[dmyhs]", code, re.IGNORECASE) is not None
    return found
