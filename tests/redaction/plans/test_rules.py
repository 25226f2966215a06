import itertools

import pytest

from portal.core.errors import IllegalMove
from redaction.marks import parse
from redaction.plans.rules import (
    DECIDED,
    REVIEW,
    Codes,
    ReviewStatus,
    citation_faults,
    cited,
    media_of,
    output_suffix,
)

CODES = Codes(reasons=frozenset({"PLATE", "MINOR"}), exemptions=frozenset({"TX-108"}))


def faults(*marks: dict[str, object]) -> list[tuple[str, str]]:
    return list(citation_faults(parse({"version": 1, "marks": list(marks)}), CODES))


def test_a_mark_that_withholds_needs_a_reason() -> None:
    found = faults(
        {"id": "a", "kind": "box", "page": 1, "rect": [0, 0, 9, 9]},
        {"id": "b", "kind": "column", "name": "plate", "action": "drop"},
        {"id": "c", "kind": "mute", "start": 1, "end": 2, "reason": "MINOR"},
    )

    assert [mark_id for mark_id, _why in found] == ["a", "b"]
    assert "needs a reason" in found[0][1]


def test_a_mark_that_releases_needs_none() -> None:
    found = faults(
        {"id": "a", "kind": "column", "name": "camera", "action": "release"},
        {"id": "b", "kind": "own_plate", "column": "plate", "plate": "OWN123"},
        {"id": "c", "kind": "fields", "release": ["speed"]},
        {
            "id": "d",
            "kind": "page",
            "page": 1,
            "suggested": True,
            "decision": "rejected",
        },
    )

    assert found == []


def test_a_code_the_law_does_not_have_is_a_fault() -> None:
    found = faults(
        {"id": "a", "kind": "page", "page": 1, "reason": "WHIM"},
        {"id": "b", "kind": "page", "page": 1, "reason": "MINOR", "exemption": "CA-9"},
    )

    assert [mark_id for mark_id, _why in found] == ["a", "b"]
    assert "WHIM" in found[0][1]
    assert "CA-9" in found[1][1]


def test_withholding_a_whole_record_needs_an_exemption_and_no_reason() -> None:
    assert faults({"id": "w", "kind": "withhold", "exemption": "TX-108"}) == []
    assert "exemption" in faults({"id": "w", "kind": "withhold", "reason": "MINOR"})[0][1]


def test_exemptions_are_cited_once_in_order_and_not_for_rejected_marks() -> None:
    marks = parse(
        {
            "version": 1,
            "marks": [
                {"id": "a", "kind": "page", "page": 1, "exemption": "B"},
                {"id": "b", "kind": "page", "page": 2, "exemption": "A"},
                {"id": "c", "kind": "page", "page": 3, "exemption": "B"},
                {"id": "d", "kind": "page", "page": 4, "exemption": "C", "decision": "rejected"},
            ],
        }
    )

    assert cited(marks) == ("B", "A")


def test_a_csv_may_be_marked_as_a_table_or_a_flight() -> None:
    assert media_of("table", "csv") == ("table", "flight")
    assert media_of("flight", "csv") == ("flight", "table")
    assert media_of("flight", "gpx") == ("flight",)
    assert media_of("table", "xlsx") == ("table", "office")


def test_the_output_keeps_the_kind_of_file_where_the_engine_makes_it() -> None:
    assert output_suffix((".jpg", ".jpeg"), (".png", ".jpg")) == ".jpg"
    assert output_suffix((".mkv",), (".mp4", ".m4v")) == ".mp4"


LEGAL = {
    ("collected", "save_marks"), ("collected", "set_not_responsive"), ("collected", "set_duplicate"),
    ("marked", "save_marks"), ("marked", "render"), ("marked", "set_not_responsive"),
    ("marked", "set_duplicate"), ("rendered", "verify"), ("rendered", "save_marks"),
    ("rendered", "set_not_responsive"), ("rendered", "set_duplicate"), ("verified", "save_marks"),
    ("verified", "approve"), ("verified", "withhold"), ("verified", "send_back"),
    ("verified", "set_not_responsive"), ("verified", "set_duplicate"), ("approved", "save_marks"),
    ("approved", "send_back"), ("approved", "release"), ("withheld", "save_marks"),
    ("withheld", "send_back"), ("not_responsive", "reconsider"), ("duplicate", "reconsider"),
    ("released", "recall"), ("recalled", "save_marks"), ("verified", "make_again"),
    ("approved", "make_again"),
}  # fmt: skip


@pytest.mark.parametrize(
    ("state", "action"), list(itertools.product(ReviewStatus, [step.action for step in REVIEW.steps]))
)
def test_the_table_allows_these_steps_and_no_other(state: ReviewStatus, action: str) -> None:
    if (state.value, action) in LEGAL:
        assert REVIEW.check(action, state, None).action == action
    else:
        with pytest.raises(IllegalMove, match=f"is {state.value.replace('_', ' ')}"):
            REVIEW.check(action, state, None)


def test_a_recalled_record_is_undecided_again() -> None:
    assert ReviewStatus.RECALLED not in DECIDED
    assert ReviewStatus.RELEASED in DECIDED


def test_states_have_words_for_people() -> None:
    assert ReviewStatus.VERIFIED.label == "waiting for approval"
    assert ReviewStatus.NOT_RESPONSIVE.label == "not responsive"
