import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import Settings
from rest_framework.test import APIClient

from requests_app.clock import views
from requests_app.law.calendar import Calendar
from requests_app.law.event import Agency as OfficeHours
from requests_app.law.models import Agency, LawPack
from requests_app.law.pack import shipped
from tests.builders import a_pack, an_agency

pytestmark = pytest.mark.django_db
CASES: list[dict[str, Any]] = json.loads(
    (Path(__file__).parents[1] / "law" / "clock_cases.json").read_text(encoding="utf-8")
)
PAGE = reverse("clock:calculator")
MANY = ",".join(f"{year}-03-01" for year in range(1900, 2150))
TEXAS = {"law": "TX", "received_on": "2026-11-02", "on": "2026-11-03", "clock": "ag_request"}


def address(case: dict[str, Any]) -> dict[str, Any]:
    """A case of the shared file as the calculator's address."""
    sent: dict[str, Any] = {
        "law": case["law"], "clock": [case["clock"]], "record_type": case["record_type"] or "",
        "requester_category": case["requester_category"] or "", "body": case["agency"]["body"] or "",
        "cutoff": case["agency"]["cutoff"] or "", "closed": ",".join(case["agency"]["closed_dates"]),
        "rows": str(len(case["events"])),
    }  # fmt: skip
    sent |= {f"fact-{name}": value for name, value in case["facts"].items() if value is not False}
    received = False
    for number, event in enumerate(case["events"]):
        day, _, time = event["at"].partition("T")
        if event["type"] == "received" and not received:
            sent |= {"received_on": day, "received_at": time}
            received = True
            continue
        row = {"type": event["type"], "on": day, "at": time, "by": event.get("by", ""),
               "unit": event.get("unit", "")}  # fmt: skip
        sent |= {f"e{number}-{name}": value for name, value in row.items()}
    return sent


def asked(**sent: Any) -> dict[str, Any]:
    answer = APIClient().get(reverse("api:deadlines"), sent)
    assert answer.status_code == 200, answer.content
    found: dict[str, Any] = answer.json()
    return found


@pytest.mark.parametrize("law", sorted({case["law"] for case in CASES}))
def test_every_shared_case_comes_out_of_the_door_for_programs(law: str) -> None:
    a_pack(law)
    cases = [case for case in CASES if case["law"] == law]

    found = {case["id"]: asked(**address(case))["deadlines"][0] for case in cases}

    assert {id: one["due"] for id, one in found.items()} == {case["id"]: case["due"] for case in cases}
    dated = [one for one in found.values() if one["due"]]
    assert [sum(line["days"] for line in one["lines"]) for one in dated] == [one["length"] for one in dated]
    assert [max(day["number"] for day in one["days"]) for one in dated] == [one["length"] for one in dated]


def test_page_shows_the_day_its_reasons_and_every_day_counted() -> None:
    an_agency()

    html = Client().get(PAGE, TEXAS).content.decode()

    assert "Tuesday, November 17, 2026" in html
    assert "Veterans Day" in html
    assert html.count("dl-weeks__day--counted") == 9  # the tenth is drawn as the last day
    assert html.count("dl-weeks__day--due") == 1
    assert "552.301(b), (d)" in html
    assert "Texas business days" in html
    assert "counsel has not adopted this rule" in html
    assert reverse("api:deadlines") in html


def test_days_listed_end_on_the_date_and_are_as_many_as_the_law_gives() -> None:
    law = shipped("VA")
    a_pack("VA")
    sent = {
        "law": "VA", "clock": "response", "received_on": "2026-11-20", "e0-type": "deposit_requested",
        "e0-on": "2026-11-24", "e1-type": "deposit_paid", "e1-on": "2026-12-03", "e2-type": "extended",
        "e2-on": "2026-12-04", "e2-by": "7", "e2-unit": "business_day",
    }  # fmt: skip

    found = asked(**sent)["deadlines"][0]

    counted = [day["on"] for day in found["days"] if day["number"]]
    calendar = Calendar(law.calendar, OfficeHours("UTC").closed_dates)
    assert len(counted) == found["length"] == 12
    assert counted[-1] == found["due"]
    assert [day["number"] for day in found["days"] if day["number"]] == list(range(1, 13))
    assert all(calendar.closed(date.fromisoformat(day)) is None for day in counted)
    assert {day["kind"] for day in found["days"]} == {"zero", "counted", "closed", "still", "due"}


def test_last_day_that_moves_to_a_business_day_is_shown_as_moved() -> None:
    a_pack("CA")

    found = asked(law="CA", clock="determination", received_on="2026-11-05")["deadlines"][0]

    assert found["due"] == "2026-11-16"
    assert [(day["on"], day["kind"]) for day in found["days"][-2:]] == [
        ("2026-11-15", "counted"), ("2026-11-16", "due"),
    ]  # fmt: skip


def test_without_a_choice_every_clock_that_has_begun_is_answered() -> None:
    an_agency()

    names = [one["clock"] for one in asked(**{**TEXAS, "clock": []})["deadlines"]]

    assert "ag_request" in names
    assert "ag_brief" in names
    assert "estimate_lapse" not in names


def test_clock_that_has_not_begun_says_what_it_waits_for() -> None:
    an_agency()

    found = asked(**{**TEXAS, "clock": "estimate_lapse"})["deadlines"][0]

    assert found["state"] == "not_started"
    assert found["days"] == []
    assert "fee estimate" in found["lines"][0]["text"]


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"law": "XX"}, "law"),
        ({"law": ""}, "law"),
        ({"law": "TX 1999.1"}, "law"),
        ({"law": "T\0X"}, "law"),
        ({"received_on": ""}, "received_on"),
        ({"received_on": "", "received_at": "17:01"}, "received_on"),
        ({"received_on": "2026-02-30"}, "received_on"),
        ({"received_on": "0001-01-01"}, "received_on"),
        ({"received_at": "25:00"}, "received_at"),
        ({"clock": "tea_time"}, "clock"),
        ({"record_type": "a_song"}, "record_type"),
        ({"closed": "2026-12-24, soon"}, "closed"),
        ({"closed": MANY}, "closed"),
        ({"cutoff": "tea"}, "cutoff"),
        ({"fact-incidents": "-1"}, "fact-incidents"),
        ({"e0-type": "clarification_sent"}, "e0-on"),
        ({"e0-on": "2026-11-03"}, "e0-type"),
        ({"e1-type": "tea", "e1-on": "2026-11-03"}, "e1-type"),
        ({"e0-type": "acknowledged", "e0-on": "0009-11-03"}, "e0-on"),
        ({"e0-type": "extended", "e0-on": "2026-11-03", "e0-unit": "business_day"}, "e0-by"),
        ({"e0-type": "extended", "e0-on": "2026-11-03", "e0-by": "5"}, "e0-unit"),
        ({"e0-type": "acknowledged", "e0-on": "2026-11-03", "e0-by": "5"}, "e0-by"),
        ({"on": "tomorrow"}, "on"),
    ],
)  # fmt: skip
def test_bad_input_is_named_at_its_field_everywhere(wrong: dict[str, str], field: str) -> None:
    an_agency()

    refused = APIClient().get(reverse("api:deadlines"), {**TEXAS, **wrong})
    page = Client().get(PAGE, {**TEXAS, **wrong})

    assert refused.status_code == 400
    assert list(refused.json()["fields"]) == [field]
    assert page.status_code == 422
    assert f'id="ask-{field}_error"' in page.content.decode()


def test_more_rows_and_another_law_come_back_with_what_was_typed_and_without_faults() -> None:
    an_agency()
    a_pack("CA")
    sent = {**TEXAS, "received_on": "", "law": "CA", "for": "TX", "more": "6", "e1-type": "denied"}

    page = Client().get(PAGE, sent)

    html = page.content.decode()
    assert page.status_code == 200
    assert "There is a problem" not in html
    assert "e5-type" in html
    assert "e6-type" not in html
    assert '<option value="denied" selected>' in html
    assert "Decide whether the records can be released" in html  # California's clocks, not those of Texas


def test_clock_ticked_for_another_law_is_not_asked_of_the_new_one() -> None:
    an_agency()
    a_pack("CA")

    page = Client().get(PAGE, {**TEXAS, "law": "CA", "for": "TX 2026.01"})

    assert page.status_code == 200
    assert "Decide whether the records can be released" in page.content.decode()


@pytest.mark.parametrize("rows", ["-5", "x", "1e9", "9999", "²"])
def test_number_of_rows_stays_within_reason(rows: str) -> None:
    an_agency()

    html = Client().get(PAGE, {"rows": rows}).content.decode()

    assert 3 <= html.count('-type" id=') + html.count('name="e') <= 200
    assert "e20-type" not in html


def test_page_without_a_question_begins_with_the_agencys_law() -> None:
    agency = an_agency(cutoff="17:00")

    html = Client().get(PAGE).content.decode()

    assert f'<option value="{a_pack()}" selected>' in html
    assert 'value="17:00' in html
    assert agency.law == "TX"


def test_it_answers_before_the_portal_is_set_up() -> None:
    a_pack("CA")

    assert Client().get(PAGE).status_code == 200
    assert asked(law="CA", received_on="2026-11-02")["deadlines"][0]["due"] == "2026-11-12"
    assert not Agency.objects.exists()


def test_nothing_that_has_begun_is_said_in_words() -> None:
    a_pack("PA")

    page = Client().get(PAGE, {"law": "PA", "e0-type": "acknowledged", "e0-on": "2026-11-02"})

    assert "no time limit of this law has begun" in page.content.decode()


def test_law_that_counsel_has_not_adopted_is_called_a_draft() -> None:
    an_agency()

    assert asked(**TEXAS)["law_status"] == "draft"
    assert asked(**TEXAS)["law"] == str(LawPack.objects.get())


def test_crowd_is_asked_to_wait(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> None:
    an_agency()
    settings.RATELIMIT_ENABLE = True
    monkeypatch.setattr(views, "RATE", "2/h")
    client = Client()

    codes = [client.get(PAGE).status_code for _ in range(3)]

    assert codes == [200, 200, 429]


def test_version_that_an_agency_wrote_is_found_by_its_name() -> None:
    base = a_pack()
    data = {**base.data, "version": "2026.11+1"}
    LawPack.objects.create(
        code="TX", version="2026.11+1", name=base.name, effective_from=base.effective_from, data=data,
        sha256="a" * 64,
    )  # fmt: skip

    assert asked(**{**TEXAS, "law": str(base)})["law"] == str(base)
    assert asked(**{**TEXAS, "law": "TX 2026.11+1"})["law"] == "TX 2026.11+1"
    assert asked(**{**TEXAS, "law": "tx"})["law"] == "TX 2026.11+1"
