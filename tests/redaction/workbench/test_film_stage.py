"""What the film stage's script is given: who may ask, what comes back, what bad input gets."""

import io
import tempfile
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from django.test import Client
from django.urls import reverse
from PIL import Image

from portal.accounts.models import User
from portal.accounts.rules import Role
from portal.audit.models import Entry
from portal.core import files
from redaction.preview import calls
from redaction.report import Refused
from redaction.workbench import film_stage
from redaction.workbench.models import Preview
from redaction.workbench.page import Desk
from requests_app.custody.models import ResponsiveRecord
from tests.builders import a_user
from tests.redaction.media_builders import CAMERA
from tests.redaction.plans.plan_builders import a_plan, a_review
from tests.redaction.preview.moving_builders import Scene, a_moving_film, rect
from tests.redaction.workbench.addresses import url
from tests.redaction.workbench.film_records import a_film_record, posted, work
from tests.requests_app.custody.record_builders import a_record, a_recording, a_transcript, an_analyst
from tests.requests_app.custody.retention_builders import close

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("own_data")]

MASK = {
    "id": "r", "kind": "region", "start": 0.5, "end": 1.5, "reason": "MINOR",
    "keyframes": [{"t": 0.5, "rect": [0.25, 0.25, 0.5, 0.5]}],
}  # fmt: skip


def marked(record: ResponsiveRecord, *marks: dict[str, Any]) -> ResponsiveRecord:
    a_plan(review=a_review(record), marks={"version": 1, "marks": list(marks)})
    return record


def proxied(client: Client, **fields: Any) -> tuple[ResponsiveRecord, str]:
    """A film whose proxy is ready, and the address of its first part."""
    record = a_film_record(**fields)
    posted(client, record, "film-proxy")
    work()
    return record, client.get(url("film-proxy", record)).json()["parts"][0]["url"]


GIVEN: dict[str, dict[str, Any]] = {
    "film-proxy": {}, "film-part": {"variant": "p0-all", "number": 0}, "film-frames": {}, "film-wave": {},
    "film-speech": {}, "film-words": {}, "film-frame": {"ms": 0, "suffix": "jpg"}, "film-follow": {},
    "film-sample": {}, "film-sample-file": {"number": 1},
}  # fmt: skip
ASKED = {"film-follow", "film-proxy", "film-sample"}


def test_nobody_without_insight_learns_anything(client: Client) -> None:
    record = a_film_record(seconds=0.5)
    places = {page: url(page, record, **given) for page, given in GIVEN.items()}
    strangers = [answer for user in (a_user(), a_user()) for answer in asked(client, places, user)]
    others = asked(client, places, a_user(Role.FEE_OFFICER))
    close(record.request)
    late = asked(client, places, an_analyst())

    assert set(strangers) == {404}
    assert set(others) == {403}
    assert set(late) == {409}
    assert not Preview.objects.exists()


def asked(client: Client, places: dict[str, str], user: User) -> list[int]:
    """The status of every address for one person."""
    client.force_login(user)
    found = []
    for page, place in places.items():
        if page in ASKED:
            found.append(client.post(place, "{}", content_type="application/json").status_code)
        if page != "film-follow":
            found.append(client.get(place).status_code)
    return found


def test_a_table_has_no_film(desk: Client) -> None:
    record = a_record()

    assert desk.get(url("film-proxy", record)).status_code == 404
    assert desk.get(url("film-frame", a_sound_record(), ms=0, suffix="jpg")).status_code == 404


def a_sound_record() -> ResponsiveRecord:
    return a_record(content=a_recording(), name="call.wav", title="Call")


def test_bytes_come_in_ranges_and_are_kept_by_no_cache(desk: Client) -> None:
    _record, part = proxied(desk)

    whole = desk.get(part)
    content = whole.getvalue()
    piece = desk.get(part, headers={"range": "bytes=100-199"})
    beyond = desk.get(part, headers={"range": f"bytes={len(content)}-"})

    assert (whole.status_code, whole["Content-Length"]) == (200, str(len(content)))
    assert whole["Accept-Ranges"] == "bytes"
    assert piece.status_code == 206
    assert piece.getvalue() == content[100:200]
    assert piece["Content-Range"] == f"bytes 100-199/{len(content)}"
    assert (beyond.status_code, beyond["Content-Range"]) == (416, f"bytes */{len(content)}")
    for answer in (whole, piece, beyond):
        assert answer["Cache-Control"] == "no-store, private"
        assert answer["X-Content-Type-Options"] == "nosniff"
    assert whole["Content-Type"] == "video/mp4"
    assert Entry.objects.filter(action="custody.preview_viewed").count() == 1  # an hour's looks are one


def test_a_preview_that_changed_on_disk_is_not_served(desk: Client) -> None:
    _record, part = proxied(desk)
    path = files.path_of(Preview.objects.get(kind="proxy").address)
    path.chmod(0o600)
    path.write_bytes(b"x" * path.stat().st_size)

    assert desk.get(part).status_code == 500


def test_config_tells_what_the_script_lays_out() -> None:
    record = a_film_record(seconds=2, rotation=90)

    found = film_stage.config(Desk(a_review(record), an_analyst()))

    assert (found["width"], found["height"], found["fps"], found["frames"]) == (64, 96, 10, 20)
    assert found["duration"] == pytest.approx(2, abs=0.05)
    assert (found["medium"], found["has_sound"], found["fault"], found["picture"]) == ("video", True, "", 0)
    assert found["urls"]["frame"].endswith("/work/film/frame/{ms}.jpg")
    names = {"proxy", "proxy_state", "frames", "wave", "speech", "words", "frame", "follow"}
    assert set(found["urls"]) == names | {"sample", "sample_state"}


def test_a_film_that_cannot_be_opened_says_so_and_the_page_stands(
    desk: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: Any) -> Any:
        raise Refused("no picture of the recording can be decoded")

    monkeypatch.setattr(calls, "shape", refuse)
    record = a_film_record()  # taken in by a reader that did not ask so much of it

    found = film_stage.config(Desk(a_review(record), an_analyst()))

    sentence = "No picture of the recording can be decoded."
    assert (found["fault"], found["width"]) == (sentence, 0)
    assert posted(desk, record, "film-proxy").json()["message"] == sentence
    assert posted(desk, record, "film-sample", start=0).json()["message"] == sentence
    assert desk.get(url("film-speech", record)).json()["error"] == sentence
    assert desk.get(url("film-frames", record)).json()["message"] == sentence


def test_times_of_pictures_are_the_same_before_and_after_the_proxy(desk: Client) -> None:
    record = a_film_record(times=[0, 0.1, 0.5, 1.2333, 2.0])
    span = {"from": "0.3", "to": "1.5"}
    before = desk.get(url("film-frames", record), span).json()["pts"]
    posted(desk, record, "film-proxy")
    work()

    after = desk.get(url("film-frames", record), span).json()["pts"]

    assert after == before
    assert before == pytest.approx([0.1, 0.5, 1.2333], abs=1e-3)


def test_the_sound_is_drawn_and_its_speech_told(desk: Client) -> None:
    record = a_film_record()

    waiting = desk.get(url("film-wave", record), {"buckets": "4"}).json()
    work()
    drawn = desk.get(url("film-wave", record), {"from": "0", "to": "2", "buckets": "4"}).json()
    speech = desk.get(url("film-speech", record)).json()

    assert (waiting["state"], waiting["peaks"]) == ("waiting", [])
    assert drawn["state"] == "ready"
    assert [low < -0.4 and high > 0.4 for low, high in drawn["peaks"]] == [True] * 4
    assert (speech["state"], speech["speech"]) == ("ready", [])


def test_a_silent_film_has_nothing_to_draw(desk: Client) -> None:
    record = a_film_record(audio=False)

    found = desk.get(url("film-wave", record)).json()

    assert (found["state"], found["peaks"], found["error"]) == ("none", [], "The recording has no sound.")
    assert not Preview.objects.exists()


def test_words_of_the_transcript_come_with_their_times(desk: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    record = a_sound_record()
    none = desk.get(url("film-words", record)).json()
    a_transcript(record)

    said = desk.get(url("film-words", record)).json()
    monkeypatch.setattr(calls, "words", _refuse)
    broken = desk.get(url("film-words", record)).json()

    assert none == {"words": [], "transcript": False, "error": ""}
    assert said["words"][1] == {"t0": 1.0, "t1": 1.4, "text": "Maria Canary here", "exact": False}
    assert broken == {"words": [], "transcript": True, "error": "It is broken."}


def _refuse(*_: Any, **__: Any) -> Any:
    raise Refused("it is broken")


def test_a_picture_comes_at_full_size(desk: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    record = a_film_record(rotation=90)

    answer = desk.get(url("film-frame", record, ms=500, suffix="png"))
    unknown = desk.get(url("film-frame", record, ms=500, suffix="exe"))
    late = desk.get(url("film-frame", record, ms=99_000, suffix="jpg"))
    monkeypatch.setattr(calls, "still", _refuse)
    broken = desk.get(url("film-frame", record, ms=0, suffix="jpg"))

    assert Image.open(io.BytesIO(answer.content)).size == (64, 96)
    assert (answer["Content-Type"], answer["Cache-Control"]) == ("image/png", "no-store, private")
    assert (unknown.status_code, late.status_code, broken.status_code) == (404, 422, 422)


def test_a_box_is_followed(desk: Client, tmp_path: Path) -> None:
    film = a_moving_film(tmp_path / "m.mp4", Scene(lambda time: (20 + 30 * time, 60), seconds=2))
    record = a_record(content=film.read_bytes(), name="m.mp4", title="Car")

    found = posted(desk, record, "film-follow", t=0, rect=rect((20, 60)), until=1.5, picture=0).json()

    assert found["stopped"]["why"] == "until"
    assert found["keyframes"][-1]["rect"][0] == pytest.approx((20 + 45) / 320, abs=0.02)


WRONG_FOLLOW: list[tuple[dict[str, Any], str]] = [
    ({"rect": [0.1, 0.1, 0.1, 0.1]}, "“t” must be a number"),
    ({"t": 99, "rect": [0.1, 0.1, 0.1, 0.1]}, "“t” must be 0 to"),
    ({"t": True, "rect": [0.1, 0.1, 0.1, 0.1]}, "“t” must be a number"),
    ({"t": 0, "rect": [0.9, 0.1, 0.2, 0.1]}, "must lie in the picture"),
    ({"t": 0, "rect": [0.1, 0.1, 0, 0.1]}, "must lie in the picture"),
    ({"t": 0, "rect": [0.1, 0.1, 0.1]}, "four fractions"),
    ({"t": 0, "rect": [0.1, 0.1, 0.1, 2]}, "“rect” must be 0 to 1"),
    ({"t": 0, "rect": [0.1, 0.1, 0.1, 0.1], "direction": "up"}, "“forward” or “back”"),
    ({"t": 1, "rect": [0.1, 0.1, 0.1, 0.1], "until": 0.5}, "in the direction"),
    ({"t": 0, "rect": [0.1, 0.1, 0.01, 0.01]}, "too small"),
    ({"t": 0, "rect": [0.1, 0.1, 0.1, 0.1], "picture": "x"}, "number, from 0"),
]
WRONG_QUESTIONS: list[tuple[str, dict[str, str], str]] = [
    ("film-frames", {"from": "2", "to": "1"}, "later than"),
    ("film-frames", {"from": "0", "to": "61"}, "At most 60 seconds"),
    ("film-frames", {"from": "-1"}, "must be 0 to"),
    ("film-frames", {"from": "nan"}, "must be a number"),
    ("film-wave", {"buckets": "9000"}, "must be 1 to 8000"),
    ("film-sample", {}, "“start” must be a number"),
    ("film-sample", {"start": "50"}, "there is no second 50"),
    ("film-sample", {"start": "0", "seconds": "31"}, "half a second to 30"),
    ("film-sample", {"start": "-1"}, "0 or more"),
]


def test_following_says_what_is_wrong(desk: Client) -> None:
    record = a_film_record(seconds=1)

    answers = [posted(desk, record, "film-follow", **sent) for sent, _ in WRONG_FOLLOW]

    assert {answer.status_code for answer in answers} == {422}
    for answer, (_, words) in zip(answers, WRONG_FOLLOW, strict=True):
        assert words in answer.json()["message"]


def test_questions_that_cannot_be_answered_say_why(desk: Client) -> None:
    record = a_film_record(seconds=1)

    answers = [desk.get(url(page, record), query) for page, query, _ in WRONG_QUESTIONS]

    assert {answer.status_code for answer in answers} == {422}
    for answer, (_, _, words) in zip(answers, WRONG_QUESTIONS, strict=True):
        assert words in answer.json()["message"]


def test_a_sample_is_made_by_the_engine_of_the_marks_as_saved(desk: Client) -> None:
    record = marked(a_film_record(seconds=4, coding=CAMERA), MASK)

    before = desk.get(url("film-sample", record), {"start": "0.2", "seconds": "1"}).json()
    posted(desk, record, "film-sample", start=0.2, seconds=1)
    work()
    ready = desk.get(url("film-sample", record), {"start": "0.2", "seconds": "1"}).json()
    content = desk.get(ready["url"]).getvalue()

    assert (before["state"], before["url"]) == ("none", None)
    assert (ready["state"], ready["version"], ready["error"]) == ("ready", 1, "")
    times, middles = lumas(content)
    assert times[-1] == pytest.approx(0.9, abs=0.11)
    assert [middle < 30 for middle in middles] == [time + 0.2 >= 0.5 - 0.001 for time in times]


def lumas(content: bytes) -> tuple[list[float], list[float]]:
    """When each picture is shown, and how bright its middle is."""
    times, middles = [], []
    with tempfile.NamedTemporaryFile(suffix=".mp4") as film:
        film.write(content)
        film.flush()
        with av.open(film.name) as container:
            for frame in container.decode(video=0):
                grey = frame.to_ndarray(format="gray")
                times.append(float(frame.time or 0))
                middles.append(float(np.asarray(grey)[28:36, 40:56].mean()))
    return times, middles


def test_a_sample_of_other_marks_is_another(desk: Client) -> None:
    record = marked(a_film_record(seconds=4, coding=CAMERA), MASK)
    posted(desk, record, "film-sample", start=0, seconds=1)
    work()

    marked(record, MASK, {**MASK, "id": "open", "suggested": True})
    after = desk.get(url("film-sample", record), {"start": "0", "seconds": "1"}).json()
    posted(desk, record, "film-sample", start=0, seconds=1)
    work()
    made = desk.get(url("film-sample", record), {"start": "0", "seconds": "1"}).json()

    assert (after["state"], after["version"]) == ("none", 2)
    assert made["state"] == "ready"  # what nobody has decided yet does not stop a look


def test_a_sample_is_of_the_record_it_was_asked_for(desk: Client) -> None:
    record = marked(a_film_record(seconds=2), MASK)
    posted(desk, record, "film-sample", start=0, seconds=1)
    work()
    number = Preview.objects.get(kind="sample").pk
    twin = a_record(content=files.path_of(record.address).read_bytes(), name="twin.mp4", title="Twin")

    assert desk.get(url("film-sample-file", twin, number=number)).status_code == 404
    assert desk.get(url("film-sample-file", record, number=number + 1)).status_code == 404


def test_a_sample_of_sound_mutes_the_words_of_the_transcript(desk: Client) -> None:
    record = a_sound_record()
    a_transcript(record)
    marked(record, {"id": "m", "kind": "mute", "literal": "Maria Canary", "reason": "MINOR"})

    posted(desk, record, "film-sample", start=0.5, seconds=1)
    work()

    ready = desk.get(url("film-sample", record), {"start": "0.5", "seconds": "1"}).json()
    assert (ready["state"], ready["error"]) == ("ready", "")
    assert desk.get(ready["url"])["Content-Type"] == "audio/mp4"


@pytest.mark.parametrize(
    ("mark", "words"),
    [
        ({"id": "w", "kind": "withhold", "exemption": "TX-108"}, "withheld by these marks"),
        ({"id": "c", "kind": "cut", "start": 0.5, "end": 2, "reason": "MINOR"}, "cut this span out"),
    ],
)
def test_a_sample_of_what_is_not_released_is_refused(desk: Client, mark: dict[str, Any], words: str) -> None:
    record = marked(a_film_record(seconds=3), mark)

    answer = posted(desk, record, "film-sample", start=0.6, seconds=1)

    assert answer.status_code == 422
    assert words in answer.json()["message"]


def test_the_picture_track_the_marks_choose_is_shown() -> None:
    record = marked(
        a_film_record(extra=("video",)),
        {"id": "t", "kind": "tracks", "picture": 1, "sound": 0},
    )

    found = film_stage.config(Desk(a_review(record), an_analyst()))

    assert (found["picture"], found["width"]) == (1, 64)
    assert reverse("workbench:film-proxy", args=[record.key]) == found["urls"]["proxy"]
