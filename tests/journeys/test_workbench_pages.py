"""The stage of pages in a real browser: marking by drawing, by word and by search, with mouse and keys."""

from importlib import import_module
from typing import Literal

import pypdfium2
import pytest
from django.urls import reverse
from playwright.sync_api import Locator, Page, expect
from pytest_django.live_server_helper import LiveServer

from portal.core import files, jobs
from portal.core.models import Job
from redaction.plans.models import Plan, Render, Review
from redaction.plans.rows import newest_render
from requests_app.custody.models import ResponsiveRecord
from tests.journeys.axe import assert_accessible
from tests.journeys.conftest import SignIn
from tests.journeys.hands import Spot, drags, press
from tests.journeys.looks import SCREENSHOTS
from tests.journeys.patience import until
from tests.journeys.whole_way import is_ready
from tests.requests_app.custody.record_builders import a_pdf, a_record, an_analyst

import_module("redaction.plans.tasks")  # a worker has it from Celery: the handler of plans.render

pytestmark = pytest.mark.django_db(transaction=True)

LINES = (
    "Officer Ruth Canary was called to the house at 12 Elm Street",
    "The caller gave her number as 312-555-0142 and her name as Maria Delgado",
    "A second witness, Tom Canary, was heard at the station",
    "Nothing else was found and the case was closed",
)


def a_document(pages: int = 3) -> ResponsiveRecord:
    return a_record(content=a_pdf(*LINES, pages=pages), name="report.pdf", title="Incident report 26-114")


def opened(page: Page, base: str, record: ResponsiveRecord, width: int = 1280) -> Page:
    page.set_viewport_size({"width": width, "height": 900 if width < 1900 else 1080})
    page.goto(base + reverse("workbench:work", kwargs={"key": record.key}))
    is_ready(page)
    expect(page.locator(".wbp-page[data-page='1'].is-drawn.is-read")).to_be_visible()
    expect(page.locator("[data-early]")).to_have_count(0)  # the page itself stands in its place
    return page


def saved_are(page: Page, record: ResponsiveRecord, count: int) -> None:
    until(page, lambda: len(saved(record)) == count, "the marks were not saved")


def saved(record: ResponsiveRecord) -> list[dict[str, object]]:
    plan = Plan.objects.filter(review__record=record).order_by("-version").first()
    return list(plan.marks["marks"]) if plan else []


def words_of(page: Page, record: ResponsiveRecord, number: int = 1) -> dict[str, list[float]]:
    """The first place of each word of a page, as the stage itself is told."""
    address = reverse("workbench:pages-words", kwargs={"key": record.key})
    rows = page.evaluate("url => fetch(url).then(answer => answer.json())", f"{address}?numbers={number}")
    found: dict[str, list[float]] = {}
    for text, *box, _line in rows["pages"][0]["words"]:
        found.setdefault(text, box)
    return found


def sheet(page: Page) -> Locator:
    return page.locator(".wbp-page[data-page='1']")


def spot(page: Page, x: float, y: float) -> Spot:
    """A place on the first page, in points, as pixels from the page's corner."""
    box = sheet(page).bounding_box()
    assert box is not None
    scale = box["width"] / 612
    return x * scale, y * scale


def choose(page: Page, word: list[float], *keys: Literal["Shift"]) -> None:
    x, y = spot(page, (word[0] + word[2]) / 2, (word[1] + word[3]) / 2)
    sheet(page).click(position={"x": x, "y": y}, modifiers=keys)


def drag(page: Page, start: Spot, end: Spot) -> None:
    drags(page, sheet(page), spot(page, *start), spot(page, *end))


def shot(page: Page, name: str) -> None:
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=SCREENSHOTS / f"workbench-pages-{name}.png")


def made(page: Page, record: ResponsiveRecord) -> Render:
    """The redacted copy, asked for on the page and made as a worker would."""
    expect(page.locator("[data-part=saved]")).to_contain_text("saved")
    press(page.get_by_role("button", name="Make the redacted copy"))
    until(page, lambda: Review.objects.get(record=record).job_id is not None, "nothing was asked for")
    job = Review.objects.get(record=record).job_id or 0
    assert jobs.execute(job), Job.objects.get(pk=job).error
    render = newest_render(Review.objects.get(record=record))
    assert render is not None
    return render


def test_words_are_marked_by_mouse(live_server: LiveServer, sign_in: SignIn) -> None:
    record = a_document()
    page = opened(sign_in(an_analyst()), live_server.url, record)
    words = words_of(page, record)

    drag(page, (60, words["Officer"][1] - 6), (200, words["Officer"][3] + 2))
    page.keyboard.press("1")
    choose(page, words["Maria"])
    choose(page, words["Delgado"], "Shift")
    shot(page, "chosen-1280")
    page.get_by_role("button", name="Mark M").click()
    page.get_by_role("tab", name="Find").click()
    page.get_by_label("Words, as a name or a street").fill("canary")
    page.get_by_role("button", name="Find", exact=True).click()
    expect(page.locator("[data-find-said]")).to_contain_text("6 places on 3 pages")
    page.get_by_role("button", name="Mark all “canary”").click()
    expect(page.locator(".wbp-hit.is-marked")).to_have_count(6)
    expect(page.locator(".wbp-areas > i").first).to_be_attached()
    saved_are(page, record, 3)
    assert_accessible(page, "#workbench-stage")
    shot(page, "marked-1280")

    assert {mark["kind"] for mark in saved(record)} == {"box", "text"}
    assert all(mark["reason"] for mark in saved(record))


def test_words_are_marked_by_keys_alone(live_server: LiveServer, sign_in: SignIn) -> None:
    record = a_document()
    page = opened(sign_in(an_analyst()), live_server.url, record, width=1920)
    strike = page.keyboard.press

    strike("w")
    strike("ArrowRight")
    expect(page.locator("#workbench-said")).to_have_text("Officer")
    strike("ArrowRight")
    strike("Shift+ArrowRight")
    expect(page.locator("#workbench-said")).to_contain_text("Ruth Canary, 2 words chosen")
    strike("m")
    strike("1")
    strike("ArrowDown")
    strike("/")
    expect(page.get_by_label("Words, as a name or a street")).to_be_focused()
    page.keyboard.type("delgado")
    strike("Enter")
    expect(page.locator("[data-find-said]")).to_contain_text("3 places")
    strike("Tab")
    press(page.get_by_role("button", name="Mark all “delgado”"))
    strike("b")
    for _ in range(3):
        strike("Shift+ArrowDown")
    strike("ArrowLeft")
    strike("Control+ArrowRight")
    strike("Enter")
    expect(page.locator(".wbp-view")).to_be_focused()
    strike("PageDown")
    expect(page.locator("[data-page-field]")).to_have_value("2")
    strike("h")
    expect(page.locator("[data-withhold]")).to_have_attribute("aria-pressed", "true")
    strike("v")
    expect(page.locator(".wbp-after__note").last).to_contain_text("Made by the engine")
    shot(page, "after-1920")
    assert_accessible(page, "#workbench-stage")
    strike("v")
    saved_are(page, record, 4)
    shot(page, "keys-1920")
    render = made(page, record)

    kinds = sorted(str(mark["kind"]) for mark in saved(record))
    assert kinds == ["box", "box", "page", "text"]
    pages = text_of(render).split("\f")
    assert "Ruth" not in pages[0]
    assert "Delgado" not in "".join(pages)
    assert "Officer" in pages[0]
    assert "Officer" not in pages[1]
    assert "Ruth Canary" in pages[2]


def text_of(render: Render) -> str:
    """The text of each page of a redacted copy, pages parted by a form feed."""
    with pypdfium2.PdfDocument(files.path_of(render.address)) as document:
        return "\f".join(page.get_textpage().get_text_range() for page in document)


def test_boxes_are_copied_and_a_broken_page_can_be_withheld(live_server: LiveServer, sign_in: SignIn) -> None:
    record = a_document()
    page = opened(sign_in(an_analyst()), live_server.url, record, width=820)

    drag(page, (60, 85), (200, 104))
    page.keyboard.press("1")
    page.keyboard.press("c")
    expect(page.locator("[data-copying] input").first).to_be_focused()
    assert_accessible(page, "#workbench-stage")
    page.keyboard.type("2-3")
    page.keyboard.press("Enter")
    saved_are(page, record, 3)
    faults = [{"number": number, "fault": f"page {number} is broken"} for number in (1, 2, 3)]
    page.route("**/pages/pictures/**", lambda route: route.fulfill(json={"pages": faults}))
    page.reload()
    page.wait_for_selector(".wbp-fault")
    shot(page, "fault-820")
    assert_accessible(page, "#workbench-stage")
    page.get_by_role("button", name="Withhold this page").first.click()
    saved_are(page, record, 4)

    assert [mark["page"] for mark in saved(record)] == [1, 2, 3, 1]
    assert saved(record)[3]["kind"] == "page"
