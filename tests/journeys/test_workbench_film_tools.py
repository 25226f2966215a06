"""Tools of the film's stage: a span again and again, slowly and fast, burnt-in text in one press, closer."""

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from tests.journeys.conftest import SignIn
from tests.journeys.film_people import a_film, engine_makes, opened
from tests.journeys.film_scene import HEIGHT, SECONDS, WIDTH, a_street, frames, plane_of
from tests.journeys.workbench_frame import is_saved
from tests.redaction.plans.plan_builders import a_plan, a_review
from tests.requests_app.custody.record_builders import an_analyst

pytestmark = pytest.mark.django_db(transaction=True)

# every time shown until it has gone back ``turns`` times, and the speed of the film that plays
ROUND = """
(turns) => new Promise((done, failed) => {
  setTimeout(() => failed(new Error(`it stands at ${field.value}`)), 120_000);
  const field = document.querySelector("[data-time]");
  const rows = [];
  let last = 0;
  const look = () => {
    const film = [...document.querySelectorAll("[data-holder] video")].find((each) => !each.paused);
    const second = Number(field.value.split(":")[1]);
    if (film) rows.push([second, film.playbackRate]);
    if (second < last - 0.2) turns -= 1;
    last = second;
    if (turns > 0) requestAnimationFrame(look);
    else done(rows);
  };
  look();
})
"""


def played(page: Page, speed: str, turns: int) -> list[tuple[float, float]]:
    page.get_by_label("Speed").select_option(speed)
    page.get_by_role("button", name="Play", exact=True).click()
    rows: list[tuple[float, float]] = page.evaluate(ROUND, turns)
    page.get_by_role("button", name="Pause", exact=True).click()
    return rows


def test_a_span_is_looped_slowly_and_fast_and_burnt_in_text_covered_at_once(
    live_server: LiveServer, sign_in: SignIn
) -> None:
    record = a_film(a_street(), spoken=b"")
    mute = {"id": "m", "kind": "mute", "start": 2.0, "end": 6.0, "reason": "VICTIM"}
    a_plan(review=a_review(record), marks={"version": 1, "marks": [mute]})
    stage = opened(sign_in(an_analyst()), live_server, record)
    stage.made()
    page = stage.page
    loop = page.get_by_role("button", name="Loop", exact=True)

    page.locator("#mark-row-m").click()
    loop.click()
    expect(loop).to_have_attribute("aria-pressed", "true")
    stage.is_at(2.0)
    fast = played(page, "4", 3)
    stage.goes_to(5.5)  # near the end: slowly it takes long to come round
    slow = played(page, "0.25", 1)
    loop.click()
    expect(loop).to_have_attribute("aria-pressed", "false")

    assert ({rate for _, rate in fast}, {rate for _, rate in slow}) == ({4}, {0.25})
    assert [second for second, _ in fast + slow if not 2 <= second < 6] == []

    page.get_by_role("button", name="Picture larger").click()
    expect(page.locator("[data-zoom]")).not_to_have_text("100%")
    stage.goes_to(5)
    stage.drags((200, 100), (296, 154))
    page.get_by_role("button", name="Whole picture in view").click()
    expect(page.locator("[data-zoom]")).to_have_text("100%")
    page.get_by_role("button", name="Burnt-in text").click()
    stage.looks("burnt-in")
    page.get_by_role("button", name="Top right").click()
    marks = stage.saved(lambda found: len(found) == 3)
    stage.gives_reasons()
    stage.saved(lambda found: all(row.get("reason") for row in found))
    is_saved(page)

    drawn, burnt = (row for row in marks if row["kind"] == "region")
    assert drawn["keyframes"][0]["rect"] == pytest.approx([200 / WIDTH, 100 / HEIGHT, 0.2, 0.2], abs=0.012)
    assert (burnt["start"], burnt["end"]) == (0, pytest.approx(SECONDS, abs=0.2))
    corner = [plane_of(frame, 0)[:26, 290:] for frame in frames(engine_makes(record))]
    assert len(corner) == SECONDS * 10
    assert max(int(part.max()) for part in corner) <= 32
