"""Pictures, films and pages that look the same, and what only one of the two withholds."""

import itertools
from io import BytesIO
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from PIL import Image, ImageOps

from redaction import traits
from redaction.marks import parse
from redaction.plans import look_alikes, readiness, settling
from redaction.plans import services as plans
from redaction.plans.finding_models import Finding, Likeness
from redaction.plans.models import Plan, Render, Review
from requests_app.custody.models import ResponsiveRecord
from requests_app.docket.models import RecordsRequest
from tests.builders import NOON
from tests.redaction.picture_builders import a_scene
from tests.redaction.plans.plan_builders import a_plan, a_review, an_approval, an_approver
from tests.redaction.plans.sameness_builders import a_case, made
from tests.requests_app.custody.record_builders import a_pdf, a_record, an_analyst

pytestmark = pytest.mark.django_db

FACE, PLATE = (40, 40, 80, 100), (120, 150, 200, 180)


def a_photo(
    picture: Image.Image, *, request: RecordsRequest | None = None, kind: str = "png", **more: Any
) -> ResponsiveRecord:
    out = BytesIO()
    picture.save(out, "JPEG" if kind == "jpg" else kind, **more)
    return a_record(content=out.getvalue(), name=f"photo.{kind}", title="Photo", request=request)


def boxes(*rects: tuple[float, ...], by: float = 1, reason: str = "MINOR") -> dict[str, Any]:
    marks = [
        {"id": f"b{n}", "kind": "box", "page": 1, "rect": [by * side for side in rect], "reason": reason}
        for n, rect in enumerate(rects)
    ]
    return {"version": 1, "marks": marks}


def told(render: Render) -> list[tuple[str, bool, str]]:
    return list(render.findings.values_list("same", "open_here", "places"))


def settle(finding: Finding, outcome: str = "leave") -> None:
    review = Review.objects.get(pk=finding.review_id)
    settling.settle(
        review=review, finding=finding.pk, outcome=outcome, why="seen", actor=an_analyst(), at=NOON
    )


@pytest.mark.parametrize(
    "other",
    [
        lambda scene: (scene.resize((400, 400)), "png", {}),
        lambda scene: (scene, "jpg", {"quality": 30}),
        lambda scene: (scene.crop((4, 0, 236, 238)), "jpg", {"quality": 80}),
    ],
    ids=["another size", "recompressed", "an edge cut away"],
)
def test_a_picture_marked_here_and_without_marks_in_another_guise_is_found(other: Any) -> None:
    request = a_case()
    picture, kind, more = other(a_scene())
    there = made(a_photo(picture, request=request, kind=kind, **more), boxes())

    here = made(a_photo(a_scene(), request=request), boxes(FACE))

    finding = here.findings.get()
    assert (finding.same, finding.open_here, finding.other) == ("picture", False, there.review.record)
    assert (finding.mark_id, finding.places) == ("b0", "")


def test_marks_there_that_this_picture_lacks_are_found_from_here() -> None:
    request = a_case()
    a_plan(review=made(a_photo(a_scene(), request=request), boxes()).review, marks=boxes(FACE))

    here = made(a_photo(a_scene().resize((300, 300)), request=request), boxes())

    assert told(here) == [("picture", True, "")]
    assert here.findings.get().mark_id == ""


def test_two_copies_marked_alike_at_other_sizes_are_no_finding() -> None:
    request = a_case()
    made(a_photo(a_scene().resize((480, 480)), request=request), boxes(FACE, PLATE, by=2))

    here = made(a_photo(a_scene(), request=request), boxes(FACE, PLATE))

    assert told(here) == []


def test_both_marked_and_differently_is_told_both_ways_and_stops_the_approval() -> None:
    request = a_case()
    elsewhere = (10, 200, 40, 230)
    made(a_photo(a_scene().resize((480, 480)), request=request), boxes(FACE, elsewhere, by=2, reason="PLATE"))

    here = made(a_photo(a_scene(), request=request), boxes(FACE, PLATE))

    said = "both marked, differently: of 2 withheld {} 1 × box ({}) left open; 2 withheld {}"
    assert told(here) == [
        ("picture", False, said.format("here", "MINOR", "there")),
        ("picture", True, said.format("there", "PLATE", "here")),
    ]
    assert here.findings.get(open_here=False).mark_id == "b1"
    review = Review.objects.get(pk=here.review_id)
    with pytest.raises(readiness.StillOpen, match="2 places have"):
        plans.approve(review=review, approver=an_approver(), at=NOON, render_sha256=here.sha256)
    for finding in here.findings.all():
        settle(finding)
    plans.approve(review=review, approver=an_approver(), at=NOON, render_sha256=here.sha256)
    assert Review.objects.get(pk=review.pk).status == "approved"


def test_what_was_decided_stands_until_other_places_are_open() -> None:
    request = a_case()
    made(a_photo(a_scene().resize((480, 480)), request=request), boxes(FACE, by=2))
    here = made(a_photo(a_scene(), request=request), boxes(FACE, PLATE))
    settle(here.findings.get())

    again = made(here.review.record, boxes(FACE, PLATE, (0, 0, 4, 4)))
    settle(again.findings.get())
    same = made(here.review.record, boxes(FACE, PLATE, (0, 0, 4, 4), reason="PLATE"))

    assert again.findings.get().key != here.findings.get().key
    assert same.findings.get().key == again.findings.get().key


def test_what_was_released_before_in_another_request_is_compared_and_followed_up() -> None:
    before = an_approval(render=made(a_photo(a_scene(), kind="jpg", quality=60), boxes(FACE))).review
    plans.release(review=before, actor=None, manifest="m")
    unreleased = a_photo(a_scene().resize((200, 200)))
    made(unreleased, boxes())

    here = made(a_photo(a_scene()), boxes(FACE, PLATE))

    finding = here.findings.get()
    assert (finding.other, finding.released, finding.open_here) == (before.record, True, False)
    assert settling.outcomes_of(finding) == ["leave", "follow_up"]
    settle(finding, "follow_up")


def test_pictures_that_only_resemble_each_other_are_no_finding() -> None:
    request = a_case()
    scene = a_scene()
    made(a_photo(ImageOps.mirror(scene), request=request), boxes())
    made(a_photo(scene.crop((60, 60, 240, 240)), request=request), boxes())
    made(a_photo(Image.new("RGB", (240, 240), "grey"), request=request), boxes())

    here = made(a_photo(scene, request=request), boxes(FACE))

    assert told(here) == []


def test_of_many_unrelated_pictures_none_are_taken_for_each_other(tmp_path: Path) -> None:
    values = [
        value for seed in range(60) for value in traits._differences(a_scene(seed, size=120))
    ]  # fmt: skip

    near = [pair for pair in itertools.combinations(values, 2) if traits.is_near(*pair)]

    assert len(values) > 55
    assert near == []


def test_a_picture_compared_before_it_was_measured_is_not_guessed_about() -> None:
    request = a_case()
    there = made(a_photo(a_scene().resize((480, 480)), request=request), boxes(FACE, by=2))
    mine = a_photo(a_scene(), request=request)
    plan = Plan(review=a_review(mine), version=1, marks=boxes(FACE), digest="d")
    before = {"picture": dict(look_alikes.kept([there.review.record.pk])[there.review.record.pk]["picture"])}

    found = list(look_alikes.found(mine, parse(plan.marks), before, [there.plan]))

    words = "both are marked, 1 × box (MINOR) here and 1 × box (MINOR) there; which places agree could"
    words += " not be told"
    assert [(row.kind, row.open_here, row.places) for row in found] == [("picture", False, words)]


def a_film(folder: Path, size: int, *, seed: int = 0) -> bytes:
    """Four scenes of two seconds each."""
    path = folder / f"{size}.mp4"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=4, options={"g": "4", "preset": "ultrafast"})
        stream.width = stream.height = size
        for number in range(32):
            scene = a_scene(seed + number // 8).resize((size, size))
            container.mux(stream.encode(av.VideoFrame.from_ndarray(np.asarray(scene), format="rgb24")))
        container.mux(stream.encode(None))
    return path.read_bytes()


def test_films_that_look_the_same_are_laid_over_each_other_in_place_and_time(tmp_path: Path) -> None:
    request = a_case()
    small = a_record(content=a_film(tmp_path, 120), name="a.mp4", request=request)
    large = a_record(content=a_film(tmp_path, 240), name="b.mp4", request=request)
    other = a_record(content=a_film(tmp_path, 160, seed=9), name="c.mp4", request=request)
    car = {
        "id": "car", "kind": "region", "start": 2.0, "end": 6.0, "reason": "MINOR",
        "keyframes": [{"t": 2.0, "rect": [0.0, 0.4, 0.2, 0.2]}, {"t": 6.0, "rect": [0.8, 0.4, 0.2, 0.2]}],
    }  # fmt: skip
    still = {**car, "keyframes": [{"t": 2.0, "rect": [0.0, 0.4, 0.2, 0.2]}]}
    made(other, {"version": 1, "marks": []})
    made(small, {"version": 1, "marks": [still]})

    here = made(large, {"version": 1, "marks": [car]})
    alike = made(large, {"version": 1, "marks": [still]})

    assert [row[:2] for row in told(here)] == [("film", False), ("film", True)]
    assert here.findings.get(open_here=False).mark_id == "car"
    assert told(alike) == []
    assert Likeness.objects.filter(kind="shape", value="8.000").count() == 3


def test_a_page_with_boxes_elsewhere_is_told_with_its_number() -> None:
    request = a_case()
    lines = (
        "Report of the officer on duty about what was seen and done",
        "It is the same in each copy",
    )
    one = a_record(content=a_pdf(*lines), name="a.pdf", request=request)
    two = a_record(content=a_pdf(*lines, pages=2), name="b.pdf", request=request)
    exact = {"kind": "box", "extent": "exact", "reason": "MINOR"}
    made(one, {"version": 1, "marks": [{"id": "a", "page": 1, "rect": [70, 60, 200, 80], **exact}]})

    here = made(two, {"version": 1, "marks": [{"id": "b", "page": 2, "rect": [70, 300, 200, 320], **exact}]})

    found = here.findings.filter(places__startswith="page 2 here, page 1 there; both marked, differently")
    assert sorted(found.values_list("open_here", flat=True)) == [False, True]
