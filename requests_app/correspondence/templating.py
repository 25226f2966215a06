"""The words of letters as data: which version is in use, new versions, publishing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import Max

from portal.accounts import policies
from portal.accounts.models import User
from portal.accounts.rules import Permission
from portal.audit import services as audit
from portal.core.errors import BadInput, IllegalMove
from requests_app.correspondence import characters, kinds, markup, required, shipped
from requests_app.correspondence.fields import LANGUAGES
from requests_app.correspondence.kinds import Kind
from requests_app.correspondence.models import LetterTemplate, Origin, TemplateState
from requests_app.correspondence.shipped import ANY, Words
from requests_app.law import pack as packs
from requests_app.law import selectors as law
from requests_app.law.models import LawPack
from requests_app.law.pack import LetterItem, Pack

_REFUSAL = "Your role does not include the words of letters."

IN_SUBJECT = frozenset(
    {"number", "subject", "agency_name", "appeal_number", "invoice_number", "receipt_number", "version"}
)
"""Fields a subject may hold: it goes out in an e-mail, which says nothing about what was asked for."""


class TemplateRefused(BadInput):
    """The words cannot be a template; every fault has its line."""

    code = "template_refused"


@dataclass(frozen=True)
class Choice:
    """The words a letter is written with; ``row`` is empty while words of ours were never used."""

    kind: Kind
    law: str
    language: str
    words: Words
    row: LetterTemplate | None
    wanted_law: str
    wanted_language: str

    @property
    def origin(self) -> Origin:
        return Origin(self.row.origin) if self.row else Origin.SHIPPED

    @property
    def said(self) -> str:
        """One sentence for the page: whose words these are, and what they stand in for."""
        whose = f"version {self.row.version}" if self.row else "the words that come with the portal"
        laws = "any law" if self.law == ANY else f"the law {self.law}"
        sentence = f"{LANGUAGES.get(self.language, self.language)}, for {laws}: {whose}."
        if self.language != self.wanted_language:
            named = LANGUAGES.get(self.wanted_language, self.wanted_language)
            sentence += f" There is no letter of this kind in {named}."
        return sentence


Slot = tuple[str, str, str]  # kind, law, language


@dataclass(frozen=True)
class Shelf:
    """The versions letters may be written with: of each slot the newest published one, and ours by digest."""

    published: Mapping[Slot, LetterTemplate]
    shipped: Mapping[tuple[Slot, str], LetterTemplate]


def shelf(law_code: str, *, language: str = "", kind: Kind | None = None) -> Shelf:
    """This will load the versions for a law and for any law: of all kinds and languages, or of those named.

    With a language those in English come along, which stand in for it.
    """
    rows = LetterTemplate.objects.filter(law__in={law_code, ANY}, state=TemplateState.PUBLISHED)
    if language:
        rows = rows.filter(language__in={language, "en"})
    if kind is not None:
        rows = rows.filter(kind=kind.code)
    slot = ("kind", "law", "language")
    newest = rows.order_by(*slot, "-version").distinct(*slot)
    shipped_rows = rows.filter(origin=Origin.SHIPPED).order_by("version")
    return Shelf(
        {(row.kind, row.law, row.language): row for row in newest},
        {((row.kind, row.law, row.language), row.digest): row for row in shipped_rows},
    )


def choose(
    kind: Kind, law_code: str, language: str, items: Sequence[LetterItem], kept: Shelf | None = None
) -> Choice:
    """This will choose the words: law and language, else any law, else the law in English, else any.

    ``kept`` is the shelf of that law, for a caller who chooses many.
    """
    kept = kept or shelf(law_code, language=language, kind=kind)
    for each_language in dict.fromkeys((language, "en")):
        for each_law in dict.fromkeys((law_code, ANY)):
            if (found := _in_slot(kind, each_law, each_language, items, kept)) is not None:
                words, row = found
                return Choice(kind, each_law, each_language, words, row, law_code, language)
    raise AssertionError("English words for any law come with the portal")


def _in_slot(
    kind: Kind, law_code: str, language: str, items: Sequence[LetterItem], kept: Shelf
) -> tuple[Words, LetterTemplate | None] | None:
    slot = (kind.code, law_code, language)
    newest = kept.published.get(slot)
    if newest is not None and newest.origin == Origin.AGENCY:
        return Words(newest.subject, newest.body), newest
    words = ours(kind, law_code, language, items)
    if words is None:
        return None
    return words, kept.shipped.get((slot, words.digest))


def ours(kind: Kind, law_code: str, language: str, items: Sequence[LetterItem]) -> Words | None:
    """This will give the words that come with the portal for a law and language, if there are any."""
    if language not in LANGUAGES:
        return None
    if law_code == ANY:
        return shipped.base(kind.code, language)
    return shipped.for_law(kind.code, language, items)


def keep(choice: Choice, *, at: datetime) -> LetterTemplate:
    """This will give the row of the words chosen; words of ours become a version when they are first used.

    All letters of the kind share that row: the chain's lock comes before it, as before all that is shared.
    """
    if choice.row is not None:
        return choice.row
    audit.hold_chain()
    slot = {"kind": choice.kind.code, "law": choice.law, "language": choice.language}
    same = LetterTemplate.objects.filter(**slot, origin=Origin.SHIPPED, digest=choice.words.digest)
    if (kept := same.first()) is not None:
        return kept
    try:
        with transaction.atomic():
            return LetterTemplate.objects.create(
                **slot, version=_next(slot), subject=choice.words.subject, body=choice.words.body,
                digest=choice.words.digest, origin=Origin.SHIPPED, state=TemplateState.PUBLISHED,
                created_at=at, published_at=at,
            )  # fmt: skip
    except IntegrityError:  # a letter of the same kind, or a draft of the slot, came at this moment
        return same.first() or keep(choice, at=at)


def pack_of(law_code: str) -> Pack:
    """This will give the law's pack as letters to come will use it. :raises BadInput: for no law of ours."""
    if law_code != ANY:
        agency = law.agency()
        if agency.law == law_code:
            return law.parsed(law.pack_in_use(agency))
        if row := LawPack.objects.filter(code=law_code).order_by("-effective_from", "-pk").first():
            return law.parsed(row)
    if law_code not in packs.shipped_ids():
        raise BadInput(f"There is no law “{law_code[:8]}” here.")
    return packs.shipped(law_code)


def faults(kind: Kind, subject: str, body: str) -> list[str]:
    """This will list in sentences what keeps words from being a template, each with its line."""
    known = {name: field.label for name, field in kind.fields.items()}
    found = [f"Subject: {fault.sentence}" for fault in markup.faults(subject, known)]
    if not subject.strip() or "\n" in subject.strip() or len(subject) > 150:
        found.append("Subject: one line of at most 150 characters is needed.")
    inside = [match[1] for match in markup.TOKEN.finditer(subject)]
    found += [
        f"Subject: “{name}” may not stand there: the subject goes out by e-mail. Allowed:"
        f" {', '.join(sorted(IN_SUBJECT & known.keys()))}."
        for name in inside
        if name in known and name not in IN_SUBJECT
    ]
    if not body.strip():
        found.append("Line 1: the letter has no words yet.")
    return found + [str(fault) for fault in markup.faults(body, known)]


@transaction.atomic
def save_version(
    *,
    kind: Kind,
    law_code: str,
    language: str,
    subject: str,
    body: str,
    note: str,
    author: User,
    at: datetime,
) -> LetterTemplate:
    """This will save words as a new draft; no version is ever changed.

    :raises TemplateRefused: naming each unknown field and unclosed brace with its line.
    """
    policies.require(author, Permission.EDIT_LETTERS, _REFUSAL)
    pack_of(law_code)
    if language not in LANGUAGES:
        raise BadInput(f"Letters are written in {' and '.join(LANGUAGES.values())}.")
    subject, body = subject.strip(), characters.straight(body).strip() + "\n"
    if found := faults(kind, subject, body):
        raise TemplateRefused("Nothing was saved. " + " ".join(found))
    if name := characters.unseen(note):
        raise BadInput(f"The note holds an unseen character ({name}).")
    slot = {"kind": kind.code, "law": law_code, "language": language}
    try:
        with transaction.atomic():
            row = LetterTemplate.objects.create(
                **slot, version=_next(slot), subject=subject, body=body, digest=Words(subject, body).digest,
                author=author, note=note.strip()[:300], created_at=at,
            )  # fmt: skip
    except IntegrityError:
        raise IllegalMove("Somebody saved a version at this moment. Look at it, then save yours.") from None
    audit.record(action="template.saved", actor=author, subject=row, detail={**slot, "version": row.version})
    return row


@transaction.atomic
def publish(*, template: LetterTemplate, actor: User, at: datetime) -> None:
    """This will put a version in use for every letter to come.

    :raises LetterIncomplete: when it has no place for something the law wants said.
    :raises IllegalMove: when it is published already.
    """
    policies.require(actor, Permission.EDIT_LETTERS, _REFUSAL)
    kind = kinds.of(template.kind)
    row = LetterTemplate.objects.select_for_update().get(pk=template.pk)
    if row.state == TemplateState.PUBLISHED:
        raise IllegalMove("This version is published already.")
    without = required.unplaced(kind, required.items_of(pack_of(row.law), row.kind), row.body)
    if without:
        where = "Add a field that says it, or a block [[says {}]] … [[end]]."
        lacking = [required.Missing(i.id, i.item, i.citation, where.format(i.id)) for i in without]
        raise required.LetterIncomplete(lacking, "The version was not published.")
    row.state, row.published_by, row.published_at = TemplateState.PUBLISHED, actor, at
    row.save(update_fields=["state", "published_by", "published_at"])
    audit.record(
        action="template.published", actor=actor, subject=row,
        detail={"kind": row.kind, "law": row.law, "language": row.language, "version": row.version},
    )  # fmt: skip


def _next(slot: dict[str, str]) -> int:
    last: int | None = LetterTemplate.objects.filter(**slot).aggregate(last=Max("version"))["last"]
    return (last or 0) + 1
