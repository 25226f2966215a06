"""The editor of one rule of a draft, and of what the draft says about the law itself."""

from collections.abc import Mapping
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from portal.accounts.rules import Permission
from portal.core.errors import BadInput
from portal.core.http import AuthedRequest, say
from portal.core.time import now
from requests_app.law import drafting, presentation, reading, rule
from requests_app.law.drafting import ChangedMeanwhile
from requests_app.law.models import PackDraft
from requests_app.law.policies import require
from requests_app.law.rule import Rule, Section
from requests_app.law.rule_fields import Choices
from requests_app.law.rule_form import RuleForm
from requests_app.law.schema import PackError

FIXED_FACTS = ("id", "version", "status", "effective_from")


@require_http_methods(["GET", "POST"])
def edit(request: AuthedRequest, pk: int) -> HttpResponse:
    """One rule: ``?path=`` of one that is there, or ``?section=`` to add one."""
    require(request.user, Permission.ADMINISTER)
    draft = get_object_or_404(PackDraft, pk=pk)
    found, section = _asked_for(request, draft)
    path = request.GET.get("path") or None
    form = _form(request.POST if request.method == "POST" else None, draft, section, found)
    clash = None
    if request.method == "POST" and not form.asks_for_more:
        try:
            if "remove" in request.POST and path:
                drafting.remove_rule(
                    draft=draft, path=path, seen=request.POST.get("seen", ""), actor=request.user, at=now()
                )
                say(request, "The rule is taken out of the draft.")
                return _back(draft, section)
            if form.is_valid():
                drafting.save_rule(
                    draft=draft, section_id=section.id, value=form.value, path=path,
                    seen=request.POST.get("seen", ""), actor=request.user, at=now(),
                )  # fmt: skip
                say(request, "The rule is saved in the draft.")
                return _back(draft, section)
        except PackError as fault:
            form.is_valid()
            form.place(fault.problems, path or section.id)
        except ChangedMeanwhile as fault:
            clash = str(fault)
            form.is_valid()
        except BadInput as fault:
            form.is_valid()
            form.add_error(section.key if isinstance(fault, rule.RuleExists) else None, str(fault))
    refused = form.is_bound and not form.asks_for_more and bool(form.errors)
    status = 409 if clash else 422 if refused else 200
    return _editor(request, draft, section, found, form, clash, status)


@require_http_methods(["GET", "POST"])
def facts(request: AuthedRequest, pk: int) -> HttpResponse:
    """The law's name, zone and disclaimer; its code and version are given."""
    require(request.user, Permission.ADMINISTER)
    draft = get_object_or_404(PackDraft, pk=pk)
    shape = rule.facts_shape()
    shown = {name: each for name, each in shape["properties"].items() if name not in FIXED_FACTS}
    value = {name: draft.data.get(name) for name in shown if name in draft.data}
    needed = [name for name in shape["required"] if name in shown]
    data = request.POST if request.method == "POST" else None
    form = RuleForm(data, shape={"properties": shown, "required": needed}, value=value)
    clash = None
    if form.is_valid():
        fixed = {name: draft.data[name] for name in FIXED_FACTS}
        seen = request.POST.get("seen", "")
        try:
            drafting.save_facts(
                draft=draft, facts={**form.value, **fixed}, actor=request.user, at=now(),
                seen=int(seen) if seen.isdecimal() and len(seen) < 10 else 0,
            )  # fmt: skip
        except PackError as fault:
            form.place(fault.problems, draft.code)
        except ChangedMeanwhile as fault:
            clash = str(fault)
        else:
            say(request, "The draft is changed.")
            return redirect("law:draft", pk=draft.pk)
    draft.refresh_from_db()
    context = {
        "draft": draft,
        "form": form,
        "clash": clash,
        "seen": draft.revision,
        "heading": "About this law",
    }
    return render(request, "law/facts.html", context, status=409 if clash else 422 if form.errors else 200)


def _asked_for(request: AuthedRequest, draft: PackDraft) -> tuple[Rule | None, Section]:
    path, section = request.GET.get("path", ""), request.GET.get("section", "")
    try:
        if path:
            found = next((each for each in rule.rules(draft.data) if each.path == path), None)
            # removed by somebody else while it was open here: what was typed can still be saved anew
            return found, found.section if found else rule.section_of(draft.data, path.rpartition("/")[0])
        return None, rule.section_of(draft.data, section)
    except rule.RuleUnknown as refusal:
        raise Http404(str(refusal)) from None


def _form(data: Any, draft: PackDraft, section: Section, found: Rule | None) -> RuleForm:
    value = found.data if found else None
    known = _known(section, draft.data)
    return RuleForm(data, shape=section.shape, value=value, key=section.key, known=known)


def _editor(
    request: AuthedRequest,
    draft: PackDraft,
    section: Section,
    found: Rule | None,
    form: RuleForm,
    clash: str | None,
    status: int,
) -> HttpResponse:
    current = None
    if clash:
        draft.refresh_from_db()
        found = next((each for each in rule.rules(draft.data) if found and each.path == found.path), None)
        shown = presentation.sections(draft.data, [found]) if found else []
        current = next((row for page in shown for row in page.rows), None)
    address = reverse("law:rule", args=[draft.pk])
    context = {
        "draft": draft,
        "section": section,
        "heading": reading.title(found) if found else f"Add to: {section.title}",
        "path": found.path if found else "",
        "seen": found.fingerprint if found else "",
        "address": address,
        "removable": found is not None and (section.many or section.where[0] == "fees"),
        "form": form,
        "clash": clash,
        "current": current,
    }
    return render(request, "law/rule.html", context, status=status)


def _known(section: Section, data: Mapping[str, Any]) -> dict[str, Choices]:
    """What a field of the section can refer to."""
    if section.where[0] == "fees":
        return {"rows": [(row["id"], row["label"]) for row in data["fees"]["rows"]]}
    if section.id == "redaction_reasons":
        return {
            "exemptions": [
                (row["code"], f"{row['code']}: {row['short_label']}") for row in data["exemptions"]
            ]
        }
    if section.id == "appeals":
        return {"clock": [(row["name"], row["title"]) for row in data["clocks"]]}
    return {}


def _back(draft: PackDraft, section: Section) -> HttpResponse:
    return redirect(f"{reverse('law:draft', args=[draft.pk])}#{section.id.replace('/', '-')}")
