import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from redaction.mark_kinds import KINDS
from redaction.marks import Marks, check_medium, load, parse
from redaction.report import MarksError

SPAN = {"start": 1, "end": 2.5}
KEYFRAMES = [{"t": 0, "rect": [0, 0, 0.5, 0.5]}, {"t": 2, "rect": [0.5, 0.5, 0.5, 0.5]}]
RING = [[-118.2, 34.0], [-118.1, 34.0], [-118.1, 34.1]]
CONDITION = {"column": "plate", "op": "eq", "value": "ABC123"}

GOOD: dict[str, list[dict[str, Any]]] = {
    "box": [{"page": 1, "rect": [0, 0, 10, 10]}, {"page": 2, "rect": [1.5, 2, 3, 4], "extent": "exact"}],
    "text": [{"literal": "Jane"}, {"pattern": "ssn", "pages": [1, 3]}, {"literal": "x", "pages": "all"}],
    "page": [{"page": 3}],
    "hidden": [{"item": "sheet:2", "action": "drop"}, {"item": "*", "action": "show"}],
    "region": [{**SPAN, "keyframes": KEYFRAMES}, {**SPAN, "keyframes": KEYFRAMES[:1], "style": "blur"}],
    "frame": [SPAN, {**SPAN, "style": "mosaic"}],
    "mute": [SPAN, {"literal": "Jane", "style": "tone"}],
    "cut": [SPAN],
    "tracks": [{}, {"picture": 1}, {"sound": 2}],
    "column": [{"name": "plate", "action": "mask"}, {"name": "t", "action": "coarsen", "to": "grid:0.01"}],
    "rows": [
        {"keep": [CONDITION]},
        {"remove": [{"column": "a", "op": "in", "value": ["x", 1]}]},
        {"keep": [{"column": "a", "op": "between", "value": [1, 2]}]},
        {"keep": [{"column": "a", "op": "matches", "value": "^A.*"}]},
    ],
    "own_plate": [{"column": "plate", "plate": "ab-c 123"}],
    "suppress": [
        {"by": ["camera", "hour"], "k": 5, "count": "distinct:plate"},
        {"by": ["a"], "k": 1, "count": "rows"},
    ],
    "home": [{"radius_m": 150}, {"radius_m": 1.5, "seed": "00ff"}],
    "fence": [{"polygon": RING, "action": "cut"}],
    "generalise": [{"grid_deg": 0.01}, {"altitude": "drop", "time": "relative"}],
    "fields": [{"release": ["speed"]}, {"release": []}],
    "withhold": [{}],
}

BAD: list[tuple[str, dict[str, Any]]] = [
    ("box", {"page": 0, "rect": [0, 0, 1, 1]}),
    ("box", {"page": True, "rect": [0, 0, 1, 1]}),
    ("box", {"page": 1.0, "rect": [0, 0, 1, 1]}),
    ("box", {"page": 1, "rect": [0, 0, 0, 1]}),
    ("box", {"page": 1, "rect": [-1, 0, 2, 1]}),
    ("box", {"page": 1, "rect": [0, 0, 1]}),
    ("box", {"page": 1, "rect": [0, 0, 1, "1"]}),
    ("box", {"page": 1, "rect": [0, 0, 1, 10**400]}),
    ("box", {"page": 1, "rect": [0, 0, 1, float("inf")]}),
    ("box", {"page": 1, "rect": [0, 0, 1, 1], "extent": "word"}),
    ("box", {"page": 1, "rect": [0, 0, 1, 1], "colour": "red"}),
    ("box", {"rect": [0, 0, 1, 1]}),
    ("text", {}),
    ("text", {"literal": "x", "pattern": "ssn"}),
    ("text", {"literal": "  "}),
    ("text", {"literal": "x" * 10_001}),
    ("text", {"pattern": "iban"}),
    ("text", {"literal": "x", "pages": []}),
    ("text", {"literal": "x", "pages": [1, 1]}),
    ("text", {"literal": "x", "pages": "some"}),
    ("region", {**SPAN, "keyframes": []}),
    ("region", {"start": 2, "end": 2, "keyframes": KEYFRAMES}),
    ("region", {"start": -1, "end": 2, "keyframes": KEYFRAMES}),
    ("region", {**SPAN, "keyframes": KEYFRAMES[::-1]}),
    ("region", {**SPAN, "keyframes": [{"t": 0, "rect": [0.6, 0, 0.5, 0.5]}]}),
    ("region", {**SPAN, "keyframes": [{"t": 0, "rect": [0, 0, 0, 0.5]}]}),
    ("region", {**SPAN, "keyframes": [{"t": 0, "rect": [0, 0, 1, 1], "x": 1}]}),
    ("region", {**SPAN, "keyframes": ["now"]}),
    ("frame", {**SPAN, "style": "blur"}),
    ("mute", {"start": 1}),
    ("mute", {"literal": "Jane", "start": 1}),
    ("mute", {"start": 3, "end": 1}),
    ("tracks", {"picture": -1}),
    ("tracks", {"sound": True}),
    ("tracks", {"sound": "1"}),
    ("column", {"name": "a", "action": "hash"}),
    ("column", {"name": "a", "action": "coarsen"}),
    ("column", {"name": "a", "action": "mask", "to": "day"}),
    ("column", {"name": "a", "action": "coarsen", "to": "grid:0"}),
    ("column", {"name": "a", "action": "coarsen", "to": "prefix:0"}),
    ("column", {"name": "a", "action": "coarsen", "to": 3}),
    ("rows", {}),
    ("rows", {"keep": [CONDITION], "remove": [CONDITION]}),
    ("rows", {"keep": []}),
    ("rows", {"keep": [{**CONDITION, "op": "like"}]}),
    ("rows", {"keep": [{**CONDITION, "value": None}]}),
    ("rows", {"keep": [{**CONDITION, "op": "in", "value": []}]}),
    ("rows", {"keep": [{**CONDITION, "op": "between", "value": [2, 1]}]}),
    ("rows", {"keep": [{**CONDITION, "op": "between", "value": ["a", 1]}]}),
    ("rows", {"keep": [{**CONDITION, "op": "between", "value": "a"}]}),
    ("rows", {"keep": [{**CONDITION, "op": "matches", "value": "("}]}),
    ("rows", {"keep": [{"column": "a", "op": "eq"}]}),
    ("own_plate", {"column": "p", "plate": " - "}),
    ("suppress", {"by": ["a", "a"], "k": 5, "count": "rows"}),
    ("suppress", {"by": ["a"], "k": 5, "count": "distinct: "}),
    ("home", {"radius_m": 0}),
    ("home", {"radius_m": 5, "seed": "xyz"}),
    ("fence", {"polygon": RING[:2], "action": "cut"}),
    ("fence", {"polygon": [RING[0], RING[0], RING[1]], "action": "cut"}),
    ("fence", {"polygon": [[200, 0], *RING], "action": "cut"}),
    ("generalise", {}),
    ("fields", {"release": "speed"}),
    ("withhold", {"why": "x"}),
    ("erase", {}),
]


def a_mark(kind: str, fields: dict[str, Any], **shared: Any) -> dict[str, Any]:
    return {"id": "m1", "kind": kind, **fields, **shared}


def of(*entries: dict[str, Any]) -> Marks:
    return parse({"version": 1, "marks": list(entries)})


@pytest.mark.parametrize(("kind", "fields"), [(kind, each) for kind, all_ in GOOD.items() for each in all_])
def test_every_kind_is_read_with_its_defaults_filled_in(kind: str, fields: dict[str, Any]) -> None:
    mark = of(a_mark(kind, fields, reason="VICTIM", exemption=None)).marks[0]

    assert (mark.id, mark.kind, mark.reason, mark.exemption) == ("m1", kind, "VICTIM", None)
    assert set(mark.fields) == {*KINDS[kind].required, *KINDS[kind].optional}


def test_every_kind_of_the_format_is_tried_here() -> None:
    assert set(GOOD) == set(KINDS)


@pytest.mark.parametrize(("kind", "fields"), BAD)
def test_anything_outside_its_range_is_refused_by_the_marks_id(kind: str, fields: dict[str, Any]) -> None:
    with pytest.raises(MarksError, match=r"^mark m1: ") as caught:
        of(a_mark(kind, fields))

    assert caught.value.mark_id == "m1"
    assert caught.value.exit_code == 2


@pytest.mark.parametrize(
    "shared",
    [
        {"suggested": 1},
        {"decision": "maybe"},
        {"decision": []},
        {"reason": 7},
        {"note": ["x"]},
        {"exemption": {}},
    ],
)
def test_shared_fields_are_checked_too(shared: dict[str, Any]) -> None:
    with pytest.raises(MarksError, match="mark m1: "):
        of(a_mark("withhold", {}, **shared))


@pytest.mark.parametrize("name", [None, "", "  ", 7, "a\nb", "x" * 201])
def test_mark_without_a_usable_id_is_named_by_its_place(name: Any) -> None:
    with pytest.raises(MarksError, match="entry 1 of the list has no id"):
        of({"id": name, "kind": "withhold"})


@pytest.mark.parametrize(
    "data",
    [
        None,
        [],
        {},
        {"version": 1},
        {"version": 1, "marks": {}},
        {"version": 1, "marks": [], "extra": 1},
        {"version": 2, "marks": []},
        {"version": True, "marks": []},
        {"version": 1, "marks": ["box"]},
        {"version": 1, "marks": [{"id": "\ud800", "kind": "withhold"}]},
        {"version": 1, "marks": [{"id": "a", "kind": ["box"]}]},
    ],
)
def test_anything_that_is_not_a_marks_file_is_refused(data: object) -> None:
    with pytest.raises(MarksError):
        parse(data)


def test_one_mark_alone_chooses_the_tracks() -> None:
    first, second = a_mark("tracks", {"sound": 1}), a_mark("tracks", {}) | {"id": "m2"}

    with pytest.raises(MarksError, match="mark m2: one mark alone"):
        of(first, second)
    assert len(of(first | {"decision": "rejected"}, second)) == 2


def test_an_id_used_twice_is_refused() -> None:
    with pytest.raises(MarksError, match="mark m1: this id is used twice"):
        of(a_mark("withhold", {}), a_mark("cut", SPAN))


def test_rejected_suggestions_are_checked_but_not_applied_and_stay_in_the_digest() -> None:
    rejected = a_mark("cut", SPAN, suggested=True, decision="rejected")
    kept = {**a_mark("mute", SPAN), "id": "m2"}

    marks = of(rejected, kept)

    assert [mark.id for mark in marks.effective] == ["m2"]
    assert marks.effective.digest == marks.digest != of(kept).digest
    assert marks.undecided == ()


def test_suggestion_without_a_decision_is_undecided() -> None:
    marks = of(
        a_mark("cut", SPAN, suggested=True),
        {**a_mark("cut", SPAN, suggested=True), "id": "m2", "decision": "adjusted"},
    )

    assert [mark.id for mark in marks.undecided] == ["m1"]


def test_digest_does_not_depend_on_the_order_of_names_or_blanks() -> None:
    first = parse(json.loads('{"version": 1, "marks": [{"id": "a", "kind": "page", "page": 1}]}'))
    second = parse(json.loads('{"marks":[{"page":1,"kind":"page","id":"a"}],"version":1}'))

    assert first.digest == second.digest


@pytest.mark.parametrize(
    ("kind", "medium"), [("box", "video"), ("page", "image"), ("mute", "pdf"), ("rows", "flight")]
)
def test_kind_that_does_not_fit_the_medium_is_refused(kind: str, medium: str) -> None:
    with pytest.raises(MarksError, match=f"mark m1: kind {kind} does not fit a file of type {medium}"):
        check_medium(of(a_mark(kind, GOOD[kind][0])), medium)


def test_kind_that_fits_its_medium_passes() -> None:
    for kind, rows in GOOD.items():
        for medium in KINDS[kind].media:
            check_medium(of(a_mark(kind, rows[0])), medium)


def test_image_has_only_page_one() -> None:
    with pytest.raises(MarksError, match="only page 1"):
        check_medium(of(a_mark("box", {"page": 2, "rect": [0, 0, 1, 1]})), "image")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"\xff\xfe{",
        b'{"version": 1, "version": 1, "marks": []}',
        b'{"version": 1, "marks": [{"id": "a", "kind": "cut", "start": 0, "end": NaN}]}',
        b'{"version": 1, "marks": [{"id": "a", "kind": "cut", "start": 0, "end": Infinity}]}',
        b'{"version": 1, "marks": [{"id": "a", "kind": "cut", "start": 0, "end": 1e999}]}',
        b'{"version": 1, "marks": ' + b"[" * 100_000,
        b'{"version": 1, "marks": [{"id": "a", "kind": "page", "page": ' + b"1" * 5000 + b"}]}",
    ],
    ids=["empty", "cut", "utf-16", "twice", "nan", "infinity", "overflow", "deep", "digits"],
)
def test_file_that_is_not_strict_json_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "marks.json"
    path.write_bytes(content)

    with pytest.raises(MarksError):
        load(path)


def test_file_that_is_not_there_or_too_large_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "marks.json"
    with pytest.raises(MarksError, match="cannot be read"):
        load(path)
    path.write_text('{"version": 1, "marks": []}')

    assert len(load(path)) == 0
    monkeypatch.setattr("redaction.marks.LARGEST_FILE", 5)
    with pytest.raises(MarksError, match="larger than"):
        load(path)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=10,
)
SHARED = ("id", "kind", "note", "suggested", "decision")
NAMES = sorted({name for kind in KINDS.values() for name in (*kind.required, *kind.optional)})


@settings(max_examples=300, deadline=None)
@given(
    kind=st.sampled_from(sorted(KINDS)),
    changes=st.dictionaries(
        st.sampled_from([*NAMES, "id", "kind", "note", "suggested", "decision"]), JSON, max_size=3
    ),
    dropped=st.sets(st.sampled_from(NAMES), max_size=1),
)
def test_parser_gives_marks_or_one_sentence_whatever_comes(
    kind: str, changes: dict[str, Any], dropped: set[str]
) -> None:
    entry = {**a_mark(kind, GOOD[kind][0]), **changes}
    data = {"version": 1, "marks": [{key: value for key, value in entry.items() if key not in dropped}]}

    try:
        marks = parse(data)
    except MarksError:
        return
    else:
        assert len(marks.digest) == 64
        assert parse(json.loads(json.dumps(data))).digest == marks.digest


def is_no_marks_file(data: object) -> bool:
    return not isinstance(data, dict) or not {"version", "marks"} <= data.keys()


@settings(max_examples=100, deadline=None)
@given(data=JSON.filter(is_no_marks_file))
def test_parser_refuses_any_other_json_with_a_sentence(data: object) -> None:
    with pytest.raises(MarksError) as caught:
        parse(data)

    assert str(caught.value)
