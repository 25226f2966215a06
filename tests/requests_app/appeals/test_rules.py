import pytest

from portal.core.errors import IllegalMove
from requests_app.appeals.rules import (
    APPEAL,
    CLOSENESS,
    AppealFacts,
    AppealStatus,
    Decision,
    FilingFacts,
    closeness,
    why_not,
)  # fmt: skip


@pytest.mark.parametrize("disposition", ["partial", "denied", "no_records"])
def test_refusal_can_be_appealed(disposition: str) -> None:
    assert why_not(FilingFacts("closed", disposition)) is None


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        (FilingFacts("in_review", ""), "not decided yet"),
        (FilingFacts("closed", "full"), "Nothing was withheld"),
        (FilingFacts("closed", "withdrawn"), "Nothing was withheld"),
        (FilingFacts("closed", "lapsed"), "Nothing was withheld"),
        (FilingFacts("closed", "duplicate"), "Nothing was withheld"),
        (FilingFacts("closed", "denied", under_way="A26-00001"), "A26-00001 is being worked on"),
        (FilingFacts("accepted", "", under_way="A26-00001"), "A26-00001 is being worked on"),
        (FilingFacts("closed", "denied", decided="A26-00002"), "appealed already"),
    ],
)
def test_what_cannot_be_appealed_says_why(facts: FilingFacts, said: str) -> None:
    assert said in str(why_not(facts))


@pytest.mark.parametrize("part", sorted(CLOSENESS))
def test_each_part_in_the_first_decision_is_too_close(part: str) -> None:
    said = closeness(frozenset({part}))

    assert said.startswith(CLOSENESS[part])
    assert said.endswith("decided by somebody else.")


def test_nobody_is_too_close_without_a_part() -> None:
    assert closeness(frozenset()) == ""


@pytest.mark.parametrize(
    ("action", "state", "facts", "said"),
    [
        ("decide", "filed", AppealFacts(reasons=" "), "Write the reasons"),
        ("decide", "under_review", AppealFacts(closeness="You approved.", reasons="x"), "You approved."),
        ("decide", "decided", AppealFacts(reasons="x"), "is decided"),
        ("withdraw", "decided", AppealFacts(), "is decided"),
        ("start_review", "under_review", AppealFacts(), "needs it to be filed"),
        ("start_review", "filed", AppealFacts(closeness="It was yours."), "It was yours."),
    ],
)
def test_table_refuses(action: str, state: str, facts: AppealFacts, said: str) -> None:
    with pytest.raises(IllegalMove, match=said):
        APPEAL.check(action, state, facts)


@pytest.mark.parametrize(
    ("action", "state", "target"),
    [
        ("start_review", "filed", "under_review"),
        ("decide", "filed", "decided"),
        ("decide", "under_review", "decided"),
        ("withdraw", "filed", "withdrawn"),
        ("withdraw", "under_review", "withdrawn"),
    ],
)
def test_table_allows(action: str, state: str, target: str) -> None:
    assert APPEAL.check(action, state, AppealFacts(reasons="Because.")).target == target


def test_every_state_and_decision_has_words() -> None:
    assert [state.label for state in AppealStatus] == ["Filed", "Under review", "Decided", "Withdrawn"]
    assert all(decision.label for decision in Decision)
