"""The second person's page, and the pictures and results both people look at. Staff only, never cached."""

from typing import Any

from django import forms
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from portal.core import files
from portal.core.errors import BadInput
from portal.core.forms import DaylightForm
from portal.core.http import AuthedRequest, say
from portal.core.time import now
from redaction import looks, probe
from redaction import marks as marks_format
from redaction.plans import policies
from redaction.plans import services as plans
from redaction.plans.models import Render, Review
from redaction.plans.rows import newest_render, stored
from redaction.plans.rules import ReviewStatus
from redaction.report import RedactionError
from redaction.workbench.insight import may_look, note_look, private, require_insight, require_result
from redaction.workbench.page import TAGS, Desk, facts_rows, mark_rows, open_review
from requests_app.custody import transcripts
from requests_app.custody.downloads import attachment, neutral_name
from requests_app.law import selectors as law


class ApproveForm(DaylightForm):
    """What the approver had in front: empty for a record withheld whole."""

    render_sha256 = forms.CharField(required=False, max_length=64, widget=forms.HiddenInput)
    marks_digest = forms.CharField(max_length=64, widget=forms.HiddenInput)


class SendBackForm(DaylightForm):
    comment = forms.CharField(label="What is to be changed", widget=forms.Textarea, max_length=2000)


@require_GET
def review(request: AuthedRequest, key: str) -> HttpResponse:
    """Original and result side by side, the report, and approve or send back."""
    desk = Desk(open_review(request.user, key), request.user)
    desk.note_view("custody.record_viewed")
    return render(request, "workbench/review.html", _context(request, desk))


@require_POST
def approve(request: AuthedRequest, key: str) -> HttpResponse:
    row = open_review(request.user, key)
    form = ApproveForm(request.POST)
    if not form.is_valid():
        raise BadInput("The page was sent incomplete. Load it again and decide.")
    plans.approve(review=row, approver=request.user, at=now(), **form.cleaned_data)
    say(request, f"“{row.record.title}” is {row.state.label}.")
    return redirect("workbench:records", key=row.record.request.key)


@require_POST
def send_back(request: AuthedRequest, key: str) -> HttpResponse:
    desk = Desk(open_review(request.user, key), request.user)
    form = SendBackForm(request.POST)
    if not form.is_valid():
        return render(
            request, "workbench/review.html", _context(request, desk, send_back_form=form), status=422
        )
    plans.send_back(review=desk.review, by=request.user, comment=form.cleaned_data["comment"], at=now())
    say(request, f"“{desk.record.title}” went back to its reviewer.")
    return redirect("workbench:records", key=desk.record.request.key)


@require_GET
def preview(request: AuthedRequest, key: str, number: int) -> HttpResponse:
    """One page or second of the original with the newest marks as outlines."""
    desk = Desk(open_review(request.user, key), request.user)
    require_insight(desk)
    note_look(desk, "custody.preview_viewed", number=number)
    marks = marks_format.parse(desk.marks)
    record = desk.record
    original = files.require_once_intact(
        files.Stored(address=record.address, sha256=record.sha256, size=record.size)
    )
    try:
        return _png(looks.picture(original, number, marks, medium=record.medium))
    except RedactionError as error:
        raise Http404(str(error)) from error


@require_GET
def result_preview(request: AuthedRequest, key: str, number: int) -> HttpResponse:
    """One page or second of the redacted copy."""
    desk = Desk(open_review(request.user, key), request.user)
    require_result(desk.user, desk.review)
    made = _made(desk.review)
    note_look(desk, "custody.result_viewed", number=number)
    try:
        return _png(looks.picture(files.require_once_intact(stored(made)), number))
    except RedactionError as error:
        raise Http404(str(error)) from error


@require_GET
def result(request: AuthedRequest, key: str) -> FileResponse:
    """The redacted copy as a file, for staff to look at before it leaves through a release."""
    desk = Desk(open_review(request.user, key), request.user)
    require_result(desk.user, desk.review)
    made = _made(desk.review)
    path = files.require_intact(stored(made))
    desk.note_view("custody.result_fetched", sha256=made.sha256)
    return private(attachment(path.open("rb"), neutral_name(desk.record, "redacted", made.suffix)))


@require_GET
def companion(request: AuthedRequest, key: str, name: str) -> FileResponse:
    """A file that would go out beside the redacted copy: captions, a dictionary, a map."""
    desk = Desk(open_review(request.user, key), request.user)
    require_result(desk.user, desk.review)
    found = _made(desk.review).companions.filter(name=name).first()
    if found is None:
        raise Http404("nothing of that name was made of the newest marks")
    kept = files.Stored(address=found.address, sha256=found.sha256, size=found.size)
    path = files.require_intact(kept)
    desk.note_view("custody.companion_fetched", name=name, sha256=found.sha256)
    return private(attachment(path.open("rb"), neutral_name(desk.record, "beside", f"-{found.name}")))


def _made(row: Review) -> Render:
    made = newest_render(row)
    if made is None or made.withheld:
        raise Http404("nothing has been made of the newest marks")
    return made


def _png(content: bytes) -> HttpResponse:
    return private(HttpResponse(content, content_type="image/png"))


def _context(request: AuthedRequest, desk: Desk, **more: Any) -> dict[str, Any]:
    made = newest_render(desk.review)
    reasons = dict(law.redaction_reasons(desk.record.request))
    at = request.GET.get("at", "")
    number = min(int(at), 10**6) if at.isascii() and at.isdigit() else desk.first_picture
    waiting = desk.review.state == ReviewStatus.VERIFIED and made is not None
    initial = {"render_sha256": made.sha256, "marks_digest": made.marks_digest} if made else {}
    return {
        "desk": desk,
        "review": desk.review,
        "record": desk.record,
        "records_request": desk.record.request,
        "tag": TAGS[desk.review.status],
        "facts": facts_rows(desk.record, desk.facts),
        "made": made,
        "transcript": transcripts.standing(desk.record) if desk.is_heard else None,
        "companions": made.companions.all() if made is not None else (),
        "marks": _with_sums(mark_rows(desk.marks, reasons), made),
        "waiting": waiting,
        "picture": number if desk.has_pictures else None,
        "pictures": desk.pictures,
        "result_facts": _result_facts(made),
        "may_approve": policies.may_approve(desk.user, desk.review),
        "is_author": policies.is_author(desk.user, desk.review),
        "approve_form": ApproveForm(initial=initial),
        "send_back_form": SendBackForm(),
        "may_look": may_look(desk.user, desk.review),
        "history": desk.review.plans.select_related("author").order_by("-version"),
        "sent_back": desk.review.send_backs.select_related("by"),
        "approvals": desk.review.approvals.select_related("approver", "prepared_by").order_by("-pk"),
        **more,
    }


def _with_sums(rows: list[dict[str, Any]], made: Render | None) -> list[dict[str, Any]]:
    sums = {row["id"]: row for row in made.report["marks"]} if made else {}
    return [{**row, "sums": sums.get(row["id"])} for row in rows]


def _result_facts(made: Render | None) -> probe.Facts | None:
    """The first rows of a redacted table, to be read beside the original's."""
    if made is None or made.withheld or made.suffix != ".csv":
        return None
    try:
        return looks.examine(files.path_of(made.address))
    except RedactionError:
        return None
