"""The work behind one fee: staff time, volumes and facts, read from data and refused when absurd."""

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
        return sum(self.counts.get(name, 0) for name in ("pages_letter", "pages_legal", "pages_two_sided"))


def amount(value: Any, what: str, most: Decimal = MOST) -> Decimal:
    """This will read a decimal that is finite, not negative and not absurd. Floats are refused: not exact.

    :raises WorkError: naming ``what``.
    """
    if isinstance(value, (bool, float)) or not isinstance(value, (int, str, Decimal)):
        raise WorkError(f"{what}: {value!r} is not a number written as text, such as 12.50.")
    try:
        number = Decimal(value.strip() if isinstance(value, str) else value)
    except InvalidOperation:
        raise WorkError(f"{what}: {value!r} is not a number.") from None
    if not number.is_finite():
        raise WorkError(f"{what}: {value!r} is not a number.")
    if number < 0:
        raise WorkError(f"{what}: {number} is less than zero.")
    if number > most:
        raise WorkError(f"{what}: {number} is more than {most}, which cannot be right.")
    exponent = number.normalize().as_tuple().exponent
    if isinstance(exponent, int) and exponent < -6:
        raise WorkError(f"{what}: {number} has more than six decimal places.")
    return number


def whole(value: Any, what: str) -> int:
    """This will read a whole number from zero up. :raises WorkError: naming ``what``."""
    number = amount(value, what)
    if number != number.to_integral_value():
        raise WorkError(f"{what}: {number} is not a whole number.")
    return int(number)


def parse(data: Mapping[str, Any]) -> Work:
    """This will read the work of one fee; absent and null parts are nothing.

    ``work`` holds the staff time lines, ``volumes`` the counts and sizes, ``events`` lateness and payments.

    :raises WorkError: when a part cannot be right.
    """
    volumes, events = data.get("volumes") or {}, data.get("events") or {}
    unknown = set(volumes) - {*COUNTS, *SIZES, "recordings"}
    if unknown:
        raise WorkError(f"volumes: {sorted(unknown)[0]!r} is not something a fee is counted in.")
    try:
        received = date.fromisoformat(str(data["received"]))
    except (KeyError, ValueError):
        raise WorkError("received: the date the request was received is missing or not a date.") from None
    copy = data.get("copy_number")
    return Work(
        received=received,
        record_type=data.get("record_type"),
        requester_category=_one_of(data.get("requester_category"), CATEGORIES, "requester_category"),
        relationship=_one_of(data.get("relationship"), RELATIONSHIPS, "relationship"),
        copy_number=None if copy is None else whole(copy, "copy_number"),
        time=tuple(_time_line(row) for row in data.get("work") or ()),
        recordings=_recordings(volumes.get("recordings") or ()),
        counts={name: whole(volumes[name], name) for name in COUNTS if volumes.get(name) is not None},
        sizes={name: amount(volumes[name], name) for name in SIZES if volumes.get(name) is not None},
        actual_cost=_optional(data.get("actual_cost"), "actual_cost"),
        estimate=_optional(data.get("estimate"), "estimate"),
        adjustment=_credit(data.get("adjustment")),
        prepaid=amount(events.get("prepaid") or 0, "prepaid"),
        waiver_percent=amount(data.get("waiver_percent") or 0, "waiver_percent", Decimal(100)),
        late_business_days=whole(events.get("late_business_days") or 0, "late_business_days"),
        late_days=whole(events.get("late_days") or 0, "late_days"),
        extension_noticed=_flag(events, "extension_noticed"),
        overage_notified=_flag(events, "overage_notified"),
        facts={name: _flag(data["facts"], name) for name in data.get("facts") or {}},
    )


def _time_line(row: Mapping[str, Any]) -> TimeLine:
    activity = _one_of(row.get("activity"), ACTIVITIES, "activity")
    rate_per = _one_of(row.get("rate_per") or "hour", tuple(MINUTES_PER), "rate_per")
    if activity is None or rate_per is None:
        raise WorkError("activity: the kind of work is missing.")
    return TimeLine(
        activity=activity,
        minutes=amount(row.get("minutes"), f"minutes of {activity}"),
        grade=row.get("grade"),
        rate=_optional(row.get("rate"), f"rate of {activity}"),
        rate_per=rate_per,
    )


def _recordings(rows: Sequence[Mapping[str, Any]]) -> tuple[Recording, ...]:
    return tuple(
        Recording(whole(row.get("seconds"), "seconds of a recording"), _flag(row, "previously_released"))
        for row in rows
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
        raise WorkError(f"{what}: {value!r} is not one of {', '.join(allowed)}.")
    return str(value)


def _flag(data: Mapping[str, Any], name: str) -> bool:
    value = data.get(name)
    if value is not None and not isinstance(value, bool):
        raise WorkError(f"{name}: {value!r} is neither true nor false.")
    return value is True
