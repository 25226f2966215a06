"""Which version of its law counts a request's days."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from requests_app.clock.models import CalendarChange
from requests_app.clock.rules import ChangeKind, ChangeState
from requests_app.docket.models import RecordsRequest
from requests_app.law.models import LawPack
from requests_app.law.pack import Pack
from requests_app.law.selectors import pack_for, pack_in_use, parsed


@dataclass(frozen=True)
class Step:
    """From ``at`` on, requests counted by ``before`` are counted by ``after``: ids of packs."""

    before: int
    after: int
    at: datetime


def steps(agency_id: int) -> list[Step]:
    """This will list the approved moves of open requests to another version of their law."""
    rows = CalendarChange.objects.filter(
        agency_id=agency_id, kind=ChangeKind.PACK, state=ChangeState.APPROVED
    ).order_by("decided_at", "pk")
    return [
        Step(before, after, at)
        for before, after, at in rows.values_list("from_pack_id", "to_pack_id", "decided_at")
        if before is not None and after is not None and at is not None
    ]


def version_after(
    pack_id: int, taken: Sequence[Step], *, received_at: datetime | None, closed_at: datetime | None
) -> int:
    """This will give the pack's id after the moves decided while the request was open."""
    for step in taken:
        here = received_at is None or received_at < step.at
        if here and (closed_at is None or step.at < closed_at) and step.before == pack_id:
            pack_id = step.after
    return pack_id


def pack_of(request: RecordsRequest) -> Pack:
    """This will give the version a request was received under, or the one an approved change put it under.

    Only its clocks: fees, exemptions and letters stay those of the day it was received.
    """
    taken = steps(request.agency_id)
    if not taken:
        return pack_for(request)
    row = LawPack.objects.filter(code=request.law_code, version=request.law_version).first()
    row = row or pack_in_use(request.agency)
    last = version_after(row.pk, taken, received_at=request.received_at, closed_at=request.closed_at)
    return parsed(row if last == row.pk else LawPack.objects.get(pk=last))
