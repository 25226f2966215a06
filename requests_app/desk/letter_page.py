"""The page on which staff write one letter: its fields filled beforehand, its checklist, its preview."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.crypto import get_random_string
from django.utils.safestring import mark_safe

from portal.accounts.models import User
from portal.audit import services as audit
from portal.core.errors import BadInput, NotAllowed
from portal.core.money import dollars
from redaction.plans import selectors as plans
from redaction.release import telling
from requests_app.clock import selectors as clocks
from requests_app.correspondence import facts, fields, kinds, letters
from requests_app.correspondence.fields import LANGUAGES, Field, Type
from requests_app.correspondence.kinds import Kind
from requests_app.desk import deadlines, letter_words, wording
from requests_app.docket.models import RecordsRequest
from requests_app.fees import selectors as fees

PREFIX, ALSO = "f-", "also-"
"""What the names of the page's inputs begin with: merge fields, and words for items without a place."""


@dataclass(frozen=True)
class Blank:
    """One input of the page: a merge field somebody fills in."""

    field: Field
    value: str
    rows: int

    @property
    def id(self) -> str:
        return f"{PREFIX}{self.field.name}"


@dataclass(frozen=True)
class Typed:
    """What was sent with the form, read; ``faults`` lists what could not be."""

    context: dict[str, Any]
    texts: Mapping[str, str]
    subject: str
    language: str
    faults: tuple[str, ...] = ()


def kind_for(user: User, request: RecordsRequest, code: str) -> Kind:
    """This will give the kind, for somebody who may send it.

    :raises UnknownKind: when there is none, or the portal writes it itself.
    :raises NotAllowed: audited, for anybody else.
    """
    kind = kinds.of(code)
    if not kind.by_hand:
        raise kinds.UnknownKind(f"“{kind.label}” is written by the step it belongs to, not by hand.")
    if not user.may(kind.permission):
        audit.record_denied(
            action=f"letter.{kind.code}", actor=user, subject=request, request_key=request.key,
            why=NotAllowed.code,
        )  # fmt: skip
        raise NotAllowed(wording.MAY_NOT)
    return kind


def beforehand(request: RecordsRequest, kind: Kind, language: str, *, at: datetime) -> dict[str, Any]:
    """This will give what the request, its clock and its fee already say for a kind's own fields."""
    known: dict[str, Any] = {}
    lapse = min((row.due for row in clocks.lapses(request, at=at) if row.due), default=None)
    effect = letter_words.clock_effect(deadlines.question_effect(request, at=at))
    summary = fees.summary(request)
    known["clock_effect"] = effect.get(language, effect["en"])
    known["reply_by"] = known["lapse_day"] = lapse
    known["amount"] = summary.due_cents or None
    known["concerned"] = "\n\n".join(item.description for item in request.items.all())
    known["fee_receipt"] = dollars(summary.paid_cents) if summary.paid_cents else None
    return {name: value for name, value in known.items() if name in kind.own_fields and value is not None}


def read(request: RecordsRequest, kind: Kind, posted: Mapping[str, str]) -> Typed:
    """This will read the form; every fault is told at once. Words withheld from a record are one."""
    context: dict[str, Any] = {}
    texts: dict[str, str] = {}
    faults = []
    for each in _blanks(kind):
        texts[each.name] = posted.get(f"{PREFIX}{each.name}", "")
        try:
            value = fields.typed(each, texts[each.name])
        except BadInput as fault:
            faults.append(str(fault))
        else:
            context[each.name] = value
    also = {
        name.removeprefix(ALSO): text
        for name, text in posted.items()
        if name.startswith(ALSO) and text.strip()
    }
    if also:
        context["also"] = also
    language = posted.get("language", "")
    subject = " ".join(posted.get("subject", "").split())[:150]
    if position := told(request, [*texts.values(), *also.values(), subject]):
        faults.append(f"The letter says words that are withheld from record {position}. Say it without them.")
    if kind.code == "notice" and not subject:
        faults.append("Give the letter a subject.")
    return Typed(context, texts, subject, language if language in LANGUAGES else "", tuple(faults))


def page(
    *, request: RecordsRequest, kind: Kind, user: User, at: datetime, typed: Typed | None = None
) -> dict[str, Any]:
    """This will gather what the page shows: blanks, checklist, preview, whose words they are."""
    language = (typed.language if typed else "") or facts.language_of(request)
    start = beforehand(request, kind, language, at=at)
    context = typed.context if typed else start
    subject = typed.subject if typed else f"Your request {request.number}"
    shown = letters.draft(
        request=request, kind=kind.code, context=context, signer=user, at=at, subject=subject,
        language=language,
    )  # fmt: skip
    written = typed.texts if typed else {}
    return {
        "case": request,
        "kind": kind,
        "language": language,
        "languages": LANGUAGES.items(),
        "has_subject": kind.code == "notice",
        "subject": subject,
        "blanks": [
            Blank(
                each,
                written.get(each.name, "") if typed else fields.as_typed(each, start.get(each.name)),
                {Type.TEXT: 4, Type.LIST: 3}.get(each.type, 0),
            )
            for each in _blanks(kind)
        ],
        "also": [
            (row, context.get("also", {}).get(row.id, ""))
            for row in shown.checklist
            if "no place" in row.where or row.id in context.get("also", {})
        ],
        "faults": typed.faults if typed else (),
        "shown": shown,
        "missing": shown.missing,
        "body": mark_safe(shown.body),  # noqa: S308  escaped field by field by the letters
        "token": get_random_string(22),
        "tried": typed is not None,
    }


def told(request: RecordsRequest, texts: Sequence[str]) -> int:
    """The place of the first record whose withheld words stand in what was typed; 0 where there is none."""
    entries = [*plans.approved_renders(request), *plans.withheld_records(request)]
    hidden = telling.Withheld([entry.render for entry in entries])
    found = {render.pk for text in texts if (render := hidden.said_in(text)) is not None}
    return next((int(entry.record.position) for entry in entries if entry.render.pk in found), 0)


def require_silence(request: RecordsRequest, texts: Sequence[str]) -> None:
    """:raises BadInput: when one of the texts, which the requester reads, says what a record withholds."""
    if position := told(request, texts):
        raise BadInput(f"This says words that are withheld from record {position}. Say it without them.")


def _blanks(kind: Kind) -> list[Field]:
    return [each for each in kind.own_fields.values() if each.type.is_typed and not each.is_ours]
