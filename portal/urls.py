"""Every address. The ``public`` role has no staff address at all, the ``staff`` role no requester's."""

from importlib import import_module
from types import ModuleType

from allauth.account.decorators import secure_admin_login
from django.conf import settings
from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

from portal import health

ROOMS = {
    "intake": "requests_app.intake",
    "tracking": "requests_app.tracking",
    "law": "requests_app.law",
    "clock": "requests_app.clock",
    "correspondence": "requests_app.correspondence",
    "fees": "requests_app.fees",
    "custody": "requests_app.custody",
    "workbench": "redaction.workbench",
    "release": "redaction.release",
    "appeals": "requests_app.appeals",
    "transparency": "requests_app.transparency",
    "desk": "requests_app.desk",
}
API_ROOMS = [
    "portal.accounts",
    "requests_app.law",
    "requests_app.clock",
    "requests_app.intake",
    "requests_app.tracking",
    "requests_app.desk",
    "requests_app.fees",
    "requests_app.custody",
    "redaction.plans",
    "redaction.release",
]
Patterns = list[URLPattern | URLResolver]


def _module(name: str) -> ModuleType | None:
    try:
        return import_module(name)
    except ModuleNotFoundError as error:
        if error.name != name:
            raise
        return None


def _rooms() -> Patterns:
    roles = ["public", "staff"] if settings.ROLE == "both" else [settings.ROLE]
    found: Patterns = []
    for label, package in ROOMS.items():
        module = _module(f"{package}.urls")
        patterns: Patterns = [p for role in roles for p in getattr(module, f"{role}_urlpatterns", [])]
        if patterns:
            found.append(path("", include((patterns, label))))
    return found


def _api() -> Patterns:
    found: Patterns = []
    for package in API_ROOMS:
        module = _module(f"{package}.api")
        found += getattr(module, "api_urlpatterns", [])
    return found


admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]  # allauth's documented way

urlpatterns: Patterns = [
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path(".well-known/security.txt", health.security_txt, name="security-txt"),
    path("account/", include("portal.accounts.urls")),
    path("api/v1/", include((_api(), "api"))),
    path("api/schema/", SpectacularAPIView.as_view(), name="schema"),
    path("api/docs/", SpectacularSwaggerSplitView.as_view(url_name="schema"), name="api-docs"),
]
if settings.ROLE == "staff":
    urlpatterns += [path("", health.staff_home, name="home")]
else:
    from requests_app.intake.views import home

    urlpatterns += [path("", home, name="home")]
if settings.ROLE != "public":
    urlpatterns += [path("admin/", admin.site.urls)]
urlpatterns += _rooms()
