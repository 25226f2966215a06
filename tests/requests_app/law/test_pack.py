import copy
import json
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
        assert pack.parse(data, "odd.json").exemptions["TX-108"].effective_to == date(2020, 1, 1)
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


def test_appeal_may_not_name_a_clock_the_law_lacks() -> None:
    data = raw("US")
    data["appeals"][0]["clock"] = "tea_time"

    with pytest.raises(PackError, match="there is no clock tea_time"):
        pack.parse(data)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"tiers": [{"up_to": "80", "amount": "20"}]}, "tiers: the last step must be open at the top"),
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
