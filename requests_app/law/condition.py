"""Conditions of a rule as data: which record, which requester, which facts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

NAMED = ("record_type", "requester_category", "relationship", "body")


@dataclass(frozen=True)
class Circumstances:
    """What is known of one request; an unknown is None and meets no condition that names it."""

    record_type: str | None = None
    requester_category: str | None = None
    relationship: str | None = None
    body: str | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Condition:
    """Every part given must hold; an empty condition always holds."""

    named: Mapping[str, frozenset[str]] = field(default_factory=dict)
    over: Mapping[str, Decimal] = field(default_factory=dict)
    at_most: Mapping[str, Decimal] = field(default_factory=dict)
    is_true: tuple[str, ...] = ()
    is_false: tuple[str, ...] = ()
    any_of: tuple["Condition", ...] = ()
    none_of: tuple["Condition", ...] = ()

    def holds(self, case: Circumstances) -> bool:
        if self is ALWAYS:
            return True
        if any(getattr(case, name) not in values for name, values in self.named.items()):
            return False
        if not all(_number(case, name) > limit for name, limit in self.over.items()):
            return False
        if any(name not in case.facts or _number(case, name) > most for name, most in self.at_most.items()):
            return False
        if not all(case.facts.get(name) is True for name in self.is_true):
            return False
        if not all(case.facts.get(name) is False for name in self.is_false):
            return False
        if self.any_of and not any(part.holds(case) for part in self.any_of):
            return False
        return not any(part.holds(case) for part in self.none_of)

    def said(self) -> str:
        """This will say in words what must hold; nothing for a condition that always holds."""
        parts = [
            f"{_spelt(name)} {' or '.join(map(_spelt, sorted(each)))}" for name, each in self.named.items()
        ]
        parts += [f"{_spelt(name)} over {limit}" for name, limit in self.over.items()]
        parts += [f"{_spelt(name)} at most {most}" for name, most in self.at_most.items()]
        parts += [_spelt(name) for name in self.is_true]
        parts += [f"not {_spelt(name)}" for name in self.is_false]
        if self.any_of:
            parts.append(f"({' or '.join(part.said() for part in self.any_of)})")
        parts += [f"not ({part.said()})" for part in self.none_of]
        return " and ".join(parts)


def _spelt(name: str) -> str:
    return name.replace("_", " ")


ALWAYS = Condition()


def _number(case: Circumstances, name: str) -> Decimal:
    value = case.facts.get(name)
    if isinstance(value, bool) or not isinstance(value, (int, Decimal)):
        return Decimal(0)
    return Decimal(value)


def parse(data: Mapping[str, Any] | None) -> Condition:
    """This will build the condition from a pack's ``when`` object; None always holds."""
    if not data:
        return ALWAYS
    return Condition(
        named={name: frozenset(data[name]) for name in NAMED if name in data},
        over={name: Decimal(str(value)) for name, value in data.get("over", {}).items()},
        at_most={name: Decimal(str(value)) for name, value in data.get("at_most", {}).items()},
        is_true=tuple(data.get("true", ())),
        is_false=tuple(data.get("false", ())),
        any_of=_each(data.get("any", ())),
        none_of=_each(data.get("none", ())),
    )


def _each(rows: Sequence[Mapping[str, Any]]) -> tuple[Condition, ...]:
    return tuple(parse(row) for row in rows)
