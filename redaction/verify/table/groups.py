"""Counting the groups of the output a second time."""

from collections import Counter
from collections.abc import Sequence

from redaction.marks import Mark
from redaction.report import Finding
from redaction.verify.table.blocks import plates
from redaction.verify.table.expectation import Expected


class Groups:
    """The groups of one ``suppress`` mark: rows, or different source values up to k of them."""

    def __init__(self, mark: Mark, expected: Expected) -> None:
        self._mark, self._k = mark, int(mark["k"])
        names = [name for _, name, _ in expected.released]
        self._by = [names.index(name) for name in mark["by"]]
        counted = str(mark["count"])
        self._counted = None if counted == "rows" else expected.header.index(counted.split(":", 1)[1])
        self._rows: Counter[tuple[str, ...]] = Counter()
        self._values: dict[tuple[str, ...], set[int] | None] = {}  # None: the group has k of them

    def add(self, source: Sequence[Sequence[str]], output: Sequence[Sequence[str]]) -> None:
        """This will count rows of the output, with the source rows they are made of, as columns."""
        keys = list(zip(*(output[place] for place in self._by), strict=True))
        if self._counted is None:
            self._rows.update(keys)
            return
        values = self._values
        for key, value in zip(keys, plates(source[self._counted]), strict=True):
            found = values.setdefault(key, set())
            if found is not None and value:
                found.add(hash(value))
                if len(found) >= self._k:
                    values[key] = None

    def faults(self) -> list[Finding]:
        """This will give a finding when a group is smaller than k."""
        small = any(count < self._k for count in self._rows.values())
        small = small or any(found is not None for found in self._values.values())
        return [Finding(f"a group smaller than {self._k} is in the output", self._mark.id)] if small else []
