"""Watching the output for values that the marks withhold."""

import re
from collections.abc import Sequence
from typing import Any

from redaction.marks import Mark
from redaction.report import Finding
from redaction.verify.table import blocks, leaks
from redaction.verify.table.blocks import spelled as spelled_out
from redaction.verify.table.expectation import Expected
from redaction.verify.table.values import plain

REMEMBERED = 400_000  # sayings held exactly; beyond it, in a filter of constant size

_NUMERIC_DATE = re.compile(r"(?<!\d)(\d{1,2})([-/.])(\d{1,2})\2\d{2,4}", re.ASCII)


class Lookout:
    """Values that are withheld everywhere, and where the output says one of them."""

    def __init__(self, expected: Expected) -> None:
        self._expected = expected
        self._withheld: list[tuple[int, str, Mark | None, bool]] = []
        for place, name in enumerate(expected.header):
            mark = expected.by_name.get(name)
            action = mark["action"] if mark else "drop"
            if action in ("mask", "pseudonym", "drop"):
                guarded = action != "drop" or leaks.is_personal(name)
                self._withheld.append((place, name, mark, guarded))
        self._months = {place for place, name, mark in expected.released if mark.get("to") == "month"} | {
            expected.header.index(c["column"]) for m in expected.marks.of("rows") for c in _conditions(m)
        }
        self._said: set[str] | leaks.Filter = set()
        self._cells: set[str] = set()
        self.suspects: dict[str, tuple[str, Mark | None]] = {}

    def at_dates(self, columns: Sequence[Sequence[str]]) -> None:
        """This will note how the columns of a source write their dates, while that is open."""
        for place in list(self._months):
            for cell in columns[place]:
                first = self._day_first(cell)
                if first is not None:
                    self._months.discard(place)
                    if first:
                        self._expected.day_first.add(self._expected.header[place])
                    break
            if not any(map(_NUMERIC_DATE.search, columns[place])):
                self._months.discard(place)  # written in another way, like all that follow

    @property
    def dates_are_open(self) -> bool:
        return bool(self._months)

    @staticmethod
    def _day_first(cell: str) -> bool | None:
        for first, mark, second in _NUMERIC_DATE.findall(cell):
            if int(first) > 12 or mark == ".":
                return True
            if int(second) > 12:
                return False
        return None

    def at_output(self, columns: Sequence[Sequence[str]]) -> None:
        """This will note what released text says, each different cell once."""
        for column in columns:
            fresh = set(column) - self._cells
            if len(self._cells) > REMEMBERED:
                self._cells.clear()
            self._cells |= fresh
            for cell in fresh:
                for saying in leaks.sayings(cell):
                    self._said.add(saying)
        if isinstance(self._said, set) and len(self._said) > REMEMBERED:
            said = leaks.Filter()
            for saying in self._said:
                said.add(saying)
            self._said = said

    def at_source(self, columns: Sequence[Sequence[str]]) -> None:
        """This will look for what a block of the source withholds among the sayings of the output."""
        for place, name, mark, guarded in self._withheld:
            column = columns[place]
            spelled = spelled_out(column)
            values = spelled or [leaks.telling(cell, guarded=guarded) for cell in column]
            said = self._said
            hits = (
                said.intersection(values) if isinstance(said, set) else {v for v in set(values) if v in said}
            )
            if not hits:
                continue
            for value, cell in zip(values, column, strict=True):
                if value in hits and self._withholds(value, cell, guarded=guarded):
                    self.suspects.setdefault(value, (name, mark))

    def _withholds(self, value: str, cell: str, *, guarded: bool) -> bool:
        if len(self.suspects) >= 10_000 or leaks.telling(cell, guarded=guarded) != value:
            return False
        return not leaks.own([cell], self._expected.own)

    def confirm(self, row: int, names: Sequence[str], cells: Sequence[str]) -> list[Finding]:
        """This will turn suspects into findings where a released text really says one."""
        found = []
        for name, cell in zip(names, cells, strict=True):
            for saying in leaks.sayings(cell):
                if saying in self.suspects:
                    withheld, mark = self.suspects.pop(saying)
                    found.append(self._finding(withheld, mark, row, f"column {name!r}"))
        return found

    def bare_words(self, source: Sequence[Sequence[str]]) -> bool:
        """This will tell whether a block withholds words that only their own row could repeat."""
        return any(
            guarded and any(map(str.isalpha, blocks.plates(source[place])))
            for place, _, _, guarded in self._withheld
        )

    def in_row(self, row: int, source: Sequence[str], released: Sequence[str]) -> list[Finding]:
        """This will name withheld values of a row that its own released text repeats."""
        return [
            self._finding(name, mark, row, "another column")
            for place, name, mark, guarded in self._withheld
            if guarded and source[place].strip() and self._bare_word(source[place])
            if leaks.repeated(source[place], released)
        ]

    @staticmethod
    def _bare_word(value: str) -> bool:
        return plain(value).isalpha()

    @staticmethod
    def _finding(name: str, mark: Mark | None, row: int, where: str) -> Finding:
        return Finding(
            f"a value withheld in column {name!r} can be read in {where}",
            mark.id if mark else None,
            place=f"row {row}",
        )


def _conditions(mark: Mark) -> list[dict[str, Any]]:
    return [*(mark.get("keep") or ()), *(mark.get("remove") or ())]
