import io
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from requests_app.law import __main__ as command
from requests_app.law import answers, case_file, pack

ROOT = Path(__file__).parents[3]
HERE = Path(__file__).parent
Run = Callable[..., tuple[int, list[dict[str, Any]], str]]


def a_case(**changes: Any) -> dict[str, Any]:
    case: dict[str, Any] = {
        "id": "one",
        "law": "US",
        "clock": "determination",
        "record_type": None,
        "requester_category": None,
        "facts": {},
        "agency": {"timezone": "America/New_York", "cutoff": None, "closed_dates": [], "body": None},
        "events": [
            {"type": "received", "at": "2026-03-02"},
            {"type": "information_requested", "at": "2026-03-06"},
            {"type": "information_answered", "at": "2026-03-16T09:30"},
        ],
        "due": "1999-01-01",
        "why": "not looked at",
    }
    return {**case, **changes}


def an_agency(**changes: Any) -> dict[str, Any]:
    return {**a_case()["agency"], **changes}


def events(*rows: Any) -> dict[str, Any]:
    return a_case(events=list(rows))


RECEIVED = {"type": "received", "at": "2026-03-02"}
LONGER = {"type": "extended", "at": "2026-03-10", "by": 5, "unit": "business_day", "reason": "voluminous"}


@pytest.fixture
def run(tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> Run:
    """This will run the command on a file with this content and give status, answers and complaint."""

    def call(what: str, content: Any, *more: str) -> tuple[int, list[dict[str, Any]], str]:
        path = tmp_path / "cases.json"
        path.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
        status = command.main([what, str(path), *more])
        said = capfdbinary.readouterr()
        return status, json.loads(said.out or b"[]"), said.err.decode().strip()

    return call


@pytest.mark.parametrize(("what", "file"), [("due", "clock_cases.json"), ("quote", "fee_cases.json")])
def test_published_cases_are_answered_as_published(run: Run, what: str, file: str) -> None:
    content = (HERE / file).read_bytes()

    status, made, said = run(what, content)

    assert (status, said) == (0, "")
    for case, answer in zip(json.loads(content), made, strict=True):
        expected = case["expect"] if what == "quote" else {"due": case["due"]}
        assert {key: answer[key] for key in expected} == expected, case["id"]
        assert answer["id"] == case["id"]


def test_due_answer_has_three_keys_and_says_why() -> None:
    made = answers.due(a_case())

    assert list(made) == ["id", "due", "because"]
    assert made["due"] == "2026-04-07"
    assert made["because"][0] == (
        "The request was received on Monday, March 2, 2026. That day itself is not counted."
    )
    assert made["because"][-1].endswith("the last day is Tuesday, April 7, 2026. [5 U.S.C. 552(a)(6)(A)(i)]")


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ({"type": "information_requested", "at": "2026-03-17"}, "again: no effect"),
        ({"type": "clarification_sent", "at": "2026-03-18"}, "no effect on this clock"),
        ({"type": "deposit_paid", "at": "2026-03-18"}, "no effect, the clock was not stopped"),
        ({"type": "denied", "at": "2026-03-18"}, "no effect, this clock does not depend on it"),
        ({"type": "received", "at": "2026-03-19"}, "no effect, this clock counts from Monday, March 2"),
        ({"type": "postmarked", "at": "2026-03-19"}, "no effect, this clock does not depend on it"),
        ({**LONGER, "at": "2026-04-08"}, "after the last day Tuesday, April 7, 2026: no effect"),
    ],
)
def test_entry_without_effect_is_counted_through_and_named(entry: dict[str, Any], said: str) -> None:
    made = answers.due(a_case(events=[*a_case()["events"], entry]))

    assert made["due"] == "2026-04-07"
    assert [line for line in made["because"] if said in line]


def test_every_entry_of_a_ledger_is_named() -> None:
    rows = [
        {"type": "postmarked", "at": "2026-03-02"},
        {"type": "received", "at": "2026-03-03"},
        {"type": "acknowledged", "at": "2026-03-04"},
        {"type": "clarification_sent", "at": "2026-03-05"},
        {"type": "clarification_answered", "at": "2026-03-06"},
        {"type": "estimate_sent", "at": "2026-03-09"},
        {"type": "denied", "at": "2026-03-10"},
    ]

    made = answers.due(a_case(law="TX", clock="ag_request", events=rows))

    for number in (2, 3, 4, 5, 6, 9, 10):
        assert any(f"March {number}, 2026" in line for line in made["because"]), number


@pytest.mark.parametrize(
    ("case", "said"),
    [
        (events(), "Not started: it counts from the day"),
        (events({"type": "denied", "at": "2026-03-02"}), "no effect, it does not start this clock"),
        (events(*a_case()["events"][:2]), "The clock stands still until the information was given"),
        (
            a_case(law="TX", clock="voluminous_production", record_type="paper", events=[RECEIVED]),
            "does not apply",
        ),
    ],
)
def test_clock_without_a_day_says_why(case: dict[str, Any], said: str) -> None:
    made = answers.due(case)

    assert made["due"] is None
    assert any(said in line for line in made["because"])


def test_what_the_case_leaves_out_is_said() -> None:
    case = a_case(law="MA", clock="production", agency={"timezone": "America/New_York"}, events=[RECEIVED])
    del case["facts"], case["record_type"]

    made = answers.due(case)

    assert made["due"] == "2026-03-23"
    assert made["because"][:3] == [
        "agency.cutoff is not given: no cut-off taken.",
        "agency.closed_dates is not given: no closed days taken.",
        "agency.body is not given: 15 business days are taken, the length for any other body.",
    ]


def test_extension_without_a_reason_counts_and_says_so() -> None:
    made = answers.due(events(RECEIVED, {**LONGER, "reason": None}))

    assert made["due"] == "2026-04-06"
    assert any("was announced, without a reason: 5 business days added" in line for line in made["because"])


@pytest.mark.parametrize(
    ("case", "said"),
    [
        (a_case(law="QQ"), "law: there is no 'QQ'. Write one of CA, CO,"),
        (a_case(law="FL"), "law: FL sets no time limits. Write one of"),
        (a_case(law=7), "law: is a number; write one of"),
        (a_case(clock="lunch"), "clock: there is no 'lunch'. Write one of acknowledge, determination"),
        (a_case(color="red"), "color: is not a field here. There are id, law, clock"),
        (a_case(agency=None), "agency: is missing"),
        (a_case(agency=[]), "agency: has to be an object with named fields and is a list"),
        (a_case(agency={}), "agency.timezone: is missing"),
        (a_case(agency=an_agency(timezone="Mars/Olympus")), "agency.timezone: There is no time zone"),
        (a_case(agency=an_agency(holidays=[])), "agency.holidays: is not a field here"),
        (a_case(agency=an_agency(cutoff="5 pm")), 'agency.cutoff: write a time as "17:00"'),
        (a_case(agency=an_agency(cutoff="24:00")), "agency.cutoff: there is no time 24:00"),
        (a_case(agency=an_agency(body="circus")), "agency.body: there is no 'circus'"),
        (a_case(agency=an_agency(closed_dates="2026-03-03")), "agency.closed_dates: has to be a list"),
        (
            a_case(agency=an_agency(closed_dates=["2026-02-30"])),
            "agency.closed_dates[0]: there is no day 2026-02-30",
        ),
        (
            a_case(agency=an_agency(closed_dates=[{"on": "2026-02-03", "reason": 3}])),
            "agency.closed_dates[0].reason: a number is not text",
        ),
        (a_case(agency=an_agency(open_dates=[4])), "agency.open_dates[0]: a number is not a day"),
        (a_case(facts={"moon": 1}), "facts.moon: is not a field here. There are daniels_law_review"),
        (a_case(facts={"incidents": -1}), "facts.incidents: write a number that is not negative"),
        (a_case(facts={"incidents": True}), "facts.incidents: write a number that is not negative"),
        (a_case(facts={"daniels_law_review": "yes"}), "facts.daniels_law_review: is text; write true"),
        (a_case(facts=[]), "facts: has to be an object"),
        (a_case(record_type="bodycam"), "record_type: there is no 'bodycam'"),
        (a_case(requester_category=True), "requester_category: is true or false; write one of"),
        (a_case(id=["x"]), "id: a list cannot be an id"),
        (a_case(events=None), "events: is missing"),
        (a_case(events={}), "events: has to be a list"),
        (events(RECEIVED, {"at": "2026-03-03"}), "events[1].type: is missing"),
        (events({"type": "lunch", "at": "2026-03-03"}), "events[0].type: there is no 'lunch'"),
        (events({"type": "received"}), "events[0].at: is missing"),
        (events({"type": "received", "at": "soon"}), "events[0].at: 'soon' is not a day"),
        (events({"type": "received", "at": "2026-13-01"}), "events[0].at: there is no day 2026-13-01"),
        (events({"type": "received", "at": "2026-03-01T25:00"}), "is not a day, 2026-12-24, or a local time"),
        (events({"type": "received", "at": "20260301"}), "events[0].at: '20260301' is not a day"),
        (events({"type": "received", "at": 20260301}), "events[0].at: a number is not a day"),
        (events({"type": "received", "at": "1066-10-14"}), "events[0]: The year 1066"),
        (events({**RECEIVED, "color": 1}), "events[0].color: is not a field here"),
        (events({**RECEIVED, "by": 3}), "events[0].by: only an event of type extended has by"),
        (events("received"), "events[0]: has to be an object with named fields and is text"),
        (events(RECEIVED, {**LONGER, "by": None}), "events[1].by: is missing"),
        (events(RECEIVED, {**LONGER, "unit": None}), "events[1].unit: is missing"),
        (events(RECEIVED, {**LONGER, "unit": "week"}), "events[1].unit: there is no 'week'"),
        (events(RECEIVED, {**LONGER, "by": -5}), "events[1]: An extension needs a length in whole days"),
        (events(RECEIVED, {**LONGER, "by": "5"}), "events[1]: An extension needs a length in whole days"),
        (events(RECEIVED, {**LONGER, "reason": 5}), "events[1].reason: is a number; write text"),
        (
            events({"type": "denied", "at": "2026-03-03"}, RECEIVED),
            "events[1].at: 2026-03-02 is before events[0], 2026-03-03. Put the events in the order",
        ),
    ],
)
def test_case_that_cannot_be_read_is_named_with_its_place(run: Run, case: dict[str, Any], said: str) -> None:
    status, made, complaint = run("due", [a_case(id="good"), case, a_case(id="last")])

    assert (status, complaint) == (1, "")
    assert [answer.get("due") for answer in made] == ["2026-04-07", None, "2026-04-07"]
    name = case["id"] if isinstance(case["id"], str) else None
    assert list(made[1]) == ["id", "error"]
    assert made[1]["id"] == name
    assert made[1]["error"].startswith("case 2 (one), " if name else "case 2, ")
    assert said in made[1]["error"]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"[3]", "case 1, has to be an object with named fields and is a number"),
        (b"[null]", "case 1, has to be an object with named fields and is null"),
        (b"[NaN]", "case 1, NaN is not a number"),
        (b'[{"id": "a", "facts": {"incidents": NaN}}]', "case 1 (a), facts.incidents: NaN is not a number"),
        (b'[{"id": "a", "events": [{"by": -Infinity}]}]', "case 1 (a), events[0].by: -Infinity is not"),
        (b'[{"id": "a", "law": "US", "law": "TX"}]', "case 1 (a), law: appears twice"),
        (b'[{"id": "a", "facts": {"incidents": 5.5}}]', "case 1 (a), law: is missing"),
        (b'[{"clock": "x"}]', "case 1, id: is missing"),
    ],
)
@pytest.mark.parametrize("what", ["due", "quote"])
def test_what_no_case_can_hold_is_named(run: Run, what: str, content: bytes, said: str) -> None:
    status, made, _ = run(what, content)

    assert status == 1
    if what == "due" or "is not a number" in said or "twice" in said:
        assert said in made[0]["error"]
    assert made[0]["error"].startswith("case 1")


def test_number_with_a_point_is_no_number_of_incidents(run: Run) -> None:
    case = json.dumps([a_case(facts={"incidents": "?"})]).replace('"?"', "5.5").encode()

    _, made, _ = run("due", case)

    assert "facts.incidents: write a whole number" in made[0]["error"]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"{}", "the file has to be a list of cases, [ ... ], and is an object."),
        (b"true", "and is true or false."),
        (b"[1,", "the file is not JSON: Expecting value in line 1, column 4."),
        (b"", "the file is not JSON"),
        (b"\xff\xfe[]", "the file is not text in UTF-8 (byte 1)."),
        (b"[" * 200_000, "nested too deep"),
        (b"[" + b"9" * 5000 + b"]", "a number too long"),
    ],
)
def test_file_that_is_no_list_of_cases_is_refused_in_a_sentence(run: Run, content: bytes, said: str) -> None:
    status, made, complaint = run("due", content)

    assert (status, made) == (2, [])
    assert said in complaint
    assert "Traceback" not in complaint
    assert len(complaint.splitlines()) == 1


def test_missing_file_is_refused_in_a_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    status = command.main(["due", "/nowhere/cases.json"])

    assert status == 2
    assert capsys.readouterr().err == (
        "/nowhere/cases.json: the file cannot be read: No such file or directory.\n"
    )


def test_empty_list_has_an_empty_answer(run: Run) -> None:
    assert run("due", []) == (0, [], "")


def test_file_may_begin_with_a_byte_order_mark(run: Run) -> None:
    status, made, _ = run("due", b"\xef\xbb\xbf" + json.dumps([a_case()]).encode())

    assert (status, made[0]["due"]) == (0, "2026-04-07")


def test_id_comes_back_as_it_was(run: Run) -> None:
    given = [a_case(id="Nº 7 – ñ"), a_case(id=12), a_case(id="\ud800")]

    status, made, _ = run("due", given)

    assert status == 0
    assert [answer["id"] for answer in made] == ["Nº 7 – ñ", 12, "\ud800"]


def test_pack_from_a_file_stands_in_front_of_the_shipped_one(run: Run, tmp_path: Path) -> None:
    data = json.loads((pack.PACKS / "US.json").read_text(encoding="utf-8"))
    clocks = {row["name"]: row for row in data["clocks"]}
    clocks["determination"]["n"] = 1
    (tmp_path / "ours.json").write_text(json.dumps(data), encoding="utf-8")

    status, made, _ = run("due", [events(RECEIVED)], "--pack", str(tmp_path / "ours.json"))

    assert (status, made[0]["due"]) == (0, "2026-03-03")


def test_pack_of_a_new_law_is_priced_too(run: Run, tmp_path: Path) -> None:
    data = json.loads((pack.PACKS / "FL.json").read_text(encoding="utf-8")) | {"id": "ZZ"}
    (tmp_path / "zz.json").write_text(json.dumps(data), encoding="utf-8")
    case = {"id": "new", "law": "ZZ", "received": "2026-11-02", "volumes": {"pages_letter": 10}}

    unknown, refused, _ = run("quote", [case])
    status, made, _ = run("quote", [case], "--pack", str(tmp_path / "zz.json"))

    assert (unknown, list(refused[0])) == (1, ["id", "error"])
    assert (status, made[0]["computed"]) == (0, "1.50")


def test_pack_with_a_fault_stops_the_command(run: Run, tmp_path: Path) -> None:
    (tmp_path / "ours.json").write_text('{"id": "US"}', encoding="utf-8")

    status, made, complaint = run("due", [a_case()], "--pack", str(tmp_path / "ours.json"))

    assert (status, made) == (2, [])
    assert "ours.json" in complaint


@pytest.mark.parametrize(
    ("arguments", "status"), [(["--help"], 0), ([], 2), (["eat", "x.json"], 2), (["due"], 2)]
)
def test_usage_is_explained(arguments: list[str], status: int, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        command.main(arguments)

    said = capsys.readouterr()
    assert ended.value.code == status
    assert "python -m requests_app.law" in said.out + said.err


def test_standard_input_is_read_for_a_dash() -> None:
    cases = case_file.read("-", io.BytesIO(b'[{"id": 1.50}]'))

    assert str(cases[0]["id"]) == "1.50"


def test_command_needs_no_settings_and_gives_the_same_bytes() -> None:
    content = (HERE / "clock_cases.json").read_bytes()
    made = []
    for seed in ("1", "2"):
        bare = {"PATH": os.environ["PATH"], "PYTHONHASHSEED": seed, "LC_ALL": "C"}
        done = subprocess.run(
            [sys.executable, "-m", "requests_app.law", "due", "-"],
            input=content,
            capture_output=True,
            cwd=ROOT,
            env=bare,
            check=True,
        )
        made.append(done.stdout)

    assert made[0] == made[1]
    assert made[0].startswith(b"[\n")
    assert made[0].endswith(b"]\n")
