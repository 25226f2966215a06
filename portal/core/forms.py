"""The base of every form: U.S. Web Design System markup, with hints and errors wired for screen readers."""

from functools import cached_property
from pathlib import Path
from typing import Any

from django import forms
from django.conf import settings
from django.forms import renderers
from django.template.backends.django import DjangoTemplates
from django.utils.translation import gettext_lazy as _

_CLASSES: tuple[tuple[type[forms.Widget], str], ...] = (
    # the first that fits wins, so narrow classes come before the wide
    (forms.CheckboxSelectMultiple, "usa-checkbox__input"),  # a RadioSelect to Python
    (forms.RadioSelect, "usa-radio__input"),
    (forms.CheckboxInput, "usa-checkbox__input"),
    (forms.Select, "usa-select"),
    (forms.Textarea, "usa-textarea"),
    (forms.FileInput, "usa-file-input"),
    (forms.HiddenInput, ""),
    (forms.widgets.Input, "usa-input"),
)

# the browser's own pickers, with the one spelling each of them reads
_NATIVE: tuple[tuple[type[forms.DateInput | forms.DateTimeInput | forms.TimeInput], str, str], ...] = (
    (forms.DateInput, "date", "%Y-%m-%d"),
    (forms.DateTimeInput, "datetime-local", "%Y-%m-%dT%H:%M"),
    (forms.TimeInput, "time", "%H:%M"),
)

_PARTS = {forms.DateInput: _("date"), forms.TimeInput: _("time")}


class USWDSBoundField(forms.BoundField):
    """A field that knows which of the four shapes of markup it takes."""

    @property
    def kind(self) -> str:
        """This will name the markup: ``group`` (a fieldset), ``checkbox``, ``file`` or ``plain``."""
        if self.use_fieldset:
            return "group"
        if isinstance(self.field.widget, forms.CheckboxInput):
            return "checkbox"
        return "file" if isinstance(self.field.widget, forms.FileInput) else "plain"

    @property
    def use_fieldset(self) -> bool:
        # Django gives a file input with its “clear” box a fieldset; USWDS labels the input itself
        return self.field.widget.use_fieldset and not isinstance(self.field.widget, forms.FileInput)

    @property
    def marked_optional(self) -> bool:
        return not self.field.required and getattr(self.form, "mark_optional", True)

    @property
    def focus_id(self) -> str:
        """This will give the id of the element a link in the error summary should focus."""
        if not self.use_fieldset:
            return self.id_for_label
        if isinstance(self.field.widget, forms.SelectDateWidget):
            return f"{self.auto_id}_month"
        return f"{self.auto_id}_0"

    def as_widget(
        self,
        widget: forms.Widget | None = None,
        attrs: dict[str, Any] | None = None,
        only_initial: bool = False,
    ) -> Any:
        widget = widget or self.field.widget
        for part in getattr(widget, "widgets", [widget]):
            _make_native(part)
            if part is not widget:
                part.attrs["class"] = _merge(str(part.attrs.get("class", "")), _class_of(part))
                part.attrs.setdefault("aria-label", f"{self.label}: {_PARTS.get(type(part), self.label)}")
        return super().as_widget(widget, attrs, only_initial)

    def build_widget_attrs(self, attrs: dict[str, Any], widget: forms.Widget | None = None) -> dict[str, Any]:
        widget = widget or self.field.widget
        built = super().build_widget_attrs(attrs, widget)
        given = str(built.get("class") or widget.attrs.get("class") or "")
        error = "usa-input--error" if self.errors and self.kind == "plain" else ""
        if classes := _merge(given, _class_of(widget), error):
            built["class"] = classes
        if _is_code(widget):
            built |= {"autocapitalize": "characters", "spellcheck": "false"}
        if widget.attrs.get("placeholder"):
            built["placeholder"] = (
                False  # vanishes while typing, and reads like an answer: say it in help_text
            )
        if self.use_fieldset:
            # the fieldset carries the error's description; aria-invalid is not for radio buttons
            built.pop("aria-invalid", None)
        return built


def _is_code(widget: forms.Widget) -> bool:
    return widget.attrs.get("autocomplete") == "one-time-code"


def _class_of(widget: forms.Widget) -> str:
    if _is_code(widget):
        return "usa-input dl-code"
    return next((name for kind, name in _CLASSES if isinstance(widget, kind)), "")


def _merge(*classes: str) -> str:
    return " ".join(dict.fromkeys(" ".join(classes).split()))


def _make_native(widget: forms.Widget) -> None:
    for kind, input_type, spelling in _NATIVE:
        if isinstance(widget, kind):
            widget.input_type = input_type
            widget.format = spelling


class USWDSRenderer(renderers.DjangoTemplates):
    """Renders fields by templates/forms/uswds; a widget template found there replaces Django's."""

    form_template_name = "forms/uswds/form.html"
    field_template_name = "forms/uswds/field.html"
    formset_template_name = "forms/uswds/formset.html"
    bound_field_class = USWDSBoundField

    @cached_property
    def engine(self) -> DjangoTemplates:
        ours = Path(settings.BASE_DIR) / "templates"
        django_own = Path(forms.__file__).parent / "templates"
        return DjangoTemplates(
            {
                "APP_DIRS": False,
                "DIRS": [ours / "forms" / "uswds", ours, django_own],
                "NAME": "uswds",
                "OPTIONS": {},
            }
        )


class USWDSForm:
    """Mix in before a form class of another package (allauth's, a filter's) to give it our markup."""

    # the instance, not the class: a form takes either, and one engine serves all forms
    default_renderer: Any = USWDSRenderer()
    mark_optional = True  # filter forms, where everything is optional, set False


class DaylightForm(USWDSForm, forms.Form):
    """A form in the portal's look. ``{{ form }}`` renders its fields; the page adds the error summary."""


def dress(form: forms.BaseForm) -> forms.BaseForm:
    """This will give any form, also one of another package, our markup."""
    if not isinstance(form.renderer, USWDSRenderer):
        form.renderer = USWDSForm.default_renderer
        form.bound_field_class = USWDSBoundField
        form._bound_fields_cache.clear()  # type: ignore[attr-defined]  # Django's own; fields made before are plain
    return form


def error_rows(form: forms.BaseForm) -> list[tuple[str, str]]:
    """This will list (id of the element to focus, or "" for the whole form; sentence) for each error."""
    rows: list[tuple[str, str]] = []
    for name, sentences in dress(form).errors.items():
        bound = form[name] if name in form.fields else None
        if isinstance(bound, USWDSBoundField) and not bound.is_hidden:
            rows.extend((bound.focus_id, _named(bound, str(sentence))) for sentence in sentences)
        else:
            rows.extend(("", str(sentence)) for sentence in sentences)
    return rows


def _named(bound: forms.BoundField, sentence: str) -> str:
    # far from its field “This field is required.” says nothing, so Django's stock sentences get the label
    stock = {
        str(message)
        for kind in type(bound.field).__mro__
        for message in getattr(kind, "default_error_messages", {}).values()
    }
    return f"{str(bound.label).rstrip('?:.')}: {sentence}" if sentence in stock else sentence
