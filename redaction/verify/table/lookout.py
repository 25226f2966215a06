"""Watching the output for values that the marks withhold."""

import re
from typing import Any

from redaction.marks import Mark
from redaction.report import Finding
from redaction.verify.table import leaks
from redaction.verify.table.expectation import Expected
from redaction.verify.table.values import plain

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
        self._values = leaks.Filter()
        self.suspects: dict[str, tuple[int, str]] = {}

    def at_source(self, row: int, cells: list[str]) -> None:
        """This will note what a source row withholds, and how it writes its dates."""
        for place in list(self._months):
            for first, mark, second in _NUMERIC_DATE.findall(cells[place]):
                if int(first) > 12 or int(second) > 12 or mark == ".":
                    self._months.discard(place)
                    if int(first) > 12 or mark == ".":
                        self._expected.day_first.add(self._expected.header[place])
                    break
        for place, _, _, guarded in self._withheld:
            if value := leaks.telling(cells[place], guarded=guarded):
                self._values.add(value)

    def at_output(self, row: int, name: str, cell: str) -> None:
        for saying in leaks.sayings(cell):
            if saying in self._values and saying not in self.suspects and len(self.suspects) < 10_000:
                self.suspects[saying] = (row, name)

    def in_row(self, row: int, source: list[str], released: list[str]) -> list[Finding]:
        """This will name withheld values of a row that its own released text repeats."""
        return [
            self._finding(name, mark, row, "another column")
            for place, name, mark, guarded in self._withheld
            if guarded and source[place].strip() and self._bare_word(source[place])
            if leaks.repeated(source[place], released)
        ]

    def confirm(self, cells: list[str]) -> list[Finding]:
        """This will turn suspects into findings when a source row really withholds the value."""
        found = []
        for place, name, mark, guarded in self._withheld:
            value = leaks.telling(cells[place], guarded=guarded)
            if value in self.suspects and not leaks.own([cells[place]], self._expected.own):
                row, where = self.suspects.pop(value)
                found.append(self._finding(name, mark, row, f"column {where!r}"))
        return found

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
