"""Marks pages for staff: what a record is, what is withheld from it, and the way to a second person."""

from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from portal.accounts.rules import Permission
from portal.core.errors import BadInput, StaleWrite
from portal.core.http import AuthedRequest, say
from portal.core.time import now
from redaction.plans import selectors
from redaction.plans import services as plans
from redaction.plans.rules import ReviewStatus
from redaction.workbench import editing
from redaction.workbench.forms import VersionedForm, WithholdForm
from redaction.workbench.insight import require_result
from redaction.workbench.kinds import OFFERED
from redaction.workbench.page import TAGS, Desk, open_review
from requests_app.custody import policies as custody_policies
from requests_app.custody import selectors as custody
from requests_app.custody.forms import AttestForm
from requests_app.docket import selectors as docket


@require_GET
def records(request: AuthedRequest, key: str) -> HttpResponse:
    """The records of a request, where each stands, and what has to be preserved."""
    records_request = docket.get_visible(request.user, key)
    if not request.user.may(Permission.SEE_REQUESTS):
        raise Http404
    rows = [
        {"record": record, "label": state.label, "tag": TAGS[state]}
        for record in custody.records_of(records_request).select_related("review")
        for state in [ReviewStatus(record.review.status if hasattr(record, "review") else "collected")]
    ]
    context = {
        "records_request": records_request,
        "rows": rows,
        "facts": selectors.facts(records_request),
        "tasks": custody.open_tasks(records_request),
        "holds": custody.holds_in_force(records_request),
        "attest_form": AttestForm(),
        "may_add": custody_policies.may_add(request.user, records_request),
    }
    return render(request, "workbench/records.html", context)


@require_GET
def marks(request: AuthedRequest, key: str) -> HttpResponse:
    """What is withheld from one record, and the forms to change it."""
    desk = Desk(open_review(request.user, key), request.user)
    require_result(desk.user, desk.review)
    desk.note_view("custody.record_viewed")
    return _page(request, desk, kind=request.GET.get("kind", ""))


@require_POST
def add_mark(request: AuthedRequest, key: str, kind: str) -> HttpResponse:
    desk = Desk(open_review(request.user, key), request.user)
    if kind not in OFFERED[desk.record.medium]:
        raise Http404
    form = desk.mark_form(kind, request.POST)
    if not form.is_valid():
        return _again(request, desk, "mark", form, 422, kind)
    return _save(request, desk, "mark", form, editing.add(desk.whole, form.mark()), "Mark added.", kind)


@require_POST
def remove_mark(request: AuthedRequest, key: str) -> HttpResponse:
    desk = Desk(open_review(request.user, key), request.user)
    form = VersionedForm(request.POST, setting=desk.setting)
    if not form.is_valid():
        return _again(request, desk, "remove", form, 422)
    try:
        changed = editing.remove(desk.whole, request.POST.get("mark", ""))
    except KeyError:
        form.add_error(None, "That mark is not there any more.")
        return _again(request, desk, "remove", form, StaleWrite.status)
    return _save(request, desk, "remove", form, changed, "Mark removed.")


@require_POST
def set_columns(request: AuthedRequest, key: str) -> HttpResponse:
    desk = Desk(open_review(request.user, key), request.user)
    form = desk.columns_form(request.POST)
    if form is None:
        raise Http404
    if not form.is_valid():
        return _again(request, desk, "columns", form, 422)
    return _save(
        request, desk, "columns", form, editing.set_columns(desk.whole, form.columns()), "Columns saved."
    )


@require_POST
def set_raw(request: AuthedRequest, key: str) -> HttpResponse:
    desk = Desk(open_review(request.user, key), request.user)
    form = desk.raw_form(request.POST)
    if not form.is_valid():
        return _again(request, desk, "raw", form, 422)
    return _save(request, desk, "raw", form, form.cleaned_data["marks"], "Marks saved.")


@require_POST
def withhold(request: AuthedRequest, key: str) -> HttpResponse:
    """Propose to keep the whole record back."""
    desk = Desk(open_review(request.user, key), request.user)
    form = WithholdForm(request.POST, setting=desk.setting)
    if not form.is_valid():
        return _again(request, desk, "withhold", form, 422)
    sent = form.cleaned_data
    try:
        plans.withhold(
            review=desk.review,
            exemption_codes=sent["codes"],
            note=sent["note"],
            actor=request.user,
            at=now(),
            expected_version=sent["version"],
        )
    except (BadInput, StaleWrite) as refusal:
        form.add_error(None, str(refusal))
        return _again(request, desk, "withhold", form, refusal.status)
    say(request, "Withholding proposed. A second person decides.")
    return redirect("workbench:review", key=key)


_ASIDE = {
    "not_responsive": (plans.mark_not_responsive, "Set aside as not responsive."),
    "duplicate": (plans.mark_duplicate, "Set aside as a duplicate."),
    "reconsider": (plans.reconsider, "Taken back into review."),
}


@require_POST
def set_aside(request: AuthedRequest, key: str) -> HttpResponse:
    review = open_review(request.user, key)
    try:
        step, words = _ASIDE[request.POST.get("action", "")]
    except KeyError:
        raise BadInput("Choose what to do with the record.") from None
    step(review=review, actor=request.user, at=now())
    say(request, words)
    return redirect("workbench:marks", key=key)


@require_POST
def make(request: AuthedRequest, key: str) -> HttpResponse:
    """Ask a worker for the redacted copy."""
    review = open_review(request.user, key)
    plans.request_render(review=review, actor=request.user, at=now())
    say(request, "The redacted copy is being made. You may leave this page.")
    return redirect("workbench:marks", key=key)


@require_GET
def progress(request: AuthedRequest, key: str) -> HttpResponse:
    """The state of the running job, polled by htmx; once it ends the page loads anew."""
    review = open_review(request.user, key)
    require_result(request.user, review)
    job = review.job
    context = {
        "label": "Making the redacted copy",
        "percent": job.progress if job else 100,
        "note": job.progress_note if job else "",
    }
    response = render(request, "components/progress_state.html", context)
    if job is None or not job.is_open:
        response["HX-Refresh"] = "true"
    return response


def _save(
    request: AuthedRequest,
    desk: Desk,
    name: str,
    form: VersionedForm,
    changed: Any,
    words: str,
    kind: str = "",
) -> HttpResponse:
    try:
        plan = plans.save_plan(
            review=desk.review,
            marks=changed,
            author=request.user,
            at=now(),
            expected_version=form.cleaned_data["version"],
        )
    except (BadInput, StaleWrite) as refusal:
        form.add_error(None, str(refusal))
        return _again(request, desk, name, form, refusal.status, kind)
    say(request, f"{words} This is version {plan.version} of the marks.")
    address = redirect("workbench:marks", key=desk.record.key)
    if kind:
        address["Location"] += f"?kind={kind}"
    return address


def _again(
    request: AuthedRequest, desk: Desk, name: str, form: VersionedForm, status: int, kind: str = ""
) -> HttpResponse:
    desk.bound[name] = form
    return _page(request, desk, kind=kind, status=status)


def _page(request: AuthedRequest, desk: Desk, *, kind: str = "", status: int = 200) -> HttpResponse:
    return render(request, "workbench/marks.html", desk.context(request, kind), status=status)
