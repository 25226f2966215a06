"""The second look in a browser: both sides, pinned comments, sent back; the whole way has the rest."""

from importlib import import_module
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from portal.accounts.rules import Role
from portal.core import jobs
from portal.core.models import Job
from portal.core.time import now
from redaction.plans.models import Pin, Render
from requests_app.docket.models import RecordsRequest
from tests.builders import a_user
from tests.journeys.axe import assert_accessible
from tests.journeys.conftest import SignIn
from tests.journeys.hands import press
from tests.journeys.looks import SCREENSHOTS, assert_fits
from tests.redaction.film_builders import a_film
from tests.redaction.flight_builders import a_flight_csv
from tests.redaction.plans.plan_builders import a_plan, a_render, a_review, an_approval, an_approver
from tests.redaction.workbench.addresses import url
from tests.requests_app.custody.record_builders import a_pdf, a_record

import_module("redaction.workbench.tasks")  # a worker has the handlers from Celery

pytestmark = pytest.mark.django_db(transaction=True)

MARKS: list[dict[str, object]] = [
    {"id": "name", "kind": "text", "literal": "Zebrafinch", "reason": "MINOR"},
    {"id": "box-1", "kind": "box", "page": 2, "rect": [60, 60, 220, 100], "reason": "PLATE"},
]


def a_document(marks: list[dict[str, object]] = MARKS) -> Render:
    content = a_pdf("Statement of a witness", "Officer Zebrafinch saw the car", pages=2)
    record = a_record(content=content, name="report.pdf", title="Statement of a witness")
    return a_render(plan=a_plan(review=a_review(record), marks={"version": 1, "marks": marks}))


def looked_at(page: Page, name: str) -> None:
    """Pictures at three widths, nothing to scroll sideways, axe clean."""
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    for width in (1920, 820, 1280):
        page.set_viewport_size({"width": width, "height": 900})
        page.screenshot(path=Path(SCREENSHOTS) / f"{name}-{width}.png")
        assert_fits(page)
    assert_accessible(page)


def ready(page: Page) -> None:
    page.wait_for_selector("html[data-review=ready]")


def test_a_document_is_looked_at_and_sent_back_with_a_pin_by_keys(
    live_server: LiveServer, sign_in: SignIn
) -> None:
    render = a_document()
    record = render.review.record
    page = sign_in(an_approver(name="Avery Approver"))
    page.goto(live_server.url + url("review", record))
    ready(page)

    page.keyboard.press("n")
    expect(page.locator("[data-mark=name]")).to_have_attribute("aria-current", "true")
    expect(page.locator("[data-side=original] .rv-spot").first).to_be_visible()
    looked_at(page, "review-pages")
    page.keyboard.press("n")
    second = url("result-preview", record, number=2)
    expect(page.locator("[data-side=result] img")).to_have_attribute("src", second)
    page.keyboard.press("s")
    expect(page.locator("[data-count]")).to_contain_text("1 looked at")
    page.keyboard.press("f")
    expect(page.locator("[data-side=original]")).not_to_be_visible()
    page.keyboard.press("f")
    expect(page.locator("[data-side=result]")).not_to_be_visible()
    page.keyboard.press("b")
    page.keyboard.press("+")
    expect(page.locator(".rv-bar output")).to_have_text("125 %")
    press(page.locator("[data-mark='box-1'] summary"))
    page.keyboard.press("Tab")
    expect(page.locator("[data-mark='box-1']").get_by_role("textbox")).to_be_focused()
    page.keyboard.type("The plate shows below the box.")
    page.get_by_role("button", name="Send back").click()
    expect(page.get_by_text("went back to its reviewer")).to_be_visible()

    assert Pin.objects.get().text == "The plate shows below the box."


def test_a_table_shows_the_column_of_a_mark_on_both_sides(live_server: LiveServer, sign_in: SignIn) -> None:
    render = a_render()
    page = sign_in(an_approver())
    page.goto(live_server.url + url("review", render.review.record))
    ready(page)

    expect(page.locator("section[data-review]")).to_have_attribute("data-rows", "0", timeout=60_000)
    page.keyboard.press("n")

    expect(page.locator("[data-side=original] th.rv-column")).to_have_text("plate")
    expect(page.locator("[data-side=result] td.rv-column").first).to_have_text("REDACTED")
    expect(page.locator("[data-seen]")).to_have_text("You have seen 100 % of the rows.", timeout=60_000)
    looked_at(page, "review-table")


def test_a_film_is_looked_at_second_by_second_and_played_once_the_preview_is_made(
    live_server: LiveServer, sign_in: SignIn, tmp_path: Path
) -> None:
    film = a_film(tmp_path / "scene.mp4", seconds=6, rate=10, size=(320, 240))
    record = a_record(content=film.read_bytes(), name="scene.mp4", title="Camera at Elm")
    frames = [{"t": 1.0, "rect": [0.1, 0.1, 0.2, 0.2]}, {"t": 4.0, "rect": [0.5, 0.5, 0.2, 0.2]}]
    region = {"id": "car", "kind": "region", "start": 1.0, "end": 4.0, "keyframes": frames, "reason": "PLATE"}
    a_render(plan=a_plan(review=a_review(record), marks={"version": 1, "marks": [region]}))
    page = sign_in(an_approver())
    page.goto(live_server.url + url("review", record))
    ready(page)

    page.keyboard.press("n")

    expect(page.locator("[data-side=original] img")).to_have_attribute(
        "src", url("preview", record, number=1)
    )
    expect(page.locator("[data-side=result] .rv-spot")).to_be_visible()
    looked_at(page, "review-film")
    while job := Job.objects.filter(state="pending").order_by("pk").first():
        assert jobs.execute(job.pk), Job.objects.get(pk=job.pk).error
    expect(page.locator("[data-side=original] video")).to_be_visible(timeout=60_000)
    expect(page.locator("[data-side=result] video")).to_have_attribute("src", url("result-film", record))
    page.keyboard.press("n")
    expect(page.locator("#rv-second")).to_have_value("0.0")
    looked_at(page, "review-film-players")


def test_a_flight_shows_its_track_and_the_map_that_goes_out(
    live_server: LiveServer, sign_in: SignIn, tmp_path: Path
) -> None:
    log = a_flight_csv(tmp_path / "flight.csv")
    record = a_record(content=log.read_bytes(), name="flight.csv", title="Sortie over the park")
    assert record.medium == "flight"
    home = {"id": "home-1", "kind": "home", "radius_m": 150, "reason": "VICTIM"}
    a_render(plan=a_plan(review=a_review(record), marks={"version": 1, "marks": [home]}))
    page = sign_in(an_approver())
    page.goto(live_server.url + url("review", record))
    ready(page)

    expect(page.get_by_role("img", name="The track as it was recorded")).to_be_visible()
    expect(page.get_by_role("img", name="The map that goes out with the copy")).to_be_visible()
    play = page.get_by_role("button", name="Play the flight")
    expect(play).to_be_enabled()  # once the track is there
    page.get_by_label("Speed").select_option("60")
    press(play)
    expect(page.locator("[data-seen]")).to_have_text("You have seen 100 % of the points.", timeout=60_000)
    press(page.get_by_text("Points as recorded").first)
    expect(page.get_by_role("table", name="Points 1 to 50 of", exact=False)).to_be_visible(timeout=60_000)
    looked_at(page, "review-flight")


def test_a_closed_request_keeps_the_copy_and_hides_the_original(
    live_server: LiveServer, sign_in: SignIn
) -> None:
    render = a_document()
    an_approval(render=render)
    RecordsRequest.objects.update(status="closed", closed_at=now(), disposition="withdrawn")
    page = sign_in(an_approver())

    page.goto(live_server.url + url("review", render.review.record))

    expect(page.get_by_role("heading", name="The original is not shown any more")).to_be_visible()
    expect(page.locator("[data-side=result] img")).to_be_visible()
    expect(page.locator("[data-side=original]")).to_have_count(0)
    looked_at(page, "review-closed")


def test_who_is_recused_is_listed_and_said_why(live_server: LiveServer, sign_in: SignIn) -> None:
    record = a_record()
    an_approver(name="Pat Person")
    page = sign_in(a_user(Role.CLERK))
    page.goto(live_server.url + "/desk/requests/" + record.request.key + "/recusals/")

    page.get_by_label("Who must not see it").select_option(label="Pat Person (Approver)")
    page.get_by_label("On what ground").select_option("appears")
    page.get_by_label("Why", exact=True).fill("Officer of the stop")
    page.get_by_role("button", name="Recuse").click()

    expect(page.get_by_role("table")).to_contain_text("Pat Person")
    looked_at(page, "recusals")
