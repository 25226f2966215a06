"""What became of each mail, the tasks that failed mails leave, and the mail provider's door."""

from django.conf import settings
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_POST

from portal.accounts.rules import Permission
from portal.core.errors import BadInput, DomainError
from portal.core.http import AuthedRequest, say
from portal.core.time import now
from requests_app.correspondence import bounce_box, mailing, selectors
from requests_app.correspondence.access import require
from requests_app.correspondence.forms import MailFilterForm, ResolveForm
from requests_app.correspondence.models import MailState, MailTask, OutgoingMail
from requests_app.docket.recusals import without

PAGE = 50
LARGEST = 1_000_000  # bytes of one call


@require_GET
def delivery(request: AuthedRequest) -> HttpResponse:
    require(request.user, Permission.SEE_REQUESTS)
    form = MailFilterForm(request.GET, auto_id="filter-%s")
    chosen = form.cleaned_data if form.is_valid() else {}
    state, text = chosen.get("state", ""), chosen.get("q", "").strip()
    found = selectors.whole(without(selectors.mails(state=state, text=text), request.user))
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    counted = selectors.counts(without(OutgoingMail.objects.all(), request.user))
    query = request.GET.copy()
    query.pop("page", None)
    context = {
        "page": page,
        "rows": selectors.mail_rows(list(page.object_list)),
        "filters": form,
        "query": f"{query.urlencode()}&" if query else "",
        "counts": [(MailState(name).label, count) for name, count in counted.items()],
        "may_work": request.user.may(Permission.WORK_REQUESTS),
        "resolve_form": ResolveForm(auto_id=False),
    }
    return render(request, "correspondence/delivery.html", context)


@require_POST
def retry(request: AuthedRequest, pk: int) -> HttpResponse:
    require(request.user, Permission.WORK_REQUESTS)
    mail = get_object_or_404(without(OutgoingMail.objects.select_related("request"), request.user), pk=pk)
    mailing.try_again(mail=mail, actor=request.user)
    say(request, "The mail is handed over once more.")
    return redirect("correspondence:delivery")


@require_POST
def resolve(request: AuthedRequest, task: int) -> HttpResponse:
    require(request.user, Permission.WORK_REQUESTS)
    row = get_object_or_404(
        without(MailTask.objects.select_related("request", "mail"), request.user), pk=task
    )
    form = ResolveForm(request.POST)
    if not form.is_valid():
        raise BadInput("Say how it was settled, and write what was done.")
    copy = mailing.resolve(
        task=row, resolution=form.cleaned_data["resolution"], note=form.cleaned_data["note"],
        actor=request.user, at=now(),
    )  # fmt: skip
    say(request, f"Settled. The mail goes out again to {copy.to}." if copy else "Settled.")
    if row.request is not None:
        return redirect("desk:request", key=row.request.key)
    return redirect("correspondence:delivery")


@csrf_exempt
@require_POST
def webhook(request: HttpRequest) -> HttpResponse:
    """Events of a mail provider: signed, entered once each. Without a secret there is no such address."""
    if not settings.MAIL_WEBHOOK_SECRET:
        raise Http404("No mail provider is set up.")
    try:
        length = request.headers.get("Content-Length") or "0"
        if not (length.isascii() and length.isdigit() and len(length) < 12 and int(length) <= LARGEST):
            raise BadInput("A call has at most a million bytes.")
        at = now()
        bounce_box.verify(
            body=request.body,
            timestamp=request.headers.get("X-Daylight-Timestamp", ""),
            signature=request.headers.get("X-Daylight-Signature", ""),
            at=at,
        )
        tally = bounce_box.receive(body=request.body, at=at)
    except DomainError as refusal:
        return JsonResponse({"error": refusal.code, "message": str(refusal)}, status=refusal.status)
    return JsonResponse({"heard": tally.heard, "again": tally.again, "left": tally.left})
