"""Forms for marks on pages, pictures and sound."""

from typing import Any

from django import forms

from redaction.mark_fields import PATTERNS
from redaction.workbench.forms import MarkForm


def number_field(label: str, **options: Any) -> forms.FloatField:
    options.setdefault("min_value", 0)
    return forms.FloatField(
        label=label, widget=forms.NumberInput(attrs={"step": "any", "class": "usa-input--small"}), **options
    )


class BoxForm(MarkForm):
    kind, title = "box", "Box"

    page = forms.IntegerField(label="Page", min_value=1, initial=1)
    left = number_field(
        "Left edge", help_text="From the left of the page as displayed: points; pixels of an image"
    )
    top = number_field("Top edge", help_text="From the top")
    right = number_field("Right edge")
    bottom = number_field("Bottom edge")
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


class HiddenForm(MarkForm):
    """Comments, hidden sheets, tracked changes: what the pages of an office file do not show."""

    kind, title = "hidden", "Hidden thing"

    item = forms.CharField(
        label="Which",
        max_length=60,
        initial="*",
        help_text="As the list names it (sheet:2, comments); * is everything not named by another mark",
    )
    action = forms.ChoiceField(
        label="What becomes of it",
        choices=[("drop", "Leave it out"), ("show", "Show it on the pages, where it can be marked")],
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].required = False

    def clean(self) -> dict[str, Any]:
        sent = super().clean() or self.cleaned_data
        if sent.get("action") == "drop" and not sent.get("reason"):
            self.add_error("reason", "Leaving something out withholds it: choose a reason.")
        return sent

    def what(self) -> dict[str, Any]:
        return {"item": self.cleaned_data["item"], "action": self.cleaned_data["action"]}


class SpanForm(MarkForm):
    start = number_field("From second")
    end = number_field("To second", help_text="The mark stops just before it")

    def clean(self) -> dict[str, Any]:
        sent = super().clean() or self.cleaned_data
        start, end = sent.get("start"), sent.get("end")
        if start is not None and end is not None and start >= end:
            raise forms.ValidationError("The mark has to end after it begins.")
        return sent

    def what(self) -> dict[str, Any]:
        return {"start": self.cleaned_data["start"], "end": self.cleaned_data["end"]}


class RegionForm(SpanForm):
    kind, title = "region", "Box in the picture"

    left = number_field("Left edge, % of the width", max_value=100)
    top = number_field("Top edge, % of the height", max_value=100)
    width = number_field("Width, %", max_value=100)
    height = number_field("Height, %", max_value=100)
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

    start = number_field("From second", required=False)
    end = number_field("To second", required=False, help_text="The mark stops just before it")
    literal = forms.CharField(
        label="Or these words, wherever they are said",
        required=False,
        strip=True,
        help_text="Found in the record's transcript; listen to each place in the redacted copy",
    )
    style = forms.ChoiceField(label="Instead", choices=[("silence", "Silence"), ("tone", "Tone")])

    def clean(self) -> dict[str, Any]:
        sent = super().clean()
        times = [sent[name] for name in ("start", "end") if sent.get(name) is not None]
        if not self.errors and len(times) != (0 if sent["literal"] else 2):
            raise forms.ValidationError("Give either both seconds or words.")
        return sent

    def what(self) -> dict[str, Any]:
        words = self.cleaned_data["literal"]
        return {**({"literal": words} if words else super().what()), "style": self.cleaned_data["style"]}


class TracksForm(MarkForm):
    """For a recording with more than one picture or sound: the others do not pass."""

    kind, title, releases = "tracks", "Choose the tracks", True

    picture = forms.IntegerField(label="Picture track", min_value=0, initial=0, help_text="Counted from 0")
    sound = forms.IntegerField(label="Sound track", min_value=0, initial=0, help_text="Counted from 0")

    def what(self) -> dict[str, Any]:
        return {"picture": self.cleaned_data["picture"], "sound": self.cleaned_data["sound"]}


class CutForm(SpanForm):
    kind, title = "cut", "Cut out"
