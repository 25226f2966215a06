"""What the person has seen of the record in front of her: told by the page's script, shown on its pane."""

from typing import TYPE_CHECKING, Any

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import path, reverse
from django.views.decorators.http import require_GET, require_POST

from portal.core.errors import BadInput
from portal.core.http import AuthedRequest, say
from portal.core.throttle import too_many
from portal.core.time import now
from redaction.plans import policies, seeing
from redaction.plans.coverage import Claim
from redaction.plans.models import Review
from redaction.workbench.answers import answer, answering, sent
from redaction.workbench.pace import TooOften
from redaction.workbench.page import look_into

if TYPE_CHECKING:
    from redaction.workbench.page import Desk

RATE = "120/m"
PAGED = ("pdf", "office", "image")
_MOST_BYTES = 64 * 1024
_MOST_MISSING = 200


def config(desk: "Desk") -> dict[str, Any]:
    """This will give the script where to ask, and start the clock what is seen is measured by."""
    seeing.opened(record=desk.record, person=desk.user, at=now())
    return {"urls": {"seen": reverse("workbench:seen", args=[desk.record.key])}}


@require_POST
@answering
def note(request: AuthedRequest, key: str) -> HttpResponse:
    """Keep what was looked at: {seen: [{unit, from, to, speed}]}."""
    review = look_into(request.user, key)
    if too_many(request, "seen", per="user", key=str(request.user.pk), rate=RATE):
        raise TooOften("Too many messages in a minute. What you see is told later.")
    if len(request.body) > _MOST_BYTES:
        raise BadInput("Too much was told at once.")
    kept = seeing.note(
        record=review.record, person=request.user, claims=_claims(sent(request).get("seen")), at=now()
    )
    return answer({"believed": len(kept), **_shown(review, request)})


@require_GET
@answering
def shown(request: AuthedRequest, key: str) -> HttpResponse:
    """How much this person has seen, what the agency asks, and what is missing."""
    return answer(_shown(look_into(request.user, key), request, request.GET.get("part", "")))


@require_POST
def looked(request: AuthedRequest, key: str) -> HttpResponse:
    """A page looked at without a script: the person says so by a form, and the next one is shown."""
    review = look_into(request.user, key)
    at = request.POST.get("at", "")
    if not (at.isascii() and at.isdigit() and 0 < int(at) < 10**6) or review.record.medium not in PAGED:
        raise BadInput("Say which page you have looked at.")
    seeing.note(
        record=review.record, person=request.user, claims=[Claim("page", float(at), float(at))], at=now()
    )
    part = request.POST.get("part", "")
    found = _shown(review, request, part)
    say(request, f"Page {at} is noted. You have seen {found['per_cent'] or 0} %. {found['obstacle']}".strip())
    last = found["total"] is not None and int(at) >= found["total"]
    page = reverse("workbench:review" if part == "approver" else "workbench:marks", args=[key])
    return redirect(f"{page}?at={at if last else int(at) + 1}")


def _shown(review: Review, request: AuthedRequest, part: str = "") -> dict[str, Any]:
    record = review.record
    rule = seeing.rule_for(record)
    found = seeing.of(record, request.user, speed=rule.speed)
    if part != "approver":
        part = "marker" if policies.may_mark(request.user, review) else "approver"
    return {
        "unit": found.unit,
        "speed": rule.speed,
        "seen": found.seen,
        "total": found.total,
        "per_cent": found.per_cent,
        "uncounted": "" if found.total is not None else seeing.UNCOUNTED[found.unit],
        "demanded": rule.share,
        "people": rule.people,
        "part": part,
        "obstacle": seeing.obstacle(review, request.user, part, total=seeing.total_of(record)),
        "ranges": found.ranges[:_MOST_MISSING],
        "missing": found.missing[:_MOST_MISSING],
        "more": max(0, len(found.missing) - _MOST_MISSING),
    }


def _claims(rows: object) -> list[Claim]:
    if not isinstance(rows, list) or len(rows) > seeing.MOST_CLAIMS:
        raise BadInput("What was seen is a list of at most 200 ranges.")
    return [_claim(row) for row in rows]


def _claim(row: object) -> Claim:
    if not isinstance(row, dict):
        raise BadInput("What was seen is a range.")
    start, end, speed = row.get("from"), row.get("to"), row.get("speed", 1)
    for value in (start, end, speed):
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise BadInput("What was seen is a range of numbers.")
    try:
        return Claim(str(row.get("unit")), float(start), float(end), float(speed))  # type: ignore[arg-type]  # seen above
    except OverflowError as error:
        raise BadInput("What was seen is a range of numbers.") from error


urlpatterns = [
    path("desk/records/<str:key>/work/seen/", note, name="seen"),
    path("desk/records/<str:key>/work/seen/shown/", shown, name="seen-shown"),
    path("desk/records/<str:key>/work/seen/page/", looked, name="looked"),
]
