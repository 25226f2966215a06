"""Who may be the second person and who must not see at all; and the answers to what she pinned to marks."""

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from portal.accounts.models import User
from portal.accounts.rules import Permission
from portal.core.errors import BadInput
from portal.core.http import AuthedRequest, say
from portal.core.time import now
from redaction.plans import closed, invitations, pins
from redaction.plans.models import Invitation, Pin
from redaction.plans.recusal import recuse
from redaction.workbench.answers import answer, answering, sent
from redaction.workbench.insight import require_result
from redaction.workbench.page import look_into, open_review
from redaction.workbench.review_forms import EndForm, InviteForm, RecuseForm
from requests_app.custody import selectors as custody
from requests_app.docket import recusals
from requests_app.docket import selectors as docket
from requests_app.docket.models import RecordsRequest, Recusal


@require_POST
def invite(request: AuthedRequest, key: str) -> HttpResponse:
    """Ask one person to be the second for this record."""
    review = open_review(request.user, key)
    form = InviteForm(request.POST, people=invitations.candidates(review, request.user))
    if not form.is_valid():
        if not invitations.may_invite(request.user, review):
            raise Http404
        raise BadInput("Choose a person from the list and say why.")
    row = invitations.invite(review=review, by=request.user, at=now(), **form.cleaned_data)
    say(request, f"{row.person} may decide about this record until {row.expires_at:%B} {row.expires_at.day}.")
    return redirect("workbench:review", key=key)


@require_POST
def uninvite(request: AuthedRequest, key: str, invitation: int) -> HttpResponse:
    review = open_review(request.user, key)
    row = get_object_or_404(Invitation.objects.select_related("review"), pk=invitation, review=review)
    invitations.take_back(invitation=row, by=request.user, at=now())
    say(request, "The invitation is taken back.")
    return redirect("workbench:review", key=key)


@require_GET
@answering
def pinned(request: AuthedRequest, key: str) -> HttpResponse:
    """What was pinned to the marks of a record, answered or not."""
    review = open_review(request.user, key)
    require_result(request.user, review)
    rows = closed.rows_shown(pins.of_review(review), "text", "answer", shut=closed.is_shut(review))
    return answer({"pins": [pins.shown(pin) for pin in rows]})


@require_POST
@answering
def resolve(request: AuthedRequest, key: str, pin: int) -> HttpResponse:
    """Say that what was asked for at a mark is done."""
    review = look_into(request.user, key)
    row = Pin.objects.select_related("send_back__review").filter(pk=pin, send_back__review=review).first()
    if row is None:
        raise Http404
    said = sent(request) if request.content_type == "application/json" else request.POST
    words = said.get("answer", "")
    if not isinstance(words, str):
        raise BadInput("Say in words what was done.")
    pins.resolve(pin=row, actor=request.user, at=now(), answer=words)
    return answer({"pins": [pins.shown(one) for one in pins.of_review(review)]})


@require_http_methods(["GET", "POST"])
def recused(request: AuthedRequest, key: str) -> HttpResponse:
    """Who must not see a request, and why; a POST adds one. The person herself finds no such page."""
    case = _case(request, key)
    form = _form(request, case)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        record = custody.records_of(case).filter(key=given["record"]).first() if given["record"] else None
        try:
            row = recuse(
                person=given["person"], request=case, ground=given["ground"], why=given["why"],
                by=request.user, at=now(), record=record,
            )  # fmt: skip
        except BadInput as refusal:
            form.add_error(None, str(refusal))
        else:
            if row.person_id == request.user.pk:
                say(request, "You are recused. The request is hidden from you now.")
                return redirect("desk:queue")
            say(request, f"{row.person} does not see this request any more.")
            return redirect("workbench:recusals", key=key)
    titles = {record.sha256: record.title for record in custody.records_of(case)}
    rows = [
        {"row": row, "record": titles.get(row.record_sha256, ""), "mine": row.person_id == request.user.pk}
        for row in recusals.of_request(case)
    ]
    page = {
        "records_request": case,
        "rows": rows,
        "form": form,
        "end_form": EndForm(auto_id=False),
        "may_end": request.user.may(Permission.RECUSE),
    }
    return render(request, "workbench/review_recusals.html", page, status=422 if form.errors else 200)


@require_POST
def end_recusal(request: AuthedRequest, key: str, recusal: int) -> HttpResponse:
    case = _case(request, key)
    row = get_object_or_404(Recusal.objects.select_related("request", "person"), pk=recusal, request=case)
    form = EndForm(request.POST)
    if not form.is_valid():
        raise BadInput("Say why it ends, so that it can be judged later.")
    recusals.end(recusal=row, by=request.user, why=form.cleaned_data["why"], at=now())
    say(request, f"{row.person} may see this request again.")
    return redirect("workbench:recusals", key=key)


def _case(request: AuthedRequest, key: str) -> RecordsRequest:
    case = docket.get_visible(request.user, key)
    if not request.user.may(Permission.SEE_REQUESTS):
        raise Http404
    return case


def _form(request: AuthedRequest, case: RecordsRequest) -> RecuseForm:
    people = User.objects.get_queryset().staff().filter(is_active=True).order_by("name", "pk")
    if not request.user.may(Permission.RECUSE):
        people = people.filter(pk=request.user.pk)
    records = [(record.key, record.title) for record in custody.records_of(case)]
    return RecuseForm(request.POST or None, people=people, records=records)


urlpatterns = [
    path("desk/records/<str:key>/review/invite/", invite, name="invite"),
    path("desk/records/<str:key>/review/invite/<int:invitation>/end/", uninvite, name="uninvite"),
    path("desk/records/<str:key>/pins/", pinned, name="pins"),
    path("desk/records/<str:key>/pins/<int:pin>/", resolve, name="resolve-pin"),
    path("desk/requests/<str:key>/recusals/", recused, name="recusals"),
    path("desk/requests/<str:key>/recusals/<int:recusal>/end/", end_recusal, name="end-recusal"),
]
