import json
from datetime import date
from typing import Any

import pytest

from requests_app.intake import rules
from requests_app.intake.rules import BadForm, Field
from requests_app.intake.services import FORMS

FORM: dict[str, Any] = {
    "code": "one",
    "version": 2,
    "title": "One",
    "summary": "S",
    "heading": "About {what}",
    "item": "{kind} on {day}, {plate}",
    "steps": [
        {
            "slug": "first",
            "title": "First",
            "fields": [
                {"name": "what", "type": "text", "label": "What?", "required": True},
                {"name": "kind", "type": "choice", "label": "Kind", "choices": [["audit_log", "Log"]]},
            ],
        },
        {
            "slug": "second",
            "title": "Second",
            "fields": [
                {"name": "day", "type": "date", "label": "Day"},
                {"name": "plate", "type": "plate", "label": "Plate"},
            ],
        },
    ],
}  # fmt: skip


def changed(**parts: Any) -> dict[str, Any]:
    copy: dict[str, Any] = json.loads(json.dumps(FORM))
    return {**copy, **parts}


def test_form_knows_its_pages_in_order() -> None:
    form = rules.parse(FORM)

    assert form.after("first") == "second"
    assert form.after("second") is None
    assert form.step("third") is None
    assert [field.name for field in form.fields()] == ["what", "kind", "day", "plate"]


@pytest.mark.parametrize("path", sorted(FORMS.glob("[!_]*.json")), ids=lambda path: path.stem)
def test_every_form_that_comes_with_the_portal_can_be_used(path: Any) -> None:
    data = json.loads(path.read_text())
    data["steps"] += json.loads((FORMS / "_about_you.json").read_text())["steps"]

    form = rules.parse(data)

    assert {"email", "name", "requester_category"} <= {field.name for field in form.fields()}


def field(**parts: Any) -> list[dict[str, Any]]:
    return [{"slug": "s", "title": "S", "fields": [{"name": "what", "label": "W", **parts}]}]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({key: value for key, value in FORM.items() if key != "item"}, "'item' is missing"),
        (changed(steps=FORM["steps"] + FORM["steps"]), "two fields called 'what'"),
        (changed(steps=field(type="drawing"), item="{what}"), "'drawing' is not a type"),
        (changed(steps=field(type="choice"), item="{what}"), "a choice needs choices"),
        (changed(steps=field(type="text", colour="red"), item="{what}"), "'colour' is not a property"),
        (changed(steps=field(type="text", after="when"), item="{what}"), "no field 'when' to come after"),
        (changed(item="{whom}"), "'whom', which is not a field"),
        (changed(item="{what.__class__}"), "is not a template"),
        (changed(item="{what!r}"), "is not a template"),
        (changed(item="{what:>999}"), "is not a template"),
        (changed(item="{0}"), "is not a template"),
        (changed(item="{"), "is not a template"),
    ],
)
def test_wrong_form_is_refused_by_name(data: dict[str, Any], said: str) -> None:
    with pytest.raises(BadForm, match=said):
        rules.parse(data)


@pytest.mark.parametrize(
    ("kind", "answer", "said"),
    [
        ("text", "  so it is ", "  so it is "),
        ("text", None, ""),
        ("plate", "ABC1234", "••••4"),
        ("plate", "AB1", "••••"),
        ("yes_no", "yes", "Yes"),
        ("yes_no", "no", "No"),
        ("money", "20", "$20"),
        ("money", "$20.50", "$20.50"),
        ("date", "2026-03-01", "March 1, 2026"),
        ("date", "spring", "spring"),
        ("time", "21:05", "9:05 PM"),
        ("time", "00:30:00", "12:30 AM"),
    ],
)
def test_answer_is_spoken_as_a_person_reads_it(kind: str, answer: Any, said: str) -> None:
    assert rules.spoken(Field("f", kind, "F"), answer) == said


def test_choice_is_spoken_by_its_label_and_an_unknown_one_as_it_is() -> None:
    kind = Field("k", "choice", "K", choices=(("a", "Alpha"),))

    assert rules.spoken(kind, "a") == "Alpha"
    assert rules.spoken(kind, "b") == "b"


def test_plate_is_shown_only_when_asked_for() -> None:
    assert rules.spoken(Field("p", "plate", "P"), "ABC1234", masked=False) == "ABC1234"


def test_item_is_filled_with_plates_hidden_and_choices_inside_the_sentence() -> None:
    answers = {"kind": "audit_log", "day": "2026-03-01", "plate": "ABC1234"}

    text = rules.fill(FORM["item"], rules.parse(FORM), answers)

    assert text == "audit log on March 1, 2026, ••••4"


def test_empty_answers_leave_no_loose_commas() -> None:
    assert rules.fill("{what}, {plate}", rules.parse(FORM), {"what": "Stop"}) == "Stop"


def test_window_is_the_span_in_the_agencys_zone() -> None:
    start, end = rules.window(
        {"incident_date": "2026-07-01", "start_time": "21:00", "end_time": "22:00"}, "America/Chicago"
    )

    assert start is not None
    assert end is not None
    assert start.isoformat() == "2026-07-01T21:00:00-05:00"
    assert end.isoformat() == "2026-07-01T22:00:00-05:00"


def test_end_before_its_start_is_after_midnight() -> None:
    _, end = rules.window(
        {"incident_date": "2026-07-01", "start_time": "23:30", "end_time": "00:15"}, "America/Chicago"
    )

    assert end is not None
    assert end.date() == date(2026, 7, 2)


def test_days_without_times_are_whole_days() -> None:
    start, end = rules.window({"first_day": "2026-07-01", "last_day": "2026-07-03"}, "America/Chicago")

    assert start is not None
    assert end is not None
    assert (start.hour, end.hour, end.day) == (0, 23, 3)


@pytest.mark.parametrize("answers", [{}, {"first_day": ""}, {"incident_date": "last week"}])
def test_no_day_gives_no_window(answers: dict[str, str]) -> None:
    assert rules.window(answers, "America/Chicago") == (None, None)
