"""Retention for staff: the schedule, what is due, destruction by two people."""

from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from portal.accounts.rules import Permission
from portal.audit import services as audit
from portal.core import files
from portal.core.errors import BadInput, DomainError, NotAllowed
from portal.core.http import AuthedRequest, say
from portal.core.time import now
from requests_app.custody import certificates, listing, policies, purging, schedules, tracing
from requests_app.custody.models import Certificate, Purge, RetentionSchedule
from requests_app.custody.retention_forms import LastDayForm, ScheduleForm, WhyForm
from requests_app.law.models import Agency
from requests_app.law.selectors import agency as the_agency


def opened(request: AuthedRequest) -> Agency:
    """This will give the agency to whoever may read these pages. :raises NotAllowed: for other staff."""
    agency = the_agency()
    if not listing.may_open(request.user):
        policies.require(request.user, Permission.KEEP_RETENTION, "custody.retention_viewed", agency)
    return agency


@require_GET
def retention(request: AuthedRequest) -> HttpResponse:
    """The law's rules and the agency's schedule."""
    return _schedule_page(request, None)


@require_POST
def add_schedule(request: AuthedRequest) -> HttpResponse:
    agency = opened(request)
    form = ScheduleForm(request.POST, auto_id="schedule-%s")
    if form.is_valid():
        try:
            row = schedules.add(agency=agency, actor=request.user, at=now(), **form.cleaned_data)
        except NotAllowed:
            raise
        except DomainError as refusal:
            form.add_error(None, str(refusal))
        else:
            say(request, f"“{row.title}” is in the schedule.")
            return redirect("custody:retention")
    return _schedule_page(request, form)


@require_POST
def end_schedule(request: AuthedRequest, pk: int) -> HttpResponse:
    agency = opened(request)
    row = get_object_or_404(RetentionSchedule, pk=pk, agency=agency)
    form = LastDayForm(request.POST)
    if not form.is_valid():
        raise BadInput("Give the last day as a date.")
    today = tracing.day_of(now(), agency.time_zone) or now().date()
    schedules.end(schedule=row, last_day=form.cleaned_data["last_day"], today=today, actor=request.user)
    say(request, f"“{row.title}” ends after {row.ends_on:%B} {row.ends_on.day}." if row.ends_on else "")
    return redirect("custody:retention")


def _schedule_page(request: AuthedRequest, form: ScheduleForm | None) -> HttpResponse:
    agency = opened(request)
    today = tracing.day_of(now(), agency.time_zone) or now().date()
    context = {
        "here": "schedule",
        "rules": listing.rule_rows(agency),
        "schedules": listing.schedule_rows(agency, today),
        "form": form or ScheduleForm(initial={"starts_on": today}, auto_id="schedule-%s"),
        "failed": form is not None,
        "today": today,
        "may_keep": request.user.may(Permission.KEEP_RETENTION),
    }
    return render(request, "custody/retention.html", context, status=422 if form is not None else 200)


@require_http_methods(["GET", "POST"])
def due(request: AuthedRequest) -> HttpResponse:
    """What may be destroyed today, with why; a POST proposes the chosen records to a second person."""
    agency = opened(request)
    if request.method == "POST":
        purge = purging.propose(
            agency=agency, records=request.POST.getlist("record"), actor=request.user, at=now(),
            note=request.POST.get("note", ""),
        )  # fmt: skip
        say(request, f"List {purge.number} is proposed. Another person has to confirm it.")
        return redirect("custody:purge", purge_key=purge.key)
    today = tracing.day_of(now(), agency.time_zone) or now().date()
    groups, left = purging.preview(agency, today, request.user)
    context = {
        "here": "due",
        "groups": [
            {
                "series": schedules.SERIES.get(group.series, group.series) or "Not classified",
                "severity": group.severity_words,
                "rows": group.rows,
                "bytes": group.bytes,
            }
            for group in groups
        ],
        "left": left,
        "purges": listing.purges_of(agency)[: listing.MOST],
        "may_keep": request.user.may(Permission.KEEP_RETENTION),
    }
    return render(request, "custody/due.html", context)


@require_GET
def purge(request: AuthedRequest, purge_key: str) -> HttpResponse:
    """One list: who proposed it, each record with its rule, and the button of the second person."""
    row = _purge(request, purge_key)
    is_free = not purging.hidden_on(row, request.user).exists()
    may_purge = is_free and request.user.may(Permission.PURGE)
    context = {
        "here": "due",
        "purge": row,
        "sections": certificates.sections(row, request.user),
        "is_free": is_free,
        "certificate": Certificate.objects.filter(purge=row).first(),
        "may_confirm": may_purge and request.user.pk != row.proposed_by_id,
        "is_own": request.user.pk == row.proposed_by_id,
        "may_refuse": may_purge or (is_free and request.user.may(Permission.KEEP_RETENTION)),
        "why_form": WhyForm(),
    }
    return render(request, "custody/purge.html", context)


@require_POST
def confirm(request: AuthedRequest, purge_key: str) -> HttpResponse:
    row = _purge(request, purge_key)
    purging.confirm(purge=row, actor=request.user, at=now(), digest=request.POST.get("digest", ""))
    say(request, f"List {row.number} is confirmed. The records are being destroyed.")
    return redirect("custody:purge", purge_key=row.key)


@require_POST
def refuse(request: AuthedRequest, purge_key: str) -> HttpResponse:
    row = _purge(request, purge_key)
    form = WhyForm(request.POST)
    if not form.is_valid():
        raise BadInput("Say why the list is given up.")
    purging.refuse(purge=row, actor=request.user, at=now(), why=form.cleaned_data["why"])
    say(request, f"List {row.number} is given up. Nothing was destroyed.")
    return redirect("custody:purge", purge_key=row.key)


@require_GET
def certificate(request: AuthedRequest, purge_key: str, kind: str) -> FileResponse:
    """The certificate as PDF or CSV, checked against its hash before a byte leaves."""
    row = get_object_or_404(Certificate, purge=_purge(request, purge_key))
    if kind not in ("pdf", "csv"):
        raise Http404
    purging.require_free(row.purge, request.user, "custody.certificate_fetched")
    stored = certificates.stored(row, kind)
    path = files.require_intact(stored)
    audit.record(
        action="custody.certificate_fetched",
        actor=request.user,
        subject=row,
        detail={"sha256": stored.sha256},
    )
    return FileResponse(
        path.open("rb"), as_attachment=True, filename=f"destruction-{row.purge.number}.{kind}",
        content_type="application/pdf" if kind == "pdf" else "text/csv",
    )  # fmt: skip


def _purge(request: AuthedRequest, key: str) -> Purge:
    rows = Purge.objects.select_related("agency", "proposed_by", "confirmed_by", "ended_by", "job")
    return get_object_or_404(rows, key=key, agency=opened(request))
