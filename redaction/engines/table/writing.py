"""Writing released rows as CSV, Parquet or XLSX: text cells only."""

import csv
import io
import itertools
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path

import xlsxwriter

from redaction.engines.table.database import Database, name, quote
from redaction.report import Refused

SHEET_ROWS = 1_048_576  # a sheet's rows, the header among them
CELL_LIMIT = 32_767  # characters in a cell of a sheet
MADE = datetime(2000, 1, 1, tzinfo=UTC).replace(
    tzinfo=None
)  # a workbook tells when it was made: always the same

Beat = Callable[[float], None]


class TooLarge(Refused):
    """The released rows do not fit a spreadsheet."""


def write(
    database: Database, cells: str, header: Sequence[str], target: Path, *, delimiter: str, beat: Beat
) -> int:
    """This will write the rows of a statement under a header, in the format of the target's suffix.

    :raises TooLarge: when they do not fit a sheet.
    """
    if target.suffix.lower() == ".parquet":
        named = ", ".join(f"r{place} AS {name(title)}" for place, title in enumerate(header))
        statement = (
            f"COPY (SELECT {named} FROM ({cells})) TO {quote(str(target))} (FORMAT parquet, COMPRESSION zstd)"
        )
        return int(database.rows(statement, beat)[0][0])
    if target.suffix.lower() == ".xlsx":
        return write_workbook(database.stream(cells), header, target, beat)
    return _write_csv(database, cells, header, target, delimiter, beat)


def _write_csv(
    database: Database, cells: str, header: Sequence[str], target: Path, delimiter: str, beat: Beat
) -> int:
    top = io.StringIO()
    csv.writer(top, delimiter=delimiter, lineterminator="\r\n").writerow(header)
    # an empty cell is written bare, but for a table of one column, where it would be a blank line
    texts = [f"r{place}" if len(header) == 1 else f"nullif(r{place}, '')" for place in range(len(header))]
    count = int(
        database.rows(
            f"COPY (SELECT {', '.join(texts)} FROM ({cells})) TO {quote(str(target))} "
            f"(FORMAT csv, HEADER false, "
            f"DELIMITER {quote(delimiter)}, QUOTE '\"', ESCAPE '\"', NULLSTR '', NEW_LINE '\\r\\n', "
            f"PREFIX {quote(top.getvalue())}, SUFFIX '\r\n')",
            beat,
        )[0][0]
    )
    if count == 0:
        target.write_text(top.getvalue(), encoding="utf-8", newline="")
    return count


def write_workbook(
    rows: Iterable[Sequence[str]], header: Sequence[str], target: Path, beat: Beat | None = None
) -> int:
    """This will write one sheet of texts, row by row, and give the number of rows below the header.

    :raises TooLarge: when there are more rows, or longer cells, than a sheet holds.
    """
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    book = xlsxwriter.Workbook(str(target), {**options, "tmpdir": str(target.parent)})
    book.set_properties({"created": MADE})
    sheet = book.add_worksheet("Released")
    count = -1
    try:
        for count, cells in enumerate(itertools.chain([header], rows)):
            if count >= SHEET_ROWS:
                raise TooLarge(
                    f"more than {SHEET_ROWS - 1} rows do not fit a spreadsheet; release them as CSV"
                )
            for place, cell in enumerate(cells):
                if len(cell) > CELL_LIMIT:
                    raise TooLarge(
                        f"row {count + 1}, column {header[place]!r}: a cell is longer than {CELL_LIMIT} "
                        "characters; release the table as CSV"
                    )
                if cell:
                    sheet.write_string(count, place, cell)
            if beat is not None and count % 20_000 == 0:
                beat(count / SHEET_ROWS)
    finally:
        book.close()
    return count
