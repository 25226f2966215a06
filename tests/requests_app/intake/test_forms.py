from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from requests_app.intake import rules
from requests_app.intake.forms import StepForm, clean_answers
from requests_app.intake.rules import Field, Form, Step

EVERY = Step(
    "all",
    "All",
    (
        Field("name", "text", "Name", required=True, max_length=5),
        Field("story", "textarea", "Story"),
        Field("first", "date", "First day", not_future=True),
        Field("last", "date", "Last day", after="first"),
        Field("begin", "time", "From"),
        Field("end", "time", "To", after="begin"),
        Field("kind", "choice", "Kind", choices=(("a", "A"),)),
        Field("own", "yes_no", "Own?"),
        Field("plate", "plate", "Plate"),
        Field("pay", "money", "Most"),
        Field("mail", "email", "E-mail"),
    ),
)
FORM = Form("f", 1, "F", "S", "{name}", "{name}", (EVERY,))


def test_good_answers_become_plain_json_values() -> None:
    form = StepForm(
        {"name": " Ann ", "first": "2026-01-02", "begin": "09:30", "kind": "a", "own": "no", "pay": "20"},
        step=EVERY,
    )

    assert form.is_valid(), form.errors
    assert form.answers() == {
        "name": "Ann", "story": "", "first": "2026-01-02", "last": "", "begin": "09:30:00", "end": "",
        "kind": "a", "own": "no", "plate": "", "pay": "20", "mail": "",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("answers", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "toolong"}, "name"),
        ({"name": "A\x00"}, "name"),
        ({"first": "yesterday"}, "first"),
        ({"first": "2026-01-02", "last": "2026-01-01"}, "last"),
        ({"begin": "25:00"}, "begin"),
        ({"kind": "b"}, "kind"),
        ({"own": "maybe"}, "own"),
        ({"plate": "X" * 17}, "plate"),
        ({"pay": "a lot"}, "pay"),
        ({"pay": "-1"}, "pay"),
        ({"pay": "1.999"}, "pay"),
        ({"mail": "nobody"}, "mail"),
    ],
)
def test_wrong_answer_is_named_at_its_field(answers: dict[str, str], field: str) -> None:
    form = StepForm({"name": "Ann", **answers}, step=EVERY)

    assert list(form.errors) == [field]


def test_day_that_has_not_come_is_refused() -> None:
    tomorrow = (timezone.localdate() + timedelta(days=1)).isoformat()

    form = StepForm({"name": "Ann", "first": tomorrow}, step=EVERY)

    assert form.errors["first"] == ["First day: this day has not come yet."]


def test_time_span_may_go_past_midnight() -> None:
    assert StepForm({"name": "Ann", "begin": "23:30", "end": "00:30"}, step=EVERY).is_valid()


def test_program_gets_all_faults_at_once() -> None:
    answers: dict[str, Any] = {"name": "", "pay": "much", "colour": "red"}

    clean, wrong = clean_answers(FORM, answers)

    assert set(wrong) == {"name", "pay", "colour"}
    assert clean == {}


def test_clean_answers_of_a_program_are_what_the_pages_would_keep() -> None:
    clean, wrong = clean_answers(FORM, {"name": "Ann", "first": "2026-01-02"})

    assert not wrong
    assert clean["first"] == "2026-01-02"
    assert rules.fill(FORM.item, FORM, clean) == "Ann"
