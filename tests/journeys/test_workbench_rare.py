"""What is seldom seen reads as well as the rest: failed searches, look-alikes, tablets."""

from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from redaction import detect
from redaction.plans import consistency
from redaction.report import Refused
from requests_app.custody.models import ResponsiveRecord
from requests_app.docket.models import RecordsRequest
from tests.journeys import whole_way
from tests.journeys.conftest import SignIn
from tests.journeys.hands import press
from tests.journeys.workbench_frame import choose, is_saved, look, newest, opened, three_boxes
from tests.redaction.film_builders import a_film
from tests.redaction.flight_builders import a_flight_csv
from tests.redaction.picture_builders import a_scene
from tests.redaction.plans.plan_builders import a_plan, a_render, a_review
from tests.redaction.plans.sameness_builders import a_case, a_document, made, words
from tests.requests_app.custody.record_builders import a_record, an_analyst

pytestmark = pytest.mark.django_db(transaction=True)


def refuse(*_given: object, **_more: object) -> None:
    raise Refused("the detector is not installed")


def tab(page: Page, name: str) -> None:
    page.locator(f"#tab-{name}").click()
    expect(page.locator(f"#pane-{name}")).to_be_visible()


def a_photo(side: int, request: RecordsRequest, *rects: list[int]) -> ResponsiveRecord:
    """One scene at some size, with boxes."""
    out = BytesIO()
    a_scene().resize((side, side)).save(out, "PNG")
    record = a_record(content=out.getvalue(), name="p.png", title=f"Photo of {side}", request=request)
    marks = [
        {"id": f"b{n}", "kind": "box", "page": 1, "rect": rect, "reason": "MINOR"}
        for n, rect in enumerate(rects)
    ]
    a_render(plan=a_plan(review=a_review(record), marks={"version": 1, "marks": marks}))
    return record


def test_a_failed_search_and_a_stopped_comparison_say_what_can_be_done(
    live_server: LiveServer, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(consistency, "_MOST_FINDINGS", 2)
    request = a_case()
    made(a_document("alpha bravo delta echo", "Gate", request=request), words("Gate"))
    flooded = a_document("alpha bravo delta echo!", request=request)
    made(flooded, words("alpha", "bravo", "delta"))
    monkeypatch.setattr(detect, "suggest", refuse)
    record = three_boxes()
    page = opened(sign_in(an_analyst()), live_server, record)

    tab(page, "suggestions")
    pane = page.locator("#pane-suggestions")
    pane.get_by_role("button", name="Look for personal data").click()
    again = pane.get_by_role("button", name="Try again")
    whole_way.wait_for(page, again.is_visible, "the search did not fail")
    expect(pane.get_by_role("list", name="Searches")).to_contain_text("failed")
    look(page, "search-failed", 820, 1280)
    tab(page, "marks")
    choose(page, "box-2")
    press(page.locator("#mark-row-box-2"), "Delete")
    is_saved(page)
    assert newest().keys() == {"box-1", "box-3"}  # by hand it goes on

    opened(page, live_server, flooded)
    tab(page, "consistency")
    expect(page.locator("#pane-consistency")).to_contain_text(
        "More than 2 were found and the search was stopped"
    )
    look(page, "comparison-stopped", 820, 1280)


def test_pictures_that_look_the_same_are_told_with_what_differs_and_decided(
    live_server: LiveServer, sign_in: SignIn
) -> None:
    request = a_case()
    a_photo(480, request, [80, 80, 160, 200])
    record = a_photo(240, request, [40, 40, 80, 100], [120, 150, 200, 180])
    page = opened(sign_in(an_analyst()), live_server, record)

    tab(page, "consistency")
    pane = page.locator("#pane-consistency")
    expect(pane).to_contain_text("of 2 withheld here 1 × box (MINOR) left open; 1 withheld there")
    look(page, "look-alike", 820, 1280)
    pane.get_by_role("button", name="Show the mark here").click()
    expect(page.locator("#mark-row-b1")).to_have_attribute("aria-selected", "true")
    tab(page, "consistency")
    pane.get_by_label("Why", exact=True).fill("a street sign, readable only in this size")
    pane.get_by_role("button", name="Decide", exact=False).first.click()
    expect(pane).to_contain_text("All are decided.")


@pytest.mark.parametrize("medium", ["film", "table", "flight"])
def test_each_stage_is_fit_for_a_tablet(
    live_server: LiveServer, sign_in: SignIn, tmp_path: Path, medium: str
) -> None:
    sorts: dict[str, Any] = {
        "film": (lambda: a_film(tmp_path / "f.mp4").read_bytes(), "f.mp4", "[data-film][data-state=mounted]"),
        "table": (lambda: b"plate,camera\nCANARY,Elm\n", "reads.csv", ".wt-rows"),
        "flight": (
            lambda: a_flight_csv(tmp_path / "f.csv").read_bytes(),
            "f.csv",
            ".wf-map, [data-stage] canvas",
        ),
    }
    content, name, drawn = sorts[medium]
    page = opened(sign_in(an_analyst()), live_server, a_record(content=content(), name=name, title="Record"))

    expect(page.locator(drawn).first).to_be_visible(timeout=60_000)
    look(page, f"tablet-{medium}", 820)
