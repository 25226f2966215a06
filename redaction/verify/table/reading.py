"""A second reader of tables: delimited text by the csv module (the engine has DuckDB), XLSX by its XML."""

import codecs
import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from redaction.verify.table import columnar, sheets
from redaction.verify.table.faults import Unreadable as Unreadable  # its readers look for it here

DELIMITERS = (",", ";", "\t", "|")
LINE_LIMIT = 16 * 1024 * 1024
CHUNK = 1024 * 1024


@dataclass(frozen=True)
class Text:
    """A file with the encoding its bytes decode under from the first to the last."""

    path: Path
    encoding: str

    def records(self, delimiter: str) -> Iterator[tuple[int, list[str]]]:
        """This will give (row number, cells) of every record; a blank line has no cells.

        :raises Unreadable: for a quote that is not closed, or text after a closing quote.
        """
        number = 0
        csv.field_size_limit(LINE_LIMIT)
        with self.path.open(encoding=self.encoding, newline="") as stream:
            rows = csv.reader(self._lines(stream), delimiter=delimiter, strict=True)
            try:
                for number, cells in enumerate(rows, 1):
                    yield number, cells
            except csv.Error as error:
                raise Unreadable(f"row {number + 1}{_explain(str(error))}") from None
            except _EndlessLine:
                raise Unreadable(f"row {number + 1} is endless") from None

    @staticmethod
    def _lines(stream: TextIO) -> Iterator[str]:
        while line := stream.readline(LINE_LIMIT):
            if len(line) == LINE_LIMIT:
                raise _EndlessLine
            yield line


Table = Text | sheets.Sheet | columnar.Columns


class _EndlessLine(Exception):
    """A line longer than any table has."""


def _explain(said: str) -> str:
    if "expected after" in said:
        return ": text follows the closing quote of a cell"
    return ": a quoted cell is never closed" if "unexpected end" in said else " is endless"


def open_any(path: Path, names: list[str]) -> Table:
    """This will open a table of any format; ``names`` help to choose the sheet of a workbook."""
    with path.open("rb") as stream:
        head = stream.read(4)
    if head == b"PK\x03\x04":
        return sheets.open_sheet(path, names)
    return columnar.Columns(path) if head == b"PAR1" else decode(path)


def decode(path: Path) -> Text:
    """This will find the encoding: by the mark at the start, else UTF-8, UTF-16 if full of NULs, else 1252.

    :raises Unreadable: when the file is empty or there is no such encoding.
    """
    with path.open("rb") as stream:
        head = stream.read(CHUNK)
    if not head:
        raise Unreadable("the file is empty")
    tries = ["utf-8", "cp1252"]
    if head.startswith(codecs.BOM_UTF8):
        tries = ["utf-8-sig"]
    elif head.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        tries = ["utf-32"]
    elif head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        tries = ["utf-16"]
    elif head.count(0) * 5 > len(head):
        tries = ["utf-16-le", "utf-16-be"] if head[:1] != b"\0" else ["utf-16-be", "utf-16-le"]
    for encoding in tries:
        if _decodes(path, encoding):
            return Text(path, encoding)
    raise Unreadable("the bytes are of no encoding known here")


def header_of(text: Table, names: list[str]) -> tuple[str, list[str]]:
    """This will give the delimiter and header under which all the names are columns, or the widest header.

    :raises Unreadable: when the first row cannot be read at all.
    """
    best: tuple[bool, int, str, list[str]] | None = None
    fault: Unreadable | None = None
    for delimiter in DELIMITERS:
        try:
            _, header = next(text.records(delimiter), (1, []))
        except Unreadable as error:
            fault = error
            continue
        rank = (all(name in header for name in names), len(header))
        if best is None or rank > best[:2]:
            best = (*rank, delimiter, header)
    if best is None:
        raise fault or Unreadable("there is no header")
    return best[2], best[3]


def _decodes(path: Path, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    with path.open("rb") as stream:
        try:
            while chunk := stream.read(CHUNK):
                if not (chunk.isascii() and encoding.startswith("utf-8") and not decoder.getstate()[0]):
                    decoder.decode(chunk)
            decoder.decode(b"", final=True)
        except UnicodeError:
            return False
    return True
