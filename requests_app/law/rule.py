"""A pack taken apart into its rules: each with a path, a section and a digest of what it says. Pure.

The sections follow packs/schema.json, so a part the schema gains is read, edited and adopted without code.
"""

import copy
import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from portal.core.errors import BadInput, DomainError
from requests_app.law import schema

KEYS = ("id", "name", "code")
NOT_SAID = frozenset({"verified", "verified_by", "verified_on", "source", "source_url", "source_note"})
"""What tells how sure a rule is, not what it says: a change there leaves an adoption standing."""

TITLES = {
    "deemed_receipt": "What counts as received later",
    "calendar": "Calendar",
    "calendar/holidays": "Holidays",
    "clocks": "Clocks",
    "fees": "Fees in general",
    "fees/rows": "Fees",
    "fees/bars": "When a fee may not be charged",
    "fees/itemised_estimate": "Itemised estimate",
    "fees/deposit": "Deposit",
    "fees/advance_payment": "Payment in advance",
    "fees/bill": "Least bill",
    "fees/late_reduction": "Reduction when late",
    "fees/overage": "More than the estimate",
    "fees/interest": "Interest",
    "fees/aggregation": "Requests counted together",
    "exemptions": "Exemptions",
    "redaction_reasons": "Redaction reasons",
    "appeals": "Appeals",
    "retention": "Retention",
}


class RuleUnknown(DomainError):
    """There is no such rule in this version."""

    code = "no_such_rule"
    status = 404


class RuleExists(BadInput):
    """Another rule of the section has this name already."""

    code = "rule_exists"


@dataclass(frozen=True)
class Section:
    """Rules of one kind. ``where``: the keys that lead to it; ``many``: a list of rules, or a single one."""

    where: tuple[str, ...]
    shape: Mapping[str, Any]
    many: bool

    @property
    def id(self) -> str:
        return "/".join(self.where)

    @property
    def title(self) -> str:
        last = self.where[-1].replace("_", " ")
        if self.where[0] == "letters":
            return f"Letter: {last}"
        return TITLES.get(self.id, last.capitalize())

    @property
    def key(self) -> str | None:
        """The field that names a rule of this section for good, if there is one."""
        return next((name for name in KEYS if self.many and name in self.shape.get("required", ())), None)


@dataclass(frozen=True)
class Rule:
    """One rule as data. ``path`` names it in every version: ``clocks/ag_request``."""

    path: str
    section: Section
    data: Mapping[str, Any]

    @cached_property
    def digest(self) -> str:
        """The hash of what the rule says; marks and sources left out."""
        return digest({name: value for name, value in self.data.items() if name not in NOT_SAID})

    @cached_property
    def fingerprint(self) -> str:
        """The hash of the whole row, marks and sources too."""
        return digest(self.data)

    @property
    def adoptable(self) -> bool:
        return "verified" in self.section.shape["properties"]


def digest(value: Any) -> str:
    """This will give the SHA-256 of a value's canonical JSON."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def resolve(shape: Mapping[str, Any]) -> Mapping[str, Any]:
    """This will follow a reference inside the packs' schema."""
    while "$ref" in shape:
        shape = schema.schema()["$defs"][shape["$ref"].rpartition("/")[2]]
    return shape


def ordered(value: Any, shape: Mapping[str, Any]) -> Any:
    """This will give a value with its fields in the schema's order; the database keeps none."""
    shape = resolve(shape)
    if isinstance(value, list):
        return [ordered(each, shape.get("items", {})) for each in value]
    if not isinstance(value, Mapping):
        return value
    known, others = shape.get("properties", {}), shape.get("additionalProperties")
    inner = others if isinstance(others, Mapping) else {}
    names = [*(name for name in known if name in value), *(name for name in value if name not in known)]
    return {name: ordered(value[name], known.get(name, inner)) for name in names}


def sections(data: Mapping[str, Any]) -> list[Section]:
    """This will list the sections of a pack in the schema's order; letters have one for each kind."""
    return [found for name, shape in _parts() for found in _sections(name, shape, data.get(name))]


def facts_shape() -> Mapping[str, Any]:
    """This will give the shape of what is no rule: the law's name, zone, dates and disclaimer."""
    every = schema.schema()
    plain = {name: shape for name, shape in every["properties"].items() if not _holds_rules(resolve(shape))}
    return {"type": "object", "properties": plain, "required": [n for n in every["required"] if n in plain]}


def rules(data: Mapping[str, Any]) -> list[Rule]:
    """This will take a pack apart; a path stands once."""
    return [rule for section in sections(data) for rule in rules_of(data, section)]


def rules_of(data: Mapping[str, Any], section: Section) -> list[Rule]:
    """This will list the rules of one section of a pack."""
    held = _at(data, section.where)
    if held is None:
        return []
    if not section.many:
        inside = {name: value for name, value in held.items() if name in section.shape["properties"]}
        return [Rule(section.id, section, ordered(inside, section.shape))] if inside else []
    return [
        Rule(f"{section.id}/{key}", section, ordered(row, section.shape))
        for key, row in zip(_keys(held, section), held, strict=True)
    ]


def find(data: Mapping[str, Any], path: str) -> Rule:
    """This will give the rule of a path. :raises RuleUnknown: when the pack has none."""
    for rule in rules(data):
        if rule.path == path:
            return rule
    raise RuleUnknown(f"This version has no rule {path}.")


def section_of(data: Mapping[str, Any], section_id: str) -> Section:
    """This will give a section by its id. :raises RuleUnknown: when packs have none of that name."""
    for section in sections(data):
        if section.id == section_id:
            return section
    where = tuple(section_id.split("/"))
    if len(where) == 2 and where[0] == "letters" and re.fullmatch(r"[a-z0-9_]{1,40}", where[1]):
        return Section(where, resolve(_letter_items()), many=True)
    raise RuleUnknown(f"A pack has no part {section_id}.")


def put(
    data: Mapping[str, Any], section: Section, value: Mapping[str, Any], path: str | None
) -> tuple[dict[str, Any], str]:
    """This will give the pack with a rule written: in place of the one at ``path``, or added. And its path.

    :raises RuleExists: when an added one bears a name that is there. :raises RuleUnknown: for a wrong path.
    """
    made: dict[str, Any] = copy.deepcopy(dict(data))
    if not section.many:
        holder = _holder(made, section.where)
        kept = holder.get(section.where[-1]) or {}
        others = {name: row for name, row in kept.items() if name not in section.shape["properties"]}
        holder[section.where[-1]] = {**value, **others}
        return made, section.id
    rows: list[Any] = _holder(made, section.where).setdefault(section.where[-1], [])
    if path is not None:
        place = _place(made, section, path)
        rows[place] = dict(value)
    else:
        if section.key is not None and any(row[section.key] == value[section.key] for row in rows):
            raise RuleExists(f"{section.title} has {value[section.key]} already; choose another name.")
        rows.append(dict(value))
        place = len(rows) - 1
    return made, rules_of(made, section)[place].path


def remove(data: Mapping[str, Any], path: str) -> dict[str, Any]:
    """This will give the pack without a rule. :raises RuleUnknown: when it has none of that path."""
    section = find(data, path).section
    made: dict[str, Any] = copy.deepcopy(dict(data))
    holder = _holder(made, section.where)
    if section.many:
        del holder[section.where[-1]][_place(made, section, path)]
    else:
        inner = holder[section.where[-1]]
        others = {name: row for name, row in inner.items() if name not in section.shape["properties"]}
        holder[section.where[-1]] = others
        if not others:
            del holder[section.where[-1]]
    return made


def _parts() -> list[tuple[str, Mapping[str, Any]]]:
    found = ((name, resolve(shape)) for name, shape in schema.schema()["properties"].items())
    return [(name, shape) for name, shape in found if _holds_rules(shape)]


def _holds_rules(shape: Mapping[str, Any]) -> bool:
    return _is_rows(shape) or (_is(shape, "object") and bool(shape))


def _is_rows(shape: Mapping[str, Any]) -> bool:
    return _is(shape, "array") and _is(resolve(shape.get("items", {})), "object")


def _is(shape: Mapping[str, Any], kind: str) -> bool:
    return shape.get("type") == kind


def _sections(name: str, shape: Mapping[str, Any], held: Any) -> Iterator[Section]:
    if _is_rows(shape):
        yield Section((name,), resolve(shape["items"]), many=True)
    elif "properties" not in shape:
        for kind in held or ():
            yield Section((name, kind), resolve(resolve(shape["additionalProperties"])["items"]), many=True)
    else:
        yield from _object_sections(name, shape)


def _object_sections(name: str, shape: Mapping[str, Any]) -> Iterator[Section]:
    inner = {part: resolve(each) for part, each in shape["properties"].items()}
    rows = [part for part, each in inner.items() if _keyed(each)]
    ones = [part for part, each in inner.items() if "verified" in each.get("properties", {})]
    plain = {part: each for part, each in inner.items() if part not in rows and part not in ones}
    if plain:
        needed = [part for part in shape.get("required", ()) if part in plain]
        yield Section((name,), {"type": "object", "properties": plain, "required": needed}, many=False)
    for part in rows:
        yield Section((name, part), resolve(inner[part]["items"]), many=True)
    for part in ones:
        yield Section((name, part), inner[part], many=False)


def _keyed(shape: Mapping[str, Any]) -> bool:
    return _is_rows(shape) and any(key in resolve(shape["items"]).get("required", ()) for key in KEYS)


def _letter_items() -> Mapping[str, Any]:
    lists = resolve(schema.schema()["properties"]["letters"])["additionalProperties"]
    items: Mapping[str, Any] = resolve(lists)["items"]
    return items


def _keys(rows: Sequence[Mapping[str, Any]], section: Section) -> list[str]:
    found: list[str] = []
    for row in rows:
        plain = str(row[section.key]) if section.key else _slug(row, section)
        same = sum(1 for key in found if key == plain or key.startswith(f"{plain}~"))
        found.append(f"{plain}~{same + 1}" if same else plain)
    return found


def slug(text: str) -> str:
    """This will make a name of words: ``Founders' Day`` → ``founders-day``."""
    plain = text.lower().replace("’", "").replace("'", "")
    return re.sub(r"[^a-z0-9]+", "-", plain)[:60].strip("-") or "rule"


def _slug(row: Mapping[str, Any], section: Section) -> str:
    text = next(
        (row[name] for name in section.shape.get("required", ()) if isinstance(row.get(name), str)), ""
    )
    return slug(text)


def _place(data: Mapping[str, Any], section: Section, path: str) -> int:
    for place, rule in enumerate(rules_of(data, section)):
        if rule.path == path:
            return place
    raise RuleUnknown(f"This version has no rule {path}.")


def _at(data: Any, where: Sequence[str]) -> Any:
    for name in where:
        data = data.get(name) if isinstance(data, Mapping) else None
    return data


def _holder(data: dict[str, Any], where: Sequence[str]) -> dict[str, Any]:
    for name in where[:-1]:
        data = data.setdefault(name, {})
    return data
