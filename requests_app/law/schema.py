"""Checks a pack against packs/schema.json and names the file, the rule and the field at fault.

A small reader of the part of JSON Schema (draft 2020-12) the packs' schema uses, so that loading a law
pulls in no other package; the tests hold it to a full validator.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from portal.core.errors import BadInput

SCHEMA_PATH = Path(__file__).parent / "packs" / "schema.json"
TYPES: Mapping[str, tuple[type, ...]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "boolean": (bool,),
    "null": (type(None),),
    "integer": (int,),
    "number": (int, float, Decimal),
}
NAMES_OF_ROWS = ("id", "name", "code", "item", "record_type", "question", "event", "effect", "if")


_UNSTORABLE = re.compile("[\0\ud800-\udfff]")


class PackError(BadInput):
    """A pack cannot be used; ``problems`` lists each fault as ``file: rule/field: what is wrong``."""

    code = "bad_pack"

    def __init__(self, problems: Sequence[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(problems))


@cache
def schema() -> Mapping[str, Any]:
    """This will read the schema shipped beside the packs."""
    loaded: Mapping[str, Any] = json.loads(SCHEMA_PATH.read_text(encoding="utf-8"))
    return loaded


def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """This will build an object read from JSON. :raises ValueError: for a field that stands there twice."""
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name in found:
            raise ValueError(f"the field “{name[:60]}” stands twice in one place")
        found[name] = value
    return found


def check(data: Any, name: str) -> None:
    """This will pass a well-formed pack.

    :raises PackError: listing every fault found in the file called ``name``.
    """
    problems = [f"{name}: {where or 'the file'}: {what}" for where, what in faults(data, schema())]
    if problems:
        raise PackError(problems)


def faults(value: Any, rule: Mapping[str, Any], where: str = "") -> Iterator[tuple[str, str]]:
    """This will give each place (``clocks/ag_request/n``) and what is wrong there."""
    if "$ref" in rule:
        rule = schema()["$defs"][rule["$ref"].rpartition("/")[2]]
    if "type" in rule and not _is_a(value, rule["type"]):
        wanted = rule["type"] if isinstance(rule["type"], str) else " or ".join(rule["type"])
        bare = isinstance(value, (float, Decimal)) and "string" in wanted
        yield where, f"{_short(value)} is not of type {wanted}" + (": write it in quotes" if bare else "")
        return
    if "enum" in rule and value not in rule["enum"]:
        yield where, f"{_short(value)} is not one of {', '.join(map(str, rule['enum']))}"
    if isinstance(value, str):
        yield from _text_faults(value, rule, where)
    elif isinstance(value, dict):
        yield from _object_faults(value, rule, where)
    elif isinstance(value, list):
        yield from _list_faults(value, rule, where)
    elif isinstance(value, int) and not isinstance(value, bool):
        if value < rule.get("minimum", value):
            yield where, f"{value} is less than {rule['minimum']}"
        if value > rule.get("maximum", value):
            yield where, f"{value} is more than {rule['maximum']}"


def _text_faults(value: str, rule: Mapping[str, Any], where: str) -> Iterator[tuple[str, str]]:
    if _UNSTORABLE.search(value):
        yield where, "holds a character that cannot be stored"
    if len(value) < rule.get("minLength", 0):
        yield where, "is empty"
    # the schema's “$” is the very end (ECMA 262), not also the place before a last line break
    if "pattern" in rule and not re.search(re.sub(r"\$\Z", r"\\Z", rule["pattern"]), value):
        yield where, f"{_short(value)} does not look like {rule.get('description', rule['pattern'])}"
    elif rule.get("format") == "date":
        try:
            date.fromisoformat(value)
        except ValueError:
            yield where, f"{_short(value)} is not a date"


def _object_faults(value: dict[str, Any], rule: Mapping[str, Any], where: str) -> Iterator[tuple[str, str]]:
    known = rule.get("properties", {})
    for name in rule.get("required", ()):
        if name not in value:
            yield _join(where, name), "is missing"
    others = rule.get("additionalProperties", True)
    for name, inner in value.items():
        if _UNSTORABLE.search(name):
            yield where, "has a field named by a character that cannot be stored"
        elif name in known:
            yield from faults(inner, known[name], _join(where, name))
        elif others is False:
            yield _join(where, name), "is not a field this part of a pack has"
        elif isinstance(others, dict):
            yield from faults(inner, others, _join(where, name))


def _list_faults(value: list[Any], rule: Mapping[str, Any], where: str) -> Iterator[tuple[str, str]]:
    if len(value) < rule.get("minItems", 0):
        yield where, f"needs at least {rule['minItems']} entry"
    for place, inner in enumerate(value):
        yield from faults(inner, rule.get("items", {}), _join(where, _row_name(inner, place)))


def _row_name(row: Any, place: int) -> str:
    if isinstance(row, dict):
        for key in NAMES_OF_ROWS:
            if isinstance(row.get(key), str):
                return str(row[key])
    return str(place)


def _is_a(value: Any, wanted: str | Sequence[str]) -> bool:
    names = (wanted,) if isinstance(wanted, str) else wanted
    if isinstance(value, bool):
        return "boolean" in names
    return any(isinstance(value, TYPES[name]) for name in names)


def _join(where: str, name: str) -> str:
    return f"{where}/{name}" if where else name


def _short(value: Any) -> str:
    text = str(value) if isinstance(value, Decimal) else json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= 60 else f"{text[:57]}..."
