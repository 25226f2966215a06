"""A requester's other requests: unpaid bills, and requests counted as one."""

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse

from portal.accounts.rules import Role
from requests_app.docket.models import RecordsRequest
from requests_app.fees import history, quoting, services
from requests_app.fees.forms import WorksheetForm
from requests_app.fees.models import FeeCase
from requests_app.law.pack import shipped
from tests.builders import NOON, a_request, a_user, an_agency
from tests.requests_app.fees.fee_builders import LATER, a_schedule, an_accepted_estimate, pages
from tests.requests_app.fees.test_schedules import filled, signed_in, text_of

pytestmark = pytest.mark.django_db


def federal(**more: Any) -> RecordsRequest:
    an_agency(law_code="US")
    return a_request(record_type="paper", requester_category="other", **more)


def worked_on(request: RecordsRequest, work: dict[str, Any]) -> FeeCase:
    services.save_worksheet(request=request, work=work, actor=a_user(Role.FEE_OFFICER), at=NOON)
    return FeeCase.objects.get(request=request)


def test_halves_counted_as_one_get_the_free_pages_once() -> None:
    first = federal()
    a_schedule()
    second = a_request(record_type="paper", requester_category="other", requester=first.requester)
    worked_on(first, pages(400))
    case = worked_on(second, {**pages(400), "together": [first.key]})

    apart = quoting.quote_work(case, pages(400), NOON)
    together = quoting.quote_work(case, case.work, NOON)

    assert apart.computed_cents == 3000
    assert together.computed_cents == 7000
    assert f"Counted as one with {first.number}; what was charged there, $0.00," in together.notes[0]


def test_what_the_other_part_was_charged_is_taken_off() -> None:
    an_agency(law_code="US")
    estimate = an_accepted_estimate(
        request=a_request(record_type="paper", requester_category="other"), work=pages(400)
    )
    first = estimate.case.request
    second = a_request(record_type="paper", requester_category="other", requester=first.requester)
    case = worked_on(second, {**pages(400), "together": [first.key, "nobody"]})

    made = quoting.quote_work(case, case.work, NOON)

    assert estimate.billed_cents == 3000
    assert made.computed_cents == 4000
    assert "$30.00" in made.notes[0]


def test_only_near_requests_of_the_same_person_with_a_worksheet_are_parts() -> None:
    mine = federal()
    a_schedule()
    near = a_request(requester=mine.requester, record_type="paper")
    far = a_request(requester=mine.requester, received_at=NOON + timedelta(days=31), record_type="paper")
    other = a_request(record_type="paper")
    empty = a_request(requester=mine.requester, record_type="paper")
    for request in (near, far, other):
        FeeCase.objects.create(request=request, work=pages(10))

    assert [case.request for case in history.parts(mine)] == [near]
    assert history.chosen(mine, [near.key, far.key, other.key, empty.key]) == history.parts(mine)
    assert history.chosen(mine, []) == []


def test_law_without_a_rule_counts_every_request_alone() -> None:
    mine = a_request(record_type="paper")
    a_schedule()
    FeeCase.objects.create(request=a_request(requester=mine.requester, record_type="paper"), work=pages(10))

    assert history.parts(mine) == []


def test_bill_left_unpaid_lets_the_agency_ask_for_payment_first() -> None:
    an_agency(law_code="US")
    estimate = an_accepted_estimate(
        request=a_request(record_type="paper", requester_category="other"), work=pages(400)
    )
    unpaid = estimate.case.request
    again = a_request(record_type="paper", requester_category="other", requester=unpaid.requester)
    case = worked_on(again, pages(400))

    soon = quoting.quote_work(case, case.work, LATER)
    after = quoting.quote_work(case, case.work, LATER + timedelta(days=60))
    stranger = a_request(record_type="paper")

    assert (soon.advance_payment_allowed, after.advance_payment_allowed) == (False, True)
    assert not history.has_unpaid_bill(stranger, on=(LATER + timedelta(days=60)).date())
    assert not history.has_unpaid_bill(unpaid, on=(LATER + timedelta(days=60)).date())


def test_worksheet_asks_for_grades_parts_and_the_number_of_the_copy() -> None:
    law = shipped("AZ").fees
    form = WorksheetForm(
        {"record_type": "paper", "minutes_search": "60", "grade_search": "clerk", "copy_number": "2",
         "together": ["abc"], "recordings": ""},
        law=law, grades=["clerk"], parts=[("abc", "R-1")],
    )  # fmt: skip

    assert form.is_valid(), form.errors
    work = form.work()

    assert work["work"] == [{"activity": "search", "minutes": "60", "rate_per": "hour", "grade": "clerk"}]
    assert (work["copy_number"], work["together"]) == (2, ["abc"])
    first = WorksheetForm.initial_from(work)
    assert (first["grade_search"], first["copy_number"], first["together"]) == ("clerk", 2, ["abc"])


def test_fact_that_allows_a_charge_can_be_told() -> None:
    form = WorksheetForm(law=shipped("IL").fees)

    assert "fact_voluminous" in form.fields


def test_clerk_counts_two_requests_as_one_on_the_page() -> None:
    first = federal()
    rows: list[dict[str, Any]] = [
        {"rule": "us-page", "rate": "0.10"},
        {"rule": "us-search", "rates": {"clerk": "9.00"}},
    ]
    a_schedule(rows=rows)
    second = a_request(record_type="paper", requester_category="other", requester=first.requester)
    worked_on(first, pages(400))
    client = signed_in(a_user(Role.FEE_OFFICER))
    url = reverse("fees:worksheet", args=[second.key])
    shown = client.get(url)

    form = filled(shown.context["form"], pages_letter="400", minutes_search="240", grade_search="clerk")
    client.post(url, {**form, "together": [first.key]})
    after = client.get(url)

    assert str(first.number) in text_of(shown)
    assert "Searching, done by" in text_of(shown)
    assert after.context["quote"].computed_cents == 7000 + 1800
    assert "Counted as one with" in text_of(after)
