"""What people wrote into a table: finds for each column, counted, with examples to read. Suggests nothing."""

import unicodedata
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from redaction.detect.recognisers import Recogniser, in_cells
from redaction.engines.table.source import open_table

Progress = Callable[[float, str], None]

HEAD = 20_000  # rows that are all read
STRIDE = 25  # after those, one row in so many
BATCH = 1_000  # rows at once
LONGEST_CELL = 4_000  # characters that are read
EXAMPLES = 5  # of one kind in one column
AROUND = 60  # characters shown on each side of a find
WORDS = 3  # in a cell that reads like a sentence
SHARE = 0.2  # of such cells in a column of free text


@dataclass
class Kind:
    """One kind of find in one column: ``cells`` hold at least one, ``examples`` are the first ones."""

    label: str
    reason: str | None
    confidence: float
    cells: int = 0
    examples: list[dict[str, Any]] = field(default_factory=list)


@dataclass
class _Column:
    name: str
    filled: int = 0
    wordy: int = 0
    kinds: dict[str, Kind] = field(default_factory=dict)
    waiting: list[tuple[int, str]] = field(default_factory=list)

    @property
    def is_free(self) -> bool:
        return self.filled > 0 and self.wordy >= SHARE * self.filled


def scan(source: Path, *, progress: Progress | None = None) -> dict[str, Any]:
    """This will read a table's cells as a reviewer would search them, and give JSON values.

    ``rows`` of the table, ``read`` of them, and for each column name, filled cells, ``free`` (people write
    sentences there) and ``kinds``: label, reason, confidence, cells, examples with row (from 1 below the
    header), text, and where in it the find is.

    :raises Refused: when the table cannot be read.
    """
    table = open_table(source)
    columns = [_Column(name) for name in table.header]
    read = total = 0
    for total, (_, cells) in enumerate(table.rows(), 1):
        if total > HEAD and total % STRIDE:
            continue
        read += 1
        for column, cell in zip(columns, cells, strict=True):
            if cell.strip():
                column.filled += 1
                column.wordy += len(cell.split()) >= WORDS
                column.waiting.append((total, cell[:LONGEST_CELL]))
        if read % BATCH == 0:
            _search(columns)
            if progress is not None:
                progress(0.5, f"row {total:,} read")
    _search(columns)
    return {
        "rows": total,
        "read": read,
        "columns": [
            {
                "name": column.name,
                "filled": column.filled,
                "free": column.is_free,
                "kinds": [asdict(kind) for kind in _ranked(column)],
            }
            for column in columns
        ],
    }


def _ranked(column: _Column) -> list[Kind]:
    return sorted(column.kinds.values(), key=lambda kind: -kind.cells * kind.confidence)


def _search(columns: list[_Column]) -> None:
    for column in columns:
        cells = [(row, unicodedata.normalize("NFKC", cell)) for row, cell in column.waiting]
        column.waiting.clear()
        for by, place, span in in_cells([cell for _, cell in cells]):
            _note(column, by, *cells[place], *span)


def _note(column: _Column, by: Recogniser, row: int, cell: str, first: int, last: int) -> None:
    kind = column.kinds.setdefault(by.label, Kind(by.label, by.reason, by.confidence))
    kind.cells += 1
    left, right = max(0, first - AROUND), last + AROUND
    text = ("…" if left else "") + cell[left:right] + ("…" if right < len(cell) else "")
    if len(kind.examples) < EXAMPLES and all(text != shown["text"] for shown in kind.examples):
        start = first - left + (1 if left else 0)
        kind.examples.append({"row": row, "text": text, "from": start, "to": start + last - first})
