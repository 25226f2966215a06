"""The pages on which the words of letters are written, compared and published."""

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.safestring import mark_safe
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from portal.accounts.rules import Permission
from portal.core.errors import BadInput
from portal.core.http import AuthedRequest, say
from portal.core.time import now
from requests_app.correspondence import letters, required, selectors, templating
from requests_app.correspondence.access import require
from requests_app.correspondence.fields import LANGUAGES
from requests_app.correspondence.forms import LawFilterForm, TemplateForm
from requests_app.correspondence.kinds import KINDS, Kind
from requests_app.correspondence.models import LetterTemplate
from requests_app.correspondence.shipped import Words
from requests_app.law.selectors import agency as the_agency


@require_GET
def template_list(request: AuthedRequest) -> HttpResponse:
    require(request.user, Permission.EDIT_LETTERS)
    chosen = request.GET.get("law", "")
    law = chosen if chosen in selectors.laws() else the_agency().law
    form = LawFilterForm(initial={"law": law}, auto_id="filter-%s")
    form.fields["law"].choices = [(code, code) for code in selectors.laws()]  # type: ignore[attr-defined]  # declared
    return render(
        request, "correspondence/templates.html", {"slots": selectors.slots(law), "law": law, "filters": form}
    )


@require_http_methods(["GET", "POST"])
def template_edit(request: AuthedRequest, kind: str, law: str, language: str) -> HttpResponse:
    """Write a new version; ``preview`` shows it with made-up values and saves nothing."""
    require(request.user, Permission.EDIT_LETTERS)
    known = _slot(kind, law, language)
    start = selectors.beginning(known, law, language)
    initial = {"subject": start.subject, "body": start.body}
    form = TemplateForm(request.POST if request.method == "POST" else None, initial=initial)
    words = start
    if form.is_valid():
        words = Words(form.cleaned_data["subject"], form.cleaned_data["body"])
        faults = templating.faults(known, words.subject, words.body)
        for fault in faults:
            form.add_error("subject" if fault.startswith("Subject") else "body", fault)
        if not faults and "preview" not in request.POST:
            try:
                row = templating.save_version(
                    kind=known, law_code=law, language=language, subject=words.subject, body=words.body,
                    note=form.cleaned_data["note"], author=request.user, at=now(),
                )  # fmt: skip
            except BadInput as error:
                form.add_error(None, str(error))
            else:
                say(request, f"Version {row.version} is saved as a draft. Publish it to put it in use.")
                return redirect("correspondence:template-version", pk=row.pk)
    shown = None if form.errors else _preview(known, words, language)
    context = {
        **_about(known, law, language, words.body),
        "form": form,
        "preview": shown,
        "versions": selectors.versions(known, law, language)[:20],
    }
    return render(request, "correspondence/template_edit.html", context, status=422 if form.errors else 200)


@require_GET
def template_version(request: AuthedRequest, pk: int) -> HttpResponse:
    require(request.user, Permission.EDIT_LETTERS)
    row = get_object_or_404(LetterTemplate.objects.select_related("author", "published_by"), pk=pk)
    words, kind = Words(row.subject, row.body), KINDS[row.kind]
    context = {
        **_about(kind, row.law, row.language, row.body),
        "row": row,
        "changes": selectors.changes(selectors.before(row), words),
        "preview": _preview(kind, words, row.language),
    }
    return render(request, "correspondence/template_version.html", context)


@require_POST
def template_publish(request: AuthedRequest, pk: int) -> HttpResponse:
    require(request.user, Permission.EDIT_LETTERS)
    row = get_object_or_404(LetterTemplate, pk=pk)
    templating.publish(template=row, actor=request.user, at=now())
    say(request, f"Version {row.version} is in use for every letter to come. Letters that were sent stay.")
    return redirect("correspondence:template-version", pk=row.pk)


def _slot(kind: str, law: str, language: str) -> Kind:
    if kind not in KINDS or law not in selectors.laws() or language not in LANGUAGES:
        raise Http404("There is no such letter.")
    return KINDS[kind]


def _about(kind: Kind, law: str, language: str, body: str) -> dict[str, object]:
    items = selectors.items_of(kind, law)
    lacking = {item.id for item in required.unplaced(kind, items, body)}
    return {
        "kind": kind,
        "law": law,
        "language": language,
        "language_name": LANGUAGES[language],
        "items": [(item, item.id not in lacking) for item in items],
        "lacking": len(lacking),
        "fields": kind.fields.values(),
    }


def _preview(kind: Kind, words: Words, language: str) -> dict[str, object]:
    subject, body = letters.sample(kind, words, language)
    return {"subject": subject, "body": mark_safe(body), "language": language}  # noqa: S308  escaped by markup
