"""Clocks for programs: the calculator, and every clock of a request with its reasons."""

from typing import Any

from django.urls import path
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from portal.accounts.models import User
from portal.audit import services as audit
from portal.core.api import RefusalSerializer
from portal.core.time import now
from requests_app.clock import calculator, presentation, selectors
from requests_app.clock.forms import Asked
from requests_app.docket import selectors as docket
from requests_app.law.models import Agency


class ClockLineSerializer(serializers.Serializer[Any]):
    """One step. ``days``: how many days of the clock it used; over all lines they add up to ``length``."""

    text = serializers.CharField()
    on = serializers.DateField(allow_null=True)
    citation = serializers.CharField(allow_null=True)
    days = serializers.IntegerField()


class ClockSerializer(serializers.Serializer[Any]):
    """A day the law sets, and how it was counted. ``verified``: V read in its source, P partly, M not yet."""

    clock = serializers.CharField()
    title = serializers.CharField()
    state = serializers.CharField()
    due = serializers.DateField(allow_null=True)
    law = serializers.CharField()
    law_version = serializers.CharField()
    unit = serializers.CharField()
    length = serializers.IntegerField()
    day_zero = serializers.DateField(allow_null=True)
    citation = serializers.CharField(allow_null=True)
    verified = serializers.CharField()
    calendar = serializers.CharField()
    standing = serializers.CharField()
    lines = ClockLineSerializer(many=True)


class ConsequenceSerializer(serializers.Serializer[Any]):
    """What follows from a clock that was missed."""

    clock = serializers.CharField()
    since = serializers.DateField()
    effect = serializers.CharField()
    why = serializers.CharField()
    citation = serializers.CharField(allow_null=True)
    verified = serializers.CharField()


class RequestClocksSerializer(serializers.Serializer[Any]):
    due_on = serializers.DateField(allow_null=True)
    clocks = ClockSerializer(many=True)
    consequences = ConsequenceSerializer(many=True)


class DaySerializer(serializers.Serializer[Any]):
    """One day laid out. ``kind``: zero, counted, closed, still, moved or due; ``number``: its place."""

    on = serializers.DateField()
    kind = serializers.CharField()
    number = serializers.IntegerField()
    why = serializers.CharField()


class DeadlineSerializer(ClockSerializer):
    days = DaySerializer(many=True)


class DeadlinesSerializer(serializers.Serializer[Any]):
    """``law_status``: draft, or adopted by an agency's counsel as a whole."""

    law = serializers.CharField()
    law_name = serializers.CharField()
    law_status = serializers.CharField()
    judged_on = serializers.DateField()
    deadlines = DeadlineSerializer(many=True)


_PARAMETERS = [
    OpenApiParameter("law", str, required=True, description="a loaded law: TX, or one version: TX 2026.12"),
    OpenApiParameter("received_on", str, description="local date"),
    OpenApiParameter("received_at", str, description="local time, HH:MM"),
    OpenApiParameter("clock", str, many=True, description="names of time limits; none: all that have begun"),
    OpenApiParameter("record_type", str),
    OpenApiParameter("requester_category", str),
    OpenApiParameter("body", str, description="municipality or agency"),
    OpenApiParameter("cutoff", str, description="local time, HH:MM"),
    OpenApiParameter("closed", str, description="dates with commas"),
    OpenApiParameter("on", str, description="the day to judge on; today when left out"),
    OpenApiParameter("rows", int, description="how many events follow, when more than three"),
    OpenApiParameter("e0-type", str, description="an event; e0-on its date, e0-at its time; e1-… the next"),
    OpenApiParameter("e0-on", str),
    OpenApiParameter("e0-at", str),
    OpenApiParameter("e0-by", int, description="an extension's length"),
    OpenApiParameter("e0-unit", str, description="business_day or calendar_day"),
]


class Deadlines(APIView):
    permission_classes = (AllowAny,)  # a law's time limits are no secret

    @extend_schema(
        operation_id="deadlines",
        parameters=_PARAMETERS,
        responses={200: DeadlinesSerializer, 400: RefusalSerializer},
    )
    def get(self, request: Request) -> Response:
        """When would an answer be due? The same question in the same words as the calculator's page."""
        agency = Agency.objects.order_by("pk").first()
        today = selectors.day_of(agency, now()) if agency else now().date()
        asked = Asked(request.query_params, agency=None, today=today)
        question = asked.question() if asked.is_asked else None
        if question is None or asked.pack is None:
            raise serializers.ValidationError(asked.faults() or {"law": ["Choose the law to count by."]})
        answers = calculator.answer(question, agency=agency)
        body = {
            "law": str(question.pack),
            "law_name": question.pack.name,
            "law_status": presentation.status_of(question.pack, agency),
            "judged_on": question.on,
            "deadlines": [
                {**presentation.as_data(one.explained), "days": [vars(day) for day in one.days]}
                for one in answers
            ],
        }
        return Response(DeadlinesSerializer(body).data)


class RequestClocks(APIView):
    @extend_schema(operation_id="request_clocks", responses=RequestClocksSerializer)
    def get(self, request: Request, key: str) -> Response:
        """Every clock of a request of yours, and what follows from one that was missed."""
        assert isinstance(request.user, User)  # noqa: S101  the default permission lets nobody else in
        row = docket.get_visible(request.user, key)
        audit.record(action="request.viewed", actor=request.user, subject=row, request_key=row.key)
        today = selectors.day_of(row.agency, now())
        body: dict[str, Any] = {
            "due_on": selectors.main_clock(row).due,
            "clocks": [presentation.as_data(one) for one in selectors.explained(row, on=today)],
            "consequences": presentation.consequence_data(selectors.consequences(row, on=today)),
        }
        return Response(RequestClocksSerializer(body).data)


api_urlpatterns = [
    path("deadlines/", Deadlines.as_view(), name="deadlines"),
    path("requests/<str:key>/clocks/", RequestClocks.as_view(), name="request-clocks"),
]
