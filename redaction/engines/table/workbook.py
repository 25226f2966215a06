"""XLSX as a table of text: the cell values of one visible sheet, and nothing else of the workbook.

Calamine reads the values. What a reader would not see (hidden sheets, rows and columns, comments, names,
pivot caches, links) is looked up in the parts of the package only to be told of; it never enters.
"""

import datetime as dt
import re
import zipfile
import zlib
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import IO, Any

import python_calamine
from defusedxml import ElementTree

from redaction import limits
from redaction.engines.table.shape import FIELD_LIMIT, BadTable

PACKAGE_LIMIT = limits.WORKBOOK_BYTES
RATIO_LIMIT = limits.WORKBOOK_RATIO
RATIO_FLOOR = limits.WORKBOOK_FLOOR
HEADER_WITHIN = 20  # rows in which the header is looked for

# what a damaged package makes the standard reader trip over
_DAMAGE = (
    *(zipfile.BadZipFile, zlib.error, ElementTree.ParseError, EOFError, OSError, RuntimeError),
    *(LookupError, StopIteration, ValueError),
)
_TAG = re.compile(rb"<(?:\w+:)?(row|col)\b([^>]*)>")
_ATTRIBUTE = re.compile(rb"\b(\w+)\s*=\s*[\"']([^\"']*)[\"']")
_PARTS = (
    (re.compile(r"xl/(threaded)?comments", re.IGNORECASE), "comments"),
    (re.compile(r"xl/pivotCache/", re.IGNORECASE), "pivot caches"),
    (re.compile(r"xl/externalLinks/", re.IGNORECASE), "links to other workbooks"),
    (re.compile(r"xl/vbaProject", re.IGNORECASE), "macros"),
    (re.compile(r"xl/(media|embeddings)/", re.IGNORECASE), "pictures or embedded files"),
)


@dataclass
class Found:
    """The sheet that is the table: its header, and what of the workbook stays outside."""

    sheet: str
    header: tuple[str, ...]
    header_row: int
    places: tuple[int, ...]  # columns of the sheet, from 0, that the header names
    hidden_rows: frozenset[int]  # numbered from 1, as a spreadsheet shows them
    hidden: tuple[str, ...] = ()
    notes: list[str] = field(default_factory=list)


def survey(path: Path, names: Collection[str] = ()) -> Found:
    """This will find the table of a workbook: the first visible sheet, unless only another has the ``names``.

    :raises BadTable: when the workbook cannot be read, is a bomb, or no visible sheet starts with a header.
    """
    status = path.stat()
    return _survey(path, frozenset(names), (status.st_ino, status.st_size, status.st_mtime_ns))


def rows(path: Path, found: Found) -> Iterator[tuple[int, list[str]]]:
    """This will give (row of the sheet, visible cells) of each row below the header that is not empty."""
    for number, cells in _cells(path, found.sheet):
        if number <= found.header_row or number in found.hidden_rows:
            continue
        texts = [spell(cells[place]) if place < len(cells) else "" for place in found.places]
        if any(len(text) > FIELD_LIMIT for text in texts):
            raise BadTable(f"row {number}: a cell is longer than {FIELD_LIMIT} characters")
        if any(texts):
            yield number, texts


def spell(value: Any) -> str:
    """This will write a cell's value as text: dates as ISO, whole numbers without a point."""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, dt.datetime):
        return value.isoformat(" ")
    if isinstance(value, dt.date | dt.time):
        return value.isoformat()
    if isinstance(value, dt.timedelta):
        return str(value)
    return str(value).replace("\0", "")


@lru_cache(maxsize=8)
def _survey(path: Path, names: frozenset[str], stamp: tuple[int, int, int]) -> Found:
    visible, notes = _visible_sheets(path)
    if not visible:
        raise BadTable("the workbook has no visible sheet")
    candidates = []
    faults = []
    for sheet in visible:
        try:
            candidates.append(_table_of(path, sheet, names))
        except BadTable as error:
            faults.append(error)
            if not names:
                raise
    fitting = [found for found in candidates if names <= {*found.header, *found.hidden}]
    if not candidates:
        raise faults[0]
    chosen = (fitting or candidates)[0]
    chosen.notes[:0] = notes
    if len(visible) > 1:
        others = ", ".join(repr(sheet) for sheet in visible if sheet != chosen.sheet)
        chosen.notes.insert(0, f"only sheet {chosen.sheet!r} was read; the workbook also shows {others}")
    return chosen


def _visible_sheets(path: Path) -> tuple[list[str], list[str]]:
    _check_package(path)
    notes = []
    try:
        workbook = python_calamine.CalamineWorkbook.from_path(str(path))
        sheets = workbook.sheets_metadata
        workbook.close()
        with zipfile.ZipFile(path) as package:
            names = package.namelist()
            root = ElementTree.fromstring(package.read("xl/workbook.xml"))
    except python_calamine.PasswordError:
        raise BadTable("the workbook is protected by a password") from None
    except (
        python_calamine.CalamineError,
        *_DAMAGE,
    ) as error:
        raise BadTable(f"the workbook cannot be read ({type(error).__name__})") from None
    hidden = [s.name for s in sheets if s.visible != python_calamine.SheetVisibleEnum.Visible]
    if hidden:
        notes.append("hidden sheets were left out: " + ", ".join(map(repr, hidden)))
    if any(element.tag.endswith("}definedName") for element in root.iter()):
        notes.append("the workbook's defined names were left out")
    notes += [
        f"the workbook's {words} were left out" for pattern, words in _PARTS if any(map(pattern.match, names))
    ]
    return [
        s.name
        for s in sheets
        if s.visible == python_calamine.SheetVisibleEnum.Visible
        and s.typ == python_calamine.SheetTypeEnum.WorkSheet
    ], notes


def _check_package(path: Path) -> None:
    try:
        with zipfile.ZipFile(path) as package:
            parts = package.infolist()
            if "xl/workbook.xml" not in package.namelist():
                raise BadTable("the workbook is not XLSX; save it as XLSX or CSV to release it as a table")
    except (zipfile.BadZipFile, OSError) as error:
        raise BadTable(f"the workbook cannot be read ({type(error).__name__})") from None
    total = sum(part.file_size for part in parts)
    if total > PACKAGE_LIMIT or len(parts) > 10_000:
        raise BadTable(f"the workbook unpacks to more than {PACKAGE_LIMIT >> 20} MiB; export it as CSV")
    for part in parts:
        if part.file_size > RATIO_FLOOR and part.file_size > RATIO_LIMIT * max(1, part.compress_size):
            raise BadTable(f"a part of the workbook grows more than {RATIO_LIMIT} times when unpacked")


def _table_of(path: Path, sheet: str, names: frozenset[str]) -> Found:
    hidden_rows, hidden_columns, merged = _layout(path, sheet)
    header_row, top, filled, above = 0, [""], set[int](), False
    for number, cells in _cells(path, sheet):
        full = {place for place, cell in enumerate(cells) if spell(cell).strip()}
        if not full or number in hidden_rows:
            continue
        better = (
            number <= HEADER_WITHIN and bool(names) and not names <= _texts(top) and names <= _texts(cells)
        )
        if not header_row or better:
            above = bool(header_row)
            header_row, top, filled = number, cells, set()
        filled |= full
    if not header_row:
        raise BadTable(f"sheet {sheet!r} is empty")
    top = [*top, *[""] * (max(filled) + 1 - len(top))]
    places = tuple(sorted(filled - hidden_columns))
    if any(not isinstance(top[place], str) for place in places):
        raise BadTable(
            f"row {header_row} of sheet {sheet!r} holds a number or date where its header should be"
        )
    hidden = tuple(spell(top[place]) for place in sorted(filled & hidden_columns))
    notes = []
    if hidden_rows:
        notes.append(f"hidden rows of sheet {sheet!r} were left out: {len(hidden_rows)}")
    if hidden:
        notes.append(f"hidden columns of sheet {sheet!r} were left out: {', '.join(map(repr, hidden))}")
    if above:
        notes.append(f"the header was found in row {header_row}; what stands above it was left out")
    if merged:
        notes.append("the sheet has merged cells: a value stands in the first of them only")
    header = tuple(str(top[place]) for place in places)
    return Found(sheet, header, header_row, places, frozenset(hidden_rows), hidden, notes)


def _texts(cells: Sequence[Any]) -> set[str]:
    return {spell(cell) for cell in cells}


def _cells(path: Path, sheet: str) -> Iterator[tuple[int, list[Any]]]:
    """(number, cells from column A) of each row from the first that is used."""
    try:
        with python_calamine.CalamineWorkbook.from_path(str(path)) as workbook:
            found = workbook.get_sheet_by_name(sheet)
            left = [""] * (found.start or (0, 0))[1]
            for number, cells in enumerate(found.iter_rows(), 1):
                yield number, left + cells
    except python_calamine.CalamineError as error:
        raise BadTable(f"sheet {sheet!r} cannot be read ({type(error).__name__})") from None


def _layout(path: Path, sheet: str) -> tuple[set[int], set[int], bool]:
    """Hidden rows (from 1), hidden columns (from 0), and whether cells are merged, from the sheet's part."""
    rows: set[int] = set()
    columns: set[int] = set()
    number, merged, kept = 0, False, b""
    with _opened_part(path, sheet) as stream:
        while chunk := stream.read(1 << 20):
            text = kept + chunk
            end = text.rfind(b"<")
            for tag, body in _TAG.findall(text, 0, max(end, 0)):
                given = dict(_ATTRIBUTE.findall(body))
                number = int(given.get(b"r", number + 1)) if tag == b"row" else number
                size = given.get(b"ht" if tag == b"row" else b"width")
                if given.get(b"hidden") not in (b"1", b"true") and size not in (b"0", b"0.0"):
                    continue
                if tag == b"row":
                    rows.add(number)
                else:
                    columns.update(range(int(given[b"min"]) - 1, min(int(given[b"max"]), 16_384)))
            merged = merged or b"mergeCell " in text
            kept = text[max(end, 0) :]
    return rows, columns, merged


@contextmanager
def _opened_part(path: Path, sheet: str) -> Iterator[IO[bytes]]:
    """The part that holds a sheet; what a damaged package makes the reading trip over is told.

    :raises BadTable: when the package or the sheet's part is damaged.
    """
    try:
        with zipfile.ZipFile(path) as package, package.open(_part_of(package, sheet)) as stream:
            yield stream
    except _DAMAGE as error:
        raise BadTable(f"the workbook is damaged ({type(error).__name__})") from None


def _part_of(package: zipfile.ZipFile, sheet: str) -> str:
    root = ElementTree.fromstring(package.read("xl/workbook.xml"))
    links = ElementTree.fromstring(package.read("xl/_rels/workbook.xml.rels"))
    targets = {link.get("Id"): link.get("Target", "") for link in links}
    for element in root.iter():
        if element.tag.endswith("}sheet") and element.get("name") == sheet:
            key = next(value for name, value in element.attrib.items() if name.endswith("}id"))
            target = targets[key]
            return target.lstrip("/") if target.startswith("/") else f"xl/{target}"
    raise BadTable(f"sheet {sheet!r} has no part in the workbook")
