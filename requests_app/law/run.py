"""One clock being played through its ledger: used days, open questions, extensions."""

from dataclasses import replace
from datetime import date

from requests_app.law import event as ledger
from requests_app.law import wording
from requests_app.law.calendar import Calendar
from requests_app.law.clock_rule import ClockRule, Extension
from requests_app.law.condition import Circumstances
from requests_app.law.derivation import Line
from requests_app.law.event import Agency, Event
from requests_app.law.receipt import Start, counted, deemed, skips


class Run:
    """Mutable state of one derivation: ``left`` days still to run from ``anchor`` (itself not counted)."""

    def __init__(
        self,
        rule: ClockRule,
        case: Circumstances,
        calendar: Calendar,
        agency: Agency,
        deemed_events: frozenset[str],
        start: Start,
    ) -> None:
        self.rule, self.case, self.calendar, self.agency = rule, case, calendar, agency
        self.deemed_events, self.start = deemed_events, start
        self.chosen = rule.length(case)
        self.anchor = start.day
        self.left = self.total = self.chosen.n
        self.extended = 0
        self.open: dict[str, str] = {}
        self.asked: dict[str, int] = {}
        self.restarts = False
        self.answered: tuple[date, list[Line]] | None = None  # the latest new receipt among answers so far
        self.stopped: date | None = None  # since when only questions stop it whose answer would restart it
        self.unrolled: date | None = None
        self.lines = list(start.lines)
        if self.chosen.why:
            self._say(self.chosen.why, None, self.chosen.citation)

    def in_force(self) -> date | None:
        """This will give the due date as it stands, rolled where the law rolls; None while stopped."""
        return None if self.open else self._rolled(self._count())

    def play(self, entry: Event) -> None:
        """This will apply one event, or say why it changes nothing."""
        if entry is self.start.event:
            return
        day = entry.local(self.agency.zone)[0]
        said = f"On {wording.day(day)} {entry.name}"
        if entry.type == "extended" or any(each.event == entry.type for each in self.rule.extensions):
            self._extend(entry, day)
        elif self._starts(entry.type):
            counts = f"this clock counts from {wording.day(self.start.day)} already"
            self._aside(f"{said}: no effect, {counts}.", day)
        elif entry.type in ledger.ANSWERS:
            self._ask(entry, day, said)
        elif entry.type in ledger.QUESTIONS:
            self._answer(entry, day, said)
        elif entry.type in self.rule.met_by:
            self._aside(f"{said}: that is what this clock asks for; its last day stays.", day)
        else:
            self._aside(f"{said}: no effect, this clock does not depend on it.", day)

    def finish(self) -> date | None:
        """This will count what is left and give the due date, or None while a question is open."""
        if self.open:
            waiting = " and ".join(ledger.NAMES[ledger.ANSWERS[question]] for question in self.open)
            self._say(f"The clock stands still until {waiting}: there is no due date yet.", None)
            return None
        self.unrolled = last = self._count()
        self.lines += counted(self.calendar, self.anchor, last, self.rule.unit)
        self._say(
            f"{wording.days(self.left, self.rule.unit)} counted from the day after "
            f"{wording.day(self.anchor)}: the last day is {wording.day(last)}.",
            last,
            self.chosen.citation,
            self.left,
        )
        rolled = self._rolled(last)
        if rolled != last:
            self.lines += skips(self.calendar, last, rolled)
            self._say(
                f"{wording.day(last)} is not a business day ({self.calendar.closed(last)}): the last day "
                f"moves to {wording.day(rolled)}.",
                rolled,
                self.rule.citation,
            )
        return rolled

    def _ask(self, entry: Event, day: date, said: str) -> None:
        toll = self.rule.toll(entry.type)
        if toll is None or toll.mode == "none":
            why = toll.why if toll and toll.why else "nothing in this law stops this clock for it"
            self._aside_before(
                f"{said}: no effect on this clock, {why}.", day, toll.citation if toll else None
            )
            return
        last = self.in_force()
        before = self.asked.get(entry.type, 0)
        self.asked[entry.type] = before + 1
        if toll.max_uses is not None and before >= toll.max_uses:
            times = "once" if toll.max_uses == 1 else f"{toll.max_uses} times"
            self._say(f"{said} again: no effect, it stops this clock only {times}.", day, toll.citation)
            return
        if last is not None and day > last:
            self._say(f"{said}, after the last day {wording.day(last)}: no effect.", day, toll.citation)
            return
        if toll.mode == "pause" and last is not None and self._count() <= day:
            self._say(
                f"{said} on the last day itself: no effect, no day is left to stop.", day, toll.citation
            )
            return
        if not self.open and toll.mode == "pause":
            self._use_up(day, said, toll.citation)
        else:
            effect = (
                "and starts again from its first day on the answer"
                if toll.mode == "restart"
                else "and stays stopped"
            )
            self._say(f"{said}: the clock stops {effect}.", day, toll.citation)
            self.stopped = day if not self.open else self.stopped
        self.open[entry.type] = toll.mode

    def _use_up(self, day: date, said: str, citation: str | None) -> None:
        used = self.calendar.between(self.anchor, day, self.rule.unit)
        self.lines += counted(self.calendar, self.anchor, day, self.rule.unit)
        self.left -= used
        self.anchor = max(self.anchor, day)
        self._say(
            f"{said}: the clock stops with {wording.days(used, self.rule.unit)} more used, that day "
            f"included, and {self.left} left.",
            day,
            citation,
            used,
        )

    def _answer(self, entry: Event, day: date, said: str) -> None:
        question = ledger.QUESTIONS[entry.type]
        toll = self.rule.toll(question)
        if question not in self.open:
            self._aside_before(
                f"{said}: no effect, the clock was not stopped for it.", day, quiet=toll is None
            )
            return
        citation = toll.citation if toll else None
        mode = self.open.pop(question)
        if mode == "restart" and not entry.given_up:
            self.restarts = True
            received, lines = deemed(entry, self.deemed_events, self.calendar, self.agency)
            # one after hours can count from a later day than another that came after it
            if self.answered is None or received >= self.answered[0]:
                self.answered = received, [replace(lines[0], citation=citation), *lines[1:]]
        if self.open:
            self._say(f"{said}: another question is still open, so the clock stays stopped.", day, citation)
            return
        if not self.restarts:
            if self.stopped is not None:  # without an answer nothing starts again: what was used stays used
                self._use_up(self.stopped, f"Until {wording.day(self.stopped)}", citation)
                self.stopped = None
            self.anchor = max(self.anchor, day)
            self._say(
                f"{said}: the clock runs on from the day after {wording.day(self.anchor)}.", day, citation
            )
            return
        begins, lines = deemed(entry, self.deemed_events, self.calendar, self.agency)
        lines[0] = replace(lines[0], citation=citation)
        if self.answered is not None and self.answered[0] > begins:
            self._say(f"{said}: an answer before it counts from a later day.", day, citation)
            begins, lines = self.answered
        self.anchor = max(self.start.day, begins)
        # the answer is a new receipt: what was used or added before it is gone
        self.lines = [replace(old, days=0) if old.days else old for old in self.lines]
        self.left = self.total = self.chosen.n
        self.extended, self.restarts, self.stopped, self.answered = 0, False, None, None
        self.lines += lines
        self._say(
            f"The answer counts as a new receipt: all {wording.days(self.total, self.rule.unit)} run again.",
            self.anchor,
            citation,
        )

    def _extend(self, entry: Event, day: date) -> None:
        allowed = self.rule.extension(self.case, entry.type)
        by, unit = entry.by or 0, entry.unit or self.rule.unit
        reason = f" ({entry.reason.replace('_', ' ')})" if entry.reason else ", without a reason"
        said = f"On {wording.day(day)} an extension of {wording.days(by, unit)} was announced{reason}"
        if entry.type != "extended":
            said = f"On {wording.day(day)} {entry.name}"
            by, unit = (allowed.most, allowed.unit) if allowed else (0, unit)
        if allowed is None:
            self._aside_before(f"{said}: no effect, this clock cannot be extended.", day, self.rule.citation)
            return
        last = self.in_force()
        if last is not None and day > last:
            self._say(f"{said}, after the last day {wording.day(last)}: no effect.", day, allowed.citation)
            return
        added = self._allowed_days(allowed, by, unit)
        self.extended += added
        self.left += added
        self.total += added
        asked = self._in_own_days(by, unit)
        cut = "" if added == asked else f"; the law allows {wording.days(allowed.most, allowed.unit)} in all"
        if last is None or not added:
            none = "" if added else "no effect, "
            self._say(
                f"{said}{cut}: {none}{wording.days(added, self.rule.unit)} added.", day, allowed.citation
            )
            return
        self._say(
            f"{said}{cut}: {wording.days(added, self.rule.unit)} added, the last day moves from "
            f"{wording.day(last)} to {wording.day(self._rolled(self._count()))}.",
            day,
            allowed.citation,
        )

    def _allowed_days(self, allowed: Extension, by: int, unit: str) -> int:
        most = self._in_own_days(allowed.most, allowed.unit)
        return max(min(self._in_own_days(by, unit), most - self.extended), 0)

    def _in_own_days(self, n: int, unit: str) -> int:
        """A length in the other unit is counted on from the due date, then measured in this clock's unit."""
        if unit == self.rule.unit:
            return n
        last = self._count()
        return self.calendar.between(last, self.calendar.plus(last, n, unit), self.rule.unit)

    def _starts(self, event_type: str) -> bool:
        return any(source.event == event_type for source in self.rule.sources)

    def _count(self) -> date:
        return self.calendar.plus(self.anchor, self.left, self.rule.unit)

    def _rolled(self, last: date) -> date:
        if self.rule.roll and self.rule.unit == "calendar_day":
            return self.calendar.next_open(last)
        return last

    def _say(self, text: str, on: date | None, citation: str | None = None, days: int = 0) -> None:
        self.lines.append(Line(text, on, citation, days))

    def _aside(self, text: str, on: date, citation: str | None = None) -> None:
        self.lines.append(Line(text, on, citation, aside=True))

    def _aside_before(self, text: str, on: date, citation: str | None = None, *, quiet: bool = False) -> None:
        """What came before the clock began is no news to the person waiting on this clock."""
        self.lines.append(Line(text, on, citation, aside=quiet or on < self.start.raw))
