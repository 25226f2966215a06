"""A second reader of delimited text (RFC 4180), written without the csv module so that both must agree."""

import codecs
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from redaction.report import Refused

DELIMITERS = (",", ";", "\t", "|")
LINE_LIMIT = 16 * 1024 * 1024
CHUNK = 1024 * 1024


class Unreadable(Refused):
    """The text is not a delimited table; the message names the row, the header being row 1."""


@dataclass(frozen=True)
class Text:
    """A file with the encoding its bytes decode under from the first to the last."""

    path: Path
    encoding: str

    def records(self, delimiter: str) -> Iterator[tuple[int, list[str]]]:
        """This will give (row number, cells) of every record; a blank line has no cells.

        :raises Unreadable: for a quote that is not closed, or text after a closing quote.
        """
        number, held = 1, ""
        with self.path.open(encoding=self.encoding, newline="") as stream:
            while line := stream.readline(LINE_LIMIT):
                if len(line) == LINE_LIMIT:
                    raise Unreadable(f"row {number} is endless")
                if held and '"' not in line:
                    held += line
                    if len(held) > LINE_LIMIT:
                        raise Unreadable(f"row {number} is endless")
                    continue
                held += line
                cells = _split(held, delimiter, number)
                if cells is not None:
                    yield number, cells
                    number, held = number + 1, ""
        if held:
            raise Unreadable(f"row {number}: a quoted cell is never closed")


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


def header_of(text: Text, names: list[str]) -> tuple[str, list[str]]:
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
                decoder.decode(chunk)
            decoder.decode(b"", final=True)
        except UnicodeError:
            return False
    return True


def _split(record: str, delimiter: str, number: int) -> list[str] | None:
    """The cells of a record, or None while a quoted cell is still open at its end."""
    body = record.rstrip("\r\n")
    if '"' not in record:
        return body.split(delimiter) if body else []
    cells: list[str] = []
    place = 0
    while True:
        if record.startswith('"', place):
            close = _closing(record, place + 1)
            if close < 0:
                return None
            cells.append(record[place + 1 : close].replace('""', '"'))
            place = close + 1
            if record[place:] in ("", "\n", "\r", "\r\n"):
                return cells
            if not record.startswith(delimiter, place):
                raise Unreadable(f"row {number}: text follows the closing quote of a cell")
        else:
            stop = body.find(delimiter, place)
            cells.append(body[place:] if stop < 0 else body[place:stop])
            if stop < 0:
                return cells
            place = stop
        place += 1


def _closing(record: str, place: int) -> int:
    while (place := record.find('"', place)) >= 0:
        if not record.startswith('"', place + 1):
            return place
        place += 2
    return -1
