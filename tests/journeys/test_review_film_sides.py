"""Two players side by side: where the preview is not made yet, within a cut, and from part to part."""

import base64
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page
from pytest_django.live_server_helper import LiveServer

from tests.redaction.media_builders import a_video

pytestmark = pytest.mark.django_db(transaction=True)

# four seconds, of which the second one is cut out of the copy
MAP = [
    {"old_start": 0.0, "old_end": 1.0, "new_start": 0.0},
    {"old_start": 2.0, "old_end": 4.0, "new_start": 1.0},
]
SET_UP = """
async ([films, map, address]) => {
  const { FilmSides } = await import(address);
  const [first, second, copy] = films.map((data) => {
    const bytes = Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0));
    return URL.createObjectURL(new Blob([bytes], { type: "video/mp4" }));
  });
  const root = document.createElement("section");
  for (const side of ["original", "result"]) {
    const [figure, sheet] = [document.createElement("figure"), document.createElement("div")];
    [figure.dataset.side, sheet.className] = [side, "rv-sheet"];
    figure.append(sheet);
    root.append(figure);
  }
  document.body.append(root);
  const parts = [{ start: 0, end: 2, url: first }, { start: 2, end: 4, url: second }];
  const server = { state: "running", parts: parts.slice(0, 1), asked: [], broken: false };
  window.fetch = async (url, { method, body }) => {
    if (server.broken) throw new TypeError("no connection");
    if (method === "POST") server.asked.push(JSON.parse(body).at);
    const headers = { "Content-Type": "application/json" };
    return new Response(JSON.stringify({ state: server.state, parts: server.parts }), { headers });
  };
  const urls = { film: copy, proxy: "/proxy/" };
  const config = { medium: "video", seconds: 4, time_map: map, marks: [], urls };
  const sides = new FilmSides({ config, root, say: () => {}, seen: { note: () => {} } });
  root.append(...sides.controls());
  Object.assign(window, { sides, server, parts });
}
"""
WAIT = """
async (condition) => {
  const until = performance.now() + 60_000;
  const done = {
    players: () => sides.original?.readyState >= 2 && sides.result.readyState >= 2,
    lost: () => sides.state.textContent === "There is no connection.",
    landed: () => sides.landed && !sides.original.seeking && !sides.result.seeking,
    known: () => sides.parts.length === 2,
    over: () => sides.original.paused && sides.at > 3.5,
  }[condition];
  while (!done()) {
    if (performance.now() > until) throw new Error(`${condition}: ${sides.at} ${sides.state.textContent}`);
    await new Promise(requestAnimationFrame);
  }
}
"""
STANDS = """
() => ({
  at: sides.at, shown: Number(sides.clock.value), part: sides.part?.start ?? null, asked: server.asked,
  said: sides.state.textContent, original: sides.original.currentTime, result: sides.result.currentTime,
})
"""
PLAY = """
() => {
  window.rows = [];
  window.begun = 0; // parts put in place from now on
  sides.original.addEventListener("emptied", () => (window.begun += 1));
  const look = () => {
    rows.push([sides.at, sides.result.currentTime, sides.result.paused]);
    if (sides.at <= 3.5) requestAnimationFrame(look);
  };
  sides.original.playbackRate = 0.5; // a slow machine looks often enough then
  sides.original.play();
  look();
}
"""


@pytest.fixture
def sides(page: Page, live_server: LiveServer, tmp_path: Path) -> Page:
    films = [
        base64.b64encode(a_video(tmp_path / f"{name}.mp4", seconds=seconds).read_bytes()).decode()
        for name, seconds in (("first", 2), ("second", 2), ("copy", 3))
    ]
    page.goto(f"{live_server.url}/")
    page.evaluate(SET_UP, [films, MAP, f"{live_server.url}/static/workbench/review-film.js"])
    page.evaluate(WAIT, "players")
    return page


def stands(page: Page) -> dict[str, Any]:
    found: dict[str, Any] = page.evaluate(STANDS)
    return found


def test_second_that_is_not_made_yet_is_asked_for_and_waited_at(sides: Page) -> None:
    sides.evaluate("() => sides.seek(3)")
    waits = stands(sides)
    sides.evaluate("() => { server.broken = true; }")
    sides.evaluate(WAIT, "lost")
    sides.evaluate("() => Object.assign(server, { broken: false, state: 'ready', parts })")
    sides.evaluate(WAIT, "landed")
    found = stands(sides)

    assert (waits["at"], waits["part"], waits["asked"][-1]) == (3, None, 3)
    assert waits["said"] in ("", "This part of the preview is still being made.")
    assert (found["at"], found["shown"], found["part"], found["said"]) == (3, 3, 2, "")
    assert found["original"] == pytest.approx(1, abs=0.01)
    assert found["result"] == pytest.approx(2, abs=0.01)


def test_copy_waits_at_the_joint_while_the_original_plays_what_was_cut(sides: Page) -> None:
    sides.evaluate("() => sides.seek(1.5)")
    sides.evaluate(WAIT, "landed")
    within = stands(sides)
    sides.evaluate("() => sides.seek(0.5)")
    sides.evaluate(WAIT, "landed")
    sides.evaluate("() => Object.assign(server, { parts })")
    sides.evaluate(WAIT, "known")  # or the first part could end before the second is there
    sides.evaluate(PLAY)
    sides.evaluate(WAIT, "over")
    rows = sides.evaluate("() => rows")

    assert within["at"] == pytest.approx(1.5, abs=0.01)
    assert within["result"] == pytest.approx(1, abs=0.03)
    assert {paused for at, _there, paused in rows if 1.05 < at < 1.95} == {True}
    assert all(there == pytest.approx(1, abs=0.03) for at, there, _paused in rows if 1.05 < at < 1.95)
    assert sides.evaluate("() => begun") == 1  # each news of the preview leaves alone what plays
    assert max(at for at, _there, _paused in rows) > 3.5
    assert stands(sides)["result"] > 2
