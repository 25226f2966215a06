"""What a person at the film's stage does, shared by its journeys."""

from collections.abc import Callable, Sequence
from importlib import import_module
from typing import Any

from django.urls import reverse
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from portal.core import files, jobs
from portal.core.models import Job
from redaction.plans import services as plans
from redaction.plans.models import Plan
from redaction.plans.rows import newest_render
from requests_app.custody.models import ResponsiveRecord
from requests_app.docket.models import RecordsRequest
from requests_app.docket.rules import Status
from tests.builders import NOON, a_request
from tests.journeys import whole_way
from tests.journeys.axe import assert_accessible
from tests.journeys.film_scene import HEIGHT, SPOKEN, WIDTH
from tests.journeys.hands import press
from tests.journeys.looks import SCREENSHOTS, assert_fits
from tests.journeys.patience import until
from tests.redaction.plans.plan_builders import a_review
from tests.requests_app.custody.record_builders import a_record, a_transcript

for _room in ("workbench", "release"):
    import_module(f"redaction.{_room}.tasks")  # a worker has the handlers from Celery

SIZES = ((820, 1180), (1920, 1080), (1280, 900))

Marks = list[dict[str, Any]]
Point = tuple[float, float]


def a_film(
    content: bytes,
    name: str = "street.mp4",
    *,
    spoken: bytes = SPOKEN,
    request: RecordsRequest | None = None,
    title: str = "Camera at Elm Street",
) -> ResponsiveRecord:
    request = request or a_request(status=Status.SEARCHING)
    record = a_record(request=request, content=content, name=name, title=title)
    if spoken:
        a_transcript(record, spoken)
    return record


class Stage:
    """One person before one recording. Workers' jobs are done while she waits."""

    def __init__(self, page: Page, record: ResponsiveRecord) -> None:
        self.page, self.record = page, record
        self.size = (WIDTH, HEIGHT)
        page.wait_for_selector("html[data-workbench=ready]")
        page.wait_for_selector("[data-film][data-state=mounted]")

    def made(self) -> None:
        """The preview, the sound's picture and all else that was asked for are there."""
        ready = self.page.locator("[data-film][data-preview=ready]")
        self.works_until(lambda: ready.count() == 1, "the preview")
        whole_way.do_jobs()

    def works_until(self, done: Callable[[], bool], what: str) -> None:
        whole_way.wait_for(self.page, done, what)

    def goes_to(self, second: float) -> None:
        field = self.page.get_by_label("Go to a time")
        field.fill(f"{second}")
        press(field)
        self.is_at(second)

    def is_at(self, second: float) -> None:
        expect(self.page.get_by_label("Go to a time")).to_have_value(f"00:{second:05.2f}")
        expect(self.page.locator("[data-frame]")).to_have_attribute("data-busy", "no")

    def drags(self, start: Point, end: Point) -> None:
        """From one place of the picture to another, in its own pixels."""
        box = self.page.locator("[data-holder]").bounding_box()
        assert box is not None
        places = [
            (box["x"] + x / self.size[0] * box["width"], box["y"] + y / self.size[1] * box["height"])
            for x, y in (start, end)
        ]
        self.page.mouse.move(*places[0])
        self.page.mouse.down()
        self.page.mouse.move(*places[1], steps=5)
        self.page.mouse.up()

    def presses(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def saved(self, done: Callable[[Marks], bool]) -> Marks:
        found: Marks = []

        def newest() -> bool:
            plan = Plan.objects.filter(review__record=self.record).order_by("-version").first()
            found[:] = plan.marks["marks"] if plan else []
            return done(found)

        until(self.page, newest, "not saved")
        return found

    def looks(self, name: str, sizes: Sequence[tuple[int, int]] = ((1280, 900),)) -> None:
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        for width, height in sizes:
            self.page.set_viewport_size({"width": width, "height": height})
            assert_fits(self.page)
            self.page.screenshot(path=SCREENSHOTS / f"workbench-film-{name}-{width}.png")
        assert_accessible(self.page)

    def gives_reasons(self) -> None:
        """All marks get the first reason, by its key."""
        self.page.locator("[data-list] [role=option]").first.focus()
        self.presses("Control+a", "1")


def opened(page: Page, server: LiveServer, record: ResponsiveRecord, query: str = "") -> Stage:
    page.goto(server.url + reverse("workbench:work", kwargs={"key": record.key}) + query)
    return Stage(page, record)


def copy_of(record: ResponsiveRecord) -> bytes:
    """The redacted copy that was made last."""
    render = newest_render(a_review(record))
    assert render is not None
    return files.path_of(render.address).read_bytes()


def engine_makes(record: ResponsiveRecord) -> bytes:
    """What the real engine makes of the marks as they are saved."""
    review = a_review(record)
    plan = review.plans.order_by("-version").first()
    assert plan is not None
    job = plans.request_render(review=review, actor=plan.author, at=NOON)
    assert jobs.execute(job.pk), Job.objects.get(pk=job.pk).error
    return copy_of(record)
