"""What networks answer, turned into boxes; the built-in text detector on pictures that are drawn here."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from redaction.detect import models
from redaction.detect.boxes import Found, shared
from redaction.detect.models import THRESHOLDS
from redaction.detect.networks import CONVENTIONS, Network
from tests.redaction.street_builders import a_street

BLANK = np.zeros((64, 128, 3), np.uint8)


def _saying(*answer: NDArray[np.float32]) -> Callable[[NDArray[np.float32]], list[Any]]:
    return lambda _: list(answer)


def test_every_way_to_answer_has_a_threshold() -> None:
    assert set(CONVENTIONS) == set(THRESHOLDS)


def test_centerface_gives_boxes_from_centres_sizes_and_offsets() -> None:
    heat = np.zeros((1, 1, 16, 32), np.float32)
    sizes, offsets = np.zeros((1, 2, 16, 32), np.float32), np.zeros((1, 2, 16, 32), np.float32)
    heat[0, 0, 5, 10] = 0.8
    sizes[0, :, 5, 10] = np.log(5), np.log(4)  # height, width in steps of four pixels
    offsets[0, :, 5, 10] = 0.25, -0.25  # down, across
    network = Network(_saying(heat, sizes, offsets, heat), "centerface", 0.2)

    [box] = network.find(BLANK, 640)

    assert [box.x0, box.y0, box.x1, box.y1] == pytest.approx([33, 13, 49, 33])
    assert box.score == pytest.approx(0.8)


def test_centerface_says_a_face_once() -> None:
    heat = np.zeros((1, 1, 16, 32), np.float32)
    heat[0, 0, 5, 10:13] = 0.5, 0.9, 0.6
    sizes = np.full((1, 2, 16, 32), np.log(6), np.float32)

    found = Network(_saying(heat, sizes, sizes * 0, heat), "centerface", 0.2).find(BLANK, 640)

    assert [round(box.score, 1) for box in found] == [0.9]


def test_text_is_grown_back_from_its_shrunken_map() -> None:
    surface = np.zeros((1, 1, 64, 128), np.float32)
    surface[0, 0, 30:36, 40:80] = 0.9

    [box] = Network(_saying(surface), "dbnet", 0.5).find(BLANK, 640)

    assert box.x0 < 38
    assert box.x1 > 82
    assert 20 < box.y0 < 28
    assert 38 < box.y1 < 46


def test_faint_and_tiny_text_is_let_go() -> None:
    surface = np.zeros((1, 1, 64, 128), np.float32)
    surface[0, 0, 30:36, 40:80] = 0.4
    surface[0, 0, 5, 5:50] = 0.9

    assert Network(_saying(surface), "dbnet", 0.5).find(BLANK, 640) == []


def test_yolo_keeps_the_wanted_classes_above_the_threshold() -> None:
    answer = np.array(
        [[64, 64, 20], [32, 32, 10], [20, 20, 8], [10, 10, 4], [0.9, 0.1, 0.0], [0.0, 0.0, 0.8]], np.float32
    )[None]

    every = Network(_saying(answer), "yolo", 0.25).find(BLANK, 640)
    first = Network(_saying(answer), "yolo", 0.25, classes=(0,)).find(BLANK, 640)
    none = Network(_saying(answer), "yolo", 0.25, classes=(7,)).find(BLANK, 640)

    assert sorted((box.x0, box.x1) for box in every) == [(16, 24), (54, 74)]
    assert [(box.x0, box.y0, box.x1, box.y1) for box in first] == [(54, 27, 74, 37)]
    assert none == []


def test_end2end_reads_a_row_for_each_box() -> None:
    answer = np.array(
        [[0, 1, 2, 30, 20, 0, 0.9], [0, 5, 5, 9, 9, 1, 0.9], [0, 1, 1, 2, 2, 0, 0.1]], np.float32
    )

    found = Network(_saying(answer), "end2end", 0.25, classes=(0,)).find(BLANK, 640)

    assert [(box.x0, box.y0, box.x1, box.y1) for box in found] == [(1, 2, 30, 20)]


def test_a_network_of_one_size_gets_that_size_and_its_boxes_are_scaled_back() -> None:
    seen: list[tuple[int, ...]] = []

    def run(picture: NDArray[np.float32]) -> list[NDArray[np.float32]]:
        seen.append(picture.shape)
        return [np.array([[0, 48, 48, 96, 96, 0, 0.9]], np.float32)]

    [box] = Network(run, "end2end", 0.25, size=96).find(BLANK, 640)

    assert seen == [(1, 3, 96, 96)]
    assert (box.x0, box.y0, box.x1, box.y1) == (64, 32, 128, 64)


@pytest.mark.parametrize(("longest", "enlarge", "width"), [(64, 1.0, 64), (640, 1.0, 128), (640, 2.0, 256)])
def test_a_picture_is_made_as_large_as_is_asked(longest: int, enlarge: float, width: int) -> None:
    seen: list[int] = []

    def run(picture: NDArray[np.float32]) -> list[NDArray[np.float32]]:
        seen.append(picture.shape[3])
        return [np.zeros((0, 7), np.float32)]

    Network(run, "end2end", 0.25).find(BLANK, longest, enlarge)

    assert seen == [width]


def test_boxes_outside_the_picture_are_let_go() -> None:
    answer = np.array([[0, 200, 2, 300, 20, 0, 0.9]], np.float32)

    assert Network(_saying(answer), "end2end", 0.25).find(BLANK, 640) == []


def test_the_text_detector_finds_words_drawn_on_plates() -> None:
    picture, places = a_street([("7ABC123", 60, 80), ("KLM 4471", 380, 300), ("EVIDENCE", 120, 400)])
    network = models.load(models.find("text"))

    found = network.find(np.asarray(picture), 640)

    for place in places:
        wanted = Found(*place, 1.0)
        covered = sum(shared(box, wanted) for box in found)
        assert covered > 0.8 * wanted.width * wanted.height


def test_the_face_detector_runs_on_a_picture_of_any_size_and_sees_no_face_in_noise() -> None:
    network = models.load(models.find("faces"))
    noise = np.random.default_rng(3).integers(0, 255, (211, 333, 3), dtype=np.uint8)

    assert [box for box in network.find(noise, 640) if box.score > 0.35] == []
