"""A case closes: what was withheld for it is decided anew and the requester is told."""

from datetime import timedelta
from unittest.mock import patch

import pytest

from portal.core import jobs
from portal.core.models import Job
from redaction.plans import services as plans
from redaction.plans.models import Review
from redaction.release import reopening
from requests_app.correspondence.models import Letter
from requests_app.custody import cases
from requests_app.custody.models import Case, CaseDetermination, ResponsiveRecord
from requests_app.docket.models import RecordsRequest
from requests_app.docket.rules import Disposition, Status
from tests.builders import NOON
from tests.redaction.plans.plan_builders import a_withholding
from tests.requests_app.custody.record_builders import a_record, an_analyst
from tests.requests_app.custody.retention_builders import a_case, a_keeper, close

pytestmark = pytest.mark.django_db
HARM = "The film shows the face of a witness who has not testified yet."


def a_case_record(case: Case) -> ResponsiveRecord:
    record = a_record()
    ResponsiveRecord.objects.filter(pk=record.pk).update(case=case)
    return ResponsiveRecord.objects.select_related("request__agency", "case").get(pk=record.pk)


def withheld_for(case: Case, *, approve: bool = True) -> Review:
    record = a_case_record(case)
    cases.determine(
        record=record, exemption_code="TX-108", harm=HARM, look_again_on=NOON.date() + timedelta(days=9),
        actor=an_analyst(), at=NOON,
    )  # fmt: skip
    return a_withholding(record=record, approve=approve)


def end(case: Case) -> None:
    """The case is closed and the job it asks for is done."""
    cases.close_case(case=case, on=NOON.date(), actor=a_keeper(), at=NOON)
    job = Job.objects.get(kind=cases.CLOSED)
    with patch.object(jobs, "HEARTBEAT_SECONDS", 3600):
        assert jobs.execute(job.pk), Job.objects.get(pk=job.pk).error


def now_of(review: Review) -> tuple[str, str]:
    fresh = Review.objects.select_related("record__request").get(pk=review.pk)
    return fresh.status, fresh.record.request.status


def told(request: RecordsRequest) -> str:
    return Letter.objects.filter(request=request, kind="notice").get().html


def test_whole_record_is_not_withheld_for_an_open_case_without_its_own_reason() -> None:
    review = plans.open_review(record=a_case_record(a_case()))

    with pytest.raises(cases.NoDetermination):
        plans.withhold(review=review, exemption_codes=["TX-108"], actor=an_analyst(), at=NOON)

    assert review.plans.count() == 0


def test_determination_that_ended_before_the_approval_stops_it() -> None:
    case = a_case()
    review = withheld_for(case, approve=False)
    CaseDetermination.objects.update(ended_at=NOON, ended_why="over")

    with pytest.raises(cases.NoDetermination):
        a_withholding(record=review.record)


def test_answered_request_is_opened_again_and_its_requester_told() -> None:
    case = a_case()
    review = withheld_for(case)
    close(review.record.request, Disposition.PARTIAL)

    end(case)

    assert now_of(review) == ("marked", Status.ACCEPTED)
    assert "We are looking at these records again" in told(review.record.request)
    assert CaseDetermination.objects.get().ended_why == "case 26-1182 was closed"
    assert review.record.request.holds.filter(released_at=None).exists()
    assert reopening.reopen_for(Case.objects.get(), at=NOON) == 0


def test_request_that_is_ready_goes_back_to_review() -> None:
    case = a_case()
    review = withheld_for(case)
    RecordsRequest.objects.filter(pk=review.record.request_id).update(status=Status.READY)

    end(case)

    assert now_of(review) == ("marked", Status.IN_REVIEW)


def test_withholding_that_still_waits_for_the_second_person_goes_back_too() -> None:
    case = a_case()
    review = withheld_for(case, approve=False)

    end(case)

    assert now_of(review) == ("marked", Status.SEARCHING)


def test_requester_who_gave_up_is_told_that_she_may_ask_anew() -> None:
    case = a_case()
    review = withheld_for(case)
    close(review.record.request, Disposition.WITHDRAWN)

    end(case)

    assert now_of(review) == ("withheld", Status.CLOSED)
    assert "file a new one" in told(review.record.request)


def test_record_decided_otherwise_since_stays_as_it_is() -> None:
    case = a_case()
    review = withheld_for(case)
    Review.objects.filter(pk=review.pk).update(status="not_responsive")

    end(case)

    assert now_of(review)[0] == "not_responsive"
