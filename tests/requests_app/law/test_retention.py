"""Retention in both directions: the worked examples, the order of rules, conflicts, odd input."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from requests_app.law import periods, retention
from requests_app.law.material import Material
from requests_app.law.pack import shipped, shipped_ids
from requests_app.law.rows import Longer, Retention

DAY = date(2026, 10, 30)
TODAY = date(2026, 11, 22)


def a_row(record_type: str = "lpr", **parts: Any) -> Retention:
    return Retention(
        **{
            "id": record_type, "record_type": record_type, "scope": "state", "trigger": "capture",
            "keep_at_least": None, "destroy_by": None, "longer_if": (), "request_hold": "allowed",
            "citation": "Code 1", "verified": "V", **parts,
        }
    )  # fmt: skip


def video(**parts: Any) -> Material:
    return Material(**{"record_type": "body_worn_camera", "recorded_on": DAY, **parts})


def reads(**parts: Any) -> Material:
    return Material(**{"record_type": "lpr", "recorded_on": DAY, **parts})


MN_UAV = a_row("drone_video", destroy_by="P7D", request_hold="silent", citation="Minn. Stat. 626.19")


@pytest.mark.parametrize(
    ("rows", "record_type", "recorded", "gone"),
    [
        ("WA", "lpr", date(2026, 11, 1), date(2026, 11, 22)),
        ("IL", "drone_video", date(2026, 11, 20), date(2026, 12, 20)),
        ("MN", "drone_video", date(2026, 11, 20), date(2026, 11, 27)),
        ([MN_UAV], "drone_video", date(2026, 11, 20), date(2026, 11, 27)),
        ("IN", "body_worn_camera", date(2026, 5, 18), date(2026, 11, 24)),
        ("TX", "body_worn_camera", date(2026, 8, 25), date(2026, 11, 23)),
        ("IL", "body_worn_camera", date(2026, 8, 25), date(2026, 11, 23)),
        ("VA", "lpr", date(2026, 11, 1), date(2026, 11, 22)),
        ("CO", "lpr", date(2026, 11, 1), date(2026, 12, 1)),  # the vendor's 30 days come before the 3 years
    ],
)
def test_worked_examples_give_their_day(
    rows: str | list[Retention], record_type: str, recorded: date, gone: date
) -> None:
    law = shipped(rows).retention if isinstance(rows, str) else rows

    assert retention.earliest(law, Material(record_type, recorded), on=TODAY).on == gone


@pytest.mark.parametrize(
    ("body", "ask_by", "kept"),
    [
        ("municipality", date(2026, 11, 14), date(2026, 11, 24)),
        ("agency", date(2027, 2, 12), date(2027, 2, 22)),
    ],
)
def test_each_body_of_indiana_has_its_own_period_and_last_day_to_ask(
    body: str, ask_by: date, kept: date
) -> None:
    seen = video(recorded_on=date(2026, 5, 18), body=body)

    found = retention.judge(shipped("IN").retention, seen, on=TODAY)

    assert (found.ask_by, found.keep_until) == (ask_by, kept)


@pytest.mark.parametrize(
    ("asked", "kept"),
    [
        (None, date(2026, 11, 24)),
        (date(2026, 11, 14), date(2028, 5, 18)),
        (date(2026, 11, 15), date(2026, 11, 24)),
    ],
)
def test_asking_in_time_keeps_a_recording_longer_and_asking_late_does_not(
    asked: date | None, kept: date
) -> None:
    seen = video(recorded_on=date(2026, 5, 18), subject_asked_on=asked)

    found = retention.judge(shipped("IN").retention, seen, on=TODAY)

    assert found.keep_until == kept


def test_the_laws_period_comes_before_the_default_and_says_its_source() -> None:
    found = retention.earliest(shipped("TX").retention, video(), on=TODAY)

    assert found.on == DAY + timedelta(days=90)
    assert found.rule == "must be kept for 90 days (formerly Occ. Code 1701.655)"
    assert found.rule_id == "tx-bwc"
    assert any("checked" in str(line) and "January 28, 2027" in str(line) for line in found.lines)


def test_footage_the_law_does_not_name_goes_by_the_agencys_ordinary_period() -> None:
    found = retention.earliest(shipped("TX").retention, video(record_type="law_enforcement_video"), on=TODAY)

    assert found.on == DAY + timedelta(days=30)
    assert "not law" in found.rule


@pytest.mark.parametrize(
    ("severity", "on"),
    [
        ("use_of_force", date(2028, 10, 30)),
        ("complaint", date(2028, 10, 30)),
        ("arrest_or_citation", None),
        ("felony", None),
        ("homicide_sex_offence_missing_person", None),
        ("", date(2026, 11, 29)),
    ],
)
def test_severity_chooses_the_default(severity: str, on: date | None) -> None:
    seen = video(record_type="law_enforcement_video", severity=severity)

    assert retention.earliest(shipped("NY").retention, seen, on=TODAY).on == on


def test_a_record_of_unknown_severity_is_not_judged_by_a_rule_of_one() -> None:
    found = retention.judge(shipped("NY").retention, video(), on=TODAY)

    assert (found.on, found.rule, found.lines[1:]) == (None, "", ())


def test_a_vendors_contract_says_nothing_about_what_we_have_ourselves() -> None:
    rows = shipped("TX").retention

    assert retention.judge(rows, reads(), on=TODAY).on is None
    assert retention.earliest(rows, reads(), on=TODAY).on == DAY + timedelta(days=30)


def test_the_schedule_of_the_agency_stands_in_for_the_default() -> None:
    own = a_row("law_enforcement_video", scope="agency schedule", keep_at_least="P60D", id="schedule-7")

    found = retention.judge(
        [*shipped("NY").retention, own],
        video(record_type="law_enforcement_video", severity="non_event"),
        on=TODAY,
    )

    assert (found.keep_until, found.rule_id) == (DAY + timedelta(days=60), "schedule-7")


def test_keeping_counts_from_the_last_day_in_a_record_and_destroying_from_the_first() -> None:
    rows = [a_row(keep_at_least="P10D"), a_row(destroy_by="P30D")]

    found = retention.judge(rows, reads(recorded_until=DAY + timedelta(days=6)), on=TODAY)

    assert (found.keep_until, found.destroy_by) == (DAY + timedelta(days=16), DAY + timedelta(days=30))


@pytest.mark.parametrize("hold", ["silent", "forbidden", "subject_may_extend"])
def test_a_hold_against_an_order_to_destroy_is_a_conflict(hold: str) -> None:
    rows = [a_row(destroy_by="P21D", request_hold=hold)]

    found = retention.judge(rows, reads(on_hold=True), on=TODAY)

    [conflict] = found.conflicts
    assert (conflict.on, conflict.request_hold) == (DAY + timedelta(days=21), hold)
    assert "Code 1" in conflict.text
    assert found.on is None


def test_a_hold_the_law_allows_a_policy_or_a_vendor_is_none() -> None:
    for row in (
        a_row(destroy_by="P21D", request_hold="allowed"),
        a_row(destroy_by="P21D", request_hold="silent", scope="agency schedule"),
        a_row(destroy_by="P21D", request_hold="silent", scope="vendor contract"),
    ):
        assert retention.judge([row], reads(on_hold=True, held_outside=True), on=TODAY).conflicts == ()


def test_washington_orders_both_while_a_request_is_open() -> None:
    found = retention.judge(shipped("WA").retention, reads(request_open=True), on=TODAY)

    [conflict] = found.conflicts
    assert (conflict.on, conflict.rule) == (DAY + timedelta(days=21), "wa-lpr")
    assert "RCW 42.56.100" in found.kept_open


def test_keeping_longer_than_the_order_to_destroy_is_a_conflict_of_two_rules() -> None:
    rows = [
        a_row(keep_at_least="P60D", id="one"),
        a_row(destroy_by="P30D", request_hold="silent", id="two"),
    ]

    [conflict] = retention.judge(rows, reads(), on=TODAY).conflicts

    assert conflict.text.endswith("Another rule keeps it until December 29, 2026.")


def test_an_indefinite_rule_against_an_order_to_destroy_names_both() -> None:
    rows = [a_row(keep_at_least="indefinite"), a_row(destroy_by="P30D", request_hold="silent")]

    [conflict] = retention.judge(rows, reads(), on=TODAY).conflicts

    assert "kept without end" in conflict.text


@pytest.mark.parametrize(
    ("parts", "on", "lifted"),
    [
        ({}, DAY + timedelta(days=90), False),
        ({"severity": "use_of_force"}, date(2028, 10, 30), True),
        ({"conditions": frozenset({"flagged"})}, date(2028, 10, 30), True),
        ({"case_open": True}, None, True),
        ({"severity": "arrest_or_citation"}, date(2028, 10, 30), True),
    ],
)
def test_what_is_true_of_a_recording_lifts_the_order_to_destroy(
    parts: dict[str, Any], on: date | None, lifted: bool
) -> None:
    found = retention.judge(shipped("IL").retention, video(**parts), on=TODAY)

    assert found.on == on
    assert (found.destroy_by is None) is lifted
    assert found.conflicts == ()


def test_a_closed_case_ends_the_keeping_that_waited_for_it() -> None:
    closed = date(2027, 3, 1)

    found = retention.judge(
        shipped("TX").retention, video(severity="use_of_force", case_closed_on=closed), on=TODAY
    )

    assert found.keep_until == closed
    assert "is kept until its case is closed" in found.rule


def test_rules_that_count_from_a_case_or_a_complaint_wait_for_it() -> None:
    rows = [
        a_row(trigger="case_close", keep_at_least="P1Y"),
        a_row(trigger="complaint", keep_at_least="P2Y"),
    ]

    open_case = retention.judge(rows, reads(case_open=True), on=TODAY)
    over = retention.judge(rows, reads(case_closed_on=DAY, complaint_on=DAY + timedelta(days=1)), on=TODAY)

    assert (open_case.on, "begins when its case is closed" in open_case.kept_open) == (None, True)
    assert over.keep_until == date(2028, 10, 31)


def test_until_resolved_binds_only_while_a_request_is_open() -> None:
    rows = [a_row(keep_at_least="until_resolved"), a_row(keep_at_least="P5D")]

    assert retention.judge(rows, reads(), on=TODAY).on == DAY + timedelta(days=5)
    assert retention.judge(rows, reads(request_open=True), on=TODAY).on is None


def test_one_agencys_own_rule_binds_nobody_else() -> None:
    rows = [a_row(scope="CHP", destroy_by="P60D"), a_row(scope="private", destroy_by="P1D")]

    assert retention.judge(rows, reads(agency="Larkspur PD"), on=TODAY).on is None
    assert retention.judge(rows, reads(agency="CHP"), on=TODAY).on == DAY + timedelta(days=60)
    assert (
        retention.judge([a_row(scope="local", destroy_by="P9D")], reads(body="agency"), on=TODAY).on is None
    )


def test_a_rule_not_yet_in_force_does_not_count() -> None:
    rows = shipped("WA").retention

    assert retention.earliest(rows, reads(), on=date(2026, 3, 29)).on == DAY + timedelta(days=30)


def test_a_rule_may_be_named_after_its_severity_alone() -> None:
    rows = [a_row("non_event", scope="agency", keep_at_least="P45D", citation=None, note="A note")]

    found = retention.earliest(rows, video(), on=TODAY)

    assert (found.on, found.rule) == (DAY + timedelta(days=45), "must be kept for 45 days (A note)")


@pytest.mark.parametrize("material", [reads(recorded_on=None), reads(record_type="policy")])
def test_without_a_fitting_rule_or_a_day_nothing_is_made_up(material: Material) -> None:
    found = retention.earliest(shipped("WA").retention, material, on=TODAY)

    assert (found.on, found.rule) == (None, "")


def test_longer_keeping_of_an_unnamed_condition_still_says_it() -> None:
    rows = [a_row(keep_at_least="P1D", longer=(Longer("court_order", "P90D", False),))]

    found = retention.judge(rows, reads(conditions=frozenset({"court_order"})), on=TODAY)

    assert "for court order" in found.rule


def test_a_bad_period_names_its_rule() -> None:
    with pytest.raises(periods.RetentionError, match="Retention rule lpr: “P” is not a period"):
        retention.judge([a_row(destroy_by="P")], reads(), on=TODAY)


@pytest.mark.parametrize(
    ("start", "period", "end"),
    [
        (date(2026, 1, 31), "P1M", date(2026, 2, 28)),
        (date(2024, 1, 31), "P1M", date(2024, 2, 29)),
        (date(2024, 2, 29), "P1Y", date(2025, 2, 28)),
        (date(2026, 11, 30), "P3M", date(2027, 2, 28)),
        (date(2026, 12, 1), "P2Y6M", date(2029, 6, 1)),
        (date(2026, 1, 1), "P2W3D", date(2026, 1, 18)),
        (date(2026, 11, 1), "PT3M", date(2026, 11, 1)),
        (date(2026, 11, 1), "P1DT24H", date(2026, 11, 3)),
        (datetime(2026, 11, 1, 8, tzinfo=UTC), "PT3M", datetime(2026, 11, 1, 8, 3, tzinfo=UTC)),
    ],
)
def test_periods_end_within_short_months(start: date, period: str, end: date) -> None:
    assert periods.after(start, period) == end


@pytest.mark.parametrize("period", ["", "P", "PT", "P1", "90D", "P-1D", "P1DT", "P٣D", "P1D\n", "indefinite"])
def test_what_is_no_period_is_refused(period: str) -> None:
    assert not periods.is_period(period)
    with pytest.raises(periods.RetentionError, match="is not a period"):
        periods.after(DAY, period)


@pytest.mark.parametrize("period", ["P9999Y", "P99999999999D", "P95678M"])
def test_a_period_beyond_the_calendar_is_refused(period: str) -> None:
    with pytest.raises(periods.RetentionError, match="year 9999"):
        periods.after(DAY, period)


@pytest.mark.parametrize(
    ("period", "words"),
    [
        ("P1Y2M", "1 year and 2 months"),
        ("PT3M", "3 minutes"),
        ("P0D", "no time at all"),
        ("indefinite", "without end"),
        ("until_case_closed", "until the case is closed"),
    ],
)
def test_periods_are_told_in_words(period: str, words: str) -> None:
    assert periods.in_words(period) == words


@pytest.mark.parametrize(
    ("one", "other", "earlier"),
    [("P90D", "P3M", True), ("P92D", "P3M", False), ("P365D", "P1Y", True), ("P1M", "P28D", False)],
)
def test_periods_are_compared_on_every_day_they_can_begin(one: str, other: str, earlier: bool) -> None:
    assert periods.ever_ends_earlier(one, other) is earlier


@given(
    start=st.dates(date(1990, 1, 1), date(2100, 1, 1)),
    months=st.integers(0, 400),
    days=st.integers(0, 4000),
)
def test_a_longer_period_never_ends_earlier(start: date, months: int, days: int) -> None:
    end = periods.after(start, f"P{months}M{days}D")

    assert start <= end <= periods.after(start, f"P{months + 1}M{days}D")


@given(
    law=st.sampled_from(shipped_ids()),
    kind=st.sampled_from(["lpr", "body_worn_camera", "drone_video", "drone_log", "search_audit_log"]),
    recorded=st.dates(date(2020, 1, 1), date(2030, 1, 1)),
    hold=st.booleans(),
)
def test_a_hold_never_shortens_and_never_destroys(law: str, kind: str, recorded: date, hold: bool) -> None:
    rows = shipped(law).retention

    free = retention.judge(rows, Material(kind, recorded, severity="non_event"), on=TODAY)
    held = retention.judge(rows, Material(kind, recorded, severity="non_event", on_hold=True), on=TODAY)

    assert held.on is None
    assert (free.keep_until, free.destroy_by) == (held.keep_until, held.destroy_by)
    assert free == retention.judge(rows, Material(kind, recorded, severity="non_event"), on=TODAY)
