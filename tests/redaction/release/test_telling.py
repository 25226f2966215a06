"""Titles and reasons that say what is withheld: by words, patterns, plates and the values of a table."""

from datetime import timedelta
from typing import Any

import pytest

from portal.core import files
from redaction import plates
from redaction.plans import plate_sameness, selectors
from redaction.plans.comparison_models import Traces
from redaction.plans.models import Render
from redaction.release import telling
from redaction.release.freezing import ReleaseRefused
from requests_app.clock import services as clock
from requests_app.correspondence import services as correspondence
from requests_app.custody.models import Case, CaseDetermination, ResponsiveRecord
from requests_app.docket.models import RecordsRequest
from requests_app.docket.rules import Status
from tests.builders import NOON, a_request
from tests.redaction.plans.plan_builders import (
    DROP_PLATES,
    a_plan,
    a_render,
    a_review,
    a_withholding,
    an_approval,
)
from tests.redaction.release.release_builders import a_building_release, add, no_fee, some_reads
from tests.requests_app.custody.record_builders import a_pdf, an_analyst

pytestmark = pytest.mark.django_db


def a_case(title: str, content: bytes, name: str, marks: dict[str, Any]) -> RecordsRequest:
    """A request in review with one approved record under that title."""
    case = a_request(status=Status.SEARCHING)
    add(case, content, name, title)
    RecordsRequest.objects.filter(pk=case.pk).update(status=Status.IN_REVIEW)
    case.refresh_from_db()
    record = ResponsiveRecord.objects.get(request=case)
    an_approval(render=a_render(plan=a_plan(review=a_review(record), marks=marks)))
    no_fee(case)
    return case


def a_ruling(case: RecordsRequest, number: str, outcome: str = "withhold") -> None:
    """One that was asked for and given, as it stood before numbers were held against what is withheld."""
    correspondence.send_letter(
        request=case, kind="ag_referral", subject="", context={"exceptions": "552.108"},
        signer=an_analyst(), at=NOON, dedupe_key=f"asked:{case.pk}",
    )  # fmt: skip
    clock.record(request=case, type="ruling_requested", actor=None, at=NOON)
    clock.record(
        request=case, type="ruling_given", actor=None, at=NOON + timedelta(days=3),
        reason=f"{outcome}: {number}",
    )  # fmt: skip


def text_marks(**field: str) -> dict[str, Any]:
    return {"version": 1, "marks": [{"id": "m1", "kind": "text", "reason": "VICTIM", **field}]}


def title_of(case: RecordsRequest) -> str:
    return str(a_building_release(request=case).facts["records"][0]["title"])


def test_a_title_with_a_number_of_a_withheld_pattern_is_replaced() -> None:
    case = a_case(
        "Call from 512-555-0147", a_pdf("Call 512-555-0199 now"), "a.pdf", text_marks(pattern="phone")
    )

    assert title_of(case) == "Document 1"


def test_a_title_with_a_number_of_no_withheld_pattern_stays() -> None:
    case = a_case(
        "Call from 512-555-0147", a_pdf("Mail to a@b.example"), "a.pdf", text_marks(pattern="email")
    )

    assert title_of(case) == "Call from 512-555-0147"


@pytest.mark.parametrize(
    ("title", "shown"),
    [
        ("Reads of canary 1", "Table 1"),
        ("Plate reads at Elm and 3rd", "Plate reads at Elm and 3rd"),
    ],
)
def test_a_title_with_a_value_that_a_table_withholds_is_replaced(title: str, shown: str) -> None:
    case = a_case(title, some_reads(), "reads.csv", DROP_PLATES)

    assert title_of(case) == shown


def test_a_title_nobody_can_look_up_stays_inside(monkeypatch: pytest.MonkeyPatch) -> None:
    case = a_case("Plate reads at Elm and 3rd", some_reads(), "reads.csv", DROP_PLATES)
    (entry,) = selectors.approved_renders(case)
    original = files.path_of(entry.record.address)

    asked: list[object] = []

    def lost(*_: object, by_others: bool = True) -> object:
        asked.append(by_others)
        raise files.Corrupt(f"{original.name} is gone")

    monkeypatch.setattr(files, "require_once_intact", lost)

    hidden = telling.Withheld([entry.render])
    assert telling.titles([entry]) == {(entry.render.pk, entry.record.title): True}
    assert not telling.is_fit(entry, hidden, telling.titles([entry]))
    monkeypatch.setattr(telling, "TOGETHER", 0.0)
    assert telling.titles([entry]) == {}
    assert not telling.is_fit(entry, hidden, {})
    assert set(asked) == {False}  # what leaves rests on no word of another process


def test_a_table_withheld_whole_gives_none_of_its_values_to_its_title() -> None:
    case = a_request(status=Status.SEARCHING)
    add(case, some_reads(), "reads.csv", "Plate reads at Oak and 9th")
    RecordsRequest.objects.filter(pk=case.pk).update(status=Status.IN_REVIEW)
    a_withholding(record=ResponsiveRecord.objects.get(request=case))
    entries = selectors.withheld_records(case)

    known, hidden = telling.titles(entries), telling.Withheld([entry.render for entry in entries])

    assert [telling.is_fit(entry, hidden, known) for entry in entries] == [False]


def test_plates_and_muted_words_of_a_result_may_stand_in_no_text() -> None:
    render = a_render()
    seen = plates.digest("8ABC123", plate_sameness.key())
    Traces.objects.filter(render=render).delete()
    Traces.objects.create(
        render=render, sign=plate_sameness.sign(), withheld=plate_sameness.packed([seen]),
        spoken=[["m1", "Maria Canary"]],
    )  # fmt: skip

    hidden = telling.Withheld([render])
    said = [hidden.said_in(text) for text in ("8 ABC-123 passed", "as MARIA canary said", "8ABC124", "Reads")]

    assert said == [render, render, None, None]


def test_whatever_looks_like_a_plate_is_said_when_plates_were_withheld_under_another_key() -> None:
    render = a_render()
    older = plate_sameness.packed([plates.digest("8ABC123", b"an older key")])

    def said(**traces: Any) -> list[Render | None]:
        Traces.objects.filter(render=render).delete()
        Traces.objects.create(render=render, **traces)
        return [telling.Withheld([render]).said_in(text) for text in ("8 ABC-123 passed", "9XYZ124", "Reads")]

    assert said(sign="of an older key", withheld=older) == [render, render, None]
    assert said(sign="", withheld=older) == [render, render, None]
    assert said(sign=plate_sameness.sign(), withheld=older) == [None, None, None]
    assert said(sign="of an older key") == [None, None, None]


def test_values_that_stand_in_any_text_are_no_words_of_the_result() -> None:
    values = ["0", "1", "2026", "no", "yes", "Open", "5.0", "CANARY1", "Ann"]
    rule = {"column": "plate", "op": "in", "value": values}
    row = {"id": "r1", "kind": "rows", "remove": [rule], "reason": "PLATE"}
    plan = a_plan(marks={**DROP_PLATES, "marks": [*DROP_PLATES["marks"], row]})

    assert selectors.words_of(Render(plan=plan)) == ("CANARY1", "Ann")


def test_values_that_rules_remove_are_words_of_the_result() -> None:
    rules = [
        {"column": "plate", "op": "in", "value": ["CANARY1", "CANARY2"]},
        {"column": "camera", "op": "eq", "value": "Elm and 3rd"},
        {"column": "camera", "op": "matches", "value": "^Elm"},
    ]
    marks = {
        **DROP_PLATES,
        "marks": [
            *DROP_PLATES["marks"], {"id": "r1", "kind": "rows", "remove": rules, "reason": "PLATE"},
        ],
    }  # fmt: skip

    plan = a_plan(marks=marks)

    assert selectors.words_of(Render(plan=plan)) == ("CANARY1", "CANARY2", "Elm and 3rd")


def test_a_rulings_number_that_says_what_is_withheld_keeps_the_release_from_leaving() -> None:
    case = a_case("Reads", a_pdf("Plate KP-0123 seen"), "a.pdf", text_marks(literal="KP-0123"))
    a_ruling(case, "KP-0123")

    with pytest.raises(ReleaseRefused, match="number of the ruling says words that are withheld from"):
        a_building_release(request=case)


def test_a_harm_that_says_a_withheld_word_keeps_the_release_from_leaving() -> None:
    case = a_case(
        "Statement", a_pdf("Statement of Jane Canarydoe"), "a.pdf", text_marks(literal="Jane Canarydoe")
    )
    record = ResponsiveRecord.objects.get(request=case)
    actor = an_analyst()
    opened = Case.objects.create(agency=case.agency, number="26-1", opened_on=NOON.date())
    RecordsRequest.objects.filter(pk=case.pk).update(status=Status.SEARCHING)
    case.refresh_from_db()
    add(case, a_pdf("Another statement"), "b.pdf", "Another")
    RecordsRequest.objects.filter(pk=case.pk).update(status=Status.IN_REVIEW)
    case.refresh_from_db()
    second = ResponsiveRecord.objects.get(request=case, position=2)
    a_withholding(record=second, approve=True)
    for each, days in ((second, 1), (record, 2)):  # the first one is looked at again last
        CaseDetermination.objects.create(
            record=each, case=opened, exemption_code="TX-108", citation="552.108", explanation="An open one.",
            harm="JANE  Canarydoe would be found.", look_again_on=NOON.date() + timedelta(days=days),
            made_by=actor, made_at=NOON,
        )  # fmt: skip

    with pytest.raises(ReleaseRefused, match="harm stated for record 1"):
        a_building_release(request=case)
