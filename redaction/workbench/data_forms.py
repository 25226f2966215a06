"""Forms for marks on tables and flights."""

from typing import Any

from django import forms

from redaction.mark_fields import OPERATORS
from redaction.workbench.forms import MarkForm, offer
from redaction.workbench.media_forms import number_field


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
        offer(self, "distinct", [("", "rows"), *columns])

    def what(self) -> dict[str, Any]:
        sent = self.cleaned_data
        count = f"distinct:{sent['distinct']}" if sent["distinct"] else "rows"
        return {"by": sent["by"], "k": sent["k"], "count": count}


class HomeForm(MarkForm):
    kind, title = "home", "Take-off and landing"

    radius_m = number_field("Radius, metres", min_value=1, initial=150)

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

    grid_deg = number_field(
        "Grid of positions, degrees", required=False, help_text="0.001 is about 100 metres"
    )
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


def _choose_column(form: MarkForm, name: str) -> None:
    offer(form, name, [(column, column) for column in form.setting.facts.columns])
