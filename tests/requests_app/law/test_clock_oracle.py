import json
from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest

from requests_app.law import clock, event, pack
from tests.requests_app.law import clock_oracle as oracle

CASES = json.loads((Path(__file__).parent / "clock_cases.json").read_text(encoding="utf-8"))
TIMES = ["", "", "", "T08:00", "T16:59", "T17:00", "T17:01", "T23:59"]
BESIDES = ["acknowledged", "estimate_sent", "clarification_sent", "information_requested", "denied"]
OWN_FACTS: dict[tuple[str, str], dict[str, Any]] = {
    ("CA", "critical_incident_video"): {"record_type": "critical_incident_video"},
    ("CA", "peace_officer_records"): {"record_type": "peace_officer_records"},
    ("TX", "voluminous_production"): {"record_type": "body_worn_camera", "facts": {"incidents": 6}},
    ("CO", "misconduct_video"): {"record_type": "misconduct_video"},
    ("OH", "video_estimate"): {"record_type": "law_enforcement_video"},
    ("PA", "act22_filing_window"): {"record_type": "law_enforcement_video"},
    ("PA", "act22_response"): {"record_type": "law_enforcement_video"},
    ("PA", "appeal_window"): {"record_type": "law_enforcement_video"},
}
ELSEWHERE = "received_by_other_component"
DAY = timedelta(days=1)
TURNS = [date(2024, 2, 20), date(2027, 12, 17), date(2028, 2, 22), date(2026, 12, 21), date(2026, 6, 29)]
BUSY = [*oracle.PAUSES, *oracle.RESTARTS, *oracle.MOST_EXTENSION, ("IL", "voluminous_response")]
KEYS = [*oracle.CLOCKS, *BUSY, *BUSY]


def a_case(chance: Random) -> dict[str, Any]:
    """A case of one clock: what starts it, then questions, answers, extensions and things beside the point.

    Most of these fall close to the day the clock would end without them: there the edges are.
    """
    key = chance.choice(KEYS)
    law, name = key
    day = chance.choice(TURNS) if chance.random() < 0.4 else date(2024, 1, 1) + chance.randrange(3653) * DAY
    own = OWN_FACTS.get(key, {})
    rows = _starts(chance, key, day)
    case = {
        "law": law,
        "clock": name,
        "record_type": own.get("record_type")
        or ("body_worn_camera" if law == "TX" and day.day % 2 else None),
        "requester_category": chance.choice([None, "commercial", "recurrent"]),
        "facts": own.get("facts") or chance.choice([{}, {"daniels_law_review": True}]),
        "agency": {
            "timezone": pack.shipped(law).timezone,
            "cutoff": chance.choice([None, "17:00", "16:30"]),
            "closed_dates": sorted({_after(chance, day, 30) for _ in range(chance.randrange(5))}),
            "body": chance.choice(["municipality", "agency"]),
        },
        "events": sorted(rows, key=lambda row: row["at"]),
    }
    ends = oracle.due(case) or day
    questions = [*oracle.PAUSES.get(key, ()), *oracle.RESTARTS.get(key, ())]
    kinds = [*questions, *questions, *(oracle.ANSWER_OF[each] for each in questions), chance.choice(BESIDES)]
    kinds = [kind for kind in kinds if kind not in {row["type"] for row in rows}]
    for _ in range(chance.randrange(8) if kinds else 0):
        rows.append({"type": chance.choice(kinds), "at": _near(chance, day, ends) + chance.choice(TIMES)})
    if key in oracle.MOST_EXTENSION and chance.random() < 0.6:
        by = chance.randint(1, oracle.MOST_EXTENSION[key])
        unit = "calendar_day" if oracle.CLOCKS[key][1] == "calendar" else "business_day"
        at = _near(chance, day, ends)
        rows.append({"type": "extended", "at": at, "by": by, "unit": unit, "reason": "voluminous"})
    rows.sort(key=lambda row: row["at"])
    return case | {"events": _answerable(rows, questions)}


def _after(chance: Random, day: date, most: int) -> str:
    return (day + chance.randint(0, most) * DAY).isoformat()


def _near(chance: Random, day: date, ends: date) -> str:
    """A day of the count or its end, the day before and the day after."""
    if chance.random() < 0.5:
        return max(day, ends + chance.choice([-1, 0, 0, 1]) * DAY).isoformat()
    return _after(chance, day, 40)


def _starts(chance: Random, key: tuple[str, str], day: date) -> list[dict[str, Any]]:
    law, _name = key
    kind = oracle.CLOCKS[key][2]
    at, later = day.isoformat() + chance.choice(TIMES), _after(chance, day, 25) + chance.choice(TIMES)
    if kind == "us_receipt":
        found = chance.choice([["received"], [ELSEWHERE], [ELSEWHERE, "received"]])
        return [{"type": each, "at": moment} for each, moment in zip(found, (at, later), strict=False)]
    receipt = (
        {"TX": "postmarked", "MI": "emailed"}.get(law, "received") if chance.random() < 0.5 else "received"
    )
    rows = [{"type": receipt, "at": at}]
    if kind == "il_reply":
        rows.append({"type": "voluminous_notice_sent", "at": day.isoformat()})
        rows += [{"type": "voluminous_answered", "at": later}] if chance.random() < 0.7 else []
    elif kind != "receipt":
        rows.append({"type": kind, "at": later})
    return rows


def _answerable(rows: list[dict[str, Any]], questions: list[str]) -> list[dict[str, Any]]:
    """One question of a kind at a time, and no answer to a question nobody asked."""
    kept, waiting = [], set()
    for row in rows:
        kind = row["type"]
        question = next((each for each in questions if oracle.ANSWER_OF[each] == kind), None)
        if kind in questions:
            if kind in waiting:
                continue
            waiting.add(kind)
        elif question is not None:
            if question not in waiting:
                continue
            waiting.discard(question)
        kept.append(row)
    return kept


def worked_out(case: dict[str, Any]) -> date | None:
    derived = clock.due(
        pack.shipped(case["law"]),
        case["clock"],
        event.parse_agency(case["agency"]),
        [event.parse(row) for row in case["events"]],
        case["record_type"],
        case["requester_category"],
        case["facts"],
    )
    return derived.due


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_second_reading_agrees_with_the_worked_cases(case: dict[str, Any]) -> None:
    found = oracle.due(case)

    assert (found.isoformat() if found else None) == case["due"]


@pytest.mark.parametrize("seed", range(6))
def test_clock_and_second_reading_agree(seed: int) -> None:
    chance = Random(seed)  # noqa: S311  cases to compare, no secrets

    for _ in range(500):
        case = a_case(chance)
        assert worked_out(case) == oracle.due(case), json.dumps(case)


@pytest.mark.parametrize("law", sorted(oracle.CALENDARS))
def test_calendar_and_second_reading_agree_on_every_day(law: str) -> None:
    first = date(2024, 1, 1)
    office: dict[str, Any] = {
        "timezone": pack.shipped(law).timezone,
        "cutoff": None,
        "closed_dates": [],
        "body": None,
    }
    days = clock.calendar_of(pack.shipped(law), event.parse_agency(office))

    for offset in range(10 * 365):
        day = first + timedelta(days=offset)
        open_day = day.weekday() < 5 and not oracle.is_holiday(law, day)
        assert (days.closed(day) is None) == open_day, day
