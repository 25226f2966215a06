"""The readings before the writing: how dates are written, which columns are numeric, which groups go."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from redaction.engines.table import times
from redaction.engines.table.cells import HIDDEN, is_number
from redaction.engines.table.plan import Grouping, Plan, normalise
from redaction.engines.table.source import Table
from redaction.marks import Marks
from redaction.report import Refused

GROUP_LIMIT = 2_000_000  # groups held in memory at once, about 200 bytes each
LOOK_FOR_DATES = 1000  # rows without a 31/12 kind of date before a column is taken to have none

Heartbeat = Callable[[int], None]


@dataclass
class Survey:
    """What the writing needs to know: numeric released columns, and the groups too small to pass."""

    numeric: frozenset[int] = frozenset()
    small: list[set[bytes]] = field(default_factory=list)

    def too_small(self, plan: Plan, cells: Sequence[str]) -> Grouping | None:
        """This will give the suppression that takes out a released row."""
        for grouping, small in zip(plan.groupings, self.small, strict=True):
            if small and group_key(grouping, cells) in small:
                return grouping
        return None


def group_key(grouping: Grouping, cells: Sequence[str]) -> bytes:
    text = "".join(f"{len(cells[place])}:{cells[place]}" for place in grouping.by)
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()


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


def survey(table: Table, plan: Plan, heartbeat: Heartbeat) -> Survey:
    """This will read the table until no group that is left falls below its k (once without suppression).

    :raises Refused: when there are more groups than can be counted.
    """
    found = Survey(small=[set() for _ in plan.groupings])
    while True:
        counts: list[dict[bytes, int | set[int]]] = [{} for _ in plan.groupings]
        numeric = set(range(len(plan.columns)))
        for number, row in table.rows():
            heartbeat(number)
            if plan.rejects(row) is not None:
                continue
            if plan.groupings:
                cells = plan.release(row)
                if found.too_small(plan, cells) is not None:
                    continue
                for grouping, count in zip(plan.groupings, counts, strict=True):
                    _count(grouping, count, group_key(grouping, cells), row)
            else:
                cells = plan.preview(row)
            numeric -= {place for place in numeric if cells[place] and not _numeric(cells[place])}
        found.numeric = frozenset(numeric)
        grown = False
        for grouping, count, small in zip(plan.groupings, counts, found.small, strict=True):
            fresh = {key for key, n in count.items() if (n if isinstance(n, int) else len(n)) < grouping.k}
            small |= fresh
            grown = grown or bool(fresh)
        if not grown:
            return found


def _numeric(cell: str) -> bool:
    return is_number(cell) or not HIDDEN.sub("", cell).strip()


def _count(grouping: Grouping, count: dict[bytes, int | set[int]], key: bytes, row: Sequence[str]) -> None:
    """Rows, or different values up to k of them: a group keeps no more than it needs to pass."""
    if key not in count and len(count) >= GROUP_LIMIT:
        raise Refused(f"mark {grouping.mark.id}: more than {GROUP_LIMIT} groups; coarsen the columns more")
    so_far = count.get(key, 0 if grouping.distinct is None else set())
    if isinstance(so_far, int):
        count[key] = so_far + 1
        return
    if plain := normalise(row[grouping.distinct or 0]):
        so_far.add(hash(plain))
    count[key] = grouping.k if len(so_far) >= grouping.k else so_far
