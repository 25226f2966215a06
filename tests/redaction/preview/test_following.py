"""A box drawn once and followed: how near it stays, and where and why it stops."""

import sys
from math import sin
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from redaction.preview import flow, following
from redaction.preview.flow import Follower, NoFlow
from redaction.preview.following import follow, thinned
from redaction.report import Refused
from tests.redaction.preview.moving_builders import SIZE, THING, Place, Scene, a_moving_film, rect, worst


def sway(time: float) -> tuple[float, float]:
    return 20 + 25 * time, 60 + 30 * sin(time)


def straight(speed: float) -> Place:
    return lambda time: (20 + speed * time, 60)


def run(
    path: Path, place: Place, t: float = 0, direction: str = "forward", until: float | None = None
) -> Any:
    """Followed by somebody with all the time in the world, for a slow machine would end it early."""
    return follow(str(path), t, rect(place(t)), direction, until, 0, clock=lambda: 0.0)


@pytest.fixture(scope="module")
def swaying(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return a_moving_film(tmp_path_factory.mktemp("swaying") / "m.mp4", Scene(sway, seconds=8.2))


def test_a_moving_thing_is_followed_for_eight_seconds_within_a_fiftieth(swaying: Path) -> None:

    found = run(swaying, sway, until=8)

    assert found["stopped"]["why"] == "until"
    assert found["stopped"]["t"] == pytest.approx(8)
    assert worst(found["keyframes"], sway) < 0.02
    assert 2 < len(found["keyframes"]) < 60


def test_it_is_followed_back_to_the_beginning(swaying: Path) -> None:

    found = run(swaying, sway, t=5, direction="back")

    assert found["stopped"]["why"] == "end"
    times = [key["t"] for key in found["keyframes"]]
    assert times == sorted(times)
    assert (times[0], times[-1]) == (0, 5)
    assert worst(found["keyframes"], sway) < 0.02


def test_following_back_stops_where_it_was_asked_to(swaying: Path) -> None:

    found = run(swaying, sway, t=3, direction="back", until=1)

    assert found["stopped"]["why"] == "until"
    assert found["keyframes"][0]["t"] == pytest.approx(1)


@pytest.mark.parametrize(
    ("scene", "why", "between"),
    [
        (Scene(straight(40), pole=(130, 200)), "lost", (1.4, 2.5)),  # it touches the pole at 1.55 s
        (Scene(straight(80), seconds=5), "edge", (3.6, 3.8)),  # it is out of the picture at 3.75 s
        (Scene(straight(10), changes_at=2), "cut", (1.9, 2.0)),
        (Scene(straight(10), seconds=2), "end", (1.9, 2.0)),
    ],
    ids=["covered", "edge", "cut", "end"],
)
def test_it_stops_where_the_thing_is_gone(
    tmp_path: Path, scene: Scene, why: str, between: tuple[float, float]
) -> None:
    film = a_moving_film(tmp_path / "m.mp4", scene)

    stopped = run(film, scene.place)["stopped"]

    assert stopped["why"] == why
    assert between[0] <= stopped["t"] <= between[1]
    assert stopped["message"].endswith(".")


def test_a_thing_without_features_is_followed_by_its_outline(tmp_path: Path) -> None:
    film = a_moving_film(tmp_path / "m.mp4", Scene(straight(25), plain=True))

    found = run(film, straight(25), until=3)

    assert found["stopped"]["why"] == "until"
    assert worst(found["keyframes"], straight(25)) < 0.02


def test_a_thing_that_leaps_from_picture_to_picture_is_searched_for(tmp_path: Path) -> None:
    film = a_moving_film(tmp_path / "m.mp4", Scene(straight(85), fps=5, seconds=2.4))

    found = run(film, straight(85), until=2)

    assert found["stopped"]["why"] == "until"
    assert worst(found["keyframes"], straight(85)) < 0.02


def test_what_sticks_out_of_the_picture_comes_back_inside(tmp_path: Path) -> None:
    film = a_moving_film(tmp_path / "m.mp4", Scene(straight(80), seconds=5))

    rects = [key["rect"] for key in run(film, straight(80))["keyframes"]]

    assert all(rect[0] >= 0 and rect[0] + rect[2] <= 1 and rect[2] > 0 for rect in rects)
    assert rects[-1][2] < THING[0] / SIZE[0] / 4  # it is masked until nothing of it is left


def test_what_stays_half_in_the_picture_and_is_covered_there_is_lost(tmp_path: Path) -> None:
    scene = Scene(lambda time: (SIZE[0] - 30, 60), pole=(300, 320), seconds=1)
    film = a_moving_film(tmp_path / "m.mp4", scene)
    blank = np.zeros((SIZE[1], SIZE[0]), np.uint8)
    grey = next(following._Reel(film, 0, 0, 1).forwards())[1]
    chase = following._Chase(Follower(grey, (SIZE[0] - 30, 60, *THING)), *SIZE)

    assert chase.step(blank) is None


def test_long_films_are_followed_in_pieces(swaying: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(following, "LONGEST", 1.0)

    ahead, back = run(swaying, sway, t=1, until=3.5), run(swaying, sway, t=3, direction="back")

    assert (ahead["stopped"]["why"], ahead["stopped"]["t"]) == ("limit", 2)
    assert (back["stopped"]["why"], back["stopped"]["t"]) == ("limit", pytest.approx(2))


def test_patience_ends_a_call_with_what_there_is(swaying: Path) -> None:
    ticks = iter(range(0, 1000, 7))

    found = follow(str(swaying), 0, rect(sway(0)), "forward", None, 0, clock=lambda: next(ticks))

    assert found["stopped"]["why"] == "limit"
    assert 0 < found["stopped"]["t"] < 1


def test_a_box_too_small_is_refused(swaying: Path) -> None:

    with pytest.raises(Refused, match="too small"):
        follow(str(swaying), 0, [0.1, 0.1, 0.01, 0.01], "forward", None, 0)


def test_a_moment_past_the_end_follows_the_last_picture_nowhere(swaying: Path) -> None:

    with pytest.raises(Refused, match="no picture"):
        follow(str(swaying), 30, rect(sway(0)), "forward", None, 0)


def test_a_picture_of_another_size_is_another_scene() -> None:
    small, large = np.zeros((90, 160), np.uint8), np.zeros((180, 320), np.uint8)

    times, _boxes, why = following._walk(
        iter([(0.0, small), (0.1, large)]), [0.2, 0.2, 0.4, 0.4], lambda: 0.0
    )

    assert (times, why) == ([0.0], "cut")


def test_a_picture_in_ten_bits_is_seen_as_any_other(tmp_path: Path) -> None:
    with av.open(str(tmp_path / "deep.mkv"), "w") as out:
        stream: Any = out.add_stream("ffv1", rate=5)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p10le"
        picture = np.full((48, 64, 3), 128, np.uint8)
        out.mux(
            stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24").reformat(format="yuv420p10le"))
        )
        out.mux(stream.encode(None))

    ((_start, grey),) = following._Reel(tmp_path / "deep.mkv", 0, 0, 5).forwards()

    assert 110 < grey.mean() < 145


def test_without_opencv_it_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "cv2", None)

    with pytest.raises(NoFlow, match="set the box by hand"):
        flow.library()


def test_a_thing_that_vanishes_is_lost() -> None:
    rows = np.random.default_rng(5).integers(0, 255, (45, 80), np.uint8)
    picture = rows.repeat(4, axis=0).repeat(4, axis=1)
    follower = Follower(picture, (100, 60, 60, 40))

    assert follower.step(np.full_like(picture, 90)) is None


def test_thinning_keeps_straight_lines_near_the_way() -> None:
    times = np.linspace(0, 8, 241)
    boxes = np.stack(
        [0.1 + 0.05 * times, 0.3 + 0.1 * np.sin(times), 0 * times + 0.2, 0 * times + 0.1], axis=1
    )

    kept = sorted(thinned(times, boxes))

    line = np.interp(times, times[kept], boxes[kept, 1])
    assert np.abs(line - boxes[:, 1]).max() <= 0.01 * 0.2
    assert 4 < len(kept) < 60


def test_a_thing_at_rest_needs_two_keyframes() -> None:
    times = np.linspace(0, 8, 241)

    assert thinned(times, np.tile([0.1, 0.2, 0.3, 0.4], (241, 1))) == {0, 240}
