"""Which appeals; what can be appealed, until when, and where else."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import F, QuerySet
from django.http import Http404

from portal.accounts.models import RoleGrant, User
from portal.accounts.rules import PERMISSIONS, Permission
from portal.audit import services as audit
from redaction.release import selectors as releases
from redaction.release.models import ReleaseItem, ReleaseManifest
from redaction.release.rules import ReleaseStatus
from requests_app.appeals.models import Appeal
from requests_app.appeals.rules import AppealStatus, FilingFacts
from requests_app.clock import selectors as clocks
from requests_app.docket.models import RecordsRequest
from requests_app.law.derivation import Derivation
from requests_app.law.selectors import pack_for


@dataclass(frozen=True)
class Route:
    """One way the law gives, and how its window stands. ``state``: running, closed, met or nothing."""

    route: str
    deadline: str
    citation: str
    to_agency: bool
    last_day: date | None = None
    state: str = ""

    @property
    def runs(self) -> bool:
        return self.state == "running"

    @property
    def ended(self) -> bool:
        return self.state == "closed"


@dataclass(frozen=True)
class Contestable:
    """One record of the release that was withheld, whole or in part."""

    item: ReleaseItem
    title: str
    whole: bool
    parts: list[dict[str, Any]]
    grounds: list[dict[str, str]]


def day_of(request: RecordsRequest, at: datetime) -> date:
    return at.astimezone(ZoneInfo(request.agency.time_zone)).date()


def get_visible(user: User, key: str) -> Appeal:
    """This will load an appeal the person may see; a stranger's key looks like one that does not exist.

    :raises Http404: for both, and audits the refusal where the appeal exists.
    """
    rows = Appeal.objects.select_related("request__agency", "request__requester", "appellant", "decider")
    found = rows.filter(key=key).first()
    if found is None:
        raise Http404("There is no such appeal.")
    if not Appeal.objects.visible_to(user).filter(pk=found.pk).exists():
        audit.record_denied(
            action="appeal.viewed",
            actor=user,
            subject=found,
            request_key=found.request.key,
            why="not_visible",
        )
        raise Http404("There is no such appeal.")
    return found


def queue(user: User, *, finished: bool) -> QuerySet[Appeal]:
    """This will list open appeals, those due first on top; or the finished ones, the newest first."""
    rows = Appeal.objects.visible_to(user).select_related("request", "appellant", "decider")
    if finished:
        return rows.exclude(pk__in=Appeal.objects.under_way()).order_by("-filed_at", "-pk")
    return rows.filter(pk__in=Appeal.objects.under_way()).order_by(
        F("due_on").asc(nulls_last=True), "filed_at", "pk"
    )


def of_request(request: RecordsRequest) -> list[Appeal]:
    """This will list a request's appeals, newest first."""
    rows = Appeal.objects.filter(request=request)
    return list(rows.select_related("request__agency").prefetch_related("items"))


def filing_facts(request: RecordsRequest) -> FilingFacts:
    """This will gather what decides whether an appeal can be filed now."""
    under_way = Appeal.objects.under_way().filter(request=request).first()
    decided = Appeal.objects.filter(request=request, status=AppealStatus.DECIDED)
    if request.closed_at is not None:
        decided = decided.filter(filed_at__gte=request.closed_at)
    newest = decided.first()
    return FilingFacts(
        status=request.status,
        disposition=request.disposition,
        under_way=under_way.number if under_way else "",
        decided=newest.number if newest else "",
    )


def routes(request: RecordsRequest, *, at: datetime) -> list[Route]:
    """This will list where the law lets the requester go, with the last day of each window that began."""
    running = {row.clock: row for row in clocks.derivations(request, on=day_of(request, at))}
    found = []
    for appeal in pack_for(request).appeals:
        derived = running.get(appeal.clock or "")
        found.append(
            Route(
                route=appeal.route,
                deadline=appeal.deadline,
                citation=appeal.citation or "",
                to_agency=appeal.to_agency,
                last_day=derived.due if derived else None,
                state=derived.state if derived else "",
            )
        )
    return found


def decision_clock(request: RecordsRequest, *, on: date) -> Derivation | None:
    """This will derive the day by which the law wants the agency's answer to an appeal, if it sets one."""
    rules = pack_for(request).clocks
    return next(
        (
            row
            for row in clocks.derivations(request, on=on)
            if any(source.event == "appeal_received" for source in rules[row.clock].sources)
        ),
        None,
    )


def contestable(request: RecordsRequest) -> list[Contestable]:
    """This will list what the newest standing release withholds, in the words its index was printed with."""
    manifest = releases.current(request)
    return _contestable(manifest) if manifest else []


def contested(appeal: Appeal) -> list[Contestable]:
    """This will list what an appeal is against; an appeal that names nothing is against all of it."""
    named = {item.pk for item in appeal.items.all()}
    manifest = (
        ReleaseManifest.objects.filter(items__in=named).first()
        if named
        else ReleaseManifest.objects.filter(
            request=appeal.request, status=ReleaseStatus.ISSUED, issued_at__lte=appeal.filed_at
        ).first()
    )
    if manifest is None:
        return []
    return [row for row in _contestable(manifest) if not named or row.item.pk in named]


def _contestable(manifest: ReleaseManifest) -> list[Contestable]:
    items = {item.record_id: item for item in manifest.items.exclude(record=None)}
    return [
        Contestable(
            item=items[entry["record"]],
            title=entry["title"],
            whole=not entry["path"],
            parts=entry["withholdings"],
            grounds=entry["grounds"],
        )
        for entry in manifest.facts["records"]
        if entry["withholdings"] and entry["record"] in items
    ]


def officers() -> list[User]:
    """This will list who may decide appeals, for the mail that says one has come."""
    roles = [role for role, held in PERMISSIONS.items() if Permission.DECIDE_APPEALS in held]
    granted = RoleGrant.objects.filter(role__in=roles).values("user")
    return list(User.objects.filter(pk__in=granted, is_active=True).order_by("pk"))
