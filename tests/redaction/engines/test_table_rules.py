"""The quick forms in SQL give what the Python rules say, whatever the cell."""

import string
from decimal import Decimal
from typing import Any

import duckdb
import pytest
from duckdb.func import FunctionNullHandling
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from redaction.engines.table import cells, expressions, plan, profiles, times
from redaction.engines.table.conditions import compile_conditions
from redaction.marks import Marks, parse
from tests.redaction.table_builders import keep

QUIET = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])

slashed = st.from_regex(r"\d{1,2}/\d{1,2}/\d{4},? \d{1,2}:\d{2}:\d{2}( ?[AaPp]M)?( UTC)?", fullmatch=True)
clock = st.from_regex(
    r"(19|20)\d\d-[01]\d-[0-3]\d[ T][0-2]\d:[0-6]\d:[0-6]\d(\.\d{1,9})?Z?|\d{10}",
    fullmatch=True,
)
numbers = st.from_regex(r"[ ]?[+-]?\d{1,4}(\.\d{0,11})?", fullmatch=True)
words = st.text(
    st.sampled_from(
        [*string.printable[:95], "\t", "\n", "\r", "\u00a0", "\u200b", "é", "ß", "－", "＝", "\u3000"]
    ),
    max_size=12,
)
anything = st.lists(st.one_of(clock, slashed, numbers, words), min_size=1, max_size=60)


def same(cell: str) -> str:
    return cell


def by_sql(expression: str, values: list[str], rule: Any, kind: str = "VARCHAR") -> list[Any]:
    """What SQL makes of each value; ``slow`` is the rule."""
    with duckdb.connect(":memory:", config={"threads": "1"}) as connection:
        null = FunctionNullHandling.SPECIAL
        connection.create_function("slow", rule, ["VARCHAR"], kind, null_handling=null)
        connection.execute("CREATE TABLE given AS SELECT unnest(?) AS c", [values])
        found = connection.table("given").project(expression).fetchall()
    return [row[0] for row in found]


@QUIET
@given(anything, st.sampled_from(times.UNITS))
def test_times_are_coarsened_alike(values: list[str], unit: str) -> None:
    def rule(cell: str) -> str | None:
        return times.coarsen(cell, unit)

    assert by_sql(expressions.coarse_time("c", unit, "slow"), values, rule) == [
        rule(value) for value in values
    ]


@QUIET
@given(anything, st.sampled_from(["0.01", "0.5", "1", "0.010", "0.003", "250", "5000", "0.000000001"]))
def test_places_are_put_on_the_grid_alike(values: list[str], step: str) -> None:
    def rule(cell: str) -> str | None:
        return plan.on_grid(cell, Decimal(step))

    found = by_sql(expressions.on_grid("c", Decimal(step), "slow"), values, rule)

    assert found == [rule(value) for value in values]


@QUIET
@given(anything)
def test_cells_are_judged_alike(values: list[str]) -> None:
    assert by_sql(expressions.normalised("c", "slow"), values, plan.normalise) == [
        plan.normalise(value) for value in values
    ]
    assert by_sql(expressions.is_formula("c", "slow"), values, cells.is_formula, "BOOLEAN") == [
        cells.is_formula(value) for value in values
    ]
    assert by_sql(expressions.is_number("c"), values, same) == [cells.is_number(value) for value in values]
    assert by_sql(expressions.is_blank("c"), values, same) == [not value.strip() for value in values]
    assert by_sql(expressions.shown("c"), values, same) == [cells.HIDDEN.sub("", value) for value in values]
    assert by_sql(expressions.prefix("c", 3), values, same) == [value.strip()[:3] for value in values]


@QUIET
@given(
    anything,
    st.one_of(
        st.tuples(st.sampled_from(["eq", "ne"]), st.one_of(clock, numbers, words.filter(str.strip))),
        st.tuples(st.just("in"), st.lists(st.one_of(clock, numbers), min_size=1, max_size=3)),
        st.tuples(st.just("between"), st.one_of(clock, numbers, words).map(lambda low: [low, low + "5"])),
        st.tuples(
            st.just("matches"), st.sampled_from(["^2", r"\d\.\d", "(?i)[a-f]$", ".", "^$", "a|b", r"\s"])
        ),
    ),
)
def test_conditions_hold_alike(values: list[str], condition: tuple[str, Any]) -> None:
    operator, value = condition
    marks: Marks = parse({"version": 1, "marks": [keep("A", operator, value)]})
    (compiled,) = compile_conditions(marks.marks[0], ["A"], day_first=frozenset())

    found = by_sql(compiled.quick("c", "slow"), values, compiled.holds, "BOOLEAN")

    assert found == [compiled.holds(value) for value in values]


FLOCK = (
    "ID,Name,Org Name,Total Networks Searched,Time Frame,License Plate,Reason,Case #,Filters,Search Time,"
    "Search Type,Text Prompt,Moderation"
)


@pytest.mark.parametrize(
    ("header", "profile"),
    [
        (FLOCK, "flock-audit"),
        ("id,userId,searchDate,networkCount,reason", "flock-portal-audit"),
        ("Plate,State,UTCDate,UTCTime,CameraName,ContextImage,LongitudeX,LatitudeY", "genetec"),
        ("data_type,epoch_start,camera_id,best_plate_number,candidates", "rekor"),
        ("timestamp,plate,score,dscore,file,box,source_url", "plate-recognizer"),
        ("Plate,State,Timestamp,Camera", "flock-reads"),
        ("Registration,Seen At", None),
    ],
)
def test_an_export_is_known_by_its_header(header: str, profile: str | None) -> None:
    found = profiles.recognise(header.split(","))

    assert (found.id if found else None) == profile


def test_every_column_gets_a_suggestion_that_waits_for_a_person() -> None:
    header = [
        "Registration",
        "Seen At",
        "lat",
        "lng",
        "Officer",
        "ImageURL",
        "Vehicle Make",
        "Zorp",
        "read_uuid",
    ]

    marks = parse({"version": 1, "marks": profiles.propose(header)})

    assert [mark["name"] for mark in marks.undecided] == header
    assert [(mark["action"], mark["to"]) for mark in marks] == [
        ("mask", None), ("coarsen", "hour"), ("coarsen", "grid:0.01"), ("coarsen", "grid:0.01"),
        ("drop", None), ("drop", None), ("release", None), ("drop", None), ("drop", None),
    ]  # fmt: skip


def test_no_profile_releases_a_plate_a_person_or_a_picture() -> None:
    secret = ("License Plate", "Name", "best_plate_number", "plate_crop_jpeg", "vehicle_signature")

    marks = profiles.propose([*FLOCK.split(","), *secret[2:]])

    assert {mark["action"] for mark in marks if mark["name"] in secret} == {"mask", "drop"}
