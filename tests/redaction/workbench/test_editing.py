import pytest

from redaction.marks import parse
from redaction.workbench import editing


def marks(*kinds: str) -> editing.Marks:
    found = editing.empty()
    for kind in kinds:
        found = editing.add(found, {"kind": kind, "page": 1})
    return found


def test_add_numbers_marks_by_kind_and_leaves_the_old_list_alone() -> None:
    before = marks("page", "page")

    after = editing.add(before, {"kind": "page", "page": 7})

    assert [mark["id"] for mark in after["marks"]] == ["page-1", "page-2", "page-3"]
    assert len(before["marks"]) == 2


def test_add_never_gives_an_id_twice() -> None:
    kept = editing.remove(marks("page", "page", "page"), "page-2")

    assert editing.next_id(kept, "page") == "page-4"
    assert editing.next_id(kept, "box") == "box-1"


def test_remove_names_a_mark_that_is_not_there() -> None:
    with pytest.raises(KeyError):
        editing.remove(marks("page"), "page-9")


def test_set_columns_replaces_columns_and_keeps_the_rest() -> None:
    before = {
        "version": 1,
        "marks": [
            {"id": "column-1", "kind": "own_plate", "column": "plate", "plate": "X"},
            {"id": "old", "kind": "column", "name": "plate", "action": "drop"},
        ],
    }

    after = editing.set_columns(before, [{"name": "plate", "action": "release"}])

    assert [(mark["id"], mark["kind"]) for mark in after["marks"]] == [
        ("column-1-a", "column"),
        ("column-1", "own_plate"),
    ]
    assert len(parse(after)) == 2


@pytest.mark.parametrize(
    ("mark", "words"),
    [
        (
            {"kind": "box", "page": 2, "rect": [72, 36, 144, 54]},
            "page 2, 1 in across, 0.5 in down, 1 by 0.25 in",
        ),
        ({"kind": "box", "page": 2, "rect": [1, 2, 3, 4], "extent": "exact"}, "exactly"),
        ({"kind": "text", "literal": "Ann"}, "every “Ann”"),
        ({"kind": "text", "pattern": "ssn", "pages": [1, 3]}, "every ssn number or address on page 1, 3"),
        ({"kind": "page", "page": 4}, "the whole of page 4"),
        ({"kind": "mute", "start": 1, "end": 2.5}, "sound muted, 1 s to 2.5 s"),
        ({"kind": "cut", "start": 1, "end": 2.5}, "cut out, 1 s to 2.5 s"),
        ({"kind": "mute", "literal": "Ann"}, "every “Ann” spoken"),
        ({"kind": "frame", "start": 0, "end": 2}, "the whole picture, 0 s to 2 s"),
        (
            {"kind": "region", "start": 0, "end": 2, "keyframes": [{"rect": [0.1, 0.2, 0.3, 0.4]}] * 2},
            "10 % across, 20 % down, 30 by 40 %, moving over 2 positions",
        ),
        ({"kind": "column", "name": "at", "action": "coarsen", "to": "hour"}, "column at: coarsen to hour"),
        (
            {"kind": "rows", "keep": [{"column": "plate", "op": "eq", "value": "X"}]},
            "keep rows where plate eq X",
        ),
        ({"kind": "rows", "remove": [{"column": "a", "op": "ne", "value": 1}]}, "remove rows where a ne 1"),
        ({"kind": "withhold"}, "the whole record"),
        ({"kind": "own_plate", "column": "plate", "plate": "X"}, "own plate in column plate"),
        ({"kind": "home", "radius_m": 150, "reason": "ADDRESS"}, "150 m round take-off and landing"),
        (
            {"kind": "fence", "action": "cut", "polygon": [[0, 0]] * 5},
            "5 corners; inside it the flight is cut",
        ),
        ({"kind": "fence", "action": "generalise", "polygon": [[0, 0]] * 4}, "the flight is made coarser"),
        (
            {"kind": "generalise", "grid_deg": 0.001, "time": "relative"},
            "the whole flight coarser: positions to 0.001 degrees, time: relative",
        ),
        ({"kind": "generalise", "altitude": "drop"}, "the whole flight coarser: altitude: drop"),
        ({"kind": "fields", "release": ["speed"]}, "release ['speed']"),
    ],
)  # fmt: skip
def test_describe_puts_a_mark_in_words(mark: dict[str, object], words: str) -> None:
    assert words in editing.describe({"id": "m", **mark})


def test_a_place_on_a_picture_is_told_as_a_share_of_it() -> None:
    mark = {"id": "m", "kind": "box", "page": 1, "rect": [100, 60, 300, 90]}

    assert editing.describe(mark, (800, 600)) == "12.5 % across, 10 % down, 25 % by 5 %"
