"""Closed requests and appeals against them, made by the services people use."""

from itertools import count

from portal.accounts.models import User
from portal.accounts.rules import Role
from portal.core.time import now
from requests_app.appeals import services
from requests_app.appeals.models import Appeal
from requests_app.appeals.rules import Decision
from requests_app.clock import services as clock
from requests_app.docket.models import RecordsRequest
from requests_app.docket.rules import Disposition, Status
from tests.builders import a_request, a_user
from tests.redaction.release.release_builders import a_release, a_reviewed_request

_tokens = count(1)


def a_closed_request(disposition: Disposition = Disposition.NO_RECORDS, **fields: object) -> RecordsRequest:
    """A request closed without a release."""
    return a_request(status=Status.CLOSED, disposition=disposition, closed_at=now(), **fields)  # type: ignore[arg-type]  # model fields


def a_partly_released_request() -> RecordsRequest:
    """One table released with parts withheld, another one withheld whole."""
    return refreshed(a_release(request=a_reviewed_request(withheld=True)).request)


def a_denied_request_by_the_clock() -> RecordsRequest:
    """Denied under whatever law is in use: the denial is in its ledger, so a window may run."""
    case = a_closed_request(Disposition.DENIED)
    clock.record(request=case, type="denied", actor=None, at=now())
    return case


def an_officer(**fields: object) -> User:
    return a_user(Role.APPEALS_OFFICER, **fields)  # type: ignore[arg-type]  # model fields


def an_appeal(
    request: RecordsRequest | None = None, *, grounds: str = "", items: tuple[int, ...] = ()
) -> Appeal:
    case = request or a_closed_request()
    assert case.requester is not None
    return services.file(
        request=case, appellant=case.requester, grounds=grounds or "You overlooked the second camera.",
        at=now(), idempotency_key=f"token-{next(_tokens)}", items=items,
    )  # fmt: skip


def refreshed(request: RecordsRequest) -> RecordsRequest:
    return RecordsRequest.objects.select_related("agency", "requester", "assignee").get(pk=request.pk)


def decide(appeal: Appeal, decision: Decision = Decision.UPHELD, **more: object) -> None:
    given = {"actor": an_officer(), "reasons": "The ground fits.", **more}
    services.decide(appeal=appeal, decision=decision, at=now(), **given)  # type: ignore[arg-type]  # as named
