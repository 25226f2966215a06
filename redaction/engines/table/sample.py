"""A table's rows before and after, and what each mark takes out of all of them, by the engine of a release.

Nothing is written. The same plan, the same SQL and the same fallback to the plain reader as in ``rewrite``.
"""

import itertools
import os
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import duckdb

from redaction.engines.table import expressions, rewrite, spool
from redaction.engines.table.database import Database
from redaction.engines.table.plan import Plan
from redaction.engines.table.query import Query
from redaction.engines.table.source import Table
from redaction.marks import Marks
from redaction.report import MarksError, Refused

PAGE = 50  # rows
HEAD = 5_000  # rows that say whether a column is numeric while nobody has counted all
LONGEST = 400  # characters of a cell that are shown
MOST_GROUPS = 50_000  # groups too small that a count hands on to the pages

Progress = Callable[[float, str], None]
Found = TypeVar("Found")
Work = Callable[[Database, Query, str], Found]


@dataclass(frozen=True)
class Count:
    """What would become of the whole table. ``groups`` are those suppressed, ``plates`` [in, out] by column.

    ``numeric`` and ``small`` are what a page needs to show the same; ``small`` None when they are too many.
    """

    rows_in: int
    rows_out: int
    removed: dict[str, int] = field(default_factory=dict)
    groups: dict[str, int] = field(default_factory=dict)
    own: int = 0
    plates: dict[str, list[int]] = field(default_factory=dict)
    lost: dict[str, int] = field(default_factory=dict)
    made_safe: int = 0
    warnings: list[str] = field(default_factory=list)
    numeric: list[int] = field(default_factory=list)
    small: list[list[int]] | None = field(default_factory=list)


@dataclass(frozen=True)
class Page:
    """Some rows. Each has number (from 1 below the header), fate, own, cells before and after.

    ``fate`` is the id of the mark that takes the row out, "" when it stays; ``after`` None when it goes.
    ``released_before`` is how many rows before the first of these stay, where all rows are asked for.
    ``names`` are the released columns and ``released`` their places in the header. ``exact`` says that the
    count of the whole table stood behind it.
    """

    header: list[str]
    names: list[str]
    released: list[int]
    rows: list[dict[str, Any]]
    start: int
    more: bool
    exact: bool
    notes: list[str]
    released_before: int = 0


def count(
    source: Path, marks: Marks, *, key: str, plates: Sequence[str] = (), progress: Progress | None = None
) -> Count:
    """This will count the whole table; ``plates`` names columns whose different values are counted.

    :raises MarksError: naming the mark that does not fit.
    :raises BadTable: naming the row at fault.
    """
    tell = progress or _silent
    table = rewrite.open_for(source, marks)
    if not _releases(marks):
        _check_bare(marks, table)
        rows = sum(1 for _ in table.rows())
        return Count(rows, 0, removed={mark.id: 0 for mark in marks.of("rows", "suppress")})
    plan, undecided = rewrite.plan_for(table, marks)
    rewrite.released_header(plan)

    def work(database: Database, query: Query, relation: str) -> Count:
        tally = rewrite.count_all(query, plan, tell)
        report = rewrite.report_on(table, plan, tally)
        keys = sum(map(len, query.small))
        return Count(
            rows_in=tally.rows,
            rows_out=tally.released,
            removed=dict(tally.removed),
            groups={
                grouping.mark.id: len(small)
                for grouping, small in zip(plan.groupings, query.small, strict=True)
            },
            own=tally.own,
            plates=_different(database, query, relation, [n for n in plates if n in table.header], table),
            lost=report.details["cells_lost"],
            made_safe=tally.quoted,
            warnings=[*report.warnings, *(rewrite.date_note(name) for name in undecided)],
            numeric=sorted(tally.numeric),
            small=[sorted(small) for small in query.small] if keys <= MOST_GROUPS else None,
        )

    return _tried(table, plan, key, tell, work)


def page(
    source: Path, marks: Marks, *, key: str, start: int = 0, only: str = "", known: Count | None = None
) -> Page:
    """This will give ``PAGE`` rows from the ``start``-th on, of all rows or of those that meet one fate.

    ``only`` is the id of a mark that takes rows out, ``:released``, ``:own``, or "" for all. ``known`` is
    the count of the same table and marks; without it no group is known to be too small.

    :raises MarksError: naming the mark that does not fit.
    :raises BadTable: naming the row at fault.
    """
    table = rewrite.open_for(source, marks)
    notes = list(table.sheet.notes) if table.sheet is not None else []
    if not _releases(marks):
        _check_bare(marks, table)
        rows = [] if only else _bare(table, start)
        more = len(rows) > PAGE
        return Page(list(table.header), [], [], rows[:PAGE], start, more, True, notes, released_before=start)
    plan, _undecided = rewrite.plan_for(table, marks)
    names = rewrite.released_header(plan)
    ids = [mark.id for mark in _removing(plan)]

    def work(database: Database, query: Query, relation: str) -> Page:
        numeric = _settle(query, known, relation)
        width = len(table.header)
        said = database.rows(_statement(query, relation, width, numeric, ids, start, only))
        rows = [
            {
                "number": int(row[0]),
                "fate": ids[row[width + 1]] if row[width + 1] >= 0 else "",
                "own": bool(row[width + 2]),
                "before": [_short(cell) for cell in row[1 : width + 1]],
                "after": [_short(cell) for cell in row[width + 3 :]] if row[width + 1] < 0 else None,
            }
            for row in said
        ]
        released = [column.place for column in plan.columns]
        exact = known is not None and known.small is not None
        before = 0 if only or not start else _staying(database, query, relation, start)
        more = len(rows) > PAGE
        return Page(list(table.header), names, released, rows[:PAGE], start, more, exact, notes, before)

    return _tried(table, plan, key, _silent, work)


def _silent(share: float, stage: str) -> None:
    return None


def _releases(marks: Marks) -> bool:
    return any(mark["action"] != "drop" for mark in marks.of("column"))


def _check_bare(marks: Marks, table: Table) -> None:
    """Marks that release nothing yet can still name what is not there."""
    for mark in marks.of("column"):
        if mark["name"] not in table.header:
            raise MarksError(f"there is no column {mark['name']!r}", mark_id=mark.id)


def _bare(table: Table, start: int) -> list[dict[str, Any]]:
    rows = itertools.islice(enumerate(table.rows(), 1), start, start + PAGE + 1)
    return [
        {"number": number, "fate": "", "own": False, "before": [_short(cell) for cell in cells], "after": []}
        for number, (_line, cells) in rows
    ]


def _tried(table: Table, plan: Plan, key: str, tell: Progress, work: Work[Found]) -> Found:
    """The quick reading and, should DuckDB not read the file, the safe one, as a release tries them."""
    with tempfile.TemporaryDirectory(prefix=".table-", dir=os.getcwd()) as folder:
        scratch = Path(folder)
        for reading in spool.readings(table, scratch, tell):
            try:
                with Database(scratch, [reading.path]) as database:
                    query = Query(database, plan, reading.relation, plain=reading.plain, key=key)
                    return work(database, query, reading.relation)
            except duckdb.InvalidInputException:
                continue
    raise Refused("the table cannot be read by either of two readers")


def _removing(plan: Plan) -> list[Any]:
    return [*(rule.mark for rule in plan.rules), *(grouping.mark for grouping in plan.groupings)]


def _settle(query: Query, known: Count | None, relation: str) -> frozenset[int]:
    """What the whole table says about its parts, or for want of that what its first rows do."""
    if known is None:
        head = f"(SELECT * FROM {relation} LIMIT {HEAD})"
        return query.over(head, {}).tally(lambda share: None).numeric
    for small, keys in zip(query.small, known.small or [], strict=False):
        small.update(keys)
    return frozenset(known.numeric)


def _statement(
    query: Query,
    relation: str,
    width: int,
    numeric: frozenset[int],
    ids: Sequence[str],
    start: int,
    only: str,
) -> str:
    cells = {f"b{place}": f"coalesce(c{place}, '')" for place in range(width)}
    if not only:
        part = f"(SELECT * FROM {relation} LIMIT {PAGE + 1} OFFSET {start})"
        numbered = f"(SELECT row_number() OVER () + {start} AS n, * FROM {part})"
        return query.over(numbered, {"n": "n", **cells}).fates(numeric)
    numbered = f"(SELECT row_number() OVER () AS n, * FROM {relation})"
    all_rows = query.over(numbered, {"n": "n", **cells}).fates(numeric)
    fates = {":released": "verdict = -1", ":own": "verdict = -1 AND own"}
    fates |= {name: f"verdict = {place}" for place, name in enumerate(ids)}
    return f"SELECT * FROM ({all_rows}) WHERE {fates.get(only, 'false')} LIMIT {PAGE + 1} OFFSET {start}"


def _staying(database: Database, query: Query, relation: str, start: int) -> int:
    """How many of the first ``start`` rows stay."""
    part = query.over(f"(SELECT * FROM {relation} LIMIT {start})", {}).fates(frozenset())
    return int(database.rows(f"SELECT count(*) FILTER (WHERE verdict = -1) FROM ({part})")[0][0])


def _different(
    database: Database, query: Query, relation: str, names: Sequence[str], table: Table
) -> dict[str, list[int]]:
    """How many different values a column holds, in all rows and in those that stay; blanks aside."""
    if not names:
        return {}
    carry = {
        f"p{place}": expressions.normalised(f"coalesce(c{table.header.index(name)}, '')", "normalise")
        for place, name in enumerate(names)
    }
    sums = ", ".join(
        f"count(DISTINCT nullif(p{place}, '')), "
        f"count(DISTINCT nullif(p{place}, '')) FILTER (WHERE verdict = -1)"
        for place in range(len(names))
    )
    answer = database.rows(f"SELECT {sums} FROM ({query.over(relation, carry).fates(frozenset())})")[0]
    return {name: [int(answer[2 * at]), int(answer[2 * at + 1])] for at, name in enumerate(names)}


def _short(cell: str) -> str:
    return cell if len(cell) <= LONGEST else cell[: LONGEST - 1] + "…"
