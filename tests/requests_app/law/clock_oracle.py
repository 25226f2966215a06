"""A second reading of the clocks, by itself: written from the published tables alone, it shares no line,
no calendar and no pack with the portal, and counts day by day where the portal derives. Slow and plain."""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from typing import Any

DAY = timedelta(days=1)
MON, TUE, THU, FRI, SAT, SUN = 0, 1, 3, 4, 5, 6

COMMON = ["new_year", "king", "presidents", "memorial", "juneteenth", "fourth", "labor", "veterans",
          "thanksgiving", "christmas"]  # fmt: skip
CALENDARS: dict[str, tuple[list[str], bool, bool]] = {
    # law: holidays, a Saturday's is kept on Friday, a Sunday's on Monday
    "US": ([*COMMON, "columbus"], True, True),
    "CA": ([*COMMON, "chavez", "day_after"], True, True),
    "NY": ([*COMMON, "lincoln", "columbus", "election"], False, True),
    "TX": (["new_year", "king", "confederate", "presidents", "independence", "jacinto", "memorial",
            "juneteenth", "fourth", "johnson", "labor", "veterans", "thanksgiving", "day_after",
            "christmas_eve", "christmas", "boxing"], False, False),
    "IL": ([*COMMON, "lincoln", "columbus", "day_after", "general_election"], False, True),
    "WA": ([*COMMON, "day_after"], True, True),
    "MA": ([*COMMON, "patriots", "columbus"], False, True),
    "NJ": ([*(name for name in COMMON if name != "juneteenth"), "nj_juneteenth", "good_friday", "columbus",
            "election"], True, True),
    "CO": ([*COMMON, "cabrini"], True, True),
    "VA": ([*COMMON, "columbus", "election", "day_after"], True, True),
    "OH": ([*COMMON, "columbus"], True, True),
    "MI": (COMMON, True, True),
    "PA": ([], False, False),
}  # fmt: skip

# law, clock: days, unit, what starts it, rolls
CLOCKS: dict[tuple[str, str], tuple[int, str, str, bool]] = {
    ("US", "acknowledge"): (10, "business", "receipt", False),
    ("US", "determination"): (20, "business", "us_receipt", False),
    ("US", "expedite_decision"): (10, "calendar", "expedite_requested", False),
    ("US", "appeal_window"): (90, "calendar", "denied", False),
    ("US", "appeal_decision"): (20, "business", "appeal_received", False),
    ("CA", "determination"): (10, "calendar", "receipt", True),
    ("CA", "critical_incident_video"): (45, "calendar", "agency_learned", False),
    ("CA", "peace_officer_records"): (45, "calendar", "receipt", False),
    ("NY", "acknowledge"): (5, "business", "receipt", False),
    ("NY", "grant_after_acknowledgement"): (20, "business", "acknowledged", False),
    ("NY", "appeal_window"): (30, "calendar", "denied", False),
    ("NY", "appeal_decision"): (10, "business", "appeal_received", False),
    ("TX", "ag_request"): (10, "business", "receipt", False),
    ("TX", "ag_brief"): (15, "business", "receipt", False),
    ("TX", "no_records_notice"): (10, "business", "receipt", False),
    ("TX", "voluminous_production"): (20, "business", "receipt", False),
    ("TX", "clarification_lapse"): (61, "calendar", "clarification_sent", False),
    ("TX", "estimate_lapse"): (10, "business", "estimate_sent", False),
    ("TX", "deposit_lapse"): (10, "business", "deposit_requested", False),
    ("IL", "response"): (5, "business", "receipt", False),
    ("IL", "voluminous_response"): (5, "business", "il_reply", False),
    ("IL", "pac_review_window"): (60, "calendar", "denied", True),
    ("WA", "five_day_response"): (5, "business", "receipt", False),
    ("WA", "internal_review"): (2, "business", "denied", False),
    ("MA", "response"): (10, "business", "receipt", False),
    ("MA", "extension_petition"): (20, "business", "receipt", False),
    ("MA", "production"): (25, "business", "receipt", False),
    ("MA", "appeal_window"): (90, "calendar", "denied", False),
    ("MA", "appeal_decision"): (10, "business", "appeal_received", False),
    ("NJ", "response"): (7, "business", "receipt", False),
    ("CO", "response"): (3, "business", "receipt", False),
    ("CO", "misconduct_video"): (21, "calendar", "receipt", False),
    ("VA", "response"): (5, "business", "receipt", False),
    ("VA", "estimate_lapse"): (30, "calendar", "estimate_sent", False),
    ("OH", "video_estimate"): (5, "business", "receipt", False),
    ("MI", "response"): (5, "business", "receipt", False),
    ("PA", "act22_filing_window"): (60, "calendar", "recorded", False),
    ("PA", "act22_response"): (30, "calendar", "receipt", False),
    ("PA", "appeal_window"): (30, "calendar", "denied", False),
}
MOST_EXTENSION = {
    ("US", "determination"): 10,
    ("CA", "determination"): 14,
    ("IL", "response"): 5,
    ("IL", "voluminous_response"): 10,
    ("CO", "response"): 7,
    ("VA", "response"): 7,
    ("MI", "response"): 10,
}
ANSWER_OF = {
    "information_requested": "information_answered",
    "fee_question_sent": "fee_question_answered",
    "clarification_sent": "clarification_answered",
    "deposit_requested": "deposit_paid",
    "estimate_sent": "estimate_accepted",
}
PAUSES = {
    ("US", "determination"): ("information_requested", "fee_question_sent"),
    ("VA", "response"): ("deposit_requested", "estimate_sent"),
}
RESTARTS = {
    ("TX", "ag_request"): ("clarification_sent", "deposit_requested"),
    ("TX", "ag_brief"): ("clarification_sent", "deposit_requested"),
}


def due(case: dict[str, Any]) -> date | None:
    """This will work out the due day of one case of the published format, or None while it stands still."""
    reading = _Reading(case)
    start = reading.start()
    if start is None:
        return None
    key = (case["law"], case["clock"])
    if key in RESTARTS:
        return reading.restarted(start, RESTARTS[key])
    return reading.counted(start, PAUSES.get(key, ()))


class _Reading:
    def __init__(self, case: dict[str, Any]) -> None:
        self.case, self.law = case, case["law"]
        self.closed = set(map(date.fromisoformat, case["agency"]["closed_dates"]))
        if self.law == "MI":
            self.closed = set()
        cutoff = case["agency"]["cutoff"]
        self.cutoff = time.fromisoformat(cutoff) if cutoff else None
        self.events = case["events"]
        self.n, self.unit, self.starts_with, self.rolls = self._clock()

    def _clock(self) -> tuple[int, str, str, bool]:
        key = (self.law, self.case["clock"])
        n, unit, start, rolls = CLOCKS[key]
        if key == ("TX", "ag_request") and self.case["record_type"] == "body_worn_camera":
            n = 20
        if key == ("IL", "response") and self.case["requester_category"] in ("commercial", "recurrent"):
            n = 21
        if key == ("MA", "production") and self.case["agency"]["body"] == "agency":
            n = 15
        if key == ("NJ", "response") and (
            self.case["requester_category"] == "commercial" or self.case["facts"].get("daniels_law_review")
        ):
            n = 14
        return n, unit, start, rolls

    def business(self, day: date) -> bool:
        return day.weekday() not in (SAT, SUN) and day not in self.closed and not is_holiday(self.law, day)

    def next_business(self, day: date) -> date:
        day += DAY
        while not self.business(day):
            day += DAY
        return day

    def after_business(self, day: date, n: int) -> date:
        for _ in range(n):
            day = self.next_business(day)
        return day

    def deemed(self, at: str) -> date:
        day = raw(at)
        moment = datetime.fromisoformat(at).time() if "T" in at else None
        late = self.cutoff is not None and moment is not None and moment > self.cutoff
        return self.next_business(day) if late or not self.business(day) else day

    def first(self, kind: str) -> str | None:
        return next((row["at"] for row in self.events if row["type"] == kind), None)

    def start(self) -> date | None:
        kind = self.starts_with
        if kind == "receipt":
            return self._receipt()
        if kind == "us_receipt":
            other = self.first("received_by_other_component")
            at_latest = self.after_business(self.deemed(other), 10) if other else None
            found = [day for day in (self._receipt(), at_latest) if day]
            return min(found) if found else None
        if kind == "il_reply":
            notice, reply = self.first("voluminous_notice_sent"), self.first("voluminous_answered")
            if notice is None:
                return None
            end = self.after_business(raw(notice), 10)
            return min(self.deemed(reply), end) if reply else end
        at = self.first(kind)
        if at is None:
            return None
        return self.deemed(at) if kind in ("expedite_requested", "appeal_received") else raw(at)

    def _receipt(self) -> date | None:
        at = self.first("received")
        if at is not None:
            return self.deemed(at)
        if self.law == "TX" and (at := self.first("postmarked")):
            return self.after_business(raw(at), 3)
        if self.law == "MI" and (at := self.first("emailed")):
            return self.next_business(raw(at))
        return None

    def counted(self, start: date, pausing: tuple[str, ...]) -> date | None:
        """Pauses are spans of days that do not count; an extension makes the count longer."""
        spans: list[list[Any]] = []
        n, uses, used = self.n, 0, 0
        most = MOST_EXTENSION.get((self.law, self.case["clock"]), 0)
        if self.law == "VA" and self.case["record_type"] == "criminal_investigative_file" and most:
            most = 60
        for row in self.events:
            day, kind = raw(row["at"]), row["type"]
            now_due = self._end(start, n, spans)
            if kind in pausing:
                if kind == "information_requested":
                    uses += 1
                    if uses > 1:
                        continue
                if now_due is None or day < now_due:
                    spans.append([kind, day, None])
            elif kind in [ANSWER_OF[each] for each in pausing]:
                for span in spans:
                    if ANSWER_OF[span[0]] == kind and span[2] is None:
                        span[2] = day
            elif kind == "extended" and (now_due is None or day <= now_due):
                room = min(row["by"], most - used)
                n, used = n + room, used + room
        return self._end(start, n, spans)

    def _end(self, start: date, n: int, spans: list[list[Any]]) -> date | None:
        if any(ends is None for _kind, _sent, ends in spans):
            return None
        day = start
        while n:
            day += DAY
            if any(sent < day <= ends for _kind, sent, ends in spans):
                continue
            if self.unit == "calendar" or self.business(day):
                n -= 1
        if self.rolls and not self.business(day):
            day = self.next_business(day)
        return day

    def restarted(self, start: date, asking: tuple[str, ...]) -> date | None:
        open_questions: set[str] = set()
        for row in self.events:
            day, kind = raw(row["at"]), row["type"]
            now_due = None if open_questions else self.after_business(start, self.n)
            if kind in asking and (now_due is None or day <= now_due):
                open_questions.add(kind)
            for question in list(open_questions):
                if ANSWER_OF[question] == kind:
                    open_questions.discard(question)
                    start = max(start, self.deemed(row["at"]))
        return None if open_questions else self.after_business(start, self.n)


def raw(at: str) -> date:
    return date.fromisoformat(at[:10])


def is_holiday(law: str, day: date) -> bool:
    """This will say whether a weekday is a holiday of the law, its own day or the day it is kept on."""
    names, friday, monday = CALENDARS[law]
    if day in [DATES[name](day.year) for name in names]:
        return True
    if friday and day.weekday() == FRI:
        return any(day + DAY == DATES[name]((day + DAY).year) for name in names)
    if monday and day.weekday() == MON:
        return any(day - DAY == DATES[name]((day - DAY).year) for name in names)
    return False


def nth(year: int, month: int, weekday: int, n: int) -> date:
    day = date(year, month, 1)
    while day.weekday() != weekday:
        day += DAY
    return day + timedelta(weeks=n - 1)


def last(year: int, month: int, weekday: int) -> date:
    day = date(year, month + 1, 1) - DAY
    while day.weekday() != weekday:
        day -= DAY
    return day


def election(year: int) -> date:
    return nth(year, 11, MON, 1) + DAY


def easter(year: int) -> date:
    """The full moon tables of the Gregorian calendar, as Oudin put them."""
    century, golden = year // 100, year % 19
    solar = (century - 17) // 25
    epact = (century - century // 4 - (century - solar) // 3 + 19 * golden + 15) % 30
    epact -= (epact // 28) * (1 - (epact // 28) * (29 // (epact + 1)) * ((21 - golden) // 11))
    weekday = (year + year // 4 + epact + 2 - century + century // 4) % 7
    offset = epact - weekday
    month = 3 + (offset + 40) // 44
    return date(year, month, offset + 28 - 31 * (month // 4))


DATES: dict[str, Callable[[int], date]] = {
    "new_year": lambda year: date(year, 1, 1),
    "king": lambda year: nth(year, 1, MON, 3),
    "confederate": lambda year: date(year, 1, 19),
    "lincoln": lambda year: date(year, 2, 12),
    "presidents": lambda year: nth(year, 2, MON, 3),
    "independence": lambda year: date(year, 3, 2),
    "chavez": lambda year: date(year, 3, 31),
    "good_friday": lambda year: easter(year) - 2 * DAY,
    "patriots": lambda year: nth(year, 4, MON, 3),
    "jacinto": lambda year: date(year, 4, 21),
    "memorial": lambda year: last(year, 5, MON),
    "juneteenth": lambda year: date(year, 6, 19),
    "nj_juneteenth": lambda year: nth(year, 6, FRI, 3),
    "fourth": lambda year: date(year, 7, 4),
    "johnson": lambda year: date(year, 8, 27),
    "labor": lambda year: nth(year, 9, MON, 1),
    "cabrini": lambda year: nth(year, 10, MON, 1),
    "columbus": lambda year: nth(year, 10, MON, 2),
    "election": election,
    "general_election": lambda year: election(year) if year % 2 == 0 else date(year, 1, 1),
    "veterans": lambda year: date(year, 11, 11),
    "thanksgiving": lambda year: nth(year, 11, THU, 4),
    "day_after": lambda year: nth(year, 11, THU, 4) + DAY,
    "christmas_eve": lambda year: date(year, 12, 24),
    "christmas": lambda year: date(year, 12, 25),
    "boxing": lambda year: date(year, 12, 26),
}
