"""What any delimited table may not hold, whoever made it."""

from pathlib import Path

from redaction.report import Finding
from redaction.verify.table.reading import Unreadable, decode, header_of
from redaction.verify.table.values import FORMULA, NUMBER, UNSEEN

MOST = 20  # findings of one kind; one is enough to stop a release


class ColumnWatch:
    """Formula safety of each column: an unquoted start of a formula is harmless only among numbers."""

    def __init__(self, width: int) -> None:
        self._text = [False] * width
        self._armed: list[int] = [0] * width

    def see(self, row: int, cells: list[str]) -> None:
        for place, cell in enumerate(cells):
            if not cell or (self._text[place] and self._armed[place]):
                continue
            if not NUMBER.fullmatch(cell):
                self._text[place] = True
            if not self._armed[place] and FORMULA.match(cell):
                self._armed[place] = row

    def faults(self) -> list[tuple[int, int]]:
        """This will give (column, row) of each cell that a spreadsheet may run."""
        return [(place, row) for place, row in enumerate(self._armed) if row and self._text[place]]


def examine(output: Path) -> list[Finding]:
    """This will name what is wrong with a table by itself: shape, formulas, characters that do not show."""
    findings: list[Finding] = []
    try:
        text = decode(output)
        delimiter, header = header_of(text, [])
        findings += _header_faults(header)
        watch = ColumnWatch(len(header))
        unseen = 0
        for row, cells in text.records(delimiter):
            if not cells:
                continue
            if len(cells) != len(header):
                findings.append(
                    Finding(f"has {len(cells)} cells, the header has {len(header)}", place=f"row {row}")
                )
                if len(findings) >= MOST:
                    return findings
                continue
            if row > 1:
                watch.see(row, cells)
            unseen = unseen or (row if any(UNSEEN.search(cell) for cell in cells) else 0)
    except Unreadable as error:
        return [*findings, Finding(str(error))]
    if unseen:
        findings.append(Finding("holds characters that do not show", place=f"row {unseen}"))
    findings += [
        Finding(f"a cell of column {header[place]!r} could run as a formula", place=f"row {row}")
        for place, row in watch.faults()
    ]
    return findings


def _header_faults(header: list[str]) -> list[Finding]:
    findings = [
        Finding(f"column {place} has no name", place="row 1")
        for place, name in enumerate(header, 1)
        if not name.strip()
    ]
    findings += [
        Finding(f"two columns are named {name!r}", place="row 1")
        for place, name in enumerate(header)
        if name in header[:place]
    ]
    findings += [
        Finding(f"the name {name!r} could run as a formula", place="row 1")
        for name in header
        if FORMULA.match(name)
    ]
    return findings
