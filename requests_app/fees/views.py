"""The requester's fee page, paying, and what payment services tell us."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from portal.audit import services as audit
from portal.core.errors import BadInput, NotAllowed
from portal.core.http import AuthedRequest, say
from portal.core.money import cents
from portal.core.time import now
from requests_app.docket import selectors as docket
from requests_app.fees import examples, gateways, notices, payments, presentation, services
from requests_app.fees.forms import AnswerForm
from requests_app.fees.gateways import demo
from requests_app.fees.models import Estimate, Payment, PaymentState
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
    return render(request, "fees/page.html", presentation.fee_page(row, request.user, at=now()))


@require_POST
def answer(request: AuthedRequest, key: str, action: str) -> HttpResponse:
    row = docket.get_visible(request.user, key)
    form = AnswerForm(request.POST)
    if action not in ANSWERS or not form.is_valid():
        raise BadInput("This answer cannot be read. Go back to the fee page and choose again.")
    estimate = get_object_or_404(Estimate, pk=form.cleaned_data["estimate"], case__request=row)
    text = form.cleaned_data["text"]
    try:
        services.answer(action=action, estimate=estimate, actor=request.user, at=now(), text=text)
    except BadInput as error:
        context = presentation.fee_page(row, request.user, at=now())
        tried = {"error": str(error), "tried": action, "typed": text}
        return render(request, "fees/page.html", {**context, **tried}, status=error.status)
    say(request, ANSWERS[action])
    return redirect("fees:page", key=row.key)


@require_POST
def pay(request: AuthedRequest, key: str) -> HttpResponse:
    row = docket.get_visible(request.user, key)
    _payment, url = payments.start(
        request=row, gateway_name=request.POST.get("gateway", ""), actor=request.user, at=now(),
        deposit=request.POST.get("part") == "deposit",
        part_cents=cents(request.POST.get("amount", "")) if request.POST.get("part") == "some" else None,
    )  # fmt: skip
    return redirect(url)


@require_http_methods(["GET", "POST"])
def demo_checkout(request: AuthedRequest, payment_key: str) -> HttpResponse:
    """The demonstration's payment page; pressing “pay” sends the signed message a real gateway would."""
    gateways.get("demo")
    payment = get_object_or_404(
        Payment.objects.select_related("case__request__agency"), key=payment_key, gateway="demo"
    )
    row = docket.get_visible(request.user, payment.case.request.key)
    if row.requester_id != request.user.pk:
        raise NotAllowed("Only the person who filed this request can pay for it here.")
    if request.method == "POST":
        if payment.state == PaymentState.STARTED and not payments.is_open(payment, at=now()):
            raise payments.NothingDue("What is due has changed. Go back to the fees and begin again.")
        body = demo.message(payment)
        notices.receive(gateway_name="demo", body=body, headers={"Demo-Signature": demo.sign(body)}, at=now())
        say(request, "Your payment is received. Thank you.")
        return redirect("fees:page", key=row.key)
    outdated = not payments.is_open(payment, at=now())
    context = {"payment": payment, "records_request": row, "outdated": outdated}
    return render(request, "fees/demo_checkout.html", context)


@csrf_exempt  # the sender is a server; its signature is checked instead
@require_POST
def webhook(request: HttpRequest) -> HttpResponse:
    outcome = notices.receive(gateway_name="stripe", body=request.body, headers=request.headers, at=now())
    return HttpResponse(outcome, content_type="text/plain")


@require_GET
def receipt(request: AuthedRequest, payment_key: str) -> HttpResponse:
    payment = get_object_or_404(
        Payment.objects.select_related("case__request", "estimate__schedule"),
        key=payment_key,
        state__in=(PaymentState.PAID, PaymentState.REFUNDED),
    )
    row = docket.get_visible(request.user, payment.case.request.key)
    audit.record(action="fees.viewed", actor=request.user, subject=payment, request_key=row.key)
    return render(request, "fees/receipt.html", presentation.receipt(row, payment))


@require_GET
def statement(request: AuthedRequest, key: str) -> HttpResponse:
    row = docket.get_visible(request.user, key)
    audit.record(action="fees.viewed", actor=request.user, subject=row, request_key=row.key)
    return render(request, "fees/statement.html", presentation.statement(row))


@require_GET
def public_schedule(request: HttpRequest) -> HttpResponse:
    """What things cost here, in plain examples; as a page, or its rates as CSV or JSON."""
    page = examples.public_page(the_agency(), at=now(), version=request.GET.get("version", ""))
    form = request.GET.get("format", "")
    if form in examples.FILES and page["current"] is not None:
        name = f"fees-{page['current'].effective_from.isoformat()}.{form}"
        answer = HttpResponse(examples.file(page, form), content_type=examples.FILES[form])
        answer["Content-Disposition"] = f'attachment; filename="{name}"'
        return answer
    return render(request, "fees/public_schedule.html", page)
