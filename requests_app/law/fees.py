"""Fees: what a request costs under a schedule, with every line explained; exact until cut to cents."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_FLOOR, Decimal
from fractions import Fraction

from requests_app.law import charge as charges
from requests_app.law import uncharged
from requests_app.law.charge import Charge
from requests_app.law.condition import Circumstances
from requests_app.law.fee_law import Bar, FeeLaw, Threshold
from requests_app.law.schedule import FeeSchedule, NoScheduleInForce, ScheduleError, schedule_in_force
from requests_app.law.work import Work, WorkError, amount

__all__ = [
    "FeeSchedule",
    "Interest",
    "NoScheduleInForce",
    "Quote",
    "QuoteLine",
    "ScheduleError",
    "Work",
    "WorkError",
    "interest",
    "quote",
    "schedule_in_force",
]

DOLLAR = Fraction(1)


@dataclass(frozen=True)
class QuoteLine:
    """One line of a quote. ``amount_cents`` of all lines add up to ``computed_cents`` exactly.

    ``quantity`` and ``rate`` (dollars for one ``unit``) are cut to six places for reading.
    """

    rule: str
    label: str
    quantity: Decimal
    unit: str
    rate: Decimal | None
    amount_cents: int
    cap: str | None
    citation: str | None
    verified: str
    why: str


@dataclass(frozen=True)
class Quote:
    """A fee with its lines: ``computed`` after caps and bars, ``billed`` after waiver and least bill."""

    schedule: str
    lines: tuple[QuoteLine, ...]
    computed_cents: int
    waived_cents: int
    billed_cents: int
    balance_cents: int
    refund_cents: int
    invoice: bool
    itemised_estimate_required: bool
    deposit_allowed: bool
    deposit_cents: int
    advance_payment_allowed: bool
    quarter_hours: int
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Interest:
    """Simple interest on an unpaid bill: from which day, for how many days, how much."""

    starts_on: date
    days: int
    cents: int
    citation: str | None


def quote(schedule: FeeSchedule, work: Work) -> Quote:
    """This will compute the fee of one request under one schedule.

    :raises NoScheduleInForce: when the schedule does not cover the day of receipt.
    """
    if not schedule.in_force(work.received):
        raise NoScheduleInForce(
            f"Fee schedule {schedule.id} was not in force on {work.received.isoformat()}, the day of receipt."
        )
    case = circumstances(schedule, work)
    made = _bars(schedule, work, case, _charges(schedule, work, case))
    made += _share(schedule, work, case, made)
    _reduce(schedule, work, made)
    lines, computed = _cut(made)
    waived, billed, notes = _bill(schedule, work, case, computed)
    estimate = computed if work.estimate is None else _cents(work.estimate)
    asked = estimate - _floor(Fraction(estimate) * Fraction(work.waiver_percent) / 100)
    if any(not bar.rows and _holds(bar, work, case) for bar in schedule.law.bars):
        asked = 0  # nothing may be charged, whatever was estimated
    deposit_allowed = _reached(schedule.law.deposit, asked, case) and asked > 0
    percent = schedule.policy.deposit_percent or Decimal(0)
    prepaid = _cents(work.prepaid)
    return Quote(
        schedule=schedule.id,
        lines=lines,
        computed_cents=computed,
        waived_cents=waived,
        billed_cents=billed,
        balance_cents=max(billed - prepaid, 0),
        refund_cents=max(prepaid - billed, 0),
        invoice=billed > 0,
        itemised_estimate_required=asked > 0 and _reached(schedule.law.itemised_estimate, asked, case),
        deposit_allowed=deposit_allowed,
        deposit_cents=_floor(Fraction(asked) * Fraction(percent) / 100) if deposit_allowed else 0,
        advance_payment_allowed=asked > 0 and _reached(schedule.law.advance_payment, asked, case),
        quarter_hours=sum(each.quarter_hours for each in made),
        notes=notes,
    )


def circumstances(schedule: FeeSchedule, work: Work) -> Circumstances:
    """This will gather what the law's conditions may ask about: the request, the agency, the work."""
    policy = schedule.policy
    known = {
        "population_over_20000": policy.population_over_20000,
        "staff_count": policy.staff_count,
    }
    facts = {
        **work.facts,
        "copy_number": work.copy_number or 1,
        "paper_pages": work.paper_pages,
        "programming_work": any(line.activity == "programming" for line in work.time),
        "prepay_in_published_policy": policy.prepay_in_published_policy,
        **{name: value for name, value in known.items() if value is not None},
    }
    return Circumstances(work.record_type, work.requester_category, work.relationship, policy.body, facts)


def interest(
    law: FeeLaw, billed: Decimal | str, dated: date, annual_rate: Decimal | str, paid: date
) -> Interest:
    """This will compute simple interest on an unpaid bill; none where the law gives none.

    :raises WorkError: when an amount cannot be right.
    """
    owed, rate = amount(billed, "amount"), amount(annual_rate, "annual_rate", Decimal(1))
    if law.interest is None:
        return Interest(dated, 0, 0, None)
    starts = dated + timedelta(days=law.interest.from_day)
    days = max((paid - starts).days, 0)
    grown = Fraction(owed) * Fraction(rate) * days / law.interest.year_days
    return Interest(starts, days, _floor(grown * 100), law.interest.citation)


def _charges(schedule: FeeSchedule, work: Work, case: Circumstances) -> list[Charge]:
    made: list[Charge] = []
    left = list(work.time)
    for row in schedule.law.rows:
        if not row.when.holds(case):
            continue
        if row.basis == "staff_time":
            mine = [line for line in left if line.activity in row.activities]
            left = [line for line in left if line.activity not in row.activities]
            made += charges.time_charges(row, schedule, mine, case)
        elif row.basis != "share_of_labour":
            found = charges.volume_charge(row, schedule, work, case)
            made += [found] if found else []
    made = charges.one_way_of_counting(schedule.law, made)
    made += [uncharged.time(line) for line in left]
    return made + uncharged.volumes(schedule.law, work, case)


def _bars(schedule: FeeSchedule, work: Work, case: Circumstances, made: list[Charge]) -> list[Charge]:
    for bar in schedule.law.bars:
        if not _holds(bar, work, case):
            continue
        made = [
            charges.barred(each, bar) if each.amount and (not bar.rows or each.rule in bar.rows) else each
            for each in made
        ]
    return made


def _holds(bar: Bar, work: Work, case: Circumstances) -> bool:
    return (work.late or not bar.if_late) and bar.when.holds(case)


def _share(schedule: FeeSchedule, work: Work, case: Circumstances, made: list[Charge]) -> list[Charge]:
    found = [
        charges.share(row, schedule, made)
        for row in schedule.law.rows
        if row.basis == "share_of_labour" and row.when.holds(case)
    ]
    return _bars(schedule, work, case, [each for each in found if each])


def _reduce(schedule: FeeSchedule, work: Work, made: list[Charge]) -> None:
    law = schedule.law
    if schedule.policy.first_dollar_waived:
        _take_off(
            made, "first-dollar", "First dollar waived", DOLLAR, None, "the agency waives the first dollar"
        )
    late = law.late_reduction
    if late is not None and work.late_days > 0 and not work.extension_noticed:
        percent = min(late.percent_a_day * work.late_days, late.max_percent)
        base = sum((each.amount for each in made if each.rule in late.rows), Fraction(0))
        why = f"{percent} percent off for {work.late_days} days late"
        _take_off(made, "late", "Late answer", base * Fraction(percent) / 100, late.citation, why)
    if law.overage_percent is not None and work.estimate is not None:
        over = law.overage_percent if work.overage_notified else Decimal(0)
        most = Fraction(work.estimate) * (100 + Fraction(over)) / 100
        why = f"never more than the estimate and {over} percent"
        excess = _total(made) - most
        _take_off(made, "estimate", "Held to the estimate", excess, law.overage_citation, why)
    _take_off(made, "credit", "Credit", Fraction(-work.adjustment), None, "entered by the agency")


def _take_off(
    made: list[Charge], rule: str, label: str, much: Fraction, citation: str | None, why: str
) -> None:
    """Nothing is taken below zero."""
    taken = min(max(much, Fraction(0)), _total(made))
    if taken:
        made.append(Charge(rule, label, "dollar", Fraction(1), None, -taken, citation, "M", why))


def _total(made: Sequence[Charge]) -> Fraction:
    return sum((each.amount for each in made), Fraction(0))


def _cut(made: Sequence[Charge]) -> tuple[tuple[QuoteLine, ...], int]:
    """Each line shows what the running total, cut to cents, grew by: so the lines add up to the total."""
    lines, running, shown = [], Fraction(0), 0
    for each in made:
        running += each.amount
        cents = _floor(running * 100)
        lines.append(
            QuoteLine(
                rule=each.rule,
                label=each.label,
                quantity=_readable(each.quantity),
                unit=each.unit,
                rate=None if each.rate is None else _as_money(_readable(each.rate)),
                amount_cents=cents - shown,
                cap=each.cap,
                citation=each.citation,
                verified=each.verified,
                why=each.why,
            )
        )
        shown = cents
    return tuple(lines), shown


def _bill(
    schedule: FeeSchedule, work: Work, case: Circumstances, computed: int
) -> tuple[int, int, tuple[str, ...]]:
    billed = _floor(Fraction(computed) * (100 - Fraction(work.waiver_percent)) / 100)
    waived = computed - billed
    notes = [f"{work.waiver_percent} percent is waived."] if waived else []
    least = schedule.law.bill
    if billed and least is not None and not _reached(least, billed, case):
        notes.append(
            f"Nothing is billed: {least.why or 'the amount is too small to bill'} ({least.citation})."
        )
        billed = 0
    return waived, billed, tuple(notes)


def _reached(threshold: Threshold | None, cents: int, case: Circumstances) -> bool:
    return threshold is not None and threshold.reached(Decimal(cents) / 100, case)


def _cents(dollars: Decimal) -> int:
    return _floor(Fraction(dollars) * 100)


def _floor(value: Fraction) -> int:
    return math.floor(value)


def _as_money(value: Decimal) -> Decimal:
    return value.quantize(Decimal("0.01")) if value == round(value, 2) else value


def _readable(value: Fraction) -> Decimal:
    cut = (Decimal(value.numerator) / Decimal(value.denominator)).quantize(Decimal("0.000001"), ROUND_FLOOR)
    return cut.quantize(Decimal(1)) if cut == cut.to_integral_value() else cut.normalize()
