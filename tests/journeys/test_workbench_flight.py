"""A flight is fenced on the map by hand and by keys alone; no corner of it leaves inside the fence."""

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect
from pytest_django.live_server_helper import LiveServer
from shapely import Point, Polygon

from portal.core import files, jobs
from redaction.plans import services as plans
from redaction.plans.models import Plan
from redaction.plans.rows import newest_render
from requests_app.custody.models import ResponsiveRecord
from tests.builders import NOON, an_agency
from tests.journeys.axe import assert_accessible
from tests.journeys.conftest import Browsers, SignIn
from tests.journeys.hands import Keyboard, drags
from tests.journeys.looks import SCREENSHOTS, assert_fits
from tests.journeys.patience import until
from tests.journeys.whole_way import is_ready
from tests.redaction.flight_builders import a_flight_csv
from tests.redaction.flight_logs import a_dji_record
from tests.redaction.plans.plan_builders import a_review
from tests.requests_app.custody.record_builders import a_record, an_analyst

pytestmark = pytest.mark.django_db(transaction=True)

Fences = list[dict[str, Any]]

_WIDE = 1920
PLANTED = (
    '<script>x()</script><image href="/logo.png"/><a href="/x"><text x="1">inside</text></a>'
    '<foreignObject><p xmlns="http://www.w3.org/1999/xhtml">x</p></foreignObject>'
    '<rect width="1" height="1" tabindex="0" fill="url(#x)"/><set attributeName="href"/>'
    '<text x="1" y="1" class="usa-alert">planted</text></svg>'
)
FOREIGN = "script, image, a, foreignObject, p, set, use, [href], [class], [tabindex], [lang], [fill*=url]"


def spoil(route: Route) -> None:
    """The engine's map as a child that was taken over might send it."""
    answer = route.fetch()
    said = answer.json()
    drawn = said.get("map", "")
    if drawn:
        said["map"] = drawn.replace("</svg>", PLANTED).replace("<svg ", '<svg class="x" lang="x" ', 1)
    route.fulfill(response=answer, json=said)


def a_flight(tmp_path: Path) -> ResponsiveRecord:
    made = a_flight_csv(tmp_path / "f.csv")
    return a_record(content=made.read_bytes(), name="flight.csv", title="Flight over Elm Park")


def open_stage(page: Page, live_server: LiveServer, record: ResponsiveRecord) -> None:
    page.goto(f"{live_server.url}/desk/records/{record.key}/work/?as=flight")
    expect(page.locator("[data-flight][data-state=ready]")).to_be_visible()
    is_ready(page)


def look(page: Page, name: str) -> None:
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    for width, height in ((_WIDE, 1080), (1280, 900)):
        page.set_viewport_size({"width": width, "height": height})
        page.screenshot(path=SCREENSHOTS / f"workbench-flight-{name}-{width}.png", full_page=True)
        assert_fits(page)
    assert_accessible(page)


def saved_fence(record: ResponsiveRecord, page: Page) -> dict[str, Any]:
    return saved_fences(record, page, lambda found: len(found) > 0)[0]


def saved_fences(record: ResponsiveRecord, page: Page, done: Callable[[Fences], bool]) -> Fences:
    found: Fences = []

    def newest() -> bool:
        plan = Plan.objects.filter(review__record=record).order_by("-version").first()
        found[:] = [dict(mark) for mark in plan.marks["marks"] if mark["kind"] == "fence"] if plan else []
        return done(found)

    until(page, newest, "not saved")
    return found


def released(record: ResponsiveRecord) -> list[dict[str, str]]:
    """The rows of the redacted copy, made of the saved marks as a worker makes it."""
    review = a_review(record)
    plan = review.plans.latest("version")
    job = plans.request_render(review=review, actor=plan.author, at=NOON)
    assert jobs.execute(job.pk)
    render = newest_render(review)
    assert render is not None
    return list(csv.DictReader(files.path_of(render.address).read_text(encoding="utf-8").splitlines()))


def holds(polygon: list[list[float]], row: dict[str, str]) -> bool:
    return Polygon(polygon).intersects(Point(float(row["longitude"]), float(row["latitude"])))


def clear_of(fence: dict[str, Any], rows: list[dict[str, str]]) -> bool:
    return bool(rows) and not [row for row in rows if holds(fence["polygon"], row)]


def test_fence_drawn_by_hand(live_server: LiveServer, sign_in: SignIn, tmp_path: Path) -> None:
    an_agency(law_code="CA")
    record = a_flight(tmp_path)
    page = sign_in(an_analyst())
    page.route("**/flight/outcome/", spoil)
    open_stage(page, live_server, record)

    page.get_by_role("button", name="Draw a fence").click()
    spot = page.locator("[data-map]")
    box = spot.bounding_box()
    assert box is not None
    x, y = box["width"] / 2, box["height"] / 2
    for dx, dy in ((-60, -60), (60, -60), (60, 60), (-60, 60), (-60, -60)):
        spot.click(position={"x": x + dx, "y": y + dy})
    expect(page.locator(".wf-fence")).to_have_count(1)
    drawn = saved_fence(record, page)
    # the page may have moved since: its strip says “Marked” now
    grip, map_ = page.locator(".wf-corner[data-corner='2']").bounding_box(), spot.bounding_box()
    assert grip is not None
    assert map_ is not None
    x, y = grip["x"] + grip["width"] / 2 - map_["x"], grip["y"] + grip["height"] / 2 - map_["y"]
    drags(page, spot, (x, y), (x + 30, y + 30))
    page.keyboard.press("1")  # the first reason of the law
    page.get_by_role("button", name="Show the result").click()
    expect(page.get_by_text(" stay and ")).to_be_visible(timeout=60_000)
    look(page, "result")
    page.get_by_role("tab", name="Map that goes out").click()
    expect(page.get_by_role("img", name="The map of the released path")).to_be_visible()
    sheet = page.locator("[data-sheet]")
    expect(sheet.locator("polyline").first).to_be_attached()
    expect(sheet.locator("text").filter(has_text="planted")).to_have_attribute("x", "1")
    expect(sheet.locator(FOREIGN)).to_have_count(0)
    page.get_by_role("tab", name="What it was for").click()
    page.locator("label[for=flight-class-factual_inquiry]").click()
    page.get_by_label("Why, from the call").fill("A call about a loud noise; nobody was suspected.")
    page.get_by_role("button", name="Record what it was for").click()
    expect(page.get_by_role("tabpanel").get_by_text("nobody was suspected")).to_be_visible()
    assert_accessible(page)

    (fence,) = saved_fences(record, page, lambda found: "reason" in found[0] and found[0] != drawn)
    assert len(drawn["polygon"]) == 4
    assert fence["polygon"] != drawn["polygon"]  # the corner that was dragged
    assert fence["reason"]
    assert clear_of(fence, released(record))


def test_fence_by_keys_alone(live_server: LiveServer, sign_in: SignIn, tmp_path: Path) -> None:
    record = a_flight(tmp_path)
    page = sign_in(an_analyst())
    open_stage(page, live_server, record)
    keys = page.keyboard

    Keyboard(page).reaches(page.locator("[data-map]"))
    keys.press("f")
    keys.press("Enter")
    for step in ("ArrowRight", "ArrowDown", "ArrowLeft"):
        keys.press(step)
        keys.press("Enter")
    keys.press("c")
    expect(page.locator(".wf-fence")).to_have_count(1)
    first = saved_fence(record, page)
    keys.press("]")
    keys.press("Alt+Shift+ArrowUp")
    keys.press("i")
    expect(page.locator("[data-corners] tbody tr")).to_have_count(5)
    keys.press("Delete")
    expect(page.locator("[data-corners] tbody tr")).to_have_count(4)
    keys.press("1")
    keys.press("o")
    expect(page.get_by_label("Latitude, longitude", exact=True)).to_be_focused()
    keys.type("41.6075, -93.5925")
    keys.press("Tab")
    keys.type("120")
    keys.press("Enter")
    expect(page.locator(".wf-fence")).to_have_count(2)
    keys.press("1")
    fences = saved_fences(
        record, page, lambda found: [bool(fence.get("reason")) for fence in found] == [True, True]
    )

    assert [len(fence["polygon"]) for fence in fences] == [4, 36]
    assert fences[0]["polygon"] != first["polygon"]
    assert all(fence["reason"] for fence in fences)
    rows = released(record)
    assert all(clear_of(fence, rows) for fence in fences)


def test_flight_nobody_can_read_says_what_to_do(
    live_server: LiveServer, browsers: Browsers, tmp_path: Path
) -> None:
    content = a_dji_record(tmp_path / "DJIFlightRecord.txt", version=14).read_bytes()
    record = a_record(content=content, name="DJIFlightRecord.txt", title="Flight record")
    page = browsers(an_analyst()).new_page()  # the browser rightly notes the refusal in its console

    page.goto(f"{live_server.url}/desk/records/{record.key}/work/")

    expect(page.locator("[data-why]")).to_contain_text("Export the flight from AirData")
    assert_accessible(page)
