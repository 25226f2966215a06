"""One person with one record in two windows: what neither could save is lost in none of them."""

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from tests.journeys.conftest import Browsers
from tests.journeys.workbench_frame import is_saved, newest, note, opened, three_boxes
from tests.requests_app.custody.record_builders import an_analyst

pytestmark = pytest.mark.django_db(transaction=True)
KEPT = "Object.keys(localStorage).filter((name) => name.startsWith('daylight-unsaved:')).length"


def take_up(page: Page) -> str:
    """Takes up what is offered, in whichever order, and gives the place it is about."""
    question = page.get_by_role("dialog", name="Unsaved changes were kept in this browser")
    expect(question).to_be_visible(timeout=60_000)
    place = question.locator("li").inner_text()
    question.get_by_role("button", name="Take them up").click()
    expect(question.get_by_text(place)).to_have_count(0)
    return place


def test_two_windows_of_one_person_keep_both_their_unsaved_marks(
    browsers: Browsers, live_server: LiveServer
) -> None:
    record = three_boxes()
    context = browsers(an_analyst())
    one, two = (opened(context.new_page(), live_server, record) for _ in range(2))
    context.set_offline(True)
    note(one, "box-1", "in the first window")
    note(two, "box-2", "in the second window")
    for page in (one, two):
        expect(page.locator("[data-part=saved]")).to_contain_text("Not saved: no connection", timeout=60_000)
    two.wait_for_function(f"{KEPT} === 2")

    one.close(run_before_unload=False)
    question = two.get_by_role("dialog", name="Unsaved changes were kept in this browser")
    expect(question).to_be_visible(timeout=60_000)  # offered to the window that is left, which may go, too
    two.close(run_before_unload=False)
    context.set_offline(False)
    page = opened(context.new_page(), live_server, record)
    places = {take_up(page), take_up(page)}
    is_saved(page)

    page.wait_for_function(f"{KEPT} === 0")
    assert places == {"Box: page 1, 1 in across, 1.1 in down", "Box: page 1, 1 in across, 2.2 in down"}
    found = newest()
    assert (found["box-1"]["note"], found["box-2"]["note"]) == ("in the first window", "in the second window")
    assert len(found) == 3
