"""The form of any rule, made from the packs' schema: what the schema gains, the form can edit."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from django import forms

from portal.core.forms import DaylightForm
from requests_app.law import reading, rule_fields, schema
from requests_app.law.rule import resolve, slug
from requests_app.law.rule_fields import ABSENT, Choices

MOST_ROWS = 60
NAMED_AFTER = ("name", "title", "label", "item", "record_type", "why")


@dataclass
class Node:
    """One part of the rule: a single field, a group of parts, or a list of groups."""

    form: "RuleForm"
    name: str  # in the form: start.from.0.event
    key: str
    shape: Mapping[str, Any]
    needed: bool
    value: Any
    kind: str
    children: list["Node"] = field(default_factory=list)

    @property
    def label(self) -> str:
        return reading.label(self.key)

    @property
    def bound(self) -> forms.BoundField:
        return self.form[self.name]

    @property
    def gone(self) -> forms.BoundField:
        return self.form[f"{self.name}.gone"]

    @property
    def count(self) -> forms.BoundField:
        return self.form[f"{self.name}.count"]

    @property
    def main(self) -> list["Node"]:
        """What is shown at once; the rest is folded away until it is needed."""
        return [child for child in self.children if child.needed or child.used]

    @property
    def more(self) -> list["Node"]:
        return [child for child in self.children if not (child.needed or child.used)]

    @property
    def used(self) -> bool:
        if self.kind in {"group", "many"}:
            return any(child.used for child in self.children) or (self.kind == "many" and bool(self.children))
        there = self.value not in (ABSENT, None, "")
        return there or bool(self.form.is_bound and self.form.data.get(self.name)) or self.has_errors

    @property
    def has_errors(self) -> bool:
        return self.form.is_bound and self.name in self.form.errors


class RuleForm(DaylightForm):
    """``key`` names the field that names the rule; it cannot be changed once the rule is there.

    ``known``: for a field of the rule, the (value, words) it can refer to.
    """

    mark_optional = False

    def __init__(
        self,
        data: Any = None,
        *,
        shape: Mapping[str, Any],
        value: Mapping[str, Any] | None = None,
        key: str | None = None,
        known: Mapping[str, Choices] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(data, auto_id="rule-%s", **kwargs)
        self.key, self.known, self.is_new = key, known or {}, value is None
        start = {"verified": "M"} if value is None else value
        self.root = self._group("", "", shape, start, needed=True)
        if key is not None:
            self.fields[key].label = "Code" if key == "code" else "Short name"
            self.fields[key].help_text = rule_fields.KEY_HINTS[key] if self.is_new else ""
            self.fields[key].disabled = not self.is_new

    @property
    def asks_for_more(self) -> bool:
        """Whether the button pressed only wants another empty row to fill in."""
        return bool(self.data.get("more"))

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        self.cleaned_data = cleaned
        self.value: dict[str, Any] = self._build(self.root)
        return cleaned

    def place(self, problems: tuple[str, ...], path: str) -> None:
        """This will put what the pack as a whole says beside the field it names, else above the form."""
        for problem in problems:
            where, _, what = problem.partition(f"{path}/")
            part = re.match(r"[a-z_]+", what)
            name = part[0] if where and part and part[0] in self.fields else None
            self.add_error(name, problem.partition(": ")[2] or problem)

    def _group(self, name: str, key: str, shape: Mapping[str, Any], value: Any, *, needed: bool) -> Node:
        held = value if isinstance(value, Mapping) else {}
        wanted = shape.get("required", ())
        inside = [
            self._node(
                f"{name}.{part}" if name else part,
                part,
                resolve(each),
                held.get(part, ABSENT),
                part in wanted,
            )
            for part, each in shape["properties"].items()
        ]
        return Node(self, name, key, shape, needed, value, "group", inside)

    def _node(self, name: str, key: str, shape: Mapping[str, Any], value: Any, needed: bool) -> Node:
        found = rule_fields.kind(shape, value)
        if found == "group":
            return self._group(name, key, shape, value, needed=needed)
        if found == "many":
            return self._many(name, key, shape, value, needed)
        known = self.known.get(name)
        self.fields[name] = rule_fields.field(key, shape, value, known, needed=needed)
        self.initial[name] = rule_fields.first(shape, value, known)
        return Node(self, name, key, shape, needed, value, found)

    def _many(self, name: str, key: str, shape: Mapping[str, Any], value: Any, needed: bool) -> Node:
        rows = value if isinstance(value, list) else []
        count = len(rows)
        if self.is_bound:
            given = str(self.data.get(f"{name}.count", ""))
            count = min(int(given), MOST_ROWS) if given.isdecimal() and len(given) < 4 else count
            count += self.data.get("more") == name
        elif needed and not rows:
            count = 1
        self.fields[f"{name}.count"] = forms.CharField(required=False, widget=forms.HiddenInput)
        self.initial[f"{name}.count"] = count
        inner = resolve(shape["items"])
        items = []
        for place in range(count):
            row = f"{name}.{place}"
            held = rows[place] if place < len(rows) else ABSENT
            self.fields[f"{row}.gone"] = forms.BooleanField(required=False, label="Remove this one")
            items.append(self._group(row, key, inner, held, needed=False))
        return Node(self, name, key, shape, needed, value, "many", items)

    def _build(self, node: Node) -> Any:
        if node.kind == "group":
            return self._build_group(node)
        if node.kind == "many":
            return self._build_many(node)
        return self._build_field(node)

    def _build_group(self, node: Node) -> Any:
        if not node.needed and not any(self._filled(leaf) for leaf in _leaves(node)):
            return {} if node.value == {} else ABSENT
        found = {child.key: self._build(child) for child in node.children}
        return {key: value for key, value in found.items() if value is not ABSENT}

    def _build_many(self, node: Node) -> Any:
        kept = [
            child
            for child in node.children
            if not self.cleaned_data.get(f"{child.name}.gone")
            and (child.value == {} or any(self._filled(leaf) for leaf in _leaves(child)))
        ]
        if not kept and not node.needed:
            return [] if node.value == [] else ABSENT
        if len(kept) < node.shape.get("minItems", 0):
            self.add_error(None, f"{node.label}: at least one is needed.")
        return [self._build_group(child) for child in kept]

    def _build_field(self, node: Node) -> Any:
        if node.name in self.errors:
            return ABSENT
        given = self.cleaned_data.get(node.name)
        if not self._filled(node):
            return self._left_empty(node)
        try:
            value = rule_fields.value_of(node.shape, given, node.value)
        except ValueError as problem:
            self.add_error(node.name, f"{node.label}: {problem}")
            return ABSENT
        for _where, what in schema.faults(value, node.shape):
            self.add_error(node.name, f"{node.label}: {what}")
        return value

    def _left_empty(self, node: Node) -> Any:
        if not node.needed:
            return node.value if node.value in (None, [], {}) else ABSENT
        if rule_fields.nullable(node.shape):
            return None
        if node.key == "verified":
            return "M"
        if node.kind in {"lines", "several"} and not node.shape.get("minItems"):
            return []
        if node.name == self.key and self.is_new and (made := self._made_name()):
            return made
        self.add_error(node.name, f"{node.label}: fill this in.")
        return ABSENT

    def _made_name(self) -> str:
        texts = (str(self.cleaned_data.get(name) or "") for name in NAMED_AFTER if name != self.key)
        text = next(filter(None, texts), "")
        return slug(text) if text else ""

    def _filled(self, node: Node) -> bool:
        return self.cleaned_data.get(node.name) not in (None, "", [])


def _leaves(node: Node) -> Iterator[Node]:
    for child in node.children:
        if child.kind in {"group", "many"}:
            yield from _leaves(child)
        else:
            yield child
