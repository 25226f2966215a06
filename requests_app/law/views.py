"""The law room's first page: what is in use, by whose decision, what counsel still has to adopt."""

from datetime import date
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from portal.accounts.rules import Permission
from portal.core.errors import BadInput
from portal.core.forms import DaylightForm
from portal.core.http import AuthedRequest, say
from portal.core.time import now
from requests_app.law import catalogue, presentation, selectors, services
from requests_app.law.forms import AgencyForm, UsePackForm
from requests_app.law.models import Agency, LawPack, PackDraft
from requests_app.law.policies import require, require_reader
from requests_app.law.wording import date_of


@require_GET
def index(request: AuthedRequest) -> HttpResponse:
    require_reader(request.user)
    return _page(request)


@require_POST
def use(request: AuthedRequest) -> HttpResponse:
    """Record the decision which version holds for requests received from now on."""
    require(request.user, Permission.ADMINISTER)
    agency = selectors.agency()
    form = UsePackForm(request.POST, agency=agency, auto_id="use-%s")
    if form.is_valid():
        given = form.cleaned_data
        chosen: LawPack = given["pack"]
        try:
            services.use_pack(
                agency=agency, pack=chosen, actor=request.user, at=now(), reason=given["reason"],
                as_drafts=given["as_drafts"], other_law=given["other_law"],
            )  # fmt: skip
        except services.DraftsUndecided as refusal:
            form.add_error("as_drafts", str(refusal))
        except BadInput as refusal:
            form.add_error("pack", str(refusal))
        else:
            from_on = max(chosen.effective_from, today(agency))
            say(request, f"{chosen} is in use for requests received from {date_of(from_on)} on.")
            return redirect("law:index")
    return _page(request, use_form=form)


@require_POST
def edit_agency(request: AuthedRequest) -> HttpResponse:
    require(request.user, Permission.ADMINISTER)
    form = AgencyForm(request.POST, auto_id="agency-%s")
    if form.is_valid():
        changed = catalogue.edit_agency(
            agency=selectors.agency(), actor=request.user, facts=form.cleaned_data
        )
        say(request, "The agency’s facts are changed." if changed else "Nothing was different.")
        return redirect("law:index")
    return _page(request, agency_form=form)


@require_GET
def public(request: HttpRequest) -> HttpResponse:
    """The law we work under, for everybody: in plain words, with marks and counsel's adoption."""
    agency = selectors.agency()
    pack = selectors.pack_in_use(agency)
    shown = [
        page
        for page in presentation.version_sections(agency, pack)
        if page.id.partition("/")[0] in {"clocks", "calendar", "exemptions", "appeals", "retention"}
    ]
    context = {"office": agency, "pack": pack, "disclaimer": pack.data["disclaimer"], "sections": shown}
    return render(request, "law/public.html", context)


def today(agency: Agency) -> date:
    """This will give the agency's own date."""
    return timezone.localdate(timezone=ZoneInfo(agency.time_zone))


def _page(request: AuthedRequest, **forms: DaylightForm) -> HttpResponse:
    agency = selectors.agency()
    on = today(agency)
    decision = selectors.decision_in_force(agency, on)
    pages = presentation.version_sections(agency, decision.pack) if decision else []
    latest = agency.adoptions.select_related("pack").order_by("-decided_at", "-pk").first()
    bound = next((form for form in forms.values() if form.errors), None)
    context = {
        "office": agency,
        "decision": decision,
        "coming": latest if latest != decision else None,
        "pack": decision.pack if decision else None,
        "disclaimer": decision.pack.data["disclaimer"] if decision else "",
        "sections": pages,
        "counts": presentation.counts(pages),
        "marks": presentation.marks(pages),
        "versions": LawPack.objects.filter(code=agency.law).defer("data").select_related("published_by"),
        "others": presentation.other_laws(agency),
        "drafts": PackDraft.objects.defer("data").select_related("updated_by", "base"),
        "years": presentation.calendar_years(agency, on) if decision else [],
        "may_edit": request.user.may(Permission.ADMINISTER),
        "use_form": UsePackForm(agency=agency, auto_id="use-%s"),
        "agency_form": AgencyForm(
            initial={name: getattr(agency, name) for name in catalogue.AGENCY_FACTS}, auto_id="agency-%s"
        ),
        "form": bound,
        **forms,
    }
    return render(request, "law/index.html", context, status=422 if bound else 200)
