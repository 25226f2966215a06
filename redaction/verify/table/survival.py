"""Which rows of the source the ``suppress`` marks leave, counted from the source itself."""

from collections.abc import Callable, Sequence

from redaction.marks import Mark
from redaction.verify.table import blocks
from redaction.verify.table.blocks import Records
from redaction.verify.table.expectation import MASK, Expected
from redaction.verify.table.spelling import settled

LIMIT = 2_000_000  # groups and counted values remembered by one mark; beyond it, nothing is foretold

Rows = Sequence[Sequence[str]]


class Grouping:
    """The groups that one ``suppress`` mark makes of source rows, and those found too small."""

    def __init__(self, mark: Mark, expected: Expected) -> None:
        self.mark, self.small = mark, set[int]()
        self._k, self._expected = int(mark["k"]), expected
        self._by = [column for column in expected.released if column[1] in mark["by"]]
        counted = str(mark["count"])
        self._counted = None if counted == "rows" else expected.header.index(counted.split(":", 1)[1])
        self._sizes: dict[int, int] = {}
        self._seen: set[int] = set()

    def keys(self, rows: Rows, columns: Rows) -> list[int] | None:
        """This will give a number for the group of each row; None when a released cell is not foreseen."""
        own = self._expected.own
        is_own = [self._expected.is_own(row) for row in rows] if own else [False] * len(rows)
        parts: list[Sequence[str]] = []
        for place, name, mark in self._by:
            cells = self._released(name, mark, columns[place])
            if cells is None:
                return None
            if any(is_own):
                each = zip(is_own, columns[place], cells, strict=True)
                cells = [source if mine else cell for mine, source, cell in each]
            parts.append(cells)
        return [hash(key) for key in zip(*parts, strict=True)]

    def _released(self, name: str, mark: Mark, column: Sequence[str]) -> Sequence[str] | None:
        action = mark["action"]
        if action == "release":
            return column
        if action == "mask":
            return [MASK] * len(column)
        if action == "pseudonym":  # the value in its stead: no cell of a table holds a NUL
            return ["\0" + value if value else "" for value in blocks.plates(column)]
        first = name in self._expected.day_first
        known = {cell: settled(cell, str(mark["to"]), day_first=first) for cell in set(column)}
        cells = [cell for cell in (known[cell] for cell in column) if cell is not None]
        return cells if len(cells) == len(column) else None

    def add(self, keys: Sequence[int], columns: Rows, staying: Sequence[bool]) -> bool:
        """This will count the rows that stay so far; False when there are too many groups to hold."""
        sizes, seen = self._sizes, self._seen
        values = None if self._counted is None else blocks.plates(columns[self._counted])
        for place, key in enumerate(keys):
            if not staying[place]:
                continue
            size = sizes.setdefault(key, 0)
            if values is None:
                sizes[key] = size + 1
            elif size < self._k and values[place]:
                value = hash((key, values[place]))
                if value not in seen:
                    seen.add(value)
                    sizes[key] = size + 1
        return len(sizes) + len(seen) <= LIMIT

    def settle(self) -> bool:
        """This will turn the counts into groups too small, and tell whether there are more than before."""
        before = len(self.small)
        self.small.update(key for key, size in self._sizes.items() if size < self._k)
        self._sizes, self._seen = {}, set()
        return len(self.small) > before


class Survival:
    """The verdict of the ``suppress`` marks on each row of the source.

    ``is_known`` is False when a cell by which rows are grouped is of a spelling whose released form only the
    output can tell, or when there are too many groups to hold: then nothing is said of any row.
    """

    def __init__(self, expected: Expected, source: Callable[[], Records]) -> None:
        self._expected = expected
        self._groupings = [Grouping(mark, expected) for mark in expected.marks.of("suppress")]
        self.is_known = True
        grown = bool(self._groupings)
        while grown and self.is_known:
            self.is_known = self._count(source())
            # what one mark takes may make a group of another smaller, never one of its own
            more = [each.settle() for each in self._groupings]
            grown = any(more) and len(more) > 1

    def _count(self, records: Records) -> bool:
        for block in blocks.blocks(records):
            rows = [cells for _, cells in block]
            columns = list(zip(*rows, strict=True))
            verdicts = self._expected.rejects(columns, len(rows))
            staying = [verdict is None for verdict in self._judge(rows, verdicts)]
            for each in self._groupings:
                # rows that go may hold anything, so only those that stay must be foreseen
                keys = self._spread(each, rows, staying)
                if keys is None or not each.add(keys, columns, staying):
                    return False
        return True

    @staticmethod
    def _spread(grouping: Grouping, rows: Rows, staying: Sequence[bool]) -> list[int] | None:
        kept = [row for row, stays in zip(rows, staying, strict=True) if stays]
        keys = grouping.keys(kept, list(zip(*kept, strict=True))) if kept else []
        if keys is None:
            return None
        following = iter(keys)
        return [next(following) if stays else 0 for stays in staying]

    def _judge(self, rows: Rows, verdicts: Sequence[Mark | None]) -> list[Mark | None]:
        judged = list(verdicts)
        for grouping in self._groupings:
            if not grouping.small:
                continue
            staying = [verdict is None for verdict in judged]
            keys = self._spread(grouping, rows, staying) or []
            for place, key in enumerate(keys):
                if staying[place] and key in grouping.small:
                    judged[place] = grouping.mark
        return judged

    def judge(self, rows: Rows, columns: Rows) -> list[Mark | None]:
        """This will give the ``rows`` or ``suppress`` mark that takes out each row of a block."""
        verdicts = self._expected.rejects(columns, len(rows))
        return self._judge(rows, verdicts) if self.is_known else verdicts
