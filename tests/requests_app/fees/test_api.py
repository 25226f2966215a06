"""Fees for programs: allow-listed fields, the pages' own refusals as codes."""

from typing import Any

import pytest
import time_machine
from django.test import Client

from portal.accounts.models import User
from portal.accounts.rules import Role
from requests_app.docket.models import RecordsRequest
from requests_app.fees.models import FeeCase, Payment
from tests.builders import a_request, a_user
from tests.requests_app.fees.fee_builders import (
    LATER,
    RECORDINGS,
    a_schedule,
    an_accepted_estimate,
    an_estimate,
    requester_of,
)

pytestmark = pytest.mark.django_db
CASH = {"method": "cash", "receipt_number": "R"}
SHEET = {"version": 0, "record_type": "body_worn_camera", "work": [], "volumes": {"recordings": RECORDINGS}}


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


def post(user: User, request: RecordsRequest, part: str, data: Any) -> Any:
    return signed_in(user).post(
        f"/api/v1/requests/{request.key}/fees/{part}/", data, content_type="application/json"
    )


def test_standing_shows_exactly_the_listed_fields() -> None:
    estimate = an_estimate()

    data = signed_in(requester_of(estimate)).get(f"/api/v1/requests/{estimate.case.request.key}/fees/").json()

    assert set(data) == {
        "state", "reason", "billed_cents", "paid_cents", "due_cents", "deposit_due_cents", "overpaid_cents",
        "blocks_release", "actions", "worksheet_version", "estimate", "payments",
    }  # fmt: skip
    assert set(data["estimate"]) == {
        "id", "version", "schedule", "lines", "notes", "computed_cents", "billed_cents", "deposit_cents",
        "valid_until", "sent_at",
    }  # fmt: skip
    assert (data["state"], data["due_cents"]) == ("estimate_sent", 4600)
    assert data["actions"] == [
        "send_estimate", "charge_nothing", "accept", "narrow", "ask_waiver", "settle", "write_off",
    ]  # fmt: skip


def test_standing_before_there_is_a_fee() -> None:
    request = a_request()
    assert request.requester is not None

    data = signed_in(request.requester).get(f"/api/v1/requests/{request.key}/fees/").json()

    assert (data["state"], data["estimate"], data["payments"]) == ("worksheet", None, [])


@time_machine.travel(LATER, tick=True)
def test_fee_goes_its_whole_way_through_the_api() -> None:
    a_schedule()
    request, officer = a_request(record_type="body_worn_camera"), a_user(Role.FEE_OFFICER)
    assert request.requester is not None

    quote = post(officer, request, "worksheet", SHEET)
    estimate = post(officer, request, "estimate", {"version": quote.json()["worksheet_version"]})
    accepted = post(
        request.requester, request, "answer", {"action": "accept", "estimate": estimate.json()["id"]}
    )
    counter = {"amount_cents": 4600, "method": "cash", "receipt_number": "R-1"}
    paid = post(officer, request, "counter-payments", counter)

    assert (quote.status_code, estimate.status_code, accepted.status_code) == (200, 201, 200)
    assert (quote.json()["billed_cents"], estimate.json()["billed_cents"]) == (4600, 4600)
    assert accepted.json()["state"] == "accepted"
    assert paid.status_code == 201
    assert set(paid.json()) == {
        "key", "gateway", "method", "amount_cents", "currency", "state", "paid_at"
    }  # fmt: skip
    assert FeeCase.objects.get(request=request).state == "settled"
    again = post(officer, request, "counter-payments", counter)
    assert (again.status_code, again.json()["code"]) == (409, "receipt_used")


@pytest.mark.parametrize(
    ("part", "data", "status", "code"),
    [
        ("worksheet", {**SHEET, "volumes": {"pages_letter": "-1"}}, 422, "bad_work"),
        ("worksheet", {**SHEET, "volumes": {"pages_letter": "NaN"}}, 422, "bad_work"),
        ("worksheet", {**SHEET, "volumes": {"pages_letter": "1e309"}}, 422, "bad_work"),
        ("worksheet", {**SHEET, "version": 7}, 409, "stale"),
        ("worksheet", {**SHEET, "work": [{"activity": "gossip", "minutes": "1"}]}, 400, "invalid"),
        ("worksheet", {"record_type": "paper"}, 400, "invalid"),
        ("estimate", {"version": 3}, 409, "stale"),
        ("estimate", {}, 400, "invalid"),
        (
            "counter-payments",
            {"amount_cents": 1, **CASH},
            409,
            "nothing_due",
        ),
        ("counter-payments", {"amount_cents": -1, **CASH}, 400, "invalid"),
        (
            "counter-payments",
            {"amount_cents": 10**12, **CASH},
            400,
            "invalid",
        ),
        (
            "counter-payments",
            {"amount_cents": "4.005", **CASH},
            400,
            "invalid",
        ),
        ("counter-payments", {"amount_cents": 1, "method": "shells", "receipt_number": "R"}, 400, "invalid"),
    ],
)
def test_refusals_have_their_status_and_code(part: str, data: dict[str, Any], status: int, code: str) -> None:
    a_schedule()
    request = a_request()

    answer = post(a_user(Role.FEE_OFFICER), request, part, data)

    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert not FeeCase.objects.exclude(work={}).exists()


@time_machine.travel(LATER, tick=True)
def test_wrong_amount_and_foreign_answers_are_refused() -> None:
    estimate, other = an_accepted_estimate(), an_estimate()
    request = estimate.case.request

    wrong = post(
        a_user(Role.CLERK), request, "counter-payments",
        {"amount_cents": 4601, **CASH},
    )  # fmt: skip
    foreign = post(requester_of(estimate), request, "answer", {"action": "accept", "estimate": other.pk})
    staff = post(a_user(Role.CLERK), other.case.request, "answer", {"action": "accept", "estimate": other.pk})

    assert (wrong.status_code, wrong.json()["code"]) == (422, "wrong_amount")
    assert (foreign.status_code, staff.status_code) == (404, 403)
    assert not Payment.objects.exists()


@pytest.mark.parametrize("part", ["worksheet", "estimate", "counter-payments"])
def test_staffs_parts_are_closed_to_the_requester_and_unknown_to_strangers(part: str) -> None:
    estimate = an_estimate()
    request = estimate.case.request

    mine = post(requester_of(estimate), request, part, SHEET)
    strange = post(a_user(), request, part, SHEET)
    nobody = Client().post(
        f"/api/v1/requests/{request.key}/fees/{part}/", SHEET, content_type="application/json"
    )

    assert (mine.status_code, strange.status_code) == (403, 404)
    assert nobody.status_code in {401, 403}
    assert FeeCase.objects.get(request=request).work_version == 1


def test_work_keeps_only_what_is_listed() -> None:
    a_schedule()
    request = a_request()

    post(
        a_user(Role.CLERK), request, "worksheet",
        {**SHEET, "waiver_percent": "100", "events": {"prepaid": "900"}, "adjustment": "-5",
         "facts": {"response_notice_missed": True}},
    )  # fmt: skip

    work = FeeCase.objects.get(request=request).work
    assert set(work) == {"record_type", "work", "volumes", "facts"}
