"""The requester's fee page, paying, and what payment services tell us."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from portal.audit import services as audit
from portal.core.errors import BadInput
from portal.core.http import AuthedRequest, say
from portal.core.time import now
from requests_app.docket import selectors as docket
from requests_app.docket.models import RecordsRequest
from requests_app.fees import gateways, payments, selectors, services
from requests_app.fees.forms import AnswerForm
from requests_app.fees.gateways import demo
from requests_app.fees.models import Estimate, Payment, PaymentState, PublishedSchedule, ScheduleStatus
from requests_app.fees.rules import FEE
from requests_app.law.selectors import agency as the_agency

ANSWERS = {
    "accept": "You have accepted the estimate.",
    "narrow": "We will look at what can be left out and send you a new estimate.",
    "ask_waiver": "Your wish for a waiver is sent. Somebody who may waive fees decides it.",
}


@require_GET
def page(request: AuthedRequest, key: str) -> HttpResponse:
    row = docket.get_visible(request.user, key)
    audit.record(action="fees.viewed", actor=request.user, subject=row, request_key=row.key)
    return render(request, "fees/page.html", _page(request, row))


@require_POST
def answer(request: AuthedRequest, key: str, action: str) -> HttpResponse:
    row = docket.get_visible(request.user, key)
    form = AnswerForm(request.POST)
    if action not in ANSWERS or not form.is_valid():
        raise BadInput("This answer cannot be read. Go back to the fee page and choose again.")
    estimate = get_object_or_404(Estimate, pk=form.cleaned_data["estimate"], case__request=row)
    text = form.cleaned_data["text"]
    try:
        if action == "accept":
            services.accept(estimate=estimate, actor=request.user, at=now())
        elif action == "narrow":
            services.narrow(estimate=estimate, actor=request.user, at=now(), text=text)
        else:
            services.ask_waiver(estimate=estimate, actor=request.user, at=now(), text=text)
    except BadInput as error:
        return render(
            request,
            "fees/page.html",
            {**_page(request, row), "error": error, "tried": action},
            status=error.status,
        )
    say(request, ANSWERS[action])
    return redirect("fees:page", key=row.key)


@require_POST
def pay(request: AuthedRequest, key: str) -> HttpResponse:
    row = docket.get_visible(request.user, key)
    _payment, url = payments.start(
        request=row, gateway_name=request.POST.get("gateway", ""), actor=request.user, at=now()
    )
    return redirect(url)


@require_http_methods(["GET", "POST"])
def demo_checkout(request: AuthedRequest, payment_key: str) -> HttpResponse:
    """The demonstration's payment page; pressing “pay” sends the signed message a real gateway would."""
    gateways.get("demo")
    payment = get_object_or_404(
        Payment.objects.select_related("case__request"), key=payment_key, gateway="demo"
    )
    row = docket.get_visible(request.user, payment.case.request.key)
    if request.method == "POST":
        body = demo.message(payment)
        payments.receive(
            gateway_name="demo", body=body, headers={"Demo-Signature": demo.sign(body)}, at=now()
        )
        say(request, "Your payment is received. Thank you.")
        return redirect("fees:page", key=row.key)
    return render(request, "fees/demo_checkout.html", {"payment": payment, "records_request": row})


@csrf_exempt  # the sender is a server; its signature is checked instead
@require_POST
def webhook(request: HttpRequest) -> HttpResponse:
    outcome = payments.receive(gateway_name="stripe", body=request.body, headers=request.headers, at=now())
    return HttpResponse(outcome, content_type="text/plain")


@require_GET
def receipt(request: AuthedRequest, payment_key: str) -> HttpResponse:
    payment = get_object_or_404(
        Payment.objects.select_related("case__request__agency", "estimate"),
        key=payment_key,
        state=PaymentState.PAID,
    )
    row = docket.get_visible(request.user, payment.case.request.key)
    return render(request, "fees/receipt.html", {"payment": payment, "records_request": row})


@require_GET
def public_schedule(request: HttpRequest) -> HttpResponse:
    """What things cost here, in plain examples."""
    rows = PublishedSchedule.objects.filter(agency=the_agency(), status=ScheduleStatus.PUBLISHED)
    if not rows:
        raise Http404("No fee schedule is published yet.")
    return render(request, "fees/public_schedule.html", {"schedules": rows, "agency": the_agency()})


def _page(request: AuthedRequest, row: RecordsRequest) -> dict[str, object]:
    found = selectors.summary(row)
    estimate = found.estimate
    return {
        "records_request": row,
        "fee": found,
        "estimate": estimate,
        "moves": set(FEE.actions(found.state)) if found.case else set(),
        "form": AnswerForm(initial={"estimate": estimate.pk if estimate else None}),
        "gateways": gateways.online(),
        "payments": found.case.payments.filter(state=PaymentState.PAID) if found.case else (),
        "is_requester": row.requester_id == request.user.pk,
        "blocks": selectors.blocks_release(row),
    }
