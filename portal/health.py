"""Whether this process lives, and whether the site can do its work."""

from django.conf import settings
from django.core.cache import cache
from django.db import connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect


def healthz(request: HttpRequest) -> HttpResponse:
    return HttpResponse("ok", content_type="text/plain")


def readyz(request: HttpRequest) -> JsonResponse:
    """This will answer 200 when database and cache answer, else 503; says which, never why."""
    parts = {"database": _database(), "cache": _cache()}
    return JsonResponse(parts, status=200 if all(parts.values()) else 503)


def _database() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except Exception:  # whatever it is, the answer is "not ready"
        return False
    return True


def _cache() -> bool:
    try:
        cache.set("readyz", "1", 5)
        return bool(cache.get("readyz") == "1")
    except Exception:  # whatever it is, the answer is "not ready"
        return False


def staff_home(request: HttpRequest) -> HttpResponse:
    """The front door of a process that plays only the staff role."""
    return redirect("desk:queue")


def security_txt(request: HttpRequest) -> HttpResponse:
    """RFC 9116."""
    from datetime import timedelta

    from portal.core.time import now

    expires = (now() + timedelta(days=180)).strftime("%Y-%m-%dT%H:%M:%SZ")
    contact = settings.DEFAULT_FROM_EMAIL
    text = f"Contact: mailto:{contact}\nExpires: {expires}\nPreferred-Languages: en, es\n"
    return HttpResponse(text, content_type="text/plain; charset=utf-8")
