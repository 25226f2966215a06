"""Limits on what may be repeated in a short time: per network address, per person, per given key."""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

import structlog
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django_ratelimit.core import is_ratelimited
from redis.exceptions import RedisError

from portal.core.http import client_ip

log = structlog.get_logger(__name__)
View = TypeVar("View", bound=Callable[..., HttpResponse])


def too_many(request: HttpRequest, group: str, *, per: str, key: str, rate: str) -> bool:
    """This will count one more try and tell whether ``rate`` (such as ``20/10m``) is exceeded for the key.

    Without the cache nobody is refused: a limit must not stop somebody from filing in time.
    """
    try:
        return bool(
            is_ratelimited(
                request, group=f"{group}:{per}", key=lambda *_: key.lower(), rate=rate, increment=True
            )
        )
    except RedisError as error:
        log.warning("throttle_down", group=group, error=type(error).__name__)
        return False


def limited(group: str, *, ip: str, user: str = "") -> Callable[[View], View]:
    """This will refuse too many POSTs of one view with 429 and a plain page."""

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if request.method == "POST":
                crowd = too_many(request, group, per="ip", key=client_ip(request), rate=ip)
                known = bool(user) and request.user.is_authenticated
                if crowd or (
                    known and too_many(request, group, per="user", key=str(request.user.pk), rate=user)
                ):
                    return refuse(request)
            return view(request, *args, **kwargs)

        return guarded  # type: ignore[return-value]  # wraps() keeps the view's own signature

    return decorate


def refuse(request: HttpRequest) -> HttpResponse:
    """This will render the page that asks to wait."""
    response = render(request, "429.html", status=429)
    response["Retry-After"] = "300"
    return response
