"""Typed requests and the middleware every page shares."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import add_never_cache_headers
from django.utils.deprecation import MiddlewareMixin

from portal.core.errors import DomainError

if TYPE_CHECKING:
    from django_htmx.middleware import HtmxDetails

    from portal.accounts.models import User

Handler = Callable[[HttpRequest], HttpResponse]


class AuthedRequest(HttpRequest):
    """A request whose sender is signed in; for annotations only."""

    user: "User"
    htmx: "HtmxDetails"


def client_ip(request: HttpRequest) -> str:
    """This will give the peer's address; forwarded headers count only through allauth's trusted proxies."""
    from allauth.core.internal.httpkit import get_client_ip  # type: ignore[import-not-found, unused-ignore]

    return str(get_client_ip(request) or "")


class NoStoreMiddleware:
    """Nothing a signed-in person sees is kept by any cache (ASVS 14.3.2)."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if "Cache-Control" not in response.headers and not request.path.startswith("/static/"):
            add_never_cache_headers(response)
        return response


class DomainErrorMiddleware(MiddlewareMixin):
    """A refusal raised by a service becomes a plain page with its own status code."""

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if not isinstance(exception, DomainError):
            return None
        return refusal(request, exception)


def refusal(request: HttpRequest, error: DomainError) -> HttpResponse:
    """This will render a refusal: what was not done, why, and the way back."""
    return render(request, "refusal.html", {"error": error}, status=error.status)


def say(request: HttpRequest, text: str) -> None:
    """This will show one success sentence on the next page."""
    messages.success(request, text)
