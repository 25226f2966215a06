"""One plan over one source as SQL: what to count first, which groups are too small, what to write."""

import copy
import secrets
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from redaction.engines.table import expressions
from redaction.engines.table.cells import is_formula
from redaction.engines.table.database import Database, quote
from redaction.engines.table.expressions import MASK
from redaction.engines.table.plan import Grouping, Plan, normalise
from redaction.report import Refused

GROUP_LIMIT = 2_000_000  # groups too small to pass, held in memory at once
SAMPLE = 5000  # rows that tell most columns to be text before all rows are asked

Beat = Callable[[float], None]


@dataclass
class Tally:
    """What the counting found. Lists go by the released columns."""

    rows: int = 0
    removed: dict[str, int] = field(default_factory=dict)
    released: int = 0
    own: int = 0
    filled: list[int] = field(default_factory=list)
    lost: list[int] = field(default_factory=list)
    cleaned: int = 0
    quoted: int = 0
    numeric: frozenset[int] = frozenset()
    shortcuts: "Shortcuts | None" = None


@dataclass(frozen=True)
class Shortcuts:
    """What the counting proved, so that the writing need not test it again in each row.

    ``usual`` are coarsened columns whose cells all have the usual shape, with the length all share, if any;
    ``calm`` are columns without a formula.
    """

    usual: dict[int, int | None]
    calm: frozenset[int]
    has_own: bool


class Query:
    """The statements of one run. ``relation`` is the source as texts c0, c1, …

    ``plain`` says it is printable ASCII, so that no cell can hold a sign that does not show. ``key`` makes
    the pseudonyms; a release draws its own.
    """

    def __init__(
        self, database: Database, plan: Plan, relation: str, *, plain: bool, key: str | None = None
    ) -> None:
        self._database, self._plan, self._plain = database, plan, plain
        self._key = key or secrets.token_hex(32)
        # sets of our own and not a table to join: a join of DuckDB's does not keep the order of rows
        self._small: list[set[int]] = [set() for _ in plan.groupings]
        self._marks = [*(rule.mark for rule in plan.rules), *(grouping.mark for grouping in plan.groupings)]
        self._read(relation, {}, plan.places)
        self._offer()

    def _read(self, relation: str, carry: Mapping[str, str], places: Iterable[int]) -> None:
        cells = [f"{value} AS {name}" for name, value in carry.items()]
        cells += [f"coalesce(c{place}, '') AS c{place}" for place in places]
        self._source = f"(SELECT {', '.join(cells)} FROM {relation})"
        self._carried = "".join(f"{name}, " for name in carry)

    def over(self, relation: str, carry: Mapping[str, str]) -> "Query":
        """This will give the same instructions over other rows, with the same groups found too small.

        ``carry`` names what goes along with each row and says it in SQL over c0, c1, …
        """
        other = copy.copy(self)
        other._read(relation, carry, self._plan.places)
        return other

    @property
    def small(self) -> list[set[int]]:
        """The groups found too small so far, a set for each ``suppress`` mark."""
        return self._small

    def _offer(self) -> None:
        offer = self._database.function
        offer("normalise", normalise)
        offer("is_formula", is_formula, "BOOLEAN")
        for column in self._plan.columns:
            if column.change is not None:
                offer(f"change_{column.place}", column.change)
        for number, rule in enumerate(self._plan.rules):
            for place, condition in enumerate(rule.conditions):
                offer(f"holds_{number}_{place}", condition.holds, "BOOLEAN")
        for place, small in enumerate(self._small):
            offer(f"is_small_{place}", partial(_is_in, small), "BOOLEAN", of="UBIGINT")

    def suppress(self, beat: Beat) -> None:
        """This will find the groups that are too small, until what is left holds none.

        :raises Refused: when there are more of them than can be held.
        """
        groupings = self._plan.groupings
        grown = bool(groupings)
        while grown:
            before = sum(map(len, self._small))
            for place, grouping in enumerate(groupings):
                beat(place / len(groupings))
                for (key,) in self._database.stream(self._gather(place, grouping)):
                    self._small[place].add(key)
                    if len(self._small[place]) > GROUP_LIMIT:
                        raise Refused(
                            f"mark {grouping.mark.id}: more than {GROUP_LIMIT} groups; "
                            "coarsen the columns more"
                        )
            # what one suppression takes never makes another group of the same suppression smaller
            grown = sum(map(len, self._small)) > before and len(groupings) > 1

    def _gather(self, place: int, grouping: Grouping) -> str:
        rows = f"SELECT key_{place} AS k, value_{place} AS v FROM {self._judged()} WHERE verdict = -1"
        counted = f"SELECT k, count(*) AS n FROM ({rows}) GROUP BY k"
        if grouping.distinct is not None:
            counted = (
                f"SELECT k, count(h) AS n FROM (SELECT k, CASE WHEN v <> '' THEN hash(v) END AS h "
                f"FROM ({rows}) GROUP BY ALL) GROUP BY k"
            )
        return f"SELECT k FROM ({counted}) WHERE n < {grouping.k}"

    def tally(self, beat: Beat) -> Tally:
        """This will count rows, lost cells and formulas, and tell which released columns are numeric."""
        width = len(self._plan.columns)
        text = self._text_columns()
        judged = f"(SELECT *, {', '.join(self._cleaned())} FROM {self._judged()})"
        sums = ["count(*)", "count_if(own)"]
        for place in range(width):
            sums += [f"count_if(filled_{place})", f"count_if(lost_{place})"]
        for place in range(width):
            sums.append(f"count_if(s{place} <> x{place})" if self._may_hide(place) else "0")
            sums.append(
                f"count_if({expressions.is_formula(f's{place}', 'is_formula')})"
                if self._is_open(place)
                else "0"
            )
            sums.append("false" if place in text else f"coalesce(bool_and({self._number(place)}), true)")
        answer = self._database.rows(
            f"SELECT verdict, {', '.join(sums)} FROM {judged} GROUP BY verdict", beat
        )
        found = Tally(filled=[0] * width, lost=[0] * width, removed={mark.id: 0 for mark in self._marks})
        rules = len(self._plan.rules)
        for verdict, count, own, *rest in answer:
            found.rows += count
            if verdict >= 0:
                found.removed[self._marks[verdict].id] = count
            if verdict < 0 or verdict >= rules:
                found.filled = [
                    was + more for was, more in zip(found.filled, rest[0 : 2 * width : 2], strict=True)
                ]
                found.lost = [
                    was + more for was, more in zip(found.lost, rest[1 : 2 * width : 2], strict=True)
                ]
            if verdict < 0:
                self._add_cells(found, count, own, rest[2 * width :])
        if not found.released:
            found.numeric = frozenset(range(width))
        return found

    @staticmethod
    def _add_cells(found: Tally, count: int, own: int, rest: Sequence[Any]) -> None:
        found.released, found.own = count, own
        found.cleaned = sum(rest[0::3])
        found.numeric = frozenset(place for place, numeric in enumerate(rest[2::3]) if numeric)
        found.quoted = sum(n for place, n in enumerate(rest[1::3]) if place not in found.numeric)

    def tally_usual(self, beat: Beat) -> Tally | None:
        """This will count as :meth:`tally` does, in half the time, where coarsened cells all have one shape.

        None when they have not, or when groups are suppressed: then the released cells must be made to count.
        """
        columns = self._plan.columns
        coarse = [place for place, column in enumerate(columns) if column.action == "coarsen"]
        if self._plan.groupings or not all(columns[place].has_usual_shape for place in coarse):
            return None
        text = self._text_columns() | set(coarse)
        sums = ["count(*)", "count_if(own)"]
        for place, column in enumerate(columns):
            cell = f"c{column.place}"
            if place in coarse:
                usual = expressions.is_usual(cell, column.to)
                sums += [f"count_if({usual} AND NOT own)", f"count_if({usual})"]
                # as long as none ends in Z, the shortest and the longest tell whether all are alike
                length = f"if(ends_with({cell}, 'Z'), 1000, strlen({cell}))"
                sums += [f"min({length})", f"max({length})"]
            elif column.action == "release":
                sums += self._sums(place, cell, text)
            else:
                sums += self._sums(place, f"(CASE WHEN own THEN {cell} ELSE 'x' END)", text | {place})
        answer = self._database.rows(
            f"SELECT ruling, {', '.join(sums)} FROM {self._ruled()} GROUP BY ruling", beat
        )
        return self._usual(answer, frozenset(coarse))

    def _sums(self, place: int, cell: str, text: frozenset[int]) -> list[str]:
        shown = expressions.shown(cell) if self._may_hide(place) else cell
        number = f"CASE WHEN {expressions.is_number(cell)} THEN true ELSE {expressions.is_blank(shown)} END"
        formula = expressions.is_formula(shown, "is_formula")
        return [
            f"count_if({shown} <> {cell})" if self._may_hide(place) else "0",
            f"count_if({formula})" if self._is_open(place) else "0",
            "false" if place in text else f"coalesce(bool_and({number}), true)",
            "0",
        ]

    def _usual(self, answer: list[tuple[Any, ...]], coarse: frozenset[int]) -> Tally | None:
        columns = self._plan.columns
        found = Tally(filled=[0] * len(columns), lost=[0] * len(columns))
        found.removed = {mark.id: 0 for mark in self._marks}
        usual: dict[int, int | None] = {}
        numeric: set[int] = set()
        calm: set[int] = set()
        for ruling, count, own, *rest in answer:
            found.rows += count
            if ruling >= 0:
                found.removed[self._marks[ruling].id] = count
                continue
            found.released, found.own = count, own
            for place, column in enumerate(columns):
                first, second, third, fourth = rest[4 * place : 4 * place + 4]
                if place in coarse:
                    if second != count:
                        return None
                    found.filled[place] = first
                    usual[place] = third if third == fourth < 1000 else None
                    numeric |= {place} if column.to.startswith("grid:") else set()
                    calm.add(place)
                    continue
                found.cleaned += first
                found.quoted += 0 if third else second
                numeric |= {place} if third else set()
                calm |= set() if second else {place}
        found.numeric = frozenset(numeric) if found.released else frozenset(range(len(columns)))
        found.shortcuts = Shortcuts(usual, frozenset(calm), bool(found.own))
        return found

    def cells(self, tally: Tally) -> str:
        """This will give the statement whose rows are the released cells, made safe, as r0, r1, …"""
        cuts = tally.shortcuts or Shortcuts({}, frozenset(), has_own=bool(self._plan.own))
        judged = f"(SELECT *, {', '.join(self._cleaned())} FROM {self._judged(cuts=cuts)} WHERE verdict = -1)"
        return f"SELECT {', '.join(self._safe(tally.numeric, cuts.calm))} FROM {judged}"

    def fates(self, numeric: frozenset[int]) -> str:
        """This will give the statement of all rows with what they carry, verdict, own, and r0, r1, …

        ``numeric`` is what the tally of the whole source says. Order is the source's.
        """
        judged = f"(SELECT *, {', '.join(self._cleaned())} FROM {self._judged()})"
        safe = ", ".join(self._safe(numeric, frozenset()))
        return f"SELECT {self._carried}verdict, own, {safe} FROM {judged}"

    def _safe(self, numeric: frozenset[int], calm: frozenset[int]) -> list[str]:
        safe = []
        for place in range(len(self._plan.columns)):
            cell = f"s{place}"
            if place not in numeric and self._is_open(place) and place not in calm:
                armed = expressions.is_formula(cell, "is_formula")
                cell = f"(CASE WHEN {armed} THEN '''' || {cell} ELSE {cell} END)"
            safe.append(f"{cell} AS r{place}")
        return safe

    def _text_columns(self) -> frozenset[int]:
        """Columns that a few rows already show to be text; most are, and none is asked twice."""
        width = len(self._plan.columns)
        sums = ", ".join(f"coalesce(bool_and({self._number(place)}), true)" for place in range(width))
        judged = (
            f"(SELECT *, {', '.join(self._cleaned())} FROM {self._judged(limit=SAMPLE)} WHERE verdict = -1)"
        )
        answer = self._database.rows(f"SELECT {sums} FROM {judged}")[0]
        return frozenset(place for place, numeric in enumerate(answer) if not numeric)

    def _number(self, place: int) -> str:
        blank = expressions.is_blank(f"s{place}")
        return f"(CASE WHEN {expressions.is_number(f'x{place}')} THEN true ELSE {blank} END)"

    def _is_open(self, place: int) -> bool:
        """Whether a released cell of the column may hold something of the source's."""
        return bool(self._plan.own) or self._plan.columns[place].action not in ("mask", "pseudonym")

    def _may_hide(self, place: int) -> bool:
        return not self._plain and self._is_open(place)

    def _cleaned(self) -> list[str]:
        return [
            f"{expressions.shown(f'x{place}') if self._may_hide(place) else f'x{place}'} AS s{place}"
            for place in range(len(self._plan.columns))
        ]

    def _ruled(self, *, limit: int | None = None, has_own: bool = True) -> str:
        """Each row of the source with its ruling (-1 or the place of the mark against it) and own."""
        source = self._source if limit is None else f"(SELECT * FROM {self._source} LIMIT {limit})"
        own = " OR ".join(
            f"{expressions.normalised(f'c{place}', 'normalise')} = {quote(plate)}"
            for place, plate in self._plan.own
        )
        own = own if has_own and own else "false"
        return f"(SELECT *, {self._ruling()} AS ruling, ({own}) AS own FROM {source})"

    def _judged(self, *, limit: int | None = None, cuts: Shortcuts | None = None) -> str:
        """Each row with x0, x1, … and its verdict: -1 released, else the place of the mark against it."""
        plan = self._plan
        has_own = bool(plan.own) and (cuts is None or cuts.has_own)
        ruled = self._ruled(limit=limit, has_own=has_own)
        cells = []
        for place, column in enumerate(plan.columns):
            cell = f"c{column.place}"
            changed = column.sql(cell, key=self._key)
            if cuts is not None and place in cuts.usual:
                changed = expressions.coarse_usual(cell, column.to, length=cuts.usual[place])
            if has_own:
                changed = f"CASE WHEN own THEN {cell} ELSE {changed} END"
            cells.append(f"CASE WHEN ruling >= 0 THEN '' ELSE {changed} END AS raw{place}")
            filled = f"(ruling < 0 AND NOT own AND NOT {expressions.is_blank(cell)})"
            cells.append(f"{filled if column.action == 'coarsen' else 'false'} AS filled_{place}")
        for place, grouping in enumerate(plan.groupings):
            value = "''"
            if grouping.distinct is not None:
                value = expressions.normalised(f"c{grouping.distinct}", "normalise")
            cells.append(f"{value} AS value_{place}")
        changed_rows = f"(SELECT {self._carried}ruling, own, {', '.join(cells)} FROM {ruled})"
        shown = [
            f"coalesce(raw{place}, '{MASK}') AS x{place}, "
            f"filled_{place}, filled_{place} AND raw{place} IS NULL AS lost_{place}"
            for place in range(len(plan.columns))
        ]
        shown += [f"value_{place}" for place in range(len(plan.groupings))]
        named = f"(SELECT {self._carried}ruling, own, {', '.join(shown)} FROM {changed_rows})"
        if not plan.groupings:
            return f"(SELECT *, ruling AS verdict FROM {named})"
        keys = ", ".join(
            f"{self._group_key(grouping)} AS key_{place}" for place, grouping in enumerate(plan.groupings)
        )
        cases = " ".join(
            f"WHEN is_small_{place}(key_{place}) THEN {len(plan.rules) + place}"
            for place in range(len(plan.groupings))
        )
        verdict = f"CASE WHEN ruling >= 0 THEN ruling {cases} ELSE -1 END"
        return f"(SELECT *, {verdict} AS verdict FROM (SELECT *, {keys} FROM {named}))"

    @staticmethod
    def _group_key(grouping: Grouping) -> str:
        parts = " || ".join(f"length(x{place}) || ':' || x{place}" for place in grouping.by)
        return f"md5_number_lower({parts})"

    def _ruling(self) -> str:
        cases = []
        for number, rule in enumerate(self._plan.rules):
            holds = " AND ".join(
                condition.quick(f"c{condition.place}", f"holds_{number}_{place}")
                for place, condition in enumerate(rule.conditions)
            )
            cases.append(f"WHEN {'NOT ' if rule.keeps else ''}({holds}) THEN {number}")
        return f"CASE {' '.join(cases)} ELSE -1 END" if cases else "-1"


def _is_in(keys: set[int], key: int) -> bool:
    return key in keys
