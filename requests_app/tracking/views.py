"""The requester's own pages: the list, one request, the thread."""

from django.http import FileResponse, Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.safestring import mark_safe
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from portal.audit import services as audit
from portal.core import files
from portal.core.errors import IllegalMove
from portal.core.http import AuthedRequest, say
from portal.core.throttle import limited
from portal.core.time import now
from requests_app.clock import selectors as clock
from requests_app.correspondence.models import Letter
from requests_app.docket import selectors as docket
from requests_app.docket.models import RecordsRequest
from requests_app.intake import selectors as intake
from requests_app.tracking import policies, selectors, services
from requests_app.tracking.forms import MessageForm


@require_GET
def requests(request: AuthedRequest) -> HttpResponse:
    drafts = [(draft, intake.next_page(draft)) for draft in intake.drafts_of(request.user)]
    rows = selectors.rows_of(request.user)
    return render(request, "tracking/list.html", {"rows": rows, "drafts": drafts})


@require_GET
def detail(request: AuthedRequest, key: str) -> HttpResponse:
    row = docket.get_visible(request.user, key)
    audit.record(action="request.viewed", actor=request.user, subject=row, request_key=row.key)
    page = selectors.page(row, request.user, MessageForm.fresh())
    return render(request, "tracking/request.html", page)


@require_POST
@limited("tracking.message", ip="120/10m", user="30/10m")
def message(request: AuthedRequest, key: str) -> HttpResponse:
    row = docket.get_visible(request.user, key)
    policies.require_requester(request.user, row)
    form = MessageForm(request.POST)
    if not form.is_valid():
        return render(request, "tracking/request.html", selectors.page(row, request.user, form), status=422)
    services.send_message(
        request=row, author=request.user, body=form.cleaned_data["body"], at=now(),
        idempotency_key=form.cleaned_data["token"],
    )  # fmt: skip
    say(request, "Your message is sent.")
    return redirect("tracking:request", key=row.key)


@require_GET
def letter(request: AuthedRequest, key: str, letter: int) -> HttpResponseBase:
    """The tagged PDF of a letter, checked against its hash before a byte leaves."""
    row = docket.get_visible(request.user, key)
    found = _letter(row, letter)
    stored = selectors.pdf_of(found)
    path = files.require_intact(stored)
    audit.record(
        action="letter.viewed", actor=request.user, subject=found, request_key=row.key,
        detail={"sha256": stored.sha256},
    )  # fmt: skip
    return FileResponse(
        path.open("rb"),
        as_attachment=True,
        filename=f"{row.number}-{found.kind}-{found.pk}.pdf",
        content_type="application/pdf",
    )


@require_GET
def letter_page(request: AuthedRequest, key: str, letter: int) -> HttpResponse:
    """A letter as a page, word for word as it was sent."""
    row = docket.get_visible(request.user, key)
    found = _letter(row, letter)
    if not found.body:
        raise Http404("This letter is kept as PDF alone.")
    audit.record(action="letter.viewed", actor=request.user, subject=found, request_key=row.key)
    # escaped field by field when it was written
    context = {"records_request": row, "letter": found, "body": mark_safe(found.body)}  # noqa: S308  see above
    return render(request, "tracking/letter.html", context)


def _letter(row: RecordsRequest, pk: int) -> Letter:
    """Letters to somebody whom a record names are not hers to see: none, as if there were no such letter."""
    found = row.letters.shown_to_requester().filter(pk=pk).first()
    if found is None:
        raise Http404("There is no such letter.")
    return found


@require_http_methods(["GET", "POST"])
def withdraw(request: AuthedRequest, key: str) -> HttpResponse:
    row = docket.get_visible(request.user, key)
    policies.require_requester(request.user, row)
    if not row.is_open:
        raise IllegalMove("This request is closed already, so there is nothing to withdraw.")
    if request.method == "POST":
        services.withdraw(request=row, actor=request.user, at=now())
        say(request, f"Request {row.number} is withdrawn.")
        return redirect("tracking:request", key=row.key)
    return render(request, "tracking/withdraw.html", {"records_request": row, "clock": clock.main_clock(row)})
