"""The only code that says what a record is for retention: series, severity, time, place, case."""

from collections.abc import Collection
from datetime import date, datetime

from django.db import transaction

from portal.accounts.models import User
from portal.accounts.rules import Permission
from portal.audit import services as audit
from portal.core.errors import BadInput
from requests_app.custody import policies
from requests_app.custody.destroying import require_exists
from requests_app.custody.holds import cover
from requests_app.custody.models import Case, ResponsiveRecord
from requests_app.custody.schedules import SERIES
from requests_app.law.material import CONDITIONS, SEVERITIES

FIELDS = (
    "series", "severity", "conditions", "recorded_at", "recorded_until", "place", "incident", "case",
    "complaint_on", "kept_asked_on",
)  # fmt: skip


def classify(
    *,
    record: ResponsiveRecord,
    actor: User,
    at: datetime,
    series: str,
    severity: str,
    conditions: Collection[str] = (),
    recorded_at: datetime | None = None,
    recorded_until: datetime | None = None,
    place: str = "",
    incident: str = "",
    case: Case | None = None,
    complaint_on: date | None = None,
    kept_asked_on: date | None = None,
) -> None:
    """This will say what a record is; open holds that look for such a record cover it from then on.

    A hold that covers it already stays: only its own end or counsel takes the record out.

    :raises BadInput: for a value that is not in its list, or an end before its beginning.
    """
    policies.require(actor, Permission.ADD_RECORDS, "custody.classified", record)
    require_exists(record)
    if (series and series not in SERIES) or (severity and severity not in SEVERITIES):
        raise BadInput("Choose the series and the severity from the lists.")
    if unknown := set(conditions) - set(CONDITIONS):
        raise BadInput(f"“{min(unknown)}” is not in the list of what may be true of a record.")
    if recorded_until and (recorded_at is None or recorded_until < recorded_at):
        raise BadInput("The recording ends before it begins.")
    if case is not None and case.agency_id != record.request.agency_id:
        raise BadInput("That case is another agency's.")
    with transaction.atomic():
        # the entry first: a purge takes the chain's lock before the record's, and so does this
        audit.record(
            action="custody.classified", actor=actor, subject=record, request_key=record.request.key,
            detail={"series": series, "severity": severity, "conditions": sorted(conditions)},
        )  # fmt: skip
        locked = ResponsiveRecord.objects.select_for_update(of=("self",), no_key=True).get(pk=record.pk)
        require_exists(locked)
        locked.series, locked.severity, locked.conditions = series, severity, sorted(conditions)
        locked.recorded_at, locked.recorded_until = recorded_at, recorded_until
        locked.place, locked.incident = place.strip()[:300], incident.strip()[:60]
        locked.case, locked.complaint_on, locked.kept_asked_on = case, complaint_on, kept_asked_on
        locked.save(update_fields=FIELDS)
        cover(record=locked, at=at)
    record.refresh_from_db()
