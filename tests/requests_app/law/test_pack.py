import copy
import json
import re
import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import Any

import jsonschema  # type: ignore[import-untyped]  # it ships no types
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from requests_app.law import pack, schema
from requests_app.law.pack import PACKS
from requests_app.law.schema import PackError


def raw(law: str = "TX") -> dict[str, Any]:
    data: dict[str, Any] = json.loads((PACKS / f"{law}.json").read_text(encoding="utf-8"))
    return data


@pytest.mark.parametrize("law", pack.shipped_ids())
def test_shipped_pack_is_a_draft_that_marks_every_row(law: str) -> None:
    made = pack.shipped(law)

    assert made.id == law
    assert made.status == "draft"
    assert {row.verified for row in made.clocks.values()} <= {"V", "P", "M"}
    assert all(row.citation or row.verified == "M" for row in made.clocks.values())
    assert len(made.reasons) == 31
    assert not made.reasons["NOT_RESPONSIVE"].is_exemption


@pytest.mark.parametrize("law", pack.shipped_ids())
def test_shipped_pack_passes_a_full_schema_validator(law: str) -> None:
    validator = jsonschema.Draft202012Validator(
        schema.schema(), format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER
    )

    assert list(validator.iter_errors(raw(law))) == []


def test_schema_itself_is_well_formed() -> None:
    jsonschema.Draft202012Validator.check_schema(schema.schema())


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        (("clocks", 0, "n"), "ten", 'odd.json: clocks/ag_request/n: "ten" is not of type integer'),
        (("clocks", 0, "n"), 0, "odd.json: clocks/ag_request/n: 0 is less than 1"),
        (("clocks", 0, "n"), 9999, "odd.json: clocks/ag_request/n: 9999 is more than 3660"),
        (("clocks", 0, "n"), True, "odd.json: clocks/ag_request/n: true is not of type integer"),
        (("clocks", 0, "unit"), "week", 'clocks/ag_request/unit: "week" is not one of business_day'),
        (("clocks", 0, "surprise"), 1, "clocks/ag_request/surprise: is not a field"),
        (("clocks", 0, "start", "from"), [], "clocks/ag_request/start/from: needs at least 1 entry"),
        (("clocks", 0, "tolls", 0, "mode"), "melt", "clocks/ag_request/tolls/clarification_sent/mode"),
        (("clocks", 1, "name"), "ag_request", "odd.json: clocks/ag_request: appears twice"),
        (("fees", "rows", 0, "rate"), "0.20", "fees/rows/tx-page/rate: 0.20 is above its own max_rate 0.10"),
        (("fees", "rows", 0, "rate"), "ten", "does not look like an amount such as 0.10"),
        (("fees", "rows", 1, "id"), "tx-page", "fees/rows/tx-page: appears twice"),
        (("fees", "bars", 0, "rows"), ["tx-tea"], "fees/bars/tx-fifty-pages/rows: there is no row tx-tea"),
        (("fees", "rows", 8, "activities"), None, "activities: null is not of type array"),
        (("exemptions", 0, "effective_to"), "2020-01-01", None),
        (("exemptions", 0, "letter_text"), "", "exemptions/TX-108/letter_text: is empty"),
        (("exemptions", 0, "verified"), "X", 'exemptions/TX-108/verified: "X" is not one of V, P, M'),
        (("redaction_reasons", 0, "exemptions"), ["TX-1"], "there is no exemption TX-1"),
        (("calendar", "holidays", 0, "on", "day"), 32, "calendar/holidays/new-year/on/day: 32 is more"),
        (("effective_from",), "2026-02-30", 'effective_from: "2026-02-30" is not a date'),
        (("effective_to",), "2000-01-01", "TX/effective_to: is before effective_from"),
        (("version",), "new", "does not look like a version such as 2026.12"),
        (("version",), "2026.12+", "does not look like a version such as 2026.12"),
        (("timezone",), "America/Nowhere", "odd.json: timezone: America/Nowhere is no time zone"),
        (("clocks", 0, "start", "from", 0, "event"), "rained", 'start/from/rained/event: "rained" is not'),
        (("clocks", 0, "met_by"), ["rained"], 'clocks/ag_request/met_by/0: "rained" is not one of'),
        (("clocks", 0, "on_miss", 0, "effect"), "rain", 'ag_request/on_miss/rain/effect: "rain" is not one'),
        (("clocks", 0, "on_miss", 0, "why"), "", "ag_request/on_miss/presumed_public/why: is empty"),
        (("clocks", 0, "source_url"), "http://x", "does not look like an address that begins with https://"),
        (("clocks", 0, "verified_on"), "June", 'clocks/ag_request/verified_on: "June" is not a date'),
        (("clocks", 0, "source"), [], "clocks/ag_request/source: needs at least 1 entry"),
        (
            ("fees", "rows", 0, "rate"),
            0.1,
            "fees/rows/tx-page/rate: 0.1 is not of type string or null: write",
        ),
        (("fees", "bars", 1, "id"), "tx-fifty-pages", "odd.json: fees/bars/tx-fifty-pages: appears twice"),
        (("exemptions", 1, "needs"), [], "exemptions/TX-101/letter_text: {statute} is not listed in needs"),
        (("exemptions", 0, "needs"), ["harm"], "{harm} has no place in the letter text"),
        (
            ("exemptions", 1, "choices"),
            {"tea": ["x"]},
            "exemptions/TX-101/choices/tea: is not listed in needs",
        ),
        (("calendar", "holidays", 1, "id"), "new-year", "calendar/holidays/new-year: appears twice"),
        (("letters", "poem"), [], "odd.json: letters/poem: is not a kind of letter"),
        (("letters", "denial", 1, "id"), "exemptions", "letters/denial/exemptions: appears twice"),
        (("retention", 1, "id"), "tx-bwc", "odd.json: retention/tx-bwc: appears twice"),
        (("retention", 0, "keep_at_least"), "P", 'retention/tx-bwc/keep_at_least: "P" does not look like'),
        (("retention", 0, "keep_at_least"), "90 days", "does not look like a period such as P90D, or until_"),
        (
            ("retention", 0, "destroy_by"),
            "indefinite",
            'destroy_by: "indefinite" does not look like a period',
        ),
        (
            ("retention", 0, "destroy_by"),
            "P11W",
            "tx-bwc/destroy_by: P11W is before keep_at_least has passed",
        ),
        (("retention", 0, "destroy_by"), "P1DT23H", "P1DT23H is before keep_at_least has passed"),
        (("retention", 0, "destroy_by"), "PT30M", "PT30M is before keep_at_least has passed"),
        (("retention", 0, "trigger"), "whim", 'retention/tx-bwc/trigger: "whim" is not one of capture'),
        (("retention", 0, "effective_to"), "2020-01-01", None),
    ],
)
def test_fault_names_file_rule_and_field(path: tuple[Any, ...], value: Any, said: str | None) -> None:
    data = raw()
    spot: Any = data
    for step in path[:-1]:
        spot = spot[step]
    spot[path[-1]] = value

    if said is None:
        # the row has no start of its own, so only its pack's start could contradict it
        made = pack.parse(data, "odd.json")
        assert date(2020, 1, 1) in (made.exemptions["TX-108"].effective_to, made.retention[0].effective_to)
        return
    with pytest.raises(PackError) as refused:
        pack.parse(data, "odd.json")

    assert said in str(refused.value)
    assert all(problem.startswith("odd.json: ") for problem in refused.value.problems)


def test_every_fault_is_listed_at_once() -> None:
    data = raw()
    del data["name"], data["clocks"][0]["title"]

    with pytest.raises(PackError) as refused:
        pack.parse(data)

    assert refused.value.problems == (
        "pack: name: is missing",
        "pack: clocks/ag_request/title: is missing",
    )


@pytest.mark.parametrize(
    ("part", "field"),
    [("clocks", "unit"), ("clocks", "citation"), ("clocks", "verified"), ("exemptions", "citation"),
     ("exemptions", "verified"), ("appeals", "citation"), ("retention", "citation"),
     ("retention", "verified")],
)  # fmt: skip
def test_rule_without_its_unit_citation_or_mark_is_refused(part: str, field: str) -> None:
    data = raw()
    row = data[part][0]
    del row[field]
    name = row.get("name") or row.get("code") or row.get("id") or "0"

    with pytest.raises(PackError, match=f"pack: {part}/{name}/{field}: is missing"):
        pack.parse(data)


@pytest.mark.parametrize(
    ("clock", "part", "field"),
    [(0, "tolls", "citation"), (0, "on_miss", "citation"), (0, "on_miss", "why"), (0, "on_miss", "verified")],
)
def test_part_of_a_clock_without_its_citation_or_mark_is_refused(clock: int, part: str, field: str) -> None:
    data = raw()
    del data["clocks"][clock][part][0][field]

    with pytest.raises(PackError, match=f"clocks/ag_request/{part}/[a-z_]+/{field}: is missing"):
        pack.parse(data)


@pytest.mark.parametrize("part", ["exemptions", "holidays", "retention"])
def test_row_that_ends_before_it_begins_is_refused(part: str) -> None:
    data = raw()
    row = (data["calendar"] if part == "holidays" else data)[part][0]
    row.update(effective_from="2026-02-01", effective_to="2026-01-31")

    with pytest.raises(PackError, match=f"{row.get('code', row.get('id'))}/effective_to: is before"):
        pack.parse(data)


def test_row_that_begins_and_ends_on_one_day_holds_that_day() -> None:
    data = raw()
    data["retention"][0].update(effective_from="2026-02-01", effective_to="2026-02-01")

    row = pack.parse(data).retention[0]

    held = [row.in_force(date(2026, *day)) for day in ((1, 31), (2, 1), (2, 2))]
    assert held == [False, True, False]


def test_row_that_is_switched_off_is_not_in_the_pack() -> None:
    data = raw()
    data["retention"][0]["enabled"] = data["fees"]["rows"][-1]["enabled"] = False
    data["fees"]["bars"] = []

    made = pack.parse(data)

    assert "tx-bwc" not in {row.id for row in made.retention}
    assert made.fees.row("tx-overhead") is None


def test_agency_marks_its_own_version_and_who_checked_a_rule() -> None:
    data = raw()
    data["version"] = "2026.12+3"
    mark = {"source": "The code itself", "verified_by": "R. Vega", "verified_on": "2026-12-01"}
    for part in ("clocks", "exemptions", "redaction_reasons", "appeals", "retention"):
        data[part][0].update(mark)
    for rows in (data["fees"]["rows"], data["fees"]["bars"], data["letters"]["denial"], [data["calendar"]]):
        rows[0].update(mark)

    assert pack.parse(data).version == "2026.12+3"


def test_pack_of_an_older_release_can_still_be_read() -> None:
    data = raw()
    data["version"] = "2026.11"
    for row in data["clocks"]:
        row["on_miss"] = "The records are presumed public."
    for row in data["retention"]:
        for name in ("title", "severity", "longer", "ask_within", "source", "verified_by", "verified_on"):
            row.pop(name, None)

    made = pack.parse(data)

    effect = made.clocks["ag_request"].on_miss[0]
    assert (effect.effect, effect.why) == ("stated", "The records are presumed public.")
    assert effect.citation == made.clocks["ag_request"].citation
    assert made.retention[0].title == "body worn camera"


def test_effects_of_a_missed_clock_keep_their_order_and_sources() -> None:
    rule = pack.shipped("US").clocks["determination"]

    assert [row.effect for row in rule.on_miss] == ["constructive_exhaustion", "fee_bar_search"]
    assert pack.shipped("US").clocks["acknowledge"].on_miss == ()


@pytest.mark.parametrize(
    ("money", "said"),
    [
        ("0.10", "0.10 is not of type string or null: write it in quotes"),
        ("1", "1 is not of type string or null"),
    ],
)
def test_money_written_as_a_bare_number_is_refused(tmp_path: Path, money: str, said: str) -> None:
    text = (PACKS / "TX.json").read_text(encoding="utf-8").replace('"rate": "0.10"', f'"rate": {money}', 1)
    (tmp_path / "bare.json").write_text(text, encoding="utf-8")

    with pytest.raises(PackError, match=rf"bare\.json: fees/rows/tx-page/rate: {re.escape(said)}"):
        pack.load(tmp_path / "bare.json")


def test_appeal_may_not_name_a_clock_the_law_lacks() -> None:
    data = raw("US")
    data["appeals"][0]["clock"] = "tea_time"

    with pytest.raises(PackError, match="there is no clock tea_time"):
        pack.parse(data)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"tiers": [{"up_to": "80", "amount": "20"}]}, "tiers: the last step must be open at the top"),
        ({"tiers": []}, "tiers: needs at least 1 entry"),
        (
            {"tiers": [{"up_to": "80", "amount": "20"}, {"under": "80", "amount": "40"}, {"amount": "9"}]},
            "il-voluminous/tiers/2: ends at 80, inside the step before it",
        ),
        (
            {"tiers": [{"up_to": "80", "amount": "20"}, {"up_to": "80", "amount": "40"}, {"amount": "9"}]},
            "il-voluminous/tiers/2: ends at 80, inside the step before it",
        ),
        (
            {"tiers": [{"up_to": "80", "amount": "20"}, {"amount": "40"}, {"amount": "9"}]},
            "il-voluminous/tiers/2: a step below the last needs one end, under or up_to",
        ),
        (
            {"tiers": [{"up_to": "80", "under": "70", "amount": "20"}, {"amount": "9"}]},
            "il-voluminous/tiers/1: a step below the last needs one end, under or up_to",
        ),
        ({"basis": "staff_time"}, "activities: staff time needs the kinds of work it covers"),
    ],
)
def test_fee_row_that_could_not_be_computed_is_refused(change: dict[str, Any], said: str) -> None:
    data = raw("IL")
    row = next(row for row in data["fees"]["rows"] if row["id"] == "il-voluminous")
    row.update(change)

    with pytest.raises(PackError, match=said):
        pack.parse(data)


@pytest.mark.parametrize("text", ["{", '{"id": NaN}', "[]", "7"])
def test_file_that_is_no_pack_is_refused_by_name(tmp_path: Path, text: str) -> None:
    broken = tmp_path / "broken.json"
    broken.write_text(text, encoding="utf-8")

    with pytest.raises(PackError, match=r"broken\.json: the file: "):
        pack.load(broken)


def test_missing_file_and_unknown_law_are_refused(tmp_path: Path) -> None:
    with pytest.raises(PackError, match="cannot be read"):
        pack.load(tmp_path / "absent.json")
    with pytest.raises(PackError, match="no law pack of this name"):
        pack.shipped("../TX")


def test_exemptions_are_listed_for_the_day_and_the_material() -> None:
    data = raw()
    data["exemptions"][0]["effective_to"] = "2026-06-30"
    made = pack.parse(data)

    before = {row.code for row in made.exemptions_on(date(2026, 6, 30), "lpr")}
    after = {row.code for row in made.exemptions_on(date(2026, 7, 1), "lpr")}
    whole = {row.code for row in made.exemptions_on(date(2026, 7, 1))}

    assert before - after == {"TX-108"}
    assert "TX-BWC-private" not in after
    assert "TX-BWC-private" in whole
    assert made.exemptions_on(date(2025, 8, 31)) == ()


def test_law_engines_do_not_load_django() -> None:
    program = (
        "import sys; import requests_app.law.moves, requests_app.law.fees, requests_app.law.pack as p;"
        "p.shipped('TX'); print([m for m in sys.modules if m.split('.')[0] in "
        "{'django', 'celery', 'rest_framework', 'holidays', 'jsonschema'}])"
    )

    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[]"


JSON_BITS = st.sampled_from(
    [None, True, 0, -1, 7, "", "x", "V", "2026-01-01", "0.10", [], {}, ["x"], {"a": 1}]
)


def _places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    found = [path] if path else []
    if isinstance(value, dict):
        return found + [place for key, inner in value.items() for place in _places(inner, (*path, key))]
    if isinstance(value, list):
        return found + [place for at, inner in enumerate(value) for place in _places(inner, (*path, at))]
    return found


TEXAS = raw()
PLACES = _places(TEXAS)
FULL = jsonschema.Draft202012Validator(
    schema.schema(), format_checker=jsonschema.FormatChecker(formats=["date"])
)


@settings(max_examples=60, deadline=None)
@given(place=st.sampled_from(PLACES), value=JSON_BITS)
def test_small_validator_agrees_with_a_full_one(place: tuple[Any, ...], value: Any) -> None:
    data = copy.deepcopy(TEXAS)
    spot: Any = data
    for step in place[:-1]:
        spot = spot[step]
    spot[place[-1]] = value

    ours = list(schema.faults(data, schema.schema()))

    assert bool(ours) == (not FULL.is_valid(data)), (place, value, ours)
