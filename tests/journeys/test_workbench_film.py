"""The film's stage beside the whole way: what is played as released, what is painted, and what goes wrong."""

from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from portal.core import files
from redaction.engines.media import painting
from redaction.marks import Mark
from tests.journeys.conftest import SignIn
from tests.journeys.film_people import a_film, engine_makes, opened
from tests.journeys.film_scene import a_street, heard
from tests.redaction.plans.plan_builders import a_plan, a_review
from tests.requests_app.custody.record_builders import a_recording, an_analyst

pytestmark = pytest.mark.django_db(transaction=True)

LISTEN = """
(last) => new Promise((done) => {
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


def test_as_released_is_silent_in_mutes_leaves_cuts_out_and_counts_as_watched(
    live_server: LiveServer, sign_in: SignIn
) -> None:
    mute: dict[str, Any] = {"id": "m", "kind": "mute", "start": 1.0, "end": 1.8, "reason": "VICTIM"}
    cut: dict[str, Any] = {"id": "c", "kind": "cut", "start": 2.4, "end": 8.0, "reason": "VICTIM"}
    record = a_film(a_street(), spoken=b"")
    a_plan(review=a_review(record), marks={"version": 1, "marks": [mute, cut]})
    stage = opened(sign_in(an_analyst()), live_server, record)
    stage.made()
    page = stage.page
    page.get_by_role("radio", name="As released").check()
    page.get_by_label("Speed").select_option("0.5")  # a slow machine looks often enough then
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


def test_recording_without_pictures_is_muted_and_cut(live_server: LiveServer, sign_in: SignIn) -> None:
    record = a_film(a_recording(6.0), "call.wav", spoken=b"")
    stage = opened(sign_in(an_analyst()), live_server, record)
    stage.made()
    page = stage.page
    expect(page.get_by_text("This recording has sound only.")).to_be_visible()
    expect(page.get_by_text("This recording has no transcript yet.")).to_be_visible()

    stage.goes_to(1)
    stage.presses("i")
    stage.goes_to(2)
    stage.presses("o", "m")
    stage.goes_to(4)
    stage.presses("Escape", "i", "x")
    stage.looks("sound")
    stage.gives_reasons()
    marks = stage.saved(lambda found: len(found) == 2 and all(mark.get("reason") for mark in found))

    assert [(mark["kind"], mark["start"], mark["end"]) for mark in marks] == [("mute", 1, 2), ("cut", 4, 6)]
    samples = np.abs(heard(engine_makes(record)))
    assert samples[8_000:16_000].max() == 0
    assert samples[20_000:28_000].max() > 0


def test_film_whose_preview_fails_says_why_and_can_still_be_marked(
    live_server: LiveServer, sign_in: SignIn
) -> None:
    content = a_street()
    record = a_film(content, spoken=b"")
    files.path_of(record.address).write_bytes(content[: len(content) // 2])
    stage = opened(sign_in(an_analyst()), live_server, record)

    notice = stage.page.locator("[data-notice]")
    stage.works_until(lambda: "The preview could not be made" in notice.inner_text(), "the failure")
    expect(notice).to_contain_text("Single pictures can still be stepped through and marked")
    expect(notice.get_by_role("button", name="Try again")).to_be_visible()
    stage.looks("failed")
    stage.page.get_by_role("button", name="True render of 10 s").click()
    sample = stage.page.locator("[data-sample]")
    stage.works_until(lambda: "The true render could not be made" in sample.inner_text(), "the failure")
    stage.looks("sample-failed")
    stage.drags((96, 54), (192, 108))

    marks = stage.saved(lambda found: len(found) == 1)
    assert marks[0]["keyframes"][0]["rect"] == pytest.approx([0.2, 0.2, 0.2, 0.2], abs=0.01)
