"""Steps of staff work that touch more than one room: each one transaction."""

from datetime import date, datetime

from django.db import transaction

from portal.accounts import policies
from portal.accounts.models import User
from portal.accounts.rules import Permission
from portal.core.errors import BadInput, IllegalMove
from redaction.plans import selectors as plans
from redaction.release import selectors as release
from requests_app.clock import selectors as clocks
from requests_app.clock import services as clock
from requests_app.correspondence import services as correspondence
from requests_app.correspondence.models import Direction, Message
from requests_app.custody.selectors import destroyed_before
from requests_app.desk import deadlines, letter_page, letter_words
from requests_app.docket import services as docket
from requests_app.docket.models import RecordsRequest
from requests_app.docket.rules import Disposition, RequestFacts, Status
from requests_app.fees import selectors as fees
from requests_app.law.wording import date_of

LONGEST_EXTENSION = 365  # days; what the law allows is far less and checked by the clock


def facts(request: RecordsRequest) -> RequestFacts:
    """This will gather what the lifecycle's guards ask about, from every room below."""
    reviews = plans.facts(request)
    return RequestFacts(
        records=reviews.records, undecided_records=reviews.undecided, fee_blocks=fees.blocks_release(request),
        money_due_cents=fees.money_due_cents(request), released=release.current(request) is not None,
    )  # fmt: skip


@transaction.atomic
def acknowledge(*, request: RecordsRequest, actor: User, at: datetime) -> None:
    """This will accept a request for work and make the actor its owner if it has none."""
    docket.move(request=request, action="acknowledge", actor=actor, at=at, changes={"acknowledged_at": at})
    if request.assignee is None:
        docket.claim(request=request, actor=actor)
    clock.record(request=request, type="acknowledged", actor=actor, at=at)


@transaction.atomic
def start_search(*, request: RecordsRequest, actor: User, at: datetime) -> None:
    docket.move(request=request, action="start_search", actor=actor, at=at)


@transaction.atomic
def finish_search(*, request: RecordsRequest, actor: User, at: datetime) -> None:
    """:raises IllegalMove: while no record is there."""
    docket.move(request=request, action="finish_search", actor=actor, at=at, facts=facts(request))


@transaction.atomic
def finish_review(*, request: RecordsRequest, actor: User, at: datetime) -> None:
    """:raises IllegalMove: while a record is undecided."""
    docket.move(request=request, action="finish_review", actor=actor, at=at, facts=facts(request))


@transaction.atomic
def reopen_review(*, request: RecordsRequest, actor: User, at: datetime) -> None:
    docket.move(request=request, action="reopen_review", actor=actor, at=at)


@transaction.atomic
def ask(
    *,
    request: RecordsRequest,
    actor: User,
    at: datetime,
    body: str,
    idempotency_key: str,
    expected_on: date | None = None,
) -> Message:
    """This will ask the requester for clarification; what that does to the clock is the law's to say.

    A request nobody accepted yet is accepted by it: some laws run a clock until the receipt is acknowledged.
    ``expected_on``: the day by which the agency expects to answer, said under the question; some laws let
    no question out without it.

    :raises ClockMoveRefused: when the law wants that day and there is none.
    :raises BadInput: for a day that is past, or words that are withheld from a record.
    """
    letter_page.require_silence(request, [body])
    expected = ""
    if expected_on is not None:
        if expected_on < clocks.day_of(request.agency, at):
            raise BadInput("The day by which you expect to answer cannot be in the past.")
        expected = f"We expect to answer your request by {date_of(expected_on)}."
        body = f"{body.strip()}\n\n{expected}" if body.strip() else body
    if request.status == Status.SUBMITTED:
        acknowledge(request=request, actor=actor, at=at)
    docket.move(request=request, action="ask_requester", actor=actor, at=at)
    effect = deadlines.question_effect(request, at=at)
    question = deadlines.question_type(request, at=at)
    clock.record(request=request, type=question, actor=actor, at=at, reason=expected)
    message = correspondence.post_message(
        request=request, author=actor, body=body, direction=Direction.TO_REQUESTER, at=at, is_question=True,
        idempotency_key=idempotency_key, by_letter=True,
    )  # fmt: skip
    lapses = clocks.lapses(request, at=at)
    correspondence.send_letter(
        request=request, kind="clarification", subject="",
        context={
            "question": message.body, "clock_effect": letter_words.clock_effect(effect),
            "reply_by": min((row.due for row in lapses if row.due), default=None),
        },
        signer=actor, at=at, dedupe_key=f"question:{message.pk}",
    )  # fmt: skip
    return message


@transaction.atomic
def tell(*, request: RecordsRequest, actor: User, at: datetime, body: str, idempotency_key: str) -> Message:
    """This will send the requester a message that asks nothing.

    :raises BadInput: for words that are withheld from a record.
    """
    policies.require(actor, Permission.WORK_REQUESTS)
    letter_page.require_silence(request, [body])
    return correspondence.post_message(
        request=request,
        author=actor,
        body=body,
        direction=Direction.TO_REQUESTER,
        at=at,
        idempotency_key=idempotency_key,
    )


@transaction.atomic
def extend(*, request: RecordsRequest, actor: User, at: datetime, by: int, unit: str, reason: str) -> None:
    """This will take an extension and tell the requester the reason and the new date.

    :raises ClockMoveRefused: when the law does not allow it, or not any more.
    :raises BadInput: without a reason, or for words that are withheld from a record.
    """
    policies.require(actor, Permission.WORK_REQUESTS)
    if not request.is_open:
        raise IllegalMove("This request is closed. Open it again first.")
    if not reason.strip():
        raise BadInput("Give the reason; the requester reads it in the notice.")
    if len(reason) > 300:
        raise BadInput("Give the reason in at most 300 characters.")
    letter_page.require_silence(request, [reason, letter_words.reason(reason)])
    clock.record(
        request=request, type="extended", actor=actor, at=at, by=by, unit=unit, reason=reason.strip()
    )
    correspondence.send_letter(
        request=request, kind="extension", subject="",
        context={
            "clock": clocks.main_clock(request), "reason": letter_words.reason(reason),
            "extension_length": letter_words.length(by, unit),
        },
        signer=actor, at=at, dedupe_key=f"extension:{request.pk}:{request.clock_events.count()}",
    )  # fmt: skip


@transaction.atomic
def close_without_records(
    *,
    request: RecordsRequest,
    actor: User,
    at: datetime,
    searched: str,
    destroyed: str = "",
    custodian: str = "",
) -> None:
    """This will close a request for which nothing was found; the letter says where was searched.

    ``destroyed``: what was destroyed under which schedule; ``custodian``: who else may hold it, if known.
    """
    if not searched.strip():
        raise BadInput("Describe the search: where, by which words and dates. The requester reads it.")
    if plans.facts(request).records:
        raise BadInput("Records have been added. Decide on them instead of closing as “no records”.")
    docket.move(
        request=request, action="close_no_records", actor=actor, at=at, disposition=Disposition.NO_RECORDS
    )
    clock.answer(request=request, actor=actor, at=at, no_records=True)
    gone = "\n".join(filter(None, [destroyed.strip(), *destroyed_before(request)]))
    correspondence.send_letter(
        request=request, kind="no_responsive_records", subject="",
        context={"search": searched.strip(), "destroyed": gone, "custodian": custodian.strip()},
        signer=actor, at=at, dedupe_key=f"no-records:{request.pk}:{at.isoformat()}",
    )  # fmt: skip


@transaction.atomic
def close_released(*, request: RecordsRequest, actor: User, at: datetime) -> None:
    """This will close a request whose release is out; its outcome is the release's.

    :raises IllegalMove: while money is due or nothing was issued.
    """
    found = facts(request)
    issued = release.current(request)
    outcome = Disposition(issued.outcome) if issued is not None else Disposition.FULL
    docket.move(
        request=request, action="close_released", actor=actor, at=at, facts=found, disposition=outcome
    )
    clock.answer(request=request, actor=actor, at=at)


@transaction.atomic
def close_duplicate(*, request: RecordsRequest, actor: User, at: datetime, same_as: str) -> None:
    """This will close a request as the same person's other one. :raises BadInput: when there is none."""
    twin = RecordsRequest.objects.filed().filter(number=same_as.strip(), requester=request.requester).first()
    if twin is None or twin.pk == request.pk:
        raise BadInput(f"This requester has no other request with the number {same_as or '(empty)'}.")
    docket.move(
        request=request,
        action="close_duplicate",
        actor=actor,
        at=at,
        disposition=Disposition.DUPLICATE,
        detail={"same_as": twin.number},
    )
    clock.end(request=request, how="duplicate", actor=actor, at=at)


@transaction.atomic
def lapse(*, request: RecordsRequest, actor: User, at: datetime) -> None:
    """This will close a request whose requester let the law's time for an answer pass.

    :raises IllegalMove: while no such time has passed.
    """
    over = clocks.lapsed(request, on=clocks.day_of(request.agency, at))
    if over is None:
        raise IllegalMove("No time for an answer has run out. Only the law’s own time limit ends a request.")
    docket.move(
        request=request,
        action="lapse",
        actor=actor,
        at=at,
        disposition=Disposition.LAPSED,
        detail={"clock": over.clock, "due": over.due.isoformat() if over.due else None},
    )
    clock.end(request=request, how="lapsed", actor=actor, at=at)
    correspondence.send_letter(
        request=request, kind="withdrawal_or_lapse", subject="",
        context={"what_was_asked": letter_words.lapsed(over.day_zero, over.due, over.citation)},
        signer=actor, at=at, dedupe_key=f"lapsed:{request.pk}:{at.isoformat()}",
    )  # fmt: skip


@transaction.atomic
def reopen(*, request: RecordsRequest, actor: User, at: datetime, reason: str) -> None:
    if not reason.strip():
        raise BadInput("Say why the request is opened again.")
    docket.move(request=request, action="reopen", actor=actor, at=at)
    clock.reopen(request=request, actor=actor, at=at)
    docket.add_note(request=request, author=actor, body=f"Opened again: {reason.strip()}")
