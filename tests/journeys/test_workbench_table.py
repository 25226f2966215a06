"""A plate-reader table gets its policy by mouse and by keys alone; nothing left out is in what goes out."""

from collections.abc import Callable
from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from portal.core import files, jobs
from redaction.plans import services as plans
from redaction.plans.models import Plan
from redaction.plans.rows import newest_render
from redaction.plans.seen_models import Seen
from requests_app.custody.models import ResponsiveRecord
from requests_app.docket.rules import Status
from tests.builders import NOON, a_request
from tests.journeys.axe import assert_accessible
from tests.journeys.conftest import SignIn
from tests.journeys.hands import Keyboard, press
from tests.journeys.looks import SCREENSHOTS, assert_fits
from tests.journeys.patience import until
from tests.journeys.whole_way import is_ready
from tests.redaction.plans.plan_builders import a_review
from tests.requests_app.custody.record_builders import a_record, an_analyst

pytestmark = pytest.mark.django_db(transaction=True)

HEADER = "id,Plate,State,Timestamp,Camera,Latitude,Longitude,Confidence,Narrative,Wibble"
_TABLET = (820, 1100)
STREETS = ("Elm St & 3rd Ave", "Oak St & 9th Ave", "Main St & 1st Ave")


def reads(rows: int = 130) -> bytes:
    lines = [HEADER]
    for n in range(rows):
        state = "MN" if n % 4 else "IA"
        told = f"Caller Maria Canary at 312-555-01{n % 100:02d} saw the car" if n % 3 == 0 else ""
        lines.append(
            f"{n},CANARY{n:03d},{state},2026-02-{n % 5 + 1:02d} 05:{n % 60:02d}:44,"
            f"Cam {n % 3:03d} {STREETS[n % 3]},41.{840000 + n},-93.{510000 + n},0.{100 + n},{told},w{n}"
        )
    return ("\n".join(lines) + "\n").encode()


def a_table(**answers: Any) -> ResponsiveRecord:
    request = a_request(status=Status.SEARCHING, answers=answers)
    return a_record(request=request, content=reads(), title="Plate reads, February 2026")


def opened(page: Page, server: LiveServer, record: ResponsiveRecord) -> Page:
    page.goto(server.url + reverse("workbench:work", kwargs={"key": record.key}))
    is_ready(page)
    settled(page)
    return page


def settled(page: Page) -> None:
    """The rows below are of the marks above."""
    expect(page.locator("[data-table-sample][data-stale]")).to_have_count(0, timeout=60_000)
    expect(page.locator(".wt-rows")).to_be_visible(timeout=60_000)


def look(page: Page, name: str, *, tablet: bool = False) -> None:
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    for width, height in (*((_TABLET,) if tablet else ()), (1920, 1080), (1280, 900)):
        page.set_viewport_size({"width": width, "height": height})
        page.screenshot(path=SCREENSHOTS / f"workbench-table-{name}-{width}.png", full_page=True)
        assert_fits(page)
    assert_accessible(page)


def saved(
    page: Page, record: ResponsiveRecord, done: Callable[[list[dict[str, Any]]], bool]
) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []

    def newest() -> bool:
        plan = Plan.objects.filter(review__record=record).order_by("-version").first()
        found[:] = plan.marks["marks"] if plan else []
        return done(found)

    until(page, newest, "not saved")
    return found


def released(record: ResponsiveRecord) -> str:
    review = a_review(record)
    plan = review.plans.order_by("-version").first()
    assert plan is not None
    job = plans.request_render(review=review, actor=plan.author, at=NOON)
    assert jobs.execute(job.pk), type(job).objects.get(pk=job.pk).error
    render = newest_render(review)
    assert render is not None
    return files.path_of(render.address).read_text(encoding="utf-8")


def by_column(marks: list[dict[str, Any]]) -> dict[str, str]:
    return {mark["name"]: mark["action"] for mark in marks if mark["kind"] == "column"}


def test_policy_by_mouse_down_to_the_bytes_that_go_out(live_server: LiveServer, sign_in: SignIn) -> None:
    record = a_table(own_plate="yes", plate="CANARY-008")
    page = opened(sign_in(an_analyst()), live_server, record)
    expect(page.get_by_text("10 columns have no decision and are left out:")).to_be_visible()
    look(page, "open", tablet=True)

    page.get_by_role("button", name="Decide these 9 as suggested…").click()
    page.get_by_role("button", name="Decide 9", exact=True).click()
    expect(page.get_by_text("Say why you take all of them; it is recorded with each.")).to_be_visible()
    page.get_by_label("Why all at once").fill("The policy of 2026 for plate reads")
    page.get_by_label("Reason for what is withheld").select_option(index=1)
    page.get_by_role("button", name="Decide 9", exact=True).click()
    expect(page.get_by_text("1 column has no decision and is left out:")).to_be_visible()
    expect(page.get_by_text("Nobody knows this column. Nothing is suggested.")).to_be_visible()
    page.get_by_label("What happens to Wibble").select_option("drop")
    page.get_by_label("What happens to Timestamp").select_option("coarsen")
    page.get_by_label("How coarse: Timestamp").select_option("day")
    settled(page)
    expect(page.locator(".wt-rows ins").first).to_contain_text("REDACTED", timeout=60_000)

    page.get_by_role("tab", name="Rows").click()
    page.get_by_label("Column", exact=True).select_option("State")
    page.get_by_role("button", name="Add the rule").click()
    expect(page.locator(".wt-card")).to_have_count(1)
    page.get_by_role("button", name="Change: Remove rows where State equals").click()
    page.get_by_label("Value", exact=True).fill("IA")
    page.get_by_role("button", name="Change the rule").click()
    expect(page.get_by_text("Takes out 33 rows of 130 rows.")).to_be_visible(timeout=60_000)
    page.get_by_role("button", name="Show these rows").click()
    expect(page.locator(".wt-rows tbody tr")).to_have_count(33)
    look(page, "rule")

    page.get_by_role("tab", name="Own plate").click()
    expect(page.get_by_text("That alone proves nothing.")).to_be_visible()
    page.get_by_role("textbox", name="Plate", exact=True).fill("CANARY-009")
    page.get_by_role("button", name="Keep these rows readable").click()
    expect(page.get_by_text("No proof is recorded.")).to_be_visible()
    page.get_by_role("button", name="I have seen it").click()
    expect(page.get_by_text("Say which paper you have seen.")).to_be_visible()
    page.get_by_label("Paper you have seen").select_option("registration")
    expect(page.get_by_text("1 row of an own plate goes out readable.")).to_be_visible(timeout=60_000)
    # the count that arrived takes nothing back
    expect(page.get_by_label("Paper you have seen")).to_have_value("registration")
    page.get_by_role("button", name="I have seen it").click()
    expect(page.get_by_text("Proof seen by")).to_be_visible(timeout=60_000)
    assert_accessible(page)

    page.get_by_role("tab", name="Free text").click()
    page.get_by_role("button", name="Look for personal data").click()
    expect(page.locator(".wt-kinds mark").first).to_be_visible(timeout=60_000)
    look(page, "finds")

    marks = saved(page, record, lambda rows: any(row["kind"] == "own_plate" for row in rows))
    text = released(record)

    assert by_column(marks)["Plate"] == "mask"
    decided = next(mark for mark in marks if mark.get("name") == "Latitude")
    assert (decided["suggested"], decided["decision"]) == (True, "accepted")
    assert "The policy of 2026 for plate reads" in decided["note"]
    assert "CANARY009" in text
    assert text.count("CANARY") == 1
    for gone in ("Maria", "312-555", "w12", "IA", "41.840012"):
        assert gone not in text
    assert len(text.splitlines()) == 1 + 97


def test_policy_by_keys_alone(live_server: LiveServer, sign_in: SignIn) -> None:
    record = a_table()
    page = opened(sign_in(an_analyst()), live_server, record)
    keys = page.keyboard
    hands = Keyboard(page)
    hands.reaches(page.locator("[data-column-name=id]"))

    for pressed in ("d1", "m2", "r", "t", "r", "d", "d", "r", "d1", "p"):
        for key in pressed:
            keys.press(key)
        keys.press("ArrowDown")
    keys.press("c")  # the last: nobody knows how coarse, so it is asked
    expect(page.get_by_label("How coarse: Wibble")).to_be_focused()
    expect(page.get_by_text("Say how coarse the column becomes.")).to_be_visible()
    keys.press("f")  # first 3 characters
    page.locator("[data-column-name=Wibble]").focus()
    keys.press("Delete")
    settled(page)
    keys.press("Shift+Tab")
    page.get_by_role("tab", name="Columns").focus()
    keys.press("ArrowRight")
    expect(page.get_by_role("tab", name="Rows")).to_be_focused()
    keys.press("ArrowRight")
    hands.reaches(page.get_by_label("Camera", exact=True))
    keys.press("Space")
    hands.reaches(page.get_by_label("Smallest group that stays"))
    keys.press("ControlOrMeta+a")
    keys.type("44")
    keys.press("Enter")
    expect(page.get_by_text("Groups by Camera of fewer than 44 rows", exact=True).first).to_be_visible()
    expect(page.get_by_text("Takes out 2 groups, 86 rows in all.")).to_be_visible(timeout=60_000)
    keys.press("v")
    press(page.locator("body"), "]")
    look(page, "groups")
    marks = saved(page, record, lambda rows: any(row["kind"] == "suppress" for row in rows))

    until(page, Seen.objects.filter(record=record, unit="row").exists, "no row counts as seen")

    actions = by_column(marks)
    assert actions == {
        "id": "drop", "Plate": "mask", "State": "release", "Timestamp": "coarsen", "Camera": "release",
        "Latitude": "drop", "Longitude": "drop", "Confidence": "release", "Narrative": "drop",
    }  # fmt: skip
    codes = [mark.get("reason") for mark in marks if mark.get("name") in ("id", "Plate")]
    assert codes[0] != codes[1]
    assert all(codes)
    text = released(record)
    assert "CANARY" not in text
    assert len(text.splitlines()) == 1 + 44


def test_marks_of_another_header_are_settled_first(live_server: LiveServer, sign_in: SignIn) -> None:
    record = a_table()
    analyst = an_analyst()
    review = a_review(record)
    Plan.objects.create(
        review=review,
        version=1,
        marks={"version": 1, "marks": [
            {"id": "c1", "kind": "column", "name": "Tag", "action": "mask", "reason": "PLATE"},
            {"id": "c2", "kind": "column", "name": "State", "action": "release"},
        ]},
        digest="0" * 64,
        author=analyst,
        created_at=NOON,
    )  # fmt: skip
    page = sign_in(analyst).context.new_page()  # a refused look is written on the browser's console
    page.goto(live_server.url + reverse("workbench:work", kwargs={"key": record.key}))
    is_ready(page)

    expect(page.get_by_text("There is no column 'Tag'.").first).to_be_visible(timeout=60_000)
    expect(page.get_by_text("These marks are about columns this file does not have.")).to_be_visible()
    look(page, "strange")
    page.get_by_label("Column that Tag is called now").select_option("Plate")
    settled(page)

    marks = saved(page, record, lambda rows: "Plate" in by_column(rows))
    assert by_column(marks) == {"Plate": "mask", "State": "release"}
    expect(page.locator(".wt-rows ins").first).to_contain_text("REDACTED")
