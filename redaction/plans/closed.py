"""What a closed record still says of its marks (decision 0047): which kinds, where, why, how many, who, when.

Never the words that were taken out, nor what people wrote about them. A destroyed record says no more.
"""

from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

from django.db.models import Model

from portal.core.errors import DomainError
from redaction.plans.models import Review
from redaction.plans.rows import require_open_to_look
from redaction.plans.selectors import fit_to_leave

Row = TypeVar("Row", bound=Model)
NOT_SHOWN = "Not shown any more, for the request is closed."


def is_shut(review: Review) -> bool:
    """This will tell whether the words of a record are shut with its original."""
    try:
        require_open_to_look(review)
    except DomainError:
        return True
    return False


def marks_shown(marks: Mapping[str, Any], *, shut: bool) -> dict[str, Any]:
    """This will give marks as they may be shown: once shut, what is fit to leave and how each was decided."""
    if not shut:
        return dict(marks)
    return {**marks, "marks": [bare(mark) for mark in marks["marks"]]}


def report_shown(report: Mapping[str, Any], *, shut: bool) -> dict[str, Any]:
    """This will give an engine's report, once shut without what it quotes: the sums by mark."""
    return {**report, "details": {}, "warnings": []} if shut else dict(report)


def words_shown(words: str, *, shut: bool) -> str:
    """This will give what somebody wrote about a record's inside, or say that it is not shown any more."""
    return NOT_SHOWN if shut and words else words


def rows_shown(rows: Iterable[Row], *fields: str, shut: bool) -> list[Row]:
    """This will give rows with the named texts of each taken out once shut. They are not to be saved."""
    found = list(rows)
    for row in found:
        for name in fields:
            setattr(row, name, words_shown(getattr(row, name), shut=shut))
    return found


def bare(mark: Mapping[str, Any]) -> dict[str, Any]:
    """This will give of a mark what is fit to leave, and how it was decided."""
    decided = {name: mark[name] for name in ("suggested", "decision") if name in mark}
    return {**fit_to_leave(mark), **decided}
