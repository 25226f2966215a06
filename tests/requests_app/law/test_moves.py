from typing import Any

import pytest

from requests_app.law import event, moves, pack
from requests_app.law.event import Agency, Event

HERE = Agency("America/Chicago")


def at(kind: str, on: str, **more: Any) -> Event:
    return event.parse({"type": kind, "at": on, **more})


def extension(on: str, by: int = 14, unit: str = "calendar_day", reason: str | None = "voluminous") -> Event:
    return at("extended", on, by=by, unit=unit, reason=reason)


RECEIVED = at("received", "2026-03-02")


def ask(law: str, name: str, events: list[Event], proposed: Event) -> str | None:
    return moves.refusal(pack.shipped(law), name, HERE, events, proposed)


@pytest.mark.parametrize(
    ("proposed", "said"),
    [
        (extension("2026-03-12"), None),
        (extension("2026-03-13"), "The last day was Thursday, March 12, 2026"),
        (extension("2026-03-11", by=15), "allows 14 calendar days in all"),
        (extension("2026-03-11", unit="business_day"), "counted in calendar days"),
        (extension("2026-03-11", reason=None), "needs its reason"),
        (extension("2026-03-11", reason="  "), "needs its reason"),
        (extension("2026-03-11", reason="holidays"), "not a reason the law lists"),
        (extension("2026-03-01"), "is before Monday, March 2, 2026"),
        (at("clarification_sent", "2026-03-05"), None),
        (at("clarification_answered", "2026-03-05"), "Nothing is waiting for this"),
        (at("acknowledged", "2026-03-05"), None),
    ],
)
def test_california_refuses_what_its_law_refuses(proposed: Event, said: str | None) -> None:
    found = ask("CA", "determination", [RECEIVED], proposed)

    assert (found is None) if said is None else (found is not None and said in found)


def test_second_extension_may_use_only_what_is_left() -> None:
    ledger = [RECEIVED, extension("2026-03-11", by=10)]

    assert ask("CA", "determination", ledger, extension("2026-03-12", by=4)) is None
    refused = ask("CA", "determination", ledger, extension("2026-03-12", by=5))

    assert refused == "The law allows 14 calendar days in all; 4 calendar days can still be added."


def test_texas_allows_no_extension() -> None:
    refused = ask("TX", "ag_request", [RECEIVED], extension("2026-03-03"))

    assert refused == "Texas Public Information Act allows no extension of this time limit."


def test_question_may_not_be_asked_twice_while_it_is_open() -> None:
    ledger = [RECEIVED, at("clarification_sent", "2026-03-03")]

    refused = ask("TX", "ag_request", ledger, at("clarification_sent", "2026-03-04"))

    assert refused == "This is still unanswered: clarification was asked for before."


def test_second_federal_information_request_is_refused() -> None:
    ledger = [
        RECEIVED,
        at("information_requested", "2026-03-03"),
        at("information_answered", "2026-03-05"),
    ]

    refused = ask("US", "determination", ledger, at("information_requested", "2026-03-06"))

    assert refused is not None
    assert "only once" in refused
    assert ask("US", "determination", ledger, at("fee_question_sent", "2026-03-06")) is None


def test_answer_is_taken_when_its_question_is_open() -> None:
    ledger = [RECEIVED, at("clarification_sent", "2026-03-03")]

    assert ask("TX", "ag_request", ledger, at("clarification_answered", "2026-03-04")) is None


@pytest.mark.parametrize("kind", ["clarification_sent", "clarification_answered"])
def test_nothing_is_asked_before_receipt(kind: str) -> None:
    assert ask("TX", "ag_request", [], at(kind, "2026-03-04")) == (
        "The clock has not started yet: no receipt is recorded."
    )
    assert ask("TX", "ag_request", [], at("received", "2026-03-04")) is None


@pytest.mark.parametrize(
    ("law", "name", "question", "said"),
    [
        ("TX", "ag_request", "clarification_sent", "starts again from its first day"),
        ("TX", "ag_request", "estimate_sent", "goes on running"),
        ("CA", "determination", "clarification_sent", "goes on running"),
        ("CA", "determination", "deposit_requested", "goes on running"),
        ("US", "determination", "fee_question_sent", "goes on from where it was"),
    ],
)
def test_letter_says_what_a_question_does_to_the_clock(law: str, name: str, question: str, said: str) -> None:
    assert said in moves.effect(pack.shipped(law), name, question)


def test_washington_question_goes_out_only_with_an_estimate() -> None:
    bare = at("clarification_sent", "2026-03-05")
    blank = at("clarification_sent", "2026-03-05", reason=" ")
    told = at("clarification_sent", "2026-03-05", reason="answer expected by March 20, 2026")

    refused = ask("WA", "five_day_response", [RECEIVED], bare)

    assert refused is not None
    assert "send with it the day by which you expect to answer" in refused
    assert ask("WA", "five_day_response", [RECEIVED], blank) == refused
    assert ask("WA", "five_day_response", [RECEIVED], told) is None
    assert moves.needs_estimate(pack.shipped("WA"), "five_day_response", "clarification_sent")
    assert not moves.needs_estimate(pack.shipped("TX"), "ag_request", "clarification_sent")


def test_new_york_knows_one_date_certain() -> None:
    first, second = at("acknowledged", "2026-03-05"), at("acknowledged", "2026-03-09")

    refused = ask("NY", "acknowledge", [RECEIVED, first], second)

    assert ask("NY", "acknowledge", [RECEIVED], first) is None
    assert refused is not None
    assert "New York allows one date" in refused
    assert ask("NY", "grant_after_acknowledgement", [RECEIVED, first], extension("2026-03-20")) is not None


def test_acknowledgement_in_california_is_flagged_and_may_be_sent() -> None:
    letter = at("acknowledged", "2026-03-05")

    flagged = moves.flag(pack.shipped("CA"), "determination", [RECEIVED], letter)

    assert ask("CA", "determination", [RECEIVED], letter) is None
    assert flagged is not None
    assert flagged.startswith("An acknowledgement is no determination.")
    assert moves.flag(pack.shipped("NY"), "acknowledge", [RECEIVED], letter) is None


def test_illinois_extension_on_the_sixth_day_is_refused() -> None:
    late = extension("2026-03-10", 5, "business_day")

    refused = ask("IL", "response", [RECEIVED], late)

    assert refused == "The last day was Monday, March 9, 2026: an extension cannot be announced after it."
    assert (
        ask("IL", "response", [RECEIVED], extension("2026-03-09", 5, "business_day", "consultation")) is None
    )
