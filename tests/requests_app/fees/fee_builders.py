"""Typed builders for fees: a published schedule, an estimate in its request."""

from datetime import date, datetime, timedelta
from typing import Any

from portal.accounts.models import User
from portal.accounts.rules import Role
from requests_app.docket.models import RecordsRequest
from requests_app.fees import payments, schedules, services
from requests_app.fees.models import Estimate, FeeCase, LedgerEntry, Payment, PublishedSchedule
from tests.builders import NOON, a_request, a_user, an_agency

LATER = NOON + timedelta(hours=2)
# 12:59, 4:30 and 0:45, never given out before: 3 × 10 + (12 + 4 + 0) × 1 (the law's own worked case, 46.00)
RECORDINGS = [
    {"seconds": 779, "previously_released": False},
    {"seconds": 270, "previously_released": False},
    {"seconds": 45, "previously_released": False},
]


def a_schedule(
    *,
    effective_from: date = date(2026, 1, 1),
    effective_to: date | None = None,
    published: bool = True,
    rows: list[dict[str, Any]] | None = None,
    policy: dict[str, Any] | None = None,
    name: str = "Fees of Larkspur PD",
) -> PublishedSchedule:
    """A schedule of the agency, published unless told otherwise; ``rows`` None charges the law's rates."""
    officer = a_user(Role.FEE_OFFICER)
    made = schedules.create(
        agency=an_agency(), name=name, rows=rows, policy=policy or {}, effective_from=effective_from,
        effective_to=effective_to, resolution="", actor=officer,
    )  # fmt: skip
    return schedules.publish(schedule=made, actor=officer, at=NOON) if published else made


def some_work(**changes: Any) -> dict[str, Any]:
    """Three body-camera recordings that cost $46.00 in Texas."""
    return {"record_type": "body_worn_camera", "work": [], "volumes": {"recordings": RECORDINGS}, **changes}


def pages(number: int) -> dict[str, Any]:
    """Paper pages at ten cents each, no labour."""
    return {"record_type": "paper", "work": [], "volumes": {"pages_letter": str(number)}}


def an_estimate(
    *,
    request: RecordsRequest | None = None,
    work: dict[str, Any] | None = None,
    at: datetime = NOON,
    officer: User | None = None,
    schedule: bool = True,
) -> Estimate:
    """An estimate as sent, $46.00 unless ``work`` says otherwise."""
    request = request or a_request(record_type="body_worn_camera")
    if schedule and not request.agency.fee_schedules.exists():
        a_schedule()
    officer = officer or a_user(Role.FEE_OFFICER)
    services.save_worksheet(request=request, work=work or some_work(), actor=officer, at=at)
    return services.send_estimate(request=request, actor=officer, at=at)


def an_accepted_estimate(**given: Any) -> Estimate:
    estimate = an_estimate(**given)
    services.accept(estimate=estimate, actor=requester_of(estimate), at=LATER)
    return estimate


def a_checkout(estimate: Estimate, *, gateway: str = "demo", at: datetime = LATER) -> Payment:
    """An attempt to pay what is due, begun and not finished."""
    return payments.start(
        request=estimate.case.request, gateway_name=gateway, actor=requester_of(estimate), at=at
    )[0]


def requester_of(estimate: Estimate) -> User:
    requester = estimate.case.request.requester
    assert requester is not None
    return requester


def accounts(case: FeeCase) -> dict[str, int]:
    """What each account of a case sums to, zero ones left out, the money of every gateway as ``cash``."""
    totals: dict[str, int] = {}
    for row in LedgerEntry.objects.filter(case=case):
        name = "cash" if row.account.startswith("cash_") else row.account
        totals[name] = totals.get(name, 0) + row.amount_cents
    return {name: total for name, total in totals.items() if total}
