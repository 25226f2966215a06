from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from portal.accounts.rules import Role
from portal.core.errors import BadInput, IllegalMove, NotAllowed, StaleWrite
from portal.core.models import Job
from requests_app.correspondence.models import OutgoingMail
from requests_app.custody import cases, classifying
from requests_app.custody.models import Case, CaseDetermination, ResponsiveRecord
from tests.builders import NOON, a_user, an_agency
from tests.requests_app.custody.record_builders import an_analyst
from tests.requests_app.custody.retention_builders import a_case, a_keeper, an_old_record

pytestmark = pytest.mark.django_db
TODAY = NOON.date()
HARM = "The film shows the face of a witness who has not testified yet."


def a_record_of(case: Case, **facts: Any) -> ResponsiveRecord:
    return an_old_record(case=case, open_request=True, **facts)


def determine(record: ResponsiveRecord, **fields: Any) -> CaseDetermination:
    return cases.determine(
        **{
            "record": record, "exemption_code": "TX-108", "harm": HARM,
            "look_again_on": TODAY + timedelta(days=30), "actor": an_analyst(), "at": NOON, **fields,
        }
    )  # fmt: skip


def test_case_is_entered_once_with_number_and_title() -> None:
    case = a_case(number=" 26-7 ", title="Stop  on Elm")

    assert (case.number, case.title, case.state) == ("26-7", "Stop on Elm", "open")
    for fields, words in (
        ({"number": "26-7"}, "here already"),
        ({"number": "--"}, "its number"),
        ({"title": " "}, "title"),
        ({"severity": "awful"}, "from the list"),
    ):
        with pytest.raises(BadInput, match=words):
            a_case(**{"number": "26-8", **fields})
    with pytest.raises(NotAllowed):
        a_case(number="26-9", actor=a_user(Role.AUDITOR))


def test_determination_keeps_the_words_of_the_law_it_cites() -> None:
    made = determine(a_record_of(a_case()))

    assert "552.108" in made.citation
    assert made.explanation
    assert (made.harm, made.ended_at) == (HARM, None)
    cases.require_determinations(made.record, ["TX-108"])


def test_withholding_for_an_open_case_needs_a_determination_for_each_ground() -> None:
    record = a_record_of(a_case())

    with pytest.raises(cases.NoDetermination, match="Case 26-1182 is open"):
        cases.require_determinations(record, ["TX-108"])
    determine(record)
    with pytest.raises(cases.NoDetermination, match="TX-101"):
        cases.require_determinations(record, ["TX-108", "TX-101"])
    cases.require_determinations(an_old_record(), ["TX-108"])  # no case: nothing to be a blanket of


def test_same_words_for_two_records_are_a_blanket_refusal() -> None:
    case = a_case()
    determine(a_record_of(case))
    other = a_record_of(case, place="Oak Street")

    with pytest.raises(cases.BlanketRefusal, match="Another record of this case"):
        determine(other, harm=HARM.upper() + " ")
    determine(other, harm="The call names the man whom officers still look for.")

    assert CaseDetermination.objects.filter(ended_at=None).count() == 2


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"exemption_code": "TX-NONE"}, "not in the law"),
        ({"harm": "Open case."}, "Say what exactly"),
        ({"look_again_on": TODAY}, "Look again between tomorrow and"),
        ({"look_again_on": TODAY + timedelta(days=181)}, "May 1, 2027"),
    ],
)
def test_determination_is_whole_or_refused(fields: dict[str, Any], words: str) -> None:
    with pytest.raises(BadInput, match=words):
        determine(a_record_of(a_case()), **fields)


def test_video_of_a_critical_incident_is_looked_at_each_thirty_days() -> None:
    record = a_record_of(a_case(), series="critical_incident_video")

    with pytest.raises(BadInput, match="December 2, 2026"):
        determine(record, look_again_on=TODAY + timedelta(days=31))

    assert determine(record, look_again_on=TODAY + timedelta(days=30)).pk


def test_without_an_open_case_there_is_nothing_to_determine() -> None:
    case = a_case()
    record = a_record_of(case)
    cases.close_case(case=case, on=TODAY, actor=a_keeper(), at=NOON)
    record.refresh_from_db()

    for each in (an_old_record(), record):
        with pytest.raises(IllegalMove, match="no open case"):
            determine(each)
    cases.require_determinations(record, ["TX-108"])
    with pytest.raises(NotAllowed):
        determine(record, actor=a_keeper())


def test_newer_determination_replaces_the_older_and_neither_is_rewritten() -> None:
    record = a_record_of(a_case())
    first = determine(record)

    second = determine(record, harm="A second witness is seen in it and has not testified.")

    first.refresh_from_db()
    assert (first.ended_at, first.ended_why) == (NOON, "replaced by a newer one")
    with pytest.raises(DatabaseError, match="is fixed"), transaction.atomic():
        CaseDetermination.objects.filter(pk=second.pk).update(harm="other")
    with pytest.raises(DatabaseError, match="is fixed"), transaction.atomic():
        CaseDetermination.objects.filter(pk=first.pk).update(ended_at=None, ended_why="")


def test_case_closes_once_between_its_beginning_and_today() -> None:
    case, keeper = a_case(opened_on=TODAY - timedelta(days=5)), a_keeper()

    for day in (TODAY + timedelta(days=1), TODAY - timedelta(days=6)):
        with pytest.raises(BadInput, match="The day it was closed"):
            cases.close_case(case=case, on=day, actor=keeper, at=NOON)
    with pytest.raises(NotAllowed):
        cases.close_case(case=case, on=TODAY, actor=an_analyst(), at=NOON)
    cases.close_case(case=case, on=TODAY, actor=keeper, at=NOON)
    with pytest.raises(StaleWrite):
        cases.close_case(case=case, on=TODAY, actor=keeper, at=NOON)
    with pytest.raises(IntegrityError, match="closed_case_has_its_day"), transaction.atomic():
        Case.objects.filter(pk=case.pk).update(closed_by=None)

    assert Job.objects.filter(kind=cases.CLOSED).count() == 1


def test_day_to_look_again_is_told_once() -> None:
    clerk = a_keeper()
    determine(a_record_of(a_case()))

    assert cases.remind(at=NOON + timedelta(days=29)) == 0
    assert cases.remind(at=NOON + timedelta(days=30)) == 1
    assert cases.remind(at=NOON + timedelta(days=31)) == 0

    sent = OutgoingMail.objects.filter(to=clerk.email)
    assert "/retention/" in sent.get().text


def test_ended_determination_ends_once() -> None:
    made = determine(a_record_of(a_case()))

    assert cases.end_determination(determination=made, why="over", at=NOON)
    assert not cases.end_determination(determination=made, why="again", at=NOON)


def test_record_is_put_into_a_case_by_saying_what_it_is() -> None:
    case = a_case(severity="felony", agency=an_agency())
    record = an_old_record(open_request=True, severity="")

    classifying.classify(record=record, actor=an_analyst(), at=NOON, series="lpr", severity="", case=case)

    assert record.case == case
    assert list(cases.withheld_for(case)) == []
