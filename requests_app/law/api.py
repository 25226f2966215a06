"""The law for programs: the version in use with every rule and its standing, and the versions there are."""

from typing import Any

from django.shortcuts import get_object_or_404
from django.urls import path
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from portal.accounts.models import User
from portal.core.api import RefusalSerializer
from requests_app.law import reading, selectors, standing
from requests_app.law.models import Agency, LawPack
from requests_app.law.policies import may_read, require_reader


class RuleSerializer(serializers.Serializer[None]):
    """``adopted_by`` empty: counsel has not adopted the rule; who it was, those who keep the law read.

    ``digest``: of what the rule says.
    """

    path = serializers.CharField()
    section = serializers.CharField()
    title = serializers.CharField()
    says = serializers.CharField()
    citation = serializers.CharField()
    verified = serializers.ChoiceField(choices=list(reading.VERIFIED))
    adopted_by = serializers.CharField()
    adopted_on = serializers.DateField(allow_null=True)
    digest = serializers.CharField()
    rule = serializers.JSONField()


class VersionSerializer(serializers.ModelSerializer[LawPack]):
    class Meta:
        model = LawPack
        fields = ("id", "code", "version", "name", "effective_from", "effective_to", "sha256", "note")
        read_only_fields = fields


class VersionRulesSerializer(serializers.Serializer[None]):
    version = VersionSerializer()
    disclaimer = serializers.CharField()
    rules = RuleSerializer(many=True)


class LawInUseView(APIView):
    @extend_schema(operation_id="law_in_use", responses={200: VersionRulesSerializer})
    def get(self, request: Request) -> Response:
        """The version requests received today come under: the same rules the public page shows in words."""
        agency = selectors.agency()
        return Response(_rules(agency, selectors.pack_in_use(agency), named=_may_read(request)))


class VersionsView(APIView):
    @extend_schema(
        operation_id="law_versions", responses={200: VersionSerializer(many=True), 403: RefusalSerializer}
    )
    def get(self, request: Request) -> Response:
        """Every loaded and published version of every law."""
        _require_reader(request)
        rows = LawPack.objects.defer("data").order_by("code", "-effective_from", "-pk")
        return Response(VersionSerializer(rows, many=True).data)


class VersionView(APIView):
    @extend_schema(
        operation_id="law_version",
        responses={200: VersionRulesSerializer, 403: RefusalSerializer, 404: RefusalSerializer},
    )
    def get(self, request: Request, pk: int) -> Response:
        """One version, rule by rule."""
        _require_reader(request)
        return Response(_rules(selectors.agency(), get_object_or_404(LawPack, pk=pk), named=True))


def _rules(agency: Agency, pack: LawPack, *, named: bool) -> Any:
    """``named``: the reader may know which of the staff adopted a rule."""
    known = standing.standings(agency, pack)
    rows = [
        {
            "path": each.path,
            "section": each.section.id,
            "title": reading.title(each),
            "says": reading.summary(each),
            "citation": str(each.data.get("citation") or ""),
            "verified": known[each.path].verified,
            "adopted_by": known[each.path].adopted_by if named else "counsel" * known[each.path].is_adopted,
            "adopted_on": known[each.path].adopted_on,
            "digest": each.digest,
            "rule": each.data,
        }
        for each in standing.rules_of(pack)
        if each.adoptable
    ]
    shown = {"version": pack, "disclaimer": pack.data["disclaimer"], "rules": rows}
    return VersionRulesSerializer(shown).data  # type: ignore[arg-type]  # a plain mapping, as DRF allows


def _may_read(request: Request) -> bool:
    return isinstance(request.user, User) and may_read(request.user)


def _require_reader(request: Request) -> None:
    assert isinstance(request.user, User)  # noqa: S101  the default permission lets nobody else in
    require_reader(request.user)


api_urlpatterns = [
    path("law/", LawInUseView.as_view(), name="law"),
    path("law/versions/", VersionsView.as_view(), name="law-versions"),
    path("law/versions/<int:pk>/", VersionView.as_view(), name="law-version"),
]
