"""Pages for auditors and administrators: the audit chain, and how the site is."""

from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from portal.accounts.rules import Permission
from portal.audit.services import Verdict
from portal.core.http import AuthedRequest, say
from portal.core.models import Job, JobState
from requests_app.desk import oversight
from requests_app.desk.access import require
from requests_app.desk.admin_forms import AuditFilterForm
from requests_app.docket.models import RecordsRequest

PAGE = 50
SHOWN = 100  # stuck jobs and failed mails on one page; the counts are always whole


@require_GET
def audit_trail(request: AuthedRequest) -> HttpResponse:
    require(request.user, Permission.READ_AUDIT)
    return _audit_page(request)


@require_POST
def verify(request: AuthedRequest) -> HttpResponse:
    require(request.user, Permission.READ_AUDIT)
    return _audit_page(request, verdict=oversight.verify_chain(actor=request.user))


@require_GET
def health(request: AuthedRequest) -> HttpResponse:
    require(request.user, Permission.ADMINISTER)
    stuck, mails = oversight.stuck_jobs(), oversight.failed_mails(request.user)
    context = {
        "states": [state.label for state in JobState],
        "queues": oversight.jobs_by_state(),
        "stuck": stuck[:SHOWN],
        "stuck_count": stuck.count(),
        "mails": mails[:SHOWN],
        "mail_count": len(mails),
        "disk": oversight.disk(),
        "broker": oversight.broker_answers(),
    }
    return render(request, "desk/health.html", context)


@require_POST
def retry(request: AuthedRequest, pk: int) -> HttpResponse:
    require(request.user, Permission.ADMINISTER)
    job = get_object_or_404(Job, pk=pk)
    oversight.retry(job=job, actor=request.user)
    say(request, f"Job {job.pk} waits for a worker again.")
    return redirect("desk:health")


def _audit_page(request: AuthedRequest, verdict: Verdict | None = None) -> HttpResponse:
    form = AuditFilterForm(request.GET, auto_id="filter-%s")
    chosen = {name: value.strip() for name, value in form.cleaned_data.items()} if form.is_valid() else {}
    before = request.GET.get("before", "")
    start = int(before) if before.isascii() and before.isdigit() and len(before) < 18 else None
    found = list(oversight.entries(reader=request.user, **chosen, before=start)[: PAGE + 1])
    rows = found[:PAGE]
    keys = {row.request_key for row in rows if row.request_key}
    numbers = dict(RecordsRequest.objects.filed().filter(key__in=keys).values_list("key", "number"))
    older = ""
    if len(found) > PAGE:
        older = "?" + urlencode({**{k: v for k, v in chosen.items() if v}, "before": rows[-1].seq})
    context = {
        "rows": [{"entry": row, "number": numbers.get(row.request_key, "")} for row in rows],
        "filters": form,
        "older": older,
        "narrowed": any(chosen.values()),
        "verdict": verdict,
    }
    return render(request, "desk/audit.html", context)
