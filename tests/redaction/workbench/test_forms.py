from typing import Any

import pytest

from redaction.marks import check_medium, parse
from redaction.probe import Facts
from redaction.workbench.columns import ColumnsForm
from redaction.workbench.editing import add, empty
from redaction.workbench.forms import MarkForm, RawMarksForm, Setting, WithholdForm
from redaction.workbench.kinds import FORMS, OFFERED

COLUMNS = ("plate", "camera", "read at")
SETTING = Setting(
    version=3,
    facts=Facts("table", "csv", columns=COLUMNS, sample=(("A1", "Elm", "noon"), ("B2", "Oak", "one"))),
    reasons=[("MINOR", "Child"), ("PLATE", "Plate")],
    exemptions=[("TX-108", "Open case")],
)

SENT: dict[str, dict[str, Any]] = {
    "box": {"page": 1, "left": 1, "top": 2, "right": 3, "bottom": "4.5", "extent": "exact"},
    "text": {"literal": "Ann Example"},
    "page": {"page": 2},
    "hidden": {"item": "sheet:2", "action": "drop"},
    "region": {"start": 0, "end": 2, "left": 10, "top": 20, "width": 30, "height": 40, "style": "solid"},
    "frame": {"start": "0.5", "end": 2, "style": "mosaic"},
    "mute": {"start": 1, "end": 2, "style": "tone"},
    "cut": {"start": 1, "end": 2},
    "tracks": {"picture": 0, "sound": 1},
    "rows": {"action": "keep", "column": "plate", "op": "in", "value": "A1, B2"},
    "own_plate": {"column": "plate", "plate": "A1"},
    "suppress": {"by": ["camera"], "k": 5, "distinct": "plate"},
    "home": {"radius_m": 150},
    "fence": {"polygon": "-97.1, 30\n-97, 30\n\n-97, 31", "action": "cut"},
    "generalise": {"grid_deg": "0.01", "altitude": "drop"},
    "fields": {"release": "speed, heading"},
}
MADE: dict[str, dict[str, Any]] = {
    "box": {"page": 1, "rect": [1.0, 2.0, 3.0, 4.5], "extent": "exact"},
    "region": {"start": 0.0, "end": 2.0, "keyframes": [{"t": 0.0, "rect": [0.1, 0.2, 0.3, 0.4]}]},
    "rows": {"keep": [{"column": "plate", "op": "in", "value": ["A1", "B2"]}]},
    "suppress": {"by": ["camera"], "k": 5, "count": "distinct:plate"},
    "fence": {"polygon": [[-97.1, 30.0], [-97.0, 30.0], [-97.0, 31.0]], "action": "cut"},
    "fields": {"release": ["speed", "heading"]},
    "tracks": {"picture": 0, "sound": 1},
}


def filled(kind: str, **changes: Any) -> MarkForm:
    why = {"version": 3, "reason": "MINOR", "exemption": "TX-108", "note": "see page 2"}
    return FORMS[kind]({**why, **SENT[kind], **changes}, setting=SETTING)


@pytest.mark.parametrize(
    ("medium", "kind"), [(medium, kind) for medium, kinds in OFFERED.items() for kind in kinds]
)
def test_each_form_makes_a_mark_its_medium_takes(medium: str, kind: str) -> None:
    form = filled(kind)

    assert form.is_valid(), form.errors
    mark = form.mark()
    check_medium(parse(add(empty(), mark)), medium)
    assert mark["kind"] == kind
    assert mark["note"] == "see page 2"
    assert {name: mark[name] for name in MADE.get(kind, {})} == MADE.get(kind, {})


@pytest.mark.parametrize("kind", [kind for kind, form in FORMS.items() if not form.releases])
def test_a_form_that_withholds_wants_a_reason(kind: str) -> None:
    form = filled(kind, reason="")

    assert not form.is_valid()
    assert "reason" in form.errors


@pytest.mark.parametrize("kind", [kind for kind, form in FORMS.items() if form.releases])
def test_a_form_that_releases_asks_for_none(kind: str) -> None:
    form = filled(kind)

    assert form.is_valid(), form.errors
    assert not {"reason", "exemption"} & {*form.fields, *form.mark()}


@pytest.mark.parametrize(
    ("kind", "changes", "sentence"),
    [
        ("text", {"pattern": "ssn"}, "either words or a pattern"),
        ("text", {"literal": ""}, "either words or a pattern"),
        ("cut", {"end": 1}, "end after it begins"),
        ("mute", {"end": ""}, "either both seconds or words"),
        ("mute", {"start": "", "end": ""}, "either both seconds or words"),
        ("mute", {"literal": "Ann"}, "either both seconds or words"),
        ("mute", {"end": 1}, "end after it begins"),
        ("region", {"width": 101}, "less than or equal to 100"),
        ("home", {"radius_m": "nan"}, "Enter a number"),
        ("fence", {"polygon": "-97.1; 30"}, "is not a longitude"),
        ("generalise", {"grid_deg": "", "altitude": ""}, "what is to be made coarser"),
        ("rows", {"column": "owner"}, "not one of the available choices"),
        ("box", {"version": ""}, "required"),
    ],
)
def test_a_form_says_what_is_wrong(kind: str, changes: dict[str, Any], sentence: str) -> None:
    form = filled(kind, **changes)

    assert not form.is_valid()
    assert sentence in str(form.errors)


def test_showing_a_hidden_thing_owes_no_reason() -> None:
    form = filled("hidden", action="show", reason="")

    assert form.is_valid()
    assert form.mark()["action"] == "show"


def test_a_pattern_is_taken_instead_of_words() -> None:
    form = filled("text", literal="", pattern="ssn")

    assert form.is_valid()
    assert form.mark()["pattern"] == "ssn"
    assert "literal" not in form.mark()


def test_words_are_muted_instead_of_a_span() -> None:
    form = filled("mute", start="", end="", literal=" Ann Example ")

    assert form.is_valid(), form.errors
    mark = form.mark()
    assert (mark["literal"], mark["style"]) == ("Ann Example", "tone")
    assert not {"start", "end"} & set(mark)


def test_one_value_and_rows_are_counted_plainly() -> None:
    single, groups = filled("rows", op="eq", value="A1"), filled("suppress", distinct="")

    assert single.is_valid()
    assert groups.is_valid()
    assert single.mark()["keep"][0]["value"] == "A1"
    assert groups.mark()["count"] == "rows"


def columns(**changes: str) -> ColumnsForm:
    sent = {
        "version": "3", "c0-action": "mask", "c0-reason": "PLATE", "c1-action": "release",
        "c2-action": "coarsen", "c2-to": "hour", "c2-reason": "PLATE", "c2-exemption": "TX-108", **changes,
    }  # fmt: skip
    return ColumnsForm(sent, setting=SETTING, marks=empty())


def test_columns_make_a_mark_for_each() -> None:
    form = columns()

    assert form.is_valid(), form.errors
    assert form.columns() == [
        {"name": "plate", "action": "mask", "reason": "PLATE"},
        {"name": "camera", "action": "release"},
        {"name": "read at", "action": "coarsen", "to": "hour", "reason": "PLATE", "exemption": "TX-108"},
    ]


@pytest.mark.parametrize(
    ("changes", "field"),
    [({"c0-reason": ""}, "c0-reason"), ({"c2-to": ""}, "c2-to"), ({"c1-to": "hour"}, "c1-to")],
)
def test_columns_say_which_one_is_wrong(changes: dict[str, str], field: str) -> None:
    form = columns(**changes)

    assert not form.is_valid()
    assert list(form.errors) == [field]


def test_columns_start_from_what_was_decided_and_else_leave_out() -> None:
    decided = {"version": 1, "marks": [{"id": "c", "kind": "column", "name": "camera", "action": "release"}]}

    form = ColumnsForm(None, setting=SETTING, marks=decided)

    assert [row["fields"][0].value() for row in form.rows] == ["drop", "release", "drop"]
    assert form.rows[0]["sample"] == ["A1", "B2"]


def test_withholding_wants_an_exemption_of_the_law() -> None:
    assert WithholdForm({"version": 3, "codes": ["TX-108"]}, setting=SETTING).is_valid()
    assert "codes" in WithholdForm({"version": 3, "codes": []}, setting=SETTING).errors
    assert "codes" in WithholdForm({"version": 3, "codes": ["CA-9"]}, setting=SETTING).errors


def test_raw_marks_must_be_json() -> None:
    good = RawMarksForm({"version": 3, "marks": '{"version": 1, "marks": []}'}, setting=SETTING)
    bad = RawMarksForm({"version": 3, "marks": "{"}, setting=SETTING)

    assert good.is_valid()
    assert good.cleaned_data["marks"] == {"version": 1, "marks": []}
    assert "not JSON" in str(bad.errors)
