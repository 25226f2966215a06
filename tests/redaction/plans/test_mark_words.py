from typing import Any

import pytest

from redaction.plans.mark_words import named, told

MARKS: list[dict[str, Any]] = [
    {"id": "column-1", "kind": "column", "name": "plate", "action": "mask"},
    {"id": "column-10", "kind": "column", "name": "time", "action": "release"},
    {"id": "home-1", "kind": "home", "radius_m": 0},
]


@pytest.mark.parametrize(
    ("entry", "name"),
    [
        (MARKS[0], "the column “plate”"),
        ({"kind": "text", "literal": "x" * 61}, f"the search for words “{'x' * 60}…”"),
        ({"kind": "own_plate", "column": "p", "plate": "8ABC123"}, "the own plate “8ABC123”"),
        ({"kind": "box", "page": 3}, "the box on page 3"),
        ({"kind": "page", "page": 3}, "the page 3"),
        ({"kind": "cut", "start": 62, "end": 70.5}, "the cut from 1:02 to 1:10.50"),
        ({"kind": "region", "start": 3599, "end": 3661}, "the region from 59:59 to 1:01:01"),
        (MARKS[2], "the take-off circle"),
        ({"kind": "strange"}, "the strange"),
    ],
)
def test_a_mark_has_a_name(entry: dict[str, Any], name: str) -> None:
    assert named(entry) == name


@pytest.mark.parametrize(
    ("said", "words"),
    [
        (
            "Mark column-10: this column has a second mark; one of the two must go.",
            "The column “time”: this column has a second mark; one of the two must go.",
        ),
        (
            "Mark home-1: radius_m must be greater than 0.",
            "The take-off circle: the radius must be greater than 0.",
        ),
        ("Mark home-1: needs grid_deg, altitude or time.",
         "The take-off circle: needs the grid, altitude or time."),
        ("Mark column-1: to belongs to the action coarsen, which needs it.",
         "The column “plate”: how coarse belongs to the action coarsen, which needs it."),
        ("Mark other: is not covered.", "Mark other: is not covered."),
        ("Mark column-1: there is no 'k must', only mark column-10.",
         "The column “plate”: there is no 'k must', only the column “time”."),
        ("the film has no picture.", "The film has no picture."),
    ],
)  # fmt: skip
def test_a_refusal_speaks_of_the_form(said: str, words: str) -> None:
    assert told(said, MARKS) == words


def test_a_refusal_without_marks_stays() -> None:
    assert told("k is missing.", []) == "The smallest group is missing."
