"""The frame of the workbench in real browsers: two people, a lost connection, history, keys, every state."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, Page, expect
from pytest_django.live_server_helper import LiveServer

from portal.accounts.models import User
from portal.core import files
from redaction.plans.models import Plan, Review
from requests_app.custody.models import ResponsiveRecord
from tests.journeys.axe import assert_accessible
from tests.journeys.conftest import SignIn
from tests.journeys.looks import SCREENSHOTS, assert_fits
from tests.redaction.plans.plan_builders import a_plan, a_render, a_review, an_approval
from tests.redaction.workbench.addresses import url
from tests.requests_app.custody.record_builders import a_pdf, a_record, an_analyst

pytestmark = pytest.mark.django_db(transaction=True)

SAVED = "All changes are saved"
Open = Callable[[User], Page]


def a_box(name: str, top: float, **more: Any) -> dict[str, Any]:
    return {"id": name, "kind": "box", "page": 1, "rect": [72, top, 190, top + 20], "extent": "exact"} | more


@pytest.fixture
def record() -> ResponsiveRecord:
    found = a_record(content=a_pdf("Officer CANARY", "Maria Delgado"), name="r.pdf", title="Incident report")
    boxes = [a_box(f"box-{n}", 80.0 * n, reason="MINOR") for n in (1, 2, 3)]
    a_plan(review=a_review(found), marks={"version": 1, "marks": boxes})
    return found


@pytest.fixture
def browsers(
    browser: Browser, live_server: LiveServer, calm: None
) -> Iterator[Callable[[User], BrowserContext]]:
    """Gives a browser of her own to each person; what it complains about when offline is expected."""
    opened = []

    def of(user: User) -> BrowserContext:
        client = Client()
        client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
        cookie = client.cookies[settings.SESSION_COOKIE_NAME]
        context = browser.new_context(viewport={"width": 1280, "height": 900}, locale="en-US")
        context.add_cookies(
            [{"name": settings.SESSION_COOKIE_NAME, "value": cookie.value, "url": live_server.url}]
        )
        opened.append(context)
        return context

    yield of
    for context in opened:
        context.close()


def opened(page: Page, live_server: LiveServer, record: ResponsiveRecord) -> Page:
    page.goto(live_server.url + url("work", record))
    expect(page.locator("html[data-workbench=ready]")).to_be_attached()
    return page


def choose(page: Page, mark: str) -> None:
    page.locator(f"#mark-row-{mark}").click()
    expect(page.locator(f"#mark-row-{mark}")).to_have_attribute("aria-selected", "true")


def note(page: Page, mark: str, words: str) -> None:
    choose(page, mark)
    field = page.get_by_label("Note for colleagues")
    field.fill(words)
    field.press("Tab")


def is_saved(page: Page) -> None:
    expect(page.locator("[data-part=saved]")).to_contain_text(SAVED, timeout=60_000)


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


def test_two_people_change_one_record_and_no_mark_is_lost(
    browsers: Callable[[User], BrowserContext], live_server: LiveServer, record: ResponsiveRecord
) -> None:
    rosa, sam = an_analyst(name="Rosa Quill"), an_analyst(name="Sam Reed")
    hers = opened(browsers(rosa).new_page(), live_server, record)
    his = opened(browsers(sam).new_page(), live_server, record)
    expect(his.locator("[data-part=others]")).to_have_text("Rosa Quill has this open too.")

    his.context.set_offline(True)  # so that what both do is surely at the same time
    note(hers, "box-1", "her word")
    choose(hers, "box-2")
    hers.get_by_role("button", name="Duplicate", exact=True).click()
    is_saved(hers)
    note(his, "box-1", "his word")
    choose(his, "box-3")
    his.get_by_role("button", name="Remove", exact=True).click()
    expect(his.locator("[data-part=saved]")).to_contain_text("Not saved: no connection")
    look(his, "offline")
    his.context.set_offline(False)

    dialog = his.get_by_role("dialog", name="You and somebody else changed the same marks")
    expect(dialog).to_contain_text("Both are kept, yours as a copy.", timeout=60_000)
    look(his, "conflict")
    dialog.get_by_role("button", name="Close").click()
    is_saved(his)
    expect(his.locator("[data-part=news]")).to_contain_text("Rosa Quill changed 2 marks meanwhile")
    found = newest()
    notes = sorted(mark["note"] for mark in found.values() if mark.get("note"))
    assert notes == ["her word", "his word A copy: Rosa Quill changed box-1 at the same time."]
    assert ("box-3" in found, len(found)) == (False, 4)  # box-1, its copy, box-2, its duplicate
    expect(hers.locator("[data-part=news]")).to_contain_text("Sam Reed changed 2 marks", timeout=60_000)
    expect(hers.locator("#mark-row-box-3")).to_have_count(0)


def test_what_could_not_be_saved_survives_the_closed_page(
    browsers: Callable[[User], BrowserContext], live_server: LiveServer, record: ResponsiveRecord
) -> None:
    context = browsers(an_analyst())
    page = opened(context.new_page(), live_server, record)
    context.set_offline(True)
    note(page, "box-2", "written on the train")
    expect(page.locator("[data-part=saved]")).to_contain_text(
        "Not saved: no connection. Your marks are kept here"
    )
    held = page.evaluate("() => JSON.stringify(localStorage)")
    page.close(run_before_unload=False)
    context.set_offline(False)

    page = opened(context.new_page(), live_server, record)
    question = page.get_by_role("dialog", name="Unsaved changes were kept in this browser")
    expect(question).to_contain_text("Box: page 1")
    look(page, "kept")
    question.get_by_role("button", name="Take them up").click()
    is_saved(page)

    assert "train" not in held  # locked: whoever uses this computer next reads nothing
    assert "daylight-unsaved:" in held
    assert newest()["box-2"]["note"] == "written on the train"
    page.wait_for_function(
        "() => !Object.keys(localStorage).some((key) => key.startsWith('daylight-unsaved:'))"
    )


def test_a_reviewer_works_by_keys_alone(
    live_server: LiveServer, sign_in: SignIn, record: ResponsiveRecord
) -> None:
    page = opened(sign_in(an_analyst()), live_server, record)
    keys = page.keyboard

    page.locator("[data-part=keys]").focus()
    keys.press("?")
    dialog = page.get_by_role("dialog", name="Keyboard shortcuts")
    expect(dialog).to_contain_text("Face of a person")
    look(page, "shortcuts")
    keys.press("Escape")
    keys.press("n")
    keys.press("n")
    expect(page.locator("#mark-row-box-2")).to_have_attribute("aria-selected", "true")
    keys.press("1")
    config = json.loads(page.locator("#workbench-config").text_content() or "")
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

    choose(page, "box-2")
    page.keyboard.press("3")
    page.keyboard.press("Delete")
    expect(page.locator(".wb-mark")).to_have_count(3)
    page.get_by_role("button", name="Change the marks").click()
    look(page, "unlock")
    page.get_by_role("dialog").get_by_role("button", name="Change the marks").click()
    stood = review.approvals.get().voided_at
    page.locator("#mark-row-box-2").press("Delete")
    is_saved(page)

    assert stood is None
    assert review.approvals.get().voided_at is not None
    assert newest().keys() == {"box-1", "box-3"}


@pytest.mark.parametrize("script", ["merging.js", "saving.js"])
def test_no_mark_is_lost_and_nobody_is_told_of_herself(
    page: Page, live_server: LiveServer, script: str
) -> None:
    page.goto(live_server.url + "/")

    assert page.evaluate((Path(__file__).parent / script).read_text()) == []
