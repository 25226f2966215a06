"""Due dates, always derived from the ledger."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from requests_app.docket.models import RecordsRequest
from requests_app.law import clock as engine
from requests_app.law.derivation import Derivation
from requests_app.law.event import Event
from requests_app.law.models import Agency
from requests_app.law.pack import Pack
from requests_app.law.selectors import office_hours, pack_for, pack_in_use, parsed

# the clock a queue is sorted by: the day the agency must have answered. First one the law has wins.
MAIN_CLOCKS = (
    "determination",
    "response",
    "ag_request",
    "five_day_response",
    "acknowledge",
    "video_estimate",
)


def events(request: RecordsRequest) -> list[Event]:
    """This will read the ledger in the pure engine's shape, in the order things happened."""
    return [
        Event(row.type, row.at, row.by, row.unit or None, row.reason or None)
        for row in request.clock_events.all()
    ]


def main_clock_name(request: RecordsRequest) -> str:
    return _main_name(pack_for(request))


def _main_name(pack: Pack) -> str:
    return next((name for name in MAIN_CLOCKS if name in pack.clocks), next(iter(pack.clocks)))


def main_clock(request: RecordsRequest, *, on: date | None = None) -> Derivation:
    """This will derive the clock by which the agency must answer, with every step explained."""
    pack = pack_for(request)
    return engine.due(
        pack,
        _main_name(pack),
        office_hours(request.agency),
        events(request),
        record_type=request.record_type or None,
        requester_category=request.requester_category or None,
        on=on,
    )


def derivations(request: RecordsRequest, *, on: date) -> list[Derivation]:
    """This will derive every clock that has begun for the request, the main one first."""
    pack = pack_for(request)
    found = engine.all_due(
        pack,
        office_hours(request.agency),
        events(request),
        record_type=request.record_type or None,
        requester_category=request.requester_category or None,
        on=on,
    )
    main = _main_name(pack)
    return sorted(found.values(), key=lambda derived: derived.clock != main)


def lapses(request: RecordsRequest, *, at: datetime) -> list[Derivation]:
    """This will list the running days by which the requester must act, or the request ends."""
    rules = pack_for(request).clocks
    day = at.astimezone(ZoneInfo(request.agency.time_zone)).date()
    return [
        derived
        for derived in derivations(request, on=day)
        if rules[derived.clock].kind == "lapse" and derived.state == "running" and derived.due
    ]


def if_filed(agency: Agency, *, at: datetime, record_type: str = "") -> Derivation:
    """This will derive the day by which a request filed at that moment would have to be answered."""
    pack = parsed(pack_in_use(agency))
    return engine.due(
        pack,
        _main_name(pack),
        office_hours(agency),
        [Event("received", at)],
        record_type=record_type or None,
    )
