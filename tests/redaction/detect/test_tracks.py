"""Following things through a film."""

import itertools
import random

import pytest

from redaction.detect.boxes import Found
from redaction.detect.tracks import Habits, Key, Track, Tracker
from redaction.engines.media.painting import rect_at

HABITS = Habits(pad=(0.35, 0.35), patience=2, hold=0.2, start=0.5)


def _box(x: float, y: float, *, side: float = 0.1, score: float = 0.9) -> Found:
    return Found(x, y, x + side, y + side, score)


def _followed(
    samples: list[tuple[float, list[Found]]], habits: Habits = HABITS, end: float = 0.0
) -> list[Track]:
    tracker = Tracker(habits)
    ended = [track for time, found in samples for track in tracker.feed(time, found)]
    return [*ended, *tracker.close(end or samples[-1][0])]


def _at(keys: list[Key], time: float) -> Found:
    frames = [{"t": at, "rect": [box.x0, box.y0, box.width, box.height]} for at, box in keys]
    x, y, w, h = rect_at(frames, time)
    return Found(x, y, x + w, y + h, 1)


def test_one_moving_thing_is_one_track_which_covers_it_between_the_samples() -> None:
    samples = [(n / 10, [_box(0.1 + n * 0.02, 0.4)]) for n in range(20)]

    [track] = _followed(samples)
    keys = track.finish()

    for tenth in range(190):
        time = tenth / 100
        assert _at(keys, time).holds(_box(0.1 + time * 0.2, 0.4).grown(0.35, 0.35), 1e-6)


def test_a_straight_movement_needs_few_keyframes() -> None:
    [track] = _followed([(n / 10, [_box(0.1 + n * 0.01, 0.4)]) for n in range(40)])

    assert len(track.finish()) <= 6


@pytest.mark.parametrize("seed", range(5))
def test_thinning_never_uncovers_what_was_seen(seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 - a walk, not a secret
    x, y, samples = 0.4, 0.4, []
    for number in range(120):
        x, y = (min(0.7, max(0.1, edge + chance.uniform(-0.02, 0.02))) for edge in (x, y))
        samples.append((number / 10, [_box(x, y, side=chance.uniform(0.08, 0.12))]))

    tracks = [track.finish() for track in _followed(samples)]

    for time, [box] in samples:
        needed = box.grown(0.35, 0.35).clipped(1, 1)
        assert any(
            _at(keys, time).holds(needed, 1e-6) for keys in tracks if keys[0][0] <= time <= keys[-1][0]
        )
    assert sum(map(len, tracks)) < len(samples)


def test_it_is_held_before_it_was_seen_and_after() -> None:
    [track] = _followed([(1.0, []), (1.1, [_box(0.4, 0.4)]), (1.2, [_box(0.4, 0.4)]), (1.3, [])])

    keys = track.finish()

    assert keys[0][0] == pytest.approx(0.9)
    assert keys[-1][0] == pytest.approx(1.4)


def test_it_is_held_to_the_sample_that_does_not_show_it_however_late() -> None:
    [track] = _followed([(0.0, []), (4.0, [_box(0.4, 0.4)]), (9.0, [])])

    keys = track.finish()

    assert (keys[0][0], keys[-1][0]) == (0.0, 9.0)


def test_what_the_last_sample_shows_is_held_to_the_end_of_the_film() -> None:
    [track] = _followed([(0.0, [_box(0.4, 0.4)]), (1.0, [_box(0.4, 0.4)])], end=1.9)

    assert track.finish()[-1][0] == 1.9


def test_the_last_hold_reaches_where_it_was_going() -> None:
    [track] = _followed([(n / 10, [_box(0.1 + n * 0.05, 0.4)]) for n in range(5)])

    _, last = track.finish()[-1]

    assert last.holds(_box(0.3, 0.4))
    assert last.holds(_box(0.4, 0.4))


def test_a_gap_is_bridged_in_a_straight_line() -> None:
    samples = [(n / 10, [] if n in (3, 4) else [_box(0.1 + n * 0.02, 0.4)]) for n in range(8)]

    [track] = _followed(samples)

    assert _at(track.finish(), 0.35).holds(_box(0.17, 0.4))


def test_after_too_long_a_gap_a_new_track_begins() -> None:
    samples = [(n / 10, [_box(0.4, 0.4)] if n < 3 or n > 8 else []) for n in range(12)]

    assert len(_followed(samples)) == 2


def test_a_single_unsure_sighting_is_let_go_and_a_single_sure_one_is_kept() -> None:
    unsure, sure = _box(0.1, 0.1, score=0.3), _box(0.6, 0.6, score=0.8)

    tracks = _followed([(0.0, [unsure, sure]), *((n / 10, []) for n in range(1, 6))])

    assert [track.best for track in tracks] == [0.8]


def test_unsure_sightings_that_go_on_are_believed() -> None:
    tracks = _followed([(n / 10, [_box(0.1, 0.1, score=0.3)]) for n in range(3)])

    assert [track.sightings for track in tracks] == [3]


def test_two_things_side_by_side_keep_their_own_tracks() -> None:
    samples = [(n / 10, [_box(0.2, 0.1 + n * 0.01), _box(0.6, 0.5 - n * 0.01)]) for n in range(10)]

    tracks = _followed(samples)

    assert sorted(round(track.last[1].x0, 1) for track in tracks) == [0.2, 0.6]
    assert all(track.sightings == 10 for track in tracks)


def test_a_fast_thing_is_found_where_it_is_expected() -> None:
    samples = [(n / 10, [_box(0.05 + n * 0.15 if n else 0.12, 0.4)]) for n in range(6)]

    assert len(_followed(samples)) == 1


def test_keyframes_are_in_order_of_time_and_inside_the_picture() -> None:
    [track] = _followed([(n / 10, [_box(0.95 - n * 0.01, 0.0)]) for n in range(10)])

    keys = track.finish()

    assert all(first[0] < second[0] for first, second in itertools.pairwise(keys))
    assert all(0 <= box.x0 < box.x1 <= 1 and 0 <= box.y0 < box.y1 <= 1 for _, box in keys)


def test_a_still_thing_gets_a_keyframe_now_and_then_so_that_memory_stays_small() -> None:
    tracker = Tracker(HABITS)
    for number in range(1000):
        tracker.feed(number / 10, [_box(0.4, 0.4)])

    [track] = tracker.close(100)

    assert len(track.pending) <= 50
    assert len(track.finish()) <= 25
