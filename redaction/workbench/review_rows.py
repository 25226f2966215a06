"""Rows for the second person: those of the original, each beside the very row of the copy that came of it."""

from typing import Any

from django.http import Http404, HttpResponse
from django.urls import path
from django.views.decorators.http import require_POST

from portal.core import files
from portal.core.errors import BadInput
from portal.core.http import AuthedRequest
from portal.core.time import now
from redaction import marks as marks_format
from redaction import table_looks
from redaction.marks import Marks
from redaction.plans import extents
from redaction.plans.models import Render
from redaction.report import RedactionError
from redaction.workbench import previews, table_counting
from redaction.workbench.answers import answer, answering, sent
from redaction.workbench.insight import note_look_into, require_insight_into, require_result
from redaction.workbench.pace import require_pace
from redaction.workbench.page import open_review
from redaction.workbench.review_results import made_of

_LAST_ROW = 500_000_000
_NO_MARKS = marks_format.parse({"version": 1, "marks": []})
_TABLES = (".csv", ".tsv", ".xlsx", ".ods", ".parquet")


@require_POST
@answering
def rows(request: AuthedRequest, key: str) -> HttpResponse:
    """Fifty rows of the original from ``start`` on, ``after`` read from the stored copy: {start}.

    202 while a large table with small groups is still being counted: only then is it known which rows went.
    """
    review = open_review(request.user, key)
    require_insight_into(request.user, review)
    require_result(request.user, review)
    require_pace(request, "table")
    record, made = review.record, made_of(review)
    start = sent(request).get("start", 0)
    if type(start) is not int or not 0 <= start <= _LAST_ROW:
        raise BadInput("Say from which row on.")
    if record.medium != "table":
        raise Http404("this record has no rows")
    note_look_into(request.user, record, "custody.rows_viewed")
    marks = table_counting.decided(made.plan.marks) if made.suffix in _TABLES else _NO_MARKS
    counted, waits = _counted(made, marks)
    if waits is not None:
        return answer(waits, 202)
    try:
        page = table_looks.page(
            previews.original_of(record),
            marks,
            key=table_counting.key_of(record),
            start=start,
            known=counted,
        )
        left = [row for row in page["rows"] if not row["fate"]]
        copied = _copied(made, page["released_before"], len(left)) if made.suffix in _TABLES else []
    except RedactionError as error:
        raise table_counting.said(error) from error
    for row, cells in zip(left, copied, strict=False):
        row["copy"] = cells
    if not page["more"] and (page["rows"] or not start):
        extents.learn(record, "table", page["rows"][-1]["number"] if page["rows"] else 0, at=now())
    return answer(
        {
            "header": page["header"],
            "names": page["names"],
            "rows": [_row(row) for row in page["rows"]],
            "start": start,
            "more": page["more"],
            "in_copy": made.suffix in _TABLES,
        }
    )


def _row(row: dict[str, Any]) -> dict[str, Any]:
    gone, cells = bool(row["fate"]), row.get("copy")
    return {"number": row["number"], "gone": gone, "before": row["before"], "after": cells}


def _counted(made: Render, marks: Marks) -> tuple[dict[str, Any] | None, dict[str, Any] | None]:
    """What the whole table says, and what to tell while that is not known but has to be."""
    record = made.review.record
    if not marks.of("suppress"):
        return table_counting.known(record, marks), None
    standing = table_counting.ask(record, "counts", marks)
    if standing.fault:
        raise table_counting.UnreadableTable(standing.fault)
    if standing.found is None:
        return None, {"state": "waiting", "progress": standing.progress, "note": standing.note}
    return standing.found, None


def _copied(made: Render, start: int, count: int) -> list[list[str]]:
    """So many rows of the stored copy, from the ``start``-th on."""
    if not count:
        return []
    path = files.require_once_intact(files.Stored.of(made))
    found = table_looks.page(path, _NO_MARKS, key="", start=start)
    return [row["before"] for row in found["rows"][:count]]


urlpatterns = [path("desk/records/<str:key>/review/rows/", rows, name="review-rows")]
