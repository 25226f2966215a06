"""Destruction for programs: the same two people as on the pages."""

from typing import Any, cast

from django.db.models import Prefetch
from django.shortcuts import get_object_or_404
from django.urls import path
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from portal.accounts.models import User
from portal.accounts.rules import Permission
from portal.core.api import RefusalSerializer
from portal.core.time import now
from requests_app.custody import listing, policies, purging, tracing
from requests_app.custody.models import Purge, PurgeItem
from requests_app.docket.recusals import without
from requests_app.law.models import Agency
from requests_app.law.selectors import agency as the_agency

_REFUSALS = {403: RefusalSerializer, 404: RefusalSerializer, 409: RefusalSerializer, 422: RefusalSerializer}


class PurgeDueSerializer(serializers.Serializer[Any]):
    record = serializers.CharField(help_text="key of the record")
    series = serializers.CharField()
    severity = serializers.CharField()
    size = serializers.IntegerField()
    due_on = serializers.DateField()
    rule = serializers.CharField()
    kept_because = serializers.CharField(help_text="why it is left alone; empty when it may be destroyed")


class DueListSerializer(serializers.Serializer[Any]):
    due = PurgeDueSerializer(many=True)


class ProposeSerializer(serializers.Serializer[Any]):
    records = serializers.ListField(child=serializers.CharField(max_length=32), max_length=10_000)
    note = serializers.CharField(max_length=500, required=False, allow_blank=True)


class ConfirmSerializer(serializers.Serializer[Any]):
    digest = serializers.CharField(max_length=64, help_text="of the list as it was looked at")


class PurgeItemSerializer(serializers.ModelSerializer[PurgeItem]):
    record = serializers.CharField(source="record.key")

    class Meta:
        model = PurgeItem
        fields = (
            "record", "series", "severity", "size", "sha256", "due_on", "rule_id", "rule", "state",
            "skipped_why", "destroyed_at",
        )  # fmt: skip


class PurgeSerializer(serializers.ModelSerializer[Purge]):
    items = PurgeItemSerializer(many=True)

    class Meta:
        model = Purge
        fields = (
            "key", "number", "status", "digest", "note", "proposed_at", "confirmed_at", "finished_at",
            "items",
        )  # fmt: skip


class PurgesView(APIView):
    """List what is due, or propose a list to a second person."""

    @extend_schema(responses={200: DueListSerializer, **_REFUSALS})
    def get(self, request: Request) -> Response:
        agency = _opened(request)
        groups, left = purging.preview(
            agency, tracing.day_of(now(), agency.time_zone) or now().date(), _person(request)
        )
        rows = [*(row for group in groups for row in group.rows), *left]
        return Response(
            {
                "due": [
                    {
                        "record": row.record.key,
                        "series": row.record.series,
                        "severity": row.record.severity,
                        "size": row.record.size,
                        "due_on": row.due_on,
                        "rule": row.rule,
                        "kept_because": row.blocked,
                    }
                    for row in rows
                ]
            }
        )

    @extend_schema(request=ProposeSerializer, responses={201: PurgeSerializer, **_REFUSALS})
    def post(self, request: Request) -> Response:
        agency = _opened(request)
        sent = ProposeSerializer(data=request.data)
        sent.is_valid(raise_exception=True)
        purge = purging.propose(
            agency=agency, records=sent.validated_data["records"], actor=_person(request), at=now(),
            note=sent.validated_data.get("note", ""),
        )  # fmt: skip
        return Response(_shown(purge, _person(request)), status=201)


class PurgeView(APIView):
    """One list, with how far each record has come."""

    @extend_schema(responses={200: PurgeSerializer, **_REFUSALS}, operation_id="purge_retrieve")
    def get(self, request: Request, purge_key: str) -> Response:
        return Response(_shown(_purge(request, purge_key), _person(request)))


class ConfirmView(APIView):
    """The second person's word."""

    @extend_schema(request=ConfirmSerializer, responses={200: PurgeSerializer, **_REFUSALS})
    def post(self, request: Request, purge_key: str) -> Response:
        purge = _purge(request, purge_key)
        sent = ConfirmSerializer(data=request.data)
        sent.is_valid(raise_exception=True)
        purging.confirm(purge=purge, actor=_person(request), at=now(), digest=sent.validated_data["digest"])
        return Response(_shown(purge, _person(request)))


def _person(request: Request) -> User:
    return cast(User, request.user)


def _opened(request: Request) -> Agency:
    agency = the_agency()
    if not listing.may_open(_person(request)):
        policies.require(_person(request), Permission.KEEP_RETENTION, "custody.retention_viewed", agency)
    return agency


def _purge(request: Request, key: str) -> Purge:
    return get_object_or_404(Purge, key=key, agency=_opened(request))


def _shown(purge: Purge, reader: User) -> dict[str, Any]:
    items = without(PurgeItem.objects.select_related("record"), reader, "record__request")
    fresh = Purge.objects.prefetch_related(Prefetch("items", items)).get(pk=purge.pk)
    return dict(PurgeSerializer(fresh).data)


api_urlpatterns = [
    path("purges/", PurgesView.as_view(), name="purges"),
    path("purges/<str:purge_key>/", PurgeView.as_view(), name="purge"),
    path("purges/<str:purge_key>/confirm/", ConfirmView.as_view(), name="purge-confirm"),
]
