"""Waiting for what a page or the server comes to, however slow the machine: never a pause of fixed length."""

import time
from collections.abc import Callable

from playwright.sync_api import Locator, Page

from tests.patience import SECONDS

MILLISECONDS = 60_000  # for each step of a person; what comes sooner is not waited for
_PAUSE = 100  # milliseconds
_STANDS = """
async () => {
  await document.fonts.ready;
  const ends = (one) => Number.isFinite(one.effect?.getComputedTiming().endTime);
  const running = document.getAnimations().filter((one) => one.playState === "running" && ends(one));
  await Promise.all(running.map((one) => one.finished.catch(() => {})));
}
"""
_STILL = """
async (node, patience) => {
  const until = performance.now() + patience;
  let [place, times] = ["", 0];
  while (times < 5) {  // a finger is met by what was drawn, which comes some frames after the change
    await new Promise(requestAnimationFrame);
    const { x, y, width, height } = node.getBoundingClientRect();
    const now = [x, y, width, height].join();
    times = now === place ? times + 1 : 0;
    place = now;
    if (performance.now() > until) throw new Error(`it still moves: ${now}`);
  }
  return place.split(",").map(Number);
}
"""

Box = tuple[float, float, float, float]


def until(
    page: Page, done: Callable[[], bool], what: str, *, meanwhile: Callable[[], object] = lambda: None
) -> None:
    """Asks again and again, and lets the page live between; fails with ``what`` and the page's words."""
    end = time.monotonic() + SECONDS
    while not done():
        meanwhile()
        assert time.monotonic() < end, f"{what}: {page.locator('body').inner_text()[:3000]}"
        page.wait_for_timeout(_PAUSE)


def stands(page: Page) -> None:
    """The page is read to its end and nothing fades or slides any more, so that it can be looked at."""
    page.wait_for_load_state("domcontentloaded")
    page.evaluate(_STANDS)


def still(area: Locator) -> Box:
    """Waits until nothing moves an area any more; gives its left, top, width and height in the window."""
    left, top, width, height = area.evaluate(_STILL, MILLISECONDS)
    return left, top, width, height
