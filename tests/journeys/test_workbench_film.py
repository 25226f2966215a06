"""A film is marked by mouse and by keys alone; what the engine makes of it holds nothing that was marked."""

from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from portal.core import files
from redaction.engines.media import painting
from redaction.marks import Mark
from tests.journeys.conftest import SignIn
from tests.journeys.film_people import (
    CAR,
    HEIGHT,
    SAID,
    SIZES,
    TOP,
    WIDTH,
    Marks,
    Stage,
    a_drive,
    a_film,
    left_of_car,
    loudness,
    pictures,
    released,
)
from tests.redaction.plans.plan_builders import a_plan, a_review
from tests.requests_app.custody.record_builders import a_recording, an_analyst

pytestmark = pytest.mark.django_db(transaction=True)


def of(marks: Marks, kind: str) -> Marks:
    return [mark for mark in marks if mark["kind"] == kind]


def covers_car(mark: dict[str, Any], second: float) -> bool:
    x, y, w, h = painting.rect_at(mark["keyframes"], second)
    left = left_of_car(second)
    return (
        x * WIDTH <= left + 1
        and (x + w) * WIDTH >= left + CAR[0] - 1
        and y * HEIGHT <= TOP + 1
        and (y + h) * HEIGHT >= TOP + CAR[1] - 1
    )


def test_car_is_marked_by_drawing_and_by_follow_and_is_gone(live_server: LiveServer, sign_in: SignIn) -> None:
    record = a_film(a_drive())
    stage = Stage(sign_in(an_analyst()), live_server, record)
    page = stage.page
    expect(page.locator("[data-notice]")).to_contain_text("The preview is being made")

    # before the preview is there, its single pictures can be marked
    stage.drags((left_of_car(0) - 8, TOP - 8), (left_of_car(0) + CAR[0] + 8, TOP + CAR[1] + 8))
    stage.looks("waiting")
    stage.made()
    for before, second in ((0, 4), (4, 8)):
        stage.goes_to(second)
        middle = TOP + CAR[1] / 2
        stage.drags((left_of_car(before) + 60, middle), (left_of_car(second) + 60, middle))
    marks = stage.saved(lambda found: any(len(mark.get("keyframes", [])) == 3 for mark in found))
    drawn = marks[0]
    assert [frame["t"] for frame in drawn["keyframes"]] == [0, 4, 8]
    assert all(covers_car(drawn, tenth / 10) for tenth in range(80))

    # undone and followed instead
    page.keyboard.press("Delete")
    stage.goes_to(0)
    stage.drags((left_of_car(0) - 12, TOP - 12), (left_of_car(0) + CAR[0] + 12, TOP + CAR[1] + 12))
    page.get_by_role("button", name="Follow", exact=True).click()
    expect(page.locator("[data-chosen-words]")).to_contain_text("Check the box", timeout=60_000)
    page.get_by_label("Find a name or word that is said").fill("maria canary")
    page.get_by_role("button", name="Find").click()
    page.get_by_role("button", name="Mute all 2 places").click()
    stage.goes_to(8.5)
    page.get_by_role("button", name="Cut", exact=True).click()
    page.get_by_role("tab", name="On the timeline").click()
    stage.looks("marked", SIZES)
    page.get_by_role("radio", name="As released").check()
    stage.goes_to(3.2)
    stage.looks("released")
    stage.gives_reasons()
    marks = stage.saved(lambda found: len(found) == 4 and all(mark.get("reason") for mark in found))

    assert all(covers_car(of(marks, "region")[0], tenth / 10) for tenth in range(0, 85, 5))
    assert [(mark["start"], mark["end"]) for mark in of(marks, "mute")] == list(SAID)
    assert of(marks, "cut")[0]["start"] == 8.5
    check_release(released(record), until=8.5)


def check_release(path: Any, *, until: float) -> None:
    shown = pictures(path)
    assert max(shown) < until
    for second, picture in shown.items():
        left = round(left_of_car(second))
        assert picture[TOP : TOP + CAR[1], left : left + CAR[0]].max() < 40, f"the car is seen at {second} s"
    assert shown[1.0][10:100].max() > 60
    heard = loudness(path)
    assert all(heard(start, end) < 0.001 for start, end in SAID)
    assert heard(4, 5) > 0.3


def test_car_is_marked_by_keys_alone_and_is_gone(live_server: LiveServer, sign_in: SignIn) -> None:
    record = a_film(a_drive())
    stage = Stage(sign_in(an_analyst()), live_server, record)
    stage.made()
    page = stage.page
    page.mouse.move(0, 0)

    def goes(second: float) -> None:
        stage.presses("g", *f"{second}", "Enter")
        expect(page.get_by_label("Go to a time")).to_have_value(f"00:{second:05.2f}")
        expect(page.locator("[data-frame]")).to_have_attribute("data-busy", "no")

    def moves(key: str, times: int) -> None:
        for _ in range(times):
            page.keyboard.down(key)
        page.keyboard.up(key)

    # a box in the middle, made as large as the car and carried to it: the arrows move it by hundredths
    goes(0)
    stage.presses("a")
    page.keyboard.down("Shift")
    moves("ArrowRight", 2)
    page.keyboard.up("Shift")
    moves("ArrowLeft", 36)
    moves("ArrowDown", 9)
    for second in (4.0, 8.0):
        goes(second)
        moves("ArrowRight", round((left_of_car(second) - left_of_car(second - 4)) / WIDTH * 100))
    goes(8.8)
    stage.presses("o")
    marks = stage.saved(lambda found: len(found) == 1 and found[0]["end"] == 8.9)
    assert all(covers_car(marks[0], tenth / 10) for tenth in range(89))
    assert [frame["t"] for frame in marks[0]["keyframes"]] == [0, 4, 8]
    stage.presses("Escape")

    # the span of a cut by its two ends
    goes(8.5)
    stage.presses("i")
    goes(8.9)
    stage.presses("o", "x")
    stage.saved(lambda found: [(m["start"], m["end"]) for m in of(found, "cut")] == [(8.5, 9.0)])

    # by the numbers of the panel
    page.get_by_label("From second").focus()
    page.keyboard.press("Control+a")
    stage.presses(*"8.4", "Tab")
    stage.saved(lambda found: [m["start"] for m in of(found, "cut")] == [8.4])

    # a name, found and muted
    page.get_by_label("Find a name or word that is said").focus()
    page.keyboard.type("canary")
    stage.presses("Enter")
    expect(page.get_by_text("“canary” is said 2 times.").first).to_be_visible()
    page.get_by_role("button", name="Find").focus()
    stage.presses("Tab")
    expect(page.get_by_role("button", name="Mute all 2 places")).to_be_focused()
    stage.presses("Enter")
    page.get_by_role("tab", name="Transcript").focus()
    stage.presses("ArrowRight", "ArrowRight")
    expect(page.get_by_role("tab", name="On the timeline")).to_be_focused()
    page.locator("[data-stop][tabindex='0']").focus()
    stage.presses("Home", "Enter")
    expect(page.locator("[data-chosen-words]")).to_contain_text("Box:")
    stage.gives_reasons()
    marks = stage.saved(lambda found: len(found) == 4 and all(mark.get("reason") for mark in found))

    assert [(mark["start"], mark["end"]) for mark in of(marks, "mute")] == list(SAID)
    check_release(released(record), until=8.4)


LISTEN = """
(seconds) => new Promise((done) => {
  const field = document.querySelector("[data-time]");
  const rows = [];
  const began = performance.now();
  const look = () => {
    const heard = [...document.querySelectorAll("[data-holder] video")].find((film) => !film.paused);
    if (heard) rows.push([Number(field.value.split(":")[1]), heard.muted]);
    if (performance.now() - began < seconds * 1000) requestAnimationFrame(look);
    else done(rows);
  };
  look();
})
"""


def test_as_released_is_silent_in_mutes_leaves_cuts_out_and_counts_as_watched(
    live_server: LiveServer, sign_in: SignIn
) -> None:
    mute: dict[str, Any] = {"id": "m", "kind": "mute", "start": 2.0, "end": 3.0, "reason": "VICTIM"}
    cut: dict[str, Any] = {"id": "c", "kind": "cut", "start": 4.0, "end": 8.0, "reason": "VICTIM"}
    record = a_film(a_drive(), spoken=b"")
    a_plan(review=a_review(record), marks={"version": 1, "marks": [mute, cut]})
    stage = Stage(sign_in(an_analyst()), live_server, record)
    stage.made()
    page = stage.page
    page.get_by_role("radio", name="As released").check()
    stage.goes_to(1.5)

    with page.expect_request(lambda sent: sent.url.endswith("/seen/"), timeout=60_000) as told:
        stage.presses("k", " ")
        heard = page.evaluate(LISTEN, 4)
        stage.presses("k")

    # the picture's clock and the mute are set one after the other, a few hundredths apart
    assert {muted for second, muted in heard if 2.2 <= second < 2.9} == {True}
    assert {muted for second, muted in heard if 3.2 <= second < 3.9} == {False}
    assert [second for second, _ in heard if 4.05 < second < 7.9] == []
    assert max(second for second, _ in heard) >= 8
    posted: Any = told.value.post_data_json
    spans = posted["seen"]
    assert spans[0]["unit"] == "second"
    assert spans[0]["from"] == pytest.approx(1.5, abs=0.3)
    assert all(row["to"] <= 4.2 or row["from"] >= 7.9 for row in spans)


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
    stage = Stage(sign_in(an_analyst()), live_server, record)
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
    heard = loudness(released(record))
    assert heard(1.0, 2.0) < 0.001
    assert heard(2.5, 3.5) > 0.2


def test_film_whose_preview_fails_says_why_and_can_still_be_marked(
    live_server: LiveServer, sign_in: SignIn
) -> None:
    content = a_drive()
    record = a_film(content, spoken=b"")
    files.path_of(record.address).write_bytes(content[: len(content) // 2])
    stage = Stage(sign_in(an_analyst()), live_server, record)

    notice = stage.page.locator("[data-notice]")
    stage.works_until(lambda: "The preview could not be made" in notice.inner_text())
    expect(notice).to_contain_text("Single pictures can still be stepped through and marked")
    expect(notice.get_by_role("button", name="Try again")).to_be_visible()
    stage.looks("failed")
    stage.drags((100, 100), (200, 200))

    marks = stage.saved(lambda found: len(found) == 1)
    assert marks[0]["keyframes"][0]["rect"] == pytest.approx([0.156, 0.278, 0.156, 0.278], abs=0.01)
