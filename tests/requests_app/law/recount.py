"""Recounts a due date from the printed lines of its derivation and from nothing else."""

import re
from datetime import date, timedelta

DAY = timedelta(days=1)
MONTHS = [
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
]  # fmt: skip
NAMED = r"(?:[A-Z][a-z]+day, )?([A-Z][a-z]+ \d+, \d{4})"
STRETCH = re.compile(r"(.+?) \((\d+) days?\)(?:; |$)")


class DoesNotAddUp(AssertionError):
    """The lines contradict each other or the calendar on the wall."""


class Recount:
    """Walks the wall calendar by the lines. ``last`` is where they lead; ``counted`` is how many days."""

    def __init__(self, lines: list[str]) -> None:
        self.lines = [re.sub(r" \[[^\]]*\]$", "", line) for line in lines]
        self.skipped = {
            day(found.group(1))
            for line in self.lines
            if (found := re.match(NAMED + r" is skipped: .+\.$", line))
        }
        self.anchor: date | None = None
        self.last: date | None = None
        self.counted = self.added = self.pending = self.trailing = 0
        self.left: int | None = None
        self.end: date | None = None
        for line in self.lines:
            self._read(line)

    def _read(self, line: str) -> None:
        if found := re.search(r" on " + NAMED + r".*: counts from " + NAMED + r"\.$", line):
            self._deemed(day(found.group(1)), day(found.group(2)))
        elif found := re.search(r" on " + NAMED + r".*\. That day itself is not counted\.$", line):
            self._begin(day(found.group(1)))
        elif found := re.search(r": (\d+) (business|calendar) days? on, so it counts from " + NAMED, line):
            self._require(self.pending == int(found.group(1)), line)
            self._require(self.end == day(found.group(3)), line)
            self._begin(day(found.group(3)))
        elif line.startswith("Counted: "):
            self._stretches(line)
        elif found := re.search(
            r"stops with (\d+) \w+ days? more used, that day included, and (\d+) left", line
        ):
            self._pause(line, int(found.group(1)), int(found.group(2)))
        elif found := re.search(r"the clock runs on from the day after " + NAMED + r"\.$", line):
            self._begin(day(found.group(1)))
        elif re.search(r": all \d+ \w+ days? run again\.$", line):
            self.counted = self.added = 0
            self.left = None
        elif found := re.search(r"(?<!no effect, )(\d+) \w+ days? added", line):
            self.added += int(found.group(1))
            self.left = None if self.left is None else self.left + int(found.group(1))
        elif found := re.match(
            r"(\d+) \w+ days? counted from the day after " + NAMED + ": .*is " + NAMED, line
        ):
            self._finish(line, int(found.group(1)), day(found.group(2)), day(found.group(3)))
        elif found := re.match(
            NAMED + r" is not a business day \(.*\): the last day moves to " + NAMED, line
        ):
            self._roll(line, day(found.group(1)), day(found.group(2)))

    def _begin(self, on: date) -> None:
        self.anchor, self.pending, self.end = on, 0, None

    def _deemed(self, raw: date, counts: date) -> None:
        for between in _days(raw, counts - DAY):
            self._require(self._left_out(between), f"{between} between {raw} and {counts}")
        self._begin(counts)

    def _stretches(self, line: str) -> None:
        self._require(self.anchor is not None, line)
        every_day = line.endswith(", every day of them.")
        text, _, weekends = line.removeprefix("Counted: ").rstrip(".").partition(" weekend day")
        text = text.removesuffix(", every day of them")
        stated = 0
        if weekends:
            text, _, count = text.rpartition("; ")
            stated = int(count)
        at, left_out = self.anchor or date.min, 0
        for span, days in STRETCH.findall(text):
            first, last = ends(span)
            for between in _days(at, first - DAY):
                self._require(self._left_out(between), f"{between} is left out unsaid: {line}")
                left_out += between.weekday() > 4
            inside = _days(first - DAY, last)
            self._require(len(inside) == int(days), f"{span}: {line}")
            self._require(every_day or not any(map(self._left_out, inside)), f"{span}: {line}")
            self.pending += len(inside)
            at = last
        # days left out at the very end, before the question that stopped the clock
        self.end, self.trailing = at, stated - (0 if every_day else left_out)
        self._require(self.trailing >= 0, line)

    def _pause(self, line: str, used: int, left: int) -> None:
        self._require(self.pending == used, line)
        self._require(self.left is None or self.left == used + left, line)
        found = re.match(r"On " + NAMED, line)
        stopped = day(found.group(1)) if found else date.min
        if self.end is not None:
            rest = _days(self.end, stopped)
            self._require(all(map(self._left_out, rest)), line)
            self._require(sum(each.weekday() > 4 for each in rest) == self.trailing, line)
        self.counted, self.left = self.counted + used, left
        self._begin(max(stopped, self.anchor or stopped))

    def _finish(self, line: str, days: int, after: date, last: date) -> None:
        self._require(self.anchor == after, line)
        self._require(self.left is None or self.left == days, line)
        self._require(self.pending == days and self.end == last and self.trailing == 0, line)
        self.counted += days
        self.last = last

    def _roll(self, line: str, last: date, to: date) -> None:
        self._require(self.last == last, line)
        for between in _days(last, to - DAY):
            self._require(self._left_out(between), line)
        self._require(not self._left_out(to), line)
        self.last = to

    def _left_out(self, on: date) -> bool:
        return on.weekday() > 4 or on in self.skipped

    @staticmethod
    def _require(holds: bool, line: str) -> None:
        if not holds:
            raise DoesNotAddUp(line)


def day(text: str) -> date:
    month, number, year = text.replace(",", "").split()
    return date(int(year), MONTHS.index(month) + 1, int(number))


def ends(span: str) -> tuple[date, date]:
    """This will read ``November 24 to 25, 2026`` and its longer forms."""
    if " to " not in span:
        return day(span), day(span)
    first, last = span.split(" to ")
    year = last.rpartition(", ")[2]
    if not last[0].isalpha():
        last = f"{first.split()[0]} {last}"
    return day(first if "," in first else f"{first}, {year}"), day(last)


def _days(after: date, until: date) -> list[date]:
    return [after + DAY * step for step in range(1, (until - after).days + 1)]
