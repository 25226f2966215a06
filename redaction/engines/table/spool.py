"""Getting a table into a shape that DuckDB reads exactly: as it stands, or copied by the plain reader."""

import csv
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from redaction.engines.table import parquet
from redaction.engines.table.database import quote
from redaction.engines.table.scan import scan
from redaction.engines.table.shape import FIELD_LIMIT, ROW_LIMIT, BadTable
from redaction.engines.table.source import Table

USUAL_LINE = 2 * 1024 * 1024  # bytes; DuckDB keeps sixteen such lines in memory for each thread
BEAT = 20_000  # rows between two calls of progress

Progress = Callable[[float, str], None]


@dataclass(frozen=True)
class Reading:
    """A file and the SQL that reads it as texts c0, c1, …; ``plain`` says it is printable ASCII."""

    path: Path
    relation: str
    plain: bool


def readings(table: Table, scratch: Path, tell: Progress) -> Iterator[Reading]:
    """This will give the quick reading, where there is one, and then the safe one if the first fails.

    :raises BadTable: from the safe reading, naming the row at fault.
    """
    if table.format == "parquet":
        yield Reading(table.path, parquet.source(table.path, table.header), plain=False)
        return
    if table.encoding in ("utf-8", "utf-8-sig") and len(table.header) > 1:
        found = scan(table.path)
        odd = found.has_nul or found.lone_returns or found.open_quote
        if not odd and found.longest < FIELD_LIMIT:
            relation = _csv(
                table.path, table.delimiter, len(table.header), found.longest, found.breaks_in_cells
            )
            yield Reading(table.path, relation, plain=found.plain)
    copy = scratch / "spooled.csv"
    longest = _copy(table, copy, tell)
    yield Reading(copy, _csv(copy, ",", len(table.header), longest, breaks=True), plain=False)


def _csv(path: Path, delimiter: str, width: int, longest: int, breaks: bool) -> str:
    columns = ", ".join(f"'c{place}': 'VARCHAR'" for place in range(width))
    line = max(USUAL_LINE, 2 * longest)
    return (
        f"read_csv({quote(str(path))}, auto_detect=false, delim={quote(delimiter)}, quote='\"', escape='\"', "
        f"header=true, columns={{{columns}}}, strict_mode=true, null_padding=false, ignore_errors=false, "
        f"max_line_size={line}, parallel={'false' if breaks else 'true'})"
    )


def _copy(table: Table, copy: Path, tell: Progress) -> int:
    """The table as UTF-8 with commas and quotes; gives the longest record in bytes at most."""
    longest = 0
    with copy.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\r\n")
        writer.writerow(f"c{place}" for place in range(len(table.header)))
        for count, (number, cells) in enumerate(table.rows()):
            if count % BEAT == 0:
                tell(0.05, f"row {number} read")
                if count > ROW_LIMIT:
                    raise BadTable(f"the table has more than {ROW_LIMIT} rows")
            longest = max(longest, sum(map(len, cells)))
            writer.writerow(cells)
    return 8 * longest + 4 * len(table.header)
