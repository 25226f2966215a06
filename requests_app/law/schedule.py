"""An agency's published fee schedule: its own rates within what the law allows, by effective date."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from portal.core.errors import BadInput
from requests_app.law import wording
from requests_app.law.fee_law import FeeLaw, FeeRow
from requests_app.law.work import amount, whole

CHOICES = {
    "free_time_order": ("dearest_first", "cheapest_first"),
    "partial_units": ("whole_only", "round_up"),
    "labour_hours": ("excess", "whole"),
}
RATES = ("page_rate", "rate_per_video_hour", "hourly_rate", "rate_per_staff_minute")
FLAGS = ("first_dollar_waived", "prepay_in_published_policy", "population_over_20000")


class ScheduleError(BadInput):
    """A schedule asks for what the law does not allow, or cannot be read: says which row."""

    code = "bad_schedule"


class NoScheduleInForce(BadInput):
    """No published schedule covers the day a request was received; no fee may be computed."""

    code = "no_schedule_in_force"


@dataclass(frozen=True)
class ScheduleRow:
    """The agency's figures for one row of the law: rate (or rates by staff grade), free amount, cap."""

    rule: str
    rate: Decimal | None = None
    rates: Mapping[str, Decimal] = field(default_factory=dict)
    free: Decimal = Decimal(0)
    cap: Decimal | None = None

    def rate_for(self, grade: str | None) -> Decimal | None:
        return self.rates.get(grade or "", self.rate)


@dataclass(frozen=True)
class Policy:
    """What the agency decided where the law leaves a choice."""

    free_time_order: str = "dearest_first"
    partial_units: str = "whole_only"
    labour_hours: str = "excess"
    rates: Mapping[str, Decimal] = field(default_factory=dict)
    first_dollar_waived: bool = False
    prepay_in_published_policy: bool = False
    population_over_20000: bool | None = None
    staff_count: int | None = None
    staff_minutes_per_video_minute: Decimal | None = None
    deposit_percent: Decimal | None = None
    body: str | None = None


@dataclass(frozen=True)
class FeeSchedule:
    """One version of an agency's fees. ``rows`` None charges every row of the law at the law's rate."""

    id: str
    law: FeeLaw
    effective_from: date
    effective_to: date | None = None
    rows: Mapping[str, ScheduleRow] | None = None
    policy: Policy = Policy()

    def in_force(self, on: date) -> bool:
        return self.effective_from <= on and (self.effective_to is None or on <= self.effective_to)

    def charges(self, row: FeeRow) -> bool:
        return self.rows is None or row.id in self.rows

    def row(self, row_id: str) -> ScheduleRow:
        return (self.rows or {}).get(row_id, ScheduleRow(row_id))

    def published_rate(self, row: FeeRow, grade: str | None = None) -> Decimal | None:
        """This will give the agency's own rate: its row, else its policy; None when it set neither."""
        own = self.row(row.id).rate_for(grade)
        if own is not None or not row.rate_policy:
            return own
        figure = self.policy.rates.get(row.rate_policy)
        by_minute = row.basis == "staff_time" and row.rate_policy == "rate_per_staff_minute"
        return figure * 60 if figure is not None and by_minute else figure

    @classmethod
    def parse(cls, data: Mapping[str, Any], law: FeeLaw, *, over_ceiling: str = "refuse") -> "FeeSchedule":
        """This will read a schedule and hold every figure to the law.

        ``over_ceiling``: ``refuse`` a figure above what the law allows (an agency's own schedule), or
        ``hold`` it (a fee somebody else computed): then each line is cut to the ceiling and says so.
        ``data``: ``id``, ``effective_from``, ``effective_to``, ``rows`` (``rule``, ``rate`` or ``rates`` by
        grade, ``free``, ``cap``) and ``policy``. Rates are dollars for the unit of the law's row, per hour
        for staff time.

        :raises ScheduleError: for a row the law does not have, a rate over its ceiling, or unreadable data.
        """
        try:
            begins = date.fromisoformat(str(data["effective_from"]))
            ends = date.fromisoformat(str(data["effective_to"])) if data.get("effective_to") else None
            name = str(data["id"])
        except (KeyError, ValueError):
            raise ScheduleError("A schedule needs an id and the dates it is in force.") from None
        if ends is not None and ends < begins:
            raise ScheduleError(f"Schedule {name} would end before it begins.")
        rows = None
        if data.get("rows") is not None:
            parsed = [_row(row, law, over_ceiling) for row in data["rows"]]
            rows = {row.rule: row for row in parsed}
            if len(rows) < len(parsed):
                raise ScheduleError(f"Schedule {name} has two rows for the same rule.")
        return cls(name, law, begins, ends, rows, _policy(data.get("policy") or {}, law, over_ceiling))


def schedule_in_force(schedules: Iterable[FeeSchedule], on: date) -> FeeSchedule:
    """This will choose the schedule in force on the day of receipt; of two, the one that began later.

    :raises NoScheduleInForce: when none covers the day.
    """
    found = sorted((each for each in schedules if each.in_force(on)), key=lambda each: each.effective_from)
    if not found:
        raise NoScheduleInForce(
            f"No fee schedule was in force on {wording.date_of(on)}, so no fee can be worked out."
        )
    return found[-1]


def _row(data: Mapping[str, Any], law: FeeLaw, over_ceiling: str) -> ScheduleRow:
    rule = law.row(str(data.get("rule", "")))
    if rule is None:
        raise ScheduleError(f"The law has no charge called {data.get('rule')!r}.")
    rates = {grade: amount(rate, f"{rule.id}, {grade}") for grade, rate in (data.get("rates") or {}).items()}
    rate = amount(data["rate"], rule.id) if data.get("rate") is not None else None
    for figure in (*rates.values(), rate):
        _refuse_over(rule, figure, over_ceiling)
    return ScheduleRow(
        rule=rule.id,
        rate=rate,
        rates=rates,
        free=amount(data.get("free") or 0, f"{rule.id}, free"),
        cap=amount(data["cap"], f"{rule.id}, cap") if data.get("cap") is not None else None,
    )


def _refuse_over(rule: FeeRow, figure: Decimal | None, over_ceiling: str) -> None:
    if over_ceiling == "hold" or figure is None or rule.max_rate is None:
        return
    if figure > rule.max_rate:
        raise ScheduleError(
            f"{rule.label}: {figure} is over {rule.max_rate}, the most the law allows ({rule.citation})."
        )


def _policy(data: Mapping[str, Any], law: FeeLaw, over_ceiling: str) -> Policy:
    known = {
        *CHOICES,
        *RATES,
        *FLAGS,
        "staff_count",
        "staff_minutes_per_video_minute",
        "deposit_percent",
        "body",
    }
    unknown = sorted(set(data) - known)
    if unknown:
        raise ScheduleError(f"{unknown[0]!r} is not a choice a fee policy has.")
    for name, allowed in CHOICES.items():
        if data.get(name) is not None and data[name] not in allowed:
            raise ScheduleError(f"{name}: {data[name]!r} is not one of {', '.join(allowed)}.")
    for name in FLAGS:
        if data.get(name) is not None and not isinstance(data[name], bool):
            raise ScheduleError(f"{name}: {data[name]!r} is neither true nor false.")
    rates = {name: amount(data[name], name) for name in RATES if data.get(name) is not None}
    for row in law.rows:
        _refuse_over(row, rates.get(row.rate_policy or ""), over_ceiling)
    ratio = data.get("staff_minutes_per_video_minute")
    return Policy(
        free_time_order=data.get("free_time_order") or "dearest_first",
        partial_units=data.get("partial_units") or "whole_only",
        labour_hours=data.get("labour_hours") or "excess",
        rates=rates,
        first_dollar_waived=data.get("first_dollar_waived") is True,
        prepay_in_published_policy=data.get("prepay_in_published_policy") is True,
        population_over_20000=data.get("population_over_20000"),
        staff_count=whole(data["staff_count"], "staff_count")
        if data.get("staff_count") is not None
        else None,
        staff_minutes_per_video_minute=None
        if ratio is None
        else amount(ratio, "staff_minutes_per_video_minute", Decimal(1000)),
        deposit_percent=_deposit_percent(data.get("deposit_percent"), law, over_ceiling),
        body=data.get("body"),
    )


def _deposit_percent(given: Any, law: FeeLaw, over_ceiling: str) -> Decimal | None:
    if given is None:
        return None
    percent = amount(given, "deposit_percent", Decimal(100))
    most = law.deposit.max_percent if law.deposit else Decimal(100)
    if percent > most and over_ceiling == "refuse":
        raise ScheduleError(f"deposit_percent: {percent} is over {most}, the most the law allows.")
    return min(percent, most)
