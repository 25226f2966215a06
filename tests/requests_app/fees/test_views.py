"""The requester's fee pages: what they say, what they do, and who may open them."""

import json
import re
from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from portal.accounts.models import User
from portal.accounts.rules import Role
from portal.audit.models import Entry
from requests_app.fees import notices, payments, refunds
from requests_app.fees.gateways import demo
from requests_app.fees.models import FeeCase, Payment
from tests.builders import NOON, a_request, a_user, an_agency
from tests.requests_app.fees.fee_builders import (
    LATER,
    a_checkout,
    a_schedule,
    an_accepted_estimate,
    an_estimate,
    pages,
    requester_of,
)

pytestmark = pytest.mark.django_db
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user, backend=BACKEND)
    return client


def text_of(answer: object) -> str:
    return " ".join(answer.content.decode().split())  # type: ignore[attr-defined]  # a response


def without_token(answer: object) -> str:
    """A page as it would be for anybody: the form token of each visit is its own."""
    return re.sub(r'(X-CSRFToken": |csrfmiddlewaretoken" value=)"[^"]*"', "", text_of(answer))


@time_machine.travel(LATER, tick=True)
def test_page_shows_the_arithmetic_and_four_choices() -> None:
    estimate = an_estimate()
    key = estimate.case.request.key

    page = text_of(signed_in(requester_of(estimate)).get(reverse("fees:page", args=[key])))

    assert "3 recordings × $10.00" in page
    assert "16 full minutes × $1.00" in page
    assert "Code Crim. Proc. art. 2B.0113" in page
    assert "December 2, 2026" in page
    assert "The time limit goes on running while we wait for you." in page
    assert "Answer the fee estimate, or the request counts as withdrawn: by November 17, 2026" in page
    for action in ("accept", "narrow", "ask_waiver"):
        assert f'action="{reverse("fees:answer", args=[key, action])}"' in page
    assert page.count(f'name="estimate" value="{estimate.pk}"') == 3
    assert 'name="gateway" value="demo"' in page


def test_page_without_an_estimate_says_so() -> None:
    request = a_request()
    assert request.requester is not None

    page = text_of(signed_in(request.requester).get(reverse("fees:page", args=[request.key])))

    assert "There is no estimate yet." in page
    assert "Pay online" not in page


def test_expired_estimate_offers_no_payment() -> None:
    estimate = an_estimate()
    url = reverse("fees:page", args=[estimate.case.request.key])

    with time_machine.travel(NOON + timedelta(days=40), tick=True):
        client = signed_in(requester_of(estimate))
        page = text_of(client.get(url))
        refused = client.post(
            reverse("fees:answer", args=[estimate.case.request.key, "accept"]), {"estimate": estimate.pk}
        )

    assert "no longer valid" in page
    assert "Pay online" not in page
    assert refused.status_code == 409


@time_machine.travel(LATER, tick=True)
def test_accepting_and_paying_leads_to_a_receipt() -> None:
    estimate = an_estimate()
    key, client = estimate.case.request.key, signed_in(requester_of(estimate))

    client.post(reverse("fees:answer", args=[key, "accept"]), {"estimate": estimate.pk})
    checkout = client.post(reverse("fees:pay", args=[key]), {"gateway": "demo"})
    assert "No money moves" in text_of(client.get(checkout["Location"]))
    done = client.post(checkout["Location"], follow=True)

    payment = Payment.objects.get()
    assert "Everything is paid." in text_of(done)
    receipt = text_of(client.get(reverse("fees:receipt", args=[payment.key])))
    assert "$46.00" in receipt
    assert payment.reference in receipt
    again = client.post(checkout["Location"], follow=True)
    assert again.status_code == 200
    assert "no longer open" in text_of(client.get(checkout["Location"]))
    assert FeeCase.objects.get().state == "settled"


@time_machine.travel(LATER, tick=True)
def test_outdated_checkout_is_not_paid() -> None:
    first = an_accepted_estimate(work=pages(100))
    payment = a_checkout(first)
    an_estimate(request=first.case.request, work=pages(130), at=LATER)

    answer = signed_in(requester_of(first)).post(reverse("fees:demo-checkout", args=[payment.key]))

    assert answer.status_code == 409
    assert Payment.objects.get().state == "started"


@time_machine.travel(LATER, tick=True)
def test_narrowing_without_words_keeps_the_page_and_says_why() -> None:
    estimate = an_estimate()
    client, key = signed_in(requester_of(estimate)), estimate.case.request.key

    answer = client.post(reverse("fees:answer", args=[key, "narrow"]), {"estimate": estimate.pk, "text": " "})

    assert answer.status_code == 422
    assert "Say what you can do without." in text_of(answer)
    sent = client.post(
        reverse("fees:answer", args=[key, "ask_waiver"]), {"estimate": estimate.pk, "text": "It is news."}
    )
    assert sent.status_code == 302
    assert "You asked not to be charged." in text_of(client.get(reverse("fees:page", args=[key])))


@pytest.mark.parametrize("data", [{}, {"estimate": "x"}, {"estimate": "-1"}, {"estimate": "9" * 30}])
def test_answer_that_cannot_be_read_is_refused(data: dict[str, str]) -> None:
    estimate = an_estimate()

    answer = signed_in(requester_of(estimate)).post(
        reverse("fees:answer", args=[estimate.case.request.key, "accept"]), data
    )

    assert answer.status_code == 422


def test_unknown_answer_and_foreign_estimate_are_refused() -> None:
    estimate, other = an_estimate(), an_estimate()
    client, key = signed_in(requester_of(estimate)), estimate.case.request.key

    haggle = client.post(reverse("fees:answer", args=[key, "haggle"]), {"estimate": estimate.pk})
    foreign = client.post(reverse("fees:answer", args=[key, "accept"]), {"estimate": other.pk})

    assert (haggle.status_code, foreign.status_code) == (422, 404)
    assert FeeCase.objects.get(pk=other.case_id).state == "estimate_sent"


def test_strangers_meet_nothing_and_are_noted() -> None:
    estimate = an_accepted_estimate()
    payment, request = a_checkout(estimate), estimate.case.request
    body = demo.message(payment)
    notices.receive(gateway_name="demo", body=body, headers={"Demo-Signature": demo.sign(body)}, at=LATER)
    stranger = signed_in(a_user())

    answers = [
        stranger.get(reverse("fees:page", args=[request.key])),
        stranger.post(reverse("fees:answer", args=[request.key, "accept"]), {"estimate": estimate.pk}),
        stranger.post(reverse("fees:pay", args=[request.key]), {"gateway": "demo"}),
        stranger.get(reverse("fees:demo-checkout", args=[payment.key])),
        stranger.post(reverse("fees:demo-checkout", args=[payment.key])),
        stranger.get(reverse("fees:receipt", args=[payment.key])),
    ]

    assert {answer.status_code for answer in answers} == {404}
    assert Entry.objects.filter(outcome="denied", request_key=request.key).count() == len(answers)
    missing = stranger.get(reverse("fees:page", args=["x" * 22]))
    assert without_token(missing) == without_token(answers[0])


def test_signed_out_people_are_sent_to_sign_in() -> None:
    estimate = an_estimate()

    answer = Client().get(reverse("fees:page", args=[estimate.case.request.key]))

    assert answer.status_code == 302
    assert "/account/" in answer["Location"]


@time_machine.travel(LATER, tick=True)
def test_staff_see_the_page_but_neither_answer_nor_pay() -> None:
    estimate = an_accepted_estimate()
    payment, key = a_checkout(estimate), estimate.case.request.key
    clerk = signed_in(a_user(Role.FEE_OFFICER))

    assert "Pay online" not in text_of(clerk.get(reverse("fees:page", args=[key])))
    assert clerk.post(reverse("fees:pay", args=[key]), {"gateway": "demo"}).status_code == 403
    assert clerk.post(reverse("fees:demo-checkout", args=[payment.key])).status_code == 403
    assert Payment.objects.get().state == "started"


def test_receipt_of_an_unpaid_attempt_does_not_exist() -> None:
    payment = a_checkout(an_accepted_estimate())

    answer = signed_in(requester_of(payment.estimate)).get(reverse("fees:receipt", args=[payment.key]))

    assert answer.status_code == 404


def test_receipt_says_what_was_given_back() -> None:
    estimate = an_accepted_estimate()
    officer = a_user(Role.FEE_OFFICER)
    payment = payments.take_at_counter(
        request=estimate.case.request, amount_cents=4600, method="cheque", receipt_number="R-1",
        actor=officer, at=LATER,
    )  # fmt: skip
    refunds.ask(
        payment=payment,
        amount_cents=4600,
        reference="check 9",
        reason="Our mistake.",
        actor=officer,
        at=LATER,
    )
    client = signed_in(requester_of(estimate))

    receipt = text_of(client.get(reverse("fees:receipt", args=[payment.key])))
    page = text_of(client.get(reverse("fees:page", args=[estimate.case.request.key])))

    assert "Given back since" in receipt
    assert "counter, check" in receipt
    assert "The fee was given back." in page


def test_public_page_works_its_examples_out() -> None:
    a_schedule()

    page = text_of(Client().get(reverse("fees:public-schedule")))

    assert "One body-camera recording of 20 minutes: $30.00" in page
    assert "60 pages on paper, an hour of searching: $24.00" in page
    assert "$0.10 per page" in page


def test_public_page_without_a_schedule_says_that_nothing_is_charged() -> None:
    an_agency()

    page = text_of(Client().get(reverse("fees:public-schedule")))

    assert "No fee schedule is in force today" in page


def test_forms_of_the_pages_need_their_token() -> None:
    estimate = an_estimate()
    client = Client(enforce_csrf_checks=True)
    client.force_login(requester_of(estimate), backend=BACKEND)

    answer = client.post(
        reverse("fees:answer", args=[estimate.case.request.key, "accept"]),
        json.dumps({"estimate": estimate.pk}),
        content_type="text/plain",
    )

    assert answer.status_code == 403
