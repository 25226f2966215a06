"""The guided form: one topic a page, saved as a row from the first answer, filed once."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from portal.accounts import services as accounts
from portal.core.http import AuthedRequest, client_ip
from portal.core.throttle import limited, refuse, too_many
from portal.core.time import now
from requests_app.clock import selectors as clock
from requests_app.custody.selectors import destroyed_before
from requests_app.docket import selectors as docket
from requests_app.docket.models import RecordsRequest
from requests_app.docket.rules import Status
from requests_app.intake import selectors, services
from requests_app.intake.forms import StartForm, StepForm
from requests_app.intake.rules import Form, Step, spoken
from requests_app.law.selectors import agency as the_agency
from requests_app.law.selectors import pack_in_use, parsed

DRAFT = "intake.draft"  # where the session keeps the key of the draft being written


@require_GET
def home(request: HttpRequest) -> HttpResponse:
    agency = the_agency()
    return render(
        request,
        "intake/home.html",
        {
            "forms": selectors.active_forms(),
            "agency": agency,
            "if_filed_now": clock.if_filed(agency, at=now()),
            "law": parsed(pack_in_use(agency)),
        },
    )


@require_http_methods(["GET", "POST"])
@limited("intake.start", ip="60/10m", user="60/10m")
def start(request: HttpRequest) -> HttpResponse:
    forms = selectors.active_forms()
    choices = [(row.code, row.data["title"]) for row in forms]
    initial = {"form": request.GET.get("form", "")}
    form = StartForm(request.POST or None, choices=choices, initial=initial)
    if request.method == "POST" and form.is_valid():
        chosen = get_object_or_404(forms, code=form.cleaned_data["form"])
        draft = services.start_draft(form=chosen, requester=selectors.requester(request.user))
        request.session[DRAFT] = draft.key
        return redirect("intake:step", slug=services.form_of(draft).steps[0].slug)
    draft_now = _draft(request)
    unfinished = draft_now if draft_now is not None and draft_now.status == Status.DRAFT else None
    page = {
        "form": form,
        "forms": forms,
        "chosen": form["form"].value(),
        "draft": unfinished,
        "draft_url": selectors.next_page(unfinished) if unfinished else "",
    }
    return render(request, "intake/start.html", page, status=422 if form.is_bound else 200)


@require_POST
def resume(request: AuthedRequest, key: str) -> HttpResponse:
    """Take up a draft of one's own again, also in another browser."""
    draft = get_object_or_404(selectors.drafts_of(request.user), key=key)
    request.session[DRAFT] = draft.key
    return redirect(selectors.next_page(draft))


@require_http_methods(["GET", "POST"])
@limited("intake.step", ip="240/10m", user="240/10m")
def step(request: HttpRequest, slug: str) -> HttpResponse:
    draft = _draft(request)
    if draft is None:
        return redirect("intake:start")
    if draft.status != Status.DRAFT:
        return redirect("intake:confirmation", key=draft.key)
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
@limited("intake.submit", ip="120/10m", user="60/10m")
def check(request: HttpRequest) -> HttpResponse:
    draft = _draft(request)
    if draft is None:
        return redirect("intake:start")
    if draft.status != Status.DRAFT:
        return redirect("intake:confirmation", key=draft.key)
    try:
        definition = services.require_complete(draft)
    except services.Incomplete as missing:
        return redirect(f"{reverse('intake:step', args=[missing.step])}?check=1")
    proved = _is_signed_in_as(request, draft.answers["email"])
    if request.method == "POST":
        if not proved:
            return _send_code(request, draft)
        assert request.user.is_authenticated  # noqa: S101  proved says so
        filed = services.submit(draft=draft, requester=request.user, at=now())
        return redirect("intake:confirmation", key=filed.key)
    if proved and request.user.is_authenticated:
        services.keep_for(draft=draft, requester=request.user)
    page = {
        "draft": draft,
        "definition": definition,
        "sections": _sections(draft, definition),
        "proved": proved,
        "email": draft.answers["email"],
        "back": definition.steps[-1].slug,
        "if_filed_now": clock.if_filed(
            draft.agency, at=now(), record_type=services.record_type(draft.answers)
        ),
    }
    return render(request, "intake/check.html", page)


@require_GET
def confirmation(request: AuthedRequest, key: str) -> HttpResponse:
    filed = docket.get_visible(request.user, key)
    return render(
        request,
        "intake/confirmation.html",
        {
            "records_request": filed,
            "agency": filed.agency,
            "clock": clock.main_clock(filed),
            "item": filed.items.first(),
            "preservation": filed.preservation_tasks.order_by("destroy_on", "pk"),
            "destroyed": destroyed_before(filed),
        },
    )


def _draft(request: HttpRequest) -> RecordsRequest | None:
    """The draft of this session; a filed one too, so that a second submit finds what the first one made."""
    return selectors.draft_in_session(str(request.session.get(DRAFT, "")), request.user)


def _is_signed_in_as(request: HttpRequest, email: str) -> bool:
    user = selectors.requester(request.user)
    return user is not None and user.email.lower() == email.strip().lower()


def _send_code(request: HttpRequest, draft: RecordsRequest) -> HttpResponse:
    definition, answers = services.form_of(draft), draft.answers
    page = next(step for step in definition.steps if any(field.name == "email" for field in step.fields))
    if request.user.is_authenticated:
        words = (
            f"You are signed in as {request.user.email}. Use that address here, or sign out first and start"
            " again with the other one."
        )
        messages.warning(request, words)
        return redirect("intake:step", slug=page.slug)
    if too_many(request, "intake.code", per="ip", key=client_ip(request), rate="40/10m") or too_many(
        request, "intake.code", per="email", key=answers["email"], rate="6/h"
    ):
        return refuse(request)
    try:
        accounts.begin_code_sign_in(
            http_request=request, email=answers["email"], name=answers.get("name", "")
        )
    except accounts.StaffAddress as refusal:
        form = StepForm(answers, step=page)
        form.add_error("email", str(refusal))
        return render(request, "intake/step.html", _page(draft, definition, page, form), status=422)
    return redirect(f"{reverse('account_confirm_login_code')}?{urlencode({'next': reverse('intake:check')})}")


def _initial(request: HttpRequest, draft: RecordsRequest) -> dict[str, str]:
    user = selectors.requester(request.user)
    known = {"email": user.email, "name": user.name} if user is not None else {}
    return {**known, **draft.answers}


def _sections(draft: RecordsRequest, definition: Form) -> list[dict[str, Any]]:
    """The summary list of the check page: a section for each step, a row with its “Change” for each field."""
    return [
        {
            "title": page.title,
            "rows": [
                {
                    "label": field.label.rstrip("?"),
                    "value": spoken(field, draft.answers.get(field.name)) or "Not given",
                    "change_url": f"{reverse('intake:step', args=[page.slug])}?check=1",
                }
                for field in page.fields
            ],
        }
        for page in definition.steps
    ]


def _page(draft: RecordsRequest, definition: Form, page: Step, form: StepForm) -> dict[str, object]:
    number = definition.steps.index(page) + 1
    before = definition.steps[number - 2].slug if number > 1 else None
    total = len(definition.steps) + 1  # the last one is the check page
    return {
        "draft": draft,
        "definition": definition,
        "step": page,
        "form": form,
        "number": number,
        "total": total,
        "places": range(1, total + 1),
        "before": before,
    }
