"""The staff's fee pages: worksheet, counter, waiver, and the schedules."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from portal.accounts.models import User
from portal.accounts.rules import Permission
from portal.audit import services as audit
from portal.core.errors import BadInput, DomainError, NotAllowed
from portal.core.http import AuthedRequest, say
from portal.core.time import now
from requests_app.docket import selectors as docket
from requests_app.docket.models import RecordsRequest
from requests_app.fees import payments, schedules, selectors, services
from requests_app.fees.forms import CounterForm, DecisionForm, ScheduleForm, SimulateForm, WorksheetForm
from requests_app.fees.models import PublishedSchedule
from requests_app.fees.rules import FEE
from requests_app.law.selectors import agency as the_agency
from requests_app.law.selectors import pack_in_use, parsed


@require_http_methods(["GET", "POST"])
def worksheet(request: AuthedRequest, key: str) -> HttpResponse:
    row = _load(request, key)
    case = services.case_of(row)
    initial = {**WorksheetForm.initial_from(case.work), "version": case.work_version}
    if not case.work and row.record_type:
        initial["record_type"] = row.record_type
    form = WorksheetForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            services.save_worksheet(
                request=row,
                work=form.work(),
                actor=request.user,
                expected_version=form.cleaned_data["version"],
            )
        except BadInput as error:
            form.add_error(None, str(error))
        else:
            say(request, "The worksheet is saved. Look at the lines, then send the estimate.")
            return redirect("fees:worksheet", key=row.key)
    status = 422 if form.is_bound else 200
    return render(request, "fees/worksheet.html", _page(row, form), status=status)


@require_POST
def send(request: AuthedRequest, key: str) -> HttpResponse:
    row = _load(request, key)
    estimate = services.send_estimate(request=row, actor=request.user, at=now())
    said = "The estimate is sent." if estimate.billed_cents else "Nothing is charged under the schedule."
    say(request, said)
    return redirect("fees:worksheet", key=row.key)


@require_POST
def charge_nothing(request: AuthedRequest, key: str) -> HttpResponse:
    row = _load(request, key)
    services.charge_nothing(request=row, actor=request.user, reason=request.POST.get("reason", ""))
    say(request, "It is recorded that nothing is charged.")
    return redirect("fees:worksheet", key=row.key)


@require_POST
def waiver(request: AuthedRequest, key: str) -> HttpResponse:
    row = _load(request, key)
    granted = request.POST.get("decision") == "grant"
    services.decide_waiver(
        request=row, actor=request.user, at=now(), granted=granted, reason=request.POST.get("reason", "")
    )
    say(request, "The waiver is decided and the requester told.")
    return redirect("fees:worksheet", key=row.key)


@require_POST
def counter(request: AuthedRequest, key: str) -> HttpResponse:
    row = _load(request, key)
    form = CounterForm(request.POST)
    try:
        if form.is_valid():
            payments.take_at_counter(
                request=row, amount_cents=form.cleaned_data["amount"], method=form.cleaned_data["method"],
                receipt_number=form.cleaned_data["receipt_number"], actor=request.user, at=now(),
            )  # fmt: skip
            say(request, "The payment is booked.")
            return redirect("fees:worksheet", key=row.key)
    except BadInput as error:
        form.add_error(None, str(error))
    case = services.case_of(row)
    sheet = WorksheetForm(initial={**WorksheetForm.initial_from(case.work), "version": case.work_version})
    return render(request, "fees/worksheet.html", {**_page(row, sheet), "counter_form": form}, status=422)


@require_GET
def schedule_list(request: AuthedRequest) -> HttpResponse:
    _require(request.user, Permission.PUBLISH_SCHEDULES)
    agency = the_agency()
    return render(
        request,
        "fees/schedules.html",
        {"schedules": agency.fee_schedules.select_related("published_by"), "agency": agency},
    )


@require_http_methods(["GET", "POST"])
def schedule_new(request: AuthedRequest) -> HttpResponse:
    _require(request.user, Permission.PUBLISH_SCHEDULES)
    agency = the_agency()
    law = parsed(pack_in_use(agency)).fees
    base = (
        agency.fee_schedules.filter(pk=int(request.GET["from"])).first() if _whole(request, "from") else None
    )
    initial = ScheduleForm.first_values(law, agency)
    if base is not None:
        own = {f"rate_{row['rule']}": row.get("rate") for row in base.rows or ()}
        emptied = (
            {name: None for name in initial if name.startswith("rate_")} if base.rows is not None else {}
        )
        initial |= {"name": base.name, "resolution": base.resolution, **emptied, **own, **base.policy}
    form = ScheduleForm(request.POST or None, law=law, initial=initial)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            made = schedules.create(
                agency=agency, name=data["name"], rows=form.rows(), policy=form.policy(), actor=request.user,
                effective_from=data["effective_from"], effective_to=data["effective_to"],
                resolution=data["resolution"],
            )  # fmt: skip
        except BadInput as error:
            form.add_error(None, str(error))
        else:
            say(request, "The draft is saved. Try it out, then publish it.")
            return redirect("fees:schedule", pk=made.pk)
    return render(
        request,
        "fees/schedule_form.html",
        {"form": form, "agency": agency, "base": base},
        status=422 if form.is_bound else 200,
    )


@require_GET
def schedule_detail(request: AuthedRequest, pk: int) -> HttpResponse:
    _require(request.user, Permission.PUBLISH_SCHEDULES)
    row = get_object_or_404(PublishedSchedule.objects.select_related("agency", "published_by"), pk=pk)
    tried = bool(request.GET.get("received"))
    form = SimulateForm(request.GET if tried else None, initial={"received": row.effective_from})
    quote, refusal = None, ""
    if tried and form.is_valid():
        try:
            quote = schedules.simulate(schedule=row, work=form.work(), received=form.cleaned_data["received"])
        except DomainError as error:
            refusal = str(error)
    context = {
        "schedule": row,
        "form": form,
        "quote": quote,
        "refusal": refusal,
        "engine": schedules.read(row),
    }
    return render(request, "fees/schedule.html", context)


@require_POST
def schedule_publish(request: AuthedRequest, pk: int) -> HttpResponse:
    row = get_object_or_404(PublishedSchedule, pk=pk)
    schedules.publish(schedule=row, actor=request.user, at=now())
    say(request, "The schedule is published.")
    return redirect("fees:schedule", pk=row.pk)


def _page(row: RecordsRequest, form: WorksheetForm) -> dict[str, object]:
    found = selectors.summary(row)
    quote, refusal = None, ""
    try:
        quote = services.quote(row)
    except DomainError as error:
        refusal = str(error)
    return {
        "records_request": row,
        "form": form,
        "fee": found,
        "quote": quote,
        "refusal": refusal,
        "moves": set(FEE.actions(found.state)),
        "estimates": found.case.estimates.all() if found.case else (),
        "payments": found.case.payments.all() if found.case else (),
        "ledger": found.case.ledger.all() if found.case else (),
        "counter_form": CounterForm(),
        "decision_form": DecisionForm(),
    }


def _load(request: AuthedRequest, key: str) -> RecordsRequest:
    _require(request.user, Permission.SEE_REQUESTS)
    row = docket.get_visible(request.user, key)
    audit.record(action="fees.viewed", actor=request.user, subject=row, request_key=row.key)
    return row


def _whole(request: AuthedRequest, name: str) -> bool:
    return request.GET.get(name, "").isdigit()


def _require(user: User, permission: Permission) -> None:
    if not user.may(permission):
        raise NotAllowed("Your role does not include this page.")
