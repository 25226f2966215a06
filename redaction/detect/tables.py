"""Personal data in a table: a suggestion for each column that holds some, by its name or by its cells."""

import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import re2

from redaction.detect import recognisers, vocabulary
from redaction.detect.recognisers import LIKELY, Recogniser
from redaction.detect.suggestions import Entry, mark
from redaction.engines.table.source import open_table

Progress = Callable[[float, str], None]

HEAD = 20_000  # rows that are all looked at
STRIDE = 25  # after those, one row in so many
BATCH = 2_000  # rows at once
LONGEST_CELL = 4_000  # characters

_POSITION = "position on the map"


@dataclass
class _Column:
    name: str
    cells: int = 0
    found: Counter[str] = field(default_factory=Counter)
    by: dict[str, Recogniser] = field(default_factory=dict)
    waiting: Counter[str] = field(default_factory=Counter)


def in_cells(source: Path, *, progress: Progress | None = None) -> list[Entry]:
    """This will suggest what to do with each column that a person should think about.

    A column without a mark is dropped in a release, so what is missed here stays in: suggestions only say
    which columns may not be released as they are. Large tables are looked at in part; the note says how much.

    :raises Refused: when the table cannot be read.
    """
    table = open_table(source)
    columns = [_Column(name) for name in table.header]
    looked = total = 0
    for total, (_, cells) in enumerate(table.rows(), 1):
        if total > HEAD and total % STRIDE:
            continue
        looked += 1
        for column, cell in zip(columns, cells, strict=True):
            if cell.strip():
                column.cells += 1
                column.waiting[cell[:LONGEST_CELL]] += 1
        if looked % BATCH == 0:
            _search(columns)
            if progress is not None:
                progress(0.5, f"row {total}")
    _search(columns)
    if progress is not None:
        progress(1.0, f"{total} rows")
    return [entry for column in columns for entry in _suggestion(column, looked, total)]


def _search(columns: list[_Column]) -> None:
    for column in columns:
        cells = [(unicodedata.normalize("NFKC", cell), times) for cell, times in column.waiting.items()]
        column.waiting.clear()
        for by, place, _span in recognisers.in_cells([cell for cell, _ in cells]):
            column.found[by.label] += cells[place][1]
            column.by.setdefault(by.label, by)


def _suggestion(column: _Column, looked: int, total: int) -> Iterator[Entry]:
    plain = _plain(column.name)
    named = next((row for row in vocabulary.column_names() if re2.search(row.expression, plain)), None)
    ranked = sorted(column.found, key=lambda label: -column.found[label] * column.by[label].confidence)
    if named is None and not ranked:
        return
    reason = named.reason if named is not None else None
    if reason is None and ranked:
        reason = column.by[ranked[0]].reason
    fields: dict[str, str] = {"kind": "column", "name": column.name, "action": "mask"}
    # the digits of a long fraction pass for a card's now and then; a column full of them is no position
    other = any(column.found[label] * 2 > column.cells for label in ranked if label != _POSITION)
    if named is not None and (named.to is None or not other):
        fields |= {"action": named.action} | ({"to": named.to} if named.to is not None else {})
    said = [f"its name speaks of {named.holds}"] if named is not None else []
    said += [f"{column.found[label]:,} cells look like: {label}" for label in ranked[:4]]
    rows = f"{looked:,} of {total:,} rows" if looked < total else f"{total:,} rows"
    confidence = max([LIKELY if named else 0.0, *(column.by[label].confidence for label in ranked)])
    note = "; ".join([*said, f"looked at {rows}", f"confidence {confidence:.2f}"])
    yield mark("pii-column", note, reason=reason, **fields)


def _plain(name: str) -> str:
    """camelCase, snake_case and kebab-case as lower-case words."""
    spaced = re2.sub(r"([a-z0-9])([A-Z])", r"\1 \2", name)
    return str(re2.sub(r"[_\-./]+", " ", spaced)).lower()
