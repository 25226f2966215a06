"""What a law lets an agency charge, as data: rows, statutory caps, free allowances, bars and thresholds."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from portal.core.errors import BadInput
from requests_app.law import condition
from requests_app.law.condition import ALWAYS, Circumstances, Condition


class FeeLawError(BadInput):
    """The fee part of a pack contradicts itself: says which row."""

    code = "bad_fee_law"


@dataclass(frozen=True)
class Free:
    """An amount nobody pays for (minutes for staff time, units otherwise) when the condition holds."""

    quantity: Decimal
    when: Condition = ALWAYS


@dataclass(frozen=True)
class Tier:
    """A flat amount up to a size: ``under`` excludes the size itself, ``up_to`` includes it."""

    amount: Decimal
    under: Decimal | None = None
    up_to: Decimal | None = None

    def holds(self, size: Decimal) -> bool:
        if self.under is not None:
            return size < self.under
        return self.up_to is None or size <= self.up_to


@dataclass(frozen=True)
class Cap:
    """A ceiling for one row: per request, or for each hour of video produced."""

    per: str
    amount: Decimal


@dataclass(frozen=True)
class FeeRow:
    """One thing the law lets an agency charge for. ``rate`` is per unit; per hour for staff time.

    ``rate`` None means the actual cost or the agency's own figure; ``max_rate`` is the statutory ceiling.
    """

    id: str
    label: str
    basis: str
    rate: Decimal | None
    citation: str | None
    verified: str
    activities: tuple[str, ...] = ()
    max_rate: Decimal | None = None
    rate_policy: str | None = None
    unit_size: int = 1
    partial: str = "exact"
    free: tuple[Free, ...] = ()
    threshold_minutes: int | None = None
    increment_minutes: int | None = None
    rounding: str = "exact"
    tiers: tuple[Tier, ...] = ()
    caps: tuple[Cap, ...] = ()
    share_percent: Decimal = Decimal(0)
    when: Condition = ALWAYS
    why: str = ""

    def free_quantity(self, case: Circumstances) -> Decimal:
        return next((row.quantity for row in self.free if row.when.holds(case)), Decimal(0))


@dataclass(frozen=True)
class Bar:
    """A reason nothing may be charged: for the listed rows, or for all of them when none is listed."""

    id: str
    why: str
    rows: tuple[str, ...]
    if_late: bool
    when: Condition
    citation: str | None
    verified: str


@dataclass(frozen=True)
class Threshold:
    """A step that is allowed or required only over an amount, or in named circumstances."""

    citation: str | None
    verified: str
    over: Decimal | None = None
    instead: tuple[tuple[Decimal, Condition], ...] = ()
    or_if: Condition | None = None
    when: Condition = ALWAYS
    max_percent: Decimal = Decimal(100)
    why: str = ""

    def limit(self, case: Circumstances) -> Decimal | None:
        return next((over for over, when in self.instead if when.holds(case)), self.over)

    def reached(self, amount: Decimal, case: Circumstances) -> bool:
        """This will say whether the amount in dollars passes the limit; a limit itself is not over it."""
        if not self.when.holds(case):
            return False
        if self.or_if is not None and self.or_if.holds(case):
            return True
        limit = self.limit(case)
        return limit is None or amount > limit


@dataclass(frozen=True)
class LateReduction:
    """A share taken off for each day late, up to a most."""

    percent_a_day: Decimal
    max_percent: Decimal
    rows: tuple[str, ...]
    citation: str | None


@dataclass(frozen=True)
class Interest:
    """Simple interest on an unpaid bill from a day after its date."""

    from_day: int
    year_days: int
    citation: str | None


@dataclass(frozen=True)
class Aggregation:
    """How close in time requests must be to be counted as one split in parts."""

    within_days: int
    citation: str | None


@dataclass(frozen=True)
class FeeLaw:
    """All fee rules of one law; what has no row cannot be charged."""

    rows: tuple[FeeRow, ...] = ()
    bars: tuple[Bar, ...] = ()
    itemised_estimate: Threshold | None = None
    deposit: Threshold | None = None
    advance_payment: Threshold | None = None
    bill: Threshold | None = None
    late_reduction: LateReduction | None = None
    overage_percent: Decimal | None = None
    overage_citation: str | None = None
    interest: Interest | None = None
    aggregation: Aggregation | None = None

    def row(self, row_id: str) -> FeeRow | None:
        return next((row for row in self.rows if row.id == row_id), None)


def parse(data: Mapping[str, Any]) -> FeeLaw:
    """This will build the fee law from a pack already checked by its schema.

    :raises FeeLawError: when rows contradict each other.
    """
    rows = tuple(_row(row) for row in data["rows"] if row.get("enabled", True))
    ids = [row.id for row in rows]
    for row_id in ids:
        if ids.count(row_id) > 1:
            raise FeeLawError(f"fees/rows/{row_id}: appears twice")
    for row in rows:
        if row.basis == "staff_time" and not row.activities:
            raise FeeLawError(f"fees/rows/{row.id}/activities: staff time needs the kinds of work it covers")
        if row.basis.endswith("_tier"):
            _check_tiers(row)
        if row.rate is not None and row.max_rate is not None and row.rate > row.max_rate:
            raise FeeLawError(f"fees/rows/{row.id}/rate: {row.rate} is above its own max_rate {row.max_rate}")
    late, overage = data.get("late_reduction"), data.get("overage")
    named = [(f"bars/{bar['id']}", name) for bar in data.get("bars", ()) for name in bar.get("rows", ())]
    named += [("late_reduction", name) for name in (late or {}).get("rows", ())]
    for place, name in named:
        if name not in ids:
            raise FeeLawError(f"fees/{place}/rows: there is no row {name}")
    interest, together = data.get("interest"), data.get("aggregation")
    return FeeLaw(
        rows=rows,
        bars=tuple(_bar(bar) for bar in data.get("bars", ())),
        itemised_estimate=_threshold(data.get("itemised_estimate")),
        deposit=_threshold(data.get("deposit")),
        advance_payment=_threshold(data.get("advance_payment")),
        bill=_threshold(data.get("bill")),
        late_reduction=LateReduction(
            Decimal(late["percent_a_day"]),
            Decimal(late["max_percent"]),
            tuple(late["rows"]),
            late.get("citation"),
        )
        if late
        else None,
        overage_percent=Decimal(overage["percent"]) if overage else None,
        overage_citation=overage.get("citation") if overage else None,
        interest=Interest(interest["from_day"], interest["year_days"], interest.get("citation"))
        if interest
        else None,
        aggregation=Aggregation(together["within_days"], together.get("citation")) if together else None,
    )


def _check_tiers(row: FeeRow) -> None:
    """Sizes must climb without a gap or an overlap, and the last step takes all that is larger."""
    place = f"fees/rows/{row.id}/tiers"
    if not row.tiers or _top(row.tiers[-1]) is not None:
        raise FeeLawError(f"{place}: the last step must be open at the top")
    reached: tuple[Decimal, bool] = (Decimal(0), False)
    for number, tier in enumerate(row.tiers[:-1], start=1):
        top = _top(tier)
        if top is None or (tier.under is not None and tier.up_to is not None):
            raise FeeLawError(f"{place}/{number}: a step below the last needs one end, under or up_to")
        if top <= reached:
            raise FeeLawError(f"{place}/{number}: ends at {top[0]}, inside the step before it")
        reached = top


def _top(tier: Tier) -> tuple[Decimal, bool] | None:
    """Where a step ends, and whether the end itself is in it."""
    if tier.up_to is not None:
        return tier.up_to, True
    return None if tier.under is None else (tier.under, False)


def _row(row: Mapping[str, Any]) -> FeeRow:
    increment = row.get("increment") or {}
    return FeeRow(
        id=row["id"],
        label=row["label"],
        basis=row["basis"],
        rate=_money(row["rate"]),
        citation=row["citation"],
        verified=row["verified"],
        activities=tuple(row.get("activities", ())),
        max_rate=_money(row.get("max_rate")),
        rate_policy=row.get("rate_policy"),
        unit_size=row.get("unit_size", 1),
        partial=row.get("partial", "exact"),
        free=tuple(
            Free(Decimal(free["quantity"]), condition.parse(free.get("when"))) for free in row.get("free", ())
        ),
        threshold_minutes=row.get("threshold_minutes"),
        increment_minutes=increment.get("minutes"),
        rounding=increment.get("rounding", "exact"),
        tiers=tuple(
            Tier(Decimal(tier["amount"]), _money(tier.get("under")), _money(tier.get("up_to")))
            for tier in row.get("tiers", ())
        ),
        caps=tuple(Cap(cap["per"], Decimal(cap["amount"])) for cap in row.get("caps", ())),
        share_percent=Decimal(row.get("share_percent", "0")),
        when=condition.parse(row.get("when")),
        why=row.get("why", ""),
    )


def _bar(row: Mapping[str, Any]) -> Bar:
    return Bar(
        id=row["id"],
        why=row["why"],
        rows=tuple(row.get("rows", ())),
        if_late=row.get("if_late", False),
        when=condition.parse(row.get("when")),
        citation=row.get("citation"),
        verified=row["verified"],
    )


def _threshold(row: Mapping[str, Any] | None) -> Threshold | None:
    if row is None:
        return None
    return Threshold(
        citation=row.get("citation"),
        verified=row["verified"],
        over=_money(row.get("over")),
        instead=tuple(
            (Decimal(each["over"]), condition.parse(each["when"])) for each in row.get("instead", ())
        ),
        or_if=condition.parse(row["or_if"]) if "or_if" in row else None,
        when=condition.parse(row.get("when")),
        max_percent=Decimal(row.get("max_percent", "100")),
        why=row.get("why", ""),
    )


def _money(text: str | None) -> Decimal | None:
    return Decimal(text) if text is not None else None
