"""One record in a real tab: until its first page, its memory, its frames, by the browser's own figures."""

import os
import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from math import cos, sin
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, CDPSession, Page, sync_playwright

from tests.bench import workbench_peers
from tests.bench.workbench_children import Children

SIZE = {"width": 1280, "height": 900}
DRAW_SECONDS = 5.0
TURNS = 200  # pages
STEP_SECONDS, STEPS = 5, 60  # of a film: five minutes
ROWS_TURNED = 10  # times fifty rows
WALK_SECONDS = 25.0  # at most
PATIENCE = 60_000  # milliseconds

# the marks, long tasks and frames the browser itself tells of
_OBSERVE = """(() => {
  const long = [];
  let frames = [], on = false, from = 0;
  const learn = (list) => list.getEntries().forEach((row) => long.push([row.startTime, row.duration]));
  new PerformanceObserver(learn).observe({ type: "longtask", buffered: true });
  const look = new PerformanceObserver((list) => {
    const [mark] = list.getEntriesByName("workbench:first");
    if (!mark) return;
    look.disconnect();
    document.documentElement.dataset.first = mark.startTime;
  });
  look.observe({ type: "mark", buffered: true });
  window.benchFrames = {
    start() {
      [frames, on, from] = [[], true, performance.now()];
      let last = 0;
      const tick = (now) => {
        if (last) frames.push(now - last);
        last = now;
        if (on) requestAnimationFrame(tick);
      };
      requestAnimationFrame(tick);
    },
    stop() {
      on = false;
      return { frames, long: long.filter(([start]) => start >= from).map(([, length]) => length) };
    },
    longest: () => Math.max(0, ...long.map(([, length]) => length)),
  };
})()"""
_GO = """at => document.dispatchEvent(
  new CustomEvent("workbench:go", { detail: { unit: "second", at }, cancelable: true }))"""
_TIMING = """() => {
  const [row] = performance.getEntriesByType("navigation");
  const places = performance.getEntriesByType("resource").map((one) =>
    [new URL(one.name).pathname, ...[one.startTime, one.responseStart, one.responseEnd].map(Math.round)]);
  return { response: row.responseStart, parsed: row.domContentLoadedEventEnd, places };
}"""
_LENGTH = "() => JSON.parse(document.getElementById('workbench-config').textContent).stage.duration"
_TURN = "at => turnTo(at)"
_PRESS = "a key"
_KINDS = ("renderer", "GPU")
_BROWSERS = ("chromium", "google-chrome", "chromium-browser")


@dataclass
class Visit:
    """How one record is opened, by whom, on which site. ``pids`` gives the processes of that site."""

    base: str
    cookie: dict[str, str]
    pids: Sequence[int]
    peer: str
    folder: Path

    def measured(self, entry: dict[str, str], key: str) -> dict[str, Any]:
        """This will open a record cold and warm, walk through it, draw, and open it with the peer."""
        address = f"{self.base}/desk/records/{key}/work/"
        with Children(self.pids) as children, _browser() as browser:
            context = _context(browser, {**self.cookie, "url": self.base})
            tab = _Tab(context, browser)
            before = children.seconds()
            cold = tab.open(address)
            cold |= {"child_seconds": children.seconds() - before, "child_mib": children.peak_mib}
            after_opening = tab.memory()
            drawing = _drawn(tab, entry["stage"])
            walked = _walked(tab, entry["stage"])
            after_walking = tab.memory()
            warm = _Tab(context, browser, tab.page).open(address)
            said = {"child_seconds": children.seconds() - before, "child_mib": children.peak_mib}
        found = {"cold": cold, "warm": warm, "opened": after_opening, "walked": after_walking}
        return {**found, "drawing": drawing, "turns": walked, "all": said, "peer": self._peer(entry)}

    def _peer(self, entry: dict[str, str]) -> dict[str, Any]:
        place = workbench_peers.page_of(entry["stage"], entry["path"], self.folder)
        if not place:
            return {}
        with _browser() as browser:
            tab = _Tab(_context(browser, None), browser)
            cold = tab.open(self.peer + place)
            opened = tab.memory()
            turned = _peer_walked(tab, entry["stage"])
            walked = tab.memory()
            warm = _Tab(tab.page.context, browser, tab.page).open(self.peer + place)
        return {"cold": cold, "opened": opened, "walked": walked, "turns": turned, "warm": warm}


class _Tab:
    """One tab with the protocol's eyes on it."""

    def __init__(self, context: BrowserContext, browser: Browser, page: Page | None = None) -> None:
        self.browser = browser
        self.page = page or context.new_page()
        self.protocol: CDPSession = context.new_cdp_session(self.page)
        self.protocol.send("Network.enable")
        self.protocol.send("Performance.enable")
        self.received: list[tuple[float, int]] = []
        self.asked: dict[str, float] = {}
        self.kept: set[str] = set()
        self.protocol.on("Network.dataReceived", self._came)
        self.protocol.on("Network.requestWillBeSent", self._asks)
        self.protocol.on("Network.requestServedFromCache", lambda event: self.kept.add(event["requestId"]))

    def _asks(self, event: dict[str, Any]) -> None:
        self.asked.setdefault(event["requestId"], event["timestamp"])

    def _came(self, event: dict[str, Any]) -> None:
        self.received.append((event["timestamp"], event["encodedDataLength"]))

    def open(self, address: str) -> dict[str, Any]:
        """Milliseconds from the start of the navigation to the mark, and what was fetched until then."""
        self.received.clear()
        self.asked.clear()
        self.page.goto(address, wait_until="commit", timeout=PATIENCE)
        self.page.wait_for_selector("html[data-first]", timeout=PATIENCE, state="attached")
        first = float(self.page.locator("html").get_attribute("data-first") or "nan")
        timing = self.page.evaluate(_TIMING)
        self.page.wait_for_timeout(300)  # events of the protocol that are still on their way
        end = min(self.asked.values()) + first / 1000
        return {
            "ms": first,
            "requests": sum(at <= end and name not in self.kept for name, at in self.asked.items()),
            "bytes": sum(size for at, size in self.received if at <= end),
            "longest_ms": self.page.evaluate("() => benchFrames.longest()"),
            **timing,
        }

    def memory(self) -> dict[str, float]:
        """MiB of the tab's process, of its scripts' objects, and of the process that composes the picture."""
        measured = self.protocol.send("Performance.getMetrics")["metrics"]
        session = self.browser.new_browser_cdp_session()
        processes = session.send("SystemInfo.getProcessInfo")["processInfo"]
        session.detach()
        held = {kind: [_resident(row["id"]) for row in processes if row["type"] == kind] for kind in _KINDS}
        return {
            "tab_mib": max(held["renderer"]),
            "heap_mib": {row["name"]: row["value"] for row in measured}["JSHeapUsedSize"] / 2**20,
            "gpu_mib": max(held["GPU"], default=0.0),
        }

    def frames(self, hand: Callable[[], None]) -> dict[str, float]:
        """What the frames were like while a hand was at it."""
        self.page.evaluate("() => benchFrames.start()")
        hand()
        found = self.page.evaluate("() => benchFrames.stop()")
        frames, long = sorted(found["frames"]), found["long"]
        return {
            "p95_ms": _share(frames, 0.95),
            "worst_ms": frames[-1],
            "dropped": sum(max(0, round(gap * 60 / 1000) - 1) for gap in frames),
            "shown": len(frames),
            "longest_ms": max(long, default=0.0),
        }


def _drawn(tab: _Tab, stage: str) -> dict[str, float]:
    """A mark drawn for five seconds without letting go; elsewhere a map moved, rows scrolled."""
    page = tab.page
    page.wait_for_selector("html[data-workbench=ready]", timeout=PATIENCE)
    if stage == "table":
        page.locator("[data-table-frame]").hover()
        return tab.frames(lambda: _for(DRAW_SECONDS, lambda share: page.mouse.wheel(0, 40 * sin(12 * share))))
    place = {"pages": ".wbp-page.is-drawn", "film": "[data-holder]", "flight": "[data-map]"}[stage]
    if stage == "pages":
        page.locator("[data-tool=box]").click()
    if stage == "film":
        page.locator("[data-do=box]").click()
    box = page.locator(place).first.bounding_box()
    if box is None:
        raise AssertionError(f"{place} is not to be seen")
    left, top = max(box["x"], 0) + 60, max(box["y"], 0) + 60
    wide, high = min(box["width"], 1000) - 120, min(box["height"], 560) - 120

    def drag(share: float) -> None:
        page.mouse.move(
            left + wide * (0.5 + 0.5 * sin(18 * share)), top + high * (0.5 - 0.5 * cos(11 * share))
        )

    page.mouse.move(left, top)
    page.mouse.down()
    found = tab.frames(lambda: _for(DRAW_SECONDS, drag))
    page.mouse.up()
    return found


def _for(seconds: float, act: Callable[[float], None]) -> None:
    began = time.monotonic()
    while (share := (time.monotonic() - began) / seconds) < 1:
        act(share)
        time.sleep(0.012)


def _walked(tab: _Tab, stage: str) -> list[float]:
    """Milliseconds until each further page, second or fifty rows could be seen."""
    page = tab.page
    page.keyboard.press("Escape")
    if stage == "pages":
        page.locator(".wbp-view").focus()
        count = int(page.locator("[data-page-field]").get_attribute("max") or 1)
        there = ".wbp-page[data-page='{}'].is-drawn"
        return _steps(page, _PRESS, [("PageDown", there.format(n)) for n in range(2, min(TURNS, count) + 1)])
    if stage == "film":
        length = page.evaluate(_LENGTH)
        return _steps(page, _GO, [(at, "[data-frame][data-busy=no]") for at in _seconds(length)])
    if stage == "table":
        there = "[data-table-frame] tr[data-row='{}']"
        turns = range(1, ROWS_TURNED + 1)
        return _steps(page, _PRESS, [("]", there.format(50 * turn + 1)) for turn in turns])
    return []


def _peer_walked(tab: _Tab, stage: str) -> list[float]:
    page = tab.page
    if stage == "film":
        length = page.evaluate("() => film.duration")
        return _steps(page, _TURN, [(at, f"html[data-page='{at}']") for at in _seconds(length)])
    count = page.evaluate("() => document.querySelectorAll('.page').length")
    there = ".page[data-page-number='{}'][data-loaded=true]"
    return _steps(page, _TURN, [(n, there.format(n)) for n in range(2, min(TURNS, count) + 1)])


def _seconds(length: float) -> list[int]:
    return [STEP_SECONDS * step for step in range(1, STEPS + 1) if STEP_SECONDS * step < length - 1]


def _steps(page: Page, how: str, ways: Sequence[tuple[str | int, str]]) -> list[float]:
    """Milliseconds of each step, from a key or a call until something is there; those there is time for."""
    found: list[float] = []
    last = time.monotonic() + WALK_SECONDS
    for where, there in ways:
        began = time.perf_counter()
        if how == _PRESS:
            page.keyboard.press(str(where))
        else:
            page.evaluate(how, where)
        page.wait_for_selector(there, timeout=PATIENCE, state="attached")
        found.append((time.perf_counter() - began) * 1000)
        if time.monotonic() > last:
            break
    return found


@contextmanager
def _browser() -> Iterator[Browser]:
    """A browser of its own, so that no other tab's memory is counted; the system's where there is one."""
    found = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, _BROWSERS)), None)
    with sync_playwright() as player:
        browser = player.chromium.launch(executable_path=found, args=["--no-sandbox"])
        yield browser
        browser.close()


def _context(browser: Browser, cookie: Any) -> BrowserContext:
    context = browser.new_context(viewport=SIZE, locale="en-US", timezone_id="America/Chicago")  # type: ignore[arg-type]  # a size is a size
    context.add_init_script(_OBSERVE)
    if cookie:
        context.add_cookies([cookie])
    return context


def _resident(pid: int) -> float:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    return 0.0


def _share(sorted_values: Sequence[float], share: float) -> float:
    return sorted_values[min(len(sorted_values) - 1, int(len(sorted_values) * share))]
