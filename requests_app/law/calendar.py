"""Business days of a law: weekend, holiday rules of its pack, and the agency's own closures."""

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property
from typing import Any, NamedTuple

from portal.core.errors import BadInput
from requests_app.law import wording

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
ONE_DAY = timedelta(days=1)
CALENDARS_KEPT = 256


class CalendarError(BadInput):
    """A calendar cannot be built or asked: says which rule or day."""

    code = "bad_calendar"


@dataclass(frozen=True)
class HolidayRule:
    """One holiday of a law: a fixed date, the nth weekday of a month, or a distance from Easter Sunday."""

    id: str
    name: str
    kind: str
    month: int = 0
    day: int = 0
    weekday: int = 0
    nth: int = 0
    offset: int = 0
    years: str = "every"
    effective_from: date | None = None
    effective_to: date | None = None
    citation: str | None = None
    verified: str = "M"

    def falls_on(self, year: int) -> date | None:
        """This will give the day itself, before any move to a weekday, or None in a year without it."""
        if (self.years == "even" and year % 2) or (self.years == "odd" and not year % 2):
            return None
        if self.kind == "fixed":
            found = date(year, self.month, self.day)
        elif self.kind == "nth_weekday":
            found = nth_weekday(year, self.month, self.weekday, self.nth)
        else:
            found = easter(year)
        found += timedelta(days=self.offset)
        if (self.effective_from and found < self.effective_from) or (
            self.effective_to and found > self.effective_to
        ):
            return None
        return found


@dataclass(frozen=True)
class CalendarRule:
    """The named calendar of a law; ``moves`` maps a weekend weekday to the days a holiday on it moves."""

    name: str
    citation: str | None
    holidays: tuple[HolidayRule, ...]
    weekend: frozenset[int] = frozenset({5, 6})
    moves: Mapping[int, int] = field(default_factory=dict)
    counts_agency_closures: bool = True
    closures_per_year: int | None = None
    note: str | None = None

    @cached_property
    def _years(self) -> dict[int, dict[date, str]]:
        return {}

    @cached_property
    def _joined(self) -> dict[Any, "Calendar"]:
        return {}

    def joined(self, closed_dates: Mapping[date, str], open_dates: frozenset[date]) -> "Calendar":
        """This will give the calendar with an agency's overrides, the same one for the same overrides."""
        key = (frozenset(closed_dates.items()), open_dates)
        found = self._joined.get(key)
        if found is None:
            if len(self._joined) >= CALENDARS_KEPT:
                self._joined.clear()
            found = self._joined[key] = Calendar(self, dict(closed_dates), open_dates)
        return found

    def holidays_of(self, year: int) -> Mapping[date, str]:
        """This will map the days holidays are kept on in a year to their names, weekends left out."""
        if year not in self._years:
            self._years[year] = self._compute(year)
        return self._years[year]

    def _compute(self, year: int) -> dict[date, str]:
        # New Year's Day of the next year may be kept on 31 December of this one
        found: dict[date, str] = {}
        for rule in self.holidays:
            for near in (year - 1, year, year + 1):
                day = rule.falls_on(near) if 1 < near < 9999 else None
                if day is None:
                    continue
                name = rule.name
                move = self.moves.get(day.weekday(), 0)
                if move:
                    name = f"{rule.name}, kept for {wording.short(day)}"
                    day += timedelta(days=move)
                if day.year == year and day.weekday() not in self.weekend:
                    found.setdefault(day, name)
        return found

    def closure_refusal(self, closed: Mapping[date, str]) -> str | None:
        """This will say why a list of the agency's own closed days breaks the law's limit, or None."""
        if self.closures_per_year is None:
            return None
        for year in sorted({day.year for day in closed}):
            count = sum(1 for day in closed if day.year == year and day.weekday() not in self.weekend)
            if count > self.closures_per_year:
                return (
                    f"{count} weekdays of {year} are marked as closed; {self.name} allows an agency "
                    f"{self.closures_per_year} of its own a year."
                )
        return None


class _Year(NamedTuple):
    """One year laid out to count in: its open days, how many are open up to each day, its closed weekdays."""

    first: int
    opened: list[int]
    upto: list[int]
    closed: list[tuple[int, str]]


@dataclass(frozen=True, eq=False)
class Calendar:
    """A law's calendar with one agency's overrides; answers why a day is closed.

    The same only when it is the same object, which :meth:`CalendarRule.joined` sees to.
    """

    rule: CalendarRule
    closed_dates: Mapping[date, str] = field(default_factory=dict)
    open_dates: frozenset[date] = frozenset()

    @cached_property
    def _laid_out(self) -> dict[int, _Year]:
        return {}

    def is_weekend(self, day: date) -> bool:
        return day.weekday() in self.rule.weekend

    def closed(self, day: date) -> str | None:
        """This will name the reason the day does not count (Saturday, a holiday, a closure), or None."""
        if self.is_weekend(day):
            return WEEKDAYS[day.weekday()].capitalize()
        if self.rule.counts_agency_closures and day in self.closed_dates:
            return self.closed_dates[day] or "office closed"
        if day in self.open_dates:
            return None
        return self.rule.holidays_of(day.year).get(day)

    def next_open(self, day: date) -> date:
        """This will give the day itself when it is open, else the next open one."""
        return day if self.closed(day) is None else self.plus(day, 1, "business_day")

    def plus(self, day: date, n: int, unit: str) -> date:
        """This will count ``n`` days on, the given day being day zero."""
        if unit == "calendar_day":
            return day + timedelta(days=n)
        if n < 1:
            return day
        year = day.year
        laid = self._year(year)
        wanted = laid.upto[day.toordinal() - laid.first] + n
        while wanted > len(laid.opened):
            wanted -= len(laid.opened)
            year += 1
            laid = self._year(year)
        return date.fromordinal(laid.opened[wanted - 1])

    def between(self, start: date, end: date, unit: str) -> int:
        """This will count the days in (start, end]; nothing when end is not after start."""
        if end <= start:
            return 0
        if unit == "calendar_day":
            return (end - start).days
        first, last = self._year(start.year), self._year(end.year)
        count = last.upto[end.toordinal() - last.first] - first.upto[start.toordinal() - first.first]
        return count + sum(len(self._year(year).opened) for year in range(start.year, end.year))

    def skipped(self, start: date, end: date) -> list[tuple[date, str]]:
        """This will list the closed weekdays in (start, end] with their reasons."""
        low, high = start.toordinal(), end.toordinal()
        found = []
        for year in range(start.year, end.year + 1):
            closed = self._year(year).closed
            for ordinal, reason in closed[bisect_right(closed, low, key=_ordinal) :]:
                if ordinal > high:
                    break
                found.append((date.fromordinal(ordinal), reason))
        return found

    def stretches(self, start: date, end: date) -> list[tuple[date, date, int]]:
        """This will give the open days in (start, end] as unbroken stretches: first day, last day, days."""
        low, high = start.toordinal(), end.toordinal()
        found: list[list[int]] = []
        for year in range(start.year, end.year + 1):
            opened = self._year(year).opened
            for ordinal in opened[bisect_right(opened, low) : bisect_right(opened, high)]:
                if found and ordinal == found[-1][1] + 1:
                    found[-1][1] = ordinal
                else:
                    found.append([ordinal, ordinal])
        return [(date.fromordinal(first), date.fromordinal(last), last - first + 1) for first, last in found]

    def weekend_days(self, start: date, end: date) -> int:
        """This will count the weekend days in (start, end]."""
        span = (end - start).days
        whole, rest = divmod(max(span, 0), 7)
        tail = sum(1 for step in range(rest) if self.is_weekend(end - timedelta(days=step)))
        return whole * len(self.rule.weekend) + tail

    def _year(self, year: int) -> _Year:
        found = self._laid_out.get(year)
        if found is None:
            found = self._laid_out[year] = self._lay_out(year)
        return found

    def _lay_out(self, year: int) -> _Year:
        day, made = date(year, 1, 1), _Year(date(year, 1, 1).toordinal(), [], [], [])
        while day.year == year:
            reason = self.closed(day)
            if reason is None:
                made.opened.append(day.toordinal())
            elif not self.is_weekend(day):
                made.closed.append((day.toordinal(), reason))
            made.upto.append(len(made.opened))
            day += ONE_DAY
        if not made.opened:
            raise CalendarError(f"{self.rule.name} has no business day in {year}.")
        return made


def _ordinal(row: tuple[int, str]) -> int:
    return row[0]


def nth_weekday(year: int, month: int, weekday: int, nth: int) -> date:
    """This will find the nth given weekday (Monday is 0) of a month; -1 is the last one."""
    if nth < 0:
        last = date(year + month // 12, month % 12 + 1, 1) - ONE_DAY
        return last - timedelta(days=(last.weekday() - weekday) % 7 + 7 * (-nth - 1))
    first = date(year, month, 1)
    return first + timedelta(days=(weekday - first.weekday()) % 7 + 7 * (nth - 1))


def easter(year: int) -> date:
    """This will give Western Easter Sunday (the Gregorian computus of Meeus, Jones and Butcher)."""
    century, rest = divmod(year, 100)
    golden = year % 19
    shift = (century - (century + 8) // 25 + 1) // 3
    epact = (19 * golden + century - century // 4 - shift + 15) % 30
    to_sunday = (32 + 2 * (century % 4) + 2 * (rest // 4) - epact - rest % 4) % 7
    late = (golden + 11 * epact + 22 * to_sunday) // 451
    month, day = divmod(epact + to_sunday - 7 * late + 114, 31)
    return date(year, month, day + 1)


def parse(data: Mapping[str, Any]) -> CalendarRule:
    """This will build a calendar from the ``calendar`` object of a pack already checked by its schema."""
    return CalendarRule(
        name=data["name"],
        citation=data.get("citation"),
        holidays=tuple(_holiday(row) for row in data["holidays"]),
        weekend=frozenset(WEEKDAYS.index(name) for name in data.get("weekend", ("saturday", "sunday"))),
        moves={WEEKDAYS.index(name): step for name, step in data.get("moves", {}).items()},
        counts_agency_closures=data.get("counts_agency_closures", True),
        closures_per_year=data.get("closures_per_year"),
        note=data.get("note"),
    )


def _holiday(row: Mapping[str, Any]) -> HolidayRule:
    on = row["on"]
    needed = {"fixed": ("month", "day"), "nth_weekday": ("month", "weekday", "nth"), "easter": ("offset",)}
    for field_name in needed[on["kind"]]:
        if not on.get(field_name):
            raise CalendarError(f"calendar/holidays/{row['id']}/on/{field_name}: is missing")
    if on["kind"] == "fixed":
        try:
            date(2001, on["month"], on["day"])
        except ValueError:
            raise CalendarError(
                f"calendar/holidays/{row['id']}/on: there is no day {on['day']} in month {on['month']} "
                "of every year"
            ) from None
    return HolidayRule(
        id=row["id"],
        name=row["name"],
        kind=on["kind"],
        month=on.get("month", 0),
        day=on.get("day", 0),
        weekday=WEEKDAYS.index(on.get("weekday", "monday")),
        nth=on.get("nth", 0),
        offset=on.get("offset", 0),
        years=on.get("years", "every"),
        effective_from=_day(row.get("effective_from")),
        effective_to=_day(row.get("effective_to")),
        citation=row.get("citation"),
        verified=row.get("verified", "M"),
    )


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
