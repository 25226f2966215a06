"""Filing for programs: the same forms, checks and services as the pages."""

from django.urls import path
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from portal.core.api import RefusalSerializer, idempotency_key
from portal.core.errors import NotAllowed
from portal.core.time import now
from requests_app.docket.models import RecordsRequest
from requests_app.intake import rules, selectors, services
from requests_app.intake.forms import clean_answers

IDEMPOTENCY_KEY = OpenApiParameter(
    "Idempotency-Key",
    OpenApiTypes.STR,
    OpenApiParameter.HEADER,
    required=True,
    description="Your own name for this one act, at most 100 characters. Sent again, it does nothing twice.",
)


class QuestionSerializer(serializers.Serializer[rules.Field]):
    name = serializers.CharField()
    type = serializers.ChoiceField(choices=sorted(rules.FIELD_TYPES))
    question = serializers.CharField(source="label")
    hint = serializers.CharField(source="help")
    is_required = serializers.BooleanField(source="required")
    max_length = serializers.IntegerField()
    choices = serializers.ListField(child=serializers.ListField(child=serializers.CharField()))


class StepSerializer(serializers.Serializer[rules.Step]):
    slug = serializers.CharField()
    title = serializers.CharField()
    questions = QuestionSerializer(many=True, source="fields")


class FormSerializer(serializers.Serializer[rules.Form]):
    code = serializers.CharField()
    version = serializers.IntegerField()
    title = serializers.CharField()
    summary = serializers.CharField()
    steps = StepSerializer(many=True)


class FilingSerializer(serializers.Serializer[None]):
    form = serializers.SlugField(max_length=32)
    answers = serializers.DictField(child=serializers.CharField(allow_blank=True, max_length=20_000))


class FiledSerializer(serializers.Serializer[RecordsRequest]):
    key = serializers.CharField()
    number = serializers.CharField()
    status = serializers.CharField()
    received_at = serializers.DateTimeField()
    due_on = serializers.DateField(allow_null=True)


class Forms(APIView):
    @extend_schema(operation_id="form_list", responses=FormSerializer(many=True))
    def get(self, request: Request) -> Response:
        """The forms in use, with every question. ``answers`` of a filing are keyed by a question's name."""
        found = [rules.parse(row.data) for row in selectors.active_forms()]
        return Response([FormSerializer(form).data for form in found])


def file_request(request: Request) -> Response:
    """File a request at once, without a draft. Sent again with one Idempotency-Key it files nothing more."""
    user = selectors.requester(request.user)
    if user is None:
        raise NotAllowed("Staff do not file requests here. Sign in with another address.")
    key = idempotency_key(request)
    given = FilingSerializer(data=request.data)
    given.is_valid(raise_exception=True)
    form = selectors.active_forms().filter(code=given.validated_data["form"]).first()
    if form is None:
        raise serializers.ValidationError({"form": ["There is no such form in use."]})
    sent = {"name": user.name, **given.validated_data["answers"], "email": user.email}
    answers, wrong = clean_answers(rules.parse(form.data), sent)
    if wrong:
        raise serializers.ValidationError(wrong)
    filed, created = services.file_at_once(form=form, answers=answers, requester=user, key=key, at=now())
    return Response(FiledSerializer(filed).data, status=201 if created else 200)


SCHEMA = extend_schema(
    operation_id="request_file",
    parameters=[IDEMPOTENCY_KEY],
    request=FilingSerializer,
    responses={
        201: FiledSerializer,
        200: OpenApiResponse(FiledSerializer, description="Filed before with this key"),
        400: OpenApiResponse(RefusalSerializer, description="Answers are missing or wrong"),
        403: RefusalSerializer,
        409: OpenApiResponse(RefusalSerializer, description="The key came before with other content"),
    },
)
"""For the view that holds ``requests/`` (following is tracking's, filing is ours)."""

api_urlpatterns = [path("forms/", Forms.as_view(), name="forms")]
