"""A film with a car that drives by, and what a person at the film's stage does, shared by its journeys."""

import time
from collections.abc import Callable, Sequence
from fractions import Fraction
from functools import cache
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, cast

import av
import numpy as np
from django.urls import reverse
from numpy.typing import NDArray
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from portal.core import files, jobs
from portal.core.models import Job
from redaction.plans import services as plans
from redaction.plans.models import Plan
from redaction.plans.rows import newest_render
from requests_app.custody.models import ResponsiveRecord
from requests_app.docket.rules import Status
from tests.builders import NOON, a_request
from tests.journeys.axe import assert_accessible
from tests.journeys.looks import SCREENSHOTS, assert_fits
from tests.redaction.media_builders import RATE, noise, sine
from tests.redaction.plans.plan_builders import a_review
from tests.requests_app.custody.record_builders import a_record, a_transcript

import_module("redaction.workbench.tasks")  # a worker has the handlers of previews from Celery

SIZES = ((820, 1180), (1920, 1080), (1280, 900))
WIDTH, HEIGHT, FPS, SECONDS = 640, 360, 10, 9
CAR = (120, 64)
TOP = 180
SPOKEN = (
    b"1\n00:00:00,500 --> 00:00:01,500\nunit twelve in position\n\n"
    b"2\n00:00:03,000 --> 00:00:03,600\nthat is Maria Canary\n\n"
    b"3\n00:00:05,000 --> 00:00:05,800\nthe red one\n\n"
    b"4\n00:00:06,400 --> 00:00:07,000\nMaria Canary again\n"
)
SAID = ((3.0, 3.6), (6.4, 7.0))

Marks = list[dict[str, Any]]


def left_of_car(second: float) -> float:
    """Pixels: it drives for eight seconds and stands then."""
    return 40 + (WIDTH - 80 - CAR[0]) * min(second, 8) / 8


@cache
def a_drive() -> bytes:
    """Nine seconds of 640 by 360: a speckled white car before a grey street, and a steady tone.

    Its index stands in front, as cameras that stream write it.
    """
    body = np.where(noise(*CAR) > 0, 235, 150).astype(np.uint8)
    street = np.clip(noise(WIDTH, HEIGHT) // 3 + 80, 16, 235).astype(np.uint8)
    tone = sine(SECONDS, 440)
    with TemporaryDirectory() as folder:
        path = Path(folder) / "drive.mp4"
        with av.open(str(path), "w", options={"movflags": "faststart"}) as out:
            stream: Any = out.add_stream("libx264", rate=FPS)
            stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
            stream.options = {"preset": "ultrafast", "crf": "20", "g": "10"}
            sound: Any = out.add_stream("aac", rate=RATE, layout="mono")
            for number in range(SECONDS * FPS):
                picture = street.copy()
                left = round(left_of_car(number / FPS))
                picture[TOP : TOP + CAR[1], left : left + CAR[0]] = body
                frame = av.VideoFrame(WIDTH, HEIGHT, "yuv420p")
                planes: tuple[Any, ...] = (picture, 128, 128)
                for plane, values in zip(frame.planes, planes, strict=True):
                    rows = np.frombuffer(cast(Any, plane), np.uint8).reshape(-1, plane.line_size)
                    rows[: plane.height, : plane.width] = values
                frame.pts, frame.time_base = number, Fraction(1, FPS)
                out.mux(stream.encode(frame))
            out.mux(stream.encode(None))
            for number, start in enumerate(range(0, SECONDS * RATE, 1024)):
                piece = np.ascontiguousarray(tone[:, start : start + 1024])
                heard = av.AudioFrame.from_ndarray(piece, format="fltp", layout="mono")
                heard.sample_rate, heard.pts, heard.time_base = RATE, number * 1024, Fraction(1, RATE)
                out.mux(sound.encode(heard))
            out.mux(sound.encode(None))
        return path.read_bytes()


def a_film(content: bytes, name: str = "drive.mp4", *, spoken: bytes = SPOKEN) -> ResponsiveRecord:
    request = a_request(status=Status.SEARCHING)
    record = a_record(request=request, content=content, name=name, title="Body camera, Elm Street")
    if spoken:
        a_transcript(record, spoken)
    return record


class Stage:
    """One person before one recording. Workers' jobs are done while she waits."""

    def __init__(self, page: Page, server: LiveServer, record: ResponsiveRecord) -> None:
        self.page, self.record = page, record
        page.goto(server.url + reverse("workbench:work", kwargs={"key": record.key}))
        page.wait_for_selector("html[data-workbench=ready]")
        page.wait_for_selector("[data-film][data-state=mounted]")

    def made(self) -> None:
        """The preview, the sound's picture and all else that was asked for are there."""
        self.works_until(lambda: self.page.locator("[data-notice]").is_hidden())
        do_jobs()

    def works_until(self, done: Callable[[], bool]) -> None:
        until = time.monotonic() + 120
        while not done():
            do_jobs()
            assert time.monotonic() < until, self.page.locator("[data-notice]").inner_text()
            self.page.wait_for_timeout(200)

    def goes_to(self, second: float) -> None:
        field = self.page.get_by_label("Go to a time")
        field.fill(f"{second}")
        field.press("Enter")
        expect(self.page.locator("[data-frame]")).to_have_attribute("data-busy", "no")
        expect(field).to_have_value(f"00:{second:05.2f}")

    def drags(self, start: tuple[float, float], end: tuple[float, float]) -> None:
        """From one place of the picture to another, in its own pixels."""
        box = self.page.locator("[data-holder]").bounding_box()
        assert box is not None
        places = [
            (box["x"] + x / WIDTH * box["width"], box["y"] + y / HEIGHT * box["height"])
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
        until = time.monotonic() + 60
        while True:
            plan = Plan.objects.filter(review__record=self.record).order_by("-version").first()
            marks = list(plan.marks["marks"]) if plan else []
            if done(marks):
                return marks
            assert time.monotonic() < until, f"not saved: {marks}"
            self.page.wait_for_timeout(100)

    def looks(self, name: str, sizes: Sequence[tuple[int, int]] = ((1280, 900),)) -> None:
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        for width, height in sizes:
            self.page.set_viewport_size({"width": width, "height": height})
            self.page.wait_for_timeout(150)
            self.page.screenshot(path=SCREENSHOTS / f"workbench-film-{name}-{width}.png")
            assert_fits(self.page)
        assert_accessible(self.page)

    def gives_reasons(self) -> None:
        """All marks get the first reason, by its key."""
        self.page.locator("[data-list] [role=option]").first.focus()
        self.presses("Control+a", "1")


def do_jobs() -> None:
    for number in Job.objects.filter(state="pending").order_by("pk").values_list("pk", flat=True):
        jobs.execute(number)


def released(record: ResponsiveRecord) -> Path:
    """What the real engine makes of the marks as they are saved."""
    review = a_review(record)
    plan = review.plans.order_by("-version").first()
    assert plan is not None
    job = plans.request_render(review=review, actor=plan.author, at=NOON)
    assert jobs.execute(job.pk), Job.objects.get(pk=job.pk).error
    render = newest_render(review)
    assert render is not None
    return files.path_of(render.address)


def pictures(path: Path) -> dict[float, NDArray[np.uint8]]:
    """Lightness of every picture by its time in tenths of a second."""
    with av.open(str(path)) as film:
        return {
            round(frame.time, 1): cast(Any, frame.to_ndarray(format="gray8"))
            for frame in film.decode(video=0)
        }


def loudness(path: Path) -> Callable[[float, float], float]:
    """A function that tells the greatest sample between two seconds."""
    with av.open(str(path)) as film:
        found = np.concatenate([frame.to_ndarray()[0] for frame in film.decode(audio=0)])
        rate = film.streams.audio[0].rate
    return lambda start, end: float(np.abs(found[round(start * rate) : round(end * rate)]).max())
