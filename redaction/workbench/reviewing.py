"""The second person's page: look at both sides, approve, or send back with comments on single marks."""

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from portal.core.errors import BadInput
from portal.core.http import AuthedRequest, say
from portal.core.time import now
from redaction.plans import seeing
from redaction.plans import services as plans
from redaction.plans.pins import Wanted
from redaction.workbench.insight import may_look, require_result
from redaction.workbench.page import Desk, open_review
from redaction.workbench.review_forms import ApproveForm, SendBackForm
from redaction.workbench.review_page import context

PIN = "pin:"  # the field of a comment is named by its mark


@require_GET
def review(request: AuthedRequest, key: str) -> HttpResponse:
    """Original and result side by side, the report, and approve or send back."""
    desk = _desk(request, key)
    desk.note_view("custody.record_viewed")
    if may_look(desk.user, desk.review):
        seeing.opened(record=desk.record, person=desk.user, at=now())
    return render(request, "workbench/review.html", context(request, desk))


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
    desk = _desk(request, key)
    form = SendBackForm(request.POST)
    wanted = [
        Wanted(name.removeprefix(PIN), text)
        for name, text in request.POST.items()
        if name.startswith(PIN) and isinstance(text, str) and text.strip()
    ]
    try:
        if not form.is_valid():
            raise BadInput("The comment is too long. Say the rest at the marks.")
        plans.send_back(
            review=desk.review, by=request.user, comment=form.cleaned_data["comment"], at=now(), pins=wanted
        )
    except BadInput as refusal:
        form.add_error(None, str(refusal))
        typed = {pin.mark_id: pin.text for pin in wanted}
        shown = context(request, desk, send_back_form=form)
        for mark in shown["marks"]:
            mark["typed"] = typed.get(mark["id"], "")
        return render(request, "workbench/review.html", shown, status=refusal.status)
    say(request, f"“{desk.record.title}” went back to its reviewer.")
    return redirect("workbench:records", key=desk.record.request.key)


def _desk(request: AuthedRequest, key: str) -> Desk:
    desk = Desk(open_review(request.user, key), request.user)
    require_result(desk.user, desk.review)
    return desk
