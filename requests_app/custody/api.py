"""Records of a request for programs: the same services and policies as the pages."""

from typing import Any, cast

from django.urls import path
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from portal.accounts.models import User
from portal.accounts.rules import Permission
from portal.audit import services as audit
from portal.core.api import RefusalSerializer
from portal.core.errors import BadInput, NotAllowed
from portal.core.time import now
from requests_app.custody import purge_api, selectors, services
from requests_app.custody.models import ResponsiveRecord
from requests_app.docket import selectors as docket
from requests_app.docket.models import RecordsRequest


class RecordSerializer(serializers.ModelSerializer[ResponsiveRecord]):
    """For staff programs; the original's own name and place on disk are left out."""

    class Meta:
        model = ResponsiveRecord
        fields = (
            "key",
            "position",
            "title",
            "medium",
            "format",
            "size",
            "sha256",
            "source_agency",
            "uploaded_at",
        )


class RecordListSerializer(serializers.Serializer[Any]):
    records = RecordSerializer(many=True)


class UploadSerializer(serializers.Serializer[Any]):
    title = serializers.CharField(max_length=200)
    file = serializers.FileField(allow_empty_file=True)  # refused by the service, so that it is audited
    item = serializers.IntegerField(required=False, min_value=1, help_text="position of the item it answers")
    source_agency = serializers.CharField(max_length=200, required=False)


class RecordsView(APIView):
    """List a request's records, or add one."""

    parser_classes = (MultiPartParser,)

    @extend_schema(responses={200: RecordListSerializer, 404: RefusalSerializer})
    def get(self, request: Request, key: str) -> Response:
        rows = selectors.records_of(staff_request(request, key))
        return Response({"records": RecordSerializer(rows, many=True).data})

    @extend_schema(
        request={"multipart/form-data": UploadSerializer},
        responses={
            201: RecordSerializer,
            409: RefusalSerializer,
            413: RefusalSerializer,
            422: RefusalSerializer,
        },
    )
    def post(self, request: Request, key: str) -> Response:
        records_request = staff_request(request, key)
        form = UploadSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        sent = form.validated_data
        item = None
        if "item" in sent:
            item = records_request.items.filter(position=sent["item"]).first()
            if item is None:
                raise BadInput(f"This request has no item {sent['item']}.")
        record = services.add_record(
            request=records_request,
            upload=sent["file"],
            title=sent["title"],
            item=item,
            source_agency=sent.get("source_agency", ""),
            actor=person(request),
            at=now(),
        )
        return Response(RecordSerializer(record).data, status=201)


def person(request: Request) -> User:
    """This will give the signed-in person, whom the API's authentication has made sure of."""
    return cast(User, request.user)


def staff_request(request: Request, key: str) -> RecordsRequest:
    """This will load a request for staff. Its requester may see it, but not its records.

    :raises NotAllowed: for the requester; Http404 for strangers.
    """
    found = docket.get_visible(person(request), key)
    if not person(request).may(Permission.SEE_REQUESTS):
        audit.record_denied(
            action="custody.records_viewed",
            actor=person(request),
            subject=found,
            request_key=found.key,
            why=NotAllowed.code,
        )
        raise NotAllowed("Records under review are for staff.")
    return found


api_urlpatterns = [
    path("requests/<str:key>/records/", RecordsView.as_view(), name="records"),
    *purge_api.api_urlpatterns,
]
