"""The marks of one table, checked against its header and turned into one instruction a column."""

import hmac
import re
import secrets
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_HALF_EVEN, Decimal
from functools import lru_cache

from redaction.engines.table import times
from redaction.engines.table.conditions import Predicate, compile_conditions
from redaction.marks import Mark, Marks
from redaction.report import MarksError

MASK = "REDACTED"
CACHED = 16_384  # cells a column remembers: cameras stand still, so their places repeat
KINDS = ("column", "rows", "own_plate", "suppress")

_NUMBERS = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)", re.ASCII)
_AROUND_NUMBERS = re.compile(r"[\s,;()°NSEW]*")

_ASCII_BLANKS = dict.fromkeys((*range(33), ord("-"), 127))

Change = Callable[[str], str | None]


@dataclass
class Column:
    """One released column: where its cells come from and what becomes of them; None for a lost cell."""

    name: str
    place: int
    mark: Mark
    change: Change | None = None
    filled: int = 0
    lost: int = 0

    @property
    def action(self) -> str:
        return str(self.mark["action"])

    @property
    def positional(self) -> bool:
        return str(self.mark.get("to")).startswith(("grid:", "prefix:"))


@dataclass(frozen=True)
class Grouping:
    """A ``suppress`` mark: places in the released row, and the source column whose values are counted."""

    mark: Mark
    by: tuple[int, ...]
    k: int
    distinct: int | None


@dataclass(frozen=True)
class Plan:
    """Everything a row goes through, in order: rows marks, column marks, suppression."""

    columns: tuple[Column, ...]
    keep: tuple[tuple[Mark, Predicate], ...]
    remove: tuple[tuple[Mark, Predicate], ...]
    own: tuple[tuple[int, str], ...]
    groupings: tuple[Grouping, ...]
    actions: Mapping[str, str] = field(default_factory=dict)

    def rejects(self, row: Sequence[str]) -> Mark | None:
        """This will give the first mark that takes a row out, on its source values."""
        for mark, holds in self.keep:
            if not holds(row):
                return mark
        for mark, holds in self.remove:
            if holds(row):
                return mark
        return None

    def is_own(self, row: Sequence[str]) -> bool:
        return any(normalise(row[place]) == plate for place, plate in self.own)

    def release(self, row: Sequence[str]) -> list[str]:
        """This will give the released cells of a row, before they are made safe for a spreadsheet."""
        if self.own and self.is_own(row):
            return [row[column.place] for column in self.columns]
        cells: list[str] = []
        for column in self.columns:
            cell = row[column.place]
            if column.change is not None:
                changed = column.change(cell)
                if cell.strip():
                    column.filled += 1
                    column.lost += changed is None
                cell = MASK if changed is None else changed
            cells.append(cell)
        return cells

    def preview(self, row: Sequence[str]) -> list[str]:
        """This will give cells that are numbers exactly where the released ones are; quicker than releasing.

        Masks and pseudonyms are never numbers; a coarsened time never starts with a sign, so it may pass for
        text.
        """
        if self.own and self.is_own(row):
            return [row[column.place] for column in self.columns]
        return [
            row[column.place]
            if column.change is None
            else (column.change(row[column.place]) or MASK)
            if column.positional
            else MASK
            for column in self.columns
        ]


def normalise(value: str) -> str:
    """This will give a plate (or any name) as it is compared: upper case, without blanks and dashes."""
    if value.isascii():
        return value.upper().translate(_ASCII_BLANKS)
    text = unicodedata.normalize("NFKC", value).upper()
    return "".join(c for c in text if not c.isspace() and unicodedata.category(c) not in ("Pd", "Cf", "Cc"))


def compile_plan(marks: Marks, header: Sequence[str], *, day_first: frozenset[str]) -> Plan:
    """This will check every mark against the header. ``day_first`` names columns that write 31/12.

    :raises MarksError: naming the mark; nothing is read or written after it.
    """
    by_name: dict[str, Mark] = {}
    for mark in marks:
        if mark.kind not in KINDS:
            raise MarksError(f"a {mark.kind} mark does not fit a table", mark_id=mark.id)
    for mark in marks.of("column"):
        name = mark["name"]
        _place(mark, header, name)
        if name in by_name:
            raise MarksError(f"column {name!r} already has mark {by_name[name].id}", mark_id=mark.id)
        by_name[name] = mark
    key = secrets.token_bytes(32)
    columns = tuple(
        Column(name, place, by_name[name], _change(by_name[name], key, day_first=name in day_first))
        for place, name in enumerate(header)
        if name in by_name and by_name[name]["action"] != "drop"
    )
    if not columns:
        raise MarksError("no column is released; to withhold the whole table use a withhold mark")
    rules = [(mark, compile_conditions(mark, header, day_first=day_first)) for mark in marks.of("rows")]
    return Plan(
        columns=columns,
        keep=tuple(rule for rule in rules if rule[0].get("keep") is not None),
        remove=tuple(rule for rule in rules if rule[0].get("keep") is None),
        own=tuple((_place(mark, header, mark["column"]), _plate(mark)) for mark in marks.of("own_plate")),
        groupings=tuple(_grouping(mark, header, columns) for mark in marks.of("suppress")),
        actions={name: _action_of(by_name.get(name)) for name in header},
    )


def _action_of(mark: Mark | None) -> str:
    if mark is None:
        return "drop"
    return f"coarsen to {mark['to']}" if mark["action"] == "coarsen" else str(mark["action"])


def _place(mark: Mark, header: Sequence[str], name: str) -> int:
    if name not in header:
        raise MarksError(f"there is no column {name!r}", mark_id=mark.id)
    return header.index(name)


def _plate(mark: Mark) -> str:
    plate = normalise(mark["plate"])
    if not plate:
        raise MarksError("the plate holds no letter or digit", mark_id=mark.id)
    return plate


def _grouping(mark: Mark, header: Sequence[str], columns: Sequence[Column]) -> Grouping:
    released = [column.name for column in columns]
    for name in mark["by"]:
        _place(mark, header, name)
        if name not in released:
            raise MarksError(f"column {name!r} is dropped, so no group can be formed of it", mark_id=mark.id)
    counted = mark["count"]
    distinct = None if counted == "rows" else _place(mark, header, counted.removeprefix("distinct:"))
    return Grouping(mark, tuple(released.index(name) for name in mark["by"]), mark["k"], distinct)


def _change(mark: Mark, key: bytes, *, day_first: bool) -> Change | None:
    action, to = mark["action"], mark.get("to")
    if action == "release":
        return None
    if action == "mask":
        return lambda cell: MASK
    if action == "pseudonym":
        return lambda cell: _pseudonym(cell, key)
    if to in ("hour", "day", "month"):
        return lru_cache(CACHED)(
            lambda cell: times.coarsen(cell, to, day_first=day_first) if cell.strip() else cell
        )
    kind, _, size = str(to).partition(":")
    if kind == "grid":
        step = Decimal(size)
        return lru_cache(CACHED)(lambda cell: _grid(cell, step) if cell.strip() else cell)
    if kind == "prefix":
        length = int(size)
        return lambda cell: cell.strip()[:length]
    raise MarksError(f"a column cannot be coarsened to {to!r}", mark_id=mark.id)


def _pseudonym(cell: str, key: bytes) -> str:
    plain = normalise(cell).encode("utf-8", "surrogatepass")
    return "P-" + hmac.digest(key, plain, "sha256").hex()[:20] if plain else ""


def _grid(cell: str, step: Decimal) -> str | None:
    """Every number of the cell on the nearest line of the grid; None when there is more than numbers."""
    if not _AROUND_NUMBERS.fullmatch(_NUMBERS.sub("", cell)) or not _NUMBERS.search(cell) or len(cell) > 200:
        return None

    def snap(found: re.Match[str]) -> str:
        lines = (Decimal(found.group()) / step).to_integral_value(ROUND_HALF_EVEN)
        value = lines * step
        return f"{abs(value) if value == 0 else value:f}"

    try:
        return _NUMBERS.sub(snap, cell)
    except ArithmeticError:
        return None
