"""Releases for programs: the same services and policies as the pages."""

from django.http import HttpResponseBase
from django.urls import path, reverse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from portal.accounts.models import User
from portal.core.api import RefusalSerializer
from portal.core.time import now
from redaction.release import selectors, services, serving
from redaction.release.models import ReleaseItem, ReleaseManifest
from requests_app.docket import selectors as docket

REFUSED = OpenApiResponse(RefusalSerializer, description="Refused, with a code and a sentence")


class ItemSerializer(serializers.ModelSerializer[ReleaseItem]):
    exemptions = serializers.ListField(child=serializers.DictField(child=serializers.CharField()))

    class Meta:
        model = ReleaseItem
        fields = ("id", "kind", "position", "path", "title", "size", "sha256", "exemptions")


class ReleaseSerializer(serializers.ModelSerializer[ReleaseManifest]):
    items = serializers.SerializerMethodField()
    progress = serializers.SerializerMethodField()

    class Meta:
        model = ReleaseManifest
        fields = (
            "key",
            "number",
            "status",
            "outcome",
            "explanation",
            "created_at",
            "issued_at",
            "recalled_at",
            "recall_reason",
            "size",
            "sha256",
            "key_fingerprint",
            "progress",
            "items",
        )

    @extend_schema_field(ItemSerializer(many=True))
    def get_items(self, manifest: ReleaseManifest) -> list[dict[str, object]]:
        return [dict(ItemSerializer(item).data) for item in manifest.items.all()]

    def get_progress(self, manifest: ReleaseManifest) -> int:
        return selectors.build_of(manifest).percent


class CreateSerializer(serializers.Serializer[None]):
    outcome_note = serializers.CharField(max_length=5000, required=False, default="", allow_blank=True)
    # by code of the exemption, then by what it needs: {"Ex. 3": {"statute": "…"}}
    grounds = serializers.DictField(
        child=serializers.DictField(child=serializers.CharField(max_length=500)), required=False, default=dict
    )


class RecallSerializer(serializers.Serializer[None]):
    reason = serializers.CharField(max_length=2000)


class GrantSerializer(serializers.Serializer[None]):
    item = serializers.IntegerField(required=False, allow_null=True, default=None)


class LinkSerializer(serializers.Serializer[None]):
    url = serializers.CharField()
    expires_at = serializers.DateTimeField()


class Releases(APIView):
    @extend_schema(operation_id="release_list", responses=ReleaseSerializer(many=True))
    def get(self, request: Request, key: str) -> Response:
        user = _user(request)
        case = docket.get_visible(user, key)
        found = selectors.releases(case) if user.is_records_staff else selectors.for_requester(case)
        return Response(ReleaseSerializer(found, many=True).data)

    @extend_schema(
        operation_id="release_create",
        request=CreateSerializer,
        responses={201: ReleaseSerializer, 403: REFUSED, 409: REFUSED},
    )
    def post(self, request: Request, key: str) -> Response:
        given = CreateSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        case = docket.get_visible(_user(request), key)
        manifest = services.create(
            request=case,
            actor=_user(request),
            at=now(),
            outcome_note=given.validated_data["outcome_note"],
            answers=given.validated_data["grounds"],
        )
        return Response(ReleaseSerializer(manifest).data, status=201)


class Release(APIView):
    @extend_schema(operation_id="release_status", responses=ReleaseSerializer)
    def get(self, request: Request, manifest_key: str) -> Response:
        manifest = selectors.get_visible(_user(request), manifest_key)
        return Response(ReleaseSerializer(manifest).data)


class Recall(APIView):
    @extend_schema(
        operation_id="release_recall",
        request=RecallSerializer,
        responses={200: ReleaseSerializer, 403: REFUSED, 409: REFUSED},
    )
    def post(self, request: Request, manifest_key: str) -> Response:
        given = RecallSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        manifest = selectors.get_visible(_user(request), manifest_key)
        services.recall(
            manifest=manifest, actor=_user(request), at=now(), reason=given.validated_data["reason"]
        )
        return Response(ReleaseSerializer(manifest).data)


class Grants(APIView):
    @extend_schema(
        operation_id="release_link", request=GrantSerializer, responses={201: LinkSerializer, 409: REFUSED}
    )
    def post(self, request: Request, manifest_key: str) -> Response:
        """Make a link to one file, or with no item to the whole package. It is shown this once."""
        given = GrantSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        manifest = selectors.get_visible(_user(request), manifest_key)
        item = selectors.item_of(manifest, str(given.validated_data["item"] or ""))
        grant, token = services.grant(manifest=manifest, item=item, user=_user(request), at=now())
        url = request.build_absolute_uri(reverse("api:release-file", args=[token]))
        return Response({"url": url, "expires_at": grant.expires_at}, status=201)


class File(APIView):
    @extend_schema(
        operation_id="release_file",
        responses={(200, "application/octet-stream"): OpenApiTypes.BINARY, 410: REFUSED},
    )
    def get(self, request: Request, token: str) -> HttpResponseBase:
        """The bytes of a link, with HTTP ranges."""
        at, user = now(), _user(request)
        grant = services.resolve(token=token, user=user, at=at)
        return serving.respond(request=request._request, grant=grant, user=user, at=at)


def _user(request: Request) -> User:
    assert isinstance(request.user, User)  # noqa: S101  the default permission lets nobody else in
    return request.user


api_urlpatterns = [
    path("requests/<str:key>/releases/", Releases.as_view(), name="releases"),
    path("releases/<str:manifest_key>/", Release.as_view(), name="release"),
    path("releases/<str:manifest_key>/recall/", Recall.as_view(), name="release-recall"),
    path("releases/<str:manifest_key>/links/", Grants.as_view(), name="release-links"),
    path("files/<str:token>/", File.as_view(), name="release-file"),
]
