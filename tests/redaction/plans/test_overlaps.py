"""Which places of one side are open in what looks the same."""

from typing import Any

import pytest

from redaction import marks as marks_format
from redaction.plans import overlaps
from redaction.plans.overlaps import Side, open_places

FACE = {"id": "face", "kind": "box", "page": 1, "rect": [100, 100, 140, 160]}
PLATE = {"id": "plate", "kind": "box", "page": 1, "rect": [300, 200, 360, 220]}
HOUR = (3600.0,)


def a_side(
    kind: str, *marks: dict[str, Any], shape: tuple[float, ...] = (400.0, 300.0), page: int = 1
) -> Side:
    return Side(marks_format.parse({"version": 1, "marks": list(marks)}), kind, page, shape)


def ids(one: Side, other: Side) -> list[str]:
    found = open_places(one, other)
    assert found is not None
    return [mark.id for mark in found]


def box(name: str, *rect: float, page: int = 1) -> dict[str, Any]:
    return {"id": name, "kind": "box", "page": page, "rect": list(rect)}


def region(name: str, start: float, end: float, *frames: tuple[float, float]) -> dict[str, Any]:
    """A box a fifth of the picture wide, at (t, x) moving to the next."""
    keyframes = [{"t": t, "rect": [x, 0.4, 0.2, 0.2]} for t, x in frames or ((start, 0.4),)]
    return {"id": name, "kind": "region", "start": start, "end": end, "keyframes": keyframes}


def span(name: str, kind: str, start: float, end: float) -> dict[str, Any]:
    return {"id": name, "kind": kind, "start": start, "end": end}


def test_a_picture_of_another_size_covers_by_its_share_of_the_whole() -> None:
    one = a_side("picture", FACE, PLATE)
    half = a_side("picture", box("a", 50, 50, 70, 80), shape=(200.0, 150.0))

    assert ids(one, half) == ["plate"]
    assert ids(half, one) == []


@pytest.mark.parametrize(
    ("rect", "is_open"),
    [
        ((98, 97, 143, 162), False),  # drawn more loosely
        ((104, 103, 138, 158), False),  # and more tightly
        ((100, 100, 118, 160), True),  # less than half a face
        ((200, 100, 240, 160), True),
    ],
)
def test_two_people_draw_a_face_a_little_differently(rect: tuple[float, ...], is_open: bool) -> None:
    assert ids(a_side("picture", FACE), a_side("picture", box("b", *rect))) == (["face"] if is_open else [])


def test_two_boxes_together_cover_a_place() -> None:
    halves = a_side("picture", box("l", 100, 100, 120, 160), box("r", 120, 100, 140, 160))

    assert ids(a_side("picture", FACE), halves) == []


def test_pages_are_compared_in_points_and_each_by_itself() -> None:
    one = a_side("page", {**FACE, "page": 2}, {**PLATE, "page": 1}, page=2, shape=())
    same_place = a_side("page", {**FACE, "id": "x", "page": 7}, page=7, shape=())
    whole = a_side("page", {"id": "w", "kind": "page", "page": 7}, page=7, shape=())

    assert ids(one, same_place) == []
    assert ids(one, whole) == []
    assert ids(whole, one) == ["w"]


def test_what_is_withheld_whole_covers_all_and_is_covered_by_nothing_less() -> None:
    whole = a_side("picture", {"id": "all", "kind": "withhold"})

    assert ids(a_side("picture", FACE), whole) == []
    assert ids(whole, a_side("picture", FACE)) == ["all"]
    assert ids(whole, whole) == []


def test_a_moving_box_is_covered_only_by_one_that_moves_with_it() -> None:
    car = a_side("film", region("car", 2, 10, (2, 0.0), (10, 0.8)), shape=(20.0,))
    same = a_side("film", region("b", 2, 10, (2, 0.0), (6, 0.4), (10, 0.8)), shape=(20.0,))
    still = a_side("film", region("c", 2, 10, (2, 0.4)), shape=(20.0,))
    dark = a_side("film", span("d", "frame", 0, 20), shape=(20.0,))

    assert ids(car, same) == []
    assert ids(car, still) == ["car"]
    assert ids(car, dark) == []


def test_a_film_played_at_another_pace_is_laid_over_by_its_length() -> None:
    one = a_side("film", region("car", 10, 20), shape=(60.0,))
    slower = a_side("film", region("b", 20, 40), shape=(120.0,))
    elsewhen = a_side("film", region("c", 10, 20), shape=(120.0,))

    assert ids(one, slower) == []
    assert ids(one, elsewhen) == ["car"]


def test_a_film_that_starts_a_moment_later_and_a_span_that_ends_too_early() -> None:
    one = a_side("film", region("car", 10, 20), shape=(60.0,))
    later = a_side("film", region("b", 10.4, 20.4), shape=(60.0,))
    shorter = a_side("film", region("c", 10, 17), shape=(60.0,))

    assert ids(one, later) == []
    assert ids(one, shorter) == ["car"]


def test_what_is_said_is_covered_by_silence_and_a_cut_by_a_cut_or_both() -> None:
    name, cut = span("n", "mute", 5, 7), span("x", "cut", 5, 7)
    film = (30.0,)

    assert ids(a_side("film", name, shape=film), a_side("film", cut, shape=film)) == []
    assert ids(a_side("film", name, shape=film), a_side("film", span("f", "frame", 0, 30), shape=film)) == [
        "n"
    ]
    assert ids(a_side("film", cut, shape=film), a_side("film", name, shape=film)) == ["x"]
    both = a_side("film", name, span("f", "frame", 5, 7), shape=film)
    assert ids(a_side("film", cut, shape=film), both) == []
    words = {"id": "w", "kind": "mute", "literal": "Maria"}
    assert a_side("film", words).places == []  # words are compared as words


@pytest.mark.parametrize(
    ("kind", "theirs", "is_open"),
    [
        ("frame", [(0, 3425)], True),  # three minutes at the end
        ("mute", [(0, 1700), (1780, 3600)], True),
        ("cut", [(0, 1700), (1701.5, 3600)], True),
        ("mute", [(0, 900), (900.9, 1800), (1800.9, 2700), (2700.9, 3600)], True),  # a name in each
        ("mute", [(0, 900), (900.8, 3600)], False),
        ("frame", [(0.4, 1800), (1800, 3600)], False),
    ],
)
def test_what_is_open_of_a_long_span_is_told_by_the_second(
    kind: str, theirs: list[tuple[float, float]], is_open: bool
) -> None:
    one = a_side("film", span("long", kind, 0, 3600), shape=HOUR)
    other = a_side("film", *(span(f"t{at}", kind, *row) for at, row in enumerate(theirs)), shape=HOUR)

    assert ids(one, other) == (["long"] if is_open else [])


@pytest.mark.parametrize(
    ("theirs", "is_open"),
    [
        ((5.4, 6.2), False),  # half a second apart and a bit less
        ((4.63, 5.43), False),
        ((5.2, 5.8), True),
        ((6.5, 7.3), True),
    ],
)
def test_what_is_said_in_a_moment_is_covered_all_but_whole(
    theirs: tuple[float, float], is_open: bool
) -> None:
    one = a_side("film", span("name", "mute", 5, 5.8), shape=(60.0,))
    other = a_side("film", span("t", "mute", *theirs), shape=(60.0,))

    assert ids(one, other) == (["name"] if is_open else [])


@pytest.mark.parametrize(
    ("times", "seconds", "is_open"),
    [(1, 3.0, True), (1, 0.7, False), (4, 0.7, False), (12, 0.7, True)],
)
def test_a_box_that_leaves_its_place_for_seconds_of_an_hour_is_told(
    times: int, seconds: float, is_open: bool
) -> None:
    moves = [(0.0, 0.4)]
    for at in range(200, 200 + 120 * times, 120):
        moves += [(at, 0.4), (at + 0.01, 0.8), (at + seconds - 0.01, 0.8), (at + seconds, 0.4)]
    one = a_side("film", region("face", 0, 3600), shape=HOUR)
    other = a_side("film", region("wanders", 0, 3600, *moves), shape=HOUR)

    assert ids(one, other) == (["face"] if is_open else [])


@pytest.mark.parametrize(("hole", "is_open"), [(2.0, True), (0.8, False)])
def test_a_face_marked_in_pieces_is_open_where_none_of_them_is(hole: float, is_open: bool) -> None:
    pieces = [region(f"p{at}", at * 36, at * 36 + 36 - (hole if at == 50 else 0)) for at in range(100)]
    one = a_side("film", region("face", 0, 3600), shape=HOUR)

    assert ids(one, a_side("film", *pieces, shape=HOUR)) == (["face"] if is_open else [])


def test_a_whole_picture_is_made_up_for_by_boxes_that_hide_most_of_it() -> None:
    large = {"id": "l", "kind": "region", "start": 0, "end": 20}
    large["keyframes"] = [{"t": 0, "rect": [0, 0, 1, 0.7]}]
    one = a_side("film", span("dark", "frame", 5, 15), shape=(20.0,))

    assert ids(one, a_side("film", large, shape=(20.0,))) == []
    assert ids(one, a_side("film", {**large, "end": 12}, shape=(20.0,))) == ["dark"]
    assert ids(one, a_side("film", region("small", 0, 20), shape=(20.0,))) == ["dark"]


def test_without_marks_on_one_side_all_of_the_other_are_open_measured_or_not() -> None:
    bare, marked = a_side("picture", shape=()), a_side("picture", FACE, PLATE, shape=())

    assert ids(marked, bare) == ["face", "plate"]
    assert ids(bare, marked) == []


def test_what_cannot_be_laid_over_is_not_guessed(monkeypatch: pytest.MonkeyPatch) -> None:
    one = a_side("picture", FACE, PLATE)

    assert open_places(one, a_side("picture", FACE, shape=())) is None
    monkeypatch.setattr(overlaps, "MOST", 1)
    assert open_places(one, a_side("picture", FACE)) is None
