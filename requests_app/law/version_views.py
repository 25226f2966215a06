"""Reading a version rule by rule, comparing it with another, taking it away as a file."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET

from portal.audit import services as audit
from portal.core.http import AuthedRequest
from requests_app.law import drafting, presentation, selectors
from requests_app.law.models import LawPack
from requests_app.law.policies import require_reader


@require_GET
def version(request: AuthedRequest, pk: int) -> HttpResponse:
    require_reader(request.user)
    row = get_object_or_404(LawPack.objects.select_related("published_by", "base"), pk=pk)
    agency = selectors.agency()
    pages = presentation.version_sections(agency, row)
    context = {
        "version": row,
        "disclaimer": row.data["disclaimer"],
        "sections": pages,
        "part": request.GET.get("part", ""),
        "counts": presentation.counts(pages),
        "marks": presentation.marks(pages),
        "others": presentation.predecessors(row),
        "decisions": row.adoptions.filter(agency=agency).select_related("decided_by").order_by("-pk"),
    }
    return render(request, "law/version.html", context)


@require_GET
def diff(request: AuthedRequest, pk: int, other: int) -> HttpResponse:
    """What version ``pk`` says otherwise than version ``other``."""
    require_reader(request.user)
    new, old = get_object_or_404(LawPack, pk=pk), get_object_or_404(LawPack, pk=other)
    context = {"new": new, "old": old, "sections": presentation.changes_by_section(old.data, new.data)}
    return render(request, "law/diff.html", context)


@require_GET
def export(request: AuthedRequest, pk: int) -> HttpResponse:
    require_reader(request.user)
    row = get_object_or_404(LawPack, pk=pk)
    audit.record(action="law.exported", actor=request.user, subject=row, detail={"version": str(row)})
    answer = HttpResponse(drafting.export(row), content_type="application/json")
    answer.headers["Content-Disposition"] = f'attachment; filename="{row.code}-{row.version}.json"'
    return answer
