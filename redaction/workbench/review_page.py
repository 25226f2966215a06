"""What the second person's page shows: both sides, each mark with its check, and what exactly is approved."""

from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from portal.core import files
from portal.core.errors import IllegalMove
from portal.core.time import now
from redaction import looks, probe
from redaction.plans import authors, closed, invitations, outdated, pins, policies, readiness, seeing
from redaction.plans.models import Render, Review
from redaction.plans.rows import newest_render, require_open
from redaction.plans.rules import ReviewStatus
from redaction.report import RedactionError
from redaction.workbench import consistency_pane
from redaction.workbench.insight import may_look
from redaction.workbench.page import TAGS, Desk, facts_rows, mark_rows
from redaction.workbench.review_forms import ApproveForm, InviteForm, SendBackForm
from redaction.workbench.review_results import PLAYED, is_shut
from requests_app.custody import transcripts
from requests_app.law import selectors as law

_PAGES = ("pdf", "office", "image")
_FILMS = ("video", "audio")


def context(request: HttpRequest, desk: Desk, **more: Any) -> dict[str, Any]:
    """This will gather everything the page shows."""
    review, record = desk.review, desk.record
    made = newest_render(review)
    shut = made is not None and is_shut(review, made)
    if shut:
        made = None
    looks_in = may_look(desk.user, review)
    at = request.GET.get("at", "")
    number = min(int(at), 10**6) if at.isascii() and at.isdigit() else desk.first_picture
    waiting = review.state == ReviewStatus.VERIFIED and made is not None
    outdated_copy = made is not None and outdated.is_to_be_made_again(made)
    current = not outdated_copy
    return {
        "desk": desk,
        "review": review,
        "record": record,
        "records_request": record.request,
        "tag": TAGS[review.status],
        "facts": facts_rows(desk),
        "made": made,
        "shut": shut,
        "current": current,
        "outdated": f"{outdated.why(made)} {outdated.remedy(made)}" if made and outdated_copy else "",
        "may_make": outdated_copy and policies.may_mark(desk.user, review) and _is_open(review),
        "transcript": transcripts.standing(record) if desk.is_heard else None,
        "companions": made.companions.all() if made is not None else (),
        "marks": marks_shown(desk, made),
        "waiting": waiting and current and looks_in,  # whoever decides looks at both sides
        "picture": number if desk.has_pictures else None,
        "pictures": desk.pictures,
        "result_facts": _result_facts(made) if record.medium == "table" else None,
        "may_approve": policies.may_approve(desk.user, review),
        "may_mark": policies.may_mark(desk.user, review),
        "is_author": authors.is_author(desk.user, review),
        "invitation": invitations.standing(review, desk.user, at=now()),
        "invitations": invitations.of_review(review),
        "invite_form": _invite_form(desk, current),
        "may_invite": invitations.may_invite(desk.user, review),
        "approve_form": ApproveForm(
            initial={"render_sha256": made.sha256, "marks_digest": made.marks_digest} if made else {}
        ),
        "send_back_form": SendBackForm(),
        "may_look": looks_in,
        "unseen": _unseen(desk) if waiting else "",
        "unsettled": _unsettled(desk) if waiting else "",
        "config": _config(desk, made) if looks_in and made and not made.withheld and not desk.fault else None,
        "history": review.plans.select_related("author").order_by("-version"),
        "sent_back": closed.rows_shown(
            review.send_backs.select_related("by", "plan"), "comment", shut=desk.shut
        ),
        "open_pins": pins.open_ones(review).count(),
        "findings": consistency_pane.shown(review, desk.user) if looks_in else {},
        "coverage": seeing.bound(made.plan) if made is not None else [],
        "approvals": review.approvals.select_related("approver", "prepared_by", "render__plan").order_by(
            "-pk"
        ),
        **more,
    }


def _unseen(desk: Desk) -> str:
    return seeing.obstacle(desk.review, desk.user, "approver", total=seeing.total_of(desk.record))


def marks_shown(desk: Desk, made: Render | None) -> list[dict[str, Any]]:
    """This will give each mark in words with its sums, its place and the comments pinned to it."""
    reasons = dict(law.redaction_reasons(desk.record.request))
    sums = {row["id"]: row for row in made.report["marks"]} if made else {}
    pinned: dict[str, list[Any]] = {}
    for pin in closed.rows_shown(pins.of_review(desk.review), "text", "answer", shut=desk.shut):
        pinned.setdefault(pin.mark_id, []).append(pin)
    places = {mark["id"]: place_of(mark) for mark in desk.marks["marks"]}
    return [
        {
            **row,
            "sums": sums.get(row["id"]),
            "agrees": _agrees(sums.get(row["id"])),
            "at": places[row["id"]].get("at"),
            "pins": pinned.get(row["id"], []),
        }
        for row in mark_rows(desk, reasons)
    ]


def place_of(mark: dict[str, Any]) -> dict[str, Any]:
    """This will say where to look for a mark: ``at`` a page (from 1) or second, ``column`` of a table.

    ``seek`` when only the engine knows on which pages it is.
    """
    if mark["kind"] in ("box", "page"):
        return {"at": mark["page"]}
    if mark["kind"] == "text":
        pages = mark.get("pages", "all")
        return {"at": pages[0], "seek": True} if pages != "all" and pages else {"seek": True}
    if mark.get("start") is not None:
        return {"at": mark["start"], "until": mark["end"], "keyframes": mark.get("keyframes", [])}
    if mark["kind"] in ("column", "own_plate"):
        return {"column": mark.get("name") or mark.get("column")}
    return {}


def _unsettled(desk: Desk) -> str:
    """What else is open about the record, such as a suggestion nobody has decided."""
    try:
        readiness.require_settled(desk.review)
    except readiness.StillOpen as open_still:
        return str(open_still)
    return ""


def _is_open(review: Review) -> bool:
    try:
        require_open(review)
    except IllegalMove:
        return False
    return True


def _agrees(row: dict[str, Any] | None) -> bool:
    return row is not None and row["requested"] == row["applied"] == row["verified"]


def _config(desk: Desk, made: Render) -> dict[str, Any]:
    """What the script needs to lay both sides out; it asks for pictures one at a time."""
    record, facts = desk.record, desk.facts
    medium = record.medium
    urls = {
        "original": _numbered("preview", record.key),
        "result": _numbered("result-preview", record.key),
        "seen": reverse("workbench:seen", args=[record.key]),
        "seen_shown": reverse("workbench:seen-shown", args=[record.key]) + "?part=approver",
    }
    if medium in _PAGES:
        urls["areas"] = reverse("workbench:pages-areas", args=[record.key])
        urls["sizes"] = reverse("workbench:pages-sizes", args=[record.key])
    if medium in _FILMS:
        urls["proxy"] = reverse("workbench:film-proxy", args=[record.key])
        if made.suffix in PLAYED:
            urls["film"] = reverse("workbench:result-film", args=[record.key])
    if medium == "table":
        urls["rows"] = reverse("workbench:review-rows", args=[record.key])
    if medium == "flight":
        urls["points"] = reverse("workbench:flight-points", args=[record.key])
        urls["track"] = reverse("workbench:flight-track", args=[record.key])
        urls["map"] = reverse("workbench:flight-map", args=[record.key])
    return {
        "medium": medium,
        "unit": seeing.UNIT[medium],
        "first": desk.first_picture,
        "last": desk.pictures,
        "seconds": facts.seconds,
        "sizes": [list(size) for size in facts.pages]
        or ([[facts.width, facts.height]] if medium == "image" else []),
        "marks": [{"id": mark["id"], **place_of(mark)} for mark in desk.marks["marks"]],
        "raw": desk.marks["marks"] if medium in _PAGES else [],
        "fences": {mark["id"]: mark["polygon"] for mark in desk.marks["marks"] if mark["kind"] == "fence"},
        "time_map": made.report.get("details", {}).get("time_map", []),
        "urls": urls,
    }


def _numbered(name: str, key: str) -> str:
    """The address with ``{n}`` where the number of the page or second goes."""
    made = reverse(f"workbench:{name}", kwargs={"key": key, "number": 0})
    return "{n}".join(made.rsplit("0", 1))


def _invite_form(desk: Desk, current: bool) -> InviteForm | None:
    if desk.review.state != ReviewStatus.VERIFIED or not current:
        return None
    if not invitations.may_invite(desk.user, desk.review):
        return None
    return InviteForm(people=invitations.candidates(desk.review, desk.user))


def _result_facts(made: Render | None) -> probe.Facts | None:
    """The first rows of a redacted table, to be read beside the original's."""
    if made is None or made.withheld or made.suffix != ".csv":
        return None
    try:
        return looks.examine(files.require_once_intact(files.Stored.of(made)))
    except (RedactionError, files.Corrupt):
        return None
