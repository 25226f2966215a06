"""Each workbench reads well in every state: nothing yet, on its way, broken, cut off, locked, flooded.

What two people at once and a lost connection look like on pages is in test_workbench.py.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect
from pytest_django.live_server_helper import LiveServer

from portal.accounts.models import User
from portal.accounts.rules import Role
from portal.core import files
from portal.core.time import now
from requests_app.custody.models import ResponsiveRecord
from requests_app.docket.models import RecordsRequest
from tests.builders import a_user
from tests.journeys.axe import assert_accessible
from tests.journeys.hands import Hands, Mouse
from tests.journeys.looks import SCREENSHOTS, assert_fits
from tests.journeys.whole_way import Person
from tests.redaction.film_builders import a_film
from tests.redaction.flight_builders import a_flight_csv
from tests.redaction.plans.plan_builders import a_plan, a_render, a_review, an_approval, an_approver
from tests.redaction.workbench.addresses import url
from tests.requests_app.custody.record_builders import a_pdf, a_record, an_analyst

pytestmark = pytest.mark.django_db(transaction=True)

People = Callable[[User, Callable[[Page], Hands]], Person]

TABLET, ZOOMED, DESKTOP = 820, 640, 1280  # a desktop's 1280 at 200 % are 640 CSS pixels (WCAG 1.4.4, 1.4.10)
BROKEN = b"\x89\x00\xff broken \x00\x01" * 40


def reads_well(page: Page, name: str, *widths: int) -> None:
    """Nothing to scroll sideways, axe clean, and a picture of it."""
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    for width in (*widths, DESKTOP):
        page.set_viewport_size({"width": width, "height": 800})
        assert_fits(page)
    page.screenshot(path=SCREENSHOTS / f"workbench-state-{name}.png")
    assert_accessible(page)


@contextmanager
def held(page: Page, address: str) -> Iterator[None]:
    """What the page asks of this address waits until the block is left."""
    waiting: list[Route] = []

    def met(route: Route) -> None:
        waiting.append(route) if holds else route.continue_()

    holds = True
    page.route(address, met)
    yield
    holds = False
    for route in waiting:
        route.continue_()


def broken(record: ResponsiveRecord) -> ResponsiveRecord:
    """The stored bytes are others now, as a failing disk leaves them."""
    path = files.path_of(record.address)
    path.chmod(0o600)
    path.write_bytes(BROKEN)
    return record


def a_file(medium: str, folder: Path) -> tuple[bytes, str]:
    if medium == "pdf":
        return a_pdf("Gone"), "a.pdf"
    if medium == "film":
        return a_film(folder / "f.mp4").read_bytes(), "f.mp4"
    if medium == "table":
        return b"plate,camera\nCANARY,Elm\n", "reads.csv"
    return a_flight_csv(folder / "f.csv").read_bytes(), "f.csv"


def shortcuts(page: Page, name: str) -> None:
    """The list of keys says how to switch single letters off, and they are then off."""
    page.locator("[data-part=keys]").click()
    dialog = page.get_by_role("dialog", name="Keyboard shortcuts")
    dialog.get_by_text("Switch single-key shortcuts off in this browser").click()
    expect(dialog.get_by_role("checkbox")).to_be_checked()
    reads_well(page, f"{name}-keys")
    dialog.get_by_role("button", name="Close").click()
    page.keyboard.press("f")
    expect(page.locator("[data-filter]")).not_to_be_focused()


def lost(person: Person, name: str, change: Callable[[], object]) -> None:
    """The connection is gone: the page says so and keeps what was changed; when it is back, all is saved."""
    page = person.page
    person.console.expects("ERR_INTERNET_DISCONNECTED")
    page.context.set_offline(True)
    change()
    expect(page.locator("[data-part=saved]")).to_contain_text("Not saved: no connection", timeout=60_000)
    reads_well(page, f"{name}-offline")
    page.context.set_offline(False)
    expect(page.locator("[data-part=saved]")).to_contain_text("All changes are saved", timeout=60_000)


def only_looked_at(people: People, record: ResponsiveRecord, name: str, drawn: str) -> None:
    """Whoever may not mark sees the same page without what marks, and is told."""
    page = people(a_user(Role.CLERK), Mouse).works_on(record)
    expect(page.locator(drawn).first).to_be_visible(timeout=60_000)
    expect(page.locator("[data-part=standing]")).to_contain_text("You may look at this record, not mark it.")
    expect(page.locator("[data-part=make]")).to_have_count(0)
    expect(page.locator("[data-cites]")).to_contain_text("The tools are off: you may look at this record")
    expect(page.locator("[data-stage] [data-edit]:not([aria-disabled=true], :disabled)")).to_have_count(0)
    reads_well(page, f"{name}-read-only")


def test_a_document_reads_well_in_every_state(people: People) -> None:
    analyst = people(an_analyst(), Mouse)
    page = analyst.page
    document = a_record(content=a_pdf("Officer Canary", pages=12), name="a.pdf", title="Report")

    with held(page, "**/pages/**"):
        page.goto(analyst.base + url("work", document), wait_until="commit")  # its first picture is held too
        expect(page.locator("[data-part=standing]")).not_to_be_empty(timeout=60_000)
        reads_well(page, "pages-loading")
    expect(page.locator("html[data-workbench=ready]")).to_be_attached(timeout=60_000)
    expect(page.locator(".wbp-page.is-drawn").first).to_be_visible(timeout=60_000)
    expect(page.locator("[data-part=standing]")).to_contain_text("Mark what is to be withheld")
    reads_well(page, "pages-empty", ZOOMED, TABLET)
    shortcuts(page, "pages")
    for tab in ("suggestions", "coverage", "consistency", "history", "more"):
        page.locator(f"#tab-{tab}").click()
        expect(page.locator(f"#pane-{tab}")).to_be_visible()
        reads_well(page, f"pages-{tab}")
    only_looked_at(people, document, "pages", ".wbp-page.is-drawn")


def test_a_flood_of_suggestions_stays_one_page_that_reads_well(people: People) -> None:
    marks: list[dict[str, Any]] = [
        {
            "id": f"s{n}", "kind": "box", "page": n % 3 + 1, "suggested": True, "reason": "MINOR",
            "rect": [72, 40 + n, 90 + n % 200, 50 + n], "extent": "exact",
        }
        for n in range(400)
    ]  # fmt: skip
    record = a_record(content=a_pdf("Call log", pages=3), name="log.pdf", title="Call log")
    a_plan(review=a_review(record), marks={"version": 1, "marks": marks})
    page = people(an_analyst(), Mouse).works_on(record)

    expect(page.locator("[data-part=standing]")).to_contain_text("400 suggestions to decide")
    expect(page.locator(".wbp-page.is-drawn").first).to_be_visible(timeout=60_000)
    reads_well(page, "pages-flood")
    page.locator("#tab-suggestions").click()
    pane = page.locator("#pane-suggestions")
    expect(pane.get_by_role("button", name="Accept 400")).to_be_visible(timeout=60_000)
    expect(pane.get_by_role("list", name="Open suggestions").get_by_role("listitem")).to_have_count(50)
    reads_well(page, "pages-flood-pane")
    pane.get_by_label("Why (kept with the decision)").fill("all of them are call signs")
    pane.get_by_role("button", name="Accept 400").click()
    question = page.get_by_role("dialog", name="Accept all 400 suggestions?")
    expect(question).to_contain_text("all of them are call signs")
    reads_well(page, "pages-flood-question")
    question.get_by_role("button", name="Accept all 400").click()
    expect(pane).to_contain_text("No suggestion is open.", timeout=60_000)
    expect(page.locator("#tab-suggestions .wb-tab__count")).to_have_count(0)
    pane.get_by_text("Decisions (1)").click()
    pane.get_by_role("button", name="Open them again: 400").click()
    expect(page.locator("#tab-suggestions")).to_have_accessible_name("Suggestions 400 open", timeout=60_000)


def test_what_is_settled_closed_or_not_made_says_what_comes_next(people: People) -> None:
    record = a_record(content=a_pdf("Officer Canary"), name="a.pdf", title="Report")
    mark = {"id": "t", "kind": "text", "literal": "Canary", "reason": "MINOR"}
    analyst, approver = people(an_analyst(), Mouse), people(an_approver(), Mouse)
    plan = a_plan(review=a_review(record), marks={"version": 1, "marks": [mark]})

    approver.goes(url("review", record))
    expect(approver.page.get_by_text("There is no result yet")).to_be_visible()
    reads_well(approver.page, "review-not-made", ZOOMED, TABLET)
    render = a_render(plan=plan)
    page = analyst.works_on(record)
    expect(page.locator("[data-part=standing]")).to_contain_text("somebody who did not mark it")
    expect(page.locator("[data-part=result]")).to_be_visible()
    reads_well(page, "pages-waiting")
    an_approval(render=render)
    analyst.works_on(record)
    expect(page.locator("[data-part=standing]")).to_contain_text("It goes out with the answer")
    reads_well(page, "pages-approved")
    page.goto("about:blank")  # an open page asks on, and a closed request answers with a refusal
    RecordsRequest.objects.update(status="closed", closed_at=now(), disposition="withdrawn")
    analyst.goes(url("work", record))
    expect(page.locator("html[data-workbench]")).to_have_count(0)
    expect(page.get_by_role("main")).to_contain_text("closed")
    reads_well(page, "pages-closed")


@pytest.mark.parametrize("medium", ["pdf", "film", "table", "flight"])
def test_a_file_that_cannot_be_shown_says_why_and_what_can_be_done(
    people: People, tmp_path: Path, medium: str
) -> None:
    content, name = a_file(medium, tmp_path)
    record = broken(a_record(content=content, name=name, title="Damaged"))
    analyst = people(an_analyst(), Mouse)
    analyst.console.expects("Failed to load resource")
    page = analyst.works_on(record)

    expect(page.locator("[data-stage]")).to_contain_text("What can still be done", timeout=60_000)
    reads_well(page, f"{medium}-broken", ZOOMED)
    page.locator("#tab-more").click()
    page.get_by_text("Withhold the whole record", exact=True).click()
    expect(page.get_by_role("button", name="Propose to withhold")).to_be_visible()
    reads_well(page, f"{medium}-broken-withhold")


def test_a_film_reads_well_in_every_state(people: People, tmp_path: Path) -> None:
    content = a_film(tmp_path / "f.mp4", seconds=6, rate=10, size=(320, 240)).read_bytes()
    film = a_record(content=content, name="f.mp4", title="Body camera")
    moving = [{"t": 1.0 + n, "rect": [0.1 + 0.1 * n, 0.2, 0.2, 0.2]} for n in range(3)]
    box = {"id": "box", "kind": "region", "start": 1.0, "end": 4.0, "keyframes": moving, "reason": "MINOR"}
    a_plan(review=a_review(film), marks={"version": 1, "marks": [box]})
    analyst = people(an_analyst(), Mouse)
    page = analyst.works_on(film)

    expect(page.locator("[data-film][data-state=mounted]")).to_be_attached(timeout=60_000)
    expect(page.locator("[data-notice]")).to_contain_text("preview is being made", timeout=60_000)
    reads_well(page, "film-loading", ZOOMED, TABLET)
    shortcuts(page, "film")
    for tab in ("bars", "sample"):
        page.locator(f"#film-tab-{tab}").click()
        reads_well(page, f"film-{tab}")
    lost(analyst, "film", page.get_by_role("button", name="Whole picture", exact=True).click)
    expect(page.locator(".wb-mark")).to_have_count(2)
    page.locator("#mark-row-box").click()
    expect(page.get_by_label("Here: left")).to_have_value("10")
    expect(page.get_by_label("Position 3: left")).to_have_count(0)
    page.get_by_text("All 3 positions", exact=True).click()
    expect(page.get_by_label("Position 3: left")).to_have_value("30")
    reads_well(page, "film-chosen", TABLET)
    only_looked_at(people, film, "film", "[data-film][data-state=mounted]")


def test_a_table_reads_well_in_every_state(people: People) -> None:
    rows = "".join(f"{n},CANARY{n},2026-02-01 05:12:{n:02d},Elm,w\n" for n in range(60))
    content = f"id,Plate,Timestamp,Camera,Wibble\n{rows}".encode()
    table = a_record(content=content, name="reads.csv", title="Plate reads")
    analyst = people(an_analyst(), Mouse)
    page = analyst.page

    with held(page, "**/work/table/rows/"):
        analyst.works_on(table)
        reads_well(page, "table-loading")
    expect(page.locator(".wt-rows")).to_be_visible(timeout=60_000)
    reads_well(page, "table-empty", ZOOMED, TABLET)
    shortcuts(page, "table")
    for tab in ("rules", "groups", "own", "finds", "columns"):
        page.locator(f"#wt-tab-{tab}").click()
        reads_well(page, f"table-{tab}")
    lost(analyst, "table", lambda: page.locator(".wt-policy select").first.select_option("release"))
    only_looked_at(people, table, "table", ".wt-rows")


def test_a_flight_reads_well_in_every_state(people: People, tmp_path: Path) -> None:
    content = a_flight_csv(tmp_path / "f.csv").read_bytes()
    flight = a_record(content=content, name="flight.csv", title="Over the park")
    analyst = people(an_analyst(), Mouse)
    page = analyst.page

    with held(page, "**/flight/track/"):
        analyst.goes(url("work", flight))
        expect(page.locator("[data-flight][data-state=loading]")).to_be_attached(timeout=60_000)
        reads_well(page, "flight-loading")
    expect(page.locator("[data-flight][data-state=ready]")).to_be_visible(timeout=60_000)
    expect(page.locator("html[data-workbench=ready]")).to_be_attached(timeout=60_000)
    bare = page.locator("[data-bare]")
    expect(bare).to_contain_text("The launch point is in the open")
    reads_well(page, "flight-empty", ZOOMED, TABLET)
    expect(bare).to_be_in_viewport(ratio=1)
    shortcuts(page, "flight")
    for form in ("circle", "corners", "generalise", "fields", "home"):
        page.locator(f"[data-open={form}]").click()
        reads_well(page, f"flight-{form}")
    lost(analyst, "flight", page.get_by_role("button", name="Cut round them").click)
    expect(bare).to_be_hidden()
    only_looked_at(people, flight, "flight", "[data-flight][data-state=ready]")


def test_the_same_sentence_about_other_marks_leads_to_those(page: Page, live_server: LiveServer) -> None:
    """The strip keeps a button whose HTML has not changed, with what it leads to."""
    page.goto(f"{live_server.url}/")

    drawn = page.evaluate(
        """async (address) => {
          const { listed, toDo } = await import(address);
          const bench = { tabs: { names: [] }, store: { get: () => true }, panel: {} };
          const html = (marks) => {
            const hurdles = [{ code: "plate_not_proved", words: "Nobody has confirmed it.", marks }];
            const { now } = toDo(bench, { hurdles }, { open: 0, owed: 0, stage: [] });
            return listed(now, "To do").outerHTML;
          };
          return [html(["a", "b"]), html(["a", "b"]), html(["b", "c"])];
        }""",
        f"{live_server.url}/static/workbench/standing.js",
    )

    assert "Show where" in drawn[0]
    assert drawn[0] == drawn[1] != drawn[2]
