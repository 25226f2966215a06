"""The clock's part of the request page: every clock, what follows from a missed one, and entering facts."""

from collections.abc import Mapping
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.utils import timezone

from portal.accounts.models import User
from portal.accounts.rules import Permission
from portal.core.errors import BadInput
from portal.core.forms import DaylightForm
from requests_app.clock import rules
from requests_app.clock import selectors as clock
from requests_app.clock import services as clocks
from requests_app.clock.models import ClockEvent
from requests_app.clock.selectors import Situation
from requests_app.desk import deadlines
from requests_app.docket.models import RecordsRequest
from requests_app.law.derivation import Derivation

Values = Mapping[str, str]


class DatedFactForm(DaylightForm):
    type = forms.ChoiceField(label="What happened")
    on = forms.DateField(label="Date", widget=forms.DateInput)
    time = forms.TimeField(label="Time", required=False, widget=forms.TimeInput)
    reason = forms.CharField(
        max_length=300, label="How do you know?", help_text="It stays in the ledger with your name."
    )

    def __init__(self, *args: Any, choices: list[tuple[str, str]], **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["type"].choices = choices  # type: ignore[attr-defined]  # declared above


class FactForm(DaylightForm):
    name = forms.ChoiceField(label="What the law asks")
    value = forms.CharField(max_length=10, label="Answer", help_text="A number, or yes or no.")
    reason = forms.CharField(
        max_length=300, label="How do you know?", help_text="It stays in the ledger with your name."
    )

    def __init__(self, *args: Any, asked: list[tuple[str, str, str]], **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["name"].choices = [(name, words) for name, words, _kind in asked]  # type: ignore[attr-defined]  # declared above


def section(
    row: RecordsRequest,
    user: User,
    *,
    found: Situation,
    derived: list[Derivation],
    action: str,
    typed: Values,
) -> dict[str, object]:
    """This will gather what the request page says about its clocks, all from one situation."""
    at = timezone.now()
    dated, asked = deadlines.dated_facts(row, found=found), deadlines.asked_facts(row, found=found)
    allowed = deadlines.extension(row, found=found)
    may_enter = row.is_open and user.may(Permission.WORK_REQUESTS)
    return {
        "consequences": rules.consequences(derived, found.pack.clocks),
        "moves": deadlines.possible(row, at=at, found=found) if may_enter else [],
        "extension_refused": deadlines.extension_refusal(row, at=at, found=found)
        if row.is_open and allowed is not None
        else "",
        "entered": clock.entered_events(row) if dated else [],
        "stated": [
            (fact, rules.fact_words(fact.name), _shown(fact.value))
            for fact in (clock.entered_facts(row) if asked else [])
        ],
        "calendar_notes": row.clock_events.filter(type=rules.CALENDAR_CHANGED),
        "event_words": rules.ENTERED,
        "dated_form": DatedFactForm(
            initial=dict(typed) if action == "enter-event" else {}, choices=dated, auto_id="dated-%s"
        )
        if dated and may_enter
        else None,
        "fact_form": FactForm(
            initial=dict(typed) if action == "state-fact" else {}, asked=asked, auto_id="fact-%s"
        )
        if asked and may_enter
        else None,
        "may_enter": may_enter,
    }


def enter_event(row: RecordsRequest, actor: User, at: datetime, values: Values) -> str:
    """This will enter a dated fact from the page's form."""
    type = values.get("type", "")
    if type not in dict(deadlines.dated_facts(row)):
        raise BadInput("Choose what happened from the list.")
    try:
        on = date.fromisoformat(values.get("on", "").strip())
        moment = time.fromisoformat(values.get("time", "").strip() or "12:00")
    except ValueError:
        raise BadInput("Write the date as year-month-day, and the time as hours:minutes.") from None
    happened = datetime.combine(on, moment.replace(tzinfo=None), ZoneInfo(row.agency.time_zone))
    clocks.enter_event(
        request=row, type=type, actor=actor, at=happened, reason=values.get("reason", ""),
        today=clock.day_of(row.agency, at),
    )  # fmt: skip
    return "Entered. The due dates are counted with it."


def state_fact(row: RecordsRequest, actor: User, at: datetime, values: Values) -> str:
    """This will enter what a clock of the law asks about the request."""
    kinds = {name: kind for name, _words, kind in deadlines.asked_facts(row)}
    name, text = values.get("name", ""), values.get("value", "").strip().lower()
    value: int | bool
    if kinds.get(name) == "flag":
        if text not in {"yes", "no"}:
            raise BadInput("Answer with yes or no.")
        value = text == "yes"
    else:
        if not (text.isascii() and text.isdigit() and len(text) < 7):
            raise BadInput("Write a whole number.")
        value = int(text)
    clocks.state_fact(
        request=row, name=name, value=value, actor=actor, at=at, reason=values.get("reason", "")
    )
    return "Entered. The due dates are counted with it."


def strike_event(row: RecordsRequest, actor: User, at: datetime, values: Values) -> str:
    """This will take back a dated fact; it stays in the ledger, struck."""
    number = values.get("event", "")
    known = number if number.isascii() and number.isdigit() and len(number) < 18 else "0"
    event = ClockEvent.objects.filter(request=row, pk=known).first()
    if event is None:
        raise BadInput("There is no such entry in this request's ledger.")
    clocks.strike(event=event, actor=actor, at=at, reason=values.get("reason", ""))
    return "Taken back. Both entries stay in the ledger."


def _shown(value: int | bool) -> str:
    return str(value) if not isinstance(value, bool) else "yes" if value else "no"
