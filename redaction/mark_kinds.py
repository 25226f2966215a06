"""What each kind of mark may say: media, fields, ranges. One row of ``KINDS`` is one kind."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from redaction.mark_fields import (
    PATTERNS,
    FieldError,
    Reader,
    choice,
    coarseness,
    conditions,
    corners,
    count,
    keyframes,
    list_of,
    pages,
    plate,
    positive,
    read_field,
    ring,
    seconds,
    seed,
    text,
    whole,
)

MEDIA = ("pdf", "office", "image", "video", "audio", "table", "flight")

Rule = Callable[[Mapping[str, Any]], str | None]


@dataclass(frozen=True)
class Kind:
    """The media a kind fits, readers for its fields, and a rule over all of them together."""

    media: tuple[str, ...]
    required: Mapping[str, Reader]
    optional: Mapping[str, tuple[Reader, Any]]
    rule: Rule | None = None

    def read(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """This will give the fields with defaults filled in.

        :raises FieldError: when one is missing, unknown or outside its range.
        """
        for name in given:
            if name not in self.required and name not in self.optional:
                raise FieldError(f"unknown field {name!r}")
        fields: dict[str, Any] = {}
        for name, reader in self.required.items():
            if name not in given:
                raise FieldError(f"{name} is missing")
            fields[name] = read_field(name, reader, given[name])
        for name, (reader, default) in self.optional.items():
            fields[name] = read_field(name, reader, given[name]) if name in given else default
        fault = self.rule(fields) if self.rule else None
        if fault:
            raise FieldError(fault)
        return fields


def _ordered(fields: Mapping[str, Any]) -> str | None:
    return None if fields["start"] < fields["end"] else "start must be before end"


def _one_of(first: str, second: str) -> Rule:
    def check(fields: Mapping[str, Any]) -> str | None:
        if (fields[first] is None) == (fields[second] is None):
            return f"needs either {first} or {second}, not both"
        return None

    return check


def _span_or_literal(fields: Mapping[str, Any]) -> str | None:
    start, end, literal = fields["start"], fields["end"], fields["literal"]
    if literal is not None:
        return "needs either start and end, or literal" if start is not None or end is not None else None
    if start is None or end is None:
        return "needs start and end, or literal"
    return _ordered(fields)


def _coarsen_has_to(fields: Mapping[str, Any]) -> str | None:
    if (fields["action"] == "coarsen") != (fields["to"] is not None):
        return "to belongs to the action coarsen, which needs it"
    return None


def _generalises_something(fields: Mapping[str, Any]) -> str | None:
    return "needs grid_deg, altitude or time" if not any(fields.values()) else None


_SPAN: dict[str, Reader] = {"start": seconds, "end": seconds}
_SOLID_OR_MOSAIC = choice("solid", "mosaic")

KINDS: dict[str, Kind] = {
    "box": Kind(
        ("pdf", "office", "image"),
        {"page": whole(1), "rect": corners},
        {"extent": (choice("line", "exact"), "line")},
    ),
    "text": Kind(
        ("pdf", "office"),
        {},
        {"literal": (text, None), "pattern": (choice(*PATTERNS), None), "pages": (pages, "all")},
        _one_of("literal", "pattern"),
    ),
    "page": Kind(("pdf", "office"), {"page": whole(1)}, {}),
    "hidden": Kind(("office",), {"item": text, "action": choice("drop", "show")}, {}),
    "region": Kind(
        ("video",),
        {**_SPAN, "keyframes": keyframes},
        {"style": (choice("solid", "mosaic", "blur"), "solid")},
        _ordered,
    ),
    "frame": Kind(("video",), _SPAN, {"style": (_SOLID_OR_MOSAIC, "solid")}, _ordered),
    "mute": Kind(
        ("audio", "video"),
        {},
        {
            "start": (seconds, None),
            "end": (seconds, None),
            "literal": (text, None),
            "style": (choice("silence", "tone"), "silence"),
        },
        _span_or_literal,
    ),
    "cut": Kind(("audio", "video"), _SPAN, {}, _ordered),
    "tracks": Kind(("audio", "video"), {}, {"picture": (whole(0), 0), "sound": (whole(0), 0)}),
    "column": Kind(
        ("table",),
        {"name": text, "action": choice("release", "drop", "mask", "pseudonym", "coarsen")},
        {"to": (coarseness, None)},
        _coarsen_has_to,
    ),
    "rows": Kind(
        ("table",),
        {},
        {"keep": (conditions, None), "remove": (conditions, None)},
        _one_of("keep", "remove"),
    ),
    "own_plate": Kind(("table",), {"column": text, "plate": plate}, {}),
    "suppress": Kind(
        ("table",),
        {"by": list_of(text, distinct=True), "k": whole(1), "count": count},
        {},
    ),
    "home": Kind(("flight",), {"radius_m": positive}, {"seed": (seed, None)}),
    "fence": Kind(("flight",), {"polygon": ring, "action": choice("cut", "generalise")}, {}),
    "generalise": Kind(
        ("flight",),
        {},
        {
            "grid_deg": (positive, None),
            "altitude": (choice("metre", "drop"), None),
            "time": (choice("absolute", "relative"), None),
        },
        _generalises_something,
    ),
    "fields": Kind(("flight",), {"release": list_of(text, least=0, distinct=True)}, {}),
    "withhold": Kind(MEDIA, {}, {}),
}
