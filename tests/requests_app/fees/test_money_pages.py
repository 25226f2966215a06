"""The pages on which staff correct a bill, and the papers both sides may look at."""

from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from portal.accounts.rules import Role
from portal.core import files
from requests_app.correspondence.models import Letter
from requests_app.fees import refunds, services
from requests_app.fees.models import FeeCase, Invoice, Payment, Receipt, Refund
from tests.builders import a_user
from tests.requests_app.fees.fee_builders import LATER, a_checkout, an_accepted_estimate, pages, requester_of
from tests.requests_app.fees.money_moves import at_counter, tell

pytestmark = pytest.mark.django_db
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


@pytest.fixture(autouse=True)
def _in_time() -> Iterator[None]:
    with time_machine.travel(LATER, tick=True):
        yield


def signed_in(*roles: Role) -> Client:
    client = Client()
    client.force_login(a_user(*roles), backend=BACKEND)
    return client


def text(answer: object) -> str:
    return " ".join(answer.content.decode().split())  # type: ignore[attr-defined]  # a response


def body(answer: Any) -> bytes:
    whole = b"".join(answer.streaming_content)
    for close in answer._resource_closers:  # closing the answer itself would close the test's connection
        close()
    return whole


def test_final_bill_is_made_from_the_worksheet_looked_at() -> None:
    estimate = an_accepted_estimate(work=pages(460))
    request, client = estimate.case.request, signed_in(Role.CLERK)
    services.save_worksheet(request=request, work=pages(400), actor=a_user(Role.CLERK), at=LATER)
    version = FeeCase.objects.get(request=request).work_version

    page = text(client.get(reverse("fees:worksheet", args=[request.key])))
    stale = client.post(reverse("fees:final", args=[request.key]), {"version": version - 1})
    made = client.post(reverse("fees:final", args=[request.key]), {"version": version})

    assert "Make this the final bill" in page
    assert (stale.status_code, made.status_code) == (409, 302)
    assert Invoice.objects.get(kind="credit_note").amount_cents == 600


def test_what_is_owed_is_given_up_with_a_reason() -> None:
    request = an_accepted_estimate().case.request
    client, url = signed_in(Role.APPROVER), reverse("fees:write-off", args=[request.key])

    assert client.post(url, {"writeoff-reason": ""}).status_code == 422
    assert client.post(url, {"writeoff-reason": "Too small to collect."}).status_code == 302
    assert FeeCase.objects.get(request=request).state == "written_off"


def test_second_person_approves_a_refund_on_the_page() -> None:
    payment = a_checkout(an_accepted_estimate(work=pages(2000)))
    tell(payment)
    request = payment.case.request
    asked = refunds.ask(
        payment=Payment.objects.get(pk=payment.pk), amount_cents=15_000, reason="Ours.",
        actor=a_user(Role.CLERK), at=LATER,
    )  # fmt: skip
    client, url = signed_in(Role.APPROVER), reverse("fees:decide-refund", args=[request.key, asked.key])

    page = text(client.get(reverse("fees:worksheet", args=[request.key])))
    clerks = text(signed_in(Role.CLERK).get(reverse("fees:worksheet", args=[request.key])))
    client.post(url, {"decision": "approve"})

    assert "Approve $150.00" in page
    assert "Approve $150.00" not in clerks
    assert "Waits for a second person" in clerks
    assert Refund.objects.get().state == "done"
    assert client.post(reverse("fees:decide-refund", args=[request.key, "none"])).status_code == 404


def test_papers_are_for_the_payer_and_for_staff_alone() -> None:
    estimate = an_accepted_estimate()
    at_counter(estimate.case.request, 4600)
    paper, receipt = Invoice.objects.get(), Receipt.objects.get()
    payer = Client()
    payer.force_login(requester_of(estimate), backend=BACKEND)
    stored = files.store_stream([b"%PDF-1.7 made up"], area="derived")
    Letter.objects.filter(dedupe_key__startswith="receipt:").update(
        pdf_address=stored.address, pdf_sha256=stored.sha256
    )

    mine = payer.get(reverse("fees:invoice", args=[paper.key]))
    staffs = signed_in(Role.AUDITOR).get(reverse("fees:staff-invoice", args=[paper.key]))
    unready = payer.get(reverse("fees:paper", args=["invoice", paper.key]))
    ready = payer.get(reverse("fees:paper", args=["receipt", receipt.key]))
    staff_copy = signed_in(Role.CLERK).get(reverse("fees:staff-paper", args=["receipt", receipt.key]))

    assert "Invoice I26-00001" in text(mine)
    assert "Invoice I26-00001" in text(staffs)
    assert (unready.status_code, "still being printed" in text(unready)) == (409, True)
    assert body(ready) == b"%PDF-1.7 made up"
    assert ready["Content-Disposition"] == 'attachment; filename="R26-00001.pdf"'
    assert body(staff_copy) == b"%PDF-1.7 made up"
    for name in ("fees:invoice", "fees:staff-invoice"):
        assert signed_in().get(reverse(name, args=[paper.key])).status_code in {403, 404}
    for name in ("fees:paper", "fees:staff-paper"):
        assert signed_in().get(reverse(name, args=["receipt", receipt.key])).status_code in {403, 404}
    assert payer.get(reverse("fees:paper", args=["poem", receipt.key])).status_code == 404


def test_requester_reads_her_statement_and_pays_a_part() -> None:
    estimate = an_accepted_estimate()
    request, client = estimate.case.request, Client()
    client.force_login(requester_of(estimate), backend=BACKEND)

    page = text(client.get(reverse("fees:page", args=[request.key])))
    client.post(
        reverse("fees:pay", args=[request.key]), {"gateway": "demo", "part": "some", "amount": "16.00"}
    )
    statement = text(client.get(reverse("fees:statement", args=[request.key])))

    assert "Pay a part of it" in page
    assert Payment.objects.get().amount_cents == 1600
    assert "You still have to pay $46.00." in statement
    assert "Look<span" in client.get(reverse("fees:statement", args=[request.key])).content.decode()
