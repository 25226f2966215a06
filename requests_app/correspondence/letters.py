"""A letter from its template to the row that is kept for ever: drafted, checked, stored, sent again."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction
from django.template.loader import render_to_string
from django.utils.safestring import mark_safe

from portal.accounts.models import User
from portal.audit import services as audit
from portal.core import jobs
from portal.core.errors import BadInput, IllegalMove
from portal.core.models import Queue
from requests_app.correspondence import facts, fields, kinds, mailing, markup, required, shipped, templating
from requests_app.correspondence.fields import Field, Type
from requests_app.correspondence.kinds import Kind, Recipient
from requests_app.correspondence.markup import Filled, Printed
from requests_app.correspondence.models import Letter
from requests_app.correspondence.required import LetterIncomplete, Missing, Requirement
from requests_app.correspondence.shipped import Words
from requests_app.correspondence.templating import Choice
from requests_app.docket.models import RecordsRequest
from requests_app.law.pack import LetterItem, Pack
from requests_app.law.selectors import pack_for

PDF = "correspondence.letter"
_ALSO = {"en": "What the law also asks us to say", "es": "Lo que la ley también nos pide decir"}


@dataclass(frozen=True)
class Draft:
    """A letter as it would be sent now, with what it lacks."""

    kind: Kind
    choice: Choice
    language: str
    subject: str
    body: str
    html: str
    missing: tuple[Missing, ...]
    checklist: tuple[Requirement, ...]
    digest: str


def check(
    kind: str, law: Pack, language: str, context: Mapping[str, Any], also: Mapping[str, str] | None = None
) -> list[Missing]:
    """This will list what a letter with these values of its fields would lack under a law."""
    found = kinds.of(kind)
    items = required.items_of(law, found.code)
    choice = templating.choose(found, law.id, language, items)
    printed = _print(choice, fields.filled(found.fields, context, choice.language))
    return required.missing(found, items, choice.words.body, printed, _given(also))


def draft(
    *,
    request: RecordsRequest,
    kind: str,
    context: Mapping[str, Any],
    signer: User | None,
    at: datetime,
    subject: str = "",
    language: str = "",
    words: Words | None = None,
) -> Draft:
    """This will write a letter without keeping it. ``words`` tries a template that is not in use.

    ``context`` may hold ``also``: words for items of the law that the template has no place for.

    :raises UnknownKind: when there is no such letter.
    :raises BadInput: when a value does not fit its field.
    """
    found, pack = kinds.of(kind), pack_for(request)
    items = required.items_of(pack, found.code)
    wanted = language or facts.language_of(request)
    choice = templating.choose(found, pack.id, wanted, items)
    if words is not None:
        choice = Choice(found, choice.law, wanted, words, None, pack.id, wanted)
    held = facts.values(
        request=request, kind=found, context=context, signer=signer, at=at, subject=subject,
        language=choice.language,
    )  # fmt: skip
    also = {item: text for item, text in context.get("also", {}).items() if text.strip()}
    values = fields.filled(found.fields, held, choice.language)
    printed = _print(choice, values)
    printed.html += _additions(items, also, choice.language)
    head = " ".join(markup.merge(choice.words.subject, values, Printed()).split())
    head = _unescaped(head)[:200] or found.label
    return Draft(
        kind=found,
        choice=choice,
        language=choice.language,
        subject=head,
        body=printed.html,
        html=_page(request, found, choice.language, head, printed.html, held, at),
        missing=tuple(required.missing(found, items, choice.words.body, printed, _given(also))),
        checklist=tuple(required.checklist(found, items, choice.words.body, printed, _given(also))),
        digest=facts.digest({**held, "also": also, "template": choice.words.digest}),
    )


@transaction.atomic
def send(
    *,
    request: RecordsRequest,
    kind: str,
    subject: str,
    context: Mapping[str, Any],
    signer: User | None,
    at: datetime,
    dedupe_key: str,
    language: str = "",
) -> Letter:
    """This will store a letter as sent, have its tagged PDF made, and mail the requester a link to it.

    Sending twice with one ``dedupe_key`` gives the first letter again.

    :raises LetterIncomplete: naming each thing the law wants said that the letter does not say.
    """
    if (before := Letter.objects.filter(dedupe_key=dedupe_key).first()) is not None:
        return before
    written = draft(
        request=request, kind=kind, context=context, signer=signer, at=at, subject=subject, language=language
    )
    if written.missing:
        raise LetterIncomplete(written.missing)
    letter, created = Letter.objects.get_or_create(
        dedupe_key=dedupe_key,
        defaults={
            "request": request,
            "kind": written.kind.code,
            "recipient": written.kind.recipient,
            "subject": written.subject,
            "language": written.language,
            "html": written.html,
            "body": written.body,
            "html_sha256": hashlib.sha256(written.html.encode()).hexdigest(),
            "template": templating.keep(written.choice, at=at),
            "context_digest": written.digest,
            "signer": signer,
            "sent_at": at,
        },
    )
    if not created:
        return letter
    jobs.enqueue(kind=PDF, dedupe_key=f"letter:{letter.pk}", queue=Queue.BUILD, payload={"letter": letter.pk})
    audit.record(
        action="letter.sent" if written.kind.requester_sees else "letter.sent_elsewhere",
        actor=signer, subject=letter, request_key=request.key,
        detail={"kind": letter.kind, "template": letter.template_id, "sha256": letter.html_sha256},
    )  # fmt: skip
    if written.kind.requester_sees:
        _mail(letter, f"letter:{letter.pk}")
    return letter


@transaction.atomic
def send_again(*, letter: Letter, actor: User, at: datetime) -> None:
    """This will mail the link to a stored letter once more, to the requester's address of today.

    :raises IllegalMove: for a letter that goes to somebody else, or while its last mail still waits.
    """
    if letter.recipient == Recipient.THIRD_PARTY:
        raise IllegalMove("This letter is not for the requester. Print it and send it by post.")
    mails = letter.mails.select_for_update().order_by("-pk")
    if any(mail.state == "waiting" for mail in mails):
        raise IllegalMove("The mail of this letter has not left yet. Wait until it has.")
    _mail(letter, f"letter:{letter.pk}:again:{len(mails)}")
    audit.record(
        action="letter.sent_again", actor=actor, subject=letter, request_key=letter.request.key,
        detail={"kind": letter.kind, "time": len(mails) + 1},
    )  # fmt: skip


def law_sentences(
    *, request: RecordsRequest, codes: Sequence[str], language: str, values: Mapping[str, Any], at: datetime
) -> list[dict[str, str]]:
    """This will print what a law's own sentences say in letters of these kinds: ``item`` and ``html`` each.

    For a decision printed from frozen facts. The agency's words for a letter win over those that come with
    the portal; a sentence with an empty field is left out.
    """
    pack = pack_for(request)
    found: dict[str, str] = {}
    for code in codes:
        items = required.items_of(pack, code)
        kind = kinds.of(code if code in kinds.KINDS else "denial")
        if code in kinds.KINDS:
            body = templating.choose(kind, pack.id, language, items).words.body
        else:
            body = "\n".join(shipped.part_of(code, language, item.id) for item in items)
        held = facts.values(
            request=request, kind=kind, context=values, signer=None, at=at, subject="", language=language
        )
        said = markup.sayings(body, fields.filled(kind.fields, held, language))
        found |= {item.id: said[item.id] for item in items if item.id in said}
    return [{"item": item, "html": html} for item, html in found.items()]


def sample(kind: Kind, words: Words, language: str) -> tuple[str, str]:
    """This will print words with made-up values: (subject, body)."""
    held = {name: field.sample for name, field in kind.fields.items()}
    values = fields.filled(kind.fields, held, language)
    head = _unescaped(markup.merge(words.subject, values, Printed()))
    return head, markup.show(words.body, values).html


def _mail(letter: Letter, dedupe_key: str) -> None:
    request = letter.request
    assert request.requester is not None  # noqa: S101  a filed request has one
    mailing.queue_mail(
        to=request.requester.email,
        template="letter",
        context={**mailing.links(request), "subject": letter.subject},
        request=request,
        letter=letter,
        language=letter.language,
        dedupe_key=dedupe_key,
    )


def _print(choice: Choice, values: Mapping[str, Filled]) -> Printed:
    return markup.show(choice.words.body, values)


def _given(also: Mapping[str, str] | None) -> list[str]:
    return [item for item, text in (also or {}).items() if text.strip()]


def _additions(items: Sequence[LetterItem], also: Mapping[str, str], language: str) -> str:
    """What the law wants said and the template has no place for, in the words somebody typed."""
    known = {item.id: item for item in items}
    if unknown := also.keys() - known.keys():
        raise BadInput(f"The law of this request asks nothing called “{min(unknown)[:60]}” of this letter.")
    blocks = []
    for name, text in also.items():
        each = Field(name, known[name].item, Type.TEXT)
        blocks.append(fields.show(each, fields.typed(each, text), language).block)
    return f"<h2>{_ALSO.get(language, _ALSO['en'])}</h2>{''.join(blocks)}" if blocks else ""


def _unescaped(text: str) -> str:
    for name, sign in (("&lt;", "<"), ("&gt;", ">"), ("<strong>", ""), ("</strong>", ""), ("&amp;", "&")):
        text = text.replace(name, sign)
    return text


def _page(
    request: RecordsRequest, kind: Kind, language: str, subject: str, body: str, held: Mapping[str, Any],
    at: datetime,
) -> str:  # fmt: skip
    """The whole page that is printed. ``body`` was escaped field by field when it was written."""
    named = {
        Recipient.REQUESTER: str(request.requester),
        Recipient.ATTORNEY_GENERAL: "Office of the Attorney General",
        Recipient.THIRD_PARTY: str(held.get("third_party") or ""),
    }
    return render_to_string(
        "letters/letter.html",
        {
            "agency": request.agency,
            "number": request.number,
            "subject": subject,
            "language": language,
            "recipient": named[kind.recipient],
            "day": fields.day(at.astimezone(ZoneInfo(request.agency.time_zone)).date(), language),
            "body": mark_safe(body),  # noqa: S308  see above
            "signer": {"name": held.get("decider_name"), "title": held.get("decider_title")},
        },
    )
