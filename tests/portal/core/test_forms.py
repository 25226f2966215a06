"""What the renderer writes: classes, labels, hints, errors and how each is tied to its field."""

from datetime import UTC, datetime
from html.parser import HTMLParser

import pytest
from django import forms
from django.core.files.uploadedfile import SimpleUploadedFile
from django.template import Context, Template
from django.utils import timezone

from portal.core.forms import DaylightForm, USWDSRenderer, error_rows

KINDS = [("video", "Video"), ("table", "Table")]


class Sample(DaylightForm):
    name = forms.CharField(label="Your name", help_text="As on our letters")
    day = forms.DateField(required=False)
    moment = forms.DateTimeField(required=False)
    hour = forms.TimeField(required=False)
    kind = forms.ChoiceField(
        label="What kind?", help_text="The nearest", choices=KINDS, widget=forms.RadioSelect
    )
    ways = forms.MultipleChoiceField(required=False, choices=KINDS, widget=forms.CheckboxSelectMultiple)
    place = forms.ChoiceField(choices=KINDS)
    words = forms.CharField(widget=forms.Textarea(attrs={"class": "tall"}))
    proof = forms.FileField(required=False)
    agreed = forms.BooleanField(label="I agree", help_text="Up to $25")
    seen = forms.CharField(widget=forms.HiddenInput)


class Elements(HTMLParser):
    """Every start tag with its attributes, in order."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def by_id(self, name: str) -> dict[str, str | None]:
        return next(attrs for _, attrs in self.found if attrs.get("id") == name)

    def ids(self) -> list[str | None]:
        return [attrs["id"] for _, attrs in self.found if "id" in attrs]

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attrs for name, attrs in self.found if name == tag]


@pytest.mark.parametrize(
    ("field", "expected"),
    [
        ("id_name", "usa-input"),
        ("id_kind_0", "usa-radio__input"),
        ("id_ways_1", "usa-checkbox__input"),
        ("id_place", "usa-select"),
        ("id_words", "tall usa-textarea"),
        ("id_proof", "usa-file-input"),
        ("id_agreed", "usa-checkbox__input"),
    ],
)
def test_widget_carries_its_design_system_class_beside_its_own(field: str, expected: str) -> None:
    page = Elements(str(Sample()))

    assert page.by_id(field)["class"] == expected


@pytest.mark.parametrize(
    ("field", "kind"), [("id_day", "date"), ("id_moment", "datetime-local"), ("id_hour", "time")]
)
def test_dates_and_times_use_the_native_picker(field: str, kind: str) -> None:
    page = Elements(str(Sample()))

    assert page.by_id(field)["type"] == kind


def test_initial_dates_are_spelt_as_the_native_picker_reads_them() -> None:
    noon = datetime(2026, 11, 2, 18, 0, tzinfo=UTC)

    with timezone.override("America/Chicago"):
        page = Elements(str(Sample(initial={"day": noon.date(), "moment": noon, "hour": noon.time()})))

    assert page.by_id("id_day")["value"] == "2026-11-02"
    assert page.by_id("id_moment")["value"] == "2026-11-02T12:00"
    assert page.by_id("id_hour")["value"] == "18:00"


def test_native_values_are_read_back() -> None:
    form = Sample({"day": "2026-11-02", "moment": "2026-11-02T12:30", "hour": "09:15"})

    form.is_valid()

    assert str(form.cleaned_data["day"]) == "2026-11-02"
    assert form.cleaned_data["moment"].minute == 30
    assert str(form.cleaned_data["hour"]) == "09:15:00"


def test_every_described_by_points_to_something_on_the_page() -> None:
    page = Elements(str(Sample({})))

    described = [attrs["aria-describedby"] for _, attrs in page.found if "aria-describedby" in attrs]

    assert described
    assert {name for value in described for name in (value or "").split()} <= set(page.ids())


def test_no_id_appears_twice() -> None:
    ids = Elements(str(Sample({}))).ids()

    assert len(ids) == len(set(ids))


def test_wrong_field_says_so_and_why() -> None:
    page = Elements(str(Sample({})))

    name = page.by_id("id_name")

    assert name["aria-invalid"] == "true"
    assert name["aria-describedby"] == "id_name_helptext id_name_error"
    assert "usa-input--error" in str(name["class"])


def test_right_field_has_no_trace_of_an_error() -> None:
    page = Elements(str(Sample({"name": "Ada"})))

    name = page.by_id("id_name")

    assert "aria-invalid" not in name
    assert name["class"] == "usa-input"
    assert "id_name_error" not in page.ids()


def test_choices_stand_in_a_fieldset_that_carries_hint_and_error() -> None:
    page = Elements(str(Sample({})))

    fieldset = page.all("fieldset")[0]

    assert fieldset["aria-describedby"] == "id_kind_helptext id_kind_error"
    assert "aria-invalid" not in page.by_id("id_kind_0")


def test_optional_fields_say_so_unless_all_are() -> None:
    class Filters(DaylightForm):
        mark_optional = False
        words = forms.CharField(required=False)

    assert str(Sample()).count("(optional)") == 5
    assert "optional" not in str(Filters())


def test_form_errors_stand_above_the_fields() -> None:
    form = Sample({})
    form.add_error(None, "The two dates are the wrong way round.")

    html = str(form)

    assert html.index("The two dates are the wrong way round.") < html.index("Your name")


def test_summary_links_to_what_can_be_focused() -> None:
    form = Sample({})
    form.add_error(None, "The two dates are the wrong way round.")

    rows = error_rows(form)

    targets = [target for target, _ in rows]
    assert set(filter(None, targets)) <= set(Elements(str(form)).ids())
    assert "id_kind_0" in targets
    assert ("", "The two dates are the wrong way round.") in rows
    assert ("", "This field is required.") in rows  # the hidden field: nothing to focus


def test_summary_names_the_field_of_a_stock_sentence_only() -> None:
    class Named(DaylightForm):
        kind = forms.CharField(label="What kind?")
        day = forms.CharField(label="Day", error_messages={"required": "Enter the day it happened."})

    sentences = [sentence for _, sentence in error_rows(Named({}))]

    assert sentences == ["What kind: This field is required.", "Enter the day it happened."]


def test_summary_focuses_the_month_of_a_date_in_three_parts() -> None:
    class Born(DaylightForm):
        day = forms.DateField(widget=forms.SelectDateWidget(years=[2000]))

    form = Born({})

    assert error_rows(form)[0][0] == "id_day_month"
    assert "id_day_month" in Elements(str(form)).ids()


def test_parts_of_a_split_moment_have_their_own_names() -> None:
    class Split(DaylightForm):
        moment = forms.SplitDateTimeField(label="Seen")

    page = Elements(str(Split()))

    assert page.by_id("id_moment_0")["aria-label"] == "Seen: date"
    assert page.by_id("id_moment_0")["type"] == "date"
    assert page.by_id("id_moment_0")["class"] == "usa-input"
    assert page.by_id("id_moment_1")["aria-label"] == "Seen: time"


def test_file_already_there_is_shown_with_its_link_and_a_way_to_remove_it() -> None:
    class Kept(SimpleUploadedFile):
        url = "/somewhere/"

    form = Sample(initial={"proof": Kept("proof.pdf", b"%PDF")})

    page = Elements(str(form))

    assert {"href": "/somewhere/"} in page.all("a")
    assert page.by_id("proof-clear_id")["type"] == "checkbox"
    assert not any(attrs.get("aria-describedby") == "" for attrs in page.all("fieldset"))


def test_grouped_choices_are_named_groups() -> None:
    class Grouped(DaylightForm):
        kind = forms.ChoiceField(choices=[("Moving", KINDS)], widget=forms.RadioSelect)

    page = Elements(str(Grouped()))

    assert {"class": "dl-option-group", "role": "group", "aria-label": "Moving"} in page.all("div")


def test_choice_labels_are_escaped() -> None:
    class Hostile(DaylightForm):
        kind = forms.ChoiceField(choices=[("x", "<script>1</script>")], widget=forms.RadioSelect)

    assert "<script>" not in str(Hostile())


def test_plain_form_of_another_package_is_dressed_once() -> None:
    class Foreign(forms.Form):
        code = forms.CharField(
            widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "placeholder": "Code"})
        )

    form = Foreign({})
    _ = str(form["code"])  # a field made before the dressing would stay plain

    html = Template("{% load uswds %}{{ form|uswds|uswds }}").render(Context({"form": form}))

    code = Elements(html).by_id("id_code")
    assert "dl-code" in str(code["class"])
    assert code["autocomplete"] == "one-time-code"
    assert "placeholder" not in code
    assert isinstance(form.renderer, USWDSRenderer)


def test_formset_renders_each_form_and_what_is_wrong_with_the_whole() -> None:
    formset_class = forms.formset_factory(
        Sample, extra=2, max_num=1, validate_max=True, renderer=USWDSRenderer()
    )
    formset = formset_class(
        {"form-TOTAL_FORMS": "2", "form-INITIAL_FORMS": "0", "form-0-name": "a", "form-1-name": "b"}
    )

    html = str(formset)

    assert html.count("dl-formset__form") == 2
    assert "at most 1 form" in html


@pytest.mark.parametrize(("data", "shown"), [({}, True), (None, False)])
def test_error_summary_shows_only_when_something_is_wrong(
    data: dict[str, str] | None, *, shown: bool
) -> None:
    template = Template('{% include "components/error_summary.html" %}')

    html = template.render(Context({"form": Sample(data)}))

    assert ("There is a problem" in html) is shown
    assert ('href="#id_name"' in html) is shown
