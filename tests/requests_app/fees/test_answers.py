"""The requester's answers to an estimate, and the decision on a waiver."""

from datetime import timedelta

import pytest

from portal.accounts.rules import Role
from portal.core.errors import BadInput, NotAllowed, StaleWrite
from requests_app.correspondence.models import Letter, Message
from requests_app.fees import selectors, services, waivers
from requests_app.fees.models import FeeCase
from requests_app.fees.rules import FeeState
from tests.builders import NOON, a_user
from tests.requests_app.fees.fee_builders import (
    LATER,
    a_checkout,
    accounts,
    an_accepted_estimate,
    an_estimate,
    pages,
    requester_of,
)
from tests.requests_app.fees.money_moves import waive

pytestmark = pytest.mark.django_db


def test_accepting_answers_the_clock() -> None:
    estimate = an_accepted_estimate()

    assert estimate.case.request.clock_events.filter(type="estimate_accepted").count() == 1
    assert FeeCase.objects.get(pk=estimate.case_id).state == FeeState.ACCEPTED


def test_estimate_can_be_accepted_on_its_last_day_and_not_after() -> None:
    estimate = an_estimate()
    last = NOON + timedelta(days=services.VALID_DAYS)

    with pytest.raises(services.EstimateExpired, match="valid until December 2, 2026"):
        services.accept(estimate=estimate, actor=requester_of(estimate), at=last + timedelta(days=1))
    with pytest.raises(services.EstimateExpired):
        a_checkout(estimate, at=last + timedelta(days=1))

    services.accept(estimate=estimate, actor=requester_of(estimate), at=last)


def test_answer_to_an_older_estimate_is_refused() -> None:
    first = an_estimate(work=pages(100))
    an_estimate(request=first.case.request, work=pages(130), at=LATER)

    with pytest.raises(StaleWrite, match="newer estimate"):
        services.accept(estimate=first, actor=requester_of(first), at=LATER)


def test_estimate_is_answered_by_its_requester_alone() -> None:
    estimate = an_estimate()

    for person in (a_user(), a_user(Role.FEE_OFFICER)):
        for action in ("accept", "narrow", "ask_waiver"):
            with pytest.raises(NotAllowed):
                services.answer(action=action, estimate=estimate, actor=person, at=LATER, text="x")


def test_unknown_answer_is_refused() -> None:
    estimate = an_estimate()

    with pytest.raises(BadInput, match="accept, narrow or ask_waiver"):
        services.answer(action="haggle", estimate=estimate, actor=requester_of(estimate), at=LATER)


def test_narrowing_needs_words_and_asks_for_a_new_estimate() -> None:
    estimate = an_estimate()
    person = requester_of(estimate)

    with pytest.raises(BadInput, match="do without"):
        services.narrow(estimate=estimate, actor=person, at=LATER, text="  ")
    services.narrow(estimate=estimate, actor=person, at=LATER, text="One camera is enough.")

    assert "One camera is enough." in Message.objects.get(request=estimate.case.request).body
    assert "new estimate is due" in selectors.blocks_release(estimate.case.request)
    assert (
        estimate.case.request.clock_events.get(type="estimate_accepted").reason
        == "the requester asked for less"
    )


def test_waiver_granted_leaves_nothing_owed() -> None:
    estimate = an_estimate()

    waive(estimate)

    case = FeeCase.objects.get(pk=estimate.case_id)
    assert (case.state, accounts(case)) == (FeeState.WAIVED, {"waived": 4600, "revenue": -4600})
    assert selectors.blocks_release(case.request) == ""
    letter = Letter.objects.filter(request=case.request).last()
    assert letter is not None
    assert "The fee is waived in full." in letter.html


def test_waiver_refused_leaves_the_estimate_standing_and_may_be_asked_again() -> None:
    estimate = an_estimate()
    person, request = requester_of(estimate), estimate.case.request
    services.ask_waiver(estimate=estimate, actor=person, at=LATER, text="I cannot pay.")
    assert "waiver that is not decided" in selectors.blocks_release(request)

    waivers.decide(
        request=request, actor=a_user(Role.APPROVER), at=LATER, percent=0, reason="No ground.",
        standard="Public benefit.",
    )  # fmt: skip
    assert selectors.money_due_cents(request) == 4600
    services.ask_waiver(estimate=estimate, actor=person, at=LATER, text="It serves the public.")

    assert Message.objects.filter(body__startswith="I ask for a fee waiver").count() == 2


def test_waiver_needs_the_right_and_a_reason() -> None:
    estimate = an_estimate()
    request = estimate.case.request
    services.ask_waiver(estimate=estimate, actor=requester_of(estimate), at=LATER, text="Please.")

    with pytest.raises(NotAllowed):
        waivers.decide(request=request, actor=a_user(Role.CLERK), at=LATER, percent=100, reason="x")
    with pytest.raises(BadInput, match="reason"):
        waivers.decide(request=request, actor=a_user(Role.APPROVER), at=LATER, percent=100, reason=" ")
    assert FeeCase.objects.get(request=request).state == FeeState.WAIVER_ASKED
