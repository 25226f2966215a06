"""What became of each column, in words a reader of the release understands."""

from collections.abc import Sequence
from typing import Any

from redaction.marks import Mark, Marks

LABELS = {
    "release": "as in the record",
    "mask": "masked: one constant stands for every value",
    "pseudonym": "pseudonymised: equal values share a made-up name in this release only",
    "drop": "not released",
}


def describe(header: Sequence[str], marks: Marks) -> list[dict[str, Any]]:
    """This will give a row for each column of the source: action, label, and the mark with its reason."""
    by_name = {mark["name"]: mark for mark in marks.of("column")}
    return [_describe(name, by_name.get(name)) for name in header]


def _describe(name: str, mark: Mark | None) -> dict[str, Any]:
    action = str(mark["action"]) if mark is not None else "drop"
    label = LABELS.get(action) or f"made coarser: {_coarseness(str(mark['to'] if mark else ''))}"
    return {
        "column": name,
        "action": action,
        "to": mark.get("to") if mark is not None else None,
        "label": label,
        "mark": mark.id if mark is not None else None,
        "reason": mark.reason if mark is not None else None,
        "exemption": mark.exemption if mark is not None else None,
    }


def _coarseness(to: str) -> str:
    kind, _, size = to.partition(":")
    if kind == "grid":
        return f"rounded to steps of {size}"
    if kind == "prefix":
        return f"the first {size} characters"
    return f"to the {kind}"
