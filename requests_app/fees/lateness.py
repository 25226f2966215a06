"""How late the agency is: some laws bar or cut a fee once the answer is late."""

from dataclasses import dataclass
from datetime import date

from requests_app.clock import selectors as clock
from requests_app.docket.models import RecordsRequest
from requests_app.law import wording
from requests_app.law.clock import calendar_of, rule_of


@dataclass(frozen=True)
class Lateness:
    """Days past the last day, and the sentence that says so (empty: not late)."""

    business_days: int = 0
    calendar_days: int = 0
    extension_noticed: bool = False
    sentence: str = ""

    def events(self) -> dict[str, int | bool]:
        """This will give it as the fee engine's ``events`` reads it."""
        return {
            "late_business_days": self.business_days,
            "late_days": self.calendar_days,
            "extension_noticed": self.extension_noticed,
        }


def of(request: RecordsRequest, *, on: date) -> Lateness:
    """This will measure the main clock on a day: against the last day with every timely extension in it.

    An extension moves the last day, so an answer within it is not late; an answer after it is late whatever
    was announced. A clock that stands still is not late.
    """
    found = clock.situation(request)
    ledger, zone = found.ledger, found.office.zone
    derived = found.one(found.main_name, on=on)
    extended = any(entry.type == "extended" for entry in ledger.events)
    if derived.due is None or derived.state not in {"overdue", "met_late", "lapsed"}:
        return Lateness(extension_noticed=extended)
    met_by = rule_of(found.pack, derived.clock).met_by
    answered = [
        day for entry in ledger.events if entry.type in met_by and (day := entry.local(zone)[0]) > derived.due
    ]
    if ledger.ending is not None:  # not every law's pack names the event that answers
        answered.append(ledger.ending.at.astimezone(zone).date())
    if request.closed_at is not None:  # nor does every ledger that was imported
        answered.append(request.closed_at.astimezone(zone).date())
    day = max(min(answered, default=on), derived.due)
    business = calendar_of(found.pack, found.office).between(derived.due, day, "business_day")
    days = (day - derived.due).days
    said = (
        f"The last day to answer was {wording.day(derived.due)}; the answer is"
        f" {wording.days(business, 'business_day')}"
        f" late. Where the law takes away or lowers the fee for that, the lines say so."
    )
    return Lateness(business, days, False, said)
