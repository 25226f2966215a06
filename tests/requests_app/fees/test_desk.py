"""The staff's fee page: worksheet, estimate, waiver, counter, refund."""

from typing import Any

import pytest
import time_machine
from django.test import Client, RequestFactory
from django.urls import reverse

from portal.accounts.models import User
from portal.accounts.rules import Role
from portal.audit.models import Entry
from portal.core.errors import NotAllowed
from requests_app.docket.models import RecordsRequest
from requests_app.fees import desk, notices, payments, services
from requests_app.fees.gateways import Notice
from requests_app.fees.models import FeeCase, LedgerEntry, Payment
from tests.builders import a_request, a_user
from tests.requests_app.fees.fee_builders import (
    LATER,
    a_checkout,
    a_schedule,
    an_accepted_estimate,
    an_estimate,
    requester_of,
)

pytestmark = pytest.mark.django_db
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
SHEET = {"record_type": "body_worn_camera", "recordings": "12:59\n4:30\n0:45", "version": "0"}


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user, backend=BACKEND)
    return client


def text_of(answer: Any) -> str:
    return " ".join(answer.content.decode().split())


def at(name: str, request: RecordsRequest) -> str:
    return reverse(f"fees:{name}", args=[request.key])


@pytest.fixture
def officer() -> Client:
    return signed_in(a_user(Role.FEE_OFFICER))


def test_worksheet_is_saved_shown_and_sent(officer: Client) -> None:
    a_schedule()
    request = a_request(record_type="body_worn_camera")

    assert "Nothing is written on the worksheet yet." in text_of(officer.get(at("worksheet", request)))
    page = text_of(officer.post(at("worksheet", request), SHEET, follow=True))
    assert "Send the estimate of $46.00" in page
    assert "12:59 4:30 0:45" in page
    sent = text_of(officer.post(at("send", request), {"version": "1"}, follow=True))

    assert "The estimate is sent." in sent
    assert "Send the estimate" not in sent.split("The estimate is sent.")[1]
    assert FeeCase.objects.get(request=request).state == "estimate_sent"
    assert Entry.objects.filter(action="fees.viewed", request_key=request.key).count() >= 4


@pytest.mark.parametrize(
    ("field", "typed", "said"),
    [
        ("recordings", "12:75", "is not a length"),
        ("recordings", "1:99:00", "is not a length"),
        ("recordings", "two hours", "is not a length"),
        ("pages_letter", "-1", "greater than or equal to 0"),
        ("pages_letter", "1e309", "whole number"),
        ("minutes_search", "NaN", "number"),
        ("media_cost", "0.005", "whole cents"),
        ("media_cost", "lots", "not an amount"),
        ("record_type", "gossip", "valid choice"),
    ],
)
def test_bad_figures_are_named_and_nothing_is_kept(
    officer: Client, field: str, typed: str, said: str
) -> None:
    a_schedule()
    request = a_request()

    answer = officer.post(at("worksheet", request), {**SHEET, field: typed})

    assert answer.status_code == 422
    assert said in text_of(answer)
    assert FeeCase.objects.get(request=request).work == {}


def test_worksheet_without_a_schedule_says_why_nothing_can_be_worked_out(officer: Client) -> None:
    answer = officer.post(at("worksheet", a_request()), SHEET)

    assert answer.status_code == 422
    assert "No fee schedule was in force on November 2, 2026" in text_of(answer)


def test_saved_worksheet_whose_schedule_is_missing_says_so(officer: Client) -> None:
    request = a_request()
    FeeCase.objects.create(request=request, work={"record_type": "paper", "volumes": {}})

    page = text_of(officer.get(at("worksheet", request)))

    assert "No fee schedule was in force on November 2, 2026" in page
    assert "Send the estimate" not in page


def test_stale_worksheet_is_refused(officer: Client) -> None:
    a_schedule()
    request = a_request()
    officer.post(at("worksheet", request), SHEET)

    assert officer.post(at("worksheet", request), SHEET).status_code == 409
    assert officer.post(at("send", request), {"version": "0"}).status_code == 409


def test_hours_are_read_back_as_they_were_typed(officer: Client) -> None:
    a_schedule()
    request = a_request()
    typed = {
        **SHEET, "recordings": "1:02:30 *\n59", "pages_letter": "3", "media_cost": "$4.50",
        "minutes_search": "90", "fact_response_notice_missed": "on", "discs_cd": "2",
    }  # fmt: skip

    assert "“59” is not a length" in text_of(officer.post(at("worksheet", request), typed))
    page = officer.post(at("worksheet", request), {**typed, "recordings": "1:02:30 *"}, follow=True)

    work = FeeCase.objects.get(request=request).work
    assert work["volumes"]["recordings"] == [{"seconds": 3750, "previously_released": True}]
    assert work["volumes"]["media_cost"] == "4.50"
    assert work["facts"] == {"response_notice_missed": True}
    assert "1:02:30*" in text_of(page)
    assert "Record that the schedule charges nothing" in text_of(page)


def test_charging_nothing_needs_a_reason(officer: Client) -> None:
    request = a_request()

    assert officer.post(at("charge-nothing", request), {"nothing-reason": " "}).status_code == 422
    page = text_of(
        officer.post(at("charge-nothing", request), {"nothing-reason": "Public interest."}, follow=True)
    )

    assert "Public interest." in page
    assert FeeCase.objects.get(request=request).state == "no_fee"


def test_waiver_is_decided_with_the_requesters_words_in_sight(officer: Client) -> None:
    estimate = an_estimate()
    request = estimate.case.request
    services.ask_waiver(
        estimate=estimate, actor=requester_of(estimate), at=LATER, text="I write for the Larkspur Lantern."
    )

    assert "Larkspur Lantern" in text_of(officer.get(at("worksheet", request)))
    assert officer.post(at("waiver", request), {"reason": "x", "standard": "x"}).status_code == 422
    assert officer.post(at("waiver", request), {**GRANT, "reason": ""}).status_code == 422
    officer.post(at("waiver", request), GRANT)

    assert FeeCase.objects.get(request=request).state == "waived"


def test_waiver_can_be_refused(officer: Client) -> None:
    estimate = an_estimate()
    services.ask_waiver(estimate=estimate, actor=requester_of(estimate), at=LATER, text="Please.")

    officer.post(at("waiver", estimate.case.request), {**GRANT, "percent": "0"})

    assert FeeCase.objects.get(request=estimate.case.request).state == "estimate_sent"


@time_machine.travel(LATER, tick=True)
def test_counter_says_what_is_wrong_and_books_what_is_right(officer: Client) -> None:
    estimate = an_accepted_estimate()
    request = estimate.case.request
    given = {"method": "cash", "amount": "46.00", "receipt_number": "R-1"}

    wrong = officer.post(at("counter", request), {**given, "amount": "47"})
    unread = officer.post(at("counter", request), {**given, "amount": "forty"})
    officer.post(at("counter", request), given)
    again = officer.post(at("counter", an_accepted_estimate().case.request), given)

    assert "$46.00 is due: take that or a part of it, not $47.00." in text_of(wrong)
    assert "is not an amount" in text_of(unread)
    assert "Receipt R-1 is booked already." in text_of(again)
    assert [answer.status_code for answer in (wrong, unread, again)] == [422, 422, 422]
    assert FeeCase.objects.get(request=request).state == "settled"


@time_machine.travel(LATER, tick=True)
def test_refund_is_booked_from_the_page(officer: Client) -> None:
    estimate = an_accepted_estimate()
    request = estimate.case.request
    payment = payments.take_at_counter(
        request=request, amount_cents=4600, method="cash", receipt_number="R-1",
        actor=a_user(Role.FEE_OFFICER), at=LATER,
    )  # fmt: skip
    given = {
        "refund-payment": payment.key, "refund-amount": "46", "refund-reference": "check 3",
        "refund-reason": "Our mistake.",
    }  # fmt: skip

    assert "Give money back" in text_of(officer.get(at("worksheet", request)))
    too_much = officer.post(at("refund", request), {**given, "refund-amount": "47"})
    page = text_of(officer.post(at("refund", request), given, follow=True))

    assert too_much.status_code == 422
    assert "refund check 3" in page
    assert FeeCase.objects.get(request=request).state == "refunded"
    assert officer.post(at("refund", request), given).status_code == 422


@time_machine.travel(LATER, tick=True)
def test_money_that_does_not_fit_is_shown_to_staff(officer: Client) -> None:
    payment = a_checkout(an_accepted_estimate())
    notices.book(gateway_name="demo", notice=Notice("evt_1", "paid", payment.reference, 100), at=LATER)
    payments.take_at_counter(
        request=payment.case.request, amount_cents=4600, method="cash", receipt_number="R-1",
        actor=a_user(Role.FEE_OFFICER), at=LATER,
    )  # fmt: skip
    notices.book(gateway_name="demo", notice=Notice("evt_2", "paid", payment.reference, 4600), at=LATER)

    page = text_of(officer.get(at("worksheet", payment.case.request)))

    assert "Demonstration reports $1.00 USD for a payment of $46.00 USD. It does not fit" in page
    assert "$46.00 was paid too much for 26-00001." in page


GRANT = {"percent": "100", "standard": "Public benefit.", "reason": "It serves the public."}
FORMS = ("worksheet", "send", "charge-nothing", "waiver", "counter", "refund")
ALLOWED = {
    "worksheet": {Role.CLERK, Role.ANALYST, Role.FEE_OFFICER},
    "send": {Role.CLERK, Role.ANALYST, Role.FEE_OFFICER},
    "charge-nothing": {Role.CLERK, Role.ANALYST, Role.FEE_OFFICER},
    "waiver": {Role.APPROVER, Role.FEE_OFFICER},
    "counter": {Role.CLERK, Role.FEE_OFFICER},
    "refund": {Role.CLERK, Role.FEE_OFFICER},
}


@time_machine.travel(LATER, tick=True)
@pytest.mark.parametrize("name", FORMS)
def test_each_form_is_for_the_roles_that_carry_it(name: str) -> None:
    forbidden = set()
    for role in Role:
        request = _ready_for(name)
        data = {
            **SHEET, "version": "1", "nothing-reason": "Yes.", **GRANT, "writeoff-reason": "Yes.",
            "method": "cash", "amount": "46", "receipt_number": f"R-{role}", "refund-amount": "46",
            "refund-reference": "check", "refund-reason": "Yes.",
            "refund-payment": getattr(Payment.objects.filter(case__request=request).first(), "key", ""),
        }  # fmt: skip
        before = (list(FeeCase.objects.order_by("pk").values()), LedgerEntry.objects.count())

        answer = signed_in(a_user(role)).post(at(name, request), data)

        if answer.status_code == 403:
            forbidden.add(role)
            assert (list(FeeCase.objects.order_by("pk").values()), LedgerEntry.objects.count()) == before
        else:
            assert answer.status_code == 302, text_of(answer)
    assert set(Role) - forbidden == ALLOWED[name]


def test_requester_cannot_open_the_staffs_page_of_her_own_request() -> None:
    estimate = an_estimate()
    person, request = requester_of(estimate), estimate.case.request
    direct = RequestFactory().get("/")
    direct.user = person

    assert signed_in(person).get(at("worksheet", request)).status_code in {403, 404}
    with pytest.raises(NotAllowed):
        desk.load(direct, request.key)  # type: ignore[arg-type]  # the view's own request type
    assert Entry.objects.filter(action="fees.viewed", outcome="denied").exists()


def _ready_for(name: str) -> RecordsRequest:
    if name in {"counter", "refund"}:
        estimate = an_accepted_estimate()
        if name == "refund":
            payments.take_at_counter(
                request=estimate.case.request, amount_cents=4600, method="cash",
                receipt_number=f"P-{estimate.pk}", actor=a_user(Role.FEE_OFFICER), at=LATER,
            )  # fmt: skip
    else:
        estimate = an_estimate()
        if name == "waiver":
            services.ask_waiver(estimate=estimate, actor=requester_of(estimate), at=LATER, text="Please.")
    return estimate.case.request
