"""Which requests, and what happened to one."""

from dataclasses import dataclass
from datetime import datetime

from django.http import Http404

from portal.accounts.models import User
from portal.audit import services as audit
from portal.audit.models import Entry
from requests_app.docket.models import RecordsRequest
from requests_app.docket.wording import EVENTS, KINDS, STAFF_ONLY, TO_REQUESTER


@dataclass(frozen=True)
class TimelineRow:
    """One line of a timeline; ``who`` is empty where the requester need not know."""

    at: datetime
    sentence: str
    who: str
    kind: str


def get_visible(user: User, key: str) -> RecordsRequest:
    """This will load a request the user may see; a stranger's key looks like one that does not exist.

    :raises Http404: for both, and audits the refusal where the request exists.
    """
    found = (
        RecordsRequest.objects.visible_to(user)
        .select_related("agency", "requester", "assignee")
        .filter(key=key)
        .first()
    )
    if found is None:
        hidden = RecordsRequest.objects.filter(key=key).first()
        if hidden is not None:
            audit.record_denied(
                action="request.viewed", actor=user, subject=hidden, request_key=hidden.key, why="not_visible"
            )
        raise Http404("There is no such request.")
    return found


def timeline(request: RecordsRequest, *, for_requester: bool) -> list[TimelineRow]:
    """This will tell what happened to a request, newest first, from the audit chain.

    The requester sees only events that have a sentence of their own and never a colleague's name.
    """
    entries = (
        Entry.objects.filter(request_key=request.key, outcome="ok").select_related("actor").order_by("-seq")
    )
    rows = []
    for entry in entries:
        sentence = EVENTS.get(entry.action)
        if for_requester:
            sentence = TO_REQUESTER.get(entry.action, sentence)
        if sentence is None or (for_requester and entry.action in STAFF_ONLY):
            continue
        who = "" if for_requester or entry.actor is None else str(entry.actor)
        rows.append(TimelineRow(at=entry.at, sentence=str(sentence), who=who, kind=kind_of(entry.action)))
    return rows


def kind_of(action: str) -> str:
    """This will sort an audited event under one of the timeline's colours."""
    return KINDS.get(action.partition(".")[0], "status")
