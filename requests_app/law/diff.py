"""What one version of a law says otherwise than another, rule by rule, in words. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from requests_app.law import reading, rule
from requests_app.law.rule import Rule

FACTS = "facts"
LEFT_OUT = frozenset({"version", "status"})


@dataclass(frozen=True)
class Field:
    """One field that changed, in words; empty words where it was not there."""

    label: str
    old: str
    new: str


@dataclass(frozen=True)
class Change:
    """One rule that was ``added``, ``removed`` or ``changed``."""

    path: str
    kind: str
    section: str
    title: str
    fields: tuple[Field, ...] = ()


def changes(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[Change]:
    """This will compare two packs' data; rules are matched by their paths, their order means nothing."""
    before, after = {r.path: r for r in rule.rules(old)}, {r.path: r for r in rule.rules(new)}
    shape = rule.facts_shape()["properties"]
    facts = _fields({n: old.get(n) for n in shape}, {n: new.get(n) for n in shape}, LEFT_OUT)
    found = [Change(FACTS, "changed", "About this law", "About this law", facts)] if facts else []
    for path, now in after.items():
        then = before.get(path)
        if then is None:
            found.append(_change(now, "added", _fields({}, now.data)))
        elif then.fingerprint != now.fingerprint:
            found.append(_change(now, "changed", between(then, now)))
    found += [
        _change(then, "removed", _fields(then.data, {})) for path, then in before.items() if path not in after
    ]
    return found


def between(old: Rule, new: Rule) -> tuple[Field, ...]:
    """This will list the fields in which two states of a rule differ."""
    return _fields(old.data, new.data)


def _change(found: Rule, kind: str, fields: tuple[Field, ...]) -> Change:
    return Change(found.path, kind, found.section.title, reading.title(found), fields)


def _fields(
    old: Mapping[str, Any], new: Mapping[str, Any], left_out: frozenset[str] = frozenset()
) -> tuple[Field, ...]:
    names = [*new, *(name for name in old if name not in new)]
    return tuple(
        Field(reading.label(name), _words(name, old.get(name)), _words(name, new.get(name)))
        for name in names
        if name not in left_out and old.get(name) != new.get(name)
    )


def _words(name: str, value: Any) -> str:
    return reading.VERIFIED[value][0] if name == "verified" and value else reading.said(value)
