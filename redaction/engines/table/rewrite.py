"""One table in, one table out: header first, released columns in their order, nothing else."""

import platform
import tempfile
from collections.abc import Callable
from pathlib import Path

import duckdb

from redaction.engines.table import spool, writing
from redaction.engines.table.cells import HIDDEN, disarm
from redaction.engines.table.database import Database
from redaction.engines.table.dates import date_order
from redaction.engines.table.dictionary import describe
from redaction.engines.table.expressions import MASK
from redaction.engines.table.plan import Plan, compile_plan
from redaction.engines.table.query import Query, Tally
from redaction.engines.table.shape import ROW_LIMIT, BadTable
from redaction.engines.table.source import Table, open_table
from redaction.marks import Marks
from redaction.report import MarkOutcome, MarksError, Refused, Report

MEDIUM = "table"
SUFFIXES = (".csv", ".xlsx", ".parquet")

Progress = Callable[[float, str], None]


def redact(source: Path, marks: Marks, target: Path, *, progress: Progress | None = None) -> Report:
    """This will write the released part of a table to ``target``, in memory that does not grow with its rows.

    :raises MarksError: when a mark names what is not in this table, or releases nothing.
    :raises Refused: when the source is not one well-formed table; the message names the row.
    """
    tell = progress or _silent
    try:
        table = open_for(source, marks)
        plan, undecided = plan_for(table, marks)
        header = released_header(plan)
        with tempfile.TemporaryDirectory(prefix=".table-", dir=target.parent) as scratch:
            report = _release(table, plan, header, target, Path(scratch), tell)
    except OSError as error:
        target.unlink(missing_ok=True)
        raise Refused(f"{source.name} cannot be read or written: {error.strerror}") from error
    except BaseException:
        target.unlink(missing_ok=True)
        raise
    report.marks = [MarkOutcome(mark.id, mark.kind, requested=1, applied=1) for mark in marks]
    report.details["dictionary"] = describe(table.header, marks)
    report.warnings += [date_note(name) for name in undecided]
    report.warnings += table.sheet.notes if table.sheet is not None else []
    return report


def open_for(source: Path, marks: Marks) -> Table:
    """This will open the table that the marks are about: in a workbook, the sheet with their columns.

    :raises BadTable: when it is not one well-formed table.
    """
    return open_table(source, _names(marks))


def plan_for(table: Table, marks: Marks) -> tuple[Plan, list[str]]:
    """This will give what is to be done with each row, and the columns whose dates leave the order open.

    :raises MarksError: when a mark names what is not in this table, or releases nothing.
    """
    _refuse_hidden(table, marks)
    compile_plan(marks, table.header, day_first=frozenset())  # a wrong mark stops all before any reading
    day_first, undecided = date_order(table, marks)
    return compile_plan(marks, table.header, day_first=day_first), undecided


def date_note(name: str) -> str:
    """This will say that a column's dates may be read in two ways, and how they were."""
    return (
        f"column {name!r} writes dates as 03/04/2026 and never says which is the month; taken as month first"
    )


def _silent(share: float, stage: str) -> None:
    return None


def _names(marks: Marks) -> list[str]:
    """The columns that the sheet of the table must have; what only a drop names may be missing elsewhere."""
    return [mark["name"] for mark in marks.of("column")]


def _refuse_hidden(table: Table, marks: Marks) -> None:
    for mark in marks.of("column"):
        if table.sheet is not None and mark["name"] in table.sheet.hidden and mark["action"] != "drop":
            raise MarksError(
                f"column {mark['name']!r} is hidden in the workbook; show it in a copy first",
                mark_id=mark.id,
            )


def released_header(plan: Plan) -> list[str]:
    """This will give the names of the released columns, made safe for a spreadsheet.

    :raises BadTable: when two of them would be the same.
    """
    header = [disarm(HIDDEN.sub("", column.name)) for column in plan.columns]
    for place, name in enumerate(header):
        if name in header[:place]:
            raise BadTable(f"two columns would both be released as {name!r}")
    return header


def _release(
    table: Table, plan: Plan, header: list[str], target: Path, scratch: Path, tell: Progress
) -> Report:
    tell(0.0, "reading")
    readings = spool.readings(table, scratch, tell)
    reading = next(readings)
    while True:
        try:
            with Database(scratch, [reading.path, target]) as database:
                query = Query(database, plan, reading.relation, plain=reading.plain)
                tally = count_all(query, plan, tell)
                written = writing.write(
                    database,
                    query.cells(tally),
                    header,
                    target,
                    delimiter=table.delimiter,
                    beat=lambda share: tell(0.6 + 0.4 * share, "writing"),
                )
            break
        except duckdb.InvalidInputException:
            # it does not say which row is at fault, or cannot read a good table: the plain reader can
            target.unlink(missing_ok=True)
            following = next(readings, None)
            if following is None:
                raise
            reading = following
    if written != tally.released:
        raise Refused(f"two readings of the table disagree: {tally.released} and {written} rows to release")
    report = report_on(table, plan, tally)
    tell(1.0, f"{tally.released} of {tally.rows} rows released")
    return report


def count_all(query: Query, plan: Plan, tell: Progress) -> Tally:
    """This will find the groups that are too small and count what becomes of each row.

    :raises MarksError: when a column holds nothing that can be made coarser.
    :raises BadTable: when there are too many rows.
    """
    query.suppress(lambda share: tell(0.1 + 0.2 * share, "counting groups"))
    tally = query.tally_usual(lambda share: tell(0.3 + 0.2 * share, "reading"))
    tally = tally or query.tally(lambda share: tell(0.5 + 0.1 * share, "reading"))
    _check(tally, plan)
    return tally


def _check(tally: Tally, plan: Plan) -> None:
    if tally.rows > ROW_LIMIT:
        raise BadTable(f"the table has more than {ROW_LIMIT} rows")
    for column, filled, lost in zip(plan.columns, tally.filled, tally.lost, strict=True):
        if filled and lost == filled:
            raise MarksError(
                f"column {column.name!r} holds nothing that can be coarsened to {column.mark['to']}",
                mark_id=column.mark.id,
            )


def report_on(table: Table, plan: Plan, tally: Tally) -> Report:
    """This will put the counting in a report, without the marks' outcomes."""
    report = Report(
        engine="daylight-table 2",
        medium=MEDIUM,
        versions={"python": platform.python_version(), "duckdb": duckdb.__version__},
    )
    report.details = {
        "rows_in": tally.rows,
        "rows_out": tally.released,
        "rows_removed": tally.removed,
        "rows_own_plate": tally.own,
        "columns_in": len(table.header),
        "columns_out": len(plan.columns),
        "columns": dict(plan.actions),
        "cells_lost": {
            column.name: lost for column, lost in zip(plan.columns, tally.lost, strict=True) if lost
        },
        "cells_made_safe": tally.quoted,
        "cells_cleaned": tally.cleaned,
        "format": table.format,
        "delimiter": table.delimiter,
        "encoding": table.encoding,
        "totals_may_be_published": not any(tally.removed[grouping.mark.id] for grouping in plan.groupings),
    }
    report.warnings = _warnings(report, plan)
    return report


def _warnings(report: Report, plan: Plan) -> list[str]:
    told = []
    details = report.details
    removed = details["rows_removed"]
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
    told += [f"mark {rule.mark.id} took out no row" for rule in plan.rules if not removed[rule.mark.id]]
    if not details["totals_may_be_published"]:
        told.append("groups were suppressed: a published total of rows would give back what they held")
    return told
