from datetime import timedelta
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from redaction.plans.versions import Saved, differences, in_words, sittings, under_new_ids
from tests.builders import NOON

MARK = st.fixed_dictionaries(
    {"kind": st.sampled_from(["box", "mute", "column"]), "end": st.integers(0, 3)},
    optional={"note": st.sampled_from(["a", "b"]), "decision": st.sampled_from(["accepted", "rejected"])},
)
MARKS = st.dictionaries(st.sampled_from("abcdef"), MARK, max_size=6).map(
    lambda rows: [{"id": name, **mark} for name, mark in rows.items()]
)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])  # other work on the machine
@given(before=MARKS, after=MARKS)
def test_differences_lead_from_one_version_to_the_other(
    before: list[dict[str, Any]], after: list[dict[str, Any]]
) -> None:
    changes = differences(before, after)

    made = {mark["id"]: mark for mark in before}
    for change in changes:
        assert change.entry is not None
        if change.how == "removed":
            del made[change.mark_id]
        else:
            made[change.mark_id] = dict(change.entry)
    assert made == {mark["id"]: mark for mark in after}
    assert len({change.mark_id for change in changes}) == len(changes)
    assert (in_words(changes) == "Nothing changed") == (made == {mark["id"]: mark for mark in before})


def test_changes_are_told_in_one_sentence() -> None:
    before: list[dict[str, Any]] = [
        {"id": "a", "kind": "mute", "start": 1, "end": 2},
        {"id": "b", "kind": "region", "suggested": True},
        {"id": "c", "kind": "fence"},
    ]
    after: list[dict[str, Any]] = [
        {"id": "a", "kind": "mute", "start": 1, "end": 3, "reason": "MINOR"},
        {"id": "b", "kind": "region", "suggested": True, "decision": "accepted"},
        {"id": "d", "kind": "box"},
        {"id": "e", "kind": "box"},
    ]

    said = in_words(differences(before, after))

    assert said == "2 boxes added, 1 mute changed (end, reason), 1 fence removed, 1 region accepted"


def test_a_suggestion_taken_back_is_a_change() -> None:
    change = differences(
        [{"id": "a", "kind": "box", "suggested": True, "decision": "rejected"}],
        [{"id": "a", "kind": "box", "suggested": True}],
    )[0]

    assert (change.how, change.fields) == ("changed", ("decision",))


def test_a_kind_nobody_named_is_told_by_its_own_word() -> None:
    assert in_words(differences([], [{"id": "a", "kind": "hum"}])) == "1 hum added"


def test_versions_of_one_person_close_together_are_one_sitting() -> None:
    rows = [
        Saved(5, 1, "Rosa", NOON),
        Saved(4, 1, "Rosa", NOON - timedelta(minutes=9)),
        Saved(3, 2, "Sam", NOON - timedelta(minutes=10)),
        Saved(2, 1, "Rosa", NOON - timedelta(minutes=11)),
        Saved(1, 1, "Rosa", NOON - timedelta(minutes=30)),
    ]

    found = sittings(rows)

    assert [(row.first, row.last, row.author) for row in found] == [
        (4, 5, "Rosa"), (3, 3, "Sam"), (2, 2, "Rosa"), (1, 1, "Rosa"),
    ]  # fmt: skip
    assert (found[0].since, found[0].until) == (NOON - timedelta(minutes=9), NOON)
    assert sittings([]) == []


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])  # other work on the machine
@given(taken=st.sets(st.sampled_from(["box-1", "box-2", "mute-1", "x"])), entries=MARKS)
def test_new_ids_are_taken_by_nobody(taken: set[str], entries: list[dict[str, Any]]) -> None:
    renamed = under_new_ids(taken, entries)

    ids = [entry["id"] for entry in renamed]
    assert len({*ids, *taken}) == len(ids) + len(taken)
    assert [{**entry, "id": ""} for entry in renamed] == [{**entry, "id": ""} for entry in entries]
