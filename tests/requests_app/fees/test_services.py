"""Worksheet, estimate, the requester's answers, waiver: state, ledger and clock together."""

from datetime import date, timedelta

import pytest
from django.db import DatabaseError, transaction

from portal.accounts.rules import Role
from portal.audit.models import Entry
from portal.core.errors import BadInput, IllegalMove, NotAllowed, StaleWrite
from requests_app.correspondence.models import Letter
from requests_app.docket.models import RecordsRequest
from requests_app.docket.rules import Disposition, Status
from requests_app.fees import ledger, payments, quoting, selectors, services
from requests_app.fees.bookkeeping import Account, EntryKind
from requests_app.fees.bookkeeping import Entry as Booking
from requests_app.fees.models import Estimate, FeeCase, LedgerEntry
from requests_app.fees.rules import FeeState
from requests_app.law.schedule import NoScheduleInForce
from requests_app.law.work import WorkError
from tests.builders import NOON, a_request, a_user, an_agency
from tests.requests_app.fees.fee_builders import (
    LATER,
    a_checkout,
    a_schedule,
    accounts,
    an_accepted_estimate,
    an_estimate,
    pages,
    requester_of,
    some_work,
)
from tests.requests_app.fees.money_moves import waive

pytestmark = pytest.mark.django_db


def close(request: RecordsRequest) -> None:
    RecordsRequest.objects.filter(pk=request.pk).update(
        status=Status.CLOSED, disposition=Disposition.WITHDRAWN, closed_at=LATER
    )


def test_estimate_bills_the_laws_worked_case_to_the_cent() -> None:
    estimate = an_estimate()

    assert estimate.billed_cents == 4600
    assert sum(line["amount_cents"] for line in estimate.lines) == 4600
    assert accounts(estimate.case) == {}  # nothing is owed before she accepts
    assert selectors.money_due_cents(estimate.case.request) == 4600
    assert estimate.valid_until == date(2026, 12, 2)


def test_estimate_tells_the_requester_by_letter_once() -> None:
    estimate = an_estimate()

    letter = Letter.objects.get(request=estimate.case.request)
    assert letter.kind in {"estimate", "fee_estimate"}
    assert "$46.00" in letter.html


def test_sent_estimate_and_its_bill_can_never_be_changed() -> None:
    estimate = an_accepted_estimate()

    with pytest.raises(DatabaseError, match="Cannot update"), transaction.atomic():
        Estimate.objects.filter(pk=estimate.pk).update(billed_cents=1)
    with pytest.raises(DatabaseError, match="Cannot"), transaction.atomic():
        LedgerEntry.objects.filter(case=estimate.case).delete()


def test_second_estimate_bills_only_the_difference_once_accepted() -> None:
    first = an_accepted_estimate(work=pages(100))
    request = first.case.request

    second = an_estimate(request=request, work=pages(130), at=LATER)
    before = list(request.fee_case.invoices.values_list("amount_cents", flat=True))
    services.accept(estimate=second, actor=requester_of(second), at=LATER)

    assert (first.billed_cents, second.billed_cents, second.version) == (1000, 1300, 2)
    booked = LedgerEntry.objects.filter(case=first.case, account=Account.RECEIVABLE).order_by("pk")
    assert [row.amount_cents for row in booked] == [1000, 300]
    papers = list(request.fee_case.invoices.values_list("amount_cents", flat=True))
    assert (before, papers) == ([1000], [1000, 300])


def test_lower_estimate_after_payment_shows_what_was_overpaid() -> None:
    first = an_accepted_estimate(work=pages(100))
    request = first.case.request
    pay(first, 1000)

    an_estimate(request=request, work=pages(60), at=LATER)

    found = selectors.summary(request)
    assert (found.state, found.billed_cents, found.paid_cents) == ("settled", 600, 1000)
    assert (found.due_cents, found.overpaid_cents) == (0, 400)
    assert selectors.blocks_release(request) == ""


def test_higher_estimate_after_payment_asks_for_the_rest() -> None:
    first = an_accepted_estimate(work=pages(100))
    request = first.case.request
    pay(first, 1000)

    an_estimate(request=request, work=pages(130), at=LATER)

    found = selectors.summary(request)
    assert (found.state, found.due_cents) == ("estimate_sent", 300)
    assert selectors.blocks_release(request) == "A fee of $3.00 is still due."


def test_work_that_costs_nothing_settles_as_no_fee() -> None:
    estimate = an_estimate(work=pages(0))

    case = FeeCase.objects.get(pk=estimate.case_id)
    assert case.state == FeeState.NO_FEE
    assert case.reason == "The schedule charges nothing for this work."
    assert accounts(case) == {}
    assert selectors.blocks_release(case.request) == ""


def test_estimate_needs_a_worksheet() -> None:
    a_schedule()

    with pytest.raises(BadInput, match="worksheet first"):
        services.send_estimate(request=a_request(), actor=a_user(Role.CLERK), at=NOON)


def test_no_fee_is_worked_out_where_no_schedule_was_in_force() -> None:
    a_schedule(effective_from=date(2027, 1, 1))

    with pytest.raises(NoScheduleInForce, match="No fee schedule was in force on November 2, 2026"):
        services.save_worksheet(request=a_request(), work=some_work(), actor=a_user(Role.CLERK), at=NOON)


def test_ended_schedule_still_prices_what_was_received_in_its_time() -> None:
    old = a_schedule(effective_from=date(2026, 1, 1), rows=[{"rule": "tx-page", "rate": "0.05"}])
    a_schedule(effective_from=date(2026, 11, 10), rows=[{"rule": "tx-page", "rate": "0.10"}])

    estimate = an_estimate(request=a_request(), work=pages(100), at=NOON + timedelta(days=20))

    assert estimate.schedule == old
    assert estimate.billed_cents == 500


def test_worksheet_refuses_what_cannot_be_right() -> None:
    a_schedule()
    clerk, request = a_user(Role.CLERK), a_request()

    for broken in ("-1", "NaN", "1e309", "0.5", "100000000000"):
        with pytest.raises(WorkError):
            services.save_worksheet(
                request=request,
                work={"volumes": {"pages_letter": broken}},
                actor=clerk,
                at=NOON,
            )
    assert not FeeCase.objects.exclude(work={}).exists()


def test_worksheet_of_a_colleague_is_not_overwritten() -> None:
    a_schedule()
    clerk, request = a_user(Role.CLERK), a_request()
    services.save_worksheet(request=request, work=pages(1), actor=clerk, expected_version=0, at=NOON)

    with pytest.raises(StaleWrite, match="colleague"):
        services.save_worksheet(request=request, work=pages(2), actor=clerk, expected_version=0, at=NOON)
    with pytest.raises(StaleWrite):
        services.send_estimate(request=request, actor=clerk, at=NOON, expected_version=0)


def test_worksheet_is_closed_once_the_fee_is_waived() -> None:
    estimate = an_estimate()
    waive(estimate)

    with pytest.raises(IllegalMove, match="worksheet is closed"):
        services.save_worksheet(
            request=estimate.case.request, work=pages(1), actor=a_user(Role.CLERK), at=LATER
        )


def test_nothing_moves_on_a_closed_request() -> None:
    estimate = an_estimate()
    close(estimate.case.request)

    with pytest.raises(services.RequestClosed):
        services.accept(estimate=estimate, actor=requester_of(estimate), at=LATER)
    with pytest.raises(payments.NothingDue):
        a_checkout(estimate)


@pytest.mark.parametrize("role", [None, Role.AUDITOR, Role.APPEALS_OFFICER, Role.APPROVER])
def test_only_roles_that_charge_may_write_a_fee(role: Role | None) -> None:
    a_schedule()
    request = a_request()
    person = a_user(role) if role else a_user()

    for attempt in (
        lambda: services.save_worksheet(request=request, work=pages(1), actor=person, at=NOON),
        lambda: services.send_estimate(request=request, actor=person, at=NOON),
        lambda: services.charge_nothing(request=request, actor=person, reason="x", at=NOON),
    ):
        with pytest.raises(NotAllowed):
            attempt()


def test_charging_nothing_gives_back_what_was_paid() -> None:
    estimate = an_accepted_estimate()
    pay(estimate, 4600)

    with pytest.raises(BadInput, match="why nothing"):
        services.charge_nothing(request=estimate.case.request, actor=a_user(Role.CLERK), reason="", at=LATER)
    services.charge_nothing(
        request=estimate.case.request, actor=a_user(Role.CLERK), reason="Our mistake.", at=LATER
    )

    found = selectors.summary(estimate.case.request)
    assert (found.state, found.billed_cents, found.overpaid_cents) == ("no_fee", 0, 4600)


def test_release_is_blocked_until_the_fee_is_decided() -> None:
    request = a_request()

    assert "not decided yet" in selectors.blocks_release(request)
    services.case_of(request)
    assert "not decided yet" in selectors.blocks_release(request)
    assert selectors.summary(request).due_cents == 0


def test_deposit_is_asked_for_and_stops_what_the_law_stops() -> None:
    a_schedule(policy={"deposit_percent": "50"})
    estimate = an_estimate(work=pages(2000))
    request = estimate.case.request

    assert (estimate.billed_cents, estimate.deposit_cents) == (20000, 10000)
    assert selectors.summary(request).deposit_due_cents == 10000
    assert request.clock_events.filter(type="deposit_requested").exists()

    waive(estimate)
    assert request.clock_events.get(type="deposit_paid").reason == "the requester asked for a waiver"


def test_law_that_stops_the_clock_for_an_estimate_is_answered_once() -> None:
    an_agency(law_code="VA")
    a_schedule()
    request = a_request()
    officer = a_user(Role.FEE_OFFICER)
    work = {"work": [{"activity": "search", "minutes": "600", "rate": "20"}], "volumes": {}}
    services.save_worksheet(request=request, work=work, actor=officer, at=NOON)
    first = services.send_estimate(request=request, actor=officer, at=NOON)
    assert first.billed_cents == 20000

    work["work"][0]["minutes"] = "660"  # type: ignore[index]
    services.save_worksheet(request=request, work=work, actor=officer, at=LATER)
    second = services.send_estimate(request=request, actor=officer, at=LATER)
    services.accept(estimate=second, actor=requester_of(second), at=LATER)

    kinds = list(request.clock_events.values_list("type", flat=True))
    assert (kinds.count("estimate_sent"), kinds.count("estimate_accepted")) == (1, 1)
    assert Entry.objects.filter(action="fees.clock_unchanged", outcome="denied").count() == 1


def test_agreed_estimate_limits_what_is_charged_in_the_end_where_the_law_says_so() -> None:
    an_agency(law_code="OH")
    a_schedule()
    work = {"record_type": "law_enforcement_video", "volumes": {"video_seconds_produced": "10800"}}
    request = a_request(record_type="law_enforcement_video")
    first = an_accepted_estimate(request=request, work={**work, "actual_cost": "100.00"})
    officer = a_user(Role.FEE_OFFICER)
    told = {**work, "actual_cost": "130.00", "events": {"overage_notified": True}}

    held = services.save_worksheet(
        request=request, work={**work, "actual_cost": "130.00"}, actor=officer, at=LATER
    )
    after_notice = services.save_worksheet(request=request, work=told, actor=officer, at=LATER)

    assert (first.billed_cents, held.billed_cents, after_notice.billed_cents) == (10000, 10000, 12000)


def test_unbalanced_booking_is_refused_whole() -> None:
    case = services.case_of(a_request())

    with pytest.raises(ledger.Unbalanced):
        ledger.post(
            case=case, entries=[Booking(Account.CASH_DEMO, 5)], kind=EntryKind.BILL, memo="wrong", at=NOON
        )

    assert not LedgerEntry.objects.exists()


def test_empty_worksheet_has_no_quote() -> None:
    request = a_request()

    assert quoting.quote(request, at=NOON) is None
    services.case_of(request)
    assert quoting.quote(request) is None


def pay(estimate: Estimate, cents: int) -> None:
    payments.take_at_counter(
        request=estimate.case.request, amount_cents=cents, method="cash", receipt_number=f"R-{estimate.pk}",
        actor=a_user(Role.FEE_OFFICER), at=LATER,
    )  # fmt: skip
