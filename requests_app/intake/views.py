"""The guided form: one topic a page, saved as a row from the first answer, filed once."""

from datetime import timedelta
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from portal.accounts import services as accounts
from portal.core.http import AuthedRequest, say
from portal.core.time import now
from requests_app.clock import selectors as clock
from requests_app.docket import selectors as docket
from requests_app.docket.models import RecordsRequest
from requests_app.docket.rules import Status
from requests_app.intake import services
from requests_app.intake.forms import StepForm
from requests_app.intake.models import FormDefinition
from requests_app.intake.rules import Form, Step, spoken
from requests_app.law.selectors import agency as the_agency

DRAFT = "intake.draft"  # where the session keeps the key of the draft being written
DRAFT_DAYS = timedelta(days=14)


@require_GET
def home(request: HttpRequest) -> HttpResponse:
    forms = FormDefinition.objects.filter(is_active=True)
    return render(request, "intake/home.html", {"forms": forms, "agency": the_agency()})


@require_http_methods(["GET", "POST"])
def start(request: HttpRequest) -> HttpResponse:
    forms = FormDefinition.objects.filter(is_active=True)
    if request.method == "POST":
        chosen = get_object_or_404(forms, code=request.POST.get("form", ""))
        draft = services.start_draft(form=chosen)
        request.session[DRAFT] = draft.key
        return redirect("intake:step", slug=services.form_of(draft).steps[0].slug)
    return render(request, "intake/start.html", {"forms": forms, "draft": _draft(request)})


@require_http_methods(["GET", "POST"])
def step(request: HttpRequest, slug: str) -> HttpResponse:
    draft = _draft(request)
    if draft is None:
        return redirect("intake:start")
    definition = services.form_of(draft)
    page = definition.step(slug)
    if page is None:
        raise Http404("There is no such page in this form.")
    form = StepForm(request.POST or None, step=page, initial=_initial(request, draft))
    if request.method == "POST" and form.is_valid():
        services.save_step(draft=draft, answers=form.answers(), step=slug)
        if "email" in form.fields and not _is_signed_in_as(request, form.cleaned_data["email"]):
            return _send_code(request, draft)
        onward = definition.after(slug)
        if onward is None or "check" in request.GET:
            return redirect("intake:check")
        return redirect("intake:step", slug=onward)
    status = 422 if form.is_bound else 200
    return render(request, "intake/step.html", _page(draft, definition, page, form), status=status)


@require_http_methods(["GET", "POST"])
def check(request: HttpRequest) -> HttpResponse:
    draft = _draft(request)
    if draft is None:
        return redirect("intake:start")
    try:
        definition = services.require_complete(draft)
    except services.Incomplete as missing:
        return redirect(f"{reverse('intake:step', args=[missing.step])}?check=1")
    if request.method == "POST":
        if not _is_signed_in_as(request, draft.answers["email"]):
            return _send_code(request, draft)
        assert request.user.is_authenticated
        filed = services.submit(draft=draft, requester=request.user, at=now())
        return redirect("intake:confirmation", key=filed.key)
    sections = [
        (page, [(field, spoken(field, draft.answers.get(field.name))) for field in page.fields])
        for page in definition.steps
    ]
    proved = _is_signed_in_as(request, draft.answers["email"])
    return render(
        request,
        "intake/check.html",
        {"draft": draft, "definition": definition, "sections": sections, "proved": proved},
    )


@require_GET
def confirmation(request: AuthedRequest, key: str) -> HttpResponse:
    filed = docket.get_visible(request.user, key)
    if request.session.get(DRAFT) == filed.key:
        del request.session[DRAFT]
    return render(
        request,
        "intake/confirmation.html",
        {"records_request": filed, "clock": clock.main_clock(filed), "item": filed.items.first()},
    )


def _draft(request: HttpRequest) -> RecordsRequest | None:
    """The draft of this session; a filed one too, so that a second submit finds what the first one made."""
    key = request.session.get(DRAFT)
    fresh = RecordsRequest.objects.filter(key=key, created_at__gte=now() - DRAFT_DAYS) if key else None
    found = fresh.select_related("agency").first() if fresh is not None else None
    if found is None or found.status == Status.DRAFT:
        return found
    user = request.user
    return found if user.is_authenticated and found.requester_id == user.pk else None


def _is_signed_in_as(request: HttpRequest, email: str) -> bool:
    user = request.user
    return user.is_authenticated and not user.is_records_staff and user.email.lower() == email.strip().lower()


def _send_code(request: HttpRequest, draft: RecordsRequest) -> HttpResponse:
    if request.user.is_authenticated:
        say(request, "You are signed in with another address. Sign out first, or use that address.")
        return redirect("intake:step", slug="contact")
    answers = draft.answers
    try:
        accounts.begin_code_sign_in(
            http_request=request, email=answers["email"], name=answers.get("name", "")
        )
    except accounts.StaffAddress as refusal:
        definition = services.form_of(draft)
        page = next(step for step in definition.steps if any(field.name == "email" for field in step.fields))
        form = StepForm(answers, step=page)
        form.add_error("email", str(refusal))
        return render(request, "intake/step.html", _page(draft, definition, page, form), status=422)
    return redirect(f"{reverse('account_confirm_login_code')}?{urlencode({'next': reverse('intake:check')})}")


def _initial(request: HttpRequest, draft: RecordsRequest) -> dict[str, str]:
    user = request.user
    known = (
        {"email": user.email, "name": user.name}
        if user.is_authenticated and not user.is_records_staff
        else {}
    )
    return {**known, **draft.answers}


def _page(draft: RecordsRequest, definition: Form, page: Step, form: StepForm) -> dict[str, object]:
    number = definition.steps.index(page) + 1
    before = definition.steps[number - 2].slug if number > 1 else None
    return {
        "draft": draft,
        "definition": definition,
        "step": page,
        "form": form,
        "number": number,
        "total": len(definition.steps) + 1,
        "before": before,
    }
