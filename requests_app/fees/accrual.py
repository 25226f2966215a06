"""Simple interest on unpaid bills, from what a ledger says. Pure, exact until cut to cents.

31 U.S.C. 3717: from a day after the bill's date, on a year of 365 days; 31 CFR 901.9(f): money that comes in
pays the interest first, then the oldest bill.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction


@dataclass(frozen=True)
class Bill:
    """A bill in cents and its yearly rate in percent; none: it bears no interest."""

    dated: date
    cents: int
    percent: Decimal | None


@dataclass(frozen=True)
class Credit:
    """Cents that lowered what is unpaid, and the day."""

    on: date
    cents: int


@dataclass
class _Open:
    starts: date
    left: int
    yearly: Fraction


def grown(
    bills: Iterable[Bill], credits: Iterable[Credit], *, upto: date, from_day: int, year_days: int
) -> int:
    """This will give the whole interest grown to the end of a day, in cents cut down.

    A bill of the 2nd bears its first day of interest on the day after the ``from_day``-th day.
    """
    unpaid = [
        _Open(bill.dated + timedelta(days=from_day), bill.cents, Fraction(bill.percent or 0) / 100)
        for bill in sorted(bills, key=lambda each: each.dated)
    ]
    paid = sorted((each for each in credits if each.on <= upto), key=lambda each: each.on)
    total, covered = Fraction(0), 0
    since = min((each.starts for each in unpaid), default=upto)
    for on, cents in [*((each.on, each.cents) for each in paid), (upto, 0)]:
        total += _between(unpaid, since, on, year_days)
        since = max(since, on)
        first = min(cents, int(total) - covered)
        covered += first
        _lower(unpaid, cents - first)
    return int(total)


def _between(unpaid: Iterable[_Open], since: date, until: date, year_days: int) -> Fraction:
    return sum(
        (
            each.left * each.yearly * max((until - max(since, each.starts)).days, 0) / year_days
            for each in unpaid
        ),
        Fraction(0),
    )


def _lower(unpaid: Iterable[_Open], cents: int) -> None:
    for each in unpaid:
        part = min(each.left, cents)
        each.left -= part
        cents -= part
