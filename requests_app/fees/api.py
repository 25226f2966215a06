"""Fees for programs: the same services and answers as the pages."""

from typing import Any, cast

from django.shortcuts import get_object_or_404
from django.urls import path
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from portal.accounts.models import User
from portal.accounts.rules import Permission
from portal.audit import services as audit
from portal.core.api import RefusalSerializer
from portal.core.errors import NotAllowed
from portal.core.time import now
from requests_app.docket import selectors as docket
from requests_app.docket.models import RecordsRequest
from requests_app.fees import payments, quoting, selectors, services
from requests_app.fees.models import Estimate, Payment
from requests_app.fees.rules import FEE
from requests_app.law import fees as engine
from requests_app.law.work import ACTIVITIES, COUNTS, SIZES

_REFUSALS = {403: RefusalSerializer, 404: RefusalSerializer, 409: RefusalSerializer, 422: RefusalSerializer}


BY_ITSELF = frozenset({"bar", "reopen"})
"""Steps nobody takes: the law or a bank does."""


class FeeLineSerializer(serializers.Serializer[dict[str, Any]]):
    rule = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]  # a field, not the serializer's own label
    quantity = serializers.CharField()
    unit = serializers.CharField()
    rate = serializers.CharField(allow_null=True)
    amount_cents = serializers.IntegerField()
    cap = serializers.CharField(allow_null=True)
    citation = serializers.CharField(allow_null=True)
    verified = serializers.CharField()
    why = serializers.CharField(allow_blank=True)


class EstimateSerializer(serializers.ModelSerializer[Estimate]):
    """An estimate as sent; ``id`` is what an answer to it names."""

    lines = FeeLineSerializer(many=True)
    schedule = serializers.CharField()

    class Meta:
        model = Estimate
        fields = (
            "id", "version", "schedule", "lines", "notes", "computed_cents", "billed_cents", "deposit_cents",
            "valid_until", "sent_at",
        )  # fmt: skip


class FeePaymentSerializer(serializers.ModelSerializer[Payment]):
    class Meta:
        model = Payment
        fields = ("key", "gateway", "method", "amount_cents", "currency", "state", "paid_at")


class FeesSerializer(serializers.Serializer[dict[str, Any]]):
    """Where the fee of a request stands. Amounts are integer cents."""

    state = serializers.CharField()
    reason = serializers.CharField(allow_blank=True)
    billed_cents = serializers.IntegerField()
    paid_cents = serializers.IntegerField()
    due_cents = serializers.IntegerField()
    deposit_due_cents = serializers.IntegerField()
    overpaid_cents = serializers.IntegerField()
    blocks_release = serializers.CharField(allow_blank=True)
    actions = serializers.ListField(child=serializers.CharField())
    worksheet_version = serializers.IntegerField()
    estimate = EstimateSerializer(allow_null=True)
    payments = FeePaymentSerializer(many=True)


class QuoteSerializer(serializers.Serializer[dict[str, Any]]):
    """What a worksheet comes to; nothing is sent or charged by it."""

    worksheet_version = serializers.IntegerField()
    computed_cents = serializers.IntegerField()
    billed_cents = serializers.IntegerField()
    deposit_cents = serializers.IntegerField()
    itemised_estimate_required = serializers.BooleanField()
    lines = FeeLineSerializer(many=True)
    notes = serializers.ListField(child=serializers.CharField())


class FeeAnswerSerializer(serializers.Serializer[Any]):
    action = serializers.ChoiceField(choices=["accept", "narrow", "ask_waiver"])
    estimate = serializers.IntegerField(min_value=1, max_value=2**62)
    text = serializers.CharField(required=False, default="", allow_blank=True, max_length=5000)


class TimeSerializer(serializers.Serializer[Any]):
    activity = serializers.ChoiceField(choices=ACTIVITIES)
    minutes = serializers.CharField(max_length=20, help_text="a decimal as text, so that it stays exact")
    grade = serializers.CharField(required=False, max_length=40)


class RecordingSerializer(serializers.Serializer[Any]):
    seconds = serializers.IntegerField(min_value=0, max_value=10**7)
    previously_released = serializers.BooleanField(default=False)


class VolumesSerializer(serializers.Serializer[Any]):
    """Counts and sizes, each a number as text; ``recordings`` is a list of lengths."""

    recordings = RecordingSerializer(many=True, required=False)

    def get_fields(self) -> dict[str, Any]:
        figures = {name: serializers.CharField(required=False, max_length=20) for name in (*COUNTS, *SIZES)}
        return {**super().get_fields(), **figures}


class WorksheetSerializer(serializers.Serializer[Any]):
    version = serializers.IntegerField(min_value=0, help_text="the worksheet_version you looked at")
    record_type = serializers.CharField(max_length=40, required=False)
    work = TimeSerializer(many=True, required=False)
    volumes = VolumesSerializer(required=False)
    actual_cost = serializers.CharField(required=False, max_length=20)
    facts = serializers.DictField(child=serializers.BooleanField(), required=False)


class SendSerializer(serializers.Serializer[Any]):
    version = serializers.IntegerField(min_value=0, help_text="the worksheet_version you looked at")


class CounterPaymentSerializer(serializers.Serializer[Any]):
    amount_cents = serializers.IntegerField(min_value=1, max_value=10**9)
    method = serializers.ChoiceField(choices=[name for name, _label in payments.COUNTER_METHODS])
    receipt_number = serializers.CharField(max_length=60)


class FeesView(APIView):
    """Where the fee of a request stands, for its requester and for staff."""

    @extend_schema(responses={200: FeesSerializer, 404: RefusalSerializer})
    def get(self, request: Request, key: str) -> Response:
        row = docket.get_visible(_person(request), key)
        audit.record(action="fees.viewed", actor=_person(request), subject=row, request_key=row.key)
        return Response(_standing(row))


class AnswerView(APIView):
    """The requester's answer to the newest estimate."""

    @extend_schema(request=FeeAnswerSerializer, responses={200: FeesSerializer, **_REFUSALS})
    def post(self, request: Request, key: str) -> Response:
        row = docket.get_visible(_person(request), key)
        sent = _read(FeeAnswerSerializer, request)
        estimate = get_object_or_404(Estimate, pk=sent["estimate"], case__request=row)
        services.answer(
            action=sent["action"], estimate=estimate, actor=_person(request), at=now(), text=sent["text"]
        )
        return Response(_standing(row))


class WorksheetView(APIView):
    """Keep the worksheet and see what it comes to."""

    @extend_schema(request=WorksheetSerializer, responses={200: QuoteSerializer, **_REFUSALS})
    def post(self, request: Request, key: str) -> Response:
        row = _staff_request(request, key)
        sent = _read(WorksheetSerializer, request)
        version = sent.pop("version")
        quote = services.save_worksheet(
            request=row, work=sent, actor=_person(request), expected_version=version, at=now()
        )
        return Response(_quoted(quote, version + 1))


class EstimateView(APIView):
    """Send the worksheet's quote to the requester."""

    @extend_schema(request=SendSerializer, responses={201: EstimateSerializer, **_REFUSALS})
    def post(self, request: Request, key: str) -> Response:
        row = _staff_request(request, key)
        seen = _read(SendSerializer, request)["version"]
        estimate = services.send_estimate(
            request=row, actor=_person(request), at=now(), expected_version=seen
        )
        return Response(EstimateSerializer(estimate).data, status=201)


class CounterPaymentsView(APIView):
    """Book a payment taken at the counter."""

    @extend_schema(request=CounterPaymentSerializer, responses={201: FeePaymentSerializer, **_REFUSALS})
    def post(self, request: Request, key: str) -> Response:
        row = _staff_request(request, key)
        sent = _read(CounterPaymentSerializer, request)
        payment = payments.take_at_counter(request=row, actor=_person(request), at=now(), **sent)
        return Response(FeePaymentSerializer(payment).data, status=201)


def _person(request: Request) -> User:
    return cast(User, request.user)


def _read(kind: type[serializers.Serializer[Any]], request: Request) -> dict[str, Any]:
    form = kind(data=request.data)
    form.is_valid(raise_exception=True)
    return dict(form.validated_data)


def _staff_request(request: Request, key: str) -> RecordsRequest:
    row = docket.get_visible(_person(request), key)
    if not _person(request).may(Permission.SEE_REQUESTS):
        audit.record_denied(
            action="fees.viewed",
            actor=_person(request),
            subject=row,
            request_key=row.key,
            why=NotAllowed.code,
        )
        raise NotAllowed("The worksheet is for staff.")
    return row


def _standing(row: RecordsRequest) -> dict[str, Any]:
    found = selectors.summary(row)
    data = {
        "state": found.state or "worksheet",
        "reason": found.case.reason if found.case else "",
        "billed_cents": found.billed_cents,
        "paid_cents": found.paid_cents,
        "due_cents": found.due_cents,
        "deposit_due_cents": found.deposit_due_cents,
        "overpaid_cents": found.overpaid_cents,
        "blocks_release": selectors.blocks_release(row),
        "actions": [name for name in FEE.actions(found.state) if name not in BY_ITSELF]
        if found.case and row.is_open
        else [],
        "worksheet_version": found.case.work_version if found.case else 0,
        "estimate": found.estimate,
        "payments": selectors.received(found.case) if found.case else [],
    }
    return dict(FeesSerializer(data).data)


def _quoted(quote: engine.Quote, version: int) -> dict[str, Any]:
    data = {
        "worksheet_version": version,
        "computed_cents": quote.computed_cents,
        "billed_cents": quote.billed_cents,
        "deposit_cents": quote.deposit_cents,
        "itemised_estimate_required": quote.itemised_estimate_required,
        "lines": [quoting.plain(line) for line in quote.lines],
        "notes": list(quote.notes),
    }
    return dict(QuoteSerializer(data).data)


api_urlpatterns = [
    path("requests/<str:key>/fees/", FeesView.as_view(), name="fees"),
    path("requests/<str:key>/fees/answer/", AnswerView.as_view(), name="fees-answer"),
    path("requests/<str:key>/fees/worksheet/", WorksheetView.as_view(), name="fees-worksheet"),
    path("requests/<str:key>/fees/estimate/", EstimateView.as_view(), name="fees-estimate"),
    path("requests/<str:key>/fees/counter-payments/", CounterPaymentsView.as_view(), name="fees-counter"),
]
