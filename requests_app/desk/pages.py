"""What the request page shows to staff, and the typed words of a form that was refused."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from django.urls import reverse
from django.utils import timezone

from portal.accounts.models import User
from portal.accounts.rules import Permission
from portal.core.errors import BadInput
from redaction.plans.rules import ReviewStatus
from redaction.workbench.page import TAGS
from requests_app.appeals import selectors as appeals
from requests_app.clock import selectors as clock
from requests_app.clock.presentation import Explained
from requests_app.clock.selectors import Situation
from requests_app.correspondence import selectors as mails
from requests_app.custody import policies as custody
from requests_app.custody.models import ResponsiveRecord
from requests_app.custody.selectors import holds_in_force, records_of
from requests_app.desk import actions, clock_steps, deadlines, rules, rulings, selectors, wording
from requests_app.desk.forms import (
    AssignForm,
    BodyForm,
    DuplicateForm,
    EstimatedQuestionForm,
    ExtendForm,
    NoteForm,
    ReasonForm,
    SearchedForm,
)
from requests_app.desk.services import facts as lifecycle_facts
from requests_app.docket import selectors as docket
from requests_app.docket.models import RecordsRequest
from requests_app.docket.rules import Status
from requests_app.fees import selectors as fees
from requests_app.intake import services as intake
from requests_app.intake.models import FormDefinition
from requests_app.intake.rules import spoken
from requests_app.law.derivation import Derivation
from requests_app.law.wording import clock_time, date_of

TASK_PAGES = {"fee": "fees:worksheet", "release": "release:staff"}
"""Tasks done on a page of their own; the others are done on the request's page."""


@dataclass(frozen=True)
class RecordRow:
    """One record with the words and tag of its review."""

    record: ResponsiveRecord
    label: str
    tag: str
    at_second_look: bool


@dataclass(frozen=True)
class ClockRow:
    """One derived clock with the words and tag of its state."""

    explained: Explained
    label: str
    tag: str

    @property
    def derivation(self) -> Derivation:
        return self.explained.derived


def request_page(
    user: User,
    row: RecordsRequest,
    *,
    error: BadInput | None = None,
    action: str = "",
    typed: Mapping[str, str] | None = None,
) -> dict[str, object]:
    """This will gather everything the request page shows. ``typed`` goes back into the form of ``action``."""
    today = timezone.localdate(timezone=ZoneInfo(row.agency.time_zone))
    facts = selectors.work_facts(row)
    tasks = rules.tasks(facts)
    steps = _steps(tasks, row)
    lateness = selectors.lateness(row, today)
    offers = actions.offers(request=row, user=user, facts=lifecycle_facts(row))
    situation = clock.situation(row)
    explained = clock.explained(row, on=today, found=situation)
    clocks = [_clock_row(one, row.is_open) for one in explained]
    fee = fees.summary(row)
    records = [_record_row(record) for record in records_of(row).select_related("review")]
    return {
        "case": row,
        "status": dict(zip(("words", "tag"), wording.STATUSES[row.status], strict=True)),
        "outcome": wording.DISPOSITIONS.get(row.disposition, ""),
        "lateness": {
            "tag": wording.LATENESS_TAGS[lateness],
            "words": wording.how_late(lateness, row.due_on, today),
        },
        "tasks": [_task_row(task, row, steps) for task in tasks],
        "steps": steps,
        "facts": facts,
        "offers": offers,
        "requester_facts": _requester_facts(row),
        "clocks": clocks,
        "has_lapsed": any(each.derivation.state == "lapsed" for each in clocks),
        **clock_steps.section(
            row, user, found=situation, derived=[one.derived for one in explained], action=action,
            typed=typed or {},
        ),
        **rulings.section(row, found=situation, action=action, typed=typed or {}),
        "question_effect": deadlines.question_effect(row, at=timezone.now(), found=situation),
        "acknowledgement_warning": (
            deadlines.acknowledgement_warning(row, at=timezone.now(), found=situation)
            if "acknowledge" in steps
            else ""
        ),
        "answers": _answers(row, masked=not user.may(Permission.WORK_REQUESTS)),
        "items": row.items.all(),
        "records": records,
        "may_add": custody.may_add(user, row),
        "may_attest": custody.may_attest(user, row),
        "may_assign": _may_assign(user, row),
        "holds": holds_in_force(row),
        "preservation": row.preservation_tasks.select_related("attested_by").order_by("destroy_on", "pk"),
        "thread": row.messages.select_related("author"),
        "letters": row.letters.defer("html", "body"),
        "mail_tasks": mails.open_tasks(row),
        "may_write": user.may(Permission.WORK_REQUESTS),
        "notes": row.notes.select_related("author"),
        "timeline": docket.timeline(row, for_requester=False),
        "fee": fee,
        "fee_words": wording.FEES.get(fee.state, fee.state.replace("_", " ").capitalize()),
        "appeals": appeals.of_request(row),
        "error": error,
        **_forms(row, situation, action, typed or {}),
    }  # fmt: skip


def _ask_form(row: RecordsRequest, situation: Situation, typed: Mapping[str, str]) -> BodyForm:
    kind = EstimatedQuestionForm if deadlines.question_needs_estimate(row, found=situation) else BodyForm
    form = kind.fresh(prefix="ask", label="Question", body=typed.get("body", ""))
    form.initial["expected_on"] = typed.get("expected_on", "")
    return form


def _forms(
    row: RecordsRequest, situation: Situation, action: str, typed: Mapping[str, str]
) -> dict[str, object]:
    def given(name: str) -> dict[str, Any]:
        return dict(typed) if action == name else {}

    allowed = deadlines.extension(row, found=situation) if row.is_open else None
    extend = None
    if allowed is not None:
        initial = {"unit": allowed.unit, **given("extend")}
        extend = ExtendForm(initial=initial, allowed=allowed, auto_id="extend-%s")
    return {
        "tell_form": BodyForm.fresh(prefix="tell", label="Message", body=given("tell").get("body", "")),
        "ask_form": _ask_form(row, situation, given("ask")),
        "note_form": NoteForm(initial=given("note"), auto_id="note-%s"),
        "extend_form": extend,
        "allowed": allowed,
        "allowed_unit": allowed.unit.replace("_", " ") + "s" if allowed else "",
        "searched_form": SearchedForm(initial=given("close-no-records"), auto_id="searched-%s"),
        "reopen_form": ReasonForm(initial=given("reopen"), auto_id="reopen-%s"),
        "duplicate_form": DuplicateForm(initial=given("close-duplicate"), auto_id="duplicate-%s"),
        "assign_form": AssignForm(
            request=row,
            initial={"assignee": row.assignee_id, "expected": row.assignee_id},
            auto_id="assign-%s",
        ),
        "refused": action,
    }


def _steps(tasks: tuple[rules.Task, ...], row: RecordsRequest) -> frozenset[str]:
    """This will name the tasks that have something to show now; the list alone speaks for the others."""
    shown = {task.slug for task in tasks if task.kind not in {"locked", "not_needed"}}
    if row.status != Status.SUBMITTED:
        shown.discard("acknowledge")
    return frozenset(shown)


def _task_row(task: rules.Task, row: RecordsRequest, steps: frozenset[str]) -> dict[str, str]:
    name = TASK_PAGES.get(task.slug)
    here = f"#{task.slug}" if task.slug in steps else ""
    return {
        "slug": task.slug,
        "title": task.title,
        "status": task.status,
        "kind": wording.TASK_TAGS[task.kind],
        "note": task.note,
        "blocked_reason": task.blocked_reason,
        "url": reverse(name, args=[row.key]) if name and here else here,
    }


def _record_row(record: ResponsiveRecord) -> RecordRow:
    review = getattr(record, "review", None)  # Django raises where nobody opened the record yet
    state = ReviewStatus(review.status if review else ReviewStatus.COLLECTED)
    return RecordRow(
        record=record,
        label=state.label.capitalize(),
        tag=TAGS[state],
        at_second_look=state == ReviewStatus.VERIFIED,
    )


def _clock_row(one: Explained, is_open: bool) -> ClockRow:
    found = one.derived
    # a clock whose law names no answering event runs for ever, but nobody waits once the request is closed
    state = found.state if is_open or found.state not in {"running", "stopped"} else "ended"
    words, tag = wording.CLOCK_TAGS[state]
    return ClockRow(one, words, tag)


def _answers(row: RecordsRequest, *, masked: bool) -> list[dict[str, str]]:
    if not FormDefinition.objects.filter(code=row.form_code, version=row.form_version).exists():
        return []  # filed on paper or imported: there is no form to read the answers by
    fields = intake.form_of(row).fields()
    spelt = ((field.label, spoken(field, row.answers.get(field.name), masked=masked)) for field in fields)
    return [{"label": label, "value": text} for label, text in spelt if text]


def _requester_facts(row: RecordsRequest) -> list[dict[str, object]]:
    person = row.requester
    assert person is not None  # noqa: S101  a filed request has one by constraint
    zone = ZoneInfo(row.agency.time_zone)
    received = row.received_at.astimezone(zone) if row.received_at else None
    shown = {
        "Requester": str(person),
        "E-mail": person.email,
        "Phone": person.phone,
        "Asks as": wording.CATEGORIES.get(
            row.requester_category, row.requester_category.replace("_", " ").capitalize()
        ),
        "Relation to the incident": row.relationship.replace("_", " ").capitalize(),
        "Received": f"{date_of(received)}, {clock_time(received.time())}" if received else "",
        "Came by": row.channel.capitalize(),
        "Law": f"{row.law_code} {row.law_version}",
    }
    return [{"label": label, "value": value} for label, value in shown.items() if value]


def _may_assign(user: User, row: RecordsRequest) -> bool:
    """Handing on one's own request needs no further permission; anybody else's does."""
    if not row.is_open:
        return False
    own = row.assignee_id == user.pk and user.may(Permission.WORK_REQUESTS)
    return own or user.may(Permission.ASSIGN_REQUESTS)
