"""The letters about money come from their own templates, in the requester's language."""

from typing import Any

import pytest

from portal.accounts.models import User
from portal.accounts.rules import Role
from portal.audit.models import Entry
from portal.core.errors import BadInput
from requests_app.correspondence import services as correspondence
from requests_app.correspondence.models import Letter
from requests_app.correspondence.required import LetterIncomplete, Missing
from requests_app.docket.models import RecordsRequest
from requests_app.fees import services, waivers
from requests_app.fees.models import Invoice
from tests.builders import a_user
from tests.requests_app.fees.fee_builders import (
    LATER,
    a_checkout,
    an_accepted_estimate,
    an_estimate,
    requester_of,
)
from tests.requests_app.fees.money_moves import tell

pytestmark = pytest.mark.django_db


def in_spanish(request: RecordsRequest) -> None:
    assert request.requester is not None
    User.objects.filter(pk=request.requester.pk).update(language="es")
    request.requester.language = "es"


def test_invoice_and_receipt_are_letters_of_their_own_kind() -> None:
    estimate = an_accepted_estimate()
    tell(a_checkout(estimate))

    bill = Letter.objects.get(kind="invoice")
    receipt = Letter.objects.get(kind="receipt")

    paper = Invoice.objects.get()
    assert paper.number in bill.subject
    assert "$46.00" in bill.html
    assert "16 full minutes" in bill.html
    assert "Receipt R26-00001" in receipt.subject
    assert "Paid: <strong>$46.00</strong>" in receipt.html
    assert "Towards the bill: $46.00." in receipt.html


def test_estimate_counts_in_whole_words() -> None:
    an_estimate()

    letter = Letter.objects.get(kind="fee_estimate")

    assert "3 recordings" in letter.html
    assert "16 full minutes" in letter.html
    assert "$1.00" in letter.html


def test_invoice_and_receipt_are_written_in_the_requesters_language() -> None:
    estimate = an_estimate()
    request = estimate.case.request
    in_spanish(request)
    services.accept(estimate=estimate, actor=requester_of(estimate), at=LATER)
    tell(a_checkout(estimate))

    bill, receipt = Letter.objects.get(kind="invoice"), Letter.objects.get(kind="receipt")

    assert (bill.language, receipt.language) == ("es", "es")
    assert bill.subject.startswith("Factura I26-00001")
    assert receipt.subject.startswith("Recibo R26-00001")
    assert "Por favor pague a más tardar" in bill.html


def test_waiver_decision_names_its_decider_test_and_appeal() -> None:
    estimate = an_estimate()
    request = estimate.case.request
    services.ask_waiver(estimate=estimate, actor=requester_of(estimate), at=LATER, text="Please.")

    waivers.decide(
        request=request, actor=a_user(Role.APPROVER, name="Ada Vale", title="Records Manager"), at=LATER,
        percent=0, reason="It serves one person.", standard="Public benefit.",
    )  # fmt: skip

    letter = Letter.objects.get(kind="fee_waiver_decision")
    for words in ("not waived.", "Ada Vale, Records Manager", "Public benefit.", "attorney general"):
        assert words in letter.html


@pytest.mark.parametrize(("name", "standard", "says"), [("", "Use.", "signer"), ("Ada", " ", "Test")])
def test_waiver_decision_without_decider_or_test_is_not_sent(name: str, standard: str, says: str) -> None:
    estimate = an_estimate()
    services.ask_waiver(estimate=estimate, actor=requester_of(estimate), at=LATER, text="Please.")
    before = Letter.objects.count()

    with pytest.raises(BadInput, match=says):
        waivers.decide(
            request=estimate.case.request, actor=a_user(Role.APPROVER, name=name), at=LATER, percent=0,
            reason="It serves one person.", standard=standard,
        )  # fmt: skip

    assert Letter.objects.count() == before


def test_money_is_booked_though_its_letter_lacks_something(monkeypatch: pytest.MonkeyPatch) -> None:
    real = correspondence.send_letter

    def lacking(**letter: Any) -> Letter:
        if letter["kind"] != "notice":
            raise LetterIncomplete([Missing("x", "What a law wants", None, "Fill it in.")])
        return real(**letter)

    estimate = an_estimate()
    monkeypatch.setattr(correspondence, "send_letter", lacking)
    services.accept(estimate=estimate, actor=requester_of(estimate), at=LATER)

    outcome = tell(a_checkout(estimate))

    assert outcome == "paid"
    receipt = Letter.objects.get(subject__startswith="Receipt")
    assert receipt.kind == "notice"
    assert "$46.00 paid, $0.00 still to be paid" in receipt.html
    assert Entry.objects.filter(action="letter.incomplete").count() == 2
