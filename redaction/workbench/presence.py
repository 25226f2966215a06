"""Who has a record open now, what somebody else has just saved, and where the record stands."""

from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from django.http import HttpResponse
from django.views.decorators.http import require_http_methods, require_POST

from portal.accounts.models import User
from portal.core.errors import BadInput, StaleWrite
from portal.core.http import AuthedRequest
from portal.core.time import now
from redaction.plans import closed, findings, pins, policies, readiness, seeing
from redaction.plans import services as plans
from redaction.plans.models import Plan, Review
from redaction.plans.rows import newest_plan, newest_render
from redaction.plans.rules import REVIEW
from redaction.plans.versions import differences, in_words
from redaction.workbench.answers import answer, answering, sent
from redaction.workbench.insight import require_result
from redaction.workbench.models import Presence
from redaction.workbench.page import TAGS, open_review

GONE_AFTER = timedelta(seconds=50)  # a browser beats every 15 seconds; two beats may be lost
FORGOTTEN_AFTER = timedelta(hours=1)


def beat(review: Review, user: User, at: datetime) -> list[Presence]:
    """This will note that a person has the record open, and list who else has, the newest first."""
    Presence.objects.update_or_create(review=review, user=user, defaults={"seen_at": at})
    Presence.objects.filter(seen_at__lt=at - FORGOTTEN_AFTER).delete()
    others = Presence.objects.filter(review=review, seen_at__gte=at - GONE_AFTER).exclude(user=user)
    return list(others.select_related("user").order_by("-seen_at"))


def leave(review: Review, user: User) -> None:
    Presence.objects.filter(review=review, user=user).delete()


@require_POST
@answering
def here(request: AuthedRequest, key: str) -> HttpResponse:
    """One beat of an open work page; it says what the page does not know yet."""
    review = open_review(request.user, key)
    require_result(request.user, review)
    data = sent(request)
    if data.get("leaving") is True:
        leave(review, request.user)
        return answer({})
    others = [str(row.user) for row in beat(review, request.user, now())]
    known = data.get("version")
    newest = newest_plan(review)
    newer = newest if newest is not None and newest.version != known else None
    return answer(
        {"others": others, "newer": _told(newer), "standing": standing(review, newest, request.user)}
    )


@require_http_methods(["GET", "POST"])
@answering
def stand(request: AuthedRequest, key: str) -> HttpResponse:
    """GET says where the record stands and what is in the way; POST asks for the redacted copy."""
    review = open_review(request.user, key)
    require_result(request.user, review)
    newest = newest_plan(review)
    if request.method == "POST":
        if sent(request).get("version") != (newest.version if newest else 0):
            raise StaleWrite("These are not the newest marks any more. Look at them, then ask again.")
        if newest is None:
            # nothing is to be withheld: that is a decision too, and a version says whose
            newest = plans.save_plan(
                review=review, marks={"version": 1, "marks": []}, author=request.user, at=now(),
                expected_version=0,
            )  # fmt: skip
        plans.request_render(review=review, actor=request.user, at=now())
    return answer(standing(review, newest, request.user))


@require_POST
@answering
def aside(request: AuthedRequest, key: str) -> HttpResponse:
    """Set the record aside, or take it back: ``{"action": …}``."""
    review = open_review(request.user, key)
    steps = {
        "not_responsive": plans.mark_not_responsive,
        "duplicate": plans.mark_duplicate,
        "reconsider": plans.reconsider,
    }
    step = steps.get(str(sent(request).get("action")))
    if step is None:
        raise BadInput("Choose what to do with the record.")
    step(review=review, actor=request.user, at=now())
    return answer(standing(review, newest_plan(review), request.user))


@require_POST
@answering
def withhold(request: AuthedRequest, key: str) -> HttpResponse:
    """Propose to withhold the whole record: ``{"version", "exemptions", "note"}``."""
    review = open_review(request.user, key)
    data = sent(request)
    codes, version = data.get("exemptions"), data.get("version")
    if not isinstance(codes, list) or not all(isinstance(code, str) for code in codes):
        raise BadInput("Name the exemptions as a list.")
    if type(version) is not int:
        raise BadInput("Say which version of the marks you had in front of you.")
    plans.withhold(
        review=review, exemption_codes=codes, note=str(data.get("note") or "")[:300],
        actor=request.user, at=now(), expected_version=version,
    )  # fmt: skip
    return answer(standing(review, newest_plan(review), request.user))


def standing(review: Review, newest: Plan | None, user: User) -> dict[str, Any]:
    """This will say where a record stands, what keeps it from being made, and what this person may do."""
    actions = REVIEW.actions(review.status)
    may_mark = policies.may_mark(user, review)
    job = review.job
    hurdles, made = [], newest_render(review)
    if newest is not None:
        hurdles = readiness.hurdles(review, newest, user, total=seeing.total_of(review.record))
    return {
        "status": review.status,
        "label": review.state.label,
        "tag": TAGS[review.status],
        "version": newest.version if newest else 0,
        "marker": may_mark,
        "may_mark": may_mark and "save_marks" in actions,
        "may_set_aside": may_mark and "set_not_responsive" in actions,
        "may_reconsider": may_mark and "reconsider" in actions,
        "hurdles": [asdict(row) for row in hurdles],
        "comments": pins.open_ones(review).count(),
        "elsewhere": findings.count_open(made) if made is not None else 0,
        "job": None
        if job is None
        else {
            "open": job.is_open,
            "percent": job.progress,
            "note": job.progress_note,
            "error": (job.error if closed.is_shut(review) else job.told)
            if review.status == "marked" and not job.is_open
            else "",
        },
    }


def _told(newer: Plan | None) -> dict[str, Any] | None:
    if newer is None:
        return None
    before = newer.review.plans.filter(version=newer.version - 1).first()
    changes = differences(before.marks["marks"] if before else [], newer.marks["marks"])
    return {
        "version": newer.version,
        "author": str(newer.author),
        "at": newer.created_at.isoformat(),
        "words": in_words(changes),
        "marks": [change.mark_id for change in changes],
    }
