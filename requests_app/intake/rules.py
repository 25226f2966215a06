"""Guided forms as data: the shape of a definition, and what answers become. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from string import Formatter
from typing import Any
from zoneinfo import ZoneInfo

from portal.core.errors import BadInput

FIELD_TYPES = frozenset({"text", "textarea", "date", "time", "choice", "yes_no", "email", "money", "plate"})
MASK = "••••"


class BadForm(BadInput):
    """A form definition cannot be used; names the form, the step and the field at fault."""

    code = "bad_form"


@dataclass(frozen=True)
class Field:
    """One question. ``after`` names the field whose answer this one must not precede."""

    name: str
    type: str
    label: str
    help: str = ""
    required: bool = False
    max_length: int = 250
    choices: tuple[tuple[str, str], ...] = ()
    not_future: bool = False
    after: str = ""


@dataclass(frozen=True)
class Step:
    """One page: one topic."""

    slug: str
    title: str
    fields: tuple[Field, ...]


@dataclass(frozen=True)
class Form:
    """A whole guided form. ``heading`` and ``item`` are templates over the answers."""

    code: str
    version: int
    title: str
    summary: str
    heading: str
    item: str
    steps: tuple[Step, ...]

    def step(self, slug: str) -> Step | None:
        return next((step for step in self.steps if step.slug == slug), None)

    def after(self, slug: str) -> str | None:
        """This will give the slug of the page after one, or None after the last."""
        slugs = [step.slug for step in self.steps]
        place = slugs.index(slug) + 1
        return slugs[place] if place < len(slugs) else None

    def fields(self) -> Iterator[Field]:
        for step in self.steps:
            yield from step.fields


def parse(data: Mapping[str, Any]) -> Form:
    """This will read a form definition.

    :raises BadForm: when a part is missing, unknown or twice there.
    """
    code = str(data.get("code", "?"))
    try:
        steps = tuple(
            Step(
                row["slug"], row["title"], tuple(_field(code, row["slug"], field) for field in row["fields"])
            )
            for row in data["steps"]
        )
        form = Form(
            code, int(data["version"]), data["title"], data["summary"], data["heading"], data["item"], steps
        )
    except KeyError as missing:
        raise BadForm(f"Form {code}: {missing.args[0]!r} is missing.") from None
    names = [field.name for field in form.fields()]
    for name in names:
        if names.count(name) > 1:
            raise BadForm(f"Form {code}: there are two fields called {name!r}.")
    for field in form.fields():
        if field.after and field.after not in names:
            raise BadForm(
                f"Form {code}, field {field.name}: there is no field {field.after!r} to come after."
            )
    for template in (form.heading, form.item):
        fill(template, form, {})
    return form


def _field(code: str, step: str, row: Mapping[str, Any]) -> Field:
    place = f"Form {code}, step {step}, field {row.get('name', '?')}"
    unknown = set(row) - set(Field.__dataclass_fields__)
    if unknown:
        raise BadForm(f"{place}: {sorted(unknown)[0]!r} is not a property of a field.")
    if row["type"] not in FIELD_TYPES:
        raise BadForm(f"{place}: {row['type']!r} is not a type; use one of {', '.join(sorted(FIELD_TYPES))}.")
    if row["type"] == "choice" and not row.get("choices"):
        raise BadForm(f"{place}: a choice needs choices.")
    return Field(**{**row, "choices": tuple((value, label) for value, label in row.get("choices", ()))})


def spoken(field: Field, answer: Any, *, masked: bool = True) -> str:
    """This will give an answer as a person reads it; a number plate stays hidden unless asked for."""
    if answer in (None, ""):
        return ""
    if field.type == "plate" and masked:
        return f"{MASK}{str(answer)[-1:]}" if len(str(answer)) > 3 else MASK
    if field.type == "yes_no":
        return "Yes" if answer in (True, "yes") else "No"
    if field.type == "choice":
        return dict(field.choices).get(answer, str(answer))
    if field.type == "money":
        return f"${str(answer).removeprefix('$')}"
    try:
        if field.type == "date":
            day = date.fromisoformat(str(answer))
            return f"{day:%B} {day.day}, {day.year}"
        if field.type == "time":
            return f"{time.fromisoformat(str(answer)):%I:%M %p}".lstrip("0")
    except ValueError:  # an imported answer may be no date; it is shown as it was given
        return str(answer)
    return str(answer)


def _inside(field: Field, answer: Any) -> str:
    # the value of a choice is written to stand inside a sentence, its label to stand alone
    if field.type == "choice":
        return str(answer or "").replace("_", " ")
    return spoken(field, answer)


def window(answers: Mapping[str, Any], zone: str) -> tuple[datetime | None, datetime | None]:
    """This will give the span of time an item is about, in the agency's zone; an end before its start is
    on the next day (a night)."""
    first = _day(answers.get("incident_date") or answers.get("first_day"))
    if first is None:
        return None, None
    last = _day(answers.get("last_day")) or first
    start, end = _clock(answers.get("start_time")), _clock(answers.get("end_time"))
    if last == first and start and end and end < start:
        last = first + timedelta(days=1)
    local = ZoneInfo(zone)
    return (
        datetime.combine(first, start or time.min, local),
        datetime.combine(last, end or time(23, 59, 59), local),
    )


def _day(answer: Any) -> date | None:
    try:
        return date.fromisoformat(str(answer))
    except ValueError:
        return None


def _clock(answer: Any) -> time | None:
    try:
        return time.fromisoformat(str(answer))
    except ValueError:
        return None


class _Spoken(dict[str, str]):
    def __missing__(self, name: str) -> str:
        raise BadForm(f"The template names {name!r}, which is not a field.")


def fill(template: str, form: Form, answers: Mapping[str, Any]) -> str:
    """This will fill ``{field}`` places of a heading or item with spoken answers; plates stay hidden.

    :raises BadForm: when a place names no field, or is no plain ``{name}``.
    """
    values = _Spoken({field.name: _inside(field, answers.get(field.name)) for field in form.fields()})
    try:
        parts = list(Formatter().parse(template))
    except ValueError:
        parts = [("", "", "", None)]
    # a plain name only: no attribute, index, conversion or width of anything
    if any(name is not None and (not name.isidentifier() or spec or how) for _, name, spec, how in parts):
        raise BadForm(f"Form {form.code}: “{template}” is not a template of {{field}} places.")
    text = template.format_map(values)
    return " ".join(text.strip(" ,").split())
