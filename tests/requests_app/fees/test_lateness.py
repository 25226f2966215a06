"""A late answer reaches the fee by the clock alone."""

from collections.abc import Mapping
from datetime import datetime, timedelta

import pytest

from portal.accounts.rules import Role
from requests_app.clock import selectors as clocks
from requests_app.clock import services as clock
from requests_app.docket.models import RecordsRequest
from requests_app.docket.rules import Disposition, Status
from requests_app.fees import lateness, quoting, selectors, services
from requests_app.law.selectors import pack_for
from tests.builders import NOON, a_request, a_user, an_agency
from tests.requests_app.fees.fee_builders import a_schedule

pytestmark = pytest.mark.django_db


def a_case(law_code: str) -> RecordsRequest:
    an_agency(law_code=law_code)
    a_schedule()
    return a_request()


def billed(request: RecordsRequest, work: Mapping[str, object], at: datetime) -> tuple[int, list[str]]:
    services.save_worksheet(request=request, work=work, actor=a_user(Role.CLERK), at=at)
    quote = quoting.quote(request, at=at)
    assert quote is not None
    return quote.billed_cents, [line.why for line in quote.lines]


def test_answer_in_time_is_not_late() -> None:
    request = a_case("IL")

    found = lateness.of(request, on=selectors.day_of(request, NOON))

    assert (found.business_days, found.calendar_days, found.sentence) == (0, 0, "")


def test_late_answer_takes_the_fee_away_where_the_law_says_so() -> None:
    request = a_case("IL")
    work = {"record_type": "paper", "volumes": {"pages_letter": "180"}}

    in_time, _why = billed(request, work, NOON + timedelta(days=1))
    late, why = billed(request, work, NOON + timedelta(days=30))

    assert (in_time, late) == (1950, 0)
    assert any("late" in each for each in why)
    found = lateness.of(request, on=selectors.day_of(request, NOON + timedelta(days=30)))
    assert found.business_days > 0
    assert "The last day to answer was" in found.sentence


def test_timely_extension_moves_the_last_day_and_no_further() -> None:
    request = a_case("IL")
    clock.record(
        request=request, type="extended", actor=a_user(Role.CLERK), at=NOON + timedelta(days=2), by=5,
        unit="business_day", reason=_listed_reason(request),
    )  # fmt: skip
    work = {"record_type": "paper", "volumes": {"pages_letter": "180"}}

    within, _why = billed(request, work, NOON + timedelta(days=10))
    beyond, _why = billed(request, work, NOON + timedelta(days=40))

    assert (within, beyond) == (1950, 0)
    assert lateness.of(request, on=selectors.day_of(request, NOON + timedelta(days=10))).extension_noticed


@pytest.mark.parametrize("law_code", ["US", "CA"])
def test_lateness_ends_when_the_request_is_closed(law_code: str) -> None:
    request = a_case(law_code)
    due = clock.refresh_due(request)
    assert due is not None
    answered = NOON + timedelta(days=60)
    RecordsRequest.objects.filter(pk=request.pk).update(
        status=Status.CLOSED, disposition=Disposition.FULL, closed_at=answered
    )
    request.refresh_from_db()

    soon = lateness.of(request, on=selectors.day_of(request, answered + timedelta(days=1)))
    much_later = lateness.of(request, on=selectors.day_of(request, answered + timedelta(days=200)))

    assert soon == much_later
    assert soon.calendar_days == (selectors.day_of(request, answered) - due).days


def test_nobody_types_how_late_the_agency_is() -> None:
    request = a_case("IL")
    work = {
        "record_type": "paper", "volumes": {"pages_letter": "180"},
        "events": {"late_business_days": 0, "extension_noticed": True},
    }  # fmt: skip

    late, _why = billed(request, work, NOON + timedelta(days=30))

    assert late == 0


def _listed_reason(request: RecordsRequest) -> str:
    rule = pack_for(request).clocks[clocks.main_clock_name(request)]
    reasons = [reason for each in rule.extensions for reason in each.reasons]
    return reasons[0] if reasons else "many records"
