"""A film and a recording go the whole way, by mouse and by keys alone, down to the bytes fetched."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from django.core import mail
from playwright.sync_api import Locator, Page, expect

from portal.accounts.rules import Role
from requests_app.custody.models import ResponsiveRecord
from requests_app.docket.rules import Status
from tests.builders import a_request, a_user
from tests.journeys import film_scene, whole_way
from tests.journeys.conftest import People
from tests.journeys.film_marking import Drawing, Typing, call_marked, covers, film_marked, spans
from tests.journeys.film_people import a_film, copy_of
from tests.journeys.film_scene import CUT, FPS, SAID, SCREEN, SECONDS
from tests.journeys.hands import Hands, Keyboard, Mouse
from tests.journeys.released_bytes import holds_none_of
from tests.journeys.whole_way import Person
from tests.redaction.media_builders import RATE
from tests.redaction.plans.plan_builders import an_approver
from tests.requests_app.custody.record_builders import an_analyst

pytestmark = pytest.mark.django_db(transaction=True)

MISSED = "The red car can be seen beside its box from 5 to 7 seconds."
MENDED = "A position at six seconds"
HEARD = "The radio can still be heard before the ninth second."
LONGER = "Cut to its end"
SECRETS = ("Canary", MISSED, MENDED, HEARD, LONGER, "that-stop", "the-call")


@pytest.mark.parametrize("kind", [Mouse, Keyboard])
def test_film_and_recording_go_the_whole_way(
    people: People, tmp_path: Path, kind: Callable[[Page], Hands]
) -> None:
    requester = a_user()
    request = a_request(requester=requester, status=Status.SEARCHING)
    film = a_film(film_scene.a_street(), "canary-that-stop.mp4", request=request)
    call = a_film(film_scene.a_call(), "canary-the-call.wav", request=request, title="Radio traffic")
    analyst, approver = people(an_analyst(), kind), people(an_approver(), kind)
    clerk = people(a_user(Role.CLERK, Role.FEE_OFFICER), kind)
    whole_way.searched(clerk, request)

    red = film_marked(stage_of(analyst, film))[0]
    whole_way.sent_on(analyst, film)
    tools = analyst.page.get_by_role("group", name="Add a mark")
    expect(tools.get_by_role("button", disabled=True)).to_have_count(5)
    expect(tools.get_by_role("button", disabled=False)).to_have_count(0)
    cut = call_marked(stage_of(analyst, call))[0]
    whole_way.sent_on(analyst, call)

    missed = {seen.number for seen in film_scene.pictures(copy_of(film)) if seen.pixels["red"]}
    assert {50, 55, 60, 65} <= missed <= set(range(41, 80))
    sees_missed_car(approver.compares(film), approver)
    whole_way.sent_back(approver, film, red["id"], MISSED)
    assert film_scene.loudest(film_scene.heard(copy_of(call)), film_scene.BESIDE).max() > 0.3
    whole_way.sent_back(approver, call, cut["id"], HEARD)

    stage = again(analyst, film)
    stage.mends_red()
    stage.saved(lambda found: {covers(found[0], "red", number / FPS) for number in range(90)} == {True})
    whole_way.answered(analyst, film, MISSED, MENDED)
    whole_way.sent_on(analyst, film)
    stage = again(analyst, call)
    stage.ends(CUT[1])
    stage.saved(lambda found: spans(found, "cut") == [CUT])
    whole_way.answered(analyst, call, HEARD, LONGER)
    whole_way.sent_on(analyst, call)
    for record in (film, call):
        whole_way.approved(approver, record)
    for person in (analyst, approver):
        person.page.close()  # a page that stays open asks on, and a closed request answers with a refusal
    whole_way.released(clerk, request)
    folder = whole_way.downloaded(people(requester, kind), request, tmp_path)

    holds_none_of(folder, SECRETS)
    assert not [text for sent in mail.outbox for text in SECRETS if text in f"{sent.subject} {sent.body}"]
    (shown,), (spoken,) = (list(folder.rglob(f"*{suffix}")) for suffix in (".mp4", ".wav"))
    check_pictures(shown.read_bytes())
    for path in (shown, spoken):
        check_sound(path.read_bytes())
    captions = list(folder.rglob("*.vtt"))
    assert len(captions) == 2
    assert all("unit twelve in position" in path.read_text() for path in captions)


def stage_of(analyst: Person, record: ResponsiveRecord) -> Drawing | Typing:
    page = analyst.works_on(record)
    if isinstance(analyst.hands, Keyboard):
        return Typing(analyst.hands, page, record)
    return Drawing(page, record)


def again(analyst: Person, record: ResponsiveRecord) -> Drawing | Typing:
    """She opens what came back, at the mark that is talked about."""
    stage = stage_of(analyst, record)
    analyst.pushes("Go to the mark")
    expect(stage.page.locator("[data-list] [aria-selected=true]")).to_have_count(1)
    return stage


COUNT_RED = """
(film) => {
  if (film.readyState < 2 || film.seeking) return -1;
  const paper = new OffscreenCanvas(film.videoWidth, film.videoHeight).getContext("2d");
  paper.drawImage(film, 0, 0);
  const { data } = paper.getImageData(0, 0, film.videoWidth, film.videoHeight);
  let count = 0;
  for (let at = 0; at < data.length; at += 4) {
    count += data[at] - data[at + 1] > 60 && data[at] - data[at + 2] > 60;
  }
  return count;
}
"""


def sees_missed_car(page: Page, approver: Person) -> None:
    """The second person sees on both sides what the box misses, and where nothing is missed on one only."""
    sides = {side: page.locator(f"[data-side={side}] video") for side in ("original", "result")}
    whole_way.wait_for(page, sides["original"].is_visible, "the players")
    for second, seen in ((2.0, (True, False)), (5.5, (True, True))):
        approver.hands.writes(page.get_by_label("Second", exact=True), f"{second}")
        for side, expected in zip(("original", "result"), seen, strict=True):
            shows_red(page, sides[side], expected)
    approver.reads()


def shows_red(page: Page, film: Locator, expected: bool) -> None:
    def done() -> bool:
        count: int = film.evaluate(COUNT_RED)
        return count > 200 if expected else 0 <= count < 50

    whole_way.wait_for(page, done, f"red is {'not ' * expected}seen")


def check_pictures(content: bytes) -> None:
    source = {seen.number: seen for seen in film_scene.pictures(film_scene.a_street())}
    shown = film_scene.pictures(content)

    def between(span: tuple[float, float]) -> set[int]:
        return set(range(round(span[0] * FPS), round(span[1] * FPS)))

    kept = [number for number in source if number not in between(CUT) | between(SCREEN)]
    assert [seen.number for seen in shown if not seen.dark] == kept
    assert sum(seen.dark for seen in shown) == len(between(SCREEN))
    for seen in shown:
        assert [seen.pixels[name] for name in ("red", "blue", "cut", "screen")] == [0] * 4, seen.second
    for seen in (each for each in shown if not each.dark):
        assert seen.pixels["sign"] > 0.9 * source[seen.number].pixels["sign"]
        assert seen.street == pytest.approx(source[seen.number].street, abs=3)


def check_sound(content: bytes) -> None:
    samples, source = film_scene.heard(content), film_scene.heard(film_scene.a_street())
    for hertz in (film_scene.NAMED, film_scene.BESIDE):
        assert film_scene.loudest(source, hertz).max() > 0.3
        assert film_scene.loudest(samples, hertz).max() < 0.01
    for start, end in SAID:
        assert np.abs(samples[round(start * RATE) : round(end * RATE)]).max() == 0
    assert len(samples) / RATE == pytest.approx(SECONDS - (CUT[1] - CUT[0]), abs=0.06)
    for start, end in ((0.2, 1.9), (2.8, 6.0), (7.0, 8.1), (8.3, 9.5)):
        part = samples[round(start * RATE) : round(end * RATE)]
        assert film_scene.loudest(part, film_scene.STREET).min() > 0.3
