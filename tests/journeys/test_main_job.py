"""The main job in a real browser: admin → citizen → analyst → approver → citizen, axe on every page."""

import json
import re
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest
from django.conf import settings
from django.core import mail
from django.test import Client
from playwright.sync_api import BrowserContext, Page, expect
from pytest_django.live_server_helper import LiveServer

from portal.accounts.models import User
from portal.accounts.rules import Role
from portal.core.models import Job, JobState
from portal.demo import inspection, material
from portal.demo.material import Material
from redaction.plans.models import Plan, Review
from redaction.release.models import ReleaseManifest
from requests_app.docket.models import RecordsRequest
from requests_app.intake import services as intake
from tests.builders import a_user, an_agency
from tests.journeys.looks import Console, examine
from tests.journeys.patience import until
from tests.processes import Worker

pytestmark = pytest.mark.django_db(transaction=True)
CITIZEN = "ana.reyes@people.example"


class Person:
    """A browser window of one person; every page is looked at as it is opened."""

    def __init__(self, page: Page, base: str, who: str, faults: list[str]) -> None:
        self.page, self.base, self.who, self.faults = page, base, who, faults
        self.console = Console(page)

    def opens(self, path: str, picture: str) -> None:
        self.page.goto("about:blank")  # a page that polls may be loading itself anew at this moment
        answer = self.page.goto(self.base + path)
        assert answer is not None
        assert answer.status == 200, f"{self.who}: {path} answered {answer.status}"
        self.looks(picture)

    def looks(self, picture: str) -> None:
        try:
            examine(self.page, f"main-{picture}")
        except AssertionError as fault:  # all pages are looked at before the test fails
            self.faults.append(str(fault))

    def submits(self, picture: str = "") -> None:
        """Presses the button of the page's own form."""
        self.page.locator("main form button[type=submit]").first.click()
        self.page.wait_for_load_state()
        if picture:
            self.looks(picture)

    def sends(self, action: str, picture: str = "") -> None:
        """Presses the button of the form that goes to an address."""
        self.page.locator(f"form[action*='{action}'] button[type=submit]").first.click()
        self.page.wait_for_load_state()
        if picture:
            self.looks(picture)


@pytest.fixture
def person(
    new_context: Callable[..., BrowserContext], live_server: LiveServer
) -> Iterator[Callable[..., Person]]:
    faults: list[str] = []

    def opened(who: str, user: User | None = None) -> Person:
        context = new_context()  # closed with the test: a page that polls would go on asking beside the next
        if user is not None:
            client = Client()
            client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
            name = settings.SESSION_COOKIE_NAME
            context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": live_server.url}])
        return Person(context.new_page(), live_server.url, who, faults)

    yield opened
    assert not faults, "\n".join(faults)


def test_main_job_from_schedule_to_verified_package(
    person: Callable[..., Person], worker: Worker, tmp_path: Path, live_server: LiveServer
) -> None:
    an_agency()
    intake.load_forms()
    found = [material.traffic_stop(tmp_path), material.incident_report(tmp_path)]

    publish_fees(person("admin", a_user(Role.ADMIN, Role.FEE_OFFICER)))
    citizen = person("citizen")
    request = file_request(citizen)
    analyst = person("analyst", a_user(Role.ANALYST, Role.CLERK))
    find_records(analyst, request, found)
    quote(analyst, request)
    pay(citizen, request)
    redact(analyst, request, found)
    approve(person("approver", a_user(Role.APPROVER)), request)
    release(analyst, request)
    package = download(citizen, request, tmp_path)

    code, said = inspection.verify(inspection.unpack(package, tmp_path / "package"))
    assert code == 0, said
    withheld = [text for item in found for text in (*item.withheld, item.path.name)]
    assert inspection.leaks(package, withheld) == []
    citizen.console.assert_quiet()
    analyst.console.assert_quiet()


def publish_fees(admin: Person) -> None:
    admin.opens("/desk/fee-schedules/", "admin-schedules")
    admin.opens("/desk/fee-schedules/new/", "admin-schedule-new")
    admin.page.get_by_label("In force from").fill("2025-01-01")
    admin.submits("admin-schedule-draft")
    admin.sends("/publish/", "admin-schedule-published")


def file_request(citizen: Person) -> RecordsRequest:
    page = citizen.page
    citizen.opens("/", "home")
    citizen.opens("/request/", "intake-start")
    choose(page, "form", "video")
    for number, answers in enumerate(
        (
            {"what_happened": "Traffic stop", "incident_date": "2026-11-03"},
            {"place": "Elm Street at 4th Avenue"},
            {"record_type": "law_enforcement_video"},
            {"requester_category": "other"},
            {"name": "Ana Reyes", "email": CITIZEN},
        )
    ):
        citizen.looks(f"intake-{number}")
        for name, value in answers.items():
            field = page.locator(f"[name={name}]")
            if field.first.get_attribute("type") == "radio":
                pick(page, name, value)
            else:
                field.fill(value)
        citizen.submits()
    citizen.looks("intake-code")
    body = str(mail.outbox[-1].body)
    code = re.search(r"\b(\d{6})\b", body)
    assert code, body
    page.locator("[name=code]").fill(code[1])
    citizen.submits("intake-check")
    citizen.submits("intake-filed")
    request = RecordsRequest.objects.get(status="submitted")
    assert str(request.number) in page.content()
    citizen.opens("/my/requests/", "my-requests")
    citizen.opens(f"/my/requests/{request.key}/", "my-request")
    return request


def find_records(analyst: Person, request: RecordsRequest, found: list[Material]) -> None:
    analyst.opens("/desk/", "queue")
    here = f"/desk/requests/{request.key}/"
    analyst.opens(here, "desk-request")
    analyst.sends("/do/acknowledge/")
    analyst.sends("/do/start-search/", "desk-searching")
    for item in found:
        analyst.opens(f"{here}records/add/", "desk-add")
        analyst.page.locator("[name=title]").fill(item.title)
        analyst.page.locator("[name=file]").set_input_files(item.path)
        analyst.submits()
    analyst.looks("desk-records")
    analyst.opens(here, "desk-found")
    analyst.sends("/do/finish-search/")


def quote(analyst: Person, request: RecordsRequest) -> None:
    analyst.opens(f"/desk/requests/{request.key}/fees/", "desk-worksheet")
    analyst.page.locator("[name=minutes_search]").fill("90")
    analyst.page.get_by_role("button", name=re.compile("work it out", re.IGNORECASE)).click()
    analyst.page.wait_for_load_state()
    analyst.looks("desk-quote")
    analyst.sends("/fees/send/", "desk-estimate-sent")


def pay(citizen: Person, request: RecordsRequest) -> None:
    citizen.opens(f"/my/requests/{request.key}/fees/", "my-estimate")
    citizen.sends("/answer/accept/", "my-fee-accepted")
    citizen.page.locator("button[name=gateway][value=demo]").first.click()
    citizen.page.wait_for_load_state()
    citizen.looks("my-checkout")
    citizen.sends("/payments/demo/", "my-fee-paid")


def redact(analyst: Person, request: RecordsRequest, found: list[Material]) -> None:
    for record, item in zip(request.records.order_by("position"), found, strict=True):
        address = f"/desk/records/{record.key}/marks/"
        analyst.opens(address, f"desk-marks-{record.medium}")
        raw = analyst.page.locator("textarea[name=marks]")
        analyst.page.locator("details:has(textarea[name=marks])").evaluate("(fold) => { fold.open = true; }")
        raw.fill(json.dumps({"version": 1, "marks": item.marks}))
        # not the first form that goes there: that one says “nothing to withhold”
        analyst.page.locator("form:has(textarea[name=marks]) button[type=submit]").click()
        analyst.page.wait_for_load_state()
        analyst.looks(f"desk-marked-{record.medium}")
        newest = Plan.objects.filter(review__record=record).latest("version")
        assert len(newest.marks["marks"]) == len(item.marks)
        analyst.sends("/render/")
        worked(analyst, partial(is_verified, record.pk))
        analyst.opens(f"/desk/records/{record.key}/review/", f"desk-own-review-{record.medium}")
        expect(analyst.page.locator("form[action*='/review/approve/']")).to_have_count(0)


def worked(analyst: Person, done: Callable[[], bool]) -> None:
    """The worker has done it; one that failed would be waited for in vain."""

    def over() -> bool:
        failed = Job.objects.filter(state__in=[JobState.FAILED, JobState.QUARANTINED])
        assert not failed, [f"{job}: {job.error}" for job in failed]
        return done()

    until(analyst.page, over, "the background work took too long")


def is_verified(record: int) -> bool:
    return Review.objects.get(record_id=record).status == "verified"


def approve(approver: Person, request: RecordsRequest) -> None:
    for record in request.records.order_by("position"):
        approver.opens(f"/desk/records/{record.key}/review/", f"desk-review-{record.medium}")
        approver.sends("/review/approve/", f"desk-approved-{record.medium}")


def release(analyst: Person, request: RecordsRequest) -> None:
    here = f"/desk/requests/{request.key}/"
    analyst.opens(here, "desk-reviewed")
    analyst.sends("/do/finish-review/")
    analyst.opens(f"{here}release/", "desk-release")
    analyst.sends("/release/create/", "desk-building")
    worked(analyst, lambda: ReleaseManifest.objects.filter(request=request, status="issued").exists())
    analyst.opens(f"{here}release/", "desk-issued")
    analyst.opens(here, "desk-closed")


def download(citizen: Person, request: RecordsRequest, folder: Path) -> Path:
    citizen.opens(f"/my/requests/{request.key}/", "my-request-done")
    citizen.opens(f"/my/requests/{request.key}/downloads/", "my-downloads")
    form = citizen.page.locator("form[action*='/link/']:not(:has(input[name=item]))").first
    with citizen.page.expect_download() as waiting:
        form.locator("button[type=submit]").first.click()
    target = folder / "package.zip"
    waiting.value.save_as(target)
    citizen.opens("/check-a-package/", "check")
    field = citizen.page.locator("input[type=file]")
    expect(field).to_be_visible()  # its script has started
    field.set_input_files(target)
    expect(citizen.page.get_by_text(re.compile("intact", re.IGNORECASE)).first).to_be_visible()
    citizen.looks("check-intact")
    return target


def choose(page: Page, name: str, value: str) -> None:
    button = page.locator(f"button[name={name}][value={value}]")
    if button.count():
        button.click()
    else:
        pick(page, name, value)
        page.locator("main form button[type=submit]").first.click()
    page.wait_for_load_state()


def pick(page: Page, name: str, value: str) -> None:
    """Chooses a radio button by its label, as a person does: the design system hides the button itself."""
    identity = page.locator(f"[name={name}][value='{value}']").get_attribute("id")
    page.locator(f"label[for='{identity}']").click()
