"""Rectangles: growing, holding, and which of several are the same."""

from redaction.detect.boxes import Found, distinct, overlap


def test_growing_spreads_a_share_over_both_sides() -> None:
    assert Found(10, 10, 20, 30, 1).grown(0.5, 0.1) == Found(7.5, 9, 22.5, 31, 1)


def test_a_box_outside_the_picture_has_no_area_left() -> None:
    box = Found(-20, 5, -10, 15, 1).clipped(100, 100)

    assert (box.width, box.height) == (0, 10)


def test_boxes_without_area_do_not_overlap() -> None:
    assert overlap(Found(1, 1, 1, 1, 1), Found(1, 1, 1, 1, 1)) == 0


def test_of_boxes_on_one_another_the_surest_stays() -> None:
    sure, unsure, other = Found(0, 0, 10, 10, 0.9), Found(1, 1, 11, 11, 0.5), Found(50, 0, 60, 10, 0.3)

    assert distinct([unsure, other, sure], 0.3) == [sure, other]


def test_joining_holds_both() -> None:
    first, second = Found(0, 0, 2, 2, 0.2), Found(5, 1, 6, 9, 0.7)

    joined = first.joined(second)

    assert joined.holds(first)
    assert joined.holds(second)
    assert not first.holds(joined)
