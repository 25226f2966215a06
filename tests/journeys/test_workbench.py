"""The frame of the workbench in a real browser: a lost connection, history, keys, every state."""

import json

import pytest
from playwright.sync_api import expect
from pytest_django.live_server_helper import LiveServer

from portal.core import files
from redaction.plans.models import Review
from requests_app.custody.models import ResponsiveRecord
from tests.journeys.conftest import Browsers, SignIn
from tests.journeys.hands import press
from tests.journeys.workbench_frame import a_box, choose, is_saved, look, newest, note, opened, three_boxes
from tests.redaction.plans.plan_builders import a_plan, a_render, a_review, an_approval
from tests.requests_app.custody.record_builders import a_pdf, a_record, an_analyst

pytestmark = pytest.mark.django_db(transaction=True)
KEPT = "Object.keys(localStorage).some((name) => name.startsWith('daylight-unsaved:'))"


@pytest.fixture
def record() -> ResponsiveRecord:
    return three_boxes()


def test_what_could_not_be_saved_survives_the_closed_page(
    browsers: Browsers, live_server: LiveServer, record: ResponsiveRecord
) -> None:
    context = browsers(an_analyst())
    page = opened(context.new_page(), live_server, record)
    context.set_offline(True)
    note(page, "box-2", "written on the train")
    expect(page.locator("[data-part=saved]")).to_contain_text(
        "Not saved: no connection. Your marks are kept here"
    )
    page.wait_for_function(f"() => {KEPT}")
    held = page.evaluate("() => JSON.stringify(localStorage)")
    page.close(run_before_unload=False)
    context.set_offline(False)

    page = opened(context.new_page(), live_server, record)
    question = page.get_by_role("dialog", name="Unsaved changes were kept in this browser")
    expect(question).to_contain_text("Box: page 1")
    look(page, "kept")
    question.get_by_role("button", name="Take them up").click()
    page.wait_for_function(f"() => !{KEPT}")  # it goes once all is saved
    is_saved(page)

    assert "train" not in held  # locked: whoever uses this computer next reads nothing
    assert "daylight-unsaved:" in held
    assert newest()["box-2"]["note"] == "written on the train"


def test_a_reviewer_works_by_keys_alone(
    live_server: LiveServer, sign_in: SignIn, record: ResponsiveRecord
) -> None:
    page = opened(sign_in(an_analyst()), live_server, record)
    keys = page.keyboard

    press(page.locator("[data-part=keys]"), "?")
    dialog = page.get_by_role("dialog", name="Keyboard shortcuts")
    expect(dialog).to_contain_text("Face of a person")
    look(page, "shortcuts")
    keys.press("Escape")
    expect(dialog).to_be_hidden()
    keys.press("3")  # nothing is chosen: it is what the next mark will cite
    config = json.loads(page.locator("#workbench-config").text_content() or "")
    expect(page.get_by_label("Reason of the next mark")).to_have_value(config["reasons"][2][0])
    keys.press("n")
    keys.press("n")
    expect(page.locator("#mark-row-box-2")).to_have_attribute("aria-selected", "true")
    keys.press("1")
    expect(page.get_by_label("Reason of the next mark")).to_have_value(config["reasons"][0][0])
    is_saved(page)
    assert newest()["box-2"]["reason"] == config["reasons"][0][0]
    keys.press("d")
    keys.press("Delete")
    keys.press("Control+z")
    expect(page.locator(".wb-mark")).to_have_count(4)
    keys.press("Control+z")
    expect(page.locator(".wb-mark")).to_have_count(3)
    keys.press("Control+y")
    is_saved(page)
    assert len(newest()) == 4
    page.locator("#tab-marks").focus()
    keys.press("End")
    keys.press("ArrowLeft")
    expect(page.get_by_role("tabpanel", name="History")).to_be_visible()
    expect(page.get_by_role("tabpanel", name="History")).to_contain_text("1 box added")
    page.get_by_role("button", name="Take version 1 up again").focus()
    keys.press("Enter")
    look(page, "restore")
    keys.press("Enter")
    expect(page.locator(".wb-mark")).to_have_count(3)
    is_saved(page)
    assert newest()["box-2"]["reason"] == "MINOR"


def test_figures_are_typed_from_field_to_field(
    live_server: LiveServer, sign_in: SignIn, record: ResponsiveRecord
) -> None:
    page = opened(sign_in(an_analyst()), live_server, record)
    keys, row = page.keyboard, page.locator("#mark-row-box-2")
    choose(page, "box-2")

    press(page.get_by_label("From the left"), "ControlOrMeta+a")
    keys.type("90")
    keys.press("Tab")
    expect(row).to_contain_text("1.3 in across")  # drawn anew, and the fields with it
    keys.type("216")  # in place of what stood there
    keys.press("Tab")
    expect(row).to_contain_text("3 in down")
    is_saved(page)

    assert newest()["box-2"]["rect"][:2] == [90, 216]


def test_every_state_of_the_page_reads_well(
    live_server: LiveServer, sign_in: SignIn, record: ResponsiveRecord
) -> None:
    page = sign_in(an_analyst())
    suggestion = a_box("box-9", 300.0, suggested=True, reason="MINOR")
    a_plan(
        review=a_review(record),
        marks={
            "version": 1,
            "marks": [a_box("box-1", 80.0, reason="MINOR"), suggestion],
        },
    )

    opened(page, live_server, record)
    choose(page, "box-9")
    expect(page.locator("[data-part=standing]")).to_contain_text("1 suggestion to decide")
    look(page, "marks", 820, 1920, 1280)
    page.get_by_role("button", name="Accept").click()
    page.get_by_label("Reason", exact=True).select_option("")
    expect(page.locator("[data-part=standing]")).to_contain_text("1 mark needs a reason")
    page.get_by_role("button", name="1 mark needs a reason").click()
    expect(page.locator(".wb-mark")).to_have_count(1)
    look(page, "owed")
    page.get_by_role("tab", name="More").click()
    expect(page.get_by_text("no other record of this kind")).to_be_visible()
    look(page, "more")


def test_an_empty_and_a_broken_record_say_what_can_be_done(live_server: LiveServer, sign_in: SignIn) -> None:
    page = sign_in(an_analyst())
    empty = a_record(content=a_pdf("Nothing marked"), name="e.pdf", title="Empty")
    broken = a_record(content=a_pdf("Gone soon"), name="b.pdf", title="Broken")
    path = files.path_of(broken.address)
    path.chmod(0o600)
    path.write_bytes(b"%PDF-1.7 broken")

    opened(page, live_server, empty)
    expect(page.get_by_text("Nothing is marked yet.")).to_be_visible()
    look(page, "empty")
    page.get_by_label("Reason of the next mark").select_option("MINOR")
    press(page.locator(".wbp-view"), "b")
    is_saved(page)
    assert [mark["reason"] for mark in newest().values()] == ["MINOR"]
    page.keyboard.press("Control+z")
    is_saved(page)
    page.get_by_role("button", name="Make the redacted copy").click()
    question = page.get_by_role("dialog", name="Nothing is marked")
    look(page, "nothing-marked")
    question.get_by_role("button", name="Nothing is to be withheld").click()
    expect(page.locator("[data-part=standing]")).to_contain_text("Making the redacted copy")
    opened(page, live_server, broken)
    expect(page.get_by_text("This file cannot be shown")).to_be_visible()
    look(page, "broken")

    assert Review.objects.get(record=empty).job is not None


def test_a_stray_key_undoes_no_approval(
    live_server: LiveServer, sign_in: SignIn, record: ResponsiveRecord
) -> None:
    review = a_review(record)
    an_approval(render=a_render(plan=review.plans.get()))
    page = opened(sign_in(an_analyst()), live_server, record)

    told = "The tools are off: a second person agreed to exactly these marks."
    draw = page.locator("[data-tool=box]")
    expect(page.locator("[data-cites]")).to_contain_text(told)
    expect(draw).to_have_attribute("aria-disabled", "true")
    draw.focus()  # it is off, and still says why
    page.keyboard.press("Enter")
    expect(page.locator("#workbench-warned")).to_contain_text(told)
    expect(draw).to_have_attribute("aria-pressed", "false")
    choose(page, "box-2")
    page.keyboard.press("3")
    page.keyboard.press("Delete")
    expect(page.locator(".wb-mark")).to_have_count(3)
    page.get_by_role("button", name="Change the marks").click()
    look(page, "unlock")
    page.get_by_role("dialog").get_by_role("button", name="Change the marks").click()
    expect(page.get_by_role("dialog")).to_be_hidden()
    expect(draw).not_to_have_attribute("aria-disabled", "true")
    stood = review.approvals.get().voided_at
    press(page.locator("#mark-row-box-2"), "Delete")
    is_saved(page)

    assert stood is None
    assert review.approvals.get().voided_at is not None
    assert newest().keys() == {"box-1", "box-3"}
