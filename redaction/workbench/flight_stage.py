"""The stage of a flight: its track for the map, its points, what the engine makes of the marks, its class."""

from pathlib import Path
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import path, reverse
from django.views.decorators.http import require_GET, require_POST

from portal.core import files
from portal.core.errors import BadInput
from portal.core.http import AuthedRequest, say
from portal.core.time import now
from redaction import flight_looks
from redaction import marks as marks_format
from redaction.marks import Marks
from redaction.plans import checks, extents, flight_classes, renders
from redaction.plans.models import Review
from redaction.plans.rows import newest_render
from redaction.report import MarksError, RedactionError
from redaction.workbench.answers import UnfitMarks, answer, answering, sent
from redaction.workbench.flight_panel import panel
from redaction.workbench.insight import (
    note_look,
    private,
    require_insight,
    require_insight_into,
    require_result,
)
from redaction.workbench.pace import require_pace
from redaction.workbench.page import Desk, open_review
from redaction.workbench.review_results import made_of
from requests_app.custody import selectors as custody
from requests_app.custody.models import Medium, ResponsiveRecord

_MAP = "flight-map.png"


class UnreadableFlight(BadInput):
    """The log cannot be drawn; the sentence says why and what can still be done."""

    code = "unreadable_flight"


def config(desk: Desk) -> dict[str, Any]:
    """This will give the script its addresses, the films of the request and the class of the flight."""
    key = desk.record.key
    return {
        "urls": {
            "track": reverse("workbench:flight-track", args=[key]),
            "points": reverse("workbench:flight-points", args=[key]),
            "outcome": reverse("workbench:flight-outcome", args=[key]),
            "map": reverse("workbench:flight-map", args=[key]),
            "class": reverse("workbench:flight-class", args=[key]),
        },
        "early": {"fetch": reverse("workbench:flight-track", args=[key])},
        "page": flight_looks.PAGE,
        "films": _films(desk.record),
        "class": panel(desk.record),
        "may_mark": desk.may_mark,
        "map_made": _drawn_map(desk.review) is not None,
    }


@require_GET
@answering
def track(request: AuthedRequest, key: str) -> HttpResponse:
    """The positions of the log, for the map; never more than a browser draws with ease."""
    desk = _looking(request, key, "custody.flight_viewed")
    try:
        found = flight_looks.track(_original(desk.record), _saved(desk))
    except RedactionError as error:
        raise _unreadable(error) from error
    extents.learn(desk.record, "flight", found["points"], at=now())
    return answer(found)


@require_GET
@answering
def points(request: AuthedRequest, key: str) -> HttpResponse:
    """One page of the log's points, from number ``from`` on (the first is 0)."""
    desk = _looking(request, key, "custody.flight_viewed")
    given = request.GET.get("from", "0")
    start = int(given) if given.isascii() and given.isdigit() and len(given) < 9 else 0
    try:
        return answer(flight_looks.points(_original(desk.record), start, _saved(desk)))
    except RedactionError as error:
        raise _unreadable(error) from error


@require_POST
@answering
def outcome(request: AuthedRequest, key: str) -> HttpResponse:
    """What the engine makes of the marks that were sent. Nothing is saved, nothing made here is kept."""
    desk = _looking(request, key, "custody.flight_previewed")
    require_pace(request, "outcome")
    try:
        marks = marks_format.parse(sent(request).get("marks"))
        marks_format.check_medium(marks, "flight")
        marks = marks_format.parse(checks.with_seeds(marks, desk.record))
    except MarksError as error:
        raise UnfitMarks(error.sentence, error.mark_id) from error
    if marks.effective.withheld:
        raise UnfitMarks("The whole log is to be withheld, so nothing of it is drawn.")
    suffix = renders.suffix_of(desk.record, marks)
    try:
        return answer(flight_looks.outcome(_original(desk.record), marks, suffix))
    except MarksError as error:
        raise UnfitMarks(error.sentence, error.mark_id) from error
    except RedactionError as error:
        raise _unreadable(error) from error


@require_GET
def drawn(request: AuthedRequest, key: str) -> HttpResponse:
    """The map that was made and checked with the newest result: the very bytes that go out with it."""
    review = open_review(request.user, key)
    require_result(request.user, review)
    found = made_of(review).companions.filter(name=_MAP).first()
    if found is None:
        raise Http404("no map has been made of the newest marks")
    kept = files.Stored.of(found)
    content = files.require_intact(kept).read_bytes()
    note_look(Desk(review, request.user), "custody.companion_fetched", name=_MAP, sha256=found.sha256)
    return private(HttpResponse(content, content_type="image/png"))


@require_POST
def classify(request: AuthedRequest, key: str) -> HttpResponse:
    """Record what a flight was for, from the script of its stage or from the form of the marks page."""
    return _classify_by_script(request, key) if _is_script(request) else _classify_by_form(request, key)


@answering
def _classify_by_script(request: AuthedRequest, key: str) -> HttpResponse:
    review = open_review(request.user, key)
    said = sent(request)
    _determine(request, review, said.get("flight_class"), said.get("reason"))
    return answer(panel(review.record), 201)


def _classify_by_form(request: AuthedRequest, key: str) -> HttpResponse:
    review = open_review(request.user, key)
    made = _determine(request, review, request.POST.get("flight_class"), request.POST.get("reason"))
    say(request, f"Recorded: {made.get_flight_class_display().lower()}.")
    return redirect("workbench:marks", key=key)


def _determine(request: AuthedRequest, review: Review, flight_class: object, reason: object) -> Any:
    require_insight_into(request.user, review)
    if panel(review.record) is None:
        raise BadInput("The law of this request does not ask what this record’s flight was for.")
    return flight_classes.determine(
        review=review,
        flight_class=flight_class if isinstance(flight_class, str) else "",
        reason=reason if isinstance(reason, str) else "",
        actor=request.user,
        at=now(),
    )


def _is_script(request: HttpRequest) -> bool:
    return request.content_type == "application/json"


def _looking(request: AuthedRequest, key: str, action: str) -> Desk:
    desk = Desk(open_review(request.user, key), request.user)
    require_insight(desk)
    note_look(desk, action)
    return desk


def _original(record: ResponsiveRecord) -> Path:
    return files.require_once_intact(files.Stored.of(record))


def _saved(desk: Desk) -> Marks:
    return marks_format.parse(desk.marks)


def _films(record: ResponsiveRecord) -> list[dict[str, Any]]:
    """The films of the same request, which may show what is cut from the flight."""
    rows = custody.records_of(record.request).filter(medium=Medium.VIDEO, destroyed_at=None)
    return [
        {
            "title": row.title,
            "url": reverse("workbench:work", args=[row.key]),
            "recorded_at": row.recorded_at.timestamp() if row.recorded_at else None,
        }
        for row in rows
    ]


def _drawn_map(review: Review) -> Any:
    made = newest_render(review)
    return None if made is None else made.companions.filter(name=_MAP).first()


def _unreadable(error: RedactionError) -> UnreadableFlight:
    return UnreadableFlight(error.sentence)


urlpatterns = [
    path("desk/records/<str:key>/flight/track/", track, name="flight-track"),
    path("desk/records/<str:key>/flight/points/", points, name="flight-points"),
    path("desk/records/<str:key>/flight/outcome/", outcome, name="flight-outcome"),
    path("desk/records/<str:key>/flight/map.png", drawn, name="flight-map"),
    path("desk/records/<str:key>/flight/class/", classify, name="flight-class"),
]
