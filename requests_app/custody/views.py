from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from portal.audit import services as audit
from portal.core import files
from portal.core.errors import BadInput, DomainError, NotAllowed
from portal.core.http import AuthedRequest, say
from portal.core.time import now
from requests_app.custody import policies, selectors, services
from requests_app.custody.destroying import require_exists
from requests_app.custody.downloads import unredacted
from requests_app.custody.forms import AddRecordForm, AttestForm
from requests_app.custody.models import PreservationTask
from requests_app.docket import selectors as docket


def add(request: AuthedRequest, key: str) -> HttpResponse:
    """Staff add one file to a request."""
    records_request = docket.get_visible(request.user, key)
    form = AddRecordForm(request.POST or None, request.FILES or None, records_request=records_request)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            sent = form.cleaned_data
            try:
                record = services.add_record(
                    request=records_request,
                    upload=sent["file"],
                    title=sent["title"],
                    item=sent["item"],
                    source_agency=sent["source_agency"],
                    actor=request.user,
                    at=now(),
                )
            except DomainError as refusal:
                form.add_error("file", str(refusal))
                status = refusal.status
            else:
                say(request, f"Record {record.position}, “{record.title}”, was added.")
                return redirect("workbench:records", key=records_request.key)
    context = {
        "form": form,
        "records_request": records_request,
        "may_add": policies.may_add(request.user, records_request),
    }
    return render(request, "custody/add.html", context, status=status)


@require_GET
def original(request: AuthedRequest, key: str) -> FileResponse:
    """The unredacted file, for staff whose work needs it: as an attachment that no page can run."""
    record = selectors.get_record(request.user, key)
    require_exists(record)
    if not policies.may_fetch_original(request.user, record):
        audit.record_denied(
            action="custody.original_fetched",
            actor=request.user,
            subject=record,
            request_key=record.request.key,
            why=NotAllowed.code,
        )
        raise NotAllowed("Your role does not include fetching unredacted files.")
    return unredacted(request.user, record, files.Stored.of(record), "original")


@require_POST
def attest(request: AuthedRequest, key: str, task: int) -> HttpResponse:
    """Staff confirm that a recording is kept past its destruction date."""
    records_request = docket.get_visible(request.user, key)
    row = PreservationTask.objects.select_related("request").filter(request=records_request, pk=task).first()
    if row is None:
        raise Http404
    form = AttestForm(request.POST)
    if not form.is_valid():
        raise BadInput("Give the ticket number or hash that shows the recording is kept.")
    services.attest_preserved(task=row, actor=request.user, at=now(), evidence=form.cleaned_data["evidence"])
    say(request, "Preservation confirmed.")
    return redirect("workbench:records", key=records_request.key)
