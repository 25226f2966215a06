"""The walk down source and output in step, a block of rows at a time, one by one where a block is odd."""

import hashlib
from collections import deque
from collections.abc import Callable, Sequence
from itertools import islice

from redaction.marks import Mark
from redaction.report import Finding
from redaction.verify.table import blocks
from redaction.verify.table.blocks import ColumnWatch, Records
from redaction.verify.table.expectation import MASK, Expected
from redaction.verify.table.groups import Groups
from redaction.verify.table.inspection import MOST
from redaction.verify.table.lookout import Lookout
from redaction.verify.table.matching import keys_of, quick_faults
from redaction.verify.table.survival import Survival
from redaction.verify.table.values import plain

ALIAS_LIMIT = 400_000  # pseudonyms remembered; beyond it, each is still checked for its form
DIGESTS = 1000  # pseudonyms tried against plain digests of their values
REMOVED_KEPT = 200  # removed rows remembered, to name the mark when one of them is in the output

Row = tuple[int, list[str]]


class Walk:
    """One walk down both tables; only a ``rows`` or ``suppress`` mark lets a source row be absent.

    ``output`` opens the output's records anew: read once for what it says, then in step with the source.
    """

    def __init__(
        self, expected: Expected, look: Lookout, output: Callable[[], Records], survival: Survival
    ) -> None:
        self._expected, self._look, self._open = expected, look, output
        self._survival = survival
        self._width = len(expected.released)
        self._findings: list[Finding] = []
        self._watch = ColumnWatch(self._width)
        self._removed: deque[tuple[list[str], Mark]] = deque(maxlen=REMOVED_KEPT)
        self._groups = [Groups(mark, expected) for mark in expected.marks.of("suppress")]
        self._is_loose = bool(self._groups) and not survival.is_known  # any row may be a suppressed one
        self._tried = 0
        self._text = [
            place for place, (_, _, mark) in enumerate(expected.released) if mark["action"] == "release"
        ]
        self._lost = {mark.id: [0, 0] for _, _, mark in expected.released if mark["action"] == "coarsen"}
        for block in blocks.blocks(self._rows()):
            columns = _columns([cells for _, cells in block])
            self._watch.see_block([row for row, _ in block], columns)
            look.at_output([columns[place] for place in self._text])
        self._output = self._rows()
        self._ahead: deque[Row] = deque()

    def _rows(self) -> Records:
        records = self._open()
        next(records)
        for row, cells in records:
            cells = cells if cells or self._width > 1 else [""]
            if len(cells) == self._width:
                yield row, cells
            elif cells and len(self._findings) < MOST:
                self._findings.append(
                    Finding(f"has {len(cells)} cells, not {self._width}", place=f"row {row}")
                )

    def _fill(self, count: int) -> None:
        self._ahead.extend(islice(self._output, max(0, count - len(self._ahead))))

    def step(self, block: list[Row]) -> None:
        """This will match a block of the source with the rows of the output that it makes."""
        if len(self._findings) >= MOST:
            return
        rows = [cells for _, cells in block]
        columns = _columns(rows)
        self._look.at_source(columns)
        verdicts = self._survival.judge(rows, columns)
        kept = [row for row, verdict in zip(block, verdicts, strict=True) if verdict is None]
        self._fill(len(kept))
        quick = not kept or self._quickly(kept)
        for (number, cells), verdict in zip(block, verdicts, strict=True):
            if verdict is not None:
                self._removed.append((cells, verdict))
            elif not quick:
                self._slowly(number, cells)

    def _quickly(self, kept: list[Row]) -> bool:
        """Whole columns at once; False, with nothing done, when any row needs a closer look."""
        sources = [cells for _, cells in kept]
        if any(map(self._expected.is_own, sources)) if self._expected.own else False:
            return False
        outputs = [cells for _, cells in islice(self._ahead, len(sources))]
        if self._is_loose:
            matched = self._matched(sources, outputs)
            if matched is None:
                return False
            sources = [sources[place] for place in matched]
            outputs = outputs[: len(matched)]
        if len(outputs) != len(sources):
            return False
        if not sources:
            return True
        source, output = _columns(sources), _columns(outputs)
        if quick_faults(self._expected, source, output):
            return False
        if self._look.bare_words(source) or self._exact_elsewhere(source, output) or self._tried < DIGESTS:
            for (row, cells), origin in zip(self._ahead, sources, strict=False):
                self._look_closely(row, origin, cells)
        for place, (_, name, mark) in enumerate(self._expected.released):
            origin_place = self._expected.released[place][0]
            if mark["action"] == "pseudonym":
                pairs = set(zip(blocks.plates(source[origin_place]), output[place], strict=True))
                self._expected.learn(name, pairs, ALIAS_LIMIT)
            elif mark["action"] == "coarsen":
                self._lost[mark.id][0] += sum(
                    1 for cell in source[origin_place] if cell and not cell.isspace()
                )
                self._lost[mark.id][1] += output[place].count(MASK)
        for groups in self._groups:
            groups.add(source, output)
        for _ in range(len(sources)):
            self._ahead.popleft()
        return True

    def _matched(self, sources: list[list[str]], outputs: list[list[str]]) -> list[int] | None:
        """The places of source rows that the next output rows are made of; None when it cannot be told."""
        keys = keys_of(self._expected, _columns(sources), _columns(outputs) if outputs else [])
        if keys is None:
            return None
        wanted, found = keys
        matched: list[int] = []
        for place, key in enumerate(wanted):
            if len(matched) < len(found) and key == found[len(matched)]:
                matched.append(place)
        return matched

    def _exact_elsewhere(self, source: Sequence[Sequence[str]], output: Sequence[Sequence[str]]) -> bool:
        coarse = [place for place, _, mark in self._expected.released if mark["action"] == "coarsen"]
        return any(
            one == two and len(one) >= 5
            for place in coarse
            for text in self._text
            if not set(source[place]).isdisjoint(output[text])
            for one, two in zip(source[place], output[text], strict=True)
        )

    def _slowly(self, number: int, source: list[str]) -> None:
        if len(self._findings) >= MOST:
            return
        self._fill(1)
        if not self._ahead:
            if not self._is_loose:
                self._findings.append(
                    Finding(f"row {number} of the source should be in the output and is not")
                )
            return
        row, cells = self._ahead[0]
        fault = self._expected.fault(source, cells)
        if fault is None:
            self._accept(row, source, cells)
        elif not self._is_loose:
            self._refuse(row, cells, fault)
        else:
            return
        self._ahead.popleft()

    def _refuse(self, row: int, cells: list[str], fault: tuple[Mark, str]) -> None:
        mark = self._removed_by(cells)
        if mark is not None:
            self._findings.append(Finding(_left_in(mark), mark.id, place=f"row {row}"))
        else:
            self._findings.append(Finding(fault[1], fault[0].id, place=f"row {row}"))

    def _removed_by(self, cells: list[str]) -> Mark | None:
        return next(
            (mark for source, mark in self._removed if self._expected.fault(source, cells) is None), None
        )

    def _accept(self, row: int, source: list[str], cells: list[str]) -> None:
        self._removed.clear()
        is_own = self._expected.is_own(source)
        if not is_own:
            self._look_closely(row, source, cells)
        for (place, name, mark), cell in zip(self._expected.released, cells, strict=True):
            if mark["action"] == "pseudonym" and cell and not is_own:
                self._expected.learn(name, [(plain(source[place]), cell)], ALIAS_LIMIT)
            elif mark["action"] == "coarsen" and source[place].strip() and not is_own:
                self._lost[mark.id][0] += 1
                self._lost[mark.id][1] += cell == MASK
        for groups in self._groups:
            groups.add([(cell,) for cell in source], [(cell,) for cell in cells])

    def _look_closely(self, row: int, source: list[str], cells: list[str]) -> None:
        self._findings += self._look.in_row(row, source, [cells[place] for place in self._text])
        self._findings += self._weak_pseudonyms(row, source, cells)
        self._findings += self._fine_times(row, source, cells)

    def _fine_times(self, row: int, source: list[str], cells: list[str]) -> list[Finding]:
        text = [cells[place] for place in self._text]
        return [
            Finding(f"the exact value of column {name!r} is in another", mark.id, f"row {row}")
            for (place, name, mark), cell in zip(self._expected.released, cells, strict=True)
            if mark["action"] == "coarsen" and len(source[place]) >= 5
            if source[place].strip() and cell != source[place] and source[place] in text
        ]

    def _weak_pseudonyms(self, row: int, source: list[str], cells: list[str]) -> list[Finding]:
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
                            Finding("a pseudonym is a plain digest of its value", mark.id, f"row {row}")
                        )
        return found

    def finish(self) -> list[Finding]:
        """This will add what only shows at the end: rows too many, small groups, formulas, lost columns."""
        self._fill(1)
        if self._ahead and len(self._findings) < MOST:
            row, cells = self._ahead[0]
            mark = self._removed_by(cells)
            if mark is not None:
                self._findings.append(Finding(_left_in(mark), mark.id, place=f"row {row}"))
            else:
                self._findings.append(Finding("is made from no row of the source", place=f"row {row}"))
        self._findings += [finding for groups in self._groups for finding in groups.faults()]
        for place, row in self._watch.faults():
            name, mark = self._expected.released[place][1:]
            self._findings.append(
                Finding(f"a cell of column {name!r} could run as a formula", mark.id, place=f"row {row}")
            )
        names = [self._expected.released[place][1] for place in self._text]
        if self._look.suspects:
            for row, cells in self._rows():
                self._findings += self._look.confirm(row, names, [cells[place] for place in self._text])
                if not self._look.suspects or len(self._findings) >= MOST:
                    break
        return self._findings[: MOST * 2] + [
            Finding("not one cell could be coarsened", name)
            for name, (filled, lost) in self._lost.items()
            if filled and filled == lost
        ]


def _left_in(mark: Mark) -> str:
    if mark.kind == "suppress":
        return f"a group smaller than {mark['k']} is in the output"
    return "a row it removes is in the output"


def _columns(rows: Sequence[Sequence[str]]) -> list[tuple[str, ...]]:
    return list(zip(*rows, strict=True))
