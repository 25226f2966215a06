"""What the pages of letters and mail show."""

import difflib
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Count, Prefetch, QuerySet
from django.utils.functional import cached_property

from requests_app.correspondence import kinds, required, rules, templating
from requests_app.correspondence.fields import LANGUAGES
from requests_app.correspondence.kinds import KINDS, Kind
from requests_app.correspondence.models import (
    DeliveryEvent,
    LetterTemplate,
    MailState,
    MailTask,
    OutgoingMail,
    TemplateState,
)
from requests_app.correspondence.shipped import ANY, Words
from requests_app.docket.models import RecordsRequest
from requests_app.law import pack as packs
from requests_app.law.pack import LetterItem, Pack

TAGS = {
    MailState.WAITING: "waiting", MailState.SENT: "progress", MailState.DELAYED: "soon",
    MailState.ACCEPTED: "progress", MailState.DELIVERED: "done", MailState.BOUNCED: "overdue",
    MailState.COMPLAINED: "overdue", MailState.FAILED: "overdue",
}  # fmt: skip


@dataclass(frozen=True)
class Slot:
    """One kind of letter for one law in one language: what is in use and what it lacks."""

    kind: Kind
    law: str
    language: str
    words: Words
    newest: LetterTemplate | None
    drafts: int
    lacking: tuple[LetterItem, ...]

    @property
    def in_use(self) -> str:
        if self.newest is None:
            return "The words that come with the portal"
        return f"Version {self.newest.version}"

    @property
    def language_name(self) -> str:
        return LANGUAGES[self.language]

    @property
    def law_name(self) -> str:
        return "Any law" if self.law == ANY else self.law


def laws() -> list[str]:
    """This will list the laws letters can be written for, any law first."""
    return [ANY, *(code for code in packs.shipped_ids() if code != ANY)]


def slots(law: str) -> list[Slot]:
    """This will list each kind in each language, for one law and, where it has no words, for any law."""
    pack = templating.pack_of(law)
    kept = templating.shelf(law)
    drafts = LetterTemplate.objects.filter(law__in={law, ANY}, state=TemplateState.DRAFT).order_by()
    waiting = {
        (row["kind"], row["law"], row["language"]): row["drafts"]
        for row in drafts.values("kind", "law", "language").annotate(drafts=Count("pk"))
    }
    found = []
    for kind in KINDS.values():
        items = required.items_of(pack, kind.code)
        if not items and kind.code not in packs.shipped(ANY).letters and kind.code not in _PLAIN:
            continue  # a letter that this law does not know
        for language in LANGUAGES:
            choice = templating.choose(kind, law, language, items, kept)
            found.append(
                Slot(
                    kind, choice.law, language, choice.words,
                    choice.row if choice.row and choice.row.origin == "agency" else None,
                    waiting.get((kind.code, choice.law, language), 0),
                    tuple(required.unplaced(kind, items, choice.words.body)),
                )
            )  # fmt: skip
    return found


_PLAIN = {"notice", "invoice", "receipt"}


def versions(kind: Kind, law: str, language: str) -> QuerySet[LetterTemplate]:
    """This will list every version of a slot, newest first."""
    rows = LetterTemplate.objects.filter(kind=kind.code, law=law, language=language)
    return rows.select_related("author", "published_by").annotate(sent=Count("letters")).order_by("-version")


def beginning(kind: Kind, law: str, language: str) -> Words:
    """This will give the words a new version begins with: the newest of the slot, else ours."""
    newest = versions(kind, law, language).first()
    if newest is not None:
        return Words(newest.subject, newest.body)
    pack = templating.pack_of(law)
    items = required.items_of(pack, kind.code)
    return templating.choose(kind, law, language, items).words


def items_of(kind: Kind, law: str) -> tuple[LetterItem, ...]:
    pack: Pack = templating.pack_of(law)
    return required.items_of(pack, kind.code)


@dataclass(frozen=True)
class ChangedLine:
    """A line of a comparison: ``kind`` is same, added or removed."""

    kind: str
    text: str


def changes(before: Words | None, after: Words) -> list[ChangedLine]:
    """This will compare two versions line by line."""
    old = [f"Subject: {before.subject}", *before.body.splitlines()] if before else []
    new = [f"Subject: {after.subject}", *after.body.splitlines()]
    named = {" ": "same", "+": "added", "-": "removed"}
    return [ChangedLine(named[line[0]], line[2:]) for line in difflib.ndiff(old, new) if line[0] in named]


def before(template: LetterTemplate) -> Words | None:
    """This will give the version before one, if there is any."""
    rows = LetterTemplate.objects.filter(
        kind=template.kind, law=template.law, language=template.language, version__lt=template.version
    )
    row = rows.order_by("-version").first()
    return Words(row.subject, row.body) if row else None


@dataclass(frozen=True)
class MailRow:
    """One mail with what was heard about it last, and the task it left."""

    mail: OutgoingMail
    events: Sequence[DeliveryEvent]
    task: MailTask | None

    @property
    def words(self) -> str:
        return MailState(self.mail.state).label.capitalize()

    @property
    def tag(self) -> str:
        return TAGS[MailState(self.mail.state)]

    @cached_property
    def said(self) -> str:
        """What the other side said last, where it said something."""
        return next((f"{e.code} {e.detail}".strip() for e in reversed(self.events) if e.code or e.detail), "")

    @property
    def may_retry(self) -> bool:
        return self.mail.state == MailState.FAILED


def mails(*, state: str = "", text: str = "") -> QuerySet[OutgoingMail]:
    """This will list mails newest first. ``text`` is part of an address or a request's number."""
    rows = OutgoingMail.objects.select_related("request", "letter").order_by("-pk")
    if state in MailState.values:
        rows = rows.filter(state=state)
    elif state == "trouble":
        rows = rows.filter(state__in=rules.TROUBLE)
    if text:
        rows = rows.filter(request__number=text) if text[:2].isdigit() else rows.filter(to__icontains=text)
    return rows


def whole(found: QuerySet[OutgoingMail]) -> QuerySet[OutgoingMail]:
    """This will bring each mail's events and open tasks along, in two queries more."""
    tasks = Prefetch("tasks", queryset=MailTask.objects.filter(resolved_at=None))
    return found.defer("text", "html").prefetch_related("events", tasks)


def mail_rows(found: Sequence[OutgoingMail]) -> list[MailRow]:
    """This will join mails of :func:`whole` with what was heard about each."""
    return [MailRow(mail, list(mail.events.all()), next(iter(mail.tasks.all()), None)) for mail in found]


def counts(rows: QuerySet[OutgoingMail]) -> dict[str, int]:
    """This will count mails by state."""
    counted = rows.order_by().values_list("state").annotate(count=Count("pk"))
    return {state.value: dict(counted).get(state.value, 0) for state in MailState}


def open_tasks(request: RecordsRequest) -> QuerySet[MailTask]:
    """This will list the mails of a request that somebody has to make good."""
    return request.mail_tasks.filter(resolved_at=None).select_related("mail__letter")


def kinds_by_hand(request: RecordsRequest, pack: Pack) -> list[Kind]:
    """This will list the letters staff may write on a request: those its law knows, and the plain one."""
    return [
        kind for kind in kinds.KINDS.values()
        if kind.by_hand and (kind.code in _PLAIN or pack.letters.get(kind.code))
    ]  # fmt: skip
