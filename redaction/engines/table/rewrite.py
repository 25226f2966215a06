"""One table in, one table out: header first, released columns in their order, nothing else."""

import csv
import platform
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from redaction.engines.table.cells import HIDDEN, disarm, is_formula
from redaction.engines.table.plan import MASK, Plan, compile_plan
from redaction.engines.table.source import Table, open_table
from redaction.engines.table.survey import Survey, date_order, survey
from redaction.marks import Marks
from redaction.report import MarkOutcome, MarksError, Refused, Report

MEDIUM = "table"
SUFFIXES = (".csv",)
BEAT = 20_000  # rows between two calls of progress

Progress = Callable[[float, str], None]


def redact(source: Path, marks: Marks, target: Path, *, progress: Progress | None = None) -> Report:
    """This will write the released part of a delimited table to ``target``, in memory that does not grow.

    :raises MarksError: when a mark names what is not in this table, or releases nothing.
    :raises Refused: when the source is not one well-formed table; the message names the row.
    """
    tell = progress or _silent
    try:
        table = open_table(source)
        compile_plan(marks, table.header, day_first=frozenset())  # a wrong mark stops all before any reading
        day_first, undecided = date_order(table, marks)
        plan = compile_plan(marks, table.header, day_first=day_first)
        found = survey(table, plan, lambda row: tell(0.1, f"row {row} read") if row % BEAT == 0 else None)
        report = _write(table, plan, found, target, tell)
    except OSError as error:
        target.unlink(missing_ok=True)
        raise Refused(f"{source.name} cannot be read or written: {error.strerror}") from error
    except BaseException:
        target.unlink(missing_ok=True)
        raise
    report.marks = [MarkOutcome(mark.id, mark.kind, requested=1, applied=1) for mark in marks]
    report.warnings += [
        f"column {name!r} writes dates as 03/04/2026 and never says which is the month; taken as month first"
        for name in undecided
    ]
    return report


def _silent(share: float, stage: str) -> None:
    return None


def _write(table: Table, plan: Plan, found: Survey, target: Path, tell: Progress) -> Report:
    for column in plan.columns:
        column.filled = column.lost = 0
    removed: Counter[str] = Counter()
    rows_in = rows_out = cleaned = quoted = own = 0
    with target.open("x", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, delimiter=table.delimiter, lineterminator="\r\n")
        writer.writerow([disarm(HIDDEN.sub("", column.name)) for column in plan.columns])
        for number, row in table.rows():
            rows_in += 1
            if number % BEAT == 0:
                tell(0.5, f"row {number} written")
            mark = plan.rejects(row)
            if mark is not None:
                removed[mark.id] += 1
                continue
            cells = plan.release(row)
            grouping = found.too_small(plan, cells)
            if grouping is not None:
                removed[grouping.mark.id] += 1
                continue
            for place, cell in enumerate(cells):
                if HIDDEN.search(cell):
                    cells[place] = cell = HIDDEN.sub("", cell)
                    cleaned += 1
                if place not in found.numeric and is_formula(cell):
                    cells[place] = "'" + cell
                    quoted += 1
            own += bool(plan.own) and plan.is_own(row)
            rows_out += 1
            writer.writerow(cells)
    for column in plan.columns:
        if column.filled and column.lost == column.filled:
            raise MarksError(
                f"column {column.name!r} holds nothing that can be coarsened to {column.mark['to']}",
                mark_id=column.mark.id,
            )
    report = Report(engine="daylight-table 1", medium=MEDIUM, versions={"python": platform.python_version()})
    report.details = {
        "rows_in": rows_in,
        "rows_out": rows_out,
        "rows_removed": {mark.id: removed[mark.id] for mark, _ in (*plan.keep, *plan.remove)}
        | {grouping.mark.id: removed[grouping.mark.id] for grouping in plan.groupings},
        "rows_own_plate": own,
        "columns": dict(plan.actions),
        "cells_lost": {column.name: column.lost for column in plan.columns if column.lost},
        "cells_made_safe": quoted,
        "cells_cleaned": cleaned,
        "delimiter": table.delimiter,
        "encoding": table.encoding,
        "totals_may_be_published": not any(removed[grouping.mark.id] for grouping in plan.groupings),
    }
    report.warnings = _warnings(report, plan, removed)
    tell(1.0, f"{rows_out} of {rows_in} rows released")
    return report


def _warnings(report: Report, plan: Plan, removed: Counter[str]) -> list[str]:
    told = []
    details = report.details
    if details["rows_out"] == 0:
        told.append("no row is released: the output is a header alone")
    if details["encoding"] == "cp1252":
        told.append("the source is not UTF-8; it was read as Windows-1252, so look at its accented letters")
    told += [
        f"column {name!r}: {lost} cells could not be coarsened and hold {MASK} instead"
        for name, lost in details["cells_lost"].items()
    ]
    if details["cells_cleaned"]:
        told.append(f"{details['cells_cleaned']} cells lost characters that do not show")
    if plan.own and not details["rows_own_plate"]:
        told.append("no released row is of the requester's own plate")
    told += [
        f"mark {mark.id} took out no row" for mark, _ in (*plan.keep, *plan.remove) if not removed[mark.id]
    ]
    if not details["totals_may_be_published"]:
        told.append("groups were suppressed: a published total of rows would give back what they held")
    return told
