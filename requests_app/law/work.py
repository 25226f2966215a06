"""The work behind one fee: staff time, volumes and facts, read from data and refused when absurd."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from typing import Any

from portal.core.errors import BadInput

ACTIVITIES = ("search", "review", "redaction", "duplication", "media", "programming")
MINUTES_PER = {"minute": 1, "quarter_hour": 15, "hour": 60}
CATEGORIES = ("commercial", "educational", "noncommercial_scientific", "news_media", "other", "recurrent")
RELATIONSHIPS = ("victim", "directly_involved", "attorney_of_involved", "not_involved")
COUNTS = (
    "pages_letter", "pages_legal", "pages_two_sided", "pages_scanned", "pages_digital", "files",
    "video_seconds_produced", "video_seconds_reviewed", "discs_cd", "discs_dvd",
)  # fmt: skip
SIZES = ("gigabytes", "megabytes", "media_cost")
MOST = Decimal(10_000_000)
MOST_LINES = 1000
YEARS = range(1900, 2200)
PLAIN = re.compile(
    r"[+-]?[0-9]{1,40}(\.[0-9]{0,40})?([eE][+-]?[0-9]{1,3})?|[+-]?(nan|inf|infinity)",
    re.ASCII | re.IGNORECASE,
)


class WorkError(BadInput):
    """An amount, count or name in the work cannot be right: says which and why."""

    code = "bad_work"


@dataclass(frozen=True)
class TimeLine:
    """Staff time in minutes; ``rate`` in dollars per ``rate_per``, or None for the schedule's rate."""

    activity: str
    minutes: Decimal
    grade: str | None = None
    rate: Decimal | None = None
    rate_per: str = "hour"

    @property
    def rate_a_minute(self) -> Fraction | None:
        return None if self.rate is None else Fraction(self.rate) / MINUTES_PER[self.rate_per]


@dataclass(frozen=True)
class Recording:
    """One recording in whole seconds, and whether the same information was already given out."""

    seconds: int
    previously_released: bool = False


@dataclass(frozen=True)
class Work:
    """Everything a fee is computed from, apart from the schedule. Amounts are dollars."""

    received: date
    record_type: str | None = None
    requester_category: str | None = None
    relationship: str | None = None
    copy_number: int | None = None
    time: tuple[TimeLine, ...] = ()
    recordings: tuple[Recording, ...] = ()
    counts: Mapping[str, int] = field(default_factory=dict)
    sizes: Mapping[str, Decimal] = field(default_factory=dict)
    actual_cost: Decimal | None = None
    estimate: Decimal | None = None
    adjustment: Decimal = Decimal(0)
    prepaid: Decimal = Decimal(0)
    waiver_percent: Decimal = Decimal(0)
    late_business_days: int = 0
    late_days: int = 0
    extension_noticed: bool = False
    overage_notified: bool = False
    facts: Mapping[str, bool] = field(default_factory=dict)

    @property
    def late(self) -> bool:
        """A timely notice of extension lifts the bar on late answers."""
        return (self.late_business_days > 0 or self.late_days > 0) and not self.extension_noticed

    @property
    def paper_pages(self) -> int:
        """Printed sides: a sheet printed on both is two pages."""
        one_sided = sum(self.counts.get(name, 0) for name in ("pages_letter", "pages_legal"))
        return one_sided + 2 * self.counts.get("pages_two_sided", 0)


def amount(value: Any, what: str, most: Decimal = MOST) -> Decimal:
    """This will read a decimal that is finite, not negative and not absurd. Floats are refused: not exact.

    :raises WorkError: naming ``what``.
    """
    if value is None:
        raise WorkError(f"{what}: is missing. Write a number as text, such as 12.50.")
    shown = shortened(value)
    if isinstance(value, (bool, float)) or not isinstance(value, (int, str, Decimal)):
        raise WorkError(f"{what}: {shown} is not a number written as text, such as 12.50.")
    try:
        if isinstance(value, str) and not PLAIN.fullmatch(value.strip()):
            raise InvalidOperation
        number = Decimal(value.strip() if isinstance(value, str) else value)
    except InvalidOperation:
        raise WorkError(f"{what}: {shown} is not a number. Write it as text, such as 12.50.") from None
    if not number.is_finite():
        raise WorkError(f"{what}: {shown} is not a number.")
    shown = shortened(number)
    if number < 0:
        raise WorkError(f"{what}: {shown} is less than zero. Only zero and more can be charged.")
    if number > most:
        raise WorkError(f"{what}: {shown} is more than {most}, which cannot be right.")
    _sign, digits, exponent = number.as_tuple()
    beyond = -6 - exponent if isinstance(exponent, int) else 0
    if beyond > 0 and any(digits[-beyond:]):
        raise WorkError(f"{what}: {shown} has more than six decimal places.")
    return number


def shortened(value: Any) -> str:
    """This will show a refused value in a sentence without filling the page with it."""
    text = repr(value) if isinstance(value, str) else str(value)
    return text if len(text) <= 40 else f"{text[:37]}..."


def whole(value: Any, what: str) -> int:
    """This will read a whole number from zero up. :raises WorkError: naming ``what``."""
    number = amount(value, what)
    if number != number.to_integral_value():
        raise WorkError(f"{what}: {number} is not a whole number.")
    return int(number)


def parse(data: Mapping[str, Any]) -> Work:
    """This will read the work of one fee; absent and null parts are nothing.

    ``work`` holds the staff time lines, ``volumes`` the counts and sizes, ``events`` lateness and payments.

    :raises WorkError: when a part cannot be right; the sentence begins with its place (``work[2].minutes``).
    """
    volumes, events = data.get("volumes") or {}, data.get("events") or {}
    unknown = set(volumes) - {*COUNTS, *SIZES, "recordings"}
    if unknown:
        raise WorkError(f"volumes: {sorted(unknown)[0]!r} is not something a fee is counted in.")
    copy = data.get("copy_number")
    return Work(
        received=day(data.get("received"), "received"),
        record_type=data.get("record_type"),
        requester_category=_one_of(data.get("requester_category"), CATEGORIES, "requester_category"),
        relationship=_one_of(data.get("relationship"), RELATIONSHIPS, "relationship"),
        copy_number=None if copy is None else whole(copy, "copy_number"),
        time=tuple(
            _time_line(row, f"work[{at}]") for at, row in enumerate(_listed(data.get("work"), "work"))
        ),
        recordings=_recordings(_listed(volumes.get("recordings"), "volumes.recordings")),
        counts={
            name: whole(volumes[name], f"volumes.{name}") for name in COUNTS if volumes.get(name) is not None
        },
        sizes={
            name: amount(volumes[name], f"volumes.{name}") for name in SIZES if volumes.get(name) is not None
        },
        actual_cost=_optional(data.get("actual_cost"), "actual_cost"),
        estimate=_optional(data.get("estimate"), "estimate"),
        adjustment=_credit(data.get("adjustment")),
        prepaid=amount(events.get("prepaid") or 0, "events.prepaid"),
        waiver_percent=amount(data.get("waiver_percent") or 0, "waiver_percent", Decimal(100)),
        late_business_days=whole(events.get("late_business_days") or 0, "events.late_business_days"),
        late_days=whole(events.get("late_days") or 0, "events.late_days"),
        extension_noticed=_flag(events, "extension_noticed", "events."),
        overage_notified=_flag(events, "overage_notified", "events."),
        facts={name: _flag(data["facts"], name, "facts.") for name in data.get("facts") or {}},
    )


def day(value: Any, what: str) -> date:
    """This will read a date written as ``2026-11-02``. :raises WorkError: naming ``what``."""
    try:
        found = date.fromisoformat(value) if isinstance(value, str) and len(value) == 10 else None
    except ValueError:
        found = None
    if found is None or found.year not in YEARS or found.isoformat() != value:
        said = "is missing" if value is None else f"{shortened(value)} is not a date"
        raise WorkError(f"{what}: {said}. Write it as year-month-day: 2026-11-02.")
    return found


def _listed(value: Any, what: str) -> Sequence[Mapping[str, Any]]:
    rows = value or ()
    if len(rows) > MOST_LINES:
        raise WorkError(f"{what}: {len(rows)} lines are more than {MOST_LINES}. Add up what is alike.")
    return tuple(rows)


def _time_line(row: Mapping[str, Any], where: str) -> TimeLine:
    activity = _one_of(row.get("activity"), ACTIVITIES, f"{where}.activity")
    rate_per = _one_of(row.get("rate_per") or "hour", tuple(MINUTES_PER), f"{where}.rate_per")
    if activity is None or rate_per is None:
        raise WorkError(f"{where}.activity: the kind of work is missing. Use one of {', '.join(ACTIVITIES)}.")
    return TimeLine(
        activity=activity,
        minutes=amount(row.get("minutes"), f"{where}.minutes"),
        grade=row.get("grade"),
        rate=_optional(row.get("rate"), f"{where}.rate"),
        rate_per=rate_per,
    )


def _recordings(rows: Sequence[Mapping[str, Any]]) -> tuple[Recording, ...]:
    return tuple(
        Recording(
            whole(row.get("seconds"), f"volumes.recordings[{at}].seconds"),
            _flag(row, "previously_released", f"volumes.recordings[{at}]."),
        )
        for at, row in enumerate(rows)
    )


def _credit(value: Any) -> Decimal:
    """A credit is written as a negative amount; nothing else may be added to a fee by hand."""
    if value is None:
        return Decimal(0)
    text = str(value).strip() if isinstance(value, (str, int, Decimal)) else value
    if isinstance(text, str) and text.startswith("-"):
        return -amount(text[1:], "adjustment")
    if amount(text, "adjustment"):
        raise WorkError("adjustment: only a credit, a negative amount, may be entered by hand.")
    return Decimal(0)


def _optional(value: Any, what: str) -> Decimal | None:
    return None if value is None else amount(value, what)


def _one_of(value: Any, allowed: tuple[str, ...], what: str) -> str | None:
    if value is None:
        return None
    if value not in allowed:
        raise WorkError(f"{what}: {shortened(value)} is not one of {', '.join(allowed)}.")
    return str(value)


def _flag(data: Mapping[str, Any], name: str, where: str) -> bool:
    value = data.get(name)
    if value is not None and not isinstance(value, bool):
        raise WorkError(f"{where}{name}: {shortened(value)} is neither true nor false.")
    return value is True
