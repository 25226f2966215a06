"""One field of a rule as a field of a form: which one, what it shows first, what is read back from it."""

import json
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final

from django import forms

from requests_app.law import reading
from requests_app.law.rule import resolve

ABSENT: Final = object()
"""Stands for a field the rule does not have; ``None`` is a value."""
LONG = frozenset({"explanation", "letter_text", "note", "source_note", "disclaimer", "why", "item", "route"})
LINES = "One on each line."
HINTS = {
    "citation": "As a lawyer would cite it. Empty: not known.",
    "nth": "1 for the first, 4 for the fourth, -1 for the last of the month.",
    "offset": "1 for the day after, -2 for two days before Easter.",
    "record_type": f"{LINES} Such as body_worn_camera or electronic.",
    "record_types": f"{LINES} Such as body_worn_camera.",
    "keep_at_least": "A period such as P90D (days), P6M (months), P2Y (years), or until_resolved.",
    "destroy_by": "A period such as P30D. Empty: no day by which it must be gone.",
    "rate": "Such as 0.10; for an hour of staff time. Empty: at cost, or the agency’s own figure.",
    "max_rate": "The most the law allows. An agency’s schedule cannot go above it.",
    "moves": "Such as saturday: -1 and sunday: 1.",
    "disclaimer": "Stands below everything worked out by this law.",
    "timezone": "Such as America/Chicago.",
    "short_label": "A few words; the requester reads them beside each withholding.",
}  # fmt: skip

KEY_HINTS = {
    "id": "Small letters, digits and dashes. Empty: made from the name. It stays for good.",
    "name": "Small letters, digits and dashes. Empty: made from the title. It stays for good.",
    "code": "Stays for good, because determinations name it.",
}
"""For the field that names the rule."""

Choices = Sequence[tuple[str, str]]


def kind(shape: Mapping[str, Any], value: Any) -> str:
    """This will say how a part of a rule is asked for: ``group``, ``many``, or as one field of a kind."""
    types = _types(shape)
    items = resolve(shape.get("items", {}))
    if "object" in types:
        return "group" if "properties" in shape else "pairs"
    if "array" in types and "properties" in items:
        return "text" if isinstance(value, str) else "many"
    if "array" in types:
        return "several" if "enum" in items else "lines"
    if "enum" in shape or "const" in shape:
        return "choice"
    if "boolean" in types:
        return "yes_no"
    if "integer" in types:
        return "integer"
    if "string" in types:
        return "day" if shape.get("format") == "date" else "text"
    return "json"


def field(
    name: str, shape: Mapping[str, Any], value: Any, known: Choices | None, *, needed: bool
) -> forms.Field:
    """This will make the form's field; nothing is required here, the rule as a whole says what is missing."""
    shown: dict[str, Any] = {
        "label": reading.label(name),
        "required": False,
        "help_text": HINTS.get(name, ""),
    }
    found = kind(shape, value)
    if found == "several" or (found == "lines" and known):
        options = known or [(each, _words(each)) for each in resolve(shape["items"])["enum"]]
        return forms.MultipleChoiceField(
            choices=_with(options, value), widget=forms.CheckboxSelectMultiple, **shown
        )
    if found in {"choice", "yes_no"} or known:
        options = known or _options(shape, found)
        blank = "Choose" if needed else "–"
        return forms.ChoiceField(choices=[("", blank), *_with(options, value)], **shown)
    if found == "integer":
        return forms.IntegerField(min_value=shape.get("minimum"), max_value=shape.get("maximum"), **shown)
    if found == "day":
        return forms.DateField(widget=forms.DateInput, **shown)
    if found in {"lines", "pairs", "json"}:
        shown["help_text"] = HINTS.get(name) or {
            "lines": LINES,
            "pairs": "One on each line, as name: value; several values parted by |.",
        }.get(found, "As JSON.")
        return forms.CharField(max_length=20_000, widget=forms.Textarea(attrs={"rows": 3}), **shown)
    if name in LONG:
        shown["widget"] = forms.Textarea(attrs={"rows": 3})
    return forms.CharField(max_length=10_000, **shown)


def first(shape: Mapping[str, Any], value: Any, known: Choices | None) -> Any:
    """This will give what the field shows of a value."""
    if value is ABSENT or value is None:
        return None
    found = kind(shape, value)
    if found == "several" or (found == "lines" and known):
        return [value] if isinstance(value, str) else value
    if found == "lines":
        return value if isinstance(value, str) else "\n".join(value)
    if found == "pairs":
        return "\n".join(f"{name}: {_inner(each)}" for name, each in value.items())
    if found == "yes_no":
        return "yes" if value else "no"
    return json.dumps(value, ensure_ascii=False) if found == "json" else value


def value_of(shape: Mapping[str, Any], given: Any, before: Any) -> Any:
    """This will read the rule's value back. :raises ValueError: with a sentence, for words that are none."""
    found = kind(shape, before)
    if found == "yes_no":
        return given == "yes"
    if found == "day":
        return given.isoformat() if isinstance(given, date) else given
    if found in {"several", "lines"}:
        rows = _lines(given) if isinstance(given, str) else list(given)
        one = "string" in _types(shape) and len(rows) == 1 and not isinstance(before, list)
        return rows[0] if one else rows
    if found == "pairs":
        return _pairs(given, resolve(shape.get("additionalProperties", {})))
    if found == "json":
        return json.loads(given)
    return given.strip() if isinstance(given, str) else given


def nullable(shape: Mapping[str, Any]) -> bool:
    return "null" in _types(shape)


def _types(shape: Mapping[str, Any]) -> frozenset[str]:
    said = shape.get("type", ())
    return frozenset([said] if isinstance(said, str) else said)


def _options(shape: Mapping[str, Any], found: str) -> Choices:
    if found == "yes_no":
        return [("yes", "Yes"), ("no", "No")]
    return [(each, _words(each)) for each in shape.get("enum") or [shape["const"]] if each is not None]


def _with(options: Choices, value: Any) -> list[tuple[str, str]]:
    """What stands in the rule stays possible, even where the list does not know it."""
    given = [value] if isinstance(value, str) else value if isinstance(value, list) else []
    there = {each for each, _ in options}
    return [*options, *((each, each) for each in given if each not in there)]


def _words(name: str) -> str:
    if name in reading.VERIFIED:
        return reading.VERIFIED[name][0]
    return reading.spelt(name).capitalize()


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


def _inner(value: Any) -> str:
    return " | ".join(value) if isinstance(value, list) else str(value)


def _pairs(text: str, inner: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for line in _lines(text):
        name, colon, value = (part.strip() for part in line.partition(":"))
        if not (name and colon and value):
            raise ValueError(f"“{line}” is not written as name: value.")
        found[name] = _read(value, inner, line)
    return found


def _read(value: str, inner: Mapping[str, Any], line: str) -> Any:
    types = _types(inner)
    if "array" in types:
        return [part.strip() for part in value.split("|") if part.strip()]
    if "integer" in types:
        try:
            return int(value)
        except ValueError:
            raise ValueError(f"“{line}” needs a whole number after the colon.") from None
    return value
