"""The desk for programs: the same queue, steps and refusals as the pages. Every field is named here."""

from typing import Any

from django.core.paginator import Paginator
from django.urls import path
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from portal.accounts.models import User
from portal.accounts.rules import Permission
from portal.audit import services as audit
from portal.core.api import RefusalSerializer
from portal.core.errors import BadInput
from portal.core.time import now
from requests_app.desk import actions, selectors, wording
from requests_app.desk.access import require
from requests_app.desk.selectors import QueueFilter
from requests_app.docket import selectors as docket_rows
from requests_app.docket import services as docket
from requests_app.docket.models import Note, RecordsRequest

PAGE = 50
REFUSALS = {403: RefusalSerializer, 404: RefusalSerializer, 409: RefusalSerializer, 422: RefusalSerializer}
ALIASES = {button.move: name for name, button in actions.ACTIONS.items() if button.move}
"""The lifecycle's own name of a step is understood too: ``ask_requester`` is ``ask``."""


class ColleagueSerializer(serializers.ModelSerializer[User]):
    class Meta:
        model = User
        fields = ("id", "name", "title")


class QueueRowSerializer(serializers.ModelSerializer[RecordsRequest]):
    """``lateness``: overdue, soon (three days or less), on_time, stopped or closed."""

    lateness = serializers.SerializerMethodField()
    requester = serializers.CharField(source="requester.name")
    assignee = ColleagueSerializer(allow_null=True)

    class Meta:
        model = RecordsRequest
        fields = (
            "key", "number", "title", "form_code", "status", "disposition", "received_at", "due_on",
            "closed_at", "lateness", "requester", "assignee",
        )  # fmt: skip

    def get_lateness(self, row: RecordsRequest) -> str:
        return selectors.lateness(row, self.context["today"])


class QueueSerializer(serializers.Serializer[None]):
    count = serializers.IntegerField()
    page = serializers.IntegerField()
    pages = serializers.IntegerField()
    results = QueueRowSerializer(many=True)


class TransitionSerializer(serializers.Serializer[None]):
    """``action`` and what it needs: a body for a message, a reason for a closing, days for an extension."""

    action = serializers.CharField(max_length=40)
    body = serializers.CharField(required=False, allow_blank=True, max_length=20_000)
    reason = serializers.CharField(required=False, allow_blank=True, max_length=2000)
    number = serializers.CharField(required=False, allow_blank=True, max_length=20)
    expected_on = serializers.DateField(required=False)
    by = serializers.CharField(required=False, max_length=4)
    unit = serializers.ChoiceField(required=False, choices=["business_day", "calendar_day"])


class MovedSerializer(serializers.Serializer[None]):
    said = serializers.CharField()
    request = QueueRowSerializer()


class NoteSerializer(serializers.ModelSerializer[Note]):
    author = serializers.CharField(source="author.name", read_only=True)

    class Meta:
        model = Note
        fields = ("id", "author", "body", "created_at")
        read_only_fields = ("id", "author", "created_at")


class AssignmentSerializer(serializers.Serializer[None]):
    """``expected`` is whom the caller believes it to be with; another answer means it saw an old row."""

    assignee = serializers.IntegerField(allow_null=True)
    expected = serializers.IntegerField(allow_null=True)


class QueueView(APIView):
    @extend_schema(
        operation_id="queue_list",
        parameters=[
            OpenApiParameter("tab", enum=list(wording.TABS)),
            OpenApiParameter("q", description="part of a number or title"),
            OpenApiParameter("form"),
            OpenApiParameter("status", enum=list(wording.STATUSES)),
            OpenApiParameter("assignee", type=int),
            OpenApiParameter("page", type=int),
        ],
        responses={200: QueueSerializer, 403: RefusalSerializer},
    )
    def get(self, request: Request) -> Response:
        """The staff's queue, due first, under the same filters as the page; 50 rows a page."""
        user = _user(request)
        require(user, Permission.SEE_REQUESTS)
        today = selectors.today()
        rows = selectors.queue(user=user, chosen=QueueFilter.read(request.query_params), today=today)
        page = Paginator(rows, PAGE).get_page(request.query_params.get("page"))
        return Response({
            "count": page.paginator.count,
            "page": page.number,
            "pages": page.paginator.num_pages,
            "results": QueueRowSerializer(list(page.object_list), many=True, context={"today": today}).data,
        })  # fmt: skip


class TransitionsView(APIView):
    @extend_schema(
        operation_id="request_transition",
        request=TransitionSerializer,
        responses={200: MovedSerializer, **REFUSALS},
    )
    def post(self, request: Request, key: str) -> Response:
        """Make one step. Illegal from this state: 409; not for your role: 403; nothing changes then."""
        user, row = _load(request, key)
        given = TransitionSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        values = {name: str(value) for name, value in given.validated_data.items()}
        values["token"] = request.headers.get("Idempotency-Key", "")[:100]
        name = values.pop("action")
        said = actions.perform(
            request=row,
            action=ALIASES.get(name, name.replace("_", "-")),
            actor=user,
            at=now(),
            values=values,
        )
        return Response({"said": said, "request": _shown(user, key)})


class NotesView(APIView):
    @extend_schema(operation_id="note_list", responses={200: NoteSerializer(many=True), **REFUSALS})
    def get(self, request: Request, key: str) -> Response:
        """Internal notes, newest first. For staff alone: the requester's own key answers 403."""
        user, row = _load(request, key)
        require(user, Permission.SEE_REQUESTS)
        audit.record(action="request.viewed", actor=user, subject=row, request_key=row.key)
        return Response(NoteSerializer(row.notes.select_related("author"), many=True).data)

    @extend_schema(
        operation_id="note_add", request=NoteSerializer, responses={201: NoteSerializer, **REFUSALS}
    )
    def post(self, request: Request, key: str) -> Response:
        user, row = _load(request, key)
        given = NoteSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        actions.perform(
            request=row, action="note", actor=user, at=now(), values={"body": given.validated_data["body"]}
        )
        newest = row.notes.select_related("author").filter(author=user).latest("pk")
        return Response(NoteSerializer(newest).data, status=201)


class AssignmentView(APIView):
    @extend_schema(
        operation_id="request_assign",
        request=AssignmentSerializer,
        responses={200: QueueRowSerializer, **REFUSALS},
    )
    def post(self, request: Request, key: str) -> Response:
        """Hand a request to a colleague, or back to the pool with ``null``."""
        user, row = _load(request, key)
        require(user, Permission.SEE_REQUESTS)
        given = AssignmentSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        sent = given.validated_data
        chosen = None
        if sent["assignee"] is not None:
            chosen = selectors.colleagues().filter(pk=sent["assignee"]).first()
            if chosen is None:
                raise BadInput("There is no such colleague who works requests.")
        docket.assign(request=row, assignee=chosen, actor=user, expected_assignee_id=sent["expected"])
        return Response(_shown(user, key))


def _load(request: Request, key: str) -> tuple[User, RecordsRequest]:
    user = _user(request)
    return user, docket_rows.get_visible(user, key)


def _shown(user: User, key: str) -> Any:
    row = docket_rows.get_visible(user, key)
    return QueueRowSerializer(row, context={"today": selectors.today()}).data


def _user(request: Request) -> User:
    assert isinstance(request.user, User)  # noqa: S101  the default permission lets nobody else in
    return request.user


api_urlpatterns = [
    path("queue/", QueueView.as_view(), name="queue"),
    path("requests/<str:key>/transitions/", TransitionsView.as_view(), name="transitions"),
    path("requests/<str:key>/notes/", NotesView.as_view(), name="notes"),
    path("requests/<str:key>/assignment/", AssignmentView.as_view(), name="assignment"),
]
