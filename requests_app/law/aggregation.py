"""Requests that are one request asked for in parts: counted together, splitting never makes them cheaper."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from requests_app.law.fee_law import FeeLaw
from requests_app.law.work import TimeLine, Work, WorkError


def may_count_together(law: FeeLaw, one: date, other: date) -> bool:
    """This will say whether the law lets two requests received on these days be counted as one."""
    return law.aggregation is not None and abs((one - other).days) <= law.aggregation.within_days


def aggregate(works: Sequence[Work]) -> Work:
    """This will join the work of requests that are one request in parts, received with the first of them.

    Time of one kind, grade and rate is joined before it is counted in steps, so that parts too small to
    charge for add up. Lateness is the worst of all; a notice of extension counts when every part had one.

    :raises WorkError: when there is nothing to join, or the parts differ in who asks or in what is waived.
    """
    if not works:
        raise WorkError("There is no request to count together.")
    for name in ("record_type", "requester_category", "relationship", "copy_number", "waiver_percent"):
        if len({getattr(each, name) for each in works}) > 1:
            raise WorkError(f"{name}: requests counted together must agree in it. Count these apart.")
    counts: Counter[str] = Counter()
    for each in works:
        counts.update(each.counts)
    return replace(
        works[0],
        received=min(each.received for each in works),
        time=_joined(line for each in works for line in each.time),
        recordings=tuple(recording for each in works for recording in each.recordings),
        counts=dict(counts),
        sizes={name: _sum(each.sizes.get(name) for each in works) for each in works for name in each.sizes},
        actual_cost=_sum(costs) if (costs := _given(works, "actual_cost")) else None,
        estimate=_sum(sums) if len(sums := _given(works, "estimate")) == len(works) else None,
        adjustment=_sum(each.adjustment for each in works),
        prepaid=_sum(each.prepaid for each in works),
        late_business_days=max(each.late_business_days for each in works),
        late_days=max(each.late_days for each in works),
        extension_noticed=all(each.extension_noticed for each in works if each.late_business_days),
        overage_notified=all(each.overage_notified for each in works),
        facts={name: True for each in works for name, value in each.facts.items() if value},
    )


def _joined(lines: Iterable[TimeLine]) -> tuple[TimeLine, ...]:
    minutes: dict[tuple[Any, ...], Decimal] = {}
    for line in lines:
        key = (line.activity, line.grade, line.rate, line.rate_per)
        minutes[key] = minutes.get(key, Decimal(0)) + line.minutes
    return tuple(
        TimeLine(activity, total, grade, rate, rate_per)
        for (activity, grade, rate, rate_per), total in minutes.items()
    )


def _given(works: Sequence[Work], name: str) -> list[Decimal]:
    return [value for each in works if (value := getattr(each, name)) is not None]


def _sum(values: Iterable[Decimal | None]) -> Decimal:
    return sum((value for value in values if value is not None), Decimal(0))
