"""The requester's pages: what was released, links to it, the files themselves; and the public check page."""

from typing import cast

from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST, require_safe

from portal.audit import services as audit
from portal.core.http import AuthedRequest
from portal.core.time import now
from redaction.release import package, selectors, services, serving
from redaction.release.models import ReleaseManifest
from redaction.release.rules import Outcome, ReleaseStatus
from requests_app.docket import selectors as docket


@require_GET
def downloads(request: AuthedRequest, key: str) -> HttpResponse:
    case = docket.get_visible(request.user, key)
    audit.record(action="release.viewed", actor=request.user, subject=case, request_key=case.key)
    found = [_shown(manifest) for manifest in selectors.for_requester(case)]
    return render(request, "release/downloads.html", {"case": case, "releases": found})


@require_GET
def letter(request: AuthedRequest, key: str) -> HttpResponse:
    """Where mails and other pages point for the letter: its row on the downloads page."""
    return redirect(reverse("release:downloads", args=[key]) + "#letter")


@require_POST
def link(request: AuthedRequest, manifest_key: str) -> HttpResponse:
    """Make a link and follow it: to the file, or to a page that plays it."""
    manifest = selectors.get_visible(request.user, manifest_key)
    item = selectors.item_of(manifest, request.POST.get("item", ""))
    _grant, token = services.grant(manifest=manifest, item=item, user=request.user, at=now())
    if request.POST.get("play") and item is not None and item.plays:
        if request.htmx:
            return render(request, "release/_player.html", {"item": item, "token": token})
        return redirect("release:watch", token)
    return redirect("release:file", token)


@require_GET
def watch(request: AuthedRequest, token: str) -> HttpResponse:
    grant = services.resolve(token=token, user=request.user, at=now())
    if grant.item is None or not grant.item.plays:
        return redirect("release:downloads", grant.manifest.request.key)
    page = {"item": grant.item, "token": token, "case": grant.manifest.request, "grant": grant}
    return render(request, "release/watch.html", page)


@require_safe
def file(request: AuthedRequest, token: str) -> HttpResponseBase:
    at = now()
    try:
        grant = services.resolve(token=token, user=request.user, at=at)
    except services.LinkGone as gone:
        page = {"error": gone, "grant": gone.grant, "case": gone.grant.manifest.request}
        return render(request, "release/link_gone.html", page, status=gone.status)
    return serving.respond(request=request, grant=grant, user=request.user, at=at)


@require_GET
def check(request: HttpRequest) -> HttpResponse:
    """Check a package in the browser. The file is read there and never sent."""
    return render(request, "release/check.html", {"fingerprints": selectors.fingerprints()})


@require_GET
def verifier(request: HttpRequest) -> HttpResponseBase:
    """The program that checks a package, from the agency itself rather than from the package."""
    return cast(
        HttpResponseBase,
        FileResponse(
            package.VERIFIER_FILE.open("rb"),
            as_attachment=True,
            filename=package.VERIFIER,
            content_type="text/x-python; charset=utf-8",
        ),
    )


def _shown(manifest: ReleaseManifest) -> dict[str, object]:
    files = selectors.files_of(manifest)
    return {
        "manifest": manifest,
        "outcome": Outcome(manifest.outcome).label,
        "recalled": manifest.status == ReleaseStatus.RECALLED,
        "files": files,
        "withheld": selectors.withheld_of(manifest),
        "records": manifest.facts["records"],
        "grounds": manifest.facts["grounds"],
        "appeals": manifest.facts["appeals"],
    }
