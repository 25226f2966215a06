"""Looking at pages: pictures at two widths, no sideways scrolling, nothing in the browser's console."""

from pathlib import Path

from playwright.sync_api import ConsoleMessage, Error, Page, Request

from tests.journeys.axe import assert_accessible
from tests.journeys.patience import MILLISECONDS, stands

SCREENSHOTS = Path(__file__).resolve().parents[2] / "var" / "screenshots"
DESKTOP, PHONE = 1280, 390
_HEIGHT = 900
_SIDEWAYS = """
async (patience) => {
  const page = document.documentElement;
  const excess = () => page.scrollWidth - page.clientWidth;
  const until = performance.now() + patience;
  while (excess() > 0 && performance.now() < until) await new Promise(requestAnimationFrame);
  return excess();
}
"""


def examine(page: Page, name: str) -> None:
    """Check the page as it stands at both widths and keep var/screenshots/<name>-{1280,390}.png."""
    stands(page)
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    for width in (PHONE, DESKTOP):
        page.set_viewport_size({"width": width, "height": _HEIGHT})
        page.screenshot(path=SCREENSHOTS / f"{name}-{width}.png", full_page=True)
        assert_fits(page)
        assert_accessible(page)


def assert_fits(page: Page, patience: int = MILLISECONDS) -> None:
    """No sideways scrolling of the page itself (WCAG 1.4.10); a table may scroll inside its own frame."""
    stands(page)
    excess = page.evaluate(_SIDEWAYS, patience)  # scripts lay out anew after the window has changed
    assert excess <= 0, f"{page.url} is {excess} px wider than the window"


class Console:
    """What the browser complained about: script errors, blocked content (CSP), missing files."""

    def __init__(self, page: Page) -> None:
        self.complaints: list[str] = []
        self._documents: set[str] = set()
        self._expected: list[str] = []
        page.on("request", self._requested)
        page.on("console", self._logged)
        page.on("pageerror", self._raised)

    def expects(self, words: str) -> None:
        """A complaint with these words is no fault: the browser reports each refusal of the server."""
        self._expected.append(words)

    def assert_quiet(self) -> None:
        found = [row for row in self.complaints if not any(words in row for words in self._expected)]
        assert not found, "the browser complained:\n" + "\n".join(found)

    def _requested(self, request: Request) -> None:
        if request.is_navigation_request():
            self._documents.add(request.url)

    def _logged(self, message: ConsoleMessage) -> None:
        # Chromium also reports a page that rightly answers 4xx; a missing file or blocked script still counts
        refused_page = (
            message.text.startswith("Failed to load resource") and message.location["url"] in self._documents
        )
        if message.type in {"error", "warning"} and not refused_page:
            self.complaints.append(f"{message.type}: {message.text} ({message.location['url']})")

    def _raised(self, error: Error) -> None:
        self.complaints.append(f"exception: {error}")
