"""Whether the columns of a table write the day before the month, settled before any date is used."""

from redaction.engines.table import times
from redaction.engines.table.source import Table
from redaction.marks import Marks

LOOK_FOR_DATES = 1000  # rows without a 31/12 kind of date before a column is taken to have none


def date_order(table: Table, marks: Marks) -> tuple[frozenset[str], list[str]]:
    """This will find the columns that write the day before the month, and those that leave it open."""
    names = {mark["name"] for mark in marks.of("column") if mark.get("to") == "month"}
    for mark in marks.of("rows"):
        names |= {condition["column"] for condition in mark.get("keep") or mark.get("remove") or ()}
    open_places = {table.header.index(name): name for name in names if name in table.header}
    day_first: set[str] = set()
    undecided: set[str] = set()
    for seen, (_, row) in enumerate(table.rows(), 1):
        for place, name in list(open_places.items()):
            answer = times.day_order(row[place])
            if answer is not None:
                del open_places[place]
                undecided.discard(name)
                if answer:
                    day_first.add(name)
            elif times.is_ambiguous(row[place]):
                undecided.add(name)
            elif seen == LOOK_FOR_DATES and name not in undecided:
                del open_places[place]
        if not open_places:
            break
    return frozenset(day_first), sorted(undecided)
