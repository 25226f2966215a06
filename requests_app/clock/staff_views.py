"""The agency's calendar for staff: five years ahead, and changes that count only once they are approved."""

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from portal.accounts.models import User
from portal.core.errors import BadInput
from portal.core.http import AuthedRequest, say
from portal.core.time import now
from requests_app.clock import calendar_page, changes, policies, selectors
from requests_app.clock.forms import AloneForm, ClosureForm, OpeningForm, VersionForm
from requests_app.clock.models import CalendarChange
from requests_app.clock.rules import ChangeState
from requests_app.docket.recusals import without
from requests_app.law.models import ClosureDay, LawPack
from requests_app.law.selectors import agency as the_agency
from requests_app.law.selectors import pack_in_use

PAGE = 100


@require_GET
def calendar(request: AuthedRequest) -> HttpResponse:
    policies.require_seeing(request.user)
    return _calendar(request)


@require_POST
def close(request: AuthedRequest) -> HttpResponse:
    """Propose a closed day; its page then shows what it would move."""
    policies.require_changing(request.user)
    form = ClosureForm(request.POST, auto_id="close-%s")
    if form.is_valid():
        try:
            change = changes.propose_closure(
                agency=the_agency(), actor=request.user, at=now(), **form.cleaned_data
            )
        except BadInput as refused:
            form.add_error("day", str(refused))
        else:
            say(request, "Proposed. Nothing counts differently until somebody approves it.")
            return redirect("clock:change", number=change.pk)
    return _calendar(request, close_form=form)


@require_POST
def reopen(request: AuthedRequest, number: int) -> HttpResponse:
    """Propose that a closure is taken back."""
    policies.require_changing(request.user)
    closure = get_object_or_404(ClosureDay, pk=number, agency=the_agency())
    form = OpeningForm(request.POST, auto_id=f"open-{number}-%s")
    if form.is_valid():
        try:
            change = changes.propose_opening(
                closure=closure, actor=request.user, at=now(), **form.cleaned_data
            )
        except BadInput as refused:
            form.add_error("reason", str(refused))
        else:
            say(request, "Proposed. The day stays closed until somebody approves it.")
            return redirect("clock:change", number=change.pk)
    return _calendar(request, open_forms={number: form})


@require_POST
def version(request: AuthedRequest, number: int) -> HttpResponse:
    """Propose that open requests counted by an older version are counted by the one in use."""
    policies.require_changing(request.user)
    agency = the_agency()
    before = get_object_or_404(LawPack, pk=number)
    form = VersionForm(request.POST, auto_id=f"version-{number}-%s")
    if form.is_valid():
        try:
            change = changes.propose_version(
                agency=agency, before=before, after=pack_in_use(agency), actor=request.user, at=now(),
                **form.cleaned_data,
            )  # fmt: skip
        except BadInput as refused:
            form.add_error("reason", str(refused))
        else:
            say(request, "Proposed. Open requests keep their dates until somebody approves it.")
            return redirect("clock:change", number=change.pk)
    return _calendar(request, version_forms={number: form})


@require_GET
def change(request: AuthedRequest, number: int) -> HttpResponse:
    """A proposal with every clock it moves, or what became of it."""
    policies.require_seeing(request.user)
    return _show(request, _change(number))


def _show(request: AuthedRequest, row: CalendarChange, *, form: AloneForm | None = None) -> HttpResponse:
    shifts = without(row.shifts.select_related("request"), request.user)
    late = shifts.filter(becomes_late=True).count()
    page = Paginator(shifts, PAGE).get_page(request.GET.get("page"))
    job = changes.job_of(row)
    return render(
        request,
        "clock/change.html",
        {
            "change": row,
            "heading": calendar_page.heading(row),
            "page": page,
            "late": late,
            "moved": page.paginator.count,
            "requests": shifts.values("request_id").distinct().count(),
            "job": job,
            "working": job is not None and job.is_open,
            "may_change": changes.may_change(request.user),
            "query": "",
            **_second(request.user, row, form),
        },
        status=422 if form is not None else 200,
    )


def _second(user: User, row: CalendarChange, form: AloneForm | None) -> dict[str, Any]:
    """Whether the reader may approve: never her own proposal while somebody else could."""
    if not row.is_open or row.proposed_by_id != user.pk:
        return {"others": [], "alone_form": None}
    found = changes.others(user)
    return {"others": found, "alone_form": None if found else form or AloneForm(auto_id="alone-%s")}


@require_GET
def progress(request: AuthedRequest, number: int) -> HttpResponse:
    policies.require_seeing(request.user)
    row = _change(number)
    job = changes.job_of(row)
    response = render(request, "components/progress_state.html", progress_words(row))
    if job is None or not job.is_open:
        response["HX-Refresh"] = "true"
    return response


def progress_words(row: CalendarChange) -> dict[str, Any]:
    """This will say how far the work on a change is."""
    counting = row.state == ChangeState.APPROVED
    job = changes.job_of(row)
    return {
        "label": "Counting open requests" if counting else "Working out what it moves",
        "percent": job.progress if job else 0,
        "note": job.progress_note if job else "",
    }


@require_POST
def approve(request: AuthedRequest, number: int) -> HttpResponse:
    policies.require_changing(request.user)
    row = _change(number)
    form = AloneForm(request.POST, auto_id="alone-%s")
    alone = form.cleaned_data["alone"] if form.is_valid() else ""
    try:
        changes.approve(change=row, actor=request.user, at=now(), alone=alone)
    except changes.OwnChange as refused:
        policies.refuse(request.user, "clock.calendar_approved", refused)
    except BadInput:
        if row.proposed_by_id != request.user.pk or alone:
            raise
        return _show(request, row, form=form)
    say(request, "Approved. Open requests are being counted anew; you may leave this page.")
    return redirect("clock:change", number=row.pk)


@require_POST
def withdraw(request: AuthedRequest, number: int) -> HttpResponse:
    policies.require_changing(request.user)
    row = _change(number)
    changes.withdraw(change=row, actor=request.user, at=now())
    say(request, "Withdrawn. Nothing was ever counted by it.")
    return redirect("clock:calendar")


@require_POST
def compare_again(request: AuthedRequest, number: int) -> HttpResponse:
    policies.require_changing(request.user)
    row = _change(number)
    changes.compare_again(change=row, actor=request.user)
    return redirect("clock:change", number=row.pk)


def _change(number: int) -> CalendarChange:
    rows = CalendarChange.objects.select_related(
        "agency", "proposed_by", "decided_by", "from_pack", "to_pack", "closure"
    )
    return get_object_or_404(rows, pk=number, agency=the_agency())


def _calendar(
    request: AuthedRequest,
    *,
    close_form: ClosureForm | None = None,
    open_forms: dict[int, OpeningForm] | None = None,
    version_forms: dict[int, VersionForm] | None = None,
) -> HttpResponse:
    agency = the_agency()
    today = selectors.day_of(agency, now())
    year = calendar_page.read_year(request.GET.get("year", ""), today)
    opened, versions = open_forms or {}, version_forms or {}
    bound = [form for form in (close_form, *opened.values(), *versions.values()) if form is not None]
    page = {
        **calendar_page.year_page(agency, year=year, today=today),
        "proposals": [(row, calendar_page.heading(row)) for row in calendar_page.open_proposals(agency)],
        "decided": [(row, calendar_page.heading(row)) for row in calendar_page.decided(agency)],
        "may_change": changes.may_change(request.user),
        "close_form": close_form or ClosureForm(auto_id="close-%s"),
        "closures": [
            (row, opened.get(row.pk) or OpeningForm(auto_id=f"open-{row.pk}-%s"))
            for row in agency.closures.filter(ended_at=None, day__gte=today - changes.BACK)
        ],
        "versions": [
            (row, count, versions.get(row.pk) or VersionForm(auto_id=f"version-{row.pk}-%s"))
            for row, count in changes.versions_behind(agency)
        ],
        "in_use": pack_in_use(agency),
        "form": next(iter(bound), None),
    }
    return render(request, "clock/calendar.html", page, status=422 if bound else 200)
