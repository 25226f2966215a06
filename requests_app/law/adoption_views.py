"""Counsel's page: every rule of a version, what it was compared with, adopted or still a draft."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from portal.accounts.rules import Permission
from portal.core.http import AuthedRequest, say
from portal.core.time import now
from requests_app.law import adopting, presentation, selectors
from requests_app.law.forms import AdoptForm, TakeBackForm
from requests_app.law.models import LawPack
from requests_app.law.policies import require, require_reader
from requests_app.law.presentation import SectionPage


@require_http_methods(["GET", "POST"])
def adoption(request: AuthedRequest) -> HttpResponse:
    """The version in use."""
    require_reader(request.user)
    return redirect("law:adopt", pk=selectors.pack_in_use(selectors.agency()).pk)


@require_http_methods(["GET", "POST"])
def adopt(request: AuthedRequest, pk: int) -> HttpResponse:
    """Adopt chosen rules of a section, or all of them that the reader may adopt."""
    if request.method == "POST":
        require(request.user, Permission.ADOPT_LAW)
    require_reader(request.user)
    agency = selectors.agency()
    row = get_object_or_404(LawPack, pk=pk)
    pages = presentation.version_sections(agency, row, request.user.pk)
    chosen = next((page for page in pages if page.id == request.POST.get("section")), None)
    form = AdoptForm(request.POST, auto_id=f"{chosen.anchor}-%s") if chosen else None
    if chosen is not None and form is not None and form.is_valid():
        paths = [each.path for each in chosen.open_rows]
        if "all" not in request.POST:
            paths = request.POST.getlist("path")
        if not paths:
            form.add_error(None, "Choose at least one rule.")
        else:
            made = adopting.adopt(
                agency=agency, pack=row, paths=paths, actor=request.user, at=now(), **form.cleaned_data
            )
            say(request, f"{len(made)} rule{'s' * (len(made) != 1)} adopted: {chosen.title}.")
            return redirect(reverse("law:adopt", args=[row.pk]) + f"#{chosen.anchor}")
    may_adopt = request.user.may(Permission.ADOPT_LAW)
    context = {
        "version": row,
        "sections": [(page, _form(page, chosen, form) if may_adopt else None) for page in pages],
        "counts": presentation.counts(pages),
        "may_adopt": may_adopt,
        "take_back_form": TakeBackForm(auto_id=False),
        "chosen": chosen.id if chosen else "",
        "form": form,
    }
    return render(request, "law/adoption.html", context, status=422 if form and form.errors else 200)


@require_POST
def take_back(request: AuthedRequest, pk: int) -> HttpResponse:
    require(request.user, Permission.ADOPT_LAW)
    row = get_object_or_404(LawPack, pk=pk)
    path = request.POST.get("path", "")
    adopting.take_back(
        agency=selectors.agency(), pack=row, path=path, actor=request.user, at=now(),
        note=request.POST.get("note", ""),
    )  # fmt: skip
    say(request, f"{path} is a draft again.")
    return redirect("law:adopt", pk=row.pk)


def _form(page: SectionPage, chosen: SectionPage | None, form: AdoptForm | None) -> AdoptForm | None:
    if not page.open_rows:
        return None
    return form if page is chosen and form is not None else AdoptForm(auto_id=f"{page.anchor}-%s")
