"""Findings in words for a page: how many there are, how much was compared, which belong together. Pure."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from redaction.plans.comparison_models import Comparison

_MOST_GROUPS = 30  # of one kind
_GROUPED = (("words", "words", "words"), ("other", "other", "title"), ("same", "kind", "same"))


def listed(row: Comparison | None) -> str:
    """This will say how many findings are not on the page, so that nobody takes its list for all there is."""
    if row is None:
        return ""
    if row.beyond:
        return (
            f"More than {row.found:,} were found and the search was stopped. Nothing can be approved like "
            "this: mark more narrowly, or mark what stands open, and make the copy again."
        )
    if not row.rest:
        return ""
    return (
        f"{row.found:,} were found, {row.found - len(row.rest):,} are listed. When these are decided, more "
        "are listed; a whole group can be decided at once, with what of it is not listed yet."
    )


def compared(row: Comparison | None) -> str:
    """This will say how much was compared; what was left out is a finding of its own."""
    if row is None:
        return ""
    sums = {name: f"{number:,}" for name, number in row.sums.items()}
    return (
        f"Compared: {sums['texts']} of {sums['all_texts']} texts marked here, {sums['texts_there']} of "
        f"{sums['all_texts_there']} marked elsewhere, and the plates of {sums['copies']} other copies."
    )


def groups(findings: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """This will name the groups open findings can be decided in: all, of one text, one record, one kind.

    ``follow`` is how many of one's findings were released before and can be put right there.
    """
    left = [row for row in findings if row["decision"] is None]
    if len(left) < 2:
        return []
    nobody: dict[str, Any] = {"same": "", "words": "", "other": ""}
    found = [{**nobody, "label": "All that are open", "count": len(left), "follow": _followed(left)}]
    for name, column, label in _GROUPED:
        labels = {row[column]: row[label] for row in left if row[column]}
        counts = Counter(row[column] for row in left if row[column])
        found += [
            {
                **nobody, name: value, "label": labels[value], "count": count,
                "follow": _followed([row for row in left if row[column] == value]),
            }
            for value, count in counts.most_common(_MOST_GROUPS)
            if count > 1
        ]  # fmt: skip
    return found


def _followed(rows: Sequence[Mapping[str, Any]]) -> int:
    return sum(any(name == "follow_up" for name, _words in row["outcomes"]) for row in rows)
