"""Rows in blocks of columns, so that the usual case is settled by whole columns at once."""

import itertools
from collections.abc import Iterator, Sequence

from redaction.verify.table.values import FORMULA, NUMBER, plain

SIZE = 2048  # rows

_LETTERS = {code: None for code in range(128) if not chr(code).isalnum() and code != 10}
_BLANKS = dict.fromkeys((*range(10), *range(11, 33), ord("-"), 127))
_USUAL_STARTS = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789'") | {""}

Records = Iterator[tuple[int, list[str]]]


def blocks(records: Records, size: int = SIZE) -> Iterator[list[tuple[int, list[str]]]]:
    """This will give the records in lists of at most ``size``."""
    while block := list(itertools.islice(records, size)):
        yield block


def spelled(column: Sequence[str]) -> list[str] | None:
    """This will give the letters and digits of each cell in capitals; None unless all are lines of ASCII."""
    return _translated(column, _LETTERS)


def plates(column: Sequence[str]) -> list[str]:
    """This will give each cell as plates are compared."""
    return _translated(column, _BLANKS) or [plain(cell) for cell in column]


def _translated(column: Sequence[str], table: dict[int, None]) -> list[str] | None:
    joined = "\n".join(column)
    if not joined.isascii():
        return None
    cells = joined.upper().translate(table).split("\n")
    return cells if len(cells) == len(column) else None


class ColumnWatch:
    """Formula safety of each column: an unquoted start of a formula is harmless only among numbers."""

    def __init__(self, width: int) -> None:
        self._text = [False] * width
        self._armed: list[int] = [0] * width

    def see(self, row: int, cells: Sequence[str]) -> None:
        for place, cell in enumerate(cells):
            if not cell or (self._text[place] and self._armed[place]):
                continue
            if not NUMBER.fullmatch(cell):
                self._text[place] = True
            if not self._armed[place] and FORMULA.match(cell):
                self._armed[place] = row

    def see_block(self, numbers: Sequence[int], columns: Sequence[Sequence[str]]) -> None:
        """This will see whole columns; ``numbers`` are the rows they come from."""
        for place, column in enumerate(columns):
            different = set(column)
            if not self._text[place]:
                self._text[place] = any(cell and not NUMBER.fullmatch(cell) for cell in different)
            if self._armed[place] or {cell[:1] for cell in different} <= _USUAL_STARTS:
                continue
            armed = {cell for cell in different if cell[:1] not in _USUAL_STARTS and FORMULA.match(cell)}
            if armed:
                self._armed[place] = next(
                    number for number, cell in zip(numbers, column, strict=True) if cell in armed
                )

    def faults(self) -> list[tuple[int, int]]:
        """This will give (column, row) of each cell that a spreadsheet may run."""
        return [(place, row) for place, row in enumerate(self._armed) if row and self._text[place]]
