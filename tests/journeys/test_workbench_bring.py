"""Marks brought to other records: copied to a similar one, and kept as a template for a form."""

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from redaction.plans.models import Plan
from requests_app.custody.models import ResponsiveRecord
from tests.journeys.conftest import SignIn
from tests.journeys.workbench_frame import choose, is_saved, look, opened, three_boxes
from tests.requests_app.custody.record_builders import a_pdf, a_record, an_analyst

pytestmark = pytest.mark.django_db(transaction=True)


def marks_of(record: ResponsiveRecord) -> list[dict[str, object]]:
    plan = Plan.objects.filter(review__record=record).order_by("-version").first()
    return list(plan.marks["marks"]) if plan else []


def more(page: Page) -> None:
    page.get_by_role("tab", name="More").click()
    expect(page.get_by_label("Name, such as the form’s number")).to_be_visible()


def test_marks_are_copied_to_a_similar_record_and_kept_for_a_form(
    live_server: LiveServer, sign_in: SignIn
) -> None:
    record = three_boxes()
    other = a_record(content=a_pdf("Another print"), name="b.pdf", title="Next page", request=record.request)
    third = a_record(content=a_pdf("A third print"), name="c.pdf", title="Third", request=record.request)
    page = opened(sign_in(an_analyst()), live_server, record)
    said = page.locator("[data-more-said]")

    choose(page, "box-2")
    more(page)
    expect(page.locator("[data-copy] [data-which]")).to_have_text("the 1 chosen")
    page.get_by_label("To the record").select_option(label=f"{other.position}. Next page")
    look(page, "copy-to-another", 820, 1280)
    page.get_by_role("button", name="Copy", exact=True).click()
    expect(said).to_contain_text("1 mark copied to “Next page”.")
    page.get_by_label("Name, such as the form’s number").fill("PD-12")
    page.get_by_role("button", name="Keep as a template").click()
    expect(said).to_contain_text("Kept. It is offered for every record of this kind.")
    (copied,) = marks_of(other)
    assert (copied["rect"], copied["suggested"], copied.get("decision")) == ([72, 160, 190, 180], True, None)

    opened(page, live_server, third)
    more(page)
    page.get_by_label("Template").select_option(index=0)
    page.locator("#apply-as").select_option("marks")
    look(page, "template", 820, 1280)
    page.get_by_role("button", name="Bring its marks here").click()
    expect(said).to_contain_text("1 mark brought here.")
    is_saved(page)
    (brought,) = marks_of(third)
    assert (brought["rect"], brought["reason"]) == ([72, 160, 190, 180], "MINOR")
    assert not brought.get("suggested")
    page.get_by_role("button", name="Offer it no more").click()
    expect(said).to_contain_text("It is not offered any more.")
    expect(page.get_by_label("Template")).to_be_hidden()
