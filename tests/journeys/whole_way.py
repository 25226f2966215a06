"""The steps every record goes: marked, copied, looked at, sent back, fixed, approved, released, fetched.

Each is done on the page a person does it on, with whatever hands she has. Workers' jobs are done while she
waits.
"""

import zipfile
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

from django.urls import reverse
from playwright.sync_api import Locator, Page, expect

from portal.core import jobs
from portal.core.models import Job
from redaction.plans.models import Review
from requests_app.custody.models import ResponsiveRecord
from requests_app.docket.models import RecordsRequest
from tests.journeys.axe import assert_accessible
from tests.journeys.hands import Hands
from tests.journeys.looks import Console, assert_fits
from tests.journeys.patience import until

for _tasks in ("redaction.plans", "redaction.release", "redaction.workbench", "requests_app.correspondence"):
    import_module(f"{_tasks}.tasks")  # a worker has the handlers of jobs from Celery

_SAVED = "All changes are saved"


class Person:
    """One person with a browser and hands of her own."""

    def __init__(self, hands: Hands, base: str) -> None:
        self.hands, self.page, self.base = hands, hands.page, base
        self.console = Console(hands.page)

    def goes(self, address: str) -> Page:
        self.page.goto(self.base + address)
        return self.page

    def works_on(self, record: ResponsiveRecord, query: str = "") -> Page:
        self.goes(reverse("workbench:work", args=[record.key]) + query)
        is_ready(self.page)
        return self.page

    def compares(self, record: ResponsiveRecord) -> Page:
        """Opens the second look at a record."""
        self.goes(reverse("workbench:review", args=[record.key]))
        self.page.wait_for_selector("html[data-review=ready]")
        return self.page

    def reads(self) -> None:
        """The page as it stands fits its window and is open to everybody."""
        assert_fits(self.page)
        assert_accessible(self.page)

    def button(self, name: str) -> Locator:
        return self.page.get_by_role("button", name=name, exact=True)

    def pushes(self, name: str) -> None:
        self.hands.pushes(self.button(name))


def is_ready(page: Page) -> None:
    """The work page does what it is asked, and has said what comes next: nothing moves by that later."""
    expect(page.locator("html[data-workbench=ready]")).to_be_attached()
    expect(page.locator("[data-part=standing]")).not_to_be_empty()


def do_jobs() -> None:
    """What a worker would have done by now."""
    for number in Job.objects.filter(state="pending").order_by("pk").values_list("pk", flat=True):
        jobs.execute(number)


def wait_for(page: Page, done: Callable[[], bool], what: str) -> None:
    """Workers' jobs are done while she waits."""
    until(page, done, what, meanwhile=do_jobs)


def searched(clerk: Person, request: RecordsRequest) -> None:
    """The search is over, and nothing is charged."""
    clerk.goes(reverse("desk:request", args=[request.key]))
    clerk.pushes("Finish the search")
    expect(clerk.button("Finish the search")).to_have_count(0)
    clerk.goes(reverse("fees:worksheet", args=[request.key]))
    form = clerk.page.locator("form").filter(has=clerk.button("Record that nothing is charged"))
    clerk.hands.writes(form.get_by_role("textbox"), "Below the amount we ask for")
    clerk.pushes("Record that nothing is charged")
    expect(clerk.page.locator("main")).to_contain_text("Below the amount we ask for")


def is_saved(analyst: Person) -> None:
    expect(analyst.page.locator("[data-part=saved]")).to_contain_text(_SAVED)


def sent_on(analyst: Person, record: ResponsiveRecord) -> None:
    """The analyst asks for the redacted copy on the work page; it is made, checked, and can be looked at."""
    is_saved(analyst)
    expect(analyst.button("Make the redacted copy")).to_have_attribute("aria-disabled", "false")
    analyst.pushes("Make the redacted copy")
    link = analyst.page.get_by_role("link", name="To the second look")
    wait_for(analyst.page, link.is_visible, "the copy was not made")
    assert Review.objects.get(record=record).status == "verified"


def looked_at(approver: Person, record: ResponsiveRecord) -> None:
    """The second person goes from mark to mark with both sides before her."""
    page = approver.compares(record)
    rows = page.locator("[data-marks] [data-mark]")
    following = page.get_by_role("button", name="Next mark")
    for place in range(rows.count()):
        approver.hands.does("n", following)
        expect(rows.nth(place)).to_have_attribute("aria-current", "true")
    for side in ("original", "result"):
        expect(page.locator(f"[data-side={side}]")).to_be_visible()
        # counted, for players may take the place of the pictures at any moment
        expect(page.locator(f"[data-side={side}] img.rv-loading")).to_have_count(0)


def sent_back(approver: Person, record: ResponsiveRecord, mark: str, words: str) -> None:
    """The second person pins words to a mark (its id) and sends the record back."""
    page = approver.compares(record)
    row = page.locator(f"[data-mark='{mark}']")
    approver.hands.pushes(row.locator("summary"))
    approver.hands.writes(row.get_by_role("textbox"), words)
    approver.reads()
    approver.pushes("Send back")
    expect(page.get_by_text("went back to its reviewer")).to_be_visible()
    assert Review.objects.get(record=record).status == "marked"


def answered(analyst: Person, record: ResponsiveRecord, words: str, answer: str) -> None:
    """The analyst reads the comment on the work page, goes to its mark, and answers it."""
    page = analyst.page
    pane = page.get_by_role("tabpanel").filter(has=page.locator("[data-pins]"))
    expect(pane).to_contain_text(words)
    analyst.reads()
    field = pane.get_by_role("textbox")
    analyst.hands.writes(field, answer)
    analyst.hands.pushes(pane.get_by_role("button", name="Answered"))
    expect(pane.locator("[data-pins] li")).to_have_count(0)
    assert Review.objects.get(record=record).send_backs.get().pins.get().answer == answer


def approved(approver: Person, record: ResponsiveRecord) -> None:
    """The second person looks again and agrees to exactly these bytes."""
    looked_at(approver, record)
    approver.reads()
    approver.hands.pushes(approver.page.get_by_role("button", name="Approve version"))
    expect(approver.page.get_by_text("is approved")).to_be_visible()
    assert Review.objects.get(record=record).status == "approved"


def released(clerk: Person, request: RecordsRequest) -> None:
    """The review is finished, the decision made, the package built and issued."""
    page = clerk.goes(reverse("desk:request", args=[request.key]))
    clerk.pushes("Finish the review")
    expect(clerk.button("Finish the review")).to_have_count(0)
    clerk.goes(reverse("release:staff", args=[request.key]))
    clerk.reads()
    clerk.pushes("Release to the requester")
    issued = page.get_by_role("button", name="Download the package")
    wait_for(page, issued.is_visible, "the package was not built")
    clerk.reads()


def downloaded(requester: Person, request: RecordsRequest, folder: Path) -> Path:
    """She fetches the package by her own link; gives the folder it was unpacked into."""
    page = requester.goes(reverse("release:downloads", args=[request.key]))
    requester.reads()
    with page.expect_download() as waiting:
        requester.pushes("Download the package")
    package = folder / "package.zip"
    waiting.value.save_as(package)
    unpacked = folder / "package"
    with zipfile.ZipFile(package) as archive:
        archive.extractall(unpacked)
    return unpacked
