"""What the marks say should be in the output, derived from the source a second time."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import re2

from redaction.marks import Mark, Marks
from redaction.verify.table.values import UNSEEN, coarse_fault, instant, plain

MASK = "REDACTED"
_PLAIN_NUMBER = re.compile(r"\s*[-+]?(\d+\.?\d*|\.\d+)\s*", re.ASCII)


@dataclass
class Expected:
    """The marks beside the header of the source; remembers pseudonyms as rows pass by."""

    header: list[str]
    marks: Marks
    day_first: set[str] = field(default_factory=set)
    aliases: dict[int, int] = field(default_factory=dict)  # by hash of column and value
    values: dict[int, int] = field(default_factory=dict)  # by hash of column and pseudonym

    def __post_init__(self) -> None:
        self.by_name = {mark["name"]: mark for mark in self.marks.of("column")}
        self.released = [
            (place, name, self.by_name[name])
            for place, name in enumerate(self.header)
            if name in self.by_name and self.by_name[name]["action"] != "drop"
        ]
        self.own = frozenset(plain(mark["plate"]) for mark in self.marks.of("own_plate"))
        self._own_places = [
            (self.header.index(mark["column"]), plain(mark["plate"])) for mark in self.marks.of("own_plate")
        ]

    def is_own(self, row: Sequence[str]) -> bool:
        return any(plain(row[place]) == plate for place, plate in self._own_places)

    def fault(self, row: Sequence[str], output: Sequence[str]) -> tuple[Mark, str] | None:
        """This will give the first column mark that an output row does not keep for this source row."""
        is_own = self.is_own(row)
        for (place, name, mark), cell in zip(self.released, output, strict=True):
            said = self._cell_fault(name, mark, row[place], cell, is_own=is_own)
            if said is not None:
                return mark, f"a cell of column {name!r} {said}"
        return None

    def _cell_fault(self, name: str, mark: Mark, source: str, cell: str, *, is_own: bool) -> str | None:
        action = mark["action"]
        if action == "release" or is_own:
            if cell == source and source.isprintable():
                return None
            shown = UNSEEN.sub("", source)
            return None if cell in (shown, "'" + shown) else "is not the one of the source"
        if action == "mask":
            return None if cell == MASK else "is not masked"
        if action == "pseudonym":
            return self._alias_fault(name, plain(source), cell)
        if cell == MASK and source.strip():
            return None
        bare = cell[1:] if cell.startswith("'") and not source.startswith("'") else cell
        return coarse_fault(UNSEEN.sub("", source), bare, str(mark["to"]), day_first=name in self.day_first)

    def _alias_fault(self, name: str, value: str, cell: str) -> str | None:
        if not value or not cell:
            return None if not value and not cell else "is empty on one side only"
        if not re.fullmatch(r"P-[0-9a-f]{20}", cell):
            return "is no pseudonym"
        mine, alias = hash((name, value)), hash((name, cell))
        if self.aliases.get(mine, alias) != alias:
            return "has another pseudonym than the same value elsewhere"
        if self.values.get(alias, mine) != mine:
            return "shares its pseudonym with another value"
        return None

    def learn(self, name: str, pairs: Iterable[tuple[str, str]], limit: int) -> None:
        """This will remember pairs of plain value and pseudonym that were found right, up to a number."""
        for value, cell in pairs:
            if len(self.aliases) >= limit:
                return
            mine, alias = hash((name, value)), hash((name, cell))
            self.aliases[mine] = alias
            self.values[alias] = mine

    def rejects(self, columns: Sequence[Sequence[str]], count: int) -> list[Mark | None]:
        """This will give, for rows as columns, the ``rows`` mark that takes each one out."""
        verdicts: list[Mark | None] = [None] * count
        for mark in self.marks.of("rows"):
            keep = mark.get("keep")
            held = [True] * count
            for condition in keep or mark.get("remove"):
                column = columns[self.header.index(condition["column"])]
                known = {cell: self._holds(cell, condition) for cell in set(column)}
                held = [so_far and known[cell] for so_far, cell in zip(held, column, strict=True)]
            for place, holds in enumerate(held):
                if verdicts[place] is None and holds is not (keep is not None):
                    verdicts[place] = mark
        return verdicts

    def _holds(self, cell: str, condition: dict[str, Any]) -> bool:
        name, operator, value = condition["column"], condition["op"], condition["value"]
        if operator == "matches":
            return re2.search(value, cell) is not None
        first = name in self.day_first
        if operator == "between":
            return _order(cell, value[0], first) >= 0 and _order(cell, value[1], first) <= 0
        wanted = value if operator == "in" else [value]
        equal = any(_order(cell, each, first) == 0 for each in wanted)
        return not equal if operator == "ne" else equal


def _order(cell: str, value: str | float, day_first: bool) -> int:
    text = str(value)
    if _PLAIN_NUMBER.fullmatch(text) and _PLAIN_NUMBER.fullmatch(cell):
        left, right = float(cell), float(text)
        return 0 if left == right else (1 if left > right else -1)
    if not _PLAIN_NUMBER.fullmatch(text):
        that = instant(text, day_first=day_first)
        this = instant(cell, day_first=day_first) if that else None
        if this is not None and that is not None:
            return _order_times(this[0], that[0], whole_day=that[1])
    return 0 if cell == text else (1 if cell > text else -1)


def _order_times(this: Any, that: Any, *, whole_day: bool) -> int:
    if whole_day:
        this, that = this.date(), that.date()
    elif (this.tzinfo is None) != (that.tzinfo is None):
        this, that = this.replace(tzinfo=None), that.replace(tzinfo=None)
    return 0 if this == that else (1 if this > that else -1)
