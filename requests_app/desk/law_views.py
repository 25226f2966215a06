"""The administrators' pages about law: the pack in use, the calendar, the agency, the exemptions."""

from collections import Counter
from dataclasses import dataclass
from datetime import date

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from portal.accounts.rules import Permission
from portal.core.errors import BadInput
from portal.core.forms import DaylightForm
from portal.core.http import AuthedRequest, say
from portal.core.time import now
from requests_app.desk import selectors, wording
from requests_app.desk.access import require
from requests_app.desk.admin_forms import AgencyForm, ClosureForm, EndForm, ExemptionForm, UsePackForm
from requests_app.law import catalogue, services
from requests_app.law.clock_rule import ClockRule
from requests_app.law.fee_law import FeeRow
from requests_app.law.models import Agency, ClosureDay, Exemption, LawPack, PackAdoption
from requests_app.law.pack import Pack
from requests_app.law.selectors import agency as the_agency
from requests_app.law.selectors import holidays, parsed
from requests_app.law.wording import days


@dataclass(frozen=True)
class LawRow:
    """One rule of the pack in words."""

    title: str
    length: str
    more: str
    citation: str
    mark: str
    tag: str


@require_GET
def law(request: AuthedRequest) -> HttpResponse:
    require(request.user, Permission.ADMINISTER)
    return _law_page(request)


@require_POST
def use(request: AuthedRequest) -> HttpResponse:
    """Record the decision which version holds for requests received from now on."""
    require(request.user, Permission.ADMINISTER)
    agency = the_agency()
    form = UsePackForm(request.POST, agency=agency, auto_id="use-%s")
    if form.is_valid():
        chosen: LawPack = form.cleaned_data["pack"]
        services.use_pack(
            agency=agency,
            pack=chosen,
            actor=request.user,
            at=now(),
            reason=form.cleaned_data["reason"],
            as_drafts=True,
        )
        say(request, f"{chosen} is in use for requests received from now on.")
        return redirect("desk:law")
    return _law_page(request, use_form=form)


@require_POST
def edit_agency(request: AuthedRequest) -> HttpResponse:
    require(request.user, Permission.ADMINISTER)
    form = AgencyForm(request.POST, auto_id="agency-%s")
    if form.is_valid():
        changed = catalogue.edit_agency(agency=the_agency(), actor=request.user, facts=form.cleaned_data)
        say(request, "The agency’s facts are changed." if changed else "Nothing was different.")
        return redirect("desk:law")
    return _law_page(request, agency_form=form)


@require_POST
def close_on(request: AuthedRequest) -> HttpResponse:
    require(request.user, Permission.ADMINISTER)
    form = ClosureForm(request.POST, auto_id="closure-%s")
    if form.is_valid():
        day: date = form.cleaned_data["day"]
        try:
            services.close_on(
                agency=the_agency(), day=day, reason=form.cleaned_data["reason"], actor=request.user
            )
        except BadInput as refusal:
            form.add_error("day", str(refusal))
        else:
            say(request, f"{day:%A, %B} {day.day} counts as closed now.")
            return redirect("desk:law")
    return _law_page(request, closure_form=form)


@require_POST
def open_on(request: AuthedRequest, pk: int) -> HttpResponse:
    require(request.user, Permission.ADMINISTER)
    closure = get_object_or_404(ClosureDay, pk=pk, agency=the_agency())
    day = closure.day
    services.reopen_on(closure=closure, actor=request.user)
    say(request, f"{day:%A, %B} {day.day} counts as open again.")
    return redirect("desk:law")


@require_http_methods(["GET", "POST"])
def exemptions(request: AuthedRequest) -> HttpResponse:
    """The grounds to withhold, as they are and were; adding one."""
    require(request.user, Permission.ADMINISTER)
    agency, today = the_agency(), selectors.today()
    form = ExemptionForm(request.POST or None, initial={"valid_from": today}, auto_id="new-%s")
    if request.method == "POST" and form.is_valid():
        try:
            row = catalogue.add_exemption(law=agency.law, actor=request.user, **form.cleaned_data)
        except BadInput as refusal:
            form.add_error(None, str(refusal))
        else:
            say(request, f"{row.code} is in the catalogue from {row.valid_from:%B} {row.valid_from.day}.")
            return redirect("desk:exemptions")
    rows = [
        {
            "row": row,
            "mark": wording.VERIFIED[row.verified],
            "state": _force(row, today),
            "end_form": EndForm(initial={"last_day": today}, auto_id=f"end-{row.pk}-%s")
            if row.valid_to is None
            else None,
        }
        for row in Exemption.objects.filter(law=agency.law).order_by("code", "-valid_from")
    ]
    page = {"rows": rows, "form": form, "law_code": agency.law}
    return render(request, "desk/exemptions.html", page, status=422 if form.errors else 200)


@require_POST
def end_exemption(request: AuthedRequest, pk: int) -> HttpResponse:
    require(request.user, Permission.ADMINISTER)
    row = get_object_or_404(Exemption, pk=pk, law=the_agency().law)
    form = EndForm(request.POST)
    if not form.is_valid():
        raise BadInput("Give the last day as a date.")
    catalogue.end_exemption(
        exemption=row, last_day=form.cleaned_data["last_day"], today=selectors.today(), actor=request.user
    )
    say(request, f"{row.code} runs out after {row.valid_to}.")
    return redirect("desk:exemptions")


def _law_page(request: AuthedRequest, **forms: DaylightForm) -> HttpResponse:
    agency, today = the_agency(), selectors.today()
    adoption = (
        PackAdoption.objects.filter(agency=agency, pack__code=agency.law)
        .select_related("pack", "decided_by")
        .order_by("-decided_at", "-pk")
        .first()
    )
    pack = parsed(adoption.pack) if adoption else None
    bound = next((form for form in forms.values() if form.errors), None)
    context = {
        "site_law": agency.law,
        "office": agency,
        "adoption": adoption,
        "pack": pack,
        "clocks": [_clock(rule) for rule in pack.clocks.values()] if pack else [],
        "fees": [_fee(row) for row in pack.fees.rows] if pack else [],
        "marks": _marks(pack) if pack else [],
        "versions": LawPack.objects.filter(code=agency.law).defer("data"),
        "years": _calendar(agency, today) if pack else [],
        "closures": agency.closures.filter(ended_at=None),
        "use_form": UsePackForm(agency=agency, auto_id="use-%s"),
        "agency_form": AgencyForm(
            initial={name: getattr(agency, name) for name in catalogue.AGENCY_FACTS}, auto_id="agency-%s"
        ),
        "closure_form": ClosureForm(auto_id="closure-%s"),
        "form": bound,
        **forms,
    }
    return render(request, "desk/law.html", context, status=422 if bound else 200)


def _calendar(agency: Agency, today: date) -> list[dict[str, object]]:
    """This year and the next, with the weekdays that do not count."""
    first = date(today.year, 1, 1)
    found = holidays(agency, first, (date(today.year + 2, 1, 1) - first).days)
    return [
        {"year": year, "days": [row for row in found if row["day"].year == year]}
        for year in (today.year, today.year + 1)
    ]


def _clock(rule: ClockRule) -> LawRow:
    more = [
        f"{toll.mode} on {toll.question.replace('_', ' ')}" for toll in rule.tolls if toll.mode != "none"
    ] + [f"extension of at most {days(row.most, row.unit)}" for row in rule.extensions]
    lengths = " or ".join(dict.fromkeys(days(row.n, rule.unit) for row in rule.lengths))
    return _row(rule.title, lengths, "; ".join(more), rule.citation, rule.verified)


def _fee(row: FeeRow) -> LawRow:
    rate = f"${row.rate}" if row.rate is not None else "actual cost or the agency’s figure"
    ceiling = f", at most ${row.max_rate}" if row.max_rate is not None else ""
    basis = row.basis.replace("_", " ")
    return _row(row.label, f"{rate}{ceiling} ({basis})", row.why, row.citation, row.verified)


def _row(title: str, length: str, more: str, citation: str | None, verified: str) -> LawRow:
    mark, tag = wording.VERIFIED[verified]
    return LawRow(title, length, more, citation or "", mark, tag)


def _marks(pack: Pack) -> list[dict[str, object]]:
    counted = Counter(rule.verified for rule in pack.clocks.values())
    counted.update(row.verified for row in pack.fees.rows)
    counted.update(row.verified for row in pack.exemptions.values())
    named = wording.VERIFIED.items()
    return [{"words": words, "tag": tag, "count": counted[mark]} for mark, (words, tag) in named]


def _force(row: Exemption, today: date) -> tuple[str, str]:
    if row.valid_from > today:
        return "Not yet", "waiting"
    if row.valid_to is not None and row.valid_to < today:
        return "Ended", "neutral"
    return "In force", "done"
