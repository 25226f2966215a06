"""Starting a draft of a law, looking at it whole, publishing it as a version, throwing it away."""

from collections.abc import Callable
from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from portal.accounts.rules import Permission
from portal.core.errors import BadInput, StaleWrite
from portal.core.forms import DaylightForm
from portal.core.http import AuthedRequest, say
from portal.core.time import now
from requests_app.law import drafting, presentation, rule, selectors
from requests_app.law.forms import HolidayForm, ImportForm, NewLawForm, PublishForm
from requests_app.law.models import LawPack, PackDraft
from requests_app.law.policies import require, require_reader
from requests_app.law.schema import PackError
from requests_app.law.views import today as agency_today


@require_http_methods(["GET", "POST"])
def new(request: AuthedRequest) -> HttpResponse:
    """Three ways to begin: the next version of a law, a new law, a file."""
    require(request.user, Permission.ADMINISTER)
    agency = selectors.agency()
    first = {"timezone": agency.time_zone, "effective_from": agency_today(agency)}
    forms: dict[str, DaylightForm] = {
        "law": NewLawForm(initial=first, auto_id="law-%s"),
        "import": ImportForm(auto_id="import-%s"),
    }
    way = request.POST.get("way", "")
    if way == "version":
        base = get_object_or_404(LawPack, pk=_number(request.POST.get("base", "")))
        return _begun(request, drafting.start_version(base=base, actor=request.user, at=now()))
    form: DaylightForm | None = None
    if way == "law":
        form = NewLawForm(request.POST, auto_id="law-%s")
    elif way == "import":
        form = ImportForm(request.POST, request.FILES, auto_id="import-%s")
    if form is not None:
        forms[way] = form
        if form.is_valid() and (draft := _start(request, form)) is not None:
            return _begun(request, draft)
    context = {
        "law_form": forms["law"],
        "import_form": forms["import"],
        "versions": LawPack.objects.defer("data").order_by("code", "-effective_from", "-pk"),
        "own_law": agency.law,
        "form": form,
    }
    return render(request, "law/new.html", context, status=422 if form and form.errors else 200)


@require_GET
def draft(request: AuthedRequest, pk: int) -> HttpResponse:
    require_reader(request.user)
    return _page(request, pk)


@require_POST
def add_holiday(request: AuthedRequest, pk: int) -> HttpResponse:
    """A holiday in three fields; the rule is made of them."""
    require(request.user, Permission.ADMINISTER)
    row = get_object_or_404(PackDraft, pk=pk)
    form = HolidayForm(request.POST, auto_id="holiday-%s")
    if form.is_valid():
        name: str = form.cleaned_data["name"].strip()
        value = {"id": _id_of(name, row), "name": name, "on": form.on(), "verified": "M"}
        if not _refused(
            form,
            lambda: drafting.save_rule(
                draft=row, section_id="calendar/holidays", value=value, actor=request.user, at=now()
            ),
        ):
            say(request, f"{name} is a holiday in this draft.")
            return redirect("law:draft", pk=row.pk)
    return _page(request, pk, holiday_form=form)


@require_POST
def publish(request: AuthedRequest, pk: int) -> HttpResponse:
    require(request.user, Permission.ADMINISTER)
    row = get_object_or_404(PackDraft, pk=pk)
    form = PublishForm(request.POST, auto_id="publish-%s")
    made: list[LawPack] = []
    if form.is_valid():
        given = form.cleaned_data
        if not _refused(
            form,
            lambda: made.append(
                drafting.publish(draft=row, actor=request.user, at=now(), **given),
            ),
        ):
            say(request, f"{made[0]} is published. Now decide that it is used, when it is to be.")
            return redirect("law:version", pk=made[0].pk)
    return _page(request, pk, publish_form=form)


@require_POST
def discard(request: AuthedRequest, pk: int) -> HttpResponse:
    require(request.user, Permission.ADMINISTER)
    row = get_object_or_404(PackDraft, pk=pk)
    drafting.discard(draft=row, seen=_number(request.POST.get("seen", "")), actor=request.user)
    say(request, f"The draft of {row.code} is thrown away.")
    return redirect("law:index")


@require_GET
def export(request: AuthedRequest, pk: int) -> HttpResponse:
    require_reader(request.user)
    row = get_object_or_404(PackDraft, pk=pk)
    answer = HttpResponse(drafting.export(row), content_type="application/json")
    answer.headers["Content-Disposition"] = f'attachment; filename="{row.code}-draft.json"'
    return answer


def _page(request: AuthedRequest, pk: int, **forms: DaylightForm) -> HttpResponse:
    row = get_object_or_404(PackDraft.objects.select_related("base", "updated_by", "created_by"), pk=pk)
    agency = selectors.agency()
    first = {"seen": row.revision, "effective_from": presentation.begins(row, agency_today(agency))}
    bound = next((form for form in forms.values() if form.errors), None)
    base = row.base.data if row.base else {}
    context = {
        "draft": row,
        "law_name": row.data["name"],
        "sections": presentation.sections(row.data, rule.rules(row.data)),
        "letter_kinds": _letter_kinds(row.data),
        "changes": presentation.changes_by_section(base, row.data) if row.base else [],
        "may_edit": request.user.may(Permission.ADMINISTER),
        "holiday_form": HolidayForm(auto_id="holiday-%s"),
        "publish_form": PublishForm(initial=first, auto_id="publish-%s"),
        "form": bound,
        **forms,
    }
    return render(request, "law/draft.html", context, status=_status(bound))


def _status(form: DaylightForm | None) -> int:
    if form is None:
        return 200
    return int(getattr(form, "refused_status", 422))


def _refused(form: DaylightForm, act: Callable[[], object]) -> bool:
    """Do it, or say on the form why not."""
    try:
        act()
    except PackError as fault:
        for problem in fault.problems:
            form.add_error(None, problem)
        return True
    except (BadInput, StaleWrite) as fault:
        form.add_error(None, str(fault))
        form.refused_status = fault.status  # type: ignore[attr-defined]  # read by _status
        return True
    return False


def _start(request: AuthedRequest, form: DaylightForm) -> PackDraft | None:
    found: list[PackDraft] = []

    def act() -> None:
        if isinstance(form, NewLawForm):
            made = drafting.start_law(
                facts=form.facts(), base=form.cleaned_data["base"], actor=request.user, at=now()
            )
        else:
            file = form.cleaned_data["file"]
            content = file.read(drafting.MOST_BYTES + 1)
            made = drafting.start_import(content=content, name=file.name, actor=request.user, at=now())
        found.append(made)

    return None if _refused(form, act) else found[0]


def _begun(request: AuthedRequest, row: PackDraft) -> HttpResponse:
    say(request, f"The draft of {row.code} is begun. It is in use nowhere until you publish it.")
    return redirect("law:draft", pk=row.pk)


def _id_of(name: str, row: PackDraft) -> str:
    """Short name from the holiday's name; a second one of the same name gets a number."""
    plain = rule.slug(name)
    taken = {each["id"] for each in row.data["calendar"]["holidays"]}
    free = (f"{plain}-{number}" if number > 1 else plain for number in range(1, len(taken) + 2))
    return next(each for each in free if each not in taken)


def _letter_kinds(data: dict[str, Any]) -> list[str]:
    """Kinds of letters that other laws have items for and this one has none."""
    known: set[str] = set()
    for letters in LawPack.objects.values_list("data__letters", flat=True):
        known |= set(letters)
    return sorted(known - set(data["letters"]))


def _number(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 10 else 0
