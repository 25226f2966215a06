"""The form of any rule: what it shows, what it reads back, what it says is wrong."""

from typing import Any

import pytest
from django.http import QueryDict

from requests_app.law import pack, rule, rule_fields
from requests_app.law.rule_form import RuleForm
from tests.requests_app.law.test_rule import a_law


def shown(form: RuleForm) -> QueryDict:
    """What a browser would send back of an untouched form."""
    sent = QueryDict(mutable=True)
    for name in form.fields:
        value = form.initial.get(name)
        if isinstance(value, list):
            sent.setlist(name, value)
        elif value is not None:
            sent[name] = str(value)
    return sent


def form_of(path: str, sent: QueryDict | None = None, **more: Any) -> RuleForm:
    found = rule.find(a_law(), path)
    return RuleForm(sent, shape=found.section.shape, value=found.data, key=found.section.key, **more)


def blank(section: str, fields: dict[str, Any]) -> RuleForm:
    found = rule.section_of(a_law(), section)
    sent = QueryDict(mutable=True)
    for name, value in fields.items():
        sent.setlist(name, value if isinstance(value, list) else [str(value)])
    return RuleForm(sent, shape=found.shape, key=found.key)


@pytest.mark.parametrize("code", pack.shipped_ids())
def test_untouched_form_changes_nothing_in_any_rule(code: str) -> None:
    for each in rule.rules(a_law(code))[::4]:
        form = RuleForm(shape=each.section.shape, value=each.data, key=each.section.key)

        again = RuleForm(shown(form), shape=each.section.shape, value=each.data, key=each.section.key)

        assert again.is_valid(), (each.path, again.errors)
        assert again.value == each.data, each.path


def test_new_clock_is_written_by_its_fields() -> None:
    form = blank("clocks", {
        "title": "Answer the request", "n": 10, "unit": "business_day", "start.from.count": 1,
        "start.from.0.event": "received", "roll": "yes", "extensions.count": 1, "extensions.0.max": 5,
        "extensions.0.unit": "business_day", "extensions.0.reasons": "many records\r\n\r\nconsultation",
        "applies_if.over": "incidents: 5", "lengths.count": 2,
    })  # fmt: skip

    assert form.is_valid(), form.errors
    assert form.value == {
        "name": "answer-the-request", "title": "Answer the request", "n": 10, "unit": "business_day",
        "roll": True, "applies_if": {"over": {"incidents": 5}}, "start": {"from": [{"event": "received"}]},
        "extensions": [{
            "max": 5, "unit": "business_day", "reasons": ["many records", "consultation"], "citation": None,
            "verified": "M",
        }],
        "citation": None, "verified": "M",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("fields", "name", "words"),
    [
        ({"title": "T", "unit": "business_day"}, "n", "Length: fill this in"),
        ({"title": "T", "n": 0}, "n", "greater than or equal to 1"),
        ({"title": "T", "n": 3, "unit": "week"}, "unit", "not one of the available choices"),
        ({"title": "T", "name": "Not a Name"}, "name", "a name in small letters"),
        ({"title": "T", "applies_if.over": "incidents"}, "applies_if.over", "not written as name: value"),
        ({"title": "T", "applies_if.over": "incidents: five"}, "applies_if.over", "needs a whole number"),
        ({"title": "T", "applies_if.over": "incidents: -5"}, "applies_if.over", "less than 0"),
        ({"title": "T", "start.from.count": 1}, "__all__", "Starts with: at least one is needed"),
        ({"title": "T", "verified_on": "soon"}, "verified_on", "Enter a valid date"),
    ],
)
def test_what_is_wrong_is_said_beside_its_field(fields: dict[str, Any], name: str, words: str) -> None:
    form = blank("clocks", fields)

    assert not form.is_valid()
    assert words in str(form.errors[name])


def test_rate_that_is_no_amount_is_named() -> None:
    form = blank("fees/rows", {"label": "Copy", "basis": "file", "rate": "ten", "citation": "x"})

    assert not form.is_valid()
    assert "an amount such as 0.10" in str(form.errors["rate"])


def test_lists_of_choices_and_dates_are_read_back() -> None:
    form = blank("exemptions", {
        "code": "X-1", "kind": "withhold", "short_label": "label", "explanation": "words",
        "letter_text": "letter", "applies_to": ["paper", "video"], "effective_from": "2027-01-01",
        "needs": "statute", "choices": "statute: one, or none | two", "mandatory": "no",
    })  # fmt: skip

    assert form.is_valid(), form.errors
    assert form.value["applies_to"] == ["paper", "video"]
    assert form.value["effective_from"] == "2027-01-01"
    assert form.value["needs"] == ["statute"]
    assert form.value["choices"] == {"statute": ["one, or none", "two"]}
    assert form.value["mandatory"] is False


def test_code_of_a_ground_is_never_made_up() -> None:
    form = blank("exemptions", {"kind": "withhold", "short_label": "label"})

    assert not form.is_valid()
    assert "fill this in" in str(form.errors["code"])


def test_name_of_a_rule_stays_whatever_is_sent() -> None:
    sent = shown(form_of("clocks/ag_request"))
    sent["name"] = "other"

    form = form_of("clocks/ag_request", sent)

    assert form.is_valid(), form.errors
    assert form.value["name"] == "ag_request"


def test_row_is_added_by_a_button_and_taken_out_by_a_box() -> None:
    sent = shown(form_of("clocks/ag_request"))
    more, fewer = sent.copy(), sent.copy()
    more["more"] = "tolls"
    fewer["tolls.0.gone"] = "on"

    asked, shorter = form_of("clocks/ag_request", more), form_of("clocks/ag_request", fewer)

    assert asked.asks_for_more
    assert not shorter.asks_for_more
    [tolls] = [node for node in asked.root.children if node.key == "tolls"]
    assert len(tolls.children) == 4
    assert shorter.is_valid(), shorter.errors
    assert [row["question"] for row in shorter.value["tolls"]] == ["deposit_requested", "estimate_sent"]


@pytest.mark.parametrize("count", ["", "-1", "x", "99999", "999"])
def test_odd_number_of_rows_breaks_nothing(count: str) -> None:
    sent = shown(form_of("clocks/ag_request"))
    sent["tolls.count"] = count

    form = form_of("clocks/ag_request", sent)

    assert form.is_valid(), form.errors
    assert len(form.value["tolls"]) == 3


def test_emptied_field_goes_and_one_that_was_null_stays_so() -> None:
    sent = shown(form_of("retention/tx-open-request"))
    sent["note"] = ""

    form = form_of("retention/tx-open-request", sent)

    assert form.is_valid(), form.errors
    assert "note" not in form.value
    assert form.value.get("destroy_by", "absent") is None or "destroy_by" not in form.value


def test_reference_offers_what_there_is_and_keeps_what_is_unknown() -> None:
    known = {"exemptions": [("TX-108", "TX-108: pending case")]}
    form = form_of("redaction_reasons/FACE_BYSTANDER", known=known)

    offered = [value for value, _ in form.fields["exemptions"].choices]  # type: ignore[attr-defined]

    assert offered == ["TX-108", "TX-101"]


def test_what_the_pack_says_is_put_beside_its_field() -> None:
    form = form_of("clocks/ag_request", shown(form_of("clocks/ag_request")))
    assert form.is_valid()

    form.place(("TX: clocks/ag_request/n: too long", "TX: fees/rows/x: odd", "no colon"), "clocks/ag_request")

    assert "too long" in str(form.errors["n"])
    assert "fees/rows/x: odd" in str(form.errors["__all__"])
    assert "no colon" in str(form.errors["__all__"])


def test_optional_parts_are_folded_away_until_they_are_used() -> None:
    form = form_of("clocks/ag_request")

    main, more = {node.key for node in form.root.main}, {node.key for node in form.root.more}

    assert {"n", "unit", "start", "tolls", "lengths", "met_by"} <= main
    assert {"roll", "after", "extensions"} <= more
    assert not main & more


def test_kind_of_field_nobody_foresaw_is_asked_for_as_json() -> None:
    shape = {"type": "object", "properties": {"odd": {}, "n": {"type": "integer"}}, "required": []}
    words, broken = QueryDict("odd=%7B%22a%22%3A+1%7D"), QueryDict("odd=%7B")

    good = RuleForm(words, shape=shape)
    bad = RuleForm(broken, shape=shape)

    assert good.is_valid(), good.errors
    assert good.value == {"odd": {"a": 1}}
    assert rule_fields.first({}, {"a": 1}, None) == '{"a": 1}'
    assert not bad.is_valid()
    assert "Odd" in str(bad.errors["odd"])


def test_pairs_without_a_kind_stay_words() -> None:
    assert rule_fields.value_of({"type": "object"}, "one: 1", rule_fields.ABSENT) == {"one": "1"}
