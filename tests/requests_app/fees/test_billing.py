"""What changes a bill after it was agreed: write-off, what the work took, lateness, interest, waivers."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
import time_machine

from portal.accounts.rules import Role
from portal.core.errors import BadInput, IllegalMove, NotAllowed
from requests_app.correspondence.models import Letter
from requests_app.docket.models import RecordsRequest
from requests_app.docket.rules import Disposition, Status
from requests_app.fees import (
    accrual,
    billing,
    notices,
    selectors,
    services,
    statements,
    tasks,
    waivers,
)
from requests_app.fees.gateways import Notice
from requests_app.fees.models import (
    Estimate,
    FeeCase,
    Invoice,
    MoneyPolicy,
    MoneyTask,
    Payment,
)
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
)
from tests.requests_app.fees.money_moves import SETTLED, at_counter, tell

pytestmark = pytest.mark.django_db


def paid_online(cents: int = 4600) -> Payment:
    payment = a_checkout(an_accepted_estimate(work=pages(cents // 10)))
    tell(payment, intent=f"pi_{payment.key}")
    return Payment.objects.get(pk=payment.pk)


def case_of(payment: Payment) -> FeeCase:
    return FeeCase.objects.get(pk=payment.case_id)


def open_tasks() -> list[str]:
    return list(MoneyTask.objects.filter(done_at=None).values_list("kind", flat=True))


def said(payment: Payment, name: str, kind: str, **more: Any) -> str:
    given = {"amount_cents": payment.amount_cents, **more}
    notice = Notice(name, kind, f"pi_{payment.key}", **given)
    return notices.book(gateway_name="demo", notice=notice, at=LATER)


def test_write_off_needs_the_right_a_reason_and_a_debt() -> None:
    estimate = an_accepted_estimate()
    request = estimate.case.request

    with pytest.raises(NotAllowed):
        billing.write_off(request=request, actor=a_user(Role.CLERK), reason="x", at=LATER)
    with pytest.raises(BadInput):
        billing.write_off(request=request, actor=a_user(Role.APPROVER), reason=" ", at=LATER)
    open_checkout = a_checkout(estimate)
    billing.write_off(request=request, actor=a_user(Role.APPROVER), reason="Too small.", at=LATER)
    with pytest.raises(IllegalMove, match="Nothing is owed"):
        billing.write_off(request=request, actor=a_user(Role.APPROVER), reason="x", at=LATER)
    tell(open_checkout)

    assert (accounts(estimate.case), selectors.summary(request).state) == (SETTLED, "settled")


def test_final_bill_gives_the_difference_back_and_never_passes_what_was_agreed() -> None:
    estimate = an_accepted_estimate(work=pages(460))
    request, officer = estimate.case.request, a_user(Role.FEE_OFFICER)
    at_counter(request, 4600)
    with pytest.raises(IllegalMove, match="Nothing was agreed"):
        billing.bill_work(request=an_estimate().case.request, actor=officer, at=LATER)

    services.save_worksheet(request=request, work=pages(500), actor=officer, at=LATER)
    dearer = billing.bill_work(request=request, actor=officer, at=LATER)
    services.save_worksheet(request=request, work=pages(400), actor=officer, at=LATER)
    cheaper = billing.bill_work(request=request, actor=officer, at=LATER)

    assert (dearer.billed_cents, "Nobody agreed to more than" in dearer.notes[-1]) == (4600, True)
    assert (cheaper.billed_cents, selectors.summary(request).overpaid_cents) == (4000, 600)
    assert (case_state(request), open_tasks()) == ("settled", ["refund_due"])


def case_state(request: RecordsRequest) -> str:
    return FeeCase.objects.get(request=request).state


def test_final_bill_passes_the_estimate_by_the_share_the_law_allows_once() -> None:
    an_agency(law_code="OH")
    a_schedule()
    work = {"record_type": "law_enforcement_video", "volumes": {"video_seconds_produced": "10800"}}
    request = a_request(record_type="law_enforcement_video")
    an_accepted_estimate(request=request, work={**work, "actual_cost": "100.00"})
    at_counter(request, 10000)
    officer = a_user(Role.FEE_OFFICER)
    told = {**work, "actual_cost": "130.00", "events": {"overage_notified": True}}
    services.save_worksheet(request=request, work=told, actor=officer, at=LATER)

    first = billing.bill_work(request=request, actor=officer, at=LATER)
    second = billing.bill_work(request=request, actor=officer, at=LATER)

    assert (first.billed_cents, second.billed_cents) == (12000, 12000)
    found = selectors.summary(request)
    assert (found.state, found.due_cents) == ("accepted", 2000)


def a_late_case() -> Estimate:
    """A bill of 10.00 in Massachusetts whose first answer never came."""
    an_agency(law_code="MA", time_zone="America/New_York")
    a_schedule()
    work = {"work": [{"activity": "search", "minutes": "600", "rate": "25", "rate_per": "hour"}]}
    return an_accepted_estimate(request=a_request(), work=work)


def test_late_answer_takes_the_fee_away_with_its_rule_and_what_was_paid_comes_back() -> None:
    estimate = a_late_case()
    request = estimate.case.request
    at_counter(request, estimate.billed_cents)
    much_later = NOON + timedelta(days=60)

    on_time = billing.lower_if_late(request=request, at=LATER)
    lowered = billing.lower_if_late(request=request, at=much_later)
    again = billing.lower_if_late(request=request, at=much_later)

    assert (on_time, again) == (None, None)
    assert lowered is not None
    assert (lowered.billed_cents, case_state(request)) == (0, "no_fee")
    assert accounts(estimate.case) == {"cash": estimate.billed_cents, "overpayment": -estimate.billed_cents}
    note = Invoice.objects.get(kind="credit_note")
    assert "10 business days" in note.rule
    assert estimate.case.ledger.filter(rule=note.rule).exists()
    assert open_tasks() == ["refund_due"]


def speak_spanish(request: RecordsRequest) -> None:
    assert request.requester is not None
    request.requester.language = "es"
    request.requester.save(update_fields=["language"])


def last_letter(request: RecordsRequest) -> str:
    letter = Letter.objects.filter(request=request).latest("pk")
    assert letter.language == "es"
    return f"{letter.subject}. {letter.body}"


def test_fee_that_lateness_lowers_is_told_in_spanish_with_and_without_a_bill() -> None:
    billed = a_late_case()
    estimated = an_estimate(request=a_request(), work=billed.work)
    for estimate in (billed, estimated):
        speak_spanish(estimate.case.request)
        billing.lower_if_late(request=estimate.case.request, at=NOON + timedelta(days=60))

    note, lower = (last_letter(each.case.request) for each in (billed, estimated))
    assert "Nota de crédito" in note
    assert "La respuesta llega tarde, por eso el costo baja a $0.00." in note
    assert f"El costo de su solicitud {estimated.case.request.number} es menor" in lower
    assert "por eso el costo es $0.00 en lugar de" in lower


@pytest.mark.parametrize("pages_done", [460, 500, 400])
def test_final_bill_is_told_in_spanish_whether_it_changes_or_not(pages_done: int) -> None:
    estimate = an_accepted_estimate(work=pages(460))
    request, officer = estimate.case.request, a_user(Role.FEE_OFFICER)
    speak_spanish(request)
    services.save_worksheet(request=request, work=pages(pages_done), actor=officer, at=LATER)

    billing.bill_work(request=request, actor=officer, at=LATER)

    told = {
        460: "La cuenta sigue siendo $46.00, como usted aceptó.",
        500: "El trabajo costó $50.00. Nadie aceptó más de $46.00, así que esa es la cuenta.",
        400: "Cuenta final: lo que costó el trabajo.",
    }
    assert told[pages_done] in last_letter(request)


def test_late_fees_are_looked_for_by_themselves_and_one_fault_stops_no_other() -> None:
    estimate = a_late_case()
    broken = an_accepted_estimate(request=a_request(), work=estimate.work)
    Estimate.objects.create(
        case=broken.case, version=2, schedule=broken.schedule, work={"volumes": {"unheard_of": "1"}},
        lines=[], computed_cents=1, billed_cents=1, sent_at=LATER,
    )  # fmt: skip

    with time_machine.travel(NOON + timedelta(days=60), tick=True):
        first, second = tasks.lower_late(), tasks.lower_late()

    assert (first, second, case_state(estimate.case.request)) == (1, 0, "no_fee")
    assert case_state(broken.case.request) == "accepted"


def test_interest_is_posted_from_the_thirty_first_day_once() -> None:
    agency = an_agency(law_code="US")
    MoneyPolicy.objects.create(agency=agency, interest_percent=Decimal("4"), set_at=NOON)
    a_schedule()
    request = a_request(requester_category="commercial")
    estimate = an_accepted_estimate(request=request, work=pages(3000))
    case = estimate.case
    due = datetime(2027, 1, 2, 18, tzinfo=UTC)  # 30 days after the 31st day, 3 December

    assert "4 percent a year" in billing.interest_to_come(FeeCase.objects.get(pk=case.pk), at=NOON)
    assert billing.charge_interest(case=case, at=datetime(2026, 12, 3, 18, tzinfo=UTC)) == 0
    assert billing.charge_interest(case=case, at=due) == 98
    assert billing.charge_interest(case=case, at=due) == 0
    assert accounts(case) == {"receivable": 30_098, "revenue": -30_000, "interest": -98}
    at_counter(request, 30_098)
    assert (case_state(request), billing.charge_interest(case=case, at=due + timedelta(days=90))) == (
        "settled", 0,
    )  # fmt: skip
    assert list(billing.with_interest()) == []
    assert tasks.charge_interest() == 0


def test_interest_is_paid_before_the_bill_and_shrinks_with_it() -> None:
    bill = accrual.Bill(date(2026, 11, 2), 30_000, Decimal(4))
    half = [accrual.Credit(date(2027, 1, 2), 15_098)]

    def grown(credits: list[accrual.Credit], upto: date) -> int:
        return accrual.grown([bill], credits, upto=upto, from_day=31, year_days=365)

    assert grown([], date(2027, 1, 2)) == 98
    assert grown(half, date(2027, 2, 1)) == 98 + 49
    assert grown([], date(2026, 12, 1)) == 0
    assert accrual.grown([], [], upto=date(2027, 1, 1), from_day=31, year_days=365) == 0


def test_part_of_a_fee_is_waived_by_a_new_estimate_with_a_letter() -> None:
    estimate = an_estimate()
    request, person = estimate.case.request, requester_of(estimate)
    services.ask_waiver(estimate=estimate, actor=person, at=LATER, text="Please.")
    given: dict[str, Any] = {
        "request": request, "actor": a_user(Role.APPROVER), "at": LATER, "reason": "Half serves all.",
    }  # fmt: skip

    with pytest.raises(BadInput, match="from 0 to 100"):
        waivers.decide(**given, percent=101)
    waivers.decide(**given, percent=50, standard="Public benefit.")
    newest = request.fee_case.estimates.first()
    assert newest is not None
    services.accept(estimate=newest, actor=person, at=LATER)

    assert (newest.billed_cents, newest.waived_cents) == (2300, 2300)
    assert accounts(estimate.case) == {"receivable": 2300, "waived": 2300, "revenue": -4600}
    letter = Letter.objects.get(dedupe_key__startswith="waiver-decision")
    assert all(words in letter.html for words in ("50 percent", "Public benefit.", "Half serves all."))


def test_money_for_a_finished_request_pays_what_a_bank_took_back() -> None:
    payment = paid_online()
    said(payment, "evt_l", "dispute", item="dp_1", step="lost")
    RecordsRequest.objects.filter(pk=payment.case.request_id).update(
        status=Status.CLOSED, disposition=Disposition.FULL, closed_at=LATER
    )

    at_counter(RecordsRequest.objects.get(pk=payment.case.request_id), 4600)

    assert (accounts(payment.case), case_of(payment).state) == (SETTLED, "settled")


def test_statement_explains_every_line_and_closes_with_the_balance() -> None:
    estimate = an_accepted_estimate()
    at_counter(estimate.case.request, 1000)

    lines = statements.lines(estimate.case)

    assert [line.change_cents for line in lines] == [None, 4600, -1000]
    assert [line.balance_cents for line in lines] == [0, 4600, 3600]
    assert "counter, cash, R-1" in lines[-1].what
    assert statements.closing(lines) == "You still have to pay $36.00."
    assert statements.closing([]) == "Nothing is owed on either side."
