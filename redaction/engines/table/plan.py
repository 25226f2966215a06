"""The marks of one table, checked against its header and turned into one instruction a column."""

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal
from functools import lru_cache

from redaction.engines.table import expressions, times
from redaction.engines.table.conditions import Condition, compile_conditions
from redaction.engines.table.expressions import MASK
from redaction.marks import Mark, Marks
from redaction.report import MarksError

CACHED = 16_384  # cells a column remembers: cameras stand still, so their places repeat
KINDS = ("column", "rows", "own_plate", "suppress")

_NUMBERS = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)", re.ASCII)
_AROUND_NUMBERS = re.compile(r"[\s,;()°NSEW]*")

_ASCII_BLANKS = dict.fromkeys((*range(33), ord("-"), 127))

Change = Callable[[str], str | None]


@dataclass(frozen=True)
class Column:
    """One released column: where its cells come from, and the rule for cells that SQL does not know.

    ``change`` gives None for a cell that is lost; it is None itself where SQL says all.
    """

    name: str
    place: int
    mark: Mark
    change: Change | None = None

    @property
    def action(self) -> str:
        return str(self.mark["action"])

    @property
    def to(self) -> str:
        return str(self.mark.get("to"))

    @property
    def has_usual_shape(self) -> bool:
        """Whether cells of one shape can be coarsened without asking any further."""
        if self.to.startswith("grid:"):
            return Decimal(self.to[5:]) <= expressions.LARGEST_STEP
        return self.to in times.UNITS

    def sql(self, cell: str, *, key: str) -> str:
        """This will give the released cell as SQL over the source cell; NULL for a lost one.

        ``change`` is known there as ``change_PLACE``, ``normalise`` by its name.
        """
        slow, to = f"change_{self.place}", self.to
        if self.action == "release":
            return cell
        if self.action == "mask":
            return f"'{MASK}'"
        if self.action == "pseudonym":
            return expressions.pseudonym(expressions.normalised(cell, "normalise"), key)
        if to in times.UNITS:
            coarse = expressions.coarse_time(cell, to, slow)
        elif to.startswith("grid:"):
            coarse = expressions.on_grid(cell, Decimal(to[5:]), slow)
        else:
            return expressions.prefix(cell, int(to[7:]))
        return f"(CASE WHEN {expressions.is_blank(cell)} THEN {cell} ELSE {coarse} END)"


@dataclass(frozen=True)
class Grouping:
    """A ``suppress`` mark: places in the released row, and the source column whose values are counted."""

    mark: Mark
    by: tuple[int, ...]
    k: int
    distinct: int | None


@dataclass(frozen=True)
class Rule:
    """A ``rows`` mark with its conditions, and whether they say what stays or what goes."""

    mark: Mark
    keeps: bool
    conditions: tuple[Condition, ...]


@dataclass(frozen=True)
class Plan:
    """Everything a row goes through, in order: rows marks, column marks, suppression."""

    columns: tuple[Column, ...]
    rules: tuple[Rule, ...]
    own: tuple[tuple[int, str], ...]
    groupings: tuple[Grouping, ...]
    actions: Mapping[str, str]

    @property
    def places(self) -> list[int]:
        """The columns of the source that must be read, in order."""
        needed = {column.place for column in self.columns} | {place for place, _ in self.own}
        needed |= {condition.place for rule in self.rules for condition in rule.conditions}
        needed |= {grouping.distinct for grouping in self.groupings if grouping.distinct is not None}
        return sorted(needed)


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
            raise MarksError("this column has a second mark; one of the two must go", mark_id=mark.id)
        by_name[name] = mark
    columns = tuple(
        Column(name, place, by_name[name], _change(by_name[name], day_first=name in day_first))
        for place, name in enumerate(header)
        if name in by_name and by_name[name]["action"] != "drop"
    )
    if not columns:
        raise MarksError("no column is released; to withhold the whole table use a withhold mark")
    rules = [
        Rule(mark, keeps, tuple(compile_conditions(mark, header, day_first=day_first)))
        for keeps in (True, False)
        for mark in marks.of("rows")
        if (mark.get("keep") is not None) is keeps
    ]
    return Plan(
        columns=columns,
        rules=tuple(rules),
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


def _change(mark: Mark, *, day_first: bool) -> Change | None:
    if mark["action"] != "coarsen":
        return None
    to = str(mark["to"])
    if to in times.UNITS:
        return lru_cache(CACHED)(lambda cell: times.coarsen(cell, to, day_first=day_first))
    kind, _, size = to.partition(":")
    if kind == "grid":
        step = Decimal(size)
        return lru_cache(CACHED)(lambda cell: on_grid(cell, step))
    if kind == "prefix":
        return None
    raise MarksError(f"a column cannot be coarsened to {to!r}", mark_id=mark.id)


def on_grid(cell: str, step: Decimal) -> str | None:
    """This will put each number of the cell on the nearest line of the grid; None for more than numbers."""
    if not _AROUND_NUMBERS.fullmatch(_NUMBERS.sub("", cell)) or not _NUMBERS.search(cell) or len(cell) > 200:
        return None

    def snap(found: re.Match[str]) -> str:
        # a whole number without an exponent, so that each cell gets the decimals of the step
        lines = Decimal(int((Decimal(found.group()) / step).to_integral_value(ROUND_HALF_EVEN)))
        value = lines * step
        return f"{abs(value) if value == 0 else value:f}"

    try:
        return _NUMBERS.sub(snap, cell)
    except ArithmeticError:
        return None
