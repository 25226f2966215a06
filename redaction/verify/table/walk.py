"""The walk down source and output in step, one row after the other."""

import hashlib
from collections import deque
from collections.abc import Iterator

from redaction.marks import Mark
from redaction.report import Finding
from redaction.verify.table.expectation import MASK, Expected
from redaction.verify.table.inspection import MOST, ColumnWatch
from redaction.verify.table.lookout import Lookout
from redaction.verify.table.values import plain

ALIAS_LIMIT = 2_000_000  # pseudonyms remembered; beyond it, each is still checked for its form
DIGESTS = 1000  # pseudonyms tried against plain digests of their values
REMOVED_KEPT = 200  # removed rows remembered, to name the mark when one of them is in the output

Records = Iterator[tuple[int, list[str]]]


class Walk:
    """One walk down both tables; only ``suppress`` lets a source row be absent without a ``rows`` mark."""

    def __init__(self, expected: Expected, look: Lookout, output: Records) -> None:
        self._expected, self._look, self._output = expected, look, output
        next(self._output)
        self._findings: list[Finding] = []
        self._watch = ColumnWatch(len(expected.released))
        self._removed: deque[tuple[list[str], Mark]] = deque(maxlen=REMOVED_KEPT)
        self._suppress = expected.marks.of("suppress")
        self._groups: list[dict[tuple[str, ...], set[int] | int]] = [{} for _ in self._suppress]
        self._tried = 0
        self._text = [
            place for place, (_, _, mark) in enumerate(expected.released) if mark["action"] == "release"
        ]
        self._lost = {mark.id: [0, 0] for _, _, mark in expected.released if mark["action"] == "coarsen"}
        self._row, self._cells = self._next()

    def _next(self) -> tuple[int, list[str] | None]:
        for row, cells in self._output:
            if not cells and len(self._expected.released) > 1:
                continue
            cells = cells or [""]
            if len(cells) == len(self._expected.released):
                self._watch.see(row, cells)
                return row, cells
            self._findings.append(
                Finding(f"has {len(cells)} cells, not {len(self._expected.released)}", place=f"row {row}")
            )
        return 0, None

    def step(self, row: int, source: list[str]) -> None:
        """This will match a source row with the next output row, or account for its absence."""
        if len(self._findings) >= MOST:
            return
        mark = self._expected.rejected_by(source)
        if mark is not None:
            self._removed.append((source, mark))
            return
        if self._cells is None:
            if not self._suppress:
                self._findings.append(Finding(f"row {row} of the source should be in the output and is not"))
            return
        fault = self._expected.fault(source, self._cells)
        if fault is None:
            self._accept(source, self._cells)
        elif not self._suppress:
            self._refuse(fault)
        else:
            return
        self._row, self._cells = self._next()

    def _refuse(self, fault: tuple[Mark, str]) -> None:
        cells = self._cells or []
        for source, mark in self._removed:
            if self._expected.fault(source, cells) is None:
                self._findings.append(
                    Finding("a row it removes is in the output", mark.id, place=f"row {self._row}")
                )
                return
        self._findings.append(Finding(fault[1], fault[0].id, place=f"row {self._row}"))

    def _accept(self, source: list[str], cells: list[str]) -> None:
        self._expected.learn(source, cells, ALIAS_LIMIT)
        self._removed.clear()
        is_own = self._expected.is_own(source)
        for place in self._text:
            self._look.at_output(self._row, self._expected.released[place][1], cells[place])
        if not is_own:
            self._findings += self._look.in_row(self._row, source, [cells[place] for place in self._text])
            self._findings += self._weak_pseudonyms(source, cells)
            self._findings += self._fine_times(source, cells)
        for mark, groups in zip(self._suppress, self._groups, strict=True):
            self._count(mark, groups, source, cells)

    def _fine_times(self, source: list[str], cells: list[str]) -> list[Finding]:
        found = []
        text = [cells[place] for place in self._text]
        for (place, name, mark), cell in zip(self._expected.released, cells, strict=True):
            if mark["action"] != "coarsen" or not source[place].strip():
                continue
            tally = self._lost[mark.id]
            tally[0] += 1
            tally[1] += cell == MASK
            if cell != source[place] and source[place] in text and len(source[place]) >= 5:
                found.append(
                    Finding(f"the exact value of column {name!r} is in another", mark.id, f"row {self._row}")
                )
        return found

    def _weak_pseudonyms(self, source: list[str], cells: list[str]) -> list[Finding]:
        found = []
        for (place, _, mark), cell in zip(self._expected.released, cells, strict=True):
            if mark["action"] != "pseudonym" or not cell or self._tried >= DIGESTS:
                continue
            self._tried += 1
            spellings = {
                source[place],
                source[place].strip(),
                plain(source[place]),
                plain(source[place]).lower(),
            }
            for algorithm in ("md5", "sha1", "sha256", "sha512", "blake2b", "sha3_256"):
                for spelling in spellings:
                    digest = hashlib.new(algorithm, spelling.encode(), usedforsecurity=False).hexdigest()
                    if cell.removeprefix("P-") in digest:
                        found.append(
                            Finding("a pseudonym is a plain digest of its value", mark.id, f"row {self._row}")
                        )
        return found

    def _count(
        self, mark: Mark, groups: dict[tuple[str, ...], set[int] | int], source: list[str], cells: list[str]
    ) -> None:
        names = [name for _, name, _ in self._expected.released]
        key = tuple(cells[names.index(name)] for name in mark["by"])
        counted = str(mark["count"])
        so_far = groups.get(key, 0 if counted == "rows" else set())
        if isinstance(so_far, int):
            groups[key] = so_far + 1
            return
        value = plain(source[self._expected.header.index(counted.split(":", 1)[1])])
        if value:
            so_far.add(hash(value))
        groups[key] = mark["k"] if len(so_far) >= mark["k"] else so_far

    def finish(self) -> list[Finding]:
        """This will add what only shows at the end: rows too many, small groups, formulas, lost columns."""
        if self._cells is not None and len(self._findings) < MOST:
            self._leftover()
        for mark, groups in zip(self._suppress, self._groups, strict=True):
            for size in groups.values():
                if (size if isinstance(size, int) else len(size)) < mark["k"]:
                    self._findings.append(
                        Finding(f"a group smaller than {mark['k']} is in the output", mark.id)
                    )
                    break
        for place, row in self._watch.faults():
            name, mark = self._expected.released[place][1:]
            self._findings.append(
                Finding(f"a cell of column {name!r} could run as a formula", mark.id, place=f"row {row}")
            )
        return self._findings + [
            Finding("not one cell could be coarsened", name)
            for name, (filled, lost) in self._lost.items()
            if filled and filled == lost
        ]

    def _leftover(self) -> None:
        cells = self._cells or []
        for source, mark in self._removed:
            if self._expected.fault(source, cells) is None:
                self._findings.append(
                    Finding("a row it removes is in the output", mark.id, place=f"row {self._row}")
                )
                return
        self._findings.append(Finding("is made from no row of the source", place=f"row {self._row}"))
