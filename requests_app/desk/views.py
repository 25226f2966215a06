"""Where the records unit works: the queue, and one request as a task list."""

from dataclasses import replace
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from portal.accounts.models import User
from portal.accounts.rules import Permission
from portal.audit import services as audit
from portal.core.errors import BadInput, NotAllowed
from portal.core.http import AuthedRequest, say
from portal.core.time import now
from redaction.plans.models import Review
from requests_app.clock import selectors as clock
from requests_app.custody.selectors import holds_in_force, records_of
from requests_app.desk import actions, rules, selectors
from requests_app.desk.forms import AssignForm, BodyForm, ExtendForm, NoteForm, ReasonForm
from requests_app.desk.selectors import QueueFilter
from requests_app.docket import selectors as docket_rows
from requests_app.docket import services as docket
from requests_app.docket.models import RecordsRequest
from requests_app.docket.rules import REQUEST, Status
from requests_app.fees import selectors as fees
from requests_app.intake import services as intake
from requests_app.intake.models import FormDefinition
from requests_app.intake.rules import spoken

PAGE = 50

TASK_PAGES = {
    "fee": "fees:worksheet",
    "release": "release:staff",
}  # the other tasks are done on the request's own page


@require_GET
def queue(request: AuthedRequest) -> HttpResponse:
    _require_desk(request.user)
    chosen, today = _filter(request), timezone.localdate()
    rows = selectors.queue(user=request.user, chosen=chosen, today=today)
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    counted = selectors.counts(request.user, today)
    return render(
        request,
        "desk/queue.html",
        {
            "page": page,
            "rows": [(row, selectors.lateness(row, today)) for row in page.object_list],
            "chosen": chosen,
            "tabs": [(tab, counted[tab], _address(replace(chosen, tab=tab))) for tab in selectors.TABS],
            "forms": FormDefinition.objects.filter(is_active=True),
            "statuses": [status.value for status in Status if status != Status.DRAFT],
            "query": urlencode({key: value for key, value in request.GET.items() if key != "page"}),
            "today": today,
        },
    )


@require_GET
def detail(request: AuthedRequest, key: str) -> HttpResponse:
    _require_desk(request.user)
    row = docket_rows.get_visible(request.user, key)
    audit.record(action="request.viewed", actor=request.user, subject=row, request_key=row.key)
    return render(request, "desk/request.html", page_of(request, row))


@require_POST
def act(request: AuthedRequest, key: str, action: str) -> HttpResponse:
    _require_desk(request.user)
    row = docket_rows.get_visible(request.user, key)
    values = {name: str(value) for name, value in request.POST.items()}
    try:
        said = actions.perform(request=row, action=action, actor=request.user, at=now(), values=values)
    except BadInput as error:
        return render(
            request,
            "desk/request.html",
            page_of(request, row, error=error, typed=values),
            status=error.status,
        )
    say(request, said)
    return redirect("desk:request", key=row.key)


@require_POST
def assign(request: AuthedRequest, key: str) -> HttpResponse:
    _require_desk(request.user)
    row = docket_rows.get_visible(request.user, key)
    form = AssignForm(request.POST)
    if not form.is_valid():
        raise BadInput("Choose a colleague from the list.")
    chosen = form.cleaned_data["assignee"]
    docket.assign(
        request=row, assignee=chosen, actor=request.user, expected_assignee_id=form.cleaned_data["expected"]
    )
    say(request, f"The request is with {chosen} now." if chosen else "The request is back in the pool.")
    return redirect("desk:request", key=row.key)


def page_of(
    request: AuthedRequest,
    row: RecordsRequest,
    *,
    error: BadInput | None = None,
    typed: dict[str, str] | None = None,
) -> dict[str, object]:
    """What the request page shows to staff."""
    facts = selectors.work_facts(row)
    zone = ZoneInfo(row.agency.time_zone)
    today = timezone.localdate(timezone=zone)
    definition = intake.form_of(row)
    records = records_of(row).select_related("review")
    return {
        "records_request": row,
        "tasks": [{"title": task.title, "status": task.status, "kind": task.kind, "note": task.note,
                   "blocked_reason": task.blocked_reason, "slug": task.slug, "url": _task_url(task.slug, row)}
                  for task in rules.tasks(facts)],
        "facts": facts,
        "moves": set(REQUEST.actions(row.status)),
        "lateness": selectors.lateness(row, today),
        "clocks": clock.derivations(row, on=today),
        "answers": [(field.label, text) for field in definition.fields()
                    if (text := spoken(field, row.answers.get(field.name),
                                       masked=not request.user.may(Permission.WORK_REQUESTS)))],
        "items": row.items.all(),
        "records": [(record, _review(record)) for record in records],
        "holds": holds_in_force(row),
        "preservation": row.preservation_tasks.all(),
        "messages_of_request": row.messages.select_related("author"),
        "letters": row.letters.all(),
        "notes": row.notes.select_related("author"),
        "timeline": docket_rows.timeline(row, for_requester=False),
        "fee": fees.summary(row),
        "error": error,
        "typed": typed or {},
        "tell_form": BodyForm.fresh(prefix="tell"),
        "ask_form": BodyForm.fresh(prefix="ask"),
        "note_form": NoteForm(auto_id="note-%s"),
        "extend_form": ExtendForm(auto_id="extend-%s"),
        "reason_form": ReasonForm(auto_id="reason-%s"),
        "assign_form": AssignForm(initial={"assignee": row.assignee_id, "expected": row.assignee_id},
                                  auto_id="assign-%s"),
    }  # fmt: skip


def _review(record: object) -> Review | None:
    return getattr(record, "review", None)


def _task_url(slug: str, row: RecordsRequest) -> str:
    name = TASK_PAGES.get(slug)
    return reverse(name, args=[row.key]) if name else f"#{slug}"


def _filter(request: AuthedRequest) -> QueueFilter:
    tab = request.GET.get("tab", "open")
    assignee = request.GET.get("assignee", "")
    return QueueFilter(
        tab=tab if tab in selectors.TABS else "open",
        form=request.GET.get("form", "")[:32],
        status=request.GET.get("status", "")[:16],
        text=request.GET.get("q", "").strip()[:100],
        assignee=int(assignee) if assignee.isdigit() else None,
    )


def _address(chosen: QueueFilter) -> str:
    parts = {"tab": chosen.tab, "form": chosen.form, "status": chosen.status, "q": chosen.text}
    return "?" + urlencode({key: value for key, value in parts.items() if value})


def _require_desk(user: User) -> None:
    """:raises NotAllowed: for staff whose role does not see requests."""
    if not user.may(Permission.SEE_REQUESTS):
        raise NotAllowed("Your role does not include requests.")
