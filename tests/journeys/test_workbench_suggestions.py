"""The panes of suggestions, of what was seen and of what stands elsewhere, in a real browser and by keys."""

import re
from importlib import import_module

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from portal.core import jobs
from redaction.plans.detection_models import Detection, SuggestionDecision
from redaction.plans.models import Plan
from redaction.plans.seen_models import Seen
from requests_app.custody.models import ResponsiveRecord
from requests_app.docket.models import RecordsRequest
from requests_app.docket.rules import Status
from tests.builders import a_request
from tests.journeys.axe import assert_accessible
from tests.journeys.conftest import SignIn
from tests.journeys.hands import press
from tests.journeys.looks import SCREENSHOTS
from tests.journeys.whole_way import is_ready
from tests.redaction.plans.plan_builders import a_plan, a_render, a_review
from tests.requests_app.custody.record_builders import a_pdf, a_record, an_analyst

import_module("redaction.plans.tasks")  # a worker has it from Celery: the handlers of plans.*

pytestmark = pytest.mark.django_db(transaction=True)
LINES = [f"call 512-555-01{n} about unit {n}" for n in range(10, 20)]


def a_document(request: RecordsRequest | None = None, *lines: str) -> ResponsiveRecord:
    content = a_pdf(*(lines or (*LINES, "SSN 123-45-6789")), pages=3)
    return a_record(request=request, content=content, name="report.pdf", title="Incident report")


def opened(
    page: Page, base: str, record: ResponsiveRecord, tab: str, width: int = 1280, height: int = 900
) -> Page:
    page.set_viewport_size({"width": width, "height": height})
    page.goto(base + reverse("workbench:work", kwargs={"key": record.key}))
    is_ready(page)
    press(page.locator(f"#tab-{tab}"))
    return page


def shot(page: Page, name: str) -> None:
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=SCREENSHOTS / f"workbench-{name}.png")


def newest(record: ResponsiveRecord) -> list[dict[str, object]]:
    plan = Plan.objects.filter(review__record=record).order_by("-version").first()
    return list(plan.marks["marks"]) if plan else []


def test_a_record_is_looked_through_and_its_suggestions_decided_by_keys(
    live_server: LiveServer, sign_in: SignIn
) -> None:
    record = a_document()
    page = opened(sign_in(an_analyst()), live_server.url, record, "suggestions")
    pane = page.locator("[data-pane=suggestions]")
    expect(pane).to_contain_text("No suggestion is open.")
    assert_accessible(page)

    press(pane.get_by_role("button", name="Look for personal data"))
    expect(pane.get_by_role("list", name="Searches")).to_contain_text("Personal data")
    assert jobs.execute(Detection.objects.get().job_id)
    expect(pane.get_by_role("list", name="Open suggestions").get_by_role("listitem")).to_have_count(
        len(newest(record))
    )
    assert_accessible(page)
    shot(page, "suggestions-1280")

    pane.get_by_label("Proposed as").select_option("pii-ssn")
    expect(pane.get_by_role("list", name="Open suggestions").get_by_role("listitem")).to_have_count(1)
    refusing = pane.get_by_role("button", name="Reject 123", exact=False)
    press(refusing.or_(pane.get_by_role("button", name="Reject every “123-45-6789”")).first)
    expect(pane).to_contain_text("Decisions (1)")
    pane.get_by_label("Proposed as").select_option("")
    pane.get_by_label("Why (kept with the decision)").fill("telephone numbers of private people")
    pane.get_by_label("Reason on the marks").select_option("MINOR")
    press(pane.get_by_role("button", name="Accept", exact=False).first)
    question = page.get_by_role("dialog", name="Accept all 20 suggestions?")  # ten and more are asked about
    press(question.get_by_role("button", name="Accept all 20"))
    expect(pane).to_contain_text("No suggestion is open.")

    decisions = {str(mark["decision"]) for mark in newest(record)}
    assert decisions == {"accepted", "rejected"}
    rows = list(SuggestionDecision.objects.order_by("pk").values_list("decision", "why"))
    assert rows[1] == ("accepted", "telephone numbers of private people")
    press(page.locator("#tab-marks"))
    told = {str(mark["id"]): mark["decision"] for mark in newest(record)}
    page.keyboard.press("Control+z")  # nothing of one's own to take back: the decisions stand
    page.keyboard.press("Control+s")
    expect(page.locator("[data-strip]")).to_contain_text("All changes are saved")
    assert {str(mark["id"]): mark["decision"] for mark in newest(record)} == told


def test_what_was_seen_grows_while_one_looks_and_leads_to_what_is_missing(
    live_server: LiveServer, sign_in: SignIn
) -> None:
    record = a_document()
    page = sign_in(an_analyst())
    pane = page.locator("[data-pane=coverage]")

    # a page counts once all its parts were in view for a second: in so tall a window the first one is whole
    with page.expect_response(
        lambda said: said.request.method == "POST" and said.url.endswith("/work/seen/"), timeout=120_000
    ) as told:
        opened(page, live_server.url, record, "coverage", 1920, height=2600)
        expect(page.locator(".wbp-page[data-page='1']")).to_have_class(re.compile("is-drawn"))
        expect(page.locator(".wbp-fault")).to_have_count(0)
    assert told.value.ok, told.value.text()
    expect(pane).to_contain_text("33 % seen")
    page.set_viewport_size({"width": 1920, "height": 900})
    press(pane.get_by_text("Not seen yet"))
    assert_accessible(page)
    shot(page, "coverage-1920")
    missing = pane.get_by_role("listitem").first.get_by_role("button")
    number = re.findall(r"\d+", missing.inner_text())[0]
    press(missing)
    expect(page.locator(f".wbp-page[data-page='{number}']")).to_be_in_viewport()

    assert Seen.objects.get().ranges[0][0] == 1


def test_what_stands_elsewhere_is_decided_with_a_reason(live_server: LiveServer, sign_in: SignIn) -> None:
    request, analyst = a_request(status=Status.SEARCHING), an_analyst()
    gate = {"version": 1, "marks": [{"id": "t", "kind": "text", "literal": "Gate", "reason": "MINOR"}]}
    name = {
        "version": 1,
        "marks": [{"id": "t", "kind": "text", "literal": "Maria Delgado", "reason": "MINOR"}],
    }
    a_render(plan=a_plan(review=a_review(a_document(request, "Maria Delgado", "Gate")), marks=gate))
    here = a_document(request, "Maria Delgado was there")
    a_render(plan=a_plan(review=a_review(here), marks=name, author=analyst))
    page = opened(sign_in(analyst), live_server.url, here, "consistency")
    pane = page.locator("[data-pane=consistency]")

    expect(pane).to_contain_text("1 to be decided before the approval.")
    expect(page.locator("#tab-consistency")).to_have_accessible_name("Elsewhere 1 to decide")
    press(page.locator("#tab-marks"))
    press(page.get_by_role("button", name="1 place elsewhere to decide"))
    expect(page.locator("#tab-consistency")).to_be_focused()
    assert_accessible(page)
    shot(page, "consistency-1280")
    press(pane.get_by_role("button", name="Decide", exact=False))
    expect(pane.get_by_role("alert")).to_contain_text("Say why")
    expect(pane.get_by_label("What is to be done")).to_have_value("mark_there")  # what protects most
    pane.get_by_label("What is to be done").select_option("leave")
    pane.get_by_label("Why").fill("another person of that name")
    press(pane.get_by_role("button", name="Decide", exact=False))

    expect(pane).to_contain_text("All are decided.")
    expect(page.locator("#tab-consistency")).to_have_accessible_name("Elsewhere")
    assert_accessible(page)
