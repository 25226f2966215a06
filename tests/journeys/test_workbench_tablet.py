"""A review on a tablet held upright, by finger: opening, jumping between marks, panning, zooming, drawing."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect
from pytest_django.live_server_helper import LiveServer

from tests.journeys import film_people, whole_way
from tests.journeys.axe import assert_accessible
from tests.journeys.conftest import SignIn
from tests.journeys.film_scene import a_street
from tests.journeys.looks import assert_fits
from tests.journeys.patience import still, until
from tests.journeys.workbench_frame import is_saved, newest, opened, three_boxes
from tests.redaction.plans.plan_builders import a_plan, a_review
from tests.requests_app.custody.record_builders import an_analyst

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.browser_context_args(viewport={"width": 820, "height": 1180}, has_touch=True, is_mobile=True),
]

CHOSEN = re.compile("Face, voice or name of a child, chosen$")

Spot = tuple[float, float]


def swipe(area: Locator, start: Spot, end: Spot) -> None:
    """One finger from one place of an area to another, both as shares of its sides, once it stands still."""
    left, top, width, height = still(area)
    touch = area.page.context.new_cdp_session(area.page)
    for n in range(11):
        across, down = (one + (two - one) * n / 10 for one, two in zip(start, end, strict=True))
        spot = {"x": left + across * width, "y": top + down * height}
        kind = "touchMove" if n else "touchStart"
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [spot]})
    touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    touch.detach()


def until_saved(page: Page, done: Callable[[], bool]) -> None:
    whole_way.wait_for(page, done, "not saved")


def saved_rect(page: Page, mark: str) -> list[float]:
    is_saved(page)
    found: list[float] = newest()[mark]["rect"]
    return found


def test_pages_are_gone_through_and_marked_by_finger(sign_in: SignIn, live_server: LiveServer) -> None:
    page = opened(sign_in(an_analyst()), live_server, three_boxes())
    sheet, view = page.locator(".wbp-page[data-page='1']"), page.locator(".wbp-view")
    mark = page.locator(".wbp-mark[data-mark=box-2]")
    expect(page.locator(".wbp-page[data-page='1'].is-drawn")).to_be_visible(timeout=60_000)
    assert_fits(page)
    assert_accessible(page)

    page.locator("#mark-row-box-2").tap()
    expect(mark).to_have_attribute("aria-label", CHOSEN)
    page.locator("#mark-row-box-3").tap()
    expect(page.locator("#mark-row-box-3")).to_have_attribute("aria-selected", "true")

    page.locator("[data-zoom]").select_option("2")
    view.evaluate("(view) => view.scrollTo(0, 0)")
    view.scroll_into_view_if_needed()
    swipe(view, (0.5, 0.4), (0.4, 0.2))
    page.wait_for_function("() => document.querySelector('.wbp-view').scrollTop > 0")
    still(sheet)  # it runs on for a while
    assert saved_rect(page, "box-2") == [72, 160, 190, 180]  # whoever scrolls moves no mark

    page.locator("[data-zoom]").select_option("width")
    mark.scroll_into_view_if_needed()
    mark.tap()
    expect(mark).to_have_attribute("aria-label", CHOSEN)
    swipe(mark, (0.5, 0.5), (0.5, 3))
    until_saved(page, lambda: newest()["box-2"]["rect"][3] > 190)

    box = page.locator("[data-tool=box]")
    box.tap()
    expect(box).to_have_attribute("aria-pressed", "true")
    view.evaluate("(view) => view.scrollTo(0, 0)")
    view.scroll_into_view_if_needed()
    swipe(sheet, (0.5, 0.2), (0.7, 0.3))  # beside the marks
    expect(page.locator(".wb-mark")).to_have_count(4)
    is_saved(page)
    assert len(newest()) == 4


def test_a_film_is_gone_through_by_finger(sign_in: SignIn, live_server: LiveServer) -> None:
    record = film_people.a_film(a_street(), spoken=b"")
    region = {
        "id": "car", "kind": "region", "start": 0.0, "end": 10.0, "reason": "MINOR",
        "keyframes": [{"t": 0.0, "rect": [0.4, 0.3, 0.2, 0.2]}],
    }  # fmt: skip
    a_plan(review=a_review(record), marks={"version": 1, "marks": [region]})
    stage = film_people.opened(sign_in(an_analyst()), live_server, record)
    page, picture = stage.page, stage.page.locator("[data-canvas]")
    stage.made()
    assert_fits(page)
    assert_accessible(page)

    def rect() -> list[float]:
        found: list[float] = newest()["car"]["keyframes"][0]["rect"]
        return found

    picture.scroll_into_view_if_needed()
    swipe(picture, (0.5, 0.4), (0.5, 0.3))  # on a box nobody has chosen
    is_saved(page)
    assert rect() == [0.4, 0.3, 0.2, 0.2]
    page.locator("#mark-row-car").tap()
    expect(page.locator("#mark-row-car")).to_have_attribute("aria-selected", "true")
    picture.scroll_into_view_if_needed()
    swipe(picture, (0.5, 0.4), (0.5, 0.5))
    stage.saved(lambda found: found[0]["keyframes"][0]["rect"][1] > 0.35)
    page.get_by_role("button", name="Picture larger").tap()
    expect(page.locator("[data-zoom]")).not_to_have_text("100%")
    hand = page.get_by_role("button", name="Move the picture by dragging")
    hand.tap()
    expect(hand).to_have_attribute("aria-pressed", "true")
    picture.scroll_into_view_if_needed()
    holder = page.locator("[data-holder]")
    left, top, *_ = still(holder)
    swipe(picture, (0.5, 0.5), (0.5, 0.42))
    until(page, lambda: still(holder)[1] < top, "the picture was not moved")
    assert still(holder)[0] == pytest.approx(left, abs=1)
