"""Rows as RFC 4180 lines that a spreadsheet opens without running any of them."""

import csv
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal

_STARTS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


class _Line:
    """Takes what the csv module writes and hands it on at once."""

    def write(self, text: str) -> str:
        return text


def csv_lines(header: Sequence[str], rows: Iterable[Iterable[object]]) -> Iterator[str]:
    """This will write a CSV file line by line; memory does not grow with the rows. None is an empty cell."""
    writer = csv.writer(_Line())
    yield writer.writerow(header)
    for row in rows:
        yield writer.writerow([_cell(cell) for cell in row])


def _cell(value: object) -> str:
    if isinstance(value, (int, Decimal)):  # a number runs nothing, and a ledger reads “-12.50” as one
        return str(value)
    return "" if value is None else harmless(str(value))


def harmless(cell: str) -> str:
    """This will keep a spreadsheet from running a cell's text as a formula (OWASP, CSV injection)."""
    return f"'{cell}" if cell.lstrip(" ").startswith(_STARTS_A_FORMULA) else cell
