"""The pages on which the agency's fee schedules are written, tried out and published."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from portal.accounts import policies
from portal.accounts.rules import Permission
from portal.core.errors import BadInput, DomainError
from portal.core.http import AuthedRequest, say
from portal.core.time import now
from requests_app.fees import examples, law_words, presentation, quoting, samples, schedules, wording
from requests_app.fees.forms import SimulateForm
from requests_app.fees.models import PublishedSchedule
from requests_app.fees.rates import rates
from requests_app.fees.schedule_form import ScheduleForm
from requests_app.law.selectors import agency as the_agency
from requests_app.law.selectors import pack_in_use, parsed

_REFUSAL = "Your role does not include this page."


@require_GET
def schedule_list(request: AuthedRequest) -> HttpResponse:
    policies.require(request.user, Permission.PUBLISH_SCHEDULES, _REFUSAL)
    agency = the_agency()
    rows = agency.fee_schedules.select_related("published_by").order_by("-version")
    context = {"schedules": rows, "agency": agency, "today": timezone.localdate()}
    return render(request, "fees/schedules.html", context)


@require_http_methods(["GET", "POST"])
def schedule_new(request: AuthedRequest) -> HttpResponse:
    policies.require(request.user, Permission.PUBLISH_SCHEDULES, _REFUSAL)
    agency = the_agency()
    law = parsed(pack_in_use(agency)).fees
    chosen = request.GET.get("from", "")
    base = agency.fee_schedules.filter(pk=chosen, law_code=agency.law).first() if _is_id(chosen) else None
    drafts = examples.draft_rows(agency)
    typed = request.POST if request.method == "POST" else None
    form = ScheduleForm(typed, law=law, agency=agency, base=base, drafts=drafts)
    if form.is_valid():
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
    context = {"form": form, "agency": agency, "base": base, "drafts": len(drafts)}
    return render(request, "fees/schedule_form.html", context, status=422 if form.errors else 200)


@require_GET
def schedule_detail(request: AuthedRequest, pk: int) -> HttpResponse:
    policies.require(request.user, Permission.PUBLISH_SCHEDULES, _REFUSAL)
    row = get_object_or_404(PublishedSchedule.objects.select_related("agency", "published_by"), pk=pk)
    law = schedules.law_of(row)
    tried = "received" in request.GET
    first = {"received": row.effective_from, "record_type": "body_worn_camera", "recordings": "20:00"}
    form = SimulateForm(request.GET if tried else None, initial=first, law=law)
    quote, refusal = None, ""
    if tried and form.is_valid():
        try:
            quote = schedules.simulate(schedule=row, work=form.work(), received=form.cleaned_data["received"])
        except DomainError as error:
            refusal = str(error)
    other = samples.rival(row)
    drafts = examples.draft_rows(row.agency) if row.law_code == row.agency.law else frozenset()
    context = {
        "schedule": row, "facts": _facts(row), "rows": rates(row, law, drafts), "form": form, "quote": quote,
        "other": other, "drafts": len(drafts),
        "before": law_words.before_work(law, row.policy.get("deposit_percent")),
        "compared": samples.compare(row, other, samples.made_up()),
        "worksheets": samples.compare(row, other, samples.from_worksheets(row.agency)),
        "quote_lines": wording.lines(map(quoting.plain, quote.lines), for_staff=True) if quote else [],
        "refusal": refusal,
    }  # fmt: skip
    return render(request, "fees/schedule.html", context, status=422 if form.errors or refusal else 200)


@require_POST
def schedule_publish(request: AuthedRequest, pk: int) -> HttpResponse:
    policies.require(request.user, Permission.PUBLISH_SCHEDULES, _REFUSAL)
    row = get_object_or_404(PublishedSchedule, pk=pk)
    schedules.publish(schedule=row, actor=request.user, at=now())
    say(request, "The schedule is published.")
    return redirect("fees:schedule", pk=row.pk)


def _facts(row: PublishedSchedule) -> list[dict[str, Any]]:
    until = presentation.spelt(row.effective_to) if row.effective_to else "the next version"
    facts = [
        {"label": "State", "value": row.get_status_display()},
        {"label": "In force", "value": f"{presentation.spelt(row.effective_from)} until {until}"},
        {"label": "Law", "value": row.law_code},
    ]
    if row.resolution:
        facts.append({"label": "Adopted by", "value": row.resolution})
    if row.policy.get("deposit_percent"):
        facts.append(
            {"label": "Deposit", "value": f"{row.policy['deposit_percent']} percent of the estimate"}
        )
    if row.published_by and row.published_at:
        facts.append(
            {"label": "Put out by", "value": f"{row.published_by}, {presentation.spelt(row.published_at)}"}
        )
    return facts


def _is_id(text: str) -> bool:
    return text.isdecimal() and len(text) < 19
