import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from requests_app.law import __main__ as command
from requests_app.law import answers, clock_case

ROOT = Path(__file__).parents[3]
CASES = Path(__file__).parent / "clock_cases.json"
TEXAS: dict[str, Any] = {"timezone": "America/Chicago", "cutoff": None, "closed_dates": [], "body": None}


def texan(*events: tuple[str, str], **agency: Any) -> dict[str, Any]:
    rows = [{"type": name, "at": at} for name, at in events]
    return {"id": "t", "law": "TX", "clock": "ag_request", "agency": {**TEXAS, **agency}, "events": rows}


@pytest.mark.parametrize(
    ("first", "second", "place"),
    [
        (
            "2026-03-10T10:00",
            "2026-03-10T09:59",
            "2026-03-10T09:59:00 is before events[0], 2026-03-10T10:00:00",
        ),
        ("2026-03-10T09:00:01", "2026-03-10T09:00", "2026-03-10T09:00:00 is before events[0]"),
        ("2026-03-10T09:00", "2026-03-10T13:59Z", "2026-03-10T13:59:00+00:00 is before events[0]"),
        ("2026-11-01T03:10", "2026-11-01T01:50", "2026-11-01T01:50:00 is before events[0]"),
    ],
)
def test_times_of_one_day_in_the_wrong_order_are_refused(first: str, second: str, place: str) -> None:
    case = texan(("received", first), ("clarification_sent", second))

    with pytest.raises(clock_case.CaseError) as refused:
        clock_case.read(case)

    assert str(refused.value).startswith(f"events[1].at: {place}")


def test_a_date_between_two_times_of_its_day_hides_no_wrong_order() -> None:
    case = texan(
        ("received", "2026-03-10T10:00"),
        ("clarification_sent", "2026-03-10"),
        ("clarification_answered", "2026-03-10T09:00"),
    )

    with pytest.raises(clock_case.CaseError) as refused:
        clock_case.read(case)

    assert str(refused.value).startswith("events[2].at: 2026-03-10T09:00:00 is before events[0]")


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("2026-03-10T10:00", "2026-03-10T10:00"),
        ("2026-03-10T10:00", "2026-03-10"),
        ("2026-03-10", "2026-03-10T00:00"),
        ("2026-03-10T09:00", "2026-03-10T14:01Z"),
        ("2026-11-01T01:50", "2026-11-01T01:10"),  # autumn repeats this hour
    ],
)
def test_events_of_one_day_stay_in_the_order_given(first: str, second: str) -> None:
    case = texan(("received", first), ("clarification_sent", second))

    read = clock_case.read(case)

    assert [entry.type for entry in read.events] == ["received", "clarification_sent"]


def test_latest_of_two_new_receipts_is_counted_from_and_each_answer_has_its_line() -> None:
    case = texan(
        ("received", "2026-03-03"), ("clarification_sent", "2026-03-05"), ("deposit_requested", "2026-03-06"),
        ("deposit_paid", "2026-03-19T17:01"), ("clarification_answered", "2026-03-19"), cutoff="17:00",
    )  # fmt: skip

    made = answers.due(case)

    said = "\n".join(made["because"])
    assert made["due"] == "2026-04-03"
    assert "clarification was given: an answer before it counts from a later day." in said
    assert (
        "5:01 PM, after the 5:00 PM cut-off: counts from Friday, March 20, 2026. [Gov't Code 552.263]" in said
    )
    assert "10 business days counted from the day after Friday, March 20, 2026" in said


def test_reply_before_the_notice_is_said_to_have_no_effect() -> None:
    events = [
        ("received", "2026-03-02"),
        ("voluminous_answered", "2026-03-03"),
        ("voluminous_notice_sent", "2026-03-04"),
    ]
    case = {**texan(*events), "law": "IL", "clock": "voluminous_response"}

    made = answers.due(case)

    assert made["due"] == "2026-03-25"
    assert any(
        "March 3, 2026 the notice of a voluminous request was answered: no effect" in line
        for line in made["because"]
    )


def test_more_closed_days_than_the_law_allows_are_counted_and_named() -> None:
    days = [f"2026-06-{day:02}" for day in (1, 2, 3, 4, 5, 8, 9, 10, 11, 12)]

    within = answers.due(texan(("received", "2026-05-29"), closed_dates=days))
    beyond = answers.due(texan(("received", "2026-05-29"), closed_dates=[*days, "2026-06-15"]))

    assert (within["due"], beyond["due"]) == ("2026-06-29", "2026-06-30")
    assert not any("closed_dates" in line for line in within["because"])
    assert "agency.closed_dates: 11 weekdays of 2026 are marked as closed" in beyond["because"][0]


def test_seconds_are_left_out_where_the_day_was_closed_anyway() -> None:
    made = answers.due(texan(("received", "2026-03-14T17:00"), cutoff="17:00"))

    assert made["because"][0].startswith(
        "The request was received on Saturday, March 14, 2026, 5:00 PM, not a business"
    )


def test_answers_nobody_reads_end_with_a_sentence_and_no_traceback() -> None:
    unread, written = os.pipe()
    os.close(unread)

    ended = subprocess.run(
        [sys.executable, "-m", "requests_app.law", "due", str(CASES)],
        stdout=written,
        stderr=subprocess.PIPE,
        cwd=ROOT,
        check=False,
    )
    os.close(written)

    assert ended.returncode == 2
    assert ended.stderr == b"The answers cannot be written: Broken pipe.\n"


def test_disk_that_is_full_is_named(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    def refuse(made: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(command, "_write", refuse)
    monkeypatch.setattr(os, "dup2", lambda source, target: target)

    status = command.main(["due", str(CASES)])

    assert status == 2
    assert capfd.readouterr().err == "The answers cannot be written: No space left on device.\n"
