"""Following requests for programs. Every field is named here: nothing internal can slip through."""

from typing import Any

from django.db.models import QuerySet
from django.urls import path
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import generics, serializers
from rest_framework.pagination import CursorPagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from portal.accounts.models import User
from portal.accounts.rules import Permission
from portal.audit import services as audit
from portal.core.api import RefusalSerializer, idempotency_key
from portal.core.errors import NotAllowed
from portal.core.time import now
from redaction.release import selectors as releases
from requests_app.correspondence import services as correspondence
from requests_app.correspondence.models import Direction, Message
from requests_app.docket import selectors as docket
from requests_app.docket.models import RecordsRequest
from requests_app.docket.rules import Status
from requests_app.fees import selectors as fees
from requests_app.intake import api as intake
from requests_app.law.derivation import Derivation
from requests_app.tracking import policies, rules, selectors, services


class LineSerializer(serializers.Serializer[None]):
    text = serializers.CharField()
    on = serializers.DateField(allow_null=True)
    citation = serializers.CharField(allow_null=True)
    days = serializers.IntegerField()


class DueSerializer(serializers.Serializer[Derivation]):
    """A day the law sets, and how it was counted."""

    clock = serializers.CharField()
    title = serializers.CharField()
    state = serializers.CharField()
    due = serializers.DateField(allow_null=True)
    law = serializers.CharField()
    law_version = serializers.CharField()
    unit = serializers.CharField()
    length = serializers.IntegerField()
    day_zero = serializers.DateField(allow_null=True)
    verified = serializers.CharField()
    citation = serializers.CharField(allow_null=True)
    lines = LineSerializer(many=True)


class StageSerializer(serializers.Serializer[rules.Stage]):
    slug = serializers.CharField()
    title = serializers.CharField()
    now = serializers.CharField()
    who = serializers.CharField()
    you = serializers.CharField()


class FeeSerializer(serializers.Serializer[fees.FeeSummary]):
    """Integer cents."""

    state = serializers.CharField()
    billed_cents = serializers.IntegerField()
    paid_cents = serializers.IntegerField()
    due_cents = serializers.IntegerField()


class AnswerSerializer(serializers.Serializer[None]):
    name = serializers.CharField()
    question = serializers.CharField()
    value = serializers.CharField()


class RequestSerializer(serializers.ModelSerializer[RecordsRequest]):
    class Meta:
        model = RecordsRequest
        fields: tuple[str, ...] = (
            "key", "number", "title", "status", "disposition", "form_code", "received_at", "due_on",
            "closed_at",
        )  # fmt: skip


class RequestDetailSerializer(RequestSerializer):
    stage = serializers.SerializerMethodField()
    due = serializers.SerializerMethodField()
    fee = serializers.SerializerMethodField()
    items = serializers.SerializerMethodField()
    answers = serializers.SerializerMethodField()

    class Meta(RequestSerializer.Meta):
        fields = (*RequestSerializer.Meta.fields, "stage", "due", "fee", "items", "answers")

    @extend_schema_field(StageSerializer)
    def get_stage(self, row: RecordsRequest) -> dict[str, Any]:
        stage = selectors.stage_of(row, fees.summary(row), bool(releases.for_requester(row)))
        return dict(StageSerializer(stage).data)

    @extend_schema_field(DueSerializer(many=True))
    def get_due(self, row: RecordsRequest) -> list[dict[str, Any]]:
        return [dict(DueSerializer(one.derived).data) for one in selectors.clocks_of(row)]

    @extend_schema_field(FeeSerializer)
    def get_fee(self, row: RecordsRequest) -> dict[str, Any]:
        return dict(FeeSerializer(fees.summary(row)).data)

    def get_items(self, row: RecordsRequest) -> list[str]:
        return [item.description for item in row.items.all()]

    @extend_schema_field(AnswerSerializer(many=True))
    def get_answers(self, row: RecordsRequest) -> list[dict[str, str]]:
        owner = policies.is_requester(self.context["user"], row)
        return [
            {"name": answer["name"], "question": answer["label"], "value": answer["value"]}
            for answer in selectors.answers_of(row, masked=not owner)
        ]


class MessageSerializer(serializers.ModelSerializer[Message]):
    """``direction``: ``in`` from the requester, ``out`` to her. Who of the staff wrote is not said."""

    class Meta:
        model = Message
        fields = ("id", "direction", "body", "is_question", "sent_at")


class PostSerializer(serializers.Serializer[None]):
    body = serializers.CharField(max_length=20_000)


class FilterSerializer(serializers.Serializer[None]):
    status = serializers.ChoiceField(choices=[s.value for s in Status if s != Status.DRAFT], required=False)
    form = serializers.SlugField(required=False)
    assignee = serializers.ChoiceField(choices=["me", "none"], required=False)
    due_before = serializers.DateField(required=False)
    number = serializers.CharField(max_length=20, required=False)


class Newest(CursorPagination):
    ordering = ("-received_at", "-id")


class Requests(generics.GenericAPIView[RecordsRequest]):
    pagination_class = Newest
    serializer_class = RequestSerializer
    queryset = RecordsRequest.objects.none()

    @extend_schema(
        operation_id="request_list", parameters=[FilterSerializer], responses=RequestSerializer(many=True)
    )
    def get(self, request: Request) -> Response:
        """Your own requests; staff get every filed one. Newest first."""
        given = FilterSerializer(data=request.query_params)
        given.is_valid(raise_exception=True)
        user = _user(request)
        rows = self.paginate_queryset(_filtered(RecordsRequest.objects.visible_to(user), given, user))
        return self.get_paginated_response(RequestSerializer(rows, many=True).data)

    @intake.SCHEMA
    def post(self, request: Request) -> Response:
        return intake.file_request(request)


class Detail(APIView):
    @extend_schema(operation_id="request_read", responses=RequestDetailSerializer)
    def get(self, request: Request, key: str) -> Response:
        row = docket.get_visible(_user(request), key)
        audit.record(action="request.viewed", actor=_user(request), subject=row, request_key=row.key)
        return Response(RequestDetailSerializer(row, context={"user": _user(request)}).data)


class Messages(APIView):
    @extend_schema(operation_id="message_list", responses=MessageSerializer(many=True))
    def get(self, request: Request, key: str) -> Response:
        row = docket.get_visible(_user(request), key)
        audit.record(action="request.viewed", actor=_user(request), subject=row, request_key=row.key)
        return Response(MessageSerializer(row.messages.all(), many=True).data)

    @extend_schema(
        operation_id="message_send",
        parameters=[intake.IDEMPOTENCY_KEY],
        request=PostSerializer,
        responses={201: MessageSerializer, 403: RefusalSerializer},
    )
    def post(self, request: Request, key: str) -> Response:
        """Write to the other side. Sent again with one Idempotency-Key it gives the first message again."""
        user, row = _user(request), docket.get_visible(_user(request), key)
        name = idempotency_key(request)
        given = PostSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        body = given.validated_data["body"]
        if policies.is_requester(user, row):
            message = services.send_message(
                request=row, author=user, body=body, at=now(), idempotency_key=name
            )
        elif user.may(Permission.WORK_REQUESTS):
            message = correspondence.post_message(
                request=row, author=user, body=body, direction=Direction.TO_REQUESTER, at=now(),
                idempotency_key=name,
            )  # fmt: skip
        else:
            raise NotAllowed("Your role does not include writing to requesters.")
        return Response(MessageSerializer(message).data, status=201)


class Withdraw(APIView):
    @extend_schema(
        operation_id="request_withdraw",
        request=None,
        responses={200: RequestDetailSerializer, 403: RefusalSerializer, 409: RefusalSerializer},
    )
    def post(self, request: Request, key: str) -> Response:
        """Close a request of yours at your own wish."""
        row = docket.get_visible(_user(request), key)
        policies.require_requester(_user(request), row)
        services.withdraw(request=row, actor=_user(request), at=now())
        return Response(RequestDetailSerializer(row, context={"user": _user(request)}).data)


def _filtered(
    rows: QuerySet[RecordsRequest], given: FilterSerializer, user: User
) -> QuerySet[RecordsRequest]:
    chosen = given.validated_data
    if "status" in chosen:
        rows = rows.filter(status=chosen["status"])
    if "form" in chosen:
        rows = rows.filter(form_code=chosen["form"])
    if "due_before" in chosen:
        rows = rows.filter(due_on__lt=chosen["due_before"])
    if "number" in chosen:
        rows = rows.filter(number=chosen["number"])
    if "assignee" in chosen and user.is_records_staff:
        rows = rows.filter(assignee=user if chosen["assignee"] == "me" else None)
    return rows


def _user(request: Request) -> User:
    assert isinstance(request.user, User)  # noqa: S101  the default permission lets nobody else in
    return request.user


api_urlpatterns = [
    path("requests/", Requests.as_view(), name="requests"),
    path("requests/<str:key>/", Detail.as_view(), name="request"),
    path("requests/<str:key>/messages/", Messages.as_view(), name="messages"),
    path("requests/<str:key>/withdraw/", Withdraw.as_view(), name="withdraw"),
]
