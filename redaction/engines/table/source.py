"""Opening a table of unknown make: format, encoding, delimiter and shape settled before any row is used."""

import codecs
import csv
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

from redaction.engines.table import parquet, workbook
from redaction.engines.table.shape import (
    FIELD_LIMIT,
    LINE_LIMIT,
    BadTable,
    check_header,
)

CHUNK = 1024 * 1024
SAMPLE = 64 * 1024
DELIMITERS = (",", ";", "\t", "|")
BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


@dataclass(frozen=True)
class Table:
    """Where a table is and how it is spelled; ``header`` is exact, ``encoding`` is "" but for text."""

    path: Path
    encoding: str
    delimiter: str
    header: tuple[str, ...]
    format: str = "csv"
    sheet: workbook.Found | None = None

    def rows(self) -> Iterator[tuple[int, list[str]]]:
        """This will give (row number, cells) of each data row, from the start of the file, once.

        :raises BadTable: at the first row that is not shaped like the header.
        """
        if self.sheet is not None:
            yield from workbook.rows(self.path, self.sheet)
            return
        if self.format == "parquet":
            yield from parquet.rows(self.path)
            return
        width = len(self.header)
        records = read(self.path, self.encoding, self.delimiter)
        next(records)
        for number, cells in records:
            if not cells:
                continue
            if len(cells) != width:
                raise BadTable(f"row {number} has {len(cells)} cells, the header has {width}")
            yield number, cells


def open_table(path: Path, names: Collection[str] = ()) -> Table:
    """This will settle format, encoding, delimiter and header; ``names`` help to choose among sheets.

    :raises BadTable: for an empty file, bytes of no known encoding, or an ambiguous header.
    """
    with path.open("rb") as stream:
        head = stream.read(8)
    if head.startswith(b"PK\x03\x04"):
        found = workbook.survey(path, names)
        check_header(found.header)
        return Table(path, "", ",", found.header, "xlsx", found)
    if head.startswith(b"PAR1"):
        names_found = parquet.header(path)
        check_header(names_found)
        return Table(path, "", ",", names_found, "parquet")
    encoding = _encoding_of(path)
    delimiter = _delimiter_of(path, encoding)
    _, header = next(read(path, encoding, delimiter), (1, []))
    check_header(header)
    return Table(path=path, encoding=encoding, delimiter=delimiter, header=tuple(header))


def read(path: Path, encoding: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """This will give (row number, cells) of each record, header first, blank lines as empty lists.

    :raises BadTable: for a NUL, an endless line or cell, or quotes that do not match.
    """
    csv.field_size_limit(FIELD_LIMIT)
    number = 1
    with path.open(encoding=encoding, newline="") as stream:

        def lines() -> Iterator[str]:
            while line := stream.readline(LINE_LIMIT + 1):
                if len(line) > LINE_LIMIT:
                    raise BadTable(f"row {number} is longer than {LINE_LIMIT} characters")
                if "\0" in line:
                    raise BadTable(f"row {number} holds a NUL byte")
                yield line

        records = csv.reader(lines(), delimiter=delimiter, strict=True)
        try:
            for cells in records:
                yield number, cells
                number += 1
        except csv.Error as error:
            raise BadTable(f"row {number}: {_explain(error)}") from None
        except UnicodeError:
            raise BadTable(f"row {number} holds bytes that are not {encoding}") from None


def _explain(error: csv.Error) -> str:
    said = str(error)
    if "unexpected end of data" in said:
        return "a quoted cell is never closed"
    if "field larger" in said:
        return f"a cell is longer than {FIELD_LIMIT} characters, or a quote is never closed"
    if "expected after" in said:
        return "text follows the closing quote of a cell"
    return said


def _encoding_of(path: Path) -> str:
    with path.open("rb") as stream:
        head = stream.read(4096)
        if not head:
            raise BadTable("the file is empty")
        for bom, encoding in BOMS:
            if head.startswith(bom):
                return encoding
        if head[1::2].count(0) * 10 > len(head) * 4:
            return "utf-16-le"
        if head[0::2].count(0) * 10 > len(head) * 4:
            return "utf-16-be"
        decoder = codecs.getincrementaldecoder("utf-8")()
        chunk = head
        try:
            while chunk:
                if not (chunk.isascii() and decoder.getstate()[0] == b""):
                    decoder.decode(chunk)
                chunk = stream.read(CHUNK)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return "cp1252"
    return "utf-8"


def _delimiter_of(path: Path, encoding: str) -> str:
    """The delimiter under which the most of the first rows agree with the header; a comma when none does."""
    best, best_score = ",", (0.0, 1)
    for delimiter in DELIMITERS:
        widths = _sample_widths(path, encoding, delimiter)
        if not widths or widths[0] < 2:
            continue
        agreeing = sum(width == widths[0] for width in widths) / len(widths)
        if (agreeing, widths[0]) > best_score:
            best, best_score = delimiter, (agreeing, widths[0])
    return best


def _sample_widths(path: Path, encoding: str, delimiter: str) -> list[int]:
    widths: list[int] = []
    size = 0
    try:
        for _, cells in read(path, encoding, delimiter):
            if cells:
                widths.append(len(cells))
            size += sum(map(len, cells))
            if len(widths) >= 100 or size > SAMPLE:
                break
    except BadTable:
        # the full reading will name the row; the rows before it still tell the delimiter
        pass
    return widths
