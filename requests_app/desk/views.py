"""Where the records unit works: the queue, and one request as a task list."""

from dataclasses import dataclass, replace

from django.core.paginator import Paginator
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from portal.accounts.rules import Permission
from portal.audit import services as audit
from portal.core.errors import BadInput
from portal.core.http import AuthedRequest, say
from portal.core.time import now
from requests_app.desk import actions, exports, selectors, wording
from requests_app.desk.access import require
from requests_app.desk.forms import AssignForm, FilterForm
from requests_app.desk.pages import request_page
from requests_app.desk.selectors import QueueFilter
from requests_app.docket import selectors as docket_rows
from requests_app.docket import services as docket

PAGE = 50


@dataclass(frozen=True)
class Chip:
    """One filter that is on, and the address without it."""

    words: str
    url: str


@require_GET
def queue(request: AuthedRequest) -> HttpResponse:
    require(request.user, Permission.SEE_REQUESTS)
    chosen, today = QueueFilter.read(request.GET), selectors.today()
    kinds, people = selectors.kinds(), {person.pk: str(person) for person in selectors.colleagues()}
    page = Paginator(selectors.queue(user=request.user, chosen=chosen, today=today), PAGE).get_page(
        request.GET.get("page")
    )
    counted = selectors.counts(request.user, today)
    return render(
        request,
        "desk/queue.html",
        {
            "page": page,
            "rows": [selectors.QueueRow.of(row, kinds, today) for row in page.object_list],
            "tabs": [
                {
                    "words": words,
                    "count": counted[tab],
                    "url": replace(chosen, tab=tab).address(),
                    "here": tab == chosen.tab,
                }
                for tab, words in wording.TABS.items()
            ],
            "chosen": chosen,
            "filters": FilterForm(initial=chosen.values(), kinds=kinds, people=people, auto_id="filter-%s"),
            "chips": _chips(chosen, kinds, people),
            "query": chosen.address().removeprefix("?") + "&",
            "here": f"{reverse('desk:queue')}{chosen.address()}&page={page.number}",
            "export_url": f"{reverse('desk:export')}{chosen.address()}",
            "may_claim": request.user.may(Permission.WORK_REQUESTS),
        },
    )


@require_GET
def export(request: AuthedRequest) -> StreamingHttpResponse:
    """Exactly the rows the queue shows under the same filters, as CSV, written while it is sent."""
    require(request.user, Permission.SEE_REQUESTS)
    chosen, today = QueueFilter.read(request.GET), selectors.today()
    rows = selectors.queue(user=request.user, chosen=chosen, today=today)
    audit.record(
        action="queue.exported",
        actor=request.user,
        subject=request.user,
        detail={"tab": chosen.tab, "rows": rows.count()},
    )
    response = StreamingHttpResponse(
        exports.lines(rows, selectors.kinds(), today), content_type="text/csv; charset=utf-8"
    )
    response["Content-Disposition"] = f'attachment; filename="requests-{chosen.tab}-{today}.csv"'
    return response


@require_GET
def detail(request: AuthedRequest, key: str) -> HttpResponse:
    require(request.user, Permission.SEE_REQUESTS)
    row = docket_rows.get_visible(request.user, key)
    audit.record(action="request.viewed", actor=request.user, subject=row, request_key=row.key)
    return render(request, "desk/request.html", request_page(request.user, row))


@require_POST
def act(request: AuthedRequest, key: str, action: str) -> HttpResponse:
    """One step; a refusal for what was typed brings the page back with the words still in it."""
    require(request.user, Permission.SEE_REQUESTS)
    row = docket_rows.get_visible(request.user, key)
    values = {name: str(value) for name, value in request.POST.items()}
    try:
        said = actions.perform(request=row, action=action, actor=request.user, at=now(), values=values)
    except BadInput as error:
        fresh = docket_rows.get_visible(request.user, key)  # the step may have moved the one in memory
        page = request_page(request.user, fresh, error=error, action=action, typed=values)
        return render(request, "desk/request.html", page, status=error.status)
    say(request, said)
    return redirect(_way_back(values.get("next", ""), row.key))


@require_POST
def assign(request: AuthedRequest, key: str) -> HttpResponse:
    require(request.user, Permission.SEE_REQUESTS)
    row = docket_rows.get_visible(request.user, key)
    form = AssignForm(request.POST, request=row)
    if not form.is_valid():
        raise BadInput("Choose a colleague from the list.")
    chosen = form.cleaned_data["assignee"]
    docket.assign(
        request=row, assignee=chosen, actor=request.user, expected_assignee_id=form.cleaned_data["expected"]
    )
    say(request, f"The request is with {chosen} now." if chosen else "The request is back in the pool.")
    return redirect("desk:request", key=row.key)


def _chips(chosen: QueueFilter, kinds: dict[str, str], people: dict[int, str]) -> list[Chip]:
    on = {
        "text": f"“{chosen.text}”" if chosen.text else "",
        "form": kinds.get(chosen.form, chosen.form),
        "status": wording.STATUSES[chosen.status][0] if chosen.status else "",
        "assignee": people.get(chosen.assignee, "somebody else") if chosen.assignee is not None else "",
    }
    blank: dict[str, dict[str, str | None]] = {
        "text": {"text": ""}, "form": {"form": ""}, "status": {"status": ""}, "assignee": {"assignee": None},
    }  # fmt: skip
    return [
        Chip(words, replace(chosen, **blank[name]).address())  # type: ignore[arg-type]  # names above fit
        for name, words in on.items()
        if words
    ]


def _way_back(asked: str, key: str) -> str:
    """This will give the queue the person came from, and nothing outside it; else the request's page."""
    start = reverse("desk:queue")
    return asked if asked.startswith(f"{start}?") else reverse("desk:request", args=[key])
