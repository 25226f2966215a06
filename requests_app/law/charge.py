"""One charge of a fee: how much of what, at which rate, and why; exact fractions until the total is cut."""

import math
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction

from requests_app.law.condition import Circumstances
from requests_app.law.fee_law import Bar, FeeLaw, FeeRow
from requests_app.law.schedule import FeeSchedule
from requests_app.law.work import TimeLine, Work

COUNTED = {
    "page_letter": ("pages_letter", "page"),
    "page_legal": ("pages_legal", "page"),
    "page_two_sided": ("pages_two_sided", "sheet"),
    "page_scanned": ("pages_scanned", "page"),
    "page_digital": ("pages_digital", "page"),
    "file": ("files", "file"),
    "disc_cd": ("discs_cd", "disc"),
    "disc_dvd": ("discs_dvd", "disc"),
}
UNPRICED_PAGES = ("page_legal", "page_two_sided")
"""Paper a law may price apart: where it does not, each sheet is one page like any other."""
NO_RATE = "the agency has published no rate, so nothing is charged"
NOT_PUBLISHED = "not in the published fee schedule"


@dataclass(frozen=True)
class Charge:
    """A line before its amount is cut to cents. ``quantity`` is what is charged, after free amounts."""

    rule: str
    label: str
    unit: str
    quantity: Fraction
    rate: Fraction | None
    amount: Fraction
    citation: str | None
    verified: str
    why: str = ""
    cap: str | None = None
    is_labour: bool = False
    quarter_hours: int = 0


def volume_charge(row: FeeRow, schedule: FeeSchedule, work: Work, case: Circumstances) -> Charge | None:
    """This will charge everything but staff time; None when there is nothing of the kind."""
    used, unit = _quantity(row, schedule, work)
    if not used:
        return None
    if not schedule.charges(row):
        return _charge(row, unit, used, None, Fraction(0), NOT_PUBLISHED)
    if row.tiers:
        at = next(at for at, tier in enumerate(row.tiers) if tier.holds(_decimal(used)))
        why = "; ".join(part for part in (_size_taken(row, at), row.why) if part)
        flat = Fraction(row.tiers[at].amount)
        return _capped(row, schedule, work, _charge(row, unit, used, None, flat, why))
    free = max(Fraction(row.free_quantity(case)), Fraction(schedule.row(row.id).free))
    charged = max(used - free, Fraction(0))
    reasons = [row.why] if row.why else []
    if row.basis == "page_letter" and (other := _unpriced_pages(schedule.law, work)):
        reasons.append(f"{other} of legal size or printed on both sides, one page each")
    if free:
        reasons.append(f"the first {_plain(free)} free")
    rate, cap = _rate(row, schedule)
    if rate is None:
        return _charge(row, unit, charged, None, Fraction(0), NO_RATE)
    if row.unit_size > 1:
        units = charged / row.unit_size
        charged = Fraction(_part(units, schedule)) if row.partial == "policy" else units
    made = _charge(row, unit, charged, rate, charged * rate, "; ".join(reasons), cap)
    return _capped(row, schedule, work, made)


def time_charges(
    row: FeeRow, schedule: FeeSchedule, lines: list[TimeLine], case: Circumstances
) -> list[Charge]:
    """This will charge staff time: steps first, then free minutes in the policy's order of rates."""
    whole = Fraction(sum((line.minutes for line in lines), Decimal(0)))
    free = max(Fraction(row.free_quantity(case)), Fraction(schedule.row(row.id).free))
    reason = f"{_plain(free)} minutes free" if free else row.why
    if row.threshold_minutes and whole < row.threshold_minutes:
        free, reason = whole, f"under {row.threshold_minutes} minutes no time is charged"
    elif row.threshold_minutes and schedule.policy.labour_hours == "excess":
        free, reason = (
            max(Fraction(row.threshold_minutes), free),
            f"the first {row.threshold_minutes} minutes are not charged",
        )
    rated = [(line, *_time_rate(row, schedule, line)) for line in lines]
    dearest = schedule.policy.free_time_order == "dearest_first"
    order = sorted(range(len(rated)), key=lambda at: rated[at][1] or Fraction(0), reverse=dearest)
    minutes = [_stepped(row, line.minutes) for line in lines]
    for at in order:
        taken = min(free, minutes[at])
        minutes[at] -= taken
        free -= taken
    made = []
    for (line, rate, cap), charged in zip(rated, minutes, strict=True):
        if not schedule.charges(row):
            rate, charged, why = None, Fraction(0), NOT_PUBLISHED
        else:
            why = reason if rate is not None else NO_RATE
        made.append(_time_charge(row, line, charged, rate, why, cap))
    return _capped_together(row, schedule, made)


def barred(charge: Charge, bar: Bar) -> Charge:
    """This will keep the line and charge nothing for it, with the reason."""
    return Charge(
        charge.rule, charge.label, charge.unit, charge.quantity, charge.rate, Fraction(0), bar.citation,
        bar.verified, bar.why, charge.cap,
    )  # fmt: skip


def one_way_of_counting(law: FeeLaw, made: list[Charge]) -> list[Charge]:
    """This will charge redaction by the length of the footage or by the staff time, whichever is more.

    The other one is shown with nothing charged: the same work is never paid for twice.
    """
    by_length = {row.id for row in law.rows if row.basis == "video_staff_time"}
    by_time = {row.id for row in law.rows if row.basis == "staff_time" and "redaction" in row.activities}
    footage = sum((each.amount for each in made if each.rule in by_length), Fraction(0))
    time = sum((each.amount for each in made if each.rule in by_time), Fraction(0))
    if not footage or not time:
        return made
    left_out = by_length if time > footage else by_time
    why = "charged by the staff time instead" if time > footage else "charged by the length of the footage"
    return [
        replace(each, amount=Fraction(0), why=why, cap=None) if each.rule in left_out else each
        for each in made
    ]


def share(row: FeeRow, schedule: FeeSchedule, charges: list[Charge]) -> Charge | None:
    """This will add a percentage of the staff time charged (overhead)."""
    labour = sum((charge.amount for charge in charges if charge.is_labour), Fraction(0))
    if not labour:
        return None
    if not schedule.charges(row):
        return _charge(row, "dollar of staff time", labour, None, Fraction(0), NOT_PUBLISHED)
    percent = Fraction(row.share_percent)
    own = schedule.published_rate(row)
    if own is not None:
        percent = min(percent, Fraction(own))
    return _charge(row, "dollar of staff time", labour, percent / 100, labour * percent / 100, row.why)


def _quantity(row: FeeRow, schedule: FeeSchedule, work: Work) -> tuple[Fraction, str]:
    basis = row.basis
    if basis in COUNTED:
        name, unit = COUNTED[basis]
        other = _unpriced_pages(schedule.law, work) if basis == "page_letter" else 0
        return Fraction(work.counts.get(name, 0) + other), unit
    if basis == "recording":
        return Fraction(len(work.recordings)), "recording"
    if basis == "new_recording_minute":
        full = sum(each.seconds // 60 for each in work.recordings if not each.previously_released)
        return Fraction(full), "full minute"
    if basis == "video_hour_reviewed":
        return Fraction(work.counts.get("video_seconds_reviewed", 0), 3600), "hour of video"
    if basis == "video_hour_produced":
        return Fraction(work.counts.get("video_seconds_produced", 0), 3600), "hour of video"
    if basis == "video_length_tier":
        return Fraction(work.counts.get("video_seconds_produced", 0)), "second of video"
    if basis == "megabyte_tier":
        return Fraction(work.sizes.get("megabytes", Decimal(0))), "megabyte"
    if basis == "gigabyte":
        size = Fraction(work.sizes.get("gigabytes", Decimal(0)))
        return (Fraction(_part(size, schedule)) if row.partial == "policy" else size), "gigabyte"
    if basis == "media_cost":
        return Fraction(work.sizes.get("media_cost", Decimal(0))), "dollar of cost"
    if basis == "actual_cost":
        return Fraction(work.actual_cost or Decimal(0)), "dollar of cost"
    ratio = schedule.policy.staff_minutes_per_video_minute
    if ratio is None:
        return Fraction(0), "staff minute"
    listed = sum(each.seconds for each in work.recordings)
    footage = max(listed, work.counts.get("video_seconds_produced", 0))
    return Fraction(footage, 60) * Fraction(ratio), "staff minute"


def _unpriced_pages(law: FeeLaw, work: Work) -> int:
    priced = {row.basis for row in law.rows}
    return sum(work.counts.get(COUNTED[basis][0], 0) for basis in UNPRICED_PAGES if basis not in priced)


def _size_taken(row: FeeRow, at: int) -> str:
    """Which step of a price by size was taken: ``a flat 40 dollars for up to 160 megabytes``."""
    tier, before = row.tiers[at], row.tiers[at - 1]
    ends = (("under", tier.under), ("up to", tier.up_to),
            ("more than", before.up_to), ("no less than", before.under))  # fmt: skip
    size = next((f"{words} {end}" for words, end in ends if end is not None), "any number of")
    counted = "megabytes" if row.basis == "megabyte_tier" else "seconds of video"
    return f"a flat {tier.amount} dollars for {size} {counted}"


def _rate(row: FeeRow, schedule: FeeSchedule) -> tuple[Fraction | None, str | None]:
    if row.basis in {"media_cost", "actual_cost"}:
        return Fraction(1), None
    own = schedule.published_rate(row)
    rate = own if own is not None else row.rate
    if rate is not None and row.max_rate is not None and rate > row.max_rate:
        return Fraction(row.max_rate), f"held to {row.max_rate} each, the most the law allows"
    return (None if rate is None else Fraction(rate)), None


def _time_rate(row: FeeRow, schedule: FeeSchedule, line: TimeLine) -> tuple[Fraction | None, str | None]:
    """The rate a minute: the line's, held to the published rate and to the ceiling of the law."""
    published = schedule.published_rate(row, line.grade)
    rate = line.rate_a_minute
    if rate is None:
        figure = published if published is not None else row.rate
        rate = None if figure is None else Fraction(figure) / 60
    if rate is None:
        return None, None
    ceilings = [
        (Fraction(figure) / 60, f"held to {figure} an hour, {name}")
        for figure, name in ((published, "the published rate"), (row.max_rate, "the most the law allows"))
        if figure is not None
    ]
    most = min(ceilings, default=None)
    return most if most is not None and rate > most[0] else (rate, None)


def _time_charge(
    row: FeeRow, line: TimeLine, charged: Fraction, rate: Fraction | None, why: str, cap: str | None
) -> Charge:
    grade = f", {line.grade}" if line.grade else ""
    label = f"{row.label} ({line.activity}{grade})"
    if row.rounding == "more_than_half" and row.increment_minutes == 15:
        quarters = charged / 15
        each = None if rate is None else rate * 15
        return Charge(
            row.id, label, "quarter hour", quarters, each, quarters * (each or 0), row.citation, row.verified,
            why, cap, True, math.ceil(quarters),
        )  # fmt: skip
    hourly = None if rate is None else rate * 60
    total = charged * (rate or 0)
    return Charge(
        row.id, label, "hour", charged / 60, hourly, total, row.citation, row.verified, why, cap, True
    )


def _stepped(row: FeeRow, minutes: Decimal) -> Fraction:
    exact = Fraction(minutes)
    if row.increment_minutes is None:
        return exact
    steps, rest = divmod(exact, row.increment_minutes)
    if row.rounding == "more_than_half" and rest * 2 > row.increment_minutes:
        steps += 1
    return Fraction(steps * row.increment_minutes)


def _capped(row: FeeRow, schedule: FeeSchedule, work: Work, charge: Charge) -> Charge:
    ceilings = []
    for cap in row.caps:
        if cap.per == "request":
            ceilings.append((Fraction(cap.amount), f"{cap.amount} dollars a request"))
        elif cap.per == "actual_cost":
            if work.actual_cost is not None:
                ceilings.append((Fraction(work.actual_cost), "the actual cost"))
        else:
            hours = Fraction(work.counts.get("video_seconds_produced", 0), 3600)
            ceilings.append((Fraction(cap.amount) * hours, f"{cap.amount} dollars an hour of video produced"))
    own = schedule.row(row.id).cap
    if own is not None:
        ceilings.append((Fraction(own), f"{own} dollars, the agency's own limit"))
    if not ceilings:
        return charge
    most, name = min(ceilings)
    return charge if charge.amount <= most else _held(charge, most, f"held to {name}")


def _capped_together(row: FeeRow, schedule: FeeSchedule, charges: list[Charge]) -> list[Charge]:
    own = schedule.row(row.id).cap
    if own is None:
        return charges
    left, made = Fraction(own), []
    for charge in charges:
        made.append(charge if charge.amount <= left else _held(charge, left, f"held to {own} dollars in all"))
        left -= made[-1].amount
    return made


def _held(charge: Charge, most: Fraction, cap: str) -> Charge:
    return Charge(
        charge.rule, charge.label, charge.unit, charge.quantity, charge.rate, most, charge.citation,
        charge.verified, charge.why, cap, charge.is_labour, charge.quarter_hours,
    )  # fmt: skip


def _charge(
    row: FeeRow,
    unit: str,
    quantity: Fraction,
    rate: Fraction | None,
    amount: Fraction,
    why: str,
    cap: str | None = None,
) -> Charge:
    return Charge(row.id, row.label, unit, quantity, rate, amount, row.citation, row.verified, why, cap)


def _part(units: Fraction, schedule: FeeSchedule) -> int:
    return math.ceil(units) if schedule.policy.partial_units == "round_up" else math.floor(units)


def _decimal(value: Fraction) -> Decimal:
    return Decimal(value.numerator) / Decimal(value.denominator)


def _plain(value: Fraction) -> str:
    return f"{_decimal(value).normalize():f}"
