"""The newest marks for the work page's script, and each change of them as the next version."""

from typing import Any

from django.http import HttpResponse
from django.views.decorators.http import require_http_methods

from portal.accounts.models import User
from portal.core.errors import BadInput, StaleWrite
from portal.core.http import AuthedRequest
from portal.core.time import now
from redaction.plans import decisions
from redaction.plans import services as plans
from redaction.plans.models import Plan, Review
from redaction.plans.rows import newest_plan
from redaction.workbench.answers import answer, answering, sent
from redaction.workbench.insight import require_insight_into
from redaction.workbench.page import open_review


@require_http_methods(["GET", "POST"])
@answering
def plan(request: AuthedRequest, key: str) -> HttpResponse:
    """GET gives the newest marks, or those of ``?version=``; POST keeps new ones, reasons may be missing.

    With ``?since=`` a version, GET also says who else has saved since that one; so does a refused POST.
    """
    review = open_review(request.user, key)
    if request.method == "GET":
        require_insight_into(request.user, review)
        found = _asked(review, request.GET.get("version", ""))
        since = _number(request.GET.get("since", ""))
        return answer({**shown(found), **_others(review, found, since, request.user)})
    data = sent(request)
    version = data.get("version")
    if type(version) is not int or version < 0:
        raise BadInput("Say which version of the marks you changed.")
    try:
        made = plans.save_plan(
            review=review,
            marks={"version": 1, "marks": data.get("marks")},
            author=request.user,
            at=now(),
            expected_version=version,
            reasons_open=True,
            decided_why=data.get("why") or decisions.BY_HAND,
        )
    except StaleWrite as refusal:
        newest = newest_plan(review)
        said = {**shown(newest), **_others(review, newest, version, request.user)}
        return answer({"code": refusal.code, "message": str(refusal), **said}, refusal.status)
    return answer({"version": made.version, "digest": made.digest, "marks": made.marks["marks"]}, 201)


def shown(found: Plan | None) -> dict[str, Any]:
    """This will give a version as the script reads it; version 0 has no marks."""
    if found is None:
        return {"version": 0, "marks": [], "author": "", "at": None}
    return {
        "version": found.version,
        "marks": found.marks["marks"],
        "author": str(found.author),
        "at": found.created_at.isoformat(),
    }


def _others(review: Review, found: Plan | None, since: int | None, user: User) -> dict[str, Any]:
    """Who but this person wrote a version after ``since``: her own, of another window too, are no news."""
    if found is None or since is None:
        return {}
    rows = review.plans.filter(version__gt=since, version__lte=found.version).exclude(author=user)
    return {"others": list(dict.fromkeys(str(row.author) for row in rows.select_related("author")))}


def _asked(review: Review, version: str) -> Plan | None:
    number = _number(version)
    if number is None:
        return newest_plan(review)
    found = review.plans.select_related("author").filter(version=number).first()
    if found is None and number:
        raise BadInput(f"These marks have no version {number}.")
    return found


def _number(version: str) -> int | None:
    if not version:
        return None
    if not (version.isascii() and version.isdigit() and len(version) < 10):
        raise BadInput("A version is a number.")
    return int(version)
