from django.http import HttpRequest
from django.urls import path
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import Throttled
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.throttling import ScopedRateThrottle
from rest_framework.views import APIView

from portal.accounts import services
from portal.core.throttle import too_many


class CredentialsSerializer(serializers.Serializer[None]):
    email = serializers.EmailField(required=False)
    password = serializers.CharField(required=False, trim_whitespace=False, max_length=200)
    code = serializers.CharField(required=False, max_length=12)


class TokenSerializer(serializers.Serializer[None]):
    token = serializers.CharField()
    expires_at = serializers.DateTimeField()


class TokenView(APIView):
    """Signed in by session: a token for yourself. Otherwise staff credentials: e-mail, password and code."""

    permission_classes = (AllowAny,)
    throttle_classes = (ScopedRateThrottle,)
    throttle_scope = "token"

    @extend_schema(
        request=CredentialsSerializer,
        responses={201: TokenSerializer, 401: OpenApiResponse(description="Wrong credentials")},
    )
    def post(self, request: Request) -> Response:
        if request.user.is_authenticated:
            row, token = services.issue_token(user=request.user)
        else:
            form = CredentialsSerializer(data=request.data)
            form.is_valid(raise_exception=True)
            sent = {"email": "", "password": "", "code": "", **form.validated_data}
            http_request: HttpRequest = request._request
            # CJIS AC-7: five tries for an account, from wherever they come
            if too_many(http_request, "token", per="email", key=sent["email"], rate="5/15m"):
                raise Throttled(wait=900)
            row, token = services.token_for(http_request=http_request, **sent)
        return Response({"token": token, "expires_at": row.expiry}, status=201)


api_urlpatterns = [path("auth/token/", TokenView.as_view(), name="token")]
