"""The staff pages of a release: decide, watch it being built, recall, see who fetched what."""

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from portal.audit import services as audit
from portal.core.http import AuthedRequest, say
from portal.core.time import now
from redaction.plans import selectors as plans
from redaction.release import letter, policies, selectors, services, withholding
from redaction.release.forms import CreateForm, RecallForm
from redaction.release.models import ReleaseManifest
from redaction.release.particulars import Particular
from redaction.release.rules import Outcome, ReleaseStatus, outcome_of
from requests_app.docket import selectors as docket
from requests_app.docket.models import RecordsRequest

_TAGS = {"building": "progress", "issued": "done", "failed": "refused", "recalled": "overdue"}


@require_GET
def staff(request: AuthedRequest, key: str) -> HttpResponse:
    return _page(request, docket.get_visible(request.user, key))


@require_POST
def create(request: AuthedRequest, key: str) -> HttpResponse:
    case = docket.get_visible(request.user, key)
    form = CreateForm(request.POST, asked=_asked(case))
    if form.is_valid():
        try:
            services.create(
                request=case, actor=request.user, at=now(), answers=form.answers(),
                outcome_note=form.cleaned_data["outcome_note"],
            )  # fmt: skip
        except services.ReleaseRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            say(request, "The release is being built. You can leave this page and come back.")
            return redirect("release:staff", case.key)
    return _page(request, case, create_form=form, status=409 if form.is_bound and form.errors else 200)


@require_GET
def progress(request: AuthedRequest, manifest_key: str) -> HttpResponse:
    """The inside of the progress bar, polled; when the build is over the whole page loads anew."""
    manifest = selectors.get_visible(request.user, manifest_key)
    build = selectors.build_of(manifest)
    over = manifest.status != ReleaseStatus.BUILDING or build.stopped
    page = {"label": "Building the package", "percent": 100 if over else build.percent, "note": build.note}
    response = render(request, "components/progress_state.html", page)
    if over:
        response["HX-Refresh"] = "true"
    return response


@require_POST
def recall(request: AuthedRequest, manifest_key: str) -> HttpResponse:
    manifest = selectors.get_visible(request.user, manifest_key)
    form = RecallForm(request.POST)
    if not form.is_valid():
        return _page(request, manifest.request, recall_form=form, status=422)
    services.recall(manifest=manifest, actor=request.user, at=now(), reason=form.cleaned_data["reason"])
    say(request, "The release is recalled. Its links have stopped, and the requester has been told.")
    return redirect("release:staff", manifest.request.key)


@require_POST
def retry(request: AuthedRequest, manifest_key: str) -> HttpResponse:
    manifest = selectors.get_visible(request.user, manifest_key)
    services.retry(manifest=manifest, actor=request.user)
    say(request, "The build starts again.")
    return redirect("release:staff", manifest.request.key)


@require_POST
def abandon(request: AuthedRequest, manifest_key: str) -> HttpResponse:
    manifest = selectors.get_visible(request.user, manifest_key)
    services.abandon(manifest=manifest, actor=request.user)
    say(request, "The stopped build is given up. You can decide the release again.")
    return redirect("release:staff", manifest.request.key)


@require_POST
def staff_link(request: AuthedRequest, manifest_key: str) -> HttpResponse:
    """A link for a member of staff, to see exactly what the requester gets. Logged like any other."""
    manifest = selectors.get_visible(request.user, manifest_key)
    item = selectors.item_of(manifest, request.POST.get("item", ""))
    _grant, token = services.grant(manifest=manifest, item=item, user=request.user, at=now())
    return redirect("release:staff-file", token)


def _asked(case: RecordsRequest) -> list[Particular]:
    return letter.asked_of(case, (*plans.approved_renders(case), *plans.withheld_records(case)))


def _page(
    request: AuthedRequest,
    case: RecordsRequest,
    *,
    create_form: CreateForm | None = None,
    recall_form: RecallForm | None = None,
    status: int = 200,
) -> HttpResponse:
    audit.record(action="release.viewed", actor=request.user, subject=case, request_key=case.key)
    approved, withheld = plans.approved_renders(case), plans.withheld_records(case)
    parts = sum(withholding.count(entry.marks) for entry in approved)
    outcome = outcome_of(released=len(approved), withheld=len(withheld), withholdings=parts)
    page = {
        "case": case,
        "releases": [_shown(manifest) for manifest in selectors.releases(case)],
        "blocking": selectors.blocking(case),
        "may_release": policies.may_release(request.user, case),
        "approved": approved,
        "withheld": withheld,
        "outcome": outcome.label,
        "create_form": create_form or CreateForm(asked=letter.asked_of(case, (*approved, *withheld))),
        "recall_form": recall_form or RecallForm(),
        "form": create_form or recall_form,
    }
    return render(request, "release/staff.html", page, status=status)


def _shown(manifest: ReleaseManifest) -> dict[str, object]:
    building = manifest.status == ReleaseStatus.BUILDING
    return {
        "manifest": manifest,
        "outcome": Outcome(manifest.outcome).label,
        "tag": _TAGS[manifest.status],
        "build": selectors.build_of(manifest) if building else None,
        "files": selectors.files_of(manifest),
        "withheld": selectors.withheld_of(manifest),
        "downloads": selectors.downloads(manifest),
        "is_issued": manifest.status == ReleaseStatus.ISSUED,
        "link_days": manifest.link_days,
    }
