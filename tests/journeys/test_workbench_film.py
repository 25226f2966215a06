"""The film's stage beside the whole way: what is played as released, what is painted, and what goes wrong."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from redaction import pipeline
from redaction.engines.media import painting
from redaction.marks import Mark
from redaction.preview import calls
from redaction.report import Refused
from tests.journeys.conftest import SignIn
from tests.journeys.film_people import Point, Stage, a_film, engine_makes, opened
from tests.journeys.film_scene import CAR, HEIGHT, TOPS, WIDTH, a_street, frames, left_of, plane_of
from tests.journeys.hands import press
from tests.redaction.plans.plan_builders import a_plan, a_review
from tests.requests_app.custody.record_builders import an_analyst

pytestmark = pytest.mark.django_db(transaction=True)

SAMPLES = os.environ.get("SAMPLES")
PICTURE = "**/frame/*.jpg"
FEW = 70  # pixels of a real street that have the car's colour by chance


@dataclass(frozen=True)
class Ride:
    """A film with a car of a colour of its own (blue and red difference), and a box round it at a second."""

    content: bytes
    second: float
    size: tuple[int, int]
    start: Point
    end: Point
    colour: tuple[int, int]

    def pixels(self, frame: av.VideoFrame) -> int:
        blue, red = (plane_of(frame, number).astype(int) for number in (1, 2))
        near = (abs(blue - self.colour[0]) < 20) & (abs(red - self.colour[1]) < 20)
        return int(near.sum())


LISTEN = """
(last) => new Promise((done, failed) => {
  setTimeout(() => failed(new Error(`it stands at ${field.value}`)), 120_000);
  const field = document.querySelector("[data-time]");
  const rows = [];
  const look = () => {
    const heard = [...document.querySelectorAll("[data-holder] video")].find((film) => !film.paused);
    const second = Number(field.value.split(":")[1]);
    if (heard) rows.push([second, heard.muted]);
    if (second < last) requestAnimationFrame(look);
    else done(rows);
  };
  look();
})
"""


def shows_single_pictures(stage: Stage) -> None:
    """Before there is a preview; opened at a second, so that the page came with no picture."""
    time = stage.page.get_by_label("Go to a time")
    expect(time).to_have_value("00:02.00")
    for second in ("2.05", "2.07"):  # no other picture: nothing is fetched, and nothing waits for it
        time.fill(second)
        press(time)
        stage.is_at(2.0)
    stage.page.route(PICTURE, lambda route: route.fulfill(content_type="image/jpeg", body="no picture"))
    stage.goes_to(1.0)
    expect(stage.page.locator("#workbench-warned")).to_contain_text("could not be fetched")
    shown = stage.page.locator("[data-holder] canvas[data-shown]")
    expect(shown).to_have_count(0)  # the picture of another moment does not stay
    stage.page.unroute(PICTURE)
    with stage.page.expect_response(PICTURE) as again:
        time.fill("1.05")
        press(time)
    assert again.value.ok
    stage.is_at(1.0)
    expect(shown).to_have_count(1)


def test_as_released_is_silent_in_mutes_leaves_cuts_out_and_counts_as_watched(
    live_server: LiveServer, sign_in: SignIn
) -> None:
    mute: dict[str, Any] = {"id": "m", "kind": "mute", "start": 1.0, "end": 1.8, "reason": "VICTIM"}
    cut: dict[str, Any] = {"id": "c", "kind": "cut", "start": 2.4, "end": 8.0, "reason": "VICTIM"}
    record = a_film(a_street(), spoken=b"")
    a_plan(review=a_review(record), marks={"version": 1, "marks": [mute, cut]})
    stage = opened(sign_in(an_analyst()), live_server, record, "?t=2.02")  # as a flight leads here
    shows_single_pictures(stage)
    stage.made()
    page = stage.page
    page.get_by_role("radio", name="As released").check()
    page.get_by_label("Speed").select_option("0.25")  # a slow machine looks often enough then
    stage.goes_to(0.7)

    with page.expect_request(lambda sent: sent.url.endswith("/seen/"), timeout=60_000) as told:
        stage.presses("k", " ")
        heard_then = page.evaluate(LISTEN, 8.3)
        stage.presses("k")

    # the picture's clock and the mute are set one after the other, and the cut is left at the next drawing
    assert {muted for second, muted in heard_then if 1.2 <= second < 1.7} == {True}
    assert {muted for second, muted in heard_then if 2.0 <= second < 2.4} == {False}
    assert [second for second, _ in heard_then if 2.7 < second < 7.9] == []
    posted: Any = told.value.post_data_json
    spans = posted["seen"]
    assert spans[0]["unit"] == "second"
    assert spans[0]["from"] == pytest.approx(0.7, abs=0.3)
    assert all(row["to"] <= 2.8 or row["from"] >= 7.9 for row in spans)


def test_preview_paints_the_very_pixels_of_the_engine(page: Page, live_server: LiveServer) -> None:
    generator = np.random.default_rng(11)
    cases: list[dict[str, Any]] = []
    for number in range(200):
        x, y = generator.uniform(0, 0.8, 2)
        frames = [
            {"t": t, "rect": [x, y, *generator.uniform(0.001, 0.19, 2)]}
            for t in sorted(generator.uniform(0, 9, 1 + number % 4))
        ]
        size = [int(side) for side in generator.integers(17, 2000, 2)]
        style = ("solid", "mosaic", "blur")[number % 3]
        cases.append(
            {"keyframes": frames, "style": style, "at": float(generator.uniform(0, 9)), "size": size}
        )
    page.goto(f"{live_server.url}/")

    found = page.evaluate(
        """async ([cases, address]) => {
          const { boxAt, blockOf } = await import(address);
          return cases.map((each) => {
            const box = boxAt({ ...each, kind: "region" }, each.at, ...each.size);
            return [...box, blockOf(box)];
          });
        }""",
        [cases, f"{live_server.url}/static/workbench/film-time.js"],
    )

    for case, mine in zip(cases, found, strict=True):
        fields = {"keyframes": case["keyframes"], "style": case["style"]}
        box = painting.box_at(Mark("a", "region", fields), case["at"], *case["size"])
        assert mine == [box.left, box.top, box.right, box.bottom, painting.block_of(box)], case


def test_film_whose_preview_fails_says_why_and_can_still_be_marked(
    live_server: LiveServer, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise Refused("the recording breaks off")

    monkeypatch.setattr(calls, "part", refuse)
    monkeypatch.setattr(pipeline, "redact", refuse)
    record = a_film(a_street(), spoken=b"")
    stage = opened(sign_in(an_analyst()), live_server, record)

    notice = stage.page.locator("[data-notice]")
    stage.works_until(lambda: "The preview could not be made" in notice.inner_text(), "the failure")
    expect(notice).to_contain_text("Single pictures can still be stepped through and marked")
    expect(notice.get_by_role("button", name="Try again")).to_be_visible()
    expect(stage.page.get_by_text("This recording has no transcript yet.")).to_be_visible()
    stage.looks("failed")
    stage.page.get_by_role("button", name="True render of 10 s").click()
    sample = stage.page.locator("[data-sample]")
    stage.works_until(lambda: "The true render could not be made" in sample.inner_text(), "the failure")
    stage.looks("sample-failed")
    stage.drags((96, 54), (192, 108))

    marks = stage.saved(lambda found: len(found) == 1)
    assert marks[0]["keyframes"][0]["rect"] == pytest.approx([0.2, 0.2, 0.2, 0.2], abs=0.01)


def a_made_car() -> Ride:
    spot = (left_of("blue", 4) - 8, TOPS["blue"] - 8)
    return Ride(
        a_street(), 4.0, (WIDTH, HEIGHT), spot, (spot[0] + CAR[0] + 16, spot[1] + CAR[1] + 16), (220, 100)
    )


def a_real_car(folder: Path) -> Ride:
    """The red car of a film from above: it comes in below and leaves above."""
    content = (folder / "video" / "intel_car-detection.mp4").read_bytes()
    return Ride(content, 17.04, (768, 432), (300, 52), (480, 322), (116, 168))


@pytest.mark.parametrize("ride", [a_made_car, *([partial(a_real_car, Path(SAMPLES))] if SAMPLES else [])])
def test_car_is_followed_forwards_and_back_and_is_gone(
    live_server: LiveServer, sign_in: SignIn, ride: Callable[[], Ride]
) -> None:
    found = ride()
    record = a_film(found.content, spoken=b"")
    stage = opened(sign_in(an_analyst()), live_server, record)
    stage.size = found.size
    stage.made()
    words = stage.page.locator("[data-chosen-words]")

    stage.goes_to(found.second)
    stage.drags(found.start, found.end)
    for name in ("Follow", "Follow back"):
        stage.goes_to(found.second)
        stage.page.get_by_role("button", name=name, exact=True).click()
        expect(words).to_contain_text("Check the box", timeout=120_000)
    stage.gives_reasons()
    (mark,) = stage.saved(lambda marks: len(marks) == 1 and bool(marks[0].get("reason")))
    copy = engine_makes(record)

    assert mark["start"] < found.second - 1
    assert mark["end"] > found.second + 1
    source = {round(frame.time, 3): found.pixels(frame) for frame in frames(found.content)}
    shown = {round(frame.time, 3): found.pixels(frame) for frame in frames(copy)}
    assert len(shown) == len(source)
    assert max(source.values()) > 500
    assert {second: count for second, count in shown.items() if count > FEW} == {}
