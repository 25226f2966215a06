"""Acceptance 3 in a real browser: a law, a fee rule and a holiday are added without a line of code."""

from datetime import date, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from portal.accounts.rules import Role
from requests_app.law import clock, event, selectors
from requests_app.law.models import LawPack, PackAdoption, RuleAdoption
from tests.builders import a_user, an_agency
from tests.journeys.conftest import SignIn
from tests.journeys.hands import Keyboard, press
from tests.journeys.looks import examine

pytestmark = pytest.mark.django_db(transaction=True)


def a_tuesday() -> date:
    """A Tuesday of next year on which no law has a holiday."""
    found = date(timezone.localdate().year + 1, 3, 8)
    return found + timedelta(days=(1 - found.weekday()) % 7)


def test_admin_adds_a_law_a_fee_and_a_holiday_and_counsel_adopts(
    page: Page, live_server: LiveServer, sign_in: SignIn
) -> None:
    agency = an_agency()
    holiday = a_tuesday()
    sign_in(a_user(Role.ADMIN, name="Ida Holm", title="City clerk"))
    page.goto(live_server.url + reverse("law:index"))
    examine(page, "law-index")

    # a law the portal does not know, from blank, with one clock
    page.get_by_role("link", name="Write a new version").click()
    examine(page, "law-new")
    page.get_by_label("Short code").fill("LARK")
    page.get_by_label("Name of the law").fill("Larkspur Open Records Ordinance")
    page.get_by_label("Short name").fill("Larkspur")
    page.get_by_role("button", name="Begin the new law").click()
    page.locator("summary", has_text="Clocks").click()
    page.locator("#clocks").get_by_role("link", name="Add a rule").click()
    page.get_by_label("Title").fill("Answer the request")
    page.get_by_label("Length").fill("10")
    page.get_by_label("Counted in").first.select_option("business_day")
    page.get_by_label("Event").first.select_option("received")
    examine(page, "law-rule-clock")
    page.get_by_role("button", name="Save this rule").click()
    expect(page.get_by_text("The rule is saved in the draft.")).to_be_visible()
    page.get_by_label("What is new, and why").fill("Ordinance 12 of the city council.")
    page.get_by_role("button", name="Publish this version").click()
    expect(page.get_by_role("heading", name="Larkspur Open Records Ordinance")).to_be_visible()
    new_law = LawPack.objects.get(code="LARK")
    assert [rule["name"] for rule in new_law.data["clocks"]] == ["answer-the-request"]

    # the next version of the law in use: a holiday in three fields, by keyboard alone
    page.goto(live_server.url + reverse("law:version", args=[selectors.pack_in_use(agency).pk]))
    page.get_by_role("button", name="Write the next version from this").click()
    press(page.locator("#calendar-holidays > summary"))
    expect(page.get_by_label("Name of the holiday")).to_be_visible()
    page.get_by_label("Name of the holiday").focus()
    page.keyboard.type("Founders' Day")
    page.keyboard.press("Tab")
    page.keyboard.type(f"{holiday:%m%d%Y}")
    Keyboard(page).pushes(page.get_by_role("button", name="Add the holiday"))
    expect(page.get_by_text("Founders' Day is a holiday in this draft.")).to_be_visible()
    examine(page, "law-draft")

    # a fee rule of a kind that exists; a mistake is named beside its field
    page.locator("#fees-rows > summary").click()
    page.locator("#fees-rows").get_by_role("link", name="Add a rule").click()
    page.get_by_label("Label").fill("Certified copy of a recording")
    page.get_by_label("Charged by").select_option("file")
    page.get_by_label("Rate in dollars", exact=True).fill("ten")
    page.get_by_role("button", name="Save this rule").click()
    expect(page.get_by_role("heading", name="There is a problem")).to_be_visible()
    page.get_by_label("Rate in dollars", exact=True).fill("7.50")
    page.get_by_role("button", name="Save this rule").click()
    page.get_by_label("In force from").fill(timezone.localdate().isoformat())
    page.get_by_label("What is new, and why").fill("Founders' Day and certified copies, resolution 7.")
    page.get_by_role("button", name="Publish this version").click()
    made = LawPack.objects.get(code="TX", version__contains="+")
    examine(page, "law-version")
    page.get_by_role("link", name="What differs from").first.click()
    expect(page.get_by_role("cell", name="Certified copy of a recording")).to_be_visible()
    examine(page, "law-diff")

    # it is used once that is decided, naming the drafts
    page.goto(live_server.url + reverse("law:index"))
    page.locator("summary", has_text="Use another version").click()
    page.get_by_label("Version", exact=True).select_option(str(made.pk))
    page.locator("#use-reason").fill("Decided by the city manager; counsel compares it this month.")
    page.get_by_role("button", name="Use this version").click()
    expect(page.get_by_text("Counsel has not adopted").first).to_be_visible()
    page.get_by_text("Rules that counsel has not adopted are used as drafts").click()
    page.get_by_role("button", name="Use this version").click()
    expect(page.get_by_text("is in use for requests received")).to_be_visible()
    decision = PackAdoption.objects.latest("pk")
    assert decision.pack == made
    assert [p for p, _ in decision.drafts if "founders" in p] == ["calendar/holidays/founders-day"]

    derived = clock.due(
        selectors.parsed(made),
        "ag_request",
        selectors.office_hours(agency),
        [event.parse({"type": "received", "at": (holiday - timedelta(days=1)).isoformat()})],
    )
    assert any("Founders' Day" in line.text for line in derived.lines)
    page.goto(live_server.url + reverse("fees:schedule-new"))
    expect(page.get_by_label("Certified copy of a recording")).to_be_visible()
    page.goto(live_server.url + reverse("law:public"))
    expect(page.get_by_text("Founders' Day")).to_have_count(1)
    examine(page, "law-public")

    # counsel adopts the new rule
    sign_in(a_user(Role.COUNSEL, name="Ivo Brandt", title="City attorney"))
    page.goto(live_server.url + reverse("law:adoption"))
    part = page.locator("#calendar-holidays")
    part.locator("> summary").click()
    part.get_by_text("Founders' Day").first.click()
    part.get_by_label("Compared with").fill("City Code 2-14, read today")
    examine(page, "law-adoption-open")
    part.get_by_role("button", name="Adopt the chosen rules").click()
    expect(page.get_by_text("1 rule adopted: Holidays.")).to_be_visible()
    assert RuleAdoption.objects.get().path == "calendar/holidays/founders-day"
    assert selectors.rule_standing(agency, made, "calendar/holidays/founders-day").adopted_by == "Ivo Brandt"
