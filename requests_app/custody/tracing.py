"""Where, when and in which matter: what a request asks for and what a record is, in one shape."""

from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from requests_app.custody.models import Hold, ResponsiveRecord
from requests_app.custody.rules import Trace, plain_number
from requests_app.docket.models import RecordsRequest, RequestItem

NUMBERS = ("case_number", "flight_id", "incident_number")  # the answers that name a matter
_FORMS = {"lpr": ("lpr",), "video": ("law_enforcement_video", "body_worn_camera"), "drone": ("drone_video",)}
_KINDS = {
    ("lpr_kind", "audit log"): ("search_audit_log",),
    ("lpr_kind", "policies"): ("policy",),
    ("lpr_kind", "sharing list"): ("policy",),
    ("drone_kind", "flight log"): ("drone_log",),
    ("drone_kind", "flight log and footage"): ("drone_video", "drone_log"),
}


def kinds_asked(request: RecordsRequest) -> tuple[str, ...]:
    """This will give the law's classes of what is asked for; several where the requester left it open."""
    if request.record_type:
        return (request.record_type,)
    for (name, answer), series in _KINDS.items():
        if request.answers.get(name) == answer:
            return series
    return _FORMS.get(request.form_code, ())


def series_of(request: RecordsRequest) -> str:
    """This will give the first class of what is asked for, or an empty string."""
    return next(iter(kinds_asked(request)), "")


def incident_of(request: RecordsRequest) -> str:
    """This will give the case, call or flight number the requester named, or an empty string."""
    return next((str(request.answers[name])[:60] for name in NUMBERS if request.answers.get(name)), "")


def sought(request: RecordsRequest, item: RequestItem | None) -> Trace:
    """This will say what a request's item looks for."""
    return Trace(
        series=series_of(request),
        starts_at=item.starts_at if item else None,
        ends_at=item.ends_at if item else None,
        place=item.place if item else "",
        incident=plain_number(incident_of(request)),
    )


def of_hold(hold: Hold) -> Trace:
    return Trace(hold.series, hold.starts_at, hold.ends_at, hold.place, hold.incident)


def of_record(record: ResponsiveRecord) -> Trace:
    """This will say where and when a record was made, and in which matter."""
    case = record.case.number if record.case else ""
    return Trace(
        series=record.series,
        starts_at=record.recorded_at,
        ends_at=record.recorded_until,
        place=record.place,
        incident=plain_number(record.incident or case),
    )


def of_answer(request: RecordsRequest, item: RequestItem | None) -> dict[str, Any]:
    """This will give what a new record is taken to be until somebody says better: what was asked for.

    Without an item that is named, the one item of the request counts, if it has but one.
    """
    items = [item] if item is not None else list(request.items.all()[:2])
    asked = items[0] if len(items) == 1 else None
    return {
        "series": series_of(request),
        "recorded_at": asked.starts_at if asked else None,
        "recorded_until": asked.ends_at if asked else None,
        "place": asked.place if asked else "",
        "incident": incident_of(request),
    }


def day_of(moment: datetime | None, zone: str) -> date | None:
    """This will give the calendar day of an instant where the agency is."""
    return moment.astimezone(ZoneInfo(zone)).date() if moment else None
