from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from requests_app.intake import retention
from requests_app.law.pack import PACKS, Retention, load

DAY = date(2026, 10, 30)


def a_row(record_type: str, **parts: Any) -> Retention:
    return Retention(
        **{
            "id": record_type, "record_type": record_type, "scope": "state", "trigger": "capture",
            "keep_at_least": None, "destroy_by": None, "longer_if": (), "request_hold": "allowed",
            "citation": "Code 1", "verified": "V", **parts,
        }
    )  # fmt: skip


def test_the_laws_period_of_the_record_type_decides() -> None:
    rows = load(PACKS / "TX.json").retention

    found = retention.earliest(rows, "body_worn_camera", DAY)

    assert found.on == DAY + timedelta(days=90)
    assert "90 days" in found.rule
    assert "1701.655" in found.rule


def test_plate_reads_go_by_the_vendors_shorter_period() -> None:
    rows = load(PACKS / "CA.json").retention

    found = retention.earliest(rows, "lpr", DAY)

    assert found.on == DAY + timedelta(days=30)
    assert "must be gone after 30 days" in found.rule


def test_footage_the_law_does_not_name_goes_by_the_agencys_ordinary_period() -> None:
    rows = load(PACKS / "TX.json").retention

    found = retention.earliest(rows, "law_enforcement_video", DAY)

    assert found.on == DAY + timedelta(days=30)
    assert "Agency default" in found.rule


@pytest.mark.parametrize(
    ("record_type", "on"), [("", DAY), ("policy", DAY), ("body_worn_camera", None), ("lpr", None)]
)
def test_without_a_fitting_rule_or_a_day_nothing_is_made_up(record_type: str, on: date | None) -> None:
    rows = load(PACKS / "TX.json").retention

    assert retention.earliest(rows, record_type, on) == retention.Destruction(None, "")


def test_rows_that_start_otherwise_or_name_no_period_are_left_out() -> None:
    rows = [
        a_row("lpr", trigger="case_close", keep_at_least="P1D"),
        a_row("lpr", keep_at_least="until_resolved"),
        a_row("lpr", keep_at_least="P"),
    ]

    assert retention.earliest(rows, "lpr", DAY).on is None


@pytest.mark.parametrize(
    ("start", "period", "end"),
    [
        (date(2026, 1, 31), "P1M", date(2026, 2, 28)),
        (date(2024, 2, 29), "P1Y", date(2025, 2, 28)),
        (date(2026, 11, 30), "P3M", date(2027, 2, 28)),
        (date(2026, 12, 1), "P2Y6M", date(2029, 6, 1)),
        (date(2026, 1, 1), "P2W3D", date(2026, 1, 18)),
    ],
)
def test_periods_end_within_short_months(start: date, period: str, end: date) -> None:
    assert retention.after(start, period) == end


@given(
    start=st.dates(date(1990, 1, 1), date(2100, 1, 1)),
    months=st.integers(0, 400),
    days=st.integers(0, 4000),
)
def test_a_longer_period_never_ends_earlier(start: date, months: int, days: int) -> None:
    end = retention.after(start, f"P{months}M{days}D")

    assert start <= end <= retention.after(start, f"P{months + 1}M{days}D")


def test_rule_is_told_in_words_with_its_source() -> None:
    rows = [a_row("lpr", keep_at_least="P1Y2M", citation=None, note="A note")]

    assert retention.earliest(rows, "lpr", DAY).rule == "must be kept for 1 year and 2 months (A note)"
