"""Source and output side by side: each output row must be what the marks make of its source row."""

import contextlib
import gc
from collections.abc import Iterator
from pathlib import Path

from redaction.marks import Marks
from redaction.report import Finding, Refused, Report
from redaction.verify.table.blocks import blocks
from redaction.verify.table.expectation import Expected
from redaction.verify.table.inspection import package_faults
from redaction.verify.table.lookout import Lookout
from redaction.verify.table.reading import Table, Unreadable, header_of, open_any
from redaction.verify.table.survival import Survival
from redaction.verify.table.values import FORMULA, UNSEEN
from redaction.verify.table.walk import Walk

Records = Iterator[tuple[int, list[str]]]


def verify(output: Path, source: Path, marks: Marks, report: Report) -> list[Finding]:
    """This will compare an output with its source under the marks, and count each mark that holds.

    :raises Refused: when the source itself cannot be read.
    """
    with _without_collector():
        findings = _findings(output, source, marks)
    failed = {finding.mark_id for finding in findings}
    for mark in marks:
        report.outcome(mark.id).verified = int(None not in failed and mark.id not in failed)
    return findings


@contextlib.contextmanager
def _without_collector() -> Iterator[None]:
    """Blocks of rows hold no cycles, yet the collector would walk all their cells again and again."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


def _findings(output: Path, source: Path, marks: Marks) -> list[Finding]:
    names = [mark["name"] for mark in marks.of("column")]
    source_text = open_any(source, names)
    delimiter, header = header_of(source_text, names)
    missing = [mark for mark in marks.of("column") if mark["name"] not in header and mark["action"] != "drop"]
    if missing:
        return [Finding(f"there is no column {mark['name']!r}", mark.id) for mark in missing]
    expected = Expected(header, marks)
    look = Lookout(expected)
    records = _rows(source_text, delimiter, len(header))
    while look.dates_are_open and (block := next(blocks(records), None)):
        look.at_dates(_columns(block))
    try:
        output_text = open_any(output, [])
        if output_text.encoding != "utf-8":
            return [Finding("the output is not UTF-8 without a mark at its start")]
        output_delimiter = _delimiter_of_output(output_text, delimiter, expected)
        findings = _header_findings(output_text, output_delimiter, expected)
        if findings:
            return findings
        findings = package_faults(output) if output.suffix.lower() == ".xlsx" else []
        survival = Survival(expected, lambda: _rows(source_text, delimiter, len(header)))
        walk = Walk(expected, look, lambda: output_text.records(output_delimiter), survival)
        for block in blocks(_rows(source_text, delimiter, len(header))):
            walk.step(block)
        findings += walk.finish()
    except Unreadable as error:
        return [Finding(str(error))]
    return findings


def _columns(block: list[tuple[int, list[str]]]) -> list[tuple[str, ...]]:
    return list(zip(*(cells for _, cells in block), strict=True))


def _rows(text: Table, delimiter: str, width: int) -> Records:
    records = text.records(delimiter)
    next(records)
    for row, cells in records:
        if not cells:
            continue
        if len(cells) != width:
            raise Refused(f"row {row} of the source has {len(cells)} cells, its header {width}")
        yield row, cells


def _delimiter_of_output(text: Table, delimiter: str, expected: Expected) -> str:
    wanted = len(expected.released)
    for candidate in (delimiter, ","):
        if len(next(text.records(candidate), (1, []))[1]) == wanted:
            return candidate
    return delimiter


def _header_findings(text: Table, delimiter: str, expected: Expected) -> list[Finding]:
    _, header = next(text.records(delimiter), (1, []))
    wanted = [UNSEEN.sub("", name) for _, name, _ in expected.released]
    wanted = ["'" + name if FORMULA.match(name) else name for name in wanted]
    if header == wanted:
        return []
    findings = [
        Finding(f"column {name!r} is in the output but not released", _dropping(expected, name))
        for name in header
        if name not in wanted
    ]
    return findings or [Finding("the header is not the released columns in their order")]


def _dropping(expected: Expected, name: str) -> str | None:
    mark = expected.by_name.get(name)
    return mark.id if mark else None
