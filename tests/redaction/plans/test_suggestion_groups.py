import json
from typing import Any

import pytest

from portal.core.errors import BadInput
from redaction.plans.suggestion_groups import (
    Group,
    Particulars,
    Suggestion,
    content_of,
    counted,
    group_of,
    merge,
    named_by_content,
    particulars_of,
)


def an_entry(mark_id: str = "face-0123456789ab", **more: Any) -> dict[str, Any]:
    fields = {"kind": "box", "page": 1, "rect": [1, 2, 3, 4], "note": "confidence 0.42", "suggested": True}
    return {"id": mark_id, **fields, **more}


def a_row(sure: float | None = 0.5, **mark: Any) -> Suggestion:
    return Suggestion(an_entry(**mark), Particulars("pii", "pii-phone", sure, "555-0100"))


@pytest.mark.parametrize(
    ("group", "held"),
    [
        (Group(), True),
        (Group(below=0.6), True),
        (Group(below=0.5), False),
        (Group(least=0.5), True),
        (Group(least=0.51), False),
        (Group(word="555-0100", page=1), True),
        (Group(word="555-0101"), False),
        (Group(page=2), False),
        (Group(detection="faces"), False),
        (Group(finder="pii-phone", ids=frozenset({"face-0123456789ab"})), True),
        (Group(ids=frozenset({"other"})), False),
    ],
)
def test_group_holds_what_it_says(group: Group, held: bool) -> None:
    assert group.holds(a_row()) is held


def test_group_by_confidence_leaves_out_what_has_none() -> None:
    assert not Group(below=1.0).holds(a_row(None))
    assert not Group(least=0.0).holds(a_row(None))
    assert Group().holds(a_row(None))


def test_group_of_reads_what_a_script_sends_and_says_it_in_words() -> None:
    group = group_of({"ids": ["a", "b"], "below": 0.5, "least": 0, "word": "x", "page": 3, "finder": None})

    assert group.ids == frozenset({"a", "b"})
    assert group.described() == "of “x”, on page 3, less sure than 0.5, at least 0 sure, 2 chosen one by one"
    assert group_of({}).described() == "all that were open"
    assert (
        group_of({"detection": "pii", "finder": "pii-ssn"}).described()
        == "looked for pii, proposed as pii-ssn"
    )


@pytest.mark.parametrize(
    "data",
    [
        None,
        {"colour": "red"},
        {"below": "0.5"},
        {"least": True},
        {"below": 1.5},
        {"page": "1"},
        {"page": True},
        {"word": 5},
        {"ids": "a"},
        {"ids": [1]},
    ],
)
def test_group_of_refuses_what_means_nothing(data: object) -> None:
    with pytest.raises(BadInput):
        group_of(data)


def test_content_names_what_a_mark_covers_and_not_how_it_is_spoken_of() -> None:
    plain = an_entry()

    assert content_of(plain) == content_of({**plain, "id": "x", "note": "y", "reason": "MINOR"})
    assert content_of(plain) != content_of({**plain, "rect": [1, 2, 3, 5]})


def test_counted_ids_become_ids_of_content() -> None:
    first, second = (named_by_content(an_entry(f"column-{n}", page=n), "columns") for n in (1, 2))

    assert first["id"].startswith("found-columns-")
    assert first["id"] != second["id"]
    assert named_by_content(an_entry(), "faces")["id"] == "face-0123456789ab"


def test_particulars_are_read_out_of_a_find() -> None:
    found = particulars_of(
        an_entry("pii-ssn-0123456789ab", literal="1", note="a, confidence 0.40; confidence 0.9")
    )

    assert (found.finder, found.sure, found.word) == ("pii-ssn", 0.9, "1")
    assert particulars_of(an_entry("m1", note=None)).sure is None


def test_merge_adds_each_find_once() -> None:
    drawn = {**an_entry("box-1"), "suggested": False}
    other = an_entry("face-aaaaaaaaaaaa", page=2)

    result = merge([drawn], [an_entry(), other, other], known=set(), again=False, room=10_000)

    assert [entry["id"] for entry in result.marks] == ["box-1", "face-aaaaaaaaaaaa"]
    assert result.added == 1


def test_merge_leaves_answered_ones_alone_unless_asked_again() -> None:
    rejected = an_entry(decision="rejected")
    accepted = an_entry("face-aaaaaaaaaaaa", page=2, decision="accepted")
    removed = an_entry("face-bbbbbbbbbbbb", page=3)
    marks, found = [rejected, accepted], [an_entry(), an_entry("face-aaaaaaaaaaaa", page=2), removed]

    quiet = merge(marks, found, known={removed["id"]}, again=False, room=10_000)
    again = merge(marks, found, known={removed["id"]}, again=True, room=10_000)

    assert (quiet.added, quiet.marks) == (0, marks)
    assert again.added == 2
    assert [(row["id"], row.get("decision")) for row in again.marks] == [
        (rejected["id"], None),
        (accepted["id"], "accepted"),
        (removed["id"], None),
    ]
    assert rejected["decision"] == "rejected"


def test_merge_keeps_what_finds_no_room_waiting() -> None:
    found = [an_entry(f"face-{n:012x}", page=n) for n in range(1, 101)]

    result = merge([], found, known=set(), again=False, room=5_000)

    assert len(json.dumps(result.marks)) <= 5_000
    assert 0 < result.added < 100
    assert result.added + len(result.waiting) == 100


def test_counted_counts_ten_thousand_by_group() -> None:
    rows = [
        Suggestion(
            an_entry(f"m{n}", page=n % 7 + 1), Particulars("pii", f"pii-{n % 3}", n / 10_000, f"w{n % 2}")
        )
        for n in range(10_000)
    ]

    found = counted([*rows, a_row(None, page=9, rect=None)])

    assert found["open"] == 10_001
    assert found["unsaid"] == 1
    assert found["sure"]["0.5"] == 5_000
    assert {row["value"]: row["count"] for row in found["word"]}["w0"] == 5_000
    assert sum(row["count"] for row in found["page"]) == 10_001
