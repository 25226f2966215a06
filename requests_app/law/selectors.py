"""Which agency, which pack, which exemptions: law as the rest of the portal reads it."""

from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from django.db.models import Q, QuerySet
from django.utils import timezone

from portal.core.errors import DomainError
from requests_app.law import closures
from requests_app.law import pack as packs
from requests_app.law.clock import calendar_of
from requests_app.law.event import Agency as OfficeHours
from requests_app.law.models import Agency, Exemption, LawPack, PackAdoption
from requests_app.law.pack import Pack
from requests_app.law.standing import RuleStanding as RuleStanding
from requests_app.law.standing import rule_standing as rule_standing
from requests_app.law.standing import standings as standings

if TYPE_CHECKING:
    from requests_app.docket.models import RecordsRequest


class NotSetUp(DomainError):
    """The portal has no agency or no law pack yet."""

    code = "not_set_up"
    status = 503


def agency() -> Agency:
    """This will give the agency this portal answers for. :raises NotSetUp: before it is set up."""
    found = Agency.objects.order_by("pk").first()
    if found is None:
        raise NotSetUp("This portal is not set up yet: whoever runs it has to enter the agency first.")
    return found


def pack_in_use(agency: Agency, on: date | None = None) -> LawPack:
    """This will give the version in use on a day (None: today), by the last decision that holds then.

    A version decided in advance takes over on its first day. :raises NotSetUp: when none is in use.
    """
    decision = decision_in_force(agency, on)
    if decision is None:
        raise NotSetUp(f"No law pack of {agency.law} is in use. An administrator has to choose one.")
    return decision.pack


def decision_in_force(agency: Agency, on: date | None = None) -> PackAdoption | None:
    """This will give the decision by which a version is in use on a day, if there is one."""
    day = on or timezone.localdate(timezone=ZoneInfo(agency.time_zone))
    still = Q(pack__effective_to=None) | Q(pack__effective_to__gte=day)
    return (
        PackAdoption.objects.filter(
            still, agency=agency, pack__code=agency.law, pack__effective_from__lte=day
        )
        .select_related("pack", "decided_by")
        .order_by("-decided_at", "-pk")
        .first()
    )


def pack_for(request: "RecordsRequest") -> Pack:
    """This will give the pack a request was received under; a later version never changes it."""
    row = LawPack.objects.filter(code=request.law_code, version=request.law_version).first()
    return parsed(row or pack_in_use(request.agency))


def parsed(row: LawPack) -> Pack:
    return _parsed(row.pk, row.sha256)


@lru_cache(maxsize=64)
def _parsed(pk: int, sha256: str) -> Pack:
    # a pack row never changes, so its parsed form may be kept; the hash keeps test databases apart
    row = LawPack.objects.get(pk=pk)
    return packs.parse(row.data, str(row))


def office_hours(agency: Agency, *, as_of: datetime | None = None) -> OfficeHours:
    """This will give the pure engines' view of an agency: zone, cut-off, closures with their reasons.

    ``as_of``: the closures as they stood at that moment, for a request closed then; None is now.
    """
    return OfficeHours(
        timezone=agency.time_zone,
        cutoff=agency.cutoff,
        closed_dates=closures.standing(agency, as_of),
        body=agency.body,
    )


def exemptions(law_code: str, on: date) -> QuerySet[Exemption]:
    """This will list the grounds in force on a day."""
    current = Q(valid_to=None) | Q(valid_to__gte=on)
    return Exemption.objects.filter(current, law=law_code, valid_from__lte=on)


def redaction_reasons(request: "RecordsRequest") -> list[tuple[str, str]]:
    """This will list (code, label) of the reasons a mark may give under the request's law."""
    return [(reason.code, reason.label) for reason in pack_for(request).reasons.values()]


def holidays(agency: Agency, first: date, days: int) -> list[dict[str, Any]]:
    """This will list the closed weekdays in a span with their reason, for the calendar page."""
    calendar = calendar_of(parsed(pack_in_use(agency)), office_hours(agency))
    span = (first + timedelta(days=n) for n in range(days))
    return [
        {"day": day, "reason": why} for day in span if day.weekday() < 5 and (why := calendar.closed(day))
    ]
