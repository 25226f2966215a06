"""Attaching a recording's transcript on its marks page, and fetching it: all its words, so like a look."""

from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from portal.core import files
from portal.core.errors import BadInput
from portal.core.files import TooLarge
from portal.core.http import AuthedRequest, say
from portal.core.time import now
from redaction.plans import transcripts as plans
from redaction.plans.transcripts import Attached
from redaction.workbench.forms import TranscriptForm
from redaction.workbench.insight import require_insight_into
from redaction.workbench.page import Desk, open_review
from requests_app.custody import transcripts as custody
from requests_app.custody.downloads import unredacted


@require_POST
def attach(request: AuthedRequest, key: str) -> HttpResponse:
    """Attach a transcript, or put a newer one in its place; what was approved with another is void."""
    desk = Desk(open_review(request.user, key), request.user)
    if not custody.may_have(desk.record):
        raise Http404
    form = TranscriptForm(request.POST, request.FILES)
    status = BadInput.status
    if form.is_valid():
        try:
            attached = plans.attach(
                review=desk.review,
                upload=form.cleaned_data["transcript"],
                actor=request.user,
                at=now(),
            )
        except (BadInput, custody.SameTranscript, TooLarge) as refusal:
            form.add_error("transcript", str(refusal))
            status = refusal.status
        else:
            say(request, _said(attached, desk.facts.seconds))
            return redirect("workbench:marks", key=key)
    context = desk.context(request, "mute") | {"transcript_form": form, "error_form": form}
    return render(request, "workbench/marks.html", context, status=status)


@require_GET
def fetch(request: AuthedRequest, key: str) -> FileResponse:
    """The standing transcript, every word that is said: to whoever may look into the record, while open."""
    review = open_review(request.user, key)
    require_insight_into(request.user, review)
    found = custody.standing(review.record)
    if found is None:
        raise Http404("this record has no transcript")
    stored = files.Stored.of(found)
    return unredacted(request.user, review.record, stored, "transcript", f".{found.format}")


def _said(attached: Attached, seconds: float) -> str:
    """What arrived, so that the wrong file is noticed at once."""
    spoken = attached.spoken
    words = [
        f"Transcript attached: {spoken.captions:,} captions, "
        + ("with the times of single words." if spoken.words_timed else "without the times of single words.")
    ]
    if seconds and spoken.last > seconds + 1:
        words.append(
            f"It goes on until second {spoken.last:,.0f}, but the recording is {seconds:,.0f} seconds long: "
            "is it the right one?"
        )
    if attached.plan is not None:
        words.append(f"This is version {attached.plan.version} of the marks.")
    return " ".join(words)
