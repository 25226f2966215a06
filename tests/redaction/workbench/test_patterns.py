from typing import Any

import pytest

from redaction.workbench.patterns import fitted, general, holds_elsewhere

REGION: dict[str, Any] = {
    "id": "r", "kind": "region", "start": 2.0, "end": 9.0, "reason": "OFFICER",
    "keyframes": [{"t": 2.0, "rect": [0, 0, 0.2, 0.1]}],
}  # fmt: skip


@pytest.mark.parametrize(
    "entry",
    [
        {"kind": "text", "literal": "Maria"},
        {"kind": "own_plate", "column": "plate", "plate": "ABC123"},
        {"kind": "rows", "remove": [{"column": "plate", "op": "eq", "value": "ABC123"}]},
        {"kind": "mute", "start": 1, "end": 2},
        {"kind": "cut", "start": 1, "end": 2},
        {"kind": "frame", "start": 1, "end": 2},
        {"kind": "fence", "polygon": [[1, 1], [2, 2], [3, 1]], "action": "cut"},
        {"kind": "withhold", "exemption": "TX-108"},
        {"kind": "page", "page": 1, "decision": "rejected"},
        {"kind": "page", "page": 1, "suggested": True},
        {**REGION, "keyframes": [*REGION["keyframes"], {"t": 3.0, "rect": [0.1, 0, 0.2, 0.1]}]},
    ],
)
def test_what_tells_of_one_record_alone_never_becomes_part_of_a_template(entry: dict[str, Any]) -> None:
    assert not holds_elsewhere(entry)
    assert general([{"id": "x", **entry}]) == []


def test_secrets_and_notes_are_left_behind() -> None:
    home = {
        "id": "h",
        "kind": "home",
        "radius_m": 150,
        "seed": "ab" * 16,
        "note": "her house",
        "reason": "ADDRESS",
    }

    assert general([home]) == [{"id": "t1", "kind": "home", "reason": "ADDRESS", "radius_m": 150}]


def test_a_pattern_of_numbers_holds_everywhere() -> None:
    assert general([{"id": "s", "kind": "text", "pattern": "ssn", "reason": "SSN"}]) == [
        {"id": "t1", "kind": "text", "reason": "SSN", "pattern": "ssn"}
    ]


def test_a_region_that_stays_lasts_as_long_as_the_film_it_comes_to() -> None:
    kept = general([REGION])[0]

    assert fitted(kept, 30.0)["end"] == 30.0
    assert fitted(kept, 30.0)["keyframes"] == [{"t": 0.0, "rect": [0, 0, 0.2, 0.1]}]
    assert fitted(kept, 0.0)["end"] == 9.0
    assert fitted({"kind": "page", "page": 1}, 30.0) == {"kind": "page", "page": 1}
