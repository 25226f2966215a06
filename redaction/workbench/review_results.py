"""The pictures and results both people look at. Staff only, never cached."""

from django.http import FileResponse, Http404, HttpResponse, HttpResponseBase
from django.views.decorators.http import require_GET

from portal.core import files
from portal.core.errors import IllegalMove
from portal.core.http import AuthedRequest
from redaction import looks
from redaction import marks as marks_format
from redaction.plans.models import Approval, Render, Review
from redaction.plans.rows import newest_render, require_open_to_look
from redaction.report import RedactionError
from redaction.workbench import film_serving
from redaction.workbench.insight import note_look, note_look_into, private, require_insight, require_result
from redaction.workbench.page import Desk, open_review
from requests_app.custody.downloads import attachment, neutral_name
from requests_app.docket.rules import Status

PLAYED = {
    ".mp4": "video/mp4", ".wav": "audio/wav", ".flac": "audio/flac", ".m4a": "audio/mp4",
    ".mp3": "audio/mpeg", ".ogg": "audio/ogg", ".opus": "audio/ogg",
}  # fmt: skip


@require_GET
def preview(request: AuthedRequest, key: str, number: int) -> HttpResponse:
    """One page or second of the original with the newest marks as outlines."""
    desk = Desk(open_review(request.user, key), request.user)
    require_insight(desk)
    note_look(desk, "custody.preview_viewed", number=number)
    marks = marks_format.parse(desk.marks)
    record = desk.record
    original = files.require_once_intact(files.Stored.of(record))
    try:
        return _png(looks.picture(original, number, marks, medium=record.medium))
    except RedactionError as error:
        raise Http404(str(error)) from error


@require_GET
def result_preview(request: AuthedRequest, key: str, number: int) -> HttpResponse:
    """One page or second of the redacted copy."""
    review = open_review(request.user, key)
    require_result(request.user, review)
    made = made_of(review)
    note_look_into(request.user, review.record, "custody.result_viewed", number=number)
    try:
        return _png(looks.picture(files.require_once_intact(files.Stored.of(made)), number))
    except RedactionError as error:
        raise Http404(str(error)) from error


@require_GET
def result(request: AuthedRequest, key: str) -> FileResponse:
    """The redacted copy as a file, for staff to look at before it leaves through a release."""
    desk = Desk(open_review(request.user, key), request.user)
    require_result(desk.user, desk.review)
    made = made_of(desk.review)
    path = files.require_intact(files.Stored.of(made))
    desk.note_view("custody.result_fetched", sha256=made.sha256)
    return private(attachment(path.open("rb"), neutral_name(desk.record, "redacted", made.suffix)))


@require_GET
def result_film(request: AuthedRequest, key: str) -> HttpResponseBase:
    """The redacted film or sound for a player in the page: whole, or the range of bytes it asks for."""
    review = open_review(request.user, key)
    require_result(request.user, review)
    made = made_of(review)
    kind = PLAYED.get(made.suffix)
    if kind is None:
        raise Http404("this result is neither film nor sound")
    note_look_into(request.user, review.record, "custody.result_viewed", sha256=made.sha256)
    return film_serving.respond(request, files.Stored.of(made), kind)


@require_GET
def companion(request: AuthedRequest, key: str, name: str) -> FileResponse:
    """A file that would go out beside the redacted copy: captions, a dictionary, a map."""
    desk = Desk(open_review(request.user, key), request.user)
    require_result(desk.user, desk.review)
    found = made_of(desk.review).companions.filter(name=name).first()
    if found is None:
        raise Http404("nothing of that name was made of the newest marks")
    kept = files.Stored.of(found)
    path = files.require_intact(kept)
    desk.note_view("custody.companion_fetched", name=name, sha256=found.sha256)
    return private(attachment(path.open("rb"), neutral_name(desk.record, "beside", f"-{found.name}")))


def made_of(row: Review) -> Render:
    """This will give the result of the newest marks.

    One that nobody ever approved may hold all of the original, so it is shut like the original.

    :raises Http404: when nothing has been made of them, or nothing was to be made.
    :raises RecordClosed: for a result without any approval, once its request is closed.
    """
    made = newest_render(row)
    if made is None or made.withheld:
        raise Http404("nothing has been made of the newest marks")
    if is_shut(row, made):
        require_open_to_look(row)
    return made


def is_shut(row: Review, made: Render) -> bool:
    """Whether a result may not be shown: its request is closed, and nobody ever approved it."""
    closed = row.record.request.status == Status.CLOSED
    if not closed or made.withheld or Approval.objects.filter(render=made).exists():
        return False
    try:
        require_open_to_look(row)
    except IllegalMove:
        return True
    return False


def _png(content: bytes) -> HttpResponse:
    return private(HttpResponse(content, content_type="image/png"))
