"""The work page as people use it whatever the medium: a record with three boxes, its list, its saving."""

from typing import Any

from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from redaction.plans.models import Plan
from requests_app.custody.models import ResponsiveRecord
from tests.journeys.axe import assert_accessible
from tests.journeys.hands import press
from tests.journeys.looks import SCREENSHOTS, assert_fits
from tests.journeys.whole_way import is_ready
from tests.redaction.plans.plan_builders import a_plan, a_review
from tests.redaction.workbench.addresses import url
from tests.requests_app.custody.record_builders import a_pdf, a_record

SAVED = "All changes are saved"


def a_box(name: str, top: float, **more: Any) -> dict[str, Any]:
    return {"id": name, "kind": "box", "page": 1, "rect": [72, top, 190, top + 20], "extent": "exact"} | more


def three_boxes() -> ResponsiveRecord:
    found = a_record(content=a_pdf("Officer CANARY", "Maria Delgado"), name="r.pdf", title="Incident report")
    boxes = [a_box(f"box-{n}", 80.0 * n, reason="MINOR") for n in (1, 2, 3)]
    a_plan(review=a_review(found), marks={"version": 1, "marks": boxes})
    return found


def opened(page: Page, live_server: LiveServer, record: ResponsiveRecord) -> Page:
    page.goto(live_server.url + url("work", record))
    is_ready(page)
    return page


def choose(page: Page, mark: str) -> None:
    page.locator(f"#mark-row-{mark}").click()
    expect(page.locator(f"#mark-row-{mark}")).to_have_attribute("aria-selected", "true")


def note(page: Page, mark: str, words: str) -> None:
    choose(page, mark)
    field = page.get_by_label("Note for colleagues")
    field.fill(words)
    press(field, "Tab")


def is_saved(page: Page) -> None:
    expect(page.locator("[data-part=saved]")).to_contain_text(SAVED)


def newest() -> dict[str, dict[str, Any]]:
    plan = Plan.objects.order_by("-version").first()
    assert plan is not None
    return {mark["id"]: mark for mark in plan.marks["marks"]}


def look(page: Page, name: str, *widths: int) -> None:
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    for width in widths or (1280,):
        page.set_viewport_size({"width": width, "height": 1080 if width > 1280 else 900})
        page.screenshot(path=SCREENSHOTS / f"workbench-{name}-{width}.png")
        assert_fits(page)
        assert_accessible(page)
