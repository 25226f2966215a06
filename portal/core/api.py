"""The API's envelope: one shape for every refusal, ``{"code": …, "detail": …}``."""

from typing import Any

from rest_framework import serializers
from rest_framework.exceptions import APIException
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import exception_handler as drf_exception_handler

from portal.core.errors import BadInput, DomainError


class RefusalSerializer(serializers.Serializer[None]):
    """For the schema: what every 4xx of ours looks like."""

    code = serializers.CharField()
    detail = serializers.CharField()


class KeyMissing(BadInput):
    """A call that must not act twice came without its Idempotency-Key."""

    code = "idempotency_key_missing"
    status = 400


def idempotency_key(request: Request) -> str:
    """This will give the caller's name for one act. :raises KeyMissing: when there is none, or a long one."""
    key = str(request.headers.get("Idempotency-Key", "")).strip()
    if not 0 < len(key) <= 100:
        raise KeyMissing("Send an Idempotency-Key header of 1 to 100 characters, a new one for each act.")
    return key


def exception_handler(error: Exception, context: dict[str, Any]) -> Response | None:
    """This will turn a DomainError into its status and code, and give DRF's own errors a code too."""
    if isinstance(error, DomainError):
        return Response({"code": error.code, "detail": str(error)}, status=error.status)
    response = drf_exception_handler(error, context)
    if response is not None and isinstance(error, APIException) and isinstance(response.data, dict):
        if "detail" in response.data:
            response.data = {
                "code": getattr(response.data["detail"], "code", error.default_code),
                "detail": str(response.data["detail"]),
            }
        else:
            response.data = {"code": "invalid", "detail": "Some fields are wrong.", "fields": response.data}
    return response
