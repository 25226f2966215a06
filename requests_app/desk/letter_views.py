"""Staff write a letter on a request, look at it, send it, and see those that were sent."""

import tempfile
from pathlib import Path

from django.http import FileResponse, Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.safestring import mark_safe
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from portal.accounts.rules import Permission
from portal.audit import services as audit
from portal.core import files
from portal.core.http import AuthedRequest, say
from portal.core.time import now
from requests_app.correspondence import letters, selectors
from requests_app.correspondence.models import Letter
from requests_app.correspondence.required import LetterIncomplete
from requests_app.desk import letter_page, wording
from requests_app.desk.access import require
from requests_app.docket import selectors as docket_rows
from requests_app.docket.models import RecordsRequest
from requests_app.law.selectors import pack_for


@require_GET
def choose(request: AuthedRequest, key: str) -> HttpResponse:
    """The letters staff may write on a request, and those that were sent."""
    require(request.user, Permission.SEE_REQUESTS)
    row = docket_rows.get_visible(request.user, key)
    kinds = selectors.kinds_by_hand(row, pack_for(row))
    context = {
        "case": row,
        "kinds": [(kind, request.user.may(kind.permission)) for kind in kinds],
        "letters": row.letters.defer("html", "body").select_related("template", "signer"),
        "may_not": wording.MAY_NOT,
    }
    return render(request, "correspondence/letters.html", context)


@require_http_methods(["GET", "POST"])
def write(request: AuthedRequest, key: str, kind: str) -> HttpResponseBase:
    """``preview`` shows the letter, ``print`` its PDF; both keep nothing. Else it is sent."""
    require(request.user, Permission.SEE_REQUESTS)
    row = docket_rows.get_visible(request.user, key)
    chosen, at = letter_page.kind_for(request.user, row, kind), now()
    if request.method == "GET":
        page = letter_page.page(request=row, kind=chosen, user=request.user, at=at)
        return render(request, "correspondence/write.html", page)
    typed = letter_page.read(row, chosen, {name: str(value) for name, value in request.POST.items()})
    page = letter_page.page(request=row, kind=chosen, user=request.user, at=at, typed=typed)
    if "print" in request.POST and not typed.faults:
        return _trial(page["shown"].html, f"{row.number}-{chosen.code}-draft.pdf")
    if "send" not in request.POST or typed.faults:
        return render(request, "correspondence/write.html", page, status=422 if typed.faults else 200)
    try:
        letter = letters.send(
            request=row, kind=chosen.code, subject=typed.subject, context=typed.context, signer=request.user,
            at=at, language=typed.language,
            dedupe_key=f"by-hand:{row.pk}:{request.user.pk}:{request.POST.get('token', '')}"[:120],
        )  # fmt: skip
    except LetterIncomplete as lacking:
        page["faults"] = ("The letter was not sent.", *map(str, lacking.missing))
        return render(request, "correspondence/write.html", page, status=lacking.status)
    say(request, f"The letter is stored. {_way(letter)}")
    return redirect("desk:letter", key=row.key, letter=letter.pk)


@require_GET
def letter(request: AuthedRequest, key: str, letter: int) -> HttpResponse:
    """A letter as it was sent, and what became of its mails."""
    require(request.user, Permission.SEE_REQUESTS)
    row = docket_rows.get_visible(request.user, key)
    found = _letter(row, letter)
    audit.record(action="letter.viewed", actor=request.user, subject=found, request_key=row.key)
    context = {
        "case": row,
        "letter": found,
        "body": mark_safe(found.body),  # noqa: S308  escaped field by field when it was written
        "mails": selectors.mail_rows(list(selectors.whole(found.mails.order_by("-pk")))),
        "may_work": request.user.may(Permission.WORK_REQUESTS) and found.recipient != "third_party",
    }
    return render(request, "correspondence/letter.html", context)


@require_GET
def letter_pdf(request: AuthedRequest, key: str, letter: int) -> HttpResponseBase:
    """The tagged PDF of a letter, checked against its hash before a byte leaves."""
    require(request.user, Permission.SEE_REQUESTS)
    row = docket_rows.get_visible(request.user, key)
    found = _letter(row, letter)
    if not found.pdf_address:
        raise Http404("This letter is still being printed.")
    path = files.require_intact(files.Stored(found.pdf_address, found.pdf_sha256, 0))
    audit.record(
        action="letter.viewed", actor=request.user, subject=found, request_key=row.key,
        detail={"sha256": found.pdf_sha256},
    )  # fmt: skip
    return FileResponse(
        path.open("rb"), as_attachment=True, content_type="application/pdf",
        filename=f"{row.number}-{found.kind}-{found.pk}.pdf",
    )  # fmt: skip


@require_POST
def letter_again(request: AuthedRequest, key: str, letter: int) -> HttpResponse:
    require(request.user, Permission.WORK_REQUESTS)
    row = docket_rows.get_visible(request.user, key)
    found = _letter(row, letter)
    letters.send_again(letter=found, actor=request.user, at=now())
    say(request, "The link to the letter goes out once more. The letter itself is as it was.")
    return redirect("desk:letter", key=row.key, letter=found.pk)


def _letter(row: RecordsRequest, pk: int) -> Letter:
    found = row.letters.select_related("template", "signer", "request__requester").filter(pk=pk).first()
    if found is None:
        raise Http404("There is no such letter.")
    return found


def _way(letter: Letter) -> str:
    if letter.recipient == "requester":
        return "The requester gets a mail with a link to it."
    if letter.recipient == "third_party":
        return "It goes out by post: print it from this page. The requester never sees it."
    return "Send its PDF to the attorney general. The requester gets a mail with a link to her copy."


def _trial(html: str, name: str) -> HttpResponse:
    """A PDF that is kept nowhere."""
    from requests_app.correspondence.pdf import (
        letter_pdf as print_letter,  # WeasyPrint takes seconds to import
    )

    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "letter.pdf"
        print_letter(html, target)
        content = target.read_bytes()
    response = HttpResponse(content, content_type="application/pdf")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
