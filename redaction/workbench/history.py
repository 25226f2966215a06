"""Who changed the marks of a record, when and how, and taking an old version up again."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpResponse
from django.views.decorators.http import require_GET, require_POST

from portal.core.errors import BadInput
from portal.core.http import AuthedRequest
from portal.core.time import now
from redaction.plans import services as plans
from redaction.plans.rows import newest_plan
from redaction.plans.versions import Change, Saved, Sitting, differences, in_words, sittings
from redaction.workbench import editing
from redaction.workbench.answers import answer, answering, sent
from redaction.workbench.page import look_into, open_review, picture_of

SHOWN = 20  # sittings in one answer
_READ = 600  # versions looked through for them
_NAMED = 12  # changes told one by one


@require_GET
@answering
def history(request: AuthedRequest, key: str) -> HttpResponse:
    """The versions by sitting, newest first; ``?before=`` goes on from a version."""
    review = look_into(request.user, key)
    before = request.GET.get("before", "")
    if before and not (before.isascii() and before.isdigit() and len(before) < 10):
        raise BadInput("A version is a number.")
    rows = review.plans.order_by("-version")
    if before:
        rows = rows.filter(version__lt=int(before))
    saved = [
        Saved(row.version, row.author_id, str(row.author), row.created_at)
        for row in rows.select_related("author").defer("marks")[:_READ]
    ]
    found = sittings(saved)[:SHOWN]
    ends = {sitting.last for sitting in found} | {sitting.first - 1 for sitting in found}
    marks = dict(review.plans.filter(version__in=ends).values_list("version", "marks"))
    picture = picture_of(review.record)
    return answer(
        {
            "sittings": [_told(sitting, marks, picture) for sitting in found],
            "more": found[-1].first if found and found[-1].first > 1 else None,
        }
    )


@require_POST
@answering
def restore(request: AuthedRequest, key: str) -> HttpResponse:
    """Take an old version up again as the newest: ``{"version": in front, "restore": the old one}``."""
    review = open_review(request.user, key)
    data = sent(request)
    version, wanted = data.get("version"), data.get("restore")
    if type(version) is not int or type(wanted) is not int:
        raise BadInput("Say which version you had in front of you and which is to be taken up again.")
    old = review.plans.filter(version=wanted).first()
    if old is None:
        raise BadInput(f"These marks have no version {wanted}.")
    newest = newest_plan(review)
    if newest is not None and newest.digest == old.digest:
        raise BadInput(f"Version {wanted} is how the marks stand already.")
    made = plans.save_plan(
        review=review, marks=old.marks, author=request.user, at=now(), expected_version=version,
        reasons_open=True, detail={"restored": wanted},
    )  # fmt: skip
    return answer({"version": made.version, "digest": made.digest, "marks": made.marks["marks"]}, 201)


def _told(
    sitting: Sitting, marks: Mapping[int, Mapping[str, Any]], picture: tuple[float, float] | None
) -> dict[str, Any]:
    before = marks.get(sitting.first - 1, {"marks": []})["marks"]
    changes = differences(before, marks[sitting.last]["marks"])
    return {
        "first": sitting.first,
        "last": sitting.last,
        "author": sitting.author,
        "since": sitting.since.isoformat(),
        "until": sitting.until.isoformat(),
        "words": in_words(changes),
        "changes": [_line(change, picture) for change in changes[:_NAMED]],
        "further": max(0, len(changes) - _NAMED),
    }


def _line(change: Change, picture: tuple[float, float] | None) -> dict[str, str]:
    entry = change.entry or {}
    return {"mark": change.mark_id, "how": change.how, "words": editing.describe(entry, picture)}
