"""The stage of pages in a real browser: marking by drawing, by word and by search, with mouse and keys."""

import time
from collections.abc import Callable
from importlib import import_module

import pypdfium2
import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from portal.core import files, jobs
from portal.core.models import Job
from redaction.plans.models import Plan, Render, Review
from redaction.plans.rows import newest_render
from requests_app.custody.models import ResponsiveRecord
from tests.journeys.axe import assert_accessible
from tests.journeys.conftest import SignIn
from tests.journeys.looks import SCREENSHOTS
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
    page.wait_for_selector("html[data-workbench=ready]")
    page.wait_for_selector(".wbp-page.is-drawn")
    return page


def wait_for(done: Callable[[], bool], seconds: float = 60) -> None:
    until = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < until, "the marks were not saved"
        time.sleep(0.1)


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


def spot(page: Page, x: float, y: float, number: int = 1) -> tuple[float, float]:
    """A place on a page, in points, as one in the window."""
    box = page.locator(f".wbp-page[data-page='{number}']").bounding_box()
    assert box is not None
    scale = box["width"] / 612
    return box["x"] + x * scale, box["y"] + y * scale


def middle(box: list[float]) -> tuple[float, float]:
    return (box[0] + box[2]) / 2, (box[1] + box[3]) / 2


def drag(page: Page, start: tuple[float, float], end: tuple[float, float]) -> None:
    page.mouse.move(*spot(page, *start))
    page.mouse.down()
    page.mouse.move(*spot(page, (start[0] + end[0]) / 2, (start[1] + end[1]) / 2))
    page.mouse.move(*spot(page, *end))
    page.mouse.up()


def shot(page: Page, name: str) -> None:
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=SCREENSHOTS / f"workbench-pages-{name}.png")


def made(page: Page, record: ResponsiveRecord) -> Render:
    """The redacted copy, asked for on the page and made as a worker would."""
    expect(page.locator("[data-part=saved]")).to_contain_text("saved")
    page.get_by_role("button", name="Make the redacted copy").press("Enter")
    wait_for(lambda: Review.objects.get(record=record).job_id is not None)
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
    page.mouse.click(*spot(page, *middle(words["Maria"])))
    page.keyboard.down("Shift")
    page.mouse.click(*spot(page, *middle(words["Delgado"])))
    page.keyboard.up("Shift")
    shot(page, "chosen-1280")
    page.get_by_role("button", name="Mark M").click()
    page.get_by_role("tab", name="Find").click()
    page.get_by_label("Words, as a name or a street").fill("canary")
    page.get_by_role("button", name="Find", exact=True).click()
    expect(page.locator("[data-find-said]")).to_contain_text("6 places on 3 pages")
    page.get_by_role("button", name="Mark all “canary”").click()
    expect(page.locator(".wbp-hit.is-marked")).to_have_count(6)
    expect(page.locator(".wbp-areas > i").first).to_be_attached()
    wait_for(lambda: len(saved(record)) == 3)
    assert_accessible(page, "#workbench-stage")
    shot(page, "marked-1280")

    assert {mark["kind"] for mark in saved(record)} == {"box", "text"}
    assert all(mark["reason"] for mark in saved(record))


def test_words_are_marked_by_keys_alone(live_server: LiveServer, sign_in: SignIn) -> None:
    record = a_document()
    page = opened(sign_in(an_analyst()), live_server.url, record, width=1920)
    press = page.keyboard.press

    press("w")
    press("ArrowRight")
    expect(page.locator("#workbench-said")).to_have_text("Officer")
    press("ArrowRight")
    press("Shift+ArrowRight")
    expect(page.locator("#workbench-said")).to_contain_text("Ruth Canary, 2 words chosen")
    press("m")
    press("1")
    press("ArrowDown")
    press("/")
    page.keyboard.type("delgado")
    press("Enter")
    expect(page.locator("[data-find-said]")).to_contain_text("3 places")
    press("Tab")
    page.get_by_role("button", name="Mark all “delgado”").press("Enter")
    press("b")
    for _ in range(3):
        press("Shift+ArrowDown")
    press("ArrowLeft")
    press("Control+ArrowRight")
    press("Enter")
    expect(page.locator(".wbp-view")).to_be_focused()
    press("PageDown")
    expect(page.locator("[data-page-field]")).to_have_value("2")
    press("h")
    expect(page.locator("[data-withhold]")).to_have_attribute("aria-pressed", "true")
    press("v")
    expect(page.locator(".wbp-after__note").last).to_contain_text("Made by the engine", timeout=60_000)
    shot(page, "after-1920")
    assert_accessible(page, "#workbench-stage")
    press("v")
    wait_for(lambda: len(saved(record)) == 4)
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
    assert_accessible(page, "#workbench-stage")
    page.keyboard.type("2-3")
    page.keyboard.press("Enter")
    wait_for(lambda: len(saved(record)) == 3)
    faults = [{"number": number, "fault": f"page {number} is broken"} for number in (1, 2, 3)]
    page.route("**/pages/pictures/**", lambda route: route.fulfill(json={"pages": faults}))
    page.reload()
    page.wait_for_selector(".wbp-fault")
    shot(page, "fault-820")
    assert_accessible(page, "#workbench-stage")
    page.get_by_role("button", name="Withhold this page").first.click()
    wait_for(lambda: len(saved(record)) == 4)

    assert [mark["page"] for mark in saved(record)] == [1, 2, 3, 1]
    assert saved(record)[3]["kind"] == "page"
