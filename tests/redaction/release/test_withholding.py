import json
from typing import Any

import pytest

from redaction.mark_kinds import KINDS
from redaction.marks import parse
from redaction.plans.selectors import fit_to_leave
from redaction.release import withholding
from redaction.release.withholding import Ground

GROUND = Ground("TX-101", "Gov't Code 552.101", "confidential by law", "The law keeps this secret.")
SECRETS = ("CANARY", "7ABC123", "-97.7", "a1b2")


def index(*marks: dict[str, Any]) -> list[withholding.Withholding]:
    whole = [{"id": f"CANARY-{n}", "note": "CANARY note", **mark} for n, mark in enumerate(marks)]
    parse({"version": 1, "marks": whole})  # only marks the format knows
    return withholding.rows(
        [fit_to_leave(mark) for mark in whole],
        reason_label=lambda code: f"reason {code}",
        grounds=lambda reason, exemption: [GROUND],
    )


@pytest.mark.parametrize(
    ("mark", "place", "what"),
    [
        ({"kind": "box", "page": 3, "rect": [0, 0, 1, 1]}, "page 3", "an area of the page"),
        ({"kind": "text", "literal": "CANARY"}, "all pages", "words, wherever they occur"),
        ({"kind": "text", "pattern": "ssn", "pages": [1, 4]}, "pages 1, 4", "social security numbers"),
        ({"kind": "page", "page": 2}, "page 2", "the whole page"),
        (
            {"kind": "region", "start": 1, "end": 75.5, "keyframes": [{"t": 1, "rect": [0, 0, 0.5, 0.5]}]},
            "0:01.0 to 1:15.5",
            "an area of the picture",
        ),
        ({"kind": "frame", "start": 3599.96, "end": 3661}, "1:00:00.0 to 1:01:01.0", "the whole picture"),
        ({"kind": "mute", "start": 0, "end": 2}, "0:00.0 to 0:02.0", "sound"),
        ({"kind": "mute", "literal": "CANARY"}, "wherever they are spoken", "spoken words"),
        ({"kind": "cut", "start": 0, "end": 2}, "0:00.0 to 0:02.0", "cut out of the recording"),
        ({"kind": "column", "name": "plate", "action": "mask"}, "column plate", "hidden"),
        ({"kind": "column", "name": "at", "action": "coarsen", "to": "hour"}, "column at", "made less exact"),
        (
            {"kind": "rows", "remove": [{"column": "plate", "op": "eq", "value": "7ABC123"}]},
            "rows",
            "rows left out by a rule",
        ),
        (
            {"kind": "own_plate", "column": "plate", "plate": "7ABC123"},
            "column plate",
            "rows of other vehicles left out",
        ),
        (
            {"kind": "suppress", "by": ["camera"], "k": 5, "count": "rows"},
            "rows",
            "groups of fewer than 5 left out",
        ),
        (
            {"kind": "home", "radius_m": 500, "seed": "a1b2"},
            "positions around the start and the operator",
            "left out or moved",
        ),
        (
            {"kind": "fence", "polygon": [[-97.7, 30], [-97.6, 30], [-97.6, 31]], "action": "cut"},
            "positions inside a protected area",
            "left out",
        ),
        (
            {"kind": "fence", "polygon": [[-97.7, 30], [-97.6, 30], [-97.6, 31]], "action": "generalise"},
            "positions inside a protected area",
            "made less exact",
        ),
        (
            {"kind": "generalise", "grid_deg": 0.01, "time": "relative"},
            "the whole flight",
            "positions, times made less exact",
        ),
        (
            {"kind": "fields", "release": ["lat"]},
            "technical fields",
            "fields that are not on the list for release",
        ),
        ({"kind": "withhold"}, "the whole record", "withheld"),
        (
            {"kind": "hidden", "item": "sheet:2", "action": "drop"},
            "what the pages do not show",
            "a sheet that does not show left out",
        ),
        (
            {"kind": "hidden", "item": "*", "action": "drop"},
            "what the pages do not show",
            "all that the pages do not show left out",
        ),
        ({"kind": "tracks", "picture": 1}, "other pictures and sounds of the file", "left out"),
    ],
)
def test_each_kind_says_where_and_what_and_nothing_else(mark: dict[str, Any], place: str, what: str) -> None:
    (row,) = index({**mark, "reason": "VICTIM"})

    assert (row.place, row.what, row.why, row.grounds) == (place, what, "reason VICTIM", (GROUND,))
    assert not [secret for secret in SECRETS if secret in json.dumps(row.as_dict())]


def test_a_column_that_is_released_is_no_withholding() -> None:
    assert index({"kind": "column", "name": "camera", "action": "release"}) == []
    assert withholding.count([{"kind": "column", "name": "camera", "action": "release"}]) == 0


def test_what_was_hidden_and_is_shown_is_no_withholding() -> None:
    assert index({"kind": "hidden", "item": "comments", "action": "show"}) == []


def test_every_kind_of_mark_can_be_worded() -> None:
    assert set(withholding._PLACES) == set(KINDS)


def test_equal_rows_are_one_row_with_a_count() -> None:
    rows = index(
        {"kind": "box", "page": 1, "rect": [0, 0, 1, 1]},
        {"kind": "box", "page": 2, "rect": [0, 0, 1, 1]},
        {"kind": "box", "page": 1, "rect": [0, 0, 0.5, 0.5]},
    )

    assert [(row.place, row.count) for row in rows] == [("page 1", 2), ("page 2", 1)]


def test_a_mark_without_a_reason_has_no_because() -> None:
    (row,) = index({"kind": "withhold", "exemption": "TX-108"})

    assert row.why == ""


def test_ranges_of_pages_are_not_guessed() -> None:
    (row,) = withholding.rows(
        [{"kind": "text", "literal": "x", "pages": "1-3"}], reason_label=str, grounds=lambda *_: []
    )

    assert row.place == "some pages"
