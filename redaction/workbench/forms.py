"""One form for each kind of mark; ``mark()`` gives the mark as data, still without an id."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django import forms

from portal.core.forms import DaylightForm
from redaction.mark_fields import OPERATORS, PATTERNS
from redaction.probe import Facts

Choices = Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Setting:
    """What every form on the marks page needs to know: the version in front, the file, the law's codes."""

    version: int
    facts: Facts
    reasons: Choices
    exemptions: Choices


class VersionedForm(DaylightForm):
    """A form over the marks in front of the person; the version tells if somebody saved in the meantime."""

    version = forms.IntegerField(min_value=0, widget=forms.HiddenInput)

    def __init__(self, *args: Any, setting: Setting, **kwargs: Any) -> None:
        super().__init__(*args, **{"initial": {"version": setting.version}, **kwargs})
        self.setting = setting
        if "reason" in self.fields:
            _offer(self, "reason", [("", "Choose a reason"), *setting.reasons])
        if "exemption" in self.fields:
            _offer(self, "exemption", [("", "None"), *setting.exemptions])


class MarkForm(VersionedForm):
    """Common to all kinds: why it is withheld. Subclasses say what."""

    kind = ""
    title = ""
    releases = False  # kinds that withhold nothing owe no reason
    field_order: Sequence[str] | None = None

    reason = forms.ChoiceField(label="Reason", required=False)
    exemption = forms.ChoiceField(label="Exemption", required=False)
    note = forms.CharField(label="Note for colleagues", required=False, max_length=300)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].required = not self.releases
        last = ["reason", "exemption", "note"]
        if self.releases:
            for name in ("reason", "exemption"):
                del self.fields[name]
            last = ["note"]
        self.order_fields([name for name in self.fields if name not in last] + last)

    def mark(self) -> dict[str, Any]:
        """This will give the mark as the marks format has it."""
        why = {name: self.cleaned_data.get(name) for name in ("reason", "exemption", "note")}
        return {"kind": self.kind, **self.what(), **{name: value for name, value in why.items() if value}}

    def what(self) -> dict[str, Any]:
        raise TypeError(f"{type(self).__name__} does not say what it marks")


def _number(label: str, **options: Any) -> forms.FloatField:
    options.setdefault("min_value", 0)
    return forms.FloatField(
        label=label, widget=forms.NumberInput(attrs={"step": "any", "class": "usa-input--small"}), **options
    )


class BoxForm(MarkForm):
    kind, title = "box", "Box"

    page = forms.IntegerField(label="Page", min_value=1, initial=1)
    left = _number(
        "Left edge", help_text="From the left of the page as displayed: points; pixels of an image"
    )
    top = _number("Top edge", help_text="From the top")
    right = _number("Right edge")
    bottom = _number("Bottom edge")
    extent = forms.ChoiceField(
        label="Reach",
        choices=[
            ("line", "Grow to the end of the line, so that its length tells nothing"),
            ("exact", "Exactly"),
        ],
    )

    def what(self) -> dict[str, Any]:
        sent = self.cleaned_data
        rect = [sent["left"], sent["top"], sent["right"], sent["bottom"]]
        return {"page": sent["page"], "rect": rect, "extent": sent["extent"]}


class TextForm(MarkForm):
    kind, title = "text", "Words or pattern"

    literal = forms.CharField(label="These words, wherever they stand", required=False, strip=True)
    pattern = forms.ChoiceField(
        label="Or every",
        required=False,
        choices=[("", "No pattern"), *((name, name) for name in PATTERNS)],
    )

    def clean(self) -> dict[str, Any]:
        sent = super().clean() or self.cleaned_data
        if bool(sent.get("literal")) == bool(sent.get("pattern")):
            raise forms.ValidationError("Give either words or a pattern.")
        return sent

    def what(self) -> dict[str, Any]:
        name = "literal" if self.cleaned_data["literal"] else "pattern"
        return {name: self.cleaned_data[name]}


class PageForm(MarkForm):
    kind, title = "page", "Whole page"

    page = forms.IntegerField(label="Page", min_value=1)

    def what(self) -> dict[str, Any]:
        return {"page": self.cleaned_data["page"]}


class SpanForm(MarkForm):
    start = _number("From second")
    end = _number("To second", help_text="The mark stops just before it")

    def clean(self) -> dict[str, Any]:
        sent = super().clean() or self.cleaned_data
        if "start" in sent and "end" in sent and sent["start"] >= sent["end"]:
            raise forms.ValidationError("The mark has to end after it begins.")
        return sent

    def what(self) -> dict[str, Any]:
        return {"start": self.cleaned_data["start"], "end": self.cleaned_data["end"]}


class RegionForm(SpanForm):
    kind, title = "region", "Box in the picture"

    left = _number("Left edge, % of the width", max_value=100)
    top = _number("Top edge, % of the height", max_value=100)
    width = _number("Width, %", max_value=100)
    height = _number("Height, %", max_value=100)
    style = forms.ChoiceField(
        label="Cover", choices=[("solid", "Solid (safest)"), ("mosaic", "Mosaic"), ("blur", "Blur")]
    )

    def what(self) -> dict[str, Any]:
        sent = self.cleaned_data
        rect = [round(sent[name] / 100, 9) for name in ("left", "top", "width", "height")]
        frame = {"t": sent["start"], "rect": rect}
        return {**super().what(), "style": sent["style"], "keyframes": [frame]}


class FrameForm(SpanForm):
    kind, title = "frame", "Whole picture"

    style = forms.ChoiceField(label="Cover", choices=[("solid", "Solid (safest)"), ("mosaic", "Mosaic")])

    def what(self) -> dict[str, Any]:
        return {**super().what(), "style": self.cleaned_data["style"]}


class MuteForm(SpanForm):
    kind, title = "mute", "Mute sound"

    style = forms.ChoiceField(label="Instead", choices=[("silence", "Silence"), ("tone", "Tone")])

    def what(self) -> dict[str, Any]:
        return {**super().what(), "style": self.cleaned_data["style"]}


class CutForm(SpanForm):
    kind, title = "cut", "Cut out"


class RowsForm(MarkForm):
    kind, title = "rows", "Keep or remove rows"

    action = forms.ChoiceField(
        label="Action", choices=[("keep", "Keep only these rows"), ("remove", "Remove these rows")]
    )
    column = forms.ChoiceField(label="Column")
    op = forms.ChoiceField(
        label="Test",
        choices=list(
            zip(OPERATORS, ("equals", "differs from", "is one of", "lies between", "matches"), strict=True)
        ),
    )
    value = forms.CharField(
        label="Value", help_text="For “one of” and “between”: values parted by a comma", max_length=10_000
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _choose_column(self, "column")

    def what(self) -> dict[str, Any]:
        sent = self.cleaned_data
        value: Any = sent["value"]
        if sent["op"] in ("in", "between"):
            value = [part.strip() for part in value.split(",") if part.strip()]
        return {sent["action"]: [{"column": sent["column"], "op": sent["op"], "value": value}]}


class OwnPlateForm(MarkForm):
    kind, title, releases = "own_plate", "Requester's own plate", True

    column = forms.ChoiceField(label="Column of plates")
    plate = forms.CharField(label="Plate", max_length=20, help_text="Only once ownership is proved")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _choose_column(self, "column")

    def what(self) -> dict[str, Any]:
        return {"column": self.cleaned_data["column"], "plate": self.cleaned_data["plate"]}


class SuppressForm(MarkForm):
    kind, title = "suppress", "Suppress small groups"

    by = forms.MultipleChoiceField(label="Groups formed by", widget=forms.CheckboxSelectMultiple)
    k = forms.IntegerField(label="Smallest group that stays", min_value=2, initial=5)
    distinct = forms.ChoiceField(label="Counted by", required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _choose_column(self, "by")
        columns = [(name, f"different values of {name}") for name in self.setting.facts.columns]
        _offer(self, "distinct", [("", "rows"), *columns])

    def what(self) -> dict[str, Any]:
        sent = self.cleaned_data
        count = f"distinct:{sent['distinct']}" if sent["distinct"] else "rows"
        return {"by": sent["by"], "k": sent["k"], "count": count}


class HomeForm(MarkForm):
    kind, title = "home", "Take-off and landing"

    radius_m = _number("Radius, metres", min_value=1, initial=150)

    def what(self) -> dict[str, Any]:
        return {"radius_m": self.cleaned_data["radius_m"]}


class FenceForm(MarkForm):
    kind, title = "fence", "Area on the map"

    polygon = forms.CharField(
        label="Corners", widget=forms.Textarea, help_text="One a line: longitude, latitude in degrees"
    )
    action = forms.ChoiceField(
        label="Inside it", choices=[("cut", "Cut the flight out"), ("generalise", "Generalise positions")]
    )

    def clean_polygon(self) -> list[list[float]]:
        corners = []
        for line in filter(str.strip, self.cleaned_data["polygon"].splitlines()):
            try:
                longitude, latitude = (float(part) for part in line.split(","))
            except ValueError:
                raise forms.ValidationError(f"“{line}” is not a longitude and a latitude.") from None
            corners.append([longitude, latitude])
        return corners

    def what(self) -> dict[str, Any]:
        return {"polygon": self.cleaned_data["polygon"], "action": self.cleaned_data["action"]}


class GeneraliseForm(MarkForm):
    kind, title = "generalise", "Make coarser"

    grid_deg = _number("Grid of positions, degrees", required=False, help_text="0.001 is about 100 metres")
    altitude = forms.ChoiceField(
        label="Altitude",
        required=False,
        choices=[("", "As it is"), ("metre", "To the metre"), ("drop", "Leave out")],
    )
    time = forms.ChoiceField(
        label="Time", required=False, choices=[("", "As it is"), ("relative", "Seconds since the start")]
    )

    def clean(self) -> dict[str, Any]:
        sent = super().clean() or self.cleaned_data
        if not any(sent.get(name) for name in ("grid_deg", "altitude", "time")):
            raise forms.ValidationError("Say what is to be made coarser.")
        return sent

    def what(self) -> dict[str, Any]:
        sent = self.cleaned_data
        return {name: sent[name] for name in ("grid_deg", "altitude", "time") if sent[name]}


class FieldsForm(MarkForm):
    kind, title, releases = "fields", "Further fields to release", True

    release = forms.CharField(
        label="Names", required=False, help_text="Parted by commas. Time, position and altitude pass anyway."
    )

    def what(self) -> dict[str, Any]:
        return {"release": [part.strip() for part in self.cleaned_data["release"].split(",") if part.strip()]}


class WithholdForm(VersionedForm):
    """Keep the whole record back, for a second person to agree."""

    codes = forms.MultipleChoiceField(label="Exemptions it stands on", widget=forms.CheckboxSelectMultiple)
    note = forms.CharField(label="Note for the approver", required=False, max_length=300)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _offer(self, "codes", self.setting.exemptions)


class RawMarksForm(VersionedForm):
    """The marks as JSON, for what the forms do not offer."""

    marks = forms.CharField(
        label="Marks file (JSON, version 1)",
        widget=forms.Textarea(attrs={"rows": 16, "spellcheck": "false"}),
        strip=True,
    )

    def clean_marks(self) -> Any:
        try:
            return json.loads(self.cleaned_data["marks"])
        except ValueError as error:
            raise forms.ValidationError(f"This is not JSON: {error}.") from None


def _choose_column(form: MarkForm, name: str) -> None:
    _offer(form, name, [(column, column) for column in form.setting.facts.columns])


def _offer(form: forms.Form, name: str, choices: Choices) -> None:
    form.fields[name].choices = list(choices)  # type: ignore[attr-defined]  # callers name a ChoiceField
