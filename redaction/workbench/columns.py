"""The table of a table: one row of choices for each column of the file."""

from collections.abc import Mapping
from typing import Any

from django import forms

from redaction.workbench.forms import VersionedForm

ACTIONS = (
    ("drop", "Leave out"),
    ("release", "Release as it is"),
    ("mask", "Mask every value"),
    ("pseudonym", "Pseudonyms, new in each release"),
    ("coarsen", "Make coarser"),
)


class ColumnsForm(VersionedForm):
    """What happens to each column, and why. Fields are numbered, for names may be anything."""

    def __init__(self, *args: Any, marks: Mapping[str, Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        decided = {mark["name"]: mark for mark in marks["marks"] if mark["kind"] == "column"}
        for number, name in enumerate(self.setting.facts.columns):
            was = decided.get(name, {})
            self._add(
                number, "action", forms.ChoiceField(choices=ACTIONS, label=f"What happens to {name}"), was
            )
            self._add(
                number,
                "to",
                forms.CharField(required=False, max_length=30, label=f"How coarse {name} becomes"),
                was,
            )
            self._add(
                number,
                "reason",
                forms.ChoiceField(
                    choices=[("", "No reason"), *self.setting.reasons],
                    required=False,
                    label=f"Reason for {name}",
                ),
                was,
            )
            self._add(
                number,
                "exemption",
                forms.ChoiceField(
                    choices=[("", "None"), *self.setting.exemptions],
                    required=False,
                    label=f"Exemption for {name}",
                ),
                was,
            )

    def _add(self, number: int, part: str, field: forms.Field, was: Mapping[str, Any]) -> None:
        self.fields[f"c{number}-{part}"] = field
        self.initial.setdefault(f"c{number}-{part}", was.get(part) or ("drop" if part == "action" else ""))

    @property
    def rows(self) -> list[dict[str, Any]]:
        """This will give each column's name, first values and bound fields, for the page."""
        facts = self.setting.facts
        return [
            {
                "name": name,
                "sample": [row[number] for row in facts.sample[:2]],
                "fields": [self[f"c{number}-{part}"] for part in ("action", "to", "reason", "exemption")],
            }
            for number, name in enumerate(facts.columns)
        ]

    def clean(self) -> dict[str, Any]:
        sent = super().clean() or self.cleaned_data
        for number, name in enumerate(self.setting.facts.columns):
            action = sent.get(f"c{number}-action")
            if action not in (None, "release") and not sent.get(f"c{number}-reason"):
                self.add_error(f"c{number}-reason", f"Say why {name} is not released as it is.")
            if (action == "coarsen") != bool(sent.get(f"c{number}-to")):
                self.add_error(
                    f"c{number}-to",
                    f"{name}: only “make coarser” takes hour, day, month, grid:0.01 or prefix:3.",
                )
        return sent

    def columns(self) -> list[dict[str, str]]:
        """This will give the column marks as data, without ids."""
        sent = self.cleaned_data
        found = []
        for number, name in enumerate(self.setting.facts.columns):
            parts = {part: sent[f"c{number}-{part}"] for part in ("action", "to", "reason", "exemption")}
            if parts["action"] == "release":
                parts |= {"reason": "", "exemption": ""}
            found.append({"name": name, **{part: value for part, value in parts.items() if value}})
        return found
