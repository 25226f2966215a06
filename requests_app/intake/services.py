"""The only code that writes forms, drafts and the filing of a request."""

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.db import transaction

from portal.accounts.models import User
from portal.audit import services as audit
from portal.core.errors import BadInput, DomainError
from portal.core.money import cents
from requests_app.clock import services as clock
from requests_app.correspondence import services as correspondence
from requests_app.custody import services as custody
from requests_app.docket import services as docket
from requests_app.docket.models import RecordsRequest
from requests_app.docket.rules import Status
from requests_app.intake import rules
from requests_app.intake.models import FilingKey, FormDefinition
from requests_app.law.selectors import agency as the_agency
from requests_app.law.selectors import pack_in_use

FORMS = Path(__file__).parent / "forms"
RECEIVED = "Thank you for your request. We have it. A full letter follows."
RECIBIDA = "Gracias por su solicitud. La tenemos. Le enviaremos una carta completa."
DRAFT_DAYS = timedelta(days=14)  # an unfinished request is deleted when nobody has touched it so long


class Incomplete(BadInput):
    """A draft lacks an answer that the form requires; ``step`` is the page to go to."""

    code = "incomplete"

    def __init__(self, message: str, *, step: str) -> None:
        self.step = step
        super().__init__(message)


class NotYours(DomainError):
    code = "not_yours"
    status = 404


class KeyReused(DomainError):
    """The same idempotency key came with other content."""

    code = "key_reused"
    status = 409


@transaction.atomic
def load_forms() -> list[str]:
    """This will load the forms that come with the portal; a version that is there stays as it is."""
    about_you = json.loads((FORMS / "_about_you.json").read_text())["steps"]
    loaded = []
    for path in sorted(FORMS.glob("[!_]*.json")):
        data = json.loads(path.read_text())
        data["steps"] += about_you
        row, _ = publish_form(data=data, position=data.get("position", 0))
        loaded.append(str(row))
    return loaded


@transaction.atomic
def publish_form(*, data: Mapping[str, Any], position: int = 0) -> tuple[FormDefinition, bool]:
    """This will check a form definition and make it the active version of its code.

    :raises BadForm: when the definition is wrong; the active version stays.
    """
    form = rules.parse(data)
    found = FormDefinition.objects.filter(code=form.code, version=form.version).first()
    if found is not None:
        return found, False
    FormDefinition.objects.filter(code=form.code, is_active=True).update(is_active=False)
    row = FormDefinition.objects.create(
        code=form.code, version=form.version, position=position, data=dict(data)
    )
    audit.record(action="intake.form_published", actor=None, subject=row)
    return row, True


@transaction.atomic
def start_draft(*, form: FormDefinition, requester: User | None = None) -> RecordsRequest:
    """This will make the draft row in which every later answer is kept."""
    draft = RecordsRequest.objects.create(
        agency=the_agency(), form_code=form.code, form_version=form.version, requester=requester
    )
    audit.record(action="intake.draft_started", actor=requester, subject=draft, request_key=draft.key)
    return draft


def keep_for(*, draft: RecordsRequest, requester: User) -> None:
    """This will tie a draft nobody owns to the person who has just proved to be its writer, so that she
    finds it again after her session has ended."""
    free = RecordsRequest.objects.filter(pk=draft.pk, requester=None, status=Status.DRAFT)
    if free.update(requester=requester):
        draft.requester = requester


@transaction.atomic
def delete_stale_drafts(*, at: datetime) -> int:
    """This will delete what was begun and left alone for ``DRAFT_DAYS``; a filed request is never touched."""
    stale = RecordsRequest.objects.filter(status=Status.DRAFT, updated_at__lt=at - DRAFT_DAYS)
    found = stale.count()
    if found:
        stale.delete()
        audit.record(
            action="intake.drafts_deleted", actor=None, subject=the_agency(), detail={"drafts": found}
        )
    return found


@transaction.atomic
def save_step(*, draft: RecordsRequest, answers: Mapping[str, Any], step: str) -> None:
    """This will keep one page's answers in the draft. :raises BadInput: when it is filed already."""
    row = RecordsRequest.objects.select_for_update().get(pk=draft.pk)
    if row.status != Status.DRAFT:
        raise BadInput(f"This request is filed already, as {row.number}. Send a message to change it.")
    row.answers = {**row.answers, **answers}
    row.draft_step = step
    row.save(update_fields=["answers", "draft_step", "updated_at"])
    draft.answers, draft.draft_step = row.answers, row.draft_step


def form_of(request: RecordsRequest) -> rules.Form:
    """This will give the form version a request was written on."""
    row = FormDefinition.objects.get(code=request.form_code, version=request.form_version)
    return rules.parse(row.data)


def require_complete(draft: RecordsRequest) -> rules.Form:
    """:raises Incomplete: naming the first required answer that is missing and its page."""
    form = form_of(draft)
    for step in form.steps:
        for field in step.fields:
            if field.required and not draft.answers.get(field.name):
                raise Incomplete(f"“{field.label}” is not answered yet.", step=step.slug)
    return form


@transaction.atomic
def submit(*, draft: RecordsRequest, requester: User, at: datetime) -> RecordsRequest:
    """This will file a draft: number, items, clock, hold, preservation task and acknowledgement in one.

    Any number of submits of one draft make one request: the row's lock lets the first file it and the
    others find it filed.

    :raises Incomplete: when a required answer is missing. :raises NotYours: for somebody else's draft.
    """
    row = RecordsRequest.objects.select_for_update(of=("self",)).select_related("agency").get(pk=draft.pk)
    if row.requester_id not in (None, requester.pk):
        raise NotYours("There is no such draft.")
    if row.status != Status.DRAFT:
        return row
    if str(row.answers.get("email") or requester.email).lower() != requester.email.lower():
        raise NotYours("This draft was written for another e-mail address.")
    form = require_complete(row)
    pack = pack_in_use(row.agency)
    answers = row.answers
    docket.move(
        request=row, action="submit", actor=requester, at=at,
        changes={
            "number": docket.next_number(at=at, zone=row.agency.time_zone), "requester": requester,
            "received_at": at, "law_code": pack.code, "law_version": pack.version,
            "title": rules.fill(form.heading, form, answers)[:200],
            "record_type": record_type(answers), "relationship": answers.get("relationship", ""),
            "requester_category": answers.get("requester_category", ""),
            "fee_limit_cents": cents(answers["fee_limit"]) if answers.get("fee_limit") else None,
        },
    )  # fmt: skip
    _name(requester, str(answers.get("name", "")))
    starts_at, ends_at = rules.window(answers, row.agency.time_zone)
    docket.add_item(
        request=row, description=rules.fill(form.item, form, answers), place=str(answers.get("place", "")),
        starts_at=starts_at, ends_at=ends_at,
    )  # fmt: skip
    clock.record(request=row, type="received", actor=requester, at=at)
    custody.preserve(request=row, actor=requester, at=at)
    _acknowledge(row, at)
    draft.refresh_from_db()
    return draft


@transaction.atomic
def file_at_once(
    *, form: FormDefinition, answers: Mapping[str, str], requester: User, key: str, at: datetime
) -> tuple[RecordsRequest, bool]:
    """This will file a whole request for a program: (request, whether this call filed it).

    Filing again with one ``key`` gives the first request; a refusal keeps neither draft nor key.

    :raises KeyReused: when the key came before with other content.
    :raises Incomplete: when a required answer is missing.
    """
    content = json.dumps([form.code, form.version, dict(answers)], sort_keys=True)
    digest = hashlib.sha256(content.encode()).hexdigest()
    # a twin that comes at the same moment waits here until the first has filed or failed
    filing, created = FilingKey.objects.get_or_create(
        requester=requester, key=key, defaults={"digest": digest}
    )
    if not created:
        if filing.digest != digest:
            raise KeyReused("This Idempotency-Key was used for other content. Take a new one.")
        assert filing.request is not None  # noqa: S101  both are written in one transaction
        return filing.request, False
    draft = start_draft(form=form, requester=requester)
    save_step(draft=draft, answers=answers, step="")
    filing.request = submit(draft=draft, requester=requester, at=at)
    filing.save(update_fields=["request"])
    return filing.request, True


def record_type(answers: Mapping[str, Any]) -> str:
    """This will give the law's class of what is asked for, or an empty string when the requester left it."""
    kind = str(answers.get("record_type", ""))
    return "" if kind == "unknown" else kind


def _name(requester: User, name: str) -> None:
    if name and not requester.name:
        User.objects.filter(pk=requester.pk, name="").update(name=name[:150])
        requester.name = name[:150]


def _acknowledge(request: RecordsRequest, at: datetime) -> None:
    """A letter that lacks something the law wants said stops nobody from filing: a plain one goes out."""
    letter: dict[str, Any] = {
        "request": request, "signer": None, "at": at, "dedupe_key": f"acknowledgement:{request.pk}",
    }  # fmt: skip
    try:
        correspondence.send_letter(kind="acknowledgement", subject="", context={}, **letter)
    except correspondence.LetterIncomplete as lacking:
        audit.record(
            action="letter.incomplete", actor=None, subject=request, request_key=request.key,
            detail={"kind": "acknowledgement", "missing": [each.id for each in lacking.missing]},
        )  # fmt: skip
        correspondence.send_letter(
            kind="notice", subject=f"We have received your request {request.number}",
            context={"paragraphs": {"en": RECEIVED, "es": RECIBIDA}}, **letter,
        )  # fmt: skip
