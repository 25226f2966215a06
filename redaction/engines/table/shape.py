"""What every table must be like, whatever its format."""

from collections.abc import Sequence

from redaction import limits
from redaction.report import Refused

LINE_LIMIT = 16 * 1024 * 1024  # characters in one line of the file
FIELD_LIMIT = limits.CELL_LETTERS
COLUMN_LIMIT = 16_384  # what a spreadsheet can hold
ROW_LIMIT = 500_000_000


class BadTable(Refused):
    """The file is not one well-formed table; the message names the row (the header is row 1)."""


def check_header(header: Sequence[str]) -> None:
    """This will accept a first row that names each column once.

    :raises BadTable: for a blank row, a blank or repeated name, or too many columns.
    """
    if not header:
        raise BadTable("row 1 is blank; a table starts with its header")
    if len(header) > COLUMN_LIMIT:
        raise BadTable(f"row 1 has {len(header)} columns, more than {COLUMN_LIMIT}")
    seen: set[str] = set()
    for place, name in enumerate(header, 1):
        if not name.strip():
            raise BadTable(f"row 1 has no name for column {place}")
        if name in seen:
            raise BadTable(f"row 1 names two columns {name!r}")
        seen.add(name)
