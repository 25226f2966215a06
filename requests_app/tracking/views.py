"""The requester's own pages: the list, one request, the thread."""

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from portal.audit import services as audit
from portal.core.http import AuthedRequest, say
from portal.core.time import now
from requests_app.clock import selectors as clock
from requests_app.docket import selectors as docket
from requests_app.docket.models import RecordsRequest
from requests_app.intake import services as intake
from requests_app.intake.rules import spoken
from requests_app.tracking import policies, rules, services
from requests_app.tracking.forms import MessageForm


@require_GET
def requests(request: AuthedRequest) -> HttpResponse:
    mine = RecordsRequest.objects.filed().filter(requester=request.user).order_by("-received_at")
    rows = [(row, rules.current(row.status)) for row in mine]
    return render(request, "tracking/list.html", {"rows": rows, "today": timezone.localdate()})


@require_GET
def detail(request: AuthedRequest, key: str) -> HttpResponse:
    row = docket.get_visible(request.user, key)
    audit.record(action="request.viewed", actor=request.user, subject=row, request_key=row.key)
    return render(request, "tracking/request.html", page(request, row, MessageForm.fresh()))


@require_POST
def message(request: AuthedRequest, key: str) -> HttpResponse:
    row = docket.get_visible(request.user, key)
    policies.require_requester(request.user, row)
    form = MessageForm(request.POST)
    if not form.is_valid():
        return render(request, "tracking/request.html", page(request, row, form), status=422)
    services.send_message(
        request=row, author=request.user, body=form.cleaned_data["body"], at=now(),
        idempotency_key=form.cleaned_data["token"],
    )  # fmt: skip
    say(request, "Your message is sent.")
    return redirect("tracking:request", key=row.key)


@require_http_methods(["GET", "POST"])
def withdraw(request: AuthedRequest, key: str) -> HttpResponse:
    row = docket.get_visible(request.user, key)
    policies.require_requester(request.user, row)
    if request.method == "POST":
        services.withdraw(request=row, actor=request.user, at=now())
        say(request, f"Request {row.number} is withdrawn.")
        return redirect("tracking:request", key=row.key)
    return render(request, "tracking/withdraw.html", {"records_request": row, "clock": clock.main_clock(row)})


def page(request: AuthedRequest, row: RecordsRequest, form: MessageForm) -> dict[str, object]:
    """What the request page shows; internal notes are not asked for, so they cannot be shown."""
    today = timezone.localdate()
    definition = intake.form_of(row)
    return {
        "records_request": row,
        "stages": rules.STAGES,
        "stage": rules.current(row.status),
        "place": rules.place(row.status),
        "ending": rules.ENDINGS.get(row.disposition, ""),
        "clocks": clock.derivations(row, on=today),
        "timeline": docket.timeline(row, for_requester=True),
        "messages_of_request": row.messages.select_related("author"),
        "letters": row.letters.all(),
        "items": row.items.all(),
        "answers": [(field.label, text) for field in definition.fields()
                    if (text := spoken(field, row.answers.get(field.name)))],
        "preservation": row.preservation_tasks.all(),
        "form": form,
        "is_requester": policies.is_requester(request.user, row),
    }  # fmt: skip
