"""Cases, and what one record is for retention."""

from zoneinfo import ZoneInfo

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from portal.accounts.rules import Permission
from portal.audit import services as audit
from portal.core.errors import BadInput, DomainError, NotAllowed
from portal.core.forms import DaylightForm
from portal.core.http import AuthedRequest, say
from portal.core.time import now
from requests_app.custody import cases as matters
from requests_app.custody import classifying, listing, selectors, tracing
from requests_app.custody.judging import judge_one
from requests_app.custody.models import Case, CaseDetermination, HoldRecord, ResponsiveRecord
from requests_app.custody.retention_forms import CaseForm, ClosedOnForm, DetermineForm, FactsForm
from requests_app.custody.retention_views import opened
from requests_app.docket.recusals import without
from requests_app.law import selectors as law


@require_http_methods(["GET", "POST"])
def cases(request: AuthedRequest) -> HttpResponse:
    """The cases records belong to; adding one."""
    agency = opened(request)
    today = tracing.day_of(now(), agency.time_zone) or now().date()
    form = CaseForm(request.POST or None, initial={"opened_on": today})
    if request.method == "POST" and form.is_valid():
        try:
            case = matters.open_case(agency=agency, actor=request.user, **form.cleaned_data)
        except BadInput as refusal:
            form.add_error(None, str(refusal))
        else:
            say(request, f"Case {case.number} is here.")
            return redirect("custody:case", case_key=case.key)
    context = {
        "here": "cases",
        "cases": listing.cases_of(agency)[: listing.MOST],
        "form": form,
        "may_add": request.user.may(Permission.WORK_REQUESTS),
    }
    return render(request, "custody/cases.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
def case(request: AuthedRequest, case_key: str) -> HttpResponse:
    """One case with its records and what is withheld for it; a POST closes it."""
    agency = opened(request)
    row = get_object_or_404(Case.objects.select_related("agency", "closed_by"), key=case_key, agency=agency)
    today = tracing.day_of(now(), agency.time_zone) or now().date()
    form = ClosedOnForm(request.POST or None, initial={"closed_on": today})
    if request.method == "POST" and form.is_valid():
        matters.close_case(case=row, on=form.cleaned_data["closed_on"], actor=request.user, at=now())
        say(request, f"Case {row.number} is closed. What was withheld for it goes back to be decided.")
        return redirect("custody:case", case_key=row.key)
    records = (
        without(ResponsiveRecord.objects.filter(case=row), request.user)
        .select_related("request")
        .order_by("request", "position")
    )
    context = {
        "here": "cases",
        "case": row,
        "records": records[: listing.MOST],
        "determinations": without(row.determinations.all(), request.user, "record__request")
        .select_related("record__request", "made_by")
        .order_by("-pk"),
        "form": form,
        "may_close": request.user.may(Permission.KEEP_RETENTION),
    }
    return render(request, "custody/case.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
def facts(request: AuthedRequest, key: str) -> HttpResponse:
    """What a record is, when it may go and why, what holds it; a POST says anew what it is."""
    record = selectors.get_record(request.user, key)
    with timezone.override(ZoneInfo(record.request.agency.time_zone)):  # as times are typed and shown
        return _facts(request, record)


def _facts(request: AuthedRequest, record: ResponsiveRecord) -> HttpResponse:
    form = FactsForm(request.POST or None, record=record, initial=_initial(record))
    if request.method == "POST" and form.is_valid():
        try:
            classifying.classify(record=record, actor=request.user, at=now(), **form.cleaned_data)
        except BadInput as refusal:
            form.add_error(None, str(refusal))
        else:
            say(request, "Saved.")
            return redirect("custody:facts", key=record.key)
    return _facts_page(request, record, form)


@require_POST
def determine(request: AuthedRequest, key: str) -> HttpResponse:
    record = selectors.get_record(request.user, key)
    form = DetermineForm(request.POST, grounds=_grounds(record), auto_id="determine-%s")
    if form.is_valid():
        sent = form.cleaned_data
        try:
            matters.determine(
                record=record, exemption_code=sent["code"], harm=sent["harm"],
                look_again_on=sent["look_again_on"], actor=request.user, at=now(),
            )  # fmt: skip
        except NotAllowed:
            raise
        except DomainError as refusal:
            form.add_error(None, str(refusal))
        else:
            say(request, "Written down for this record.")
            return redirect("custody:facts", key=record.key)
    return _facts_page(request, record, FactsForm(record=record, initial=_initial(record)), form)


def _facts_page(
    request: AuthedRequest, record: ResponsiveRecord, form: FactsForm, bound: DetermineForm | None = None
) -> HttpResponse:
    audit.record(
        action="custody.retention_of_record_viewed", actor=request.user, subject=record,
        request_key=record.request.key,
    )  # fmt: skip
    agency = record.request.agency
    today = tracing.day_of(now(), agency.time_zone) or now().date()
    judged = judge_one(record, today) if record.destroyed_at is None else None
    wrong: DaylightForm | None = form if form.errors else bound
    context = {
        "record": record,
        "records_request": record.request,
        "judged": judged,
        "lines": listing.shown(judged.bound.lines) if judged else [],
        "covers": HoldRecord.objects.filter(record=record).select_related("hold__request").order_by("pk"),
        "determinations": CaseDetermination.objects.filter(record=record).select_related("made_by", "case"),
        "form": form,
        "determine_form": bound
        or DetermineForm(
            grounds=_grounds(record),
            auto_id="determine-%s",
            initial={"look_again_on": today + matters.CRITICAL},
        ),
        "open_case": record.case is not None and record.case.state == Case.State.OPEN,
        "may_classify": request.user.may(Permission.ADD_RECORDS) and record.destroyed_at is None,
        "may_determine": request.user.may(Permission.REDACT),
        "wrong": wrong,
    }
    return render(request, "custody/facts.html", context, status=422 if wrong is not None else 200)


def _initial(record: ResponsiveRecord) -> dict[str, object]:
    return {name: getattr(record, name) for name in classifying.FIELDS}


def _grounds(record: ResponsiveRecord) -> list[tuple[str, str]]:
    today = tracing.day_of(now(), record.request.agency.time_zone) or now().date()
    rows = law.exemptions(record.request.law_code, today).order_by("code")
    return [(row.code, f"{row.code}: {row.label} ({row.citation})") for row in rows]
