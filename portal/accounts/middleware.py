"""Every route needs a signed-in person unless it is named in PUBLIC; staff need a second factor too."""

import time
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from allauth.account.authentication import get_authentication_records
from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib.auth import logout
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse

from portal.accounts.policies import may_enter
from portal.accounts.routes import ENROLMENT, PUBLIC
from portal.audit import services as audit
from portal.core.http import client_ip

PROBES = frozenset({"healthz", "readyz"})  # asked without a session, also while Postgres is away
Handler = Callable[[HttpRequest], HttpResponse]


class SignInRequiredMiddleware:
    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with audit.coming_from(client_ip(request)):
            return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> HttpResponse | None:
        match = request.resolver_match
        name = match.view_name if match else ""
        if name in PROBES:
            return None
        if request.user.is_authenticated and (_is_over(request) or not may_enter(request.user)):
            logout(request)
        if name in PUBLIC:
            return None
        if request.path.startswith("/api/"):  # answers 401 by itself
            return _second_factor_missing(request)
        if not request.user.is_authenticated:
            return redirect(f"{reverse(_door(request))}?{urlencode({'next': request.get_full_path()})}")
        return self._for_signed_in(request, name)

    def _for_signed_in(self, request: HttpRequest, name: str) -> HttpResponse | None:
        user = request.user
        assert user.is_authenticated  # noqa: S101  the caller has redirected everybody else
        if user.is_records_staff and not is_mfa_enabled(user):
            return None if name in ENROLMENT else redirect("mfa_activate_totp")
        if user.password_is_initial and name not in ENROLMENT:
            return redirect("account_change_password")
        if _is_staff_address(request) and not user.is_records_staff:
            audit.record_denied(action="account.staff_address", actor=user, subject=user, why="not_staff")
            raise Http404
        return None


def _is_over(request: HttpRequest) -> bool:
    """Twelve hours after signing in, however busy: each saved session would begin its own twelve anew."""
    signed_in = [record.get("at", 0) for record in get_authentication_records(request, request.user)]
    return bool(signed_in) and time.time() - max(signed_in) > settings.SESSION_COOKIE_AGE


def _second_factor_missing(request: HttpRequest) -> HttpResponse | None:
    # a session of staff by password alone must not reach through the API what the pages keep from it
    user = request.user
    if not user.is_authenticated or not user.is_records_staff or is_mfa_enabled(user):
        return None
    words = "Set up your authenticator app first."
    return JsonResponse({"code": "second_factor_missing", "detail": words}, status=403)


def _is_staff_address(request: HttpRequest) -> bool:
    return request.path.startswith(("/desk/", "/admin/"))


def _door(request: HttpRequest) -> str:
    return "account_login" if _is_staff_address(request) else "account_request_login_code"
