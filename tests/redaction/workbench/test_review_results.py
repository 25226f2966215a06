import pytest
from django.http import HttpResponseBase
from django.test import Client

from portal.audit.models import Entry
from redaction.plans.models import Render
from redaction.workbench.review_page import place_of
from tests.redaction.plans.plan_builders import a_plan, a_render, a_review, an_approver
from tests.redaction.workbench.addresses import url
from tests.requests_app.custody.record_builders import a_record, a_recording

pytestmark = pytest.mark.django_db


def a_muted_recording() -> Render:
    record = a_record(content=a_recording(2.0), name="call.wav", title="Call")
    marks = [{"id": "m", "kind": "mute", "start": 0.5, "end": 1.0, "reason": "VICTIM"}]
    return a_render(plan=a_plan(review=a_review(record), marks={"version": 1, "marks": marks}))


def body(answer: HttpResponseBase) -> bytes:
    return answer.getvalue()


def test_a_player_gets_the_copy_whole_or_in_ranges_and_no_cache_keeps_it(client: Client) -> None:
    render = a_muted_recording()
    film = url("result-film", render.review.record)
    client.force_login(an_approver())

    whole = client.get(film)
    content = body(whole)
    first = client.get(film, headers={"Range": "bytes=0-99"})
    rest = client.get(film, headers={"Range": "bytes=100-"})
    tail = client.get(film, headers={"Range": "bytes=-10"})
    odd = client.get(film, headers={"Range": "bytes=-"})
    backward = client.get(film, headers={"Range": "bytes=9-3"})

    assert (whole.status_code, len(content)) == (200, render.size)
    assert (first.status_code, body(first), rest.status_code) == (206, content[:100], 206)
    assert first["Content-Range"] == f"bytes 0-99/{render.size}"
    assert body(rest) == content[100:]
    assert body(tail) == content[-10:]
    assert (odd.status_code, body(odd)) == (200, content)
    assert (backward.status_code, body(backward)) == (200, content)
    for answer in (whole, first, rest, tail, odd, backward):
        assert answer["Cache-Control"] == "no-store, private"
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert answer["Content-Type"].startswith("audio/")
    assert Entry.objects.filter(action="custody.result_viewed").count() == 1  # once an hour, not once a range


@pytest.mark.parametrize("asked", ["bytes=99999999-", "bytes=-0"])
def test_a_range_outside_the_copy_answers_416(client: Client, asked: str) -> None:
    render = a_muted_recording()
    client.force_login(an_approver())

    answer = client.get(url("result-film", render.review.record), headers={"Range": asked})

    assert answer.status_code == 416
    assert answer["Content-Range"] == f"bytes */{render.size}"


def test_a_table_is_nothing_to_play(client: Client) -> None:
    client.force_login(an_approver())

    assert client.get(url("result-film", a_render().review.record)).status_code == 404


@pytest.mark.parametrize(
    ("mark", "place"),
    [
        ({"kind": "box", "page": 3}, {"at": 3}),
        ({"kind": "page", "page": 2}, {"at": 2}),
        ({"kind": "text", "literal": "x"}, {"seek": True}),
        ({"kind": "text", "literal": "x", "pages": [4, 5]}, {"at": 4, "seek": True}),
        ({"kind": "mute", "start": 1.5, "end": 2}, {"at": 1.5, "until": 2, "keyframes": []}),
        ({"kind": "mute", "literal": "Delgado"}, {}),
        ({"kind": "column", "name": "plate"}, {"column": "plate"}),
        ({"kind": "own_plate", "column": "plate", "plate": "X"}, {"column": "plate"}),
        ({"kind": "home", "radius_m": 5}, {}),
    ],
)
def test_each_mark_leads_to_its_place(mark: dict[str, object], place: dict[str, object]) -> None:
    assert place_of(mark) == place
