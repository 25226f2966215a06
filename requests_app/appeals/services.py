"""The only code that changes appeals."""

import hashlib
from collections.abc import Collection
from datetime import datetime
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction
from django.db.models import F

from portal.accounts.models import User
from portal.audit import moves
from portal.audit import services as audit
from portal.core.errors import BadInput, DomainError
from redaction.plans import services as plans
from redaction.plans.models import Review
from redaction.plans.rules import ReviewStatus
from requests_app.appeals import policies, selectors
from requests_app.appeals.models import Appeal, AppealNumbering
from requests_app.appeals.rules import APPEAL, AppealFacts, Decision, why_not
from requests_app.clock import services as clock
from requests_app.correspondence import services as correspondence
from requests_app.custody import holds
from requests_app.docket import services as docket
from requests_app.docket.models import RecordsRequest
from requests_app.docket.recusals import free
from requests_app.docket.rules import Status

LONGEST = 20_000
REOPENED = {
    "en": "Your request is open again, and the records are looked at anew. You get a new answer.",
    "es": "Su solicitud está abierta de nuevo y los documentos se revisan otra vez."
    " Recibirá una nueva respuesta.",
}
OUTCOMES_ES = {
    Decision.UPHELD: "La primera decisión se mantiene",
    Decision.PARTLY: "Su apelación procede en parte",
    Decision.OVERTURNED: "Su apelación procede",
}


class AppealRefused(DomainError):
    """There is nothing to appeal, or it was appealed already."""

    code = "appeal_refused"


def file(
    *,
    request: RecordsRequest,
    appellant: User,
    grounds: str,
    at: datetime,
    idempotency_key: str,
    items: Collection[int] = (),
) -> Appeal:
    """This will file an appeal against the decision on a closed request, once however often it is sent.

    ``items``: ids of the release's items it is against; none means the whole decision. One that comes after
    the law's last day is taken in and says so: whether it is too late is for its decider.

    :raises NotAllowed: for anybody but the requester.
    :raises BadInput: without grounds, or with an item that this decision did not withhold.
    :raises AppealRefused: when the request is open or nothing was withheld, or an appeal is under way.
    """
    policies.require_filer(appellant, request)
    if not grounds.strip():
        raise BadInput("Say why you think the decision is wrong. One sentence is enough.")
    if len(grounds) > LONGEST:
        raise BadInput(f"Please keep your appeal under {LONGEST:,} characters. Nothing was sent.")
    return _file(request, appellant, grounds.strip(), at, idempotency_key, frozenset(items))


@transaction.atomic
def _file(
    request: RecordsRequest,
    appellant: User,
    grounds: str,
    at: datetime,
    idempotency_key: str,
    items: frozenset[int],
) -> Appeal:
    # under the row's lock two posts of one form see each other
    case = _lock(request.pk)
    # hashed: two long keys never become one, and nobody meets another person's key
    once = hashlib.sha256(f"appeal:{case.pk}:{appellant.pk}:{idempotency_key}".encode()).hexdigest()
    if known := Appeal.objects.filter(idempotency_key=once).first():
        return known
    if why := why_not(selectors.filing_facts(case)):
        raise AppealRefused(why)
    withheld = {row.item.pk for row in selectors.contestable(case)}
    if items - withheld:
        raise BadInput("One of the records you chose is not among those withheld. Choose from the list.")
    ways = [route for route in selectors.routes(case, at=at) if route.to_agency]
    if ways:
        clock.record(request=case, type="appeal_received", actor=appellant, at=at)
    due = selectors.decision_clock(case, on=selectors.day_of(case, at)) if ways else None
    appeal = Appeal.objects.create(
        number=_next_number(at=at, zone=case.agency.time_zone),
        request=case,
        appellant=appellant,
        grounds=grounds,
        filed_at=at,
        due_on=due.due if due else None,
        window_ended_on=next((route.last_day for route in ways if route.ended), None),
        idempotency_key=once,
    )
    appeal.items.set(items)
    audit.record(
        action="appeal.filed",
        actor=appellant,
        subject=appeal,
        request_key=case.key,
        detail={"number": appeal.number, "items": sorted(items)},
    )
    holds.wait_for(request=case, what=_waiting(appeal))
    correspondence.send_letter(
        request=case, kind="appeal_acknowledgement", subject="",
        context={
            "appeal_number": appeal.number, "appeal_due": appeal.due_on, "appeal_counted": due,
        },
        signer=None, at=at, dedupe_key=f"appeal:{appeal.pk}:received",
    )  # fmt: skip
    for officer in free(selectors.officers(), case):
        _mail(appeal, to=officer, template="staff_appeal_filed")
    return appeal


def start_review(*, appeal: Appeal, actor: User, at: datetime) -> None:
    """This will note that somebody who did not decide first is looking at the appeal.

    :raises NotIndependent: when the actor took part in the first decision.
    """
    policies.require_decider(actor, appeal, "start_review")
    moves.apply(
        row=appeal,
        machine=APPEAL,
        action="start_review",
        actor=actor,
        facts=AppealFacts(closeness=policies.closeness(actor, appeal)),
        request_key=appeal.request.key,
        detail={"at": at.isoformat()},
    )


def decide(
    *,
    appeal: Appeal,
    decision: Decision,
    reasons: str,
    actor: User,
    at: datetime,
    reopened: Collection[int] = (),
) -> None:
    """This will answer an appeal by letter; one that is right, or right in part, opens the request again.

    Records withheld whole go back to their reviewer: all that the appeal names when it is right, those of
    ``reopened`` (ids of release items) when it is right in part.

    :raises NotIndependent: when the actor took part in the first decision.
    :raises IllegalMove: without reasons, or when it is decided or withdrawn already.
    """
    policies.require_decider(actor, appeal, "decide")
    _decide(appeal, decision, reasons.strip()[:LONGEST], actor, at, frozenset(reopened))


@transaction.atomic
def _decide(
    appeal: Appeal, decision: Decision, reasons: str, actor: User, at: datetime, chosen: frozenset[int]
) -> None:
    case = _lock(appeal.request_id)
    appeal.refresh_from_db(fields=["status"])
    appeal.request = case
    contested = [row for row in selectors.contested(appeal) if row.whole]
    if decision == Decision.PARTLY:
        if chosen - {row.item.pk for row in contested}:
            raise BadInput("One of the records to look at again is not among those withheld whole.")
        contested = [row for row in contested if row.item.pk in chosen]
    moves.apply(
        row=appeal,
        machine=APPEAL,
        action="decide",
        actor=actor,
        facts=AppealFacts(closeness=policies.closeness(actor, appeal), reasons=reasons),
        request_key=case.key,
        changes={"decision": decision, "reasons": reasons, "decider": actor, "decided_at": at},
        detail={"number": appeal.number, "decision": decision},
    )
    clock.decide_appeal(request=case, actor=actor, at=at)
    if decision != Decision.UPHELD:
        _open_again(appeal, [row.item.record_id for row in contested], actor, at)
    holds.waits_no_more(request=case, what=_waiting(appeal))
    _answer(appeal, actor, at)


def _open_again(appeal: Appeal, records: Collection[int | None], actor: User, at: datetime) -> None:
    """The request goes back to work as the decision's consequence.

    The step's own permission belongs to who hands out work; here nobody hands out anything. So the move is
    the system's, and its entry names the appeal whose decider has been checked and audited just before.
    """
    case = appeal.request
    if case.status == Status.CLOSED:
        docket.move(request=case, action="reopen", actor=None, at=at, detail={"appeal": appeal.number})
        clock.reopen(request=case, actor=actor, at=at)
    for review in Review.objects.filter(record__in=records, status=ReviewStatus.WITHHELD).order_by("pk"):
        words = f"Appeal {appeal.number} was right about this record. {appeal.reasons}"
        plans.reopen_on_appeal(review=review, by=actor, reasons=words, at=at)
    if case.assignee is not None:
        _mail(appeal, to=case.assignee, template="staff_appeal_granted")


def _answer(appeal: Appeal, actor: User, at: datetime) -> None:
    case = appeal.request
    correspondence.send_letter(
        request=case,
        kind="appeal_decision",
        subject="",
        context={
            "appeal_number": appeal.number,
            "outcome": {"en": str(appeal.outcome), "es": OUTCOMES_ES[Decision(appeal.decision)]},
            "reasons": appeal.reasons,
            "reopened": None if appeal.decision == Decision.UPHELD else REOPENED,
            "appeal_routes": _elsewhere(appeal, at),
        },
        signer=actor,
        at=at,
        dedupe_key=f"appeal:{appeal.pk}:decided",
    )


def _elsewhere(appeal: Appeal, at: datetime) -> list[str]:
    """Where the law lets the requester go next: not to this agency again."""
    return [
        " ".join(filter(None, (route.route, route.deadline, f"({route.citation})" if route.citation else "")))
        for route in selectors.routes(appeal.request, at=at)
        if not route.to_agency
    ]


@transaction.atomic
def withdraw(*, appeal: Appeal, actor: User, at: datetime) -> None:
    """This will end an appeal at its appellant's wish. :raises IllegalMove: when it is over already."""
    policies.require_filer(actor, appeal.request)
    moves.apply(
        row=appeal,
        machine=APPEAL,
        action="withdraw",
        actor=actor,
        request_key=appeal.request.key,
        detail={"number": appeal.number, "at": at.isoformat()},
    )
    holds.waits_no_more(request=appeal.request, what=_waiting(appeal))
    for officer in free(selectors.officers(), appeal.request):
        _mail(appeal, to=officer, template="staff_appeal_withdrawn")


def _waiting(appeal: Appeal) -> str:
    return f"appeal {appeal.number}"


def _lock(request_id: int) -> RecordsRequest:
    rows = RecordsRequest.objects.select_for_update(of=("self",))
    return rows.select_related("agency", "assignee", "requester").get(pk=request_id)


def _mail(appeal: Appeal, *, to: User, template: str) -> None:
    context = {
        **correspondence.links(appeal.request),
        "appeal": appeal,
        # spelt out: a staff-only process has no requester's addresses, and the other way round
        "appeal_url": f"{settings.PUBLIC_BASE_URL}/my/requests/{appeal.request.key}/appeal/",
        "desk_appeal_url": f"{settings.STAFF_BASE_URL}/desk/appeals/{appeal.key}/",
    }
    correspondence.queue_mail(
        to=to.email,
        template=template,
        context=context,
        request=appeal.request,
        dedupe_key=f"appeal:{appeal.pk}:{template}:{to.pk}",
    )


def _next_number(*, at: datetime, zone: str) -> str:
    """The next appeal number of the agency's year, such as ``A26-00003``."""
    audit.hold_chain()
    year = at.astimezone(ZoneInfo(zone)).year
    AppealNumbering.objects.get_or_create(year=year)
    # locks the row until commit: no gaps
    AppealNumbering.objects.filter(year=year).update(last=F("last") + 1)
    last = AppealNumbering.objects.values_list("last", flat=True).get(year=year)
    return f"A{year % 100:02d}-{last:05d}"
