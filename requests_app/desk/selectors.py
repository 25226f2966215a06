"""The staff's queue, and the facts behind a request's task list."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet
from django.utils import timezone

from portal.accounts.models import User
from portal.accounts.rules import PERMISSIONS, Permission
from redaction.plans import selectors as plans
from redaction.release.models import ReleaseManifest
from requests_app.correspondence.models import MailTask
from requests_app.custody.selectors import open_tasks, pressing_tasks
from requests_app.desk import wording
from requests_app.desk.rules import WorkFacts
from requests_app.docket import recusals
from requests_app.docket.models import RecordsRequest, RequestQuerySet
from requests_app.docket.rules import OPEN, Status
from requests_app.fees import selectors as fees
from requests_app.intake.models import FormDefinition
from requests_app.law.models import Agency

SOON = timedelta(days=3)


@dataclass(frozen=True)
class QueueFilter:
    """What the queue shows; read from the address, so that a view can be shared and kept."""

    tab: str = "open"
    form: str = ""
    status: str = ""
    text: str = ""
    assignee: int | None = None

    @classmethod
    def read(cls, sent: Mapping[str, str]) -> "QueueFilter":
        """This will read a filter from an address; what it does not know is left out."""
        tab, status, assignee = sent.get("tab", ""), sent.get("status", ""), sent.get("assignee", "")
        return cls(
            tab=tab if tab in wording.TABS else "open",
            form=sent.get("form", "")[:32].replace("\0", ""),
            status=status if status in wording.STATUSES else "",
            text=sent.get("q", "").replace("\0", "").strip()[:100],
            assignee=int(assignee)
            if assignee.isascii() and assignee.isdigit() and len(assignee) < 18
            else None,
        )

    def values(self) -> dict[str, str]:
        """This will give the address's parts; empty ones stay empty."""
        return {
            "tab": self.tab,
            "q": self.text,
            "form": self.form,
            "status": self.status,
            "assignee": "" if self.assignee is None else str(self.assignee),
        }

    def address(self) -> str:
        return "?" + urlencode({name: value for name, value in self.values().items() if value})

    @property
    def narrows(self) -> bool:
        """Whether anything but the tab is chosen."""
        return any(value for name, value in self.values().items() if name != "tab")


@dataclass(frozen=True)
class QueueRow:
    """One line of the queue with its words and tags."""

    request: RecordsRequest
    kind: str
    status: str
    status_tag: str
    how_late: str
    late_tag: str
    outcome: str
    lapsed: bool

    @classmethod
    def of(cls, request: RecordsRequest, kinds: Mapping[str, str], today: date) -> "QueueRow":
        late = lateness(request, today)
        pending = getattr(request, "pending_lapse", None)  # Django raises where there is none
        words, tag = wording.STATUSES[request.status]
        return cls(
            request=request,
            kind=kinds.get(request.form_code, request.form_code),
            status=words,
            status_tag=tag,
            how_late=wording.how_late(late, request.due_on, today),
            late_tag=wording.LATENESS_TAGS[late],
            outcome=wording.DISPOSITIONS.get(request.disposition, ""),
            lapsed=request.is_open and pending is not None and pending.on < today,
        )


def queue(*, user: User, chosen: QueueFilter, today: date) -> QuerySet[RecordsRequest]:
    """This will list requests due first; those whose clock stands still come after those that run."""
    rows = _tab(RecordsRequest.objects.visible_to(user), chosen.tab, user, today)
    if chosen.form:
        rows = rows.filter(form_code=chosen.form)
    if chosen.status:
        rows = rows.filter(status=chosen.status)
    if chosen.assignee is not None:
        rows = rows.filter(assignee_id=chosen.assignee)
    if chosen.text:
        rows = rows.filter(Q(number__icontains=chosen.text) | Q(title__icontains=chosen.text))
    order = ("-closed_at",) if chosen.tab == "closed" else (F("due_on").asc(nulls_last=True), "received_at")
    failed = MailTask.objects.filter(request=OuterRef("pk"), resolved_at=None)
    unkept = pressing_tasks(today).filter(request=OuterRef("pk"))
    rows = rows.annotate(mail_failed=Exists(failed), unkept=Exists(unkept))
    return rows.select_related("agency", "assignee", "requester", "pending_lapse").order_by(*order, "pk")


def _tab(rows: RequestQuerySet, tab: str, user: User, today: date) -> RequestQuerySet:
    if tab == "closed":
        return rows.filter(status=Status.CLOSED)
    rows = rows.filter(status__in=OPEN)
    if tab == "mine":
        return rows.filter(assignee=user)
    if tab == "unclaimed":
        return rows.filter(assignee=None)
    if tab == "overdue":
        return rows.filter(due_on__lt=today)
    if tab == "lapsed":
        return rows.filter(pending_lapse__on__lt=today)
    return rows


def today() -> date:
    """This will give the agency's day: lateness is judged where the agency is, not where the server is."""
    agency = Agency.objects.order_by("pk").first()
    return timezone.localdate(timezone=ZoneInfo(agency.time_zone)) if agency else timezone.localdate()


def zone_of(request: RecordsRequest) -> ZoneInfo:
    return ZoneInfo(request.agency.time_zone)


def kinds() -> dict[str, str]:
    """This will name the guided forms by code, the active version's title first."""
    rows = FormDefinition.objects.order_by("is_active", "position", "version")
    named = {row.code: str(row.data.get("title", row.code)) for row in rows}
    active = [row.code for row in rows if row.is_active]
    return {code: named[code] for code in [*active, *(code for code in named if code not in active)]}


def counts(user: User, today: date) -> dict[str, int]:
    """This will count the rows behind each tab in one query."""
    opened = Q(status__in=OPEN)
    return RecordsRequest.objects.visible_to(user).aggregate(
        mine=Count("pk", filter=opened & Q(assignee=user)),
        unclaimed=Count("pk", filter=opened & Q(assignee=None)),
        open=Count("pk", filter=opened),
        overdue=Count("pk", filter=opened & Q(due_on__lt=today)),
        lapsed=Count("pk", filter=opened & Q(pending_lapse__on__lt=today)),
        closed=Count("pk", filter=Q(status=Status.CLOSED)),
    )


def lateness(request: RecordsRequest, today: date) -> str:
    """This will say in one word how a request stands; computed, never stored."""
    if not request.is_open:
        return "closed"
    if request.due_on is None:
        return "stopped"
    if request.due_on < today:
        return "overdue"
    return "soon" if request.due_on <= today + SOON else "on_time"


def work_facts(request: RecordsRequest) -> WorkFacts:
    """This will gather what the task list is derived from."""
    reviews = plans.facts(request)
    summary = fees.summary(request)
    newest = ReleaseManifest.objects.filter(request=request).order_by("-number").first()
    return WorkFacts(
        status=request.status, records=reviews.records, undecided=reviews.undecided,
        to_approve=reviews.waiting_for_approval, fee_state=summary.state,
        fee_blocks=fees.blocks_release(request), release_state=newest.status if newest else "",
        preservation_open=open_tasks(request).count(),
    )  # fmt: skip


def colleagues(request: RecordsRequest | None = None) -> QuerySet[User]:
    """This will list the people a request can be handed to; those recused from it cannot."""
    workers = [role for role, carried in PERMISSIONS.items() if Permission.WORK_REQUESTS in carried]
    found = User.objects.filter(is_active=True, grants__role__in=workers).distinct().order_by("name")
    return found if request is None else found.exclude(pk__in=recusals.barred_people(request))
