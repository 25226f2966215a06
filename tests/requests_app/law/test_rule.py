"""A pack taken apart into rules, put together again, compared and put into words."""

import json
from typing import Any

import pytest

from requests_app.law import diff, pack, reading, rule
from requests_app.law.pack import PACKS


def a_law(code: str = "TX") -> dict[str, Any]:
    found: dict[str, Any] = json.loads((PACKS / f"{code}.json").read_text(), parse_float=str)
    return found


@pytest.mark.parametrize("code", pack.shipped_ids())
def test_every_rule_of_every_law_has_a_path_and_goes_back_where_it_was(code: str) -> None:
    data = a_law(code)
    found = rule.rules(data)

    assert len({each.path for each in found}) == len(found) > 5
    for each in found[::7]:
        assert rule.put(data, each.section, each.data, each.path) == (data, each.path)
        assert rule.find(data, each.path).fingerprint == each.fingerprint
        assert len(rule.rules(rule.remove(data, each.path))) == len(found) - 1


@pytest.mark.parametrize("code", pack.shipped_ids())
def test_every_rule_of_every_law_is_said_in_words(code: str) -> None:
    for each in rule.rules(a_law(code)):
        words = " ".join([reading.title(each), reading.summary(each), *(w for _, w in reading.further(each))])

        assert reading.title(each)
        assert not set("{}[]") & set(words.replace("{statute}", "")) or each.data.get("letter_text"), (
            each.path
        )


def test_paths_name_rules_as_people_cite_them() -> None:
    paths = {each.path for each in rule.rules(a_law())}

    assert {
        "clocks/ag_request", "calendar", "calendar/holidays/thanksgiving", "fees/rows/tx-page",
        "fees/deposit", "exemptions/TX-108", "letters/denial/exemptions", "retention/tx-bwc",
    } <= paths  # fmt: skip


def test_digest_holds_what_is_said_and_not_how_sure_it_is() -> None:
    found = rule.find(a_law(), "clocks/ag_request")
    surer = rule.Rule(found.path, found.section, {**found.data, "verified": "P", "source": "the code"})
    longer = rule.Rule(found.path, found.section, {**found.data, "n": 11})

    assert surer.digest == found.digest
    assert surer.fingerprint != found.fingerprint
    assert longer.digest != found.digest


def test_added_rule_gets_its_path_and_a_name_that_is_taken_is_refused() -> None:
    data = a_law()
    section = rule.section_of(data, "calendar/holidays")
    value = {
        "id": "founders",
        "name": "Founders' Day",
        "on": {"kind": "fixed", "month": 3, "day": 9},
        "verified": "M",
    }

    made, path = rule.put(data, section, value, None)

    assert path == "calendar/holidays/founders"
    assert rule.find(made, path).data == value
    assert not any(each.path == path for each in rule.rules(data))
    with pytest.raises(rule.RuleExists, match="choose another name"):
        rule.put(made, section, value, None)


def test_rules_that_begin_alike_are_told_apart() -> None:
    data = a_law()
    first = rule.rules_of(data, rule.section_of(data, "appeals"))[0]

    made, path = rule.put(data, first.section, first.data, None)

    assert path == f"{first.path}~2"
    assert rule.find(made, path).data == first.data


def test_letter_of_a_new_kind_has_a_section_of_its_own() -> None:
    data = {**a_law(), "letters": {}}
    value = {"id": "why", "item": "Why", "citation": None, "verified": "M"}

    made, path = rule.put(data, rule.section_of(data, "letters/denial"), value, None)

    assert path == "letters/denial/why"
    assert made["letters"] == {"denial": [value]}


@pytest.mark.parametrize("section", ["nonsense", "letters/Not a name", "letters", "fees/none"])
def test_part_that_packs_do_not_have_is_named(section: str) -> None:
    with pytest.raises(rule.RuleUnknown, match="has no part"):
        rule.section_of(a_law(), section)


def test_path_that_is_not_there_is_named() -> None:
    data = a_law()
    section = rule.section_of(data, "clocks")

    with pytest.raises(rule.RuleUnknown, match="no rule clocks/none"):
        rule.find(data, "clocks/none")
    with pytest.raises(rule.RuleUnknown, match="no rule clocks/none"):
        rule.put(data, section, {"name": "none"}, "clocks/none")


def test_single_rule_is_written_and_removed_beside_what_it_shares_a_place_with() -> None:
    data = a_law()
    calendar = rule.find(data, "calendar")

    made, _ = rule.put(data, calendar.section, {**calendar.data, "name": "Other days"}, "calendar")
    bare = rule.remove(made, "calendar")

    assert made["calendar"]["name"] == "Other days"
    assert made["calendar"]["holidays"] == data["calendar"]["holidays"]
    assert set(bare["calendar"]) == {"holidays"}
    assert "deposit" not in rule.remove(data, "fees/deposit")["fees"]


def test_fields_come_in_the_schemas_order_whatever_the_database_makes_of_it() -> None:
    data = a_law()
    clock = rule.find(data, "clocks/ag_request").data
    shuffled = {**data, "clocks": [dict(sorted(row.items(), reverse=True)) for row in data["clocks"]]}

    assert list(rule.find(shuffled, "clocks/ag_request").data) == list(clock)
    assert list(clock)[:3] == ["name", "title", "n"]


def test_change_is_told_field_by_field() -> None:
    old = a_law()
    new = json.loads(json.dumps(old))
    new["clocks"][0]["n"] = 11
    new["name"] = "Another name"
    removed = new["fees"]["bars"].pop(0)
    new["calendar"]["holidays"].append(
        {"id": "new", "name": "New Day", "on": {"kind": "easter", "offset": -2}, "verified": "M"}
    )

    found = {change.path: change for change in diff.changes(old, new)}

    assert set(found) == {
        "facts", "clocks/ag_request", f"fees/bars/{removed['id']}", "calendar/holidays/new",
    }  # fmt: skip
    assert found["clocks/ag_request"].fields == (diff.Field("Length", "10", "11"),)
    assert found["facts"].fields == (diff.Field("Name", "Texas Public Information Act", "Another name"),)
    assert found["calendar/holidays/new"].kind == "added"
    assert diff.Field("When", "", "Easter Sunday, 2 days before") in found["calendar/holidays/new"].fields
    assert found[f"fees/bars/{removed['id']}"].kind == "removed"


def test_version_differs_in_nothing_from_itself() -> None:
    data = a_law()

    assert diff.changes(data, {**data, "version": "2026.12+1"}) == []


@pytest.mark.parametrize(
    ("on", "words"),
    [
        ({"kind": "fixed", "month": 3, "day": 2}, "March 2"),
        ({"kind": "fixed", "month": 11, "day": 3, "years": "even"}, "November 3 in even years"),
        ({"kind": "nth_weekday", "month": 5, "weekday": "monday", "nth": -1}, "last Monday of May"),
        (
            {"kind": "nth_weekday", "month": 11, "weekday": "thursday", "nth": 4, "offset": 1},
            "fourth Thursday of November, 1 day later",
        ),
        ({"kind": "nth_weekday", "month": 5, "weekday": "monday", "nth": -2}, "-2. Monday of May"),
        ({"kind": "easter", "offset": -2}, "Easter Sunday, 2 days before"),
        ({"kind": "moon"}, "Kind: moon"),
    ],
)
def test_holiday_is_said_as_people_say_it(on: dict[str, Any], words: str) -> None:
    assert reading.holiday(on) == words


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("P90D", "90 days"),
        ("P1Y", "1 year"),
        ("P2Y6M", "2 years 6 months"),
        ("PT3M", "PT3M"),
        ("until_resolved", "until resolved"),
        ("indefinite", "indefinite"),
    ],
)
def test_period_is_spelt(text: str, words: str) -> None:
    assert reading.period(text) == words


def test_source_says_where_who_and_when() -> None:
    row = {
        "source": ["the code", "a copy"], "source_url": "https://law.example", "verified_by": "Ann",
        "verified_on": "2026-11-22", "source_note": "read twice",
    }  # fmt: skip

    assert reading.source(row) == (
        "the code, a copy; https://law.example; compared by Ann, November 22, 2026; read twice"
    )
    assert reading.source({"source": "the code", "verified_by": "Ann"}) == "the code; compared by Ann"
    assert reading.source({}) == ""


def test_clock_is_told_in_sentences() -> None:
    told = dict(reading.further(rule.find(a_law(), "clocks/ag_request")))

    assert told["Starts when"].startswith("received or postmarked plus 3 business days (")
    assert told["Other lengths"].startswith("20 business days if record type: body worn camera (")
    assert "clarification sent: the clock starts again on the answer (" in told["What a question does"]
    assert "estimate sent: the clock runs on (" in told["What a question does"]


def test_extension_and_miss_of_a_clock_are_told() -> None:
    row = {
        "name": "x", "title": "X", "n": 3, "unit": "business_day", "citation": None, "verified": "M",
        "start": {"from": [{"event": "denied", "which": "last"}]}, "on_miss": "The request counts as denied.",
        "extensions": [{
            "max": 1, "unit": "calendar_day", "reasons": ["many records", "consultation"], "citation": "7",
            "when": {"record_type": ["paper"]}, "verified": "M",
        }],
    }  # fmt: skip

    told = dict(reading.further(rule.Rule("clocks/x", rule.section_of(a_law(), "clocks"), row)))

    assert told["Starts when"] == "the last time denied"
    assert told["What a missed limit does"] == "The request counts as denied."
    assert told["May be extended by"] == (
        "at most 1 calendar day for many records, consultation if record type: paper (7)"
    )
