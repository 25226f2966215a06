"""Marks, renders and approvals for programs: the same services and policies as the pages."""

from typing import Any

from django.http import Http404
from django.urls import path
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from portal.audit import services as audit
from portal.core.api import RefusalSerializer
from portal.core.time import now
from redaction.plans import closed, decisions, policies, seeing
from redaction.plans import services as plans
from redaction.plans.models import Review
from redaction.plans.pins import Wanted
from redaction.plans.rows import newest_plan, newest_render
from requests_app.custody.api import person, staff_request
from requests_app.custody.models import ResponsiveRecord

_REFUSALS = {403: RefusalSerializer, 404: RefusalSerializer, 409: RefusalSerializer, 422: RefusalSerializer}


class PlanSerializer(serializers.Serializer[Any]):
    version = serializers.IntegerField(min_value=0, help_text="the version you change; 0 before the first")
    marks = serializers.JSONField(help_text="a marks file, version 1")
    why = serializers.CharField(
        max_length=500, required=False, help_text="why what it decides of suggestions is decided so"
    )


class ApprovalSerializer(serializers.Serializer[Any]):
    render_sha256 = serializers.CharField(max_length=64, allow_blank=True)
    marks_digest = serializers.CharField(max_length=64)


class WithholdSerializer(serializers.Serializer[Any]):
    version = serializers.IntegerField(min_value=0)
    exemptions = serializers.ListField(child=serializers.CharField(max_length=32), allow_empty=True)
    note = serializers.CharField(max_length=300, required=False)


class AsideSerializer(serializers.Serializer[Any]):
    action = serializers.ChoiceField(choices=["not_responsive", "duplicate", "reconsider"])


class WantedSerializer(serializers.Serializer[Any]):
    mark_id = serializers.CharField(max_length=200, help_text="a mark of the newest version")
    text = serializers.CharField(max_length=1000)


class SendBackSerializer(serializers.Serializer[Any]):
    comment = serializers.CharField(max_length=2000, allow_blank=True)
    pins = WantedSerializer(many=True, required=False, help_text="what is to be changed at which mark")


class JobSerializer(serializers.Serializer[Any]):
    state = serializers.CharField()
    progress = serializers.IntegerField()
    note = serializers.CharField()
    error = serializers.CharField()


class CompanionSerializer(serializers.Serializer[Any]):
    name = serializers.CharField()
    sha256 = serializers.CharField()
    size = serializers.IntegerField()


class CoverageSerializer(serializers.Serializer[Any]):
    part = serializers.ChoiceField(choices=["marker", "approver"])
    unit = serializers.ChoiceField(choices=["page", "second", "row"])
    speed = serializers.IntegerField(help_text="seen at up to so many times its own speed")
    seen = serializers.FloatField()
    total = serializers.FloatField(allow_null=True)
    per_cent = serializers.IntegerField(allow_null=True)
    demanded = serializers.IntegerField(help_text="per cent, as the agency's rule stood")
    ranges_digest = serializers.CharField()
    at = serializers.DateTimeField()


class RenderSerializer(serializers.Serializer[Any]):
    sha256 = serializers.CharField()
    marks_digest = serializers.CharField()
    size = serializers.IntegerField()
    withheld = serializers.BooleanField()
    engine = serializers.CharField(help_text="the machinery that made it; empty when nothing was made")
    report = serializers.JSONField()
    coverage = CoverageSerializer(many=True, help_text="who had seen how much, marker and approver apart")
    companions = CompanionSerializer(many=True, help_text="what goes out beside it, approved with it")


class ReviewSerializer(serializers.Serializer[Any]):
    status = serializers.CharField()
    version = serializers.IntegerField()
    marks = serializers.JSONField(allow_null=True)
    job = JobSerializer(allow_null=True)
    render = RenderSerializer(allow_null=True)


def shown(review: Review) -> dict[str, Any]:
    """This will give a review as the API shows it: state, newest marks, running job, verified result."""
    fresh = Review.objects.select_related("job").get(pk=review.pk)
    plan, render, job = newest_plan(fresh), newest_render(fresh), fresh.job
    shut = closed.is_shut(fresh)
    return {
        "status": fresh.status,
        "version": plan.version if plan else 0,
        "marks": closed.marks_shown(plan.marks, shut=shut) if plan else None,
        "job": job
        and {
            "state": job.state,
            "progress": job.progress,
            "note": job.progress_note,
            "error": job.error if shut else job.told,
        },
        "render": render
        and {
            "sha256": render.sha256,
            "marks_digest": render.marks_digest,
            "size": render.size,
            "withheld": render.withheld,
            "engine": render.engine,
            "report": closed.report_shown(render.report, shut=shut),
            "coverage": [seeing.as_data(row) for row in seeing.bound(render.plan)],
            "companions": list(render.companions.values("name", "sha256", "size")),
        },
    }


class RecordView(APIView):
    """Loads the record by the request's key and its position."""

    def review(self, request: Request, key: str, position: int) -> Review:
        records_request = staff_request(request, key)
        record = (
            ResponsiveRecord.objects.select_related("request__agency")
            .filter(request=records_request, position=position)
            .first()
        )
        if record is None:
            raise Http404
        review = plans.open_review(record=record)
        policies.require_look(person(request), review)
        return review

    def sent(self, request: Request, form: type[serializers.Serializer[Any]]) -> dict[str, Any]:
        checked = form(data=request.data)
        checked.is_valid(raise_exception=True)
        return dict(checked.validated_data)


class ReviewView(RecordView):
    @extend_schema(responses={200: ReviewSerializer, 404: RefusalSerializer}, operation_id="review_retrieve")
    def get(self, request: Request, key: str, position: int) -> Response:
        review = self.review(request, key, position)
        audit.record(
            action="custody.record_viewed", actor=person(request), subject=review.record, request_key=key
        )
        return Response(shown(review))


class PlanView(RecordView):
    @extend_schema(request=PlanSerializer, responses={201: ReviewSerializer, **_REFUSALS})
    def post(self, request: Request, key: str, position: int) -> Response:
        review, sent = self.review(request, key, position), self.sent(request, PlanSerializer)
        plans.save_plan(
            review=review,
            marks=sent["marks"],
            author=person(request),
            at=now(),
            expected_version=sent["version"],
            decided_why=sent.get("why", decisions.BY_HAND),
        )
        return Response(shown(review), status=201)


class RenderView(RecordView):
    @extend_schema(request=None, responses={202: ReviewSerializer, **_REFUSALS})
    def post(self, request: Request, key: str, position: int) -> Response:
        review = self.review(request, key, position)
        plans.request_render(review=review, actor=person(request), at=now())
        return Response(shown(review), status=202)


class ApproveView(RecordView):
    @extend_schema(request=ApprovalSerializer, responses={200: ReviewSerializer, **_REFUSALS})
    def post(self, request: Request, key: str, position: int) -> Response:
        review, sent = self.review(request, key, position), self.sent(request, ApprovalSerializer)
        plans.approve(review=review, approver=person(request), at=now(), **sent)
        return Response(shown(review))


class SendBackView(RecordView):
    @extend_schema(request=SendBackSerializer, responses={200: ReviewSerializer, **_REFUSALS})
    def post(self, request: Request, key: str, position: int) -> Response:
        review, sent = self.review(request, key, position), self.sent(request, SendBackSerializer)
        pins = [Wanted(**row) for row in sent.get("pins", ())]
        plans.send_back(review=review, by=person(request), comment=sent["comment"], at=now(), pins=pins)
        return Response(shown(review))


class WithholdView(RecordView):
    @extend_schema(request=WithholdSerializer, responses={202: ReviewSerializer, **_REFUSALS})
    def post(self, request: Request, key: str, position: int) -> Response:
        review, sent = self.review(request, key, position), self.sent(request, WithholdSerializer)
        plans.withhold(
            review=review,
            exemption_codes=sent["exemptions"],
            note=sent.get("note", ""),
            actor=person(request),
            at=now(),
            expected_version=sent["version"],
        )
        return Response(shown(review), status=202)


class AsideView(RecordView):
    @extend_schema(request=AsideSerializer, responses={200: ReviewSerializer, **_REFUSALS})
    def post(self, request: Request, key: str, position: int) -> Response:
        review, sent = self.review(request, key, position), self.sent(request, AsideSerializer)
        step = {
            "not_responsive": plans.mark_not_responsive,
            "duplicate": plans.mark_duplicate,
            "reconsider": plans.reconsider,
        }[sent["action"]]
        step(review=review, actor=person(request), at=now())
        return Response(shown(review))


_RECORD = "requests/<str:key>/records/<int:position>/"
api_urlpatterns = [
    path(_RECORD, ReviewView.as_view(), name="review"),
    path(f"{_RECORD}marks/", PlanView.as_view(), name="marks"),
    path(f"{_RECORD}render/", RenderView.as_view(), name="render"),
    path(f"{_RECORD}approve/", ApproveView.as_view(), name="approve"),
    path(f"{_RECORD}send-back/", SendBackView.as_view(), name="send-back"),
    path(f"{_RECORD}withhold/", WithholdView.as_view(), name="withhold"),
    path(f"{_RECORD}set-aside/", AsideView.as_view(), name="set-aside"),
]
