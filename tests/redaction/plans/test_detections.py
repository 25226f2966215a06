import pytest

from portal.audit import services as audit
from portal.core.models import Job, JobState
from redaction.plans import suggestions
from tests.builders import NOON
from tests.redaction.plans.plan_builders import a_review
from tests.requests_app.custody.record_builders import a_pdf, a_record, an_analyst

pytestmark = pytest.mark.django_db


def test_a_search_is_not_tried_again_without_a_word_in_the_books(monkeypatch: pytest.MonkeyPatch) -> None:
    review = a_review(a_record(content=a_pdf("Maria Delgado"), name="report.pdf"))
    (row,) = suggestions.ask(review=review, kinds=["pii"], actor=an_analyst(), at=NOON)
    Job.objects.filter(pk=row.job_id).update(state=JobState.FAILED)

    def lost(**_entry: object) -> None:
        raise ConnectionError("the database is gone")

    monkeypatch.setattr(audit, "record", lost)
    with pytest.raises(ConnectionError):
        suggestions.retry(review=review, number=1, actor=an_analyst())

    assert Job.objects.get(pk=row.job_id).state == JobState.FAILED
