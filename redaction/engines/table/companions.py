"""What goes beside a released table: data dictionary, reconciliation, and a workbook for who wants one."""

import csv
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from redaction.engines.table import writing
from redaction.engines.table.cells import HIDDEN, disarm
from redaction.engines.table.source import open_table
from redaction.report import Report

DICTIONARY = "data-dictionary.csv"
RECONCILIATION = "reconciliation.csv"
WORKBOOK = "table.xlsx"
WITHHELD = "withheld: it would give back the size of a suppressed group"


def write_companions(draft: Path, report: Report, folder: Path) -> None:
    """This will write the dictionary and the reconciliation, and a workbook where the rows fit a sheet."""
    _write(
        folder / DICTIONARY,
        ("column", "released", "action", "what was done", "reason", "exemption"),
        (
            (
                row["column"],
                "no" if row["action"] == "drop" else "yes",
                row["action"],
                row["label"],
                row["reason"] or "",
                row["exemption"] or "",
            )
            for row in report.details["dictionary"]
        ),
    )
    _write(folder / RECONCILIATION, ("what", "number", "mark"), reconciliation(report))
    book = folder / WORKBOOK
    book.unlink(missing_ok=True)
    if draft.suffix.lower() == ".xlsx" or report.details["rows_out"] >= writing.SHEET_ROWS:
        return
    table = open_table(draft)
    try:
        writing.write_workbook((cells for _, cells in table.rows()), table.header, book)
    except writing.TooLarge:
        book.unlink(missing_ok=True)
        report.warnings.append("no workbook was written: a cell is too long for one")
    except BaseException:
        book.unlink(missing_ok=True)
        raise


def reconciliation(report: Report) -> list[tuple[str, str, str]]:
    """This will account for rows and columns, but for totals that would give a suppressed group back."""
    details = report.details
    kinds = {row.id: row.kind for row in report.marks}
    open_totals = details["totals_may_be_published"]
    lines = [
        ("columns in the record", str(details["columns_in"]), ""),
        ("columns released", str(details["columns_out"]), ""),
        ("rows in the record", str(details["rows_in"]) if open_totals else WITHHELD, ""),
    ]
    for mark, count in details["rows_removed"].items():
        what = "rows in groups too small to release" if kinds[mark] == "suppress" else "rows taken out"
        told = open_totals or kinds[mark] != "suppress"
        lines.append((what, str(count) if told else WITHHELD, mark))
    lines.append(("rows released", str(details["rows_out"]), ""))
    lines += [
        (f"cells of {name!r} that could not be made coarser and are masked", str(lost), "")
        for name, lost in details["cells_lost"].items()
    ]
    return lines


def _write(path: Path, header: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(header)
        writer.writerows([_safe(str(cell)) for cell in row] for row in rows)


def _safe(cell: str) -> str:
    return disarm(HIDDEN.sub("", cell))
