"""What the film stage's script asks for (the contract stands in :mod:`redaction.workbench.film_stage`).

All of it shows the unredacted record: every answer passes insight first and is kept by no cache; looks are
written down once an hour.
"""

import math
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.urls import path, reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from portal.core import files
from portal.core.errors import BadInput
from portal.core.http import AuthedRequest
from portal.core.time import now
from redaction.engines.media.choice import FIRST
from redaction.plans.models import Plan, Review
from redaction.plans.rows import newest_plan
from redaction.preview import calls, soundtrack
from redaction.report import RedactionError
from redaction.workbench import film_previews, film_samples, film_serving, previews
from redaction.workbench.answers import CannotShow, answer, answering, sent
from redaction.workbench.insight import note_look_into, private, require_insight_into
from redaction.workbench.models import Preview
from redaction.workbench.pace import require_pace
from redaction.workbench.page import open_review
from requests_app.custody import transcripts
from requests_app.custody.models import Medium, ResponsiveRecord

MOST_FRAMES = 60.0  # seconds of one answer
MOST_BUCKETS = 8000
_VIEWED = "custody.preview_viewed"
_TYPES = {Medium.VIDEO: "video/mp4", Medium.AUDIO: "audio/mp4"}


class Looking:
    """One person before one recording, let in."""

    def __init__(self, request: AuthedRequest, key: str, *, pictures: bool = False) -> None:
        self.review: Review = open_review(request.user, key)
        self.record: ResponsiveRecord = self.review.record
        require_insight_into(request.user, self.review)
        if self.record.medium not in _TYPES or (pictures and self.record.medium != Medium.VIDEO):
            raise Http404("this record is no film")
        note_look_into(request.user, self.record, _VIEWED, film=True)
        self.plan: Plan | None = newest_plan(self.review)
        self.choice = film_previews.choice_of(self.plan.marks) if self.plan else FIRST
        self.picture = self.choice.picture

    @property
    def shape(self) -> film_previews.Shape:
        return film_previews.shape_of(self.record, self.picture)


@require_http_methods(["GET", "POST"])
@answering
def proxy(request: AuthedRequest, key: str) -> HttpResponse:
    """How far the proxy is; POST asks for it, the part with second ``at`` first."""
    look = Looking(request, key)
    if request.method == "POST":
        require_pace(request, "proxy")
    data = sent(request) if request.method == "POST" else request.GET
    sound = _track(data.get("sound"))
    try:
        rows = film_previews.proxy_rows(look.record, look.picture, sound)
        found = film_previews.proxy_state(rows)
        # none with rows: two workers ended at the same instant, or files were lost
        if request.method == "POST" or (rows and found["state"] == "none"):
            at = _number(data.get("at", 0), "at", 0, look.shape["duration"] + 1)
            rows = film_previews.ask(look.record, picture=look.picture, sound=sound, second=at, at=now())
            film_previews.ask_index(look.record, look.choice, at=now())
            found = film_previews.proxy_state(rows)
    except RedactionError as error:
        raise CannotShow(error.sentence) from error
    previews.note_asked(look.record.sha256, now())
    variant = film_previews.variant_of(look.picture, sound)
    for part_ in found["parts"]:
        place = {"key": key, "variant": variant, "number": part_["number"]}
        part_["url"] = reverse("workbench:film-part", kwargs=place)
    return answer(found)


@require_GET
def part(request: AuthedRequest, key: str, variant: str, number: int) -> HttpResponseBase:
    """The bytes of one part of the proxy."""
    look = Looking(request, key)
    rows = Preview.objects.filter(
        source_sha256=look.record.sha256, kind=Preview.Kind.PROXY, variant=variant, number=number
    )
    return _file(request, look, rows.first())


@require_GET
@answering
def frames(request: AuthedRequest, key: str) -> HttpResponse:
    """When each picture of a span begins to be shown."""
    look = Looking(request, key, pictures=True)
    start, end = _span(request, look, most=MOST_FRAMES)
    found = film_previews.known_times(look.record, look.picture, start, end)
    if found is None:
        try:
            found = calls.times(previews.original_of(look.record), start, end, look.picture)
        except RedactionError as error:
            raise CannotShow(error.sentence) from error
    return answer({"pts": found})


@require_GET
@answering
def wave(request: AuthedRequest, key: str) -> HttpResponse:
    """The lowest and highest sample of each bucket of a span, once the sound is drawn."""
    look = Looking(request, key)
    start, end = _span(request, look)
    buckets = int(_number(request.GET.get("buckets", 1000), "buckets", 1, MOST_BUCKETS))
    row, found = _sound(look)
    peaks: list[list[float]] = []
    if row is not None and found["state"] == "ready":
        kept = files.Stored.of(row)
        peaks = soundtrack.drawn(files.require_once_intact(kept).read_bytes(), start, end, buckets)
    return answer({**found, "from": start, "to": end, "peaks": peaks})


@require_GET
@answering
def speech(request: AuthedRequest, key: str) -> HttpResponse:
    """Where somebody seems to speak; null where nothing here can tell."""
    row, found = _sound(Looking(request, key))
    spans: list[Any] | None = []
    if row is not None and found["state"] == "ready":
        spans, found["error"] = row.facts["speech"], row.facts["fault"]
    return answer({**found, "speech": spans})


@require_GET
@answering
def words(request: AuthedRequest, key: str) -> HttpResponse:
    """What the record's transcript says, and when."""
    look = Looking(request, key)
    standing = transcripts.standing(look.record)
    rows: list[dict[str, Any]] = []
    error = ""
    if standing is not None:
        try:
            rows = calls.words(files.require_once_intact(files.Stored.of(standing)))
        except RedactionError as fault:
            error = fault.sentence
    return answer({"words": rows, "transcript": standing is not None, "error": error})


@require_GET
@answering
def frame(request: AuthedRequest, key: str, ms: int, suffix: str) -> HttpResponse:
    """The picture on the screen at a millisecond, upright and whole."""
    look = Looking(request, key, pictures=True)
    if suffix not in calls.MEDIA:
        raise Http404("a picture is .jpg or .png")
    at = _number(ms / 1000, "time", 0, _length(look))
    try:
        content = calls.still(previews.original_of(look.record), at, look.picture, suffix)
    except RedactionError as error:
        raise CannotShow(error.sentence) from error
    return private(HttpResponse(content, content_type=calls.MEDIA[suffix]))


@require_POST
@answering
def follow(request: AuthedRequest, key: str) -> HttpResponse:
    """Keyframes of what is in a box, forwards or back, until it is lost."""
    look = Looking(request, key, pictures=True)
    require_pace(request, "follow")
    data = sent(request)
    length = _length(look)
    t = _number(data.get("t"), "t", 0, length)
    rect = _rect(data.get("rect"))
    direction = data.get("direction", "forward")
    if direction not in ("forward", "back"):
        raise BadInput("A thing is followed “forward” or “back”.")
    until = None if data.get("until") is None else _number(data["until"], "until", 0, length)
    if until is not None and (until <= t) == (direction == "forward"):
        raise BadInput("“until” must lie in the direction in which the thing is followed.")
    picture = look.picture if data.get("picture") is None else _track(data["picture"]) or 0
    try:
        original = previews.original_of(look.record)
        return answer(calls.follow(original, t, rect, direction, until, picture))
    except RedactionError as error:
        raise CannotShow(error.sentence) from error


@require_http_methods(["GET", "POST"])
@answering
def sample(request: AuthedRequest, key: str) -> HttpResponse:
    """How far a sample of the redacted film is; POST asks for it."""
    look = Looking(request, key)
    if request.method == "POST":
        require_pace(request, "sample")
    data = sent(request) if request.method == "POST" else request.GET
    start = _number(data.get("start"), "start", 0, math.inf)
    seconds = _number(data.get("seconds", film_samples.USUAL), "seconds", 0, math.inf)
    try:
        wanted = film_samples.asked(look.record, look.plan, start, seconds)
    except RedactionError as error:
        raise CannotShow(error.sentence) from error
    row = film_samples.ask(wanted, at=now()) if request.method == "POST" else wanted.row()
    found = film_samples.state(wanted, row)
    url = None
    if row is not None and found["state"] == "ready":
        url = reverse("workbench:film-sample-file", kwargs={"key": key, "number": row.pk})
    return answer({**found, "url": url})


@require_GET
def sample_file(request: AuthedRequest, key: str, number: int) -> HttpResponseBase:
    """The bytes of one sample, of this record's own marks."""
    look = Looking(request, key)
    rows = Preview.objects.filter(pk=number, source_sha256=look.record.sha256, kind=Preview.Kind.SAMPLE)
    found = rows.first()
    plan = int(found.variant.partition("-")[0]) if found is not None else 0
    if plan and not Plan.objects.filter(pk=plan, review=look.review).exists():
        raise Http404("no such sample")
    return _file(request, look, found)


def _file(request: HttpRequest, look: Looking, row: Preview | None) -> HttpResponseBase:
    if row is None or not row.address or not previews.is_there(row):
        raise Http404("not made yet")
    return film_serving.respond(request, files.Stored.of(row), _TYPES[Medium(look.record.medium)])


def _sound(look: Looking) -> tuple[Preview | None, dict[str, Any]]:
    """The drawn sound and how far it is; asking for it starts it."""
    try:
        if not look.shape["has_sound"]:
            return None, {"state": "none", "progress": 0.0, "error": "The recording has no sound."}
    except RedactionError as error:
        return None, {"state": "failed", "progress": 0.0, "error": error.sentence}
    row = film_previews.ask_sound(look.record, at=now())
    state, job = previews.state_of(row), row.job
    return row, {
        "state": state,
        "progress": 1.0 if state == "ready" else job.progress / 100 if job is not None else 0.0,
        "error": job.told if job is not None and state == "failed" else "",
    }


def _length(look: Looking) -> float:
    """A header may be short of the last picture by a little."""
    try:
        return float(look.shape["duration"]) + 1.0
    except RedactionError as error:
        raise CannotShow(error.sentence) from error


def _span(request: HttpRequest, look: Looking, *, most: float = math.inf) -> tuple[float, float]:
    length = _length(look)
    start = _number(request.GET.get("from", 0), "from", 0, length)
    end = _number(request.GET.get("to", min(length, start + most)), "to", 0, math.inf)
    if not start < end:
        raise BadInput("“to” must be later than “from”.")
    if end - start > most + 1e-6:
        raise BadInput(f"At most {most:g} seconds are told at once.")
    return start, min(end, length)


def _number(value: Any, name: str, low: float, high: float) -> float:
    try:
        number = float("x" if isinstance(value, bool) else value)
    except (TypeError, ValueError):
        number = math.nan
    if not math.isfinite(number):
        raise BadInput(f"“{name}” must be a number.")
    if not low <= number <= high:
        most = f" to {high:g}" if math.isfinite(high) else " or more"
        raise BadInput(f"“{name}” must be {low:g}{most}.")
    return number


def _rect(value: Any) -> list[float]:
    if not isinstance(value, list) or len(value) != 4:
        raise BadInput("A rectangle is a list of four fractions: left, top, width, height.")
    x, y, w, h = (_number(part_, "rect", 0, 1) for part_ in value)
    if w <= 0 or h <= 0 or x + w > 1 + 1e-6 or y + h > 1 + 1e-6:
        raise BadInput("The rectangle must lie in the picture and have a width and a height.")
    return [x, y, w, h]


def _track(value: Any) -> int | None:
    if value in (None, "", "all", "null"):
        return None
    if isinstance(value, bool) or not str(value).isascii() or not str(value).isdigit() or len(str(value)) > 3:
        raise BadInput("A track is named by its number, from 0.")
    return int(value)


_BASE = "desk/records/<str:key>/work/film"
urlpatterns = [
    path(f"{_BASE}/proxy/", proxy, name="film-proxy"),
    path(f"{_BASE}/part/<slug:variant>/<int:number>/", part, name="film-part"),
    path(f"{_BASE}/frames/", frames, name="film-frames"),
    path(f"{_BASE}/wave/", wave, name="film-wave"),
    path(f"{_BASE}/speech/", speech, name="film-speech"),
    path(f"{_BASE}/words/", words, name="film-words"),
    path(f"{_BASE}/frame/<int:ms>.<slug:suffix>", frame, name="film-frame"),
    path(f"{_BASE}/follow/", follow, name="film-follow"),
    path(f"{_BASE}/sample/", sample, name="film-sample"),
    path(f"{_BASE}/sample/<int:number>/", sample_file, name="film-sample-file"),
]
