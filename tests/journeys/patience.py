"""Waiting for what a page or the server comes to, however slow the machine: never a pause of fixed length."""

import time
from collections.abc import Callable

from playwright.sync_api import Page

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
