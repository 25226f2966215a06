"""What a person sees of a flight is what the engine does, asked of a child."""

from pathlib import Path
from typing import Any

import pytest

from redaction import flight_looks, pipeline, sandbox
from redaction.marks import Marks, parse
from redaction.report import MarksError, Refused
from tests.redaction.flight_builders import (
    HOME,
    SERIAL,
    a_flight_csv,
    a_flight_gpx,
    a_flight_srt,
    out_and_back,
)
from tests.redaction.flight_logs import a_dji_record

SEED = "8f" * 16
FENCE: dict[str, Any] = {
    "id": "f1",
    "kind": "fence",
    "polygon": [[-93.597, 41.603], [-93.594, 41.603], [-93.594, 41.606], [-93.597, 41.606]],
    "action": "cut",
}


def some_marks(*more: dict[str, Any]) -> Marks:
    home = {"id": "h1", "kind": "home", "radius_m": 150, "seed": SEED}
    return parse({"version": 1, "marks": [home, FENCE, *more]})


def test_track_tells_launch_landing_times_and_which_fields_can_never_pass(tmp_path: Path) -> None:
    seen = flight_looks.track(a_flight_csv(tmp_path / "a.csv"))

    assert (seen["points"], seen["without_position"], seen["index"]) == (81, 1, None)
    assert seen["flights"][0]["launch"] == {"number": 0, "lat": HOME[0], "lon": HOME[1]}
    assert (seen["lat"][0], seen["lon"][0]) == HOME
    assert seen["at"][1] - seen["at"][0] == 1.0
    assert seen["altitude"][0] == 0.4
    faults = {row["name"]: row["fault"] for row in seen["fields"]}
    assert faults["battery_percent"] is None
    assert "can never be released" in faults["drone_serial"]
    assert SERIAL not in str(seen)


def test_long_log_is_thinned_with_both_ends_and_says_which_points(tmp_path: Path) -> None:
    path = a_flight_csv(tmp_path / "a.csv", out_and_back(steps=400))

    seen = flight_looks.track(path, most=100)

    assert seen["points"] == 801
    assert len(seen["lat"]) == len(seen["index"]) <= 105
    assert (seen["index"][0], seen["index"][-1]) == (0, 800)


def test_points_come_a_page_at_a_time_and_end_with_the_log(tmp_path: Path) -> None:
    path = a_flight_gpx(tmp_path / "a.gpx")

    first, last, beyond = (flight_looks.points(path, start) for start in (0, 50, 10**6))

    assert (len(first["lat"]), first["start"]) == (50, 0)
    assert (len(last["lat"]), last["start"]) == (31, 50)
    assert (beyond["lat"], beyond["at"], beyond["start"]) == ([], None, 81)
    assert first["seconds"][:2] == [0.0, 1.0]


@pytest.mark.parametrize("suffix", [".csv", ".gpx", ".geojson", ".kml"])
def test_result_shown_is_the_result_released(tmp_path: Path, suffix: str) -> None:
    path, marks = (
        a_flight_csv(tmp_path / "a.csv"),
        some_marks({"id": "g", "kind": "generalise", "grid_deg": 0.0005}),
    )

    shown = flight_looks.outcome(path, marks, suffix)
    report = pipeline.redact(path, marks, tmp_path / f"out{suffix}", companions=tmp_path / "beside")

    released = flight_looks.track(tmp_path / f"out{suffix}")
    assert {name: shown["left"][name] for name in ("lat", "lon", "parts", "points")} == {
        name: released[name] for name in ("lat", "lon", "parts", "points")
    }
    assert shown["details"] == report.details
    assert shown["map"] == (tmp_path / "beside" / "flight-map.svg").read_text(encoding="utf-8")


def test_result_says_what_each_mark_cut_and_where_the_circles_lie(tmp_path: Path) -> None:
    shown = flight_looks.outcome(a_flight_csv(tmp_path / "a.csv"), some_marks(), ".csv")

    details = shown["details"]
    assert details["cut_by"]["f1"] > 0
    assert details["cut_by"]["h1"] > 0
    cut = sum(last - first + 1 for first, last in shown["cut"])
    assert cut == details["points_in"] - details["points_out"]
    circle = shown["circles"][0]
    assert (circle["mark"], circle["radius"]) == ("h1", 150.0)
    assert (circle["lat"], circle["lon"]) != HOME  # moved by the secret
    assert shown["more_cut"] == 0


def test_fence_that_crosses_itself_is_named_with_the_place(tmp_path: Path) -> None:
    bow = {**FENCE, "polygon": [FENCE["polygon"][n] for n in (0, 2, 1, 3)]}
    marks = parse({"version": 1, "marks": [bow]})

    with pytest.raises(MarksError, match=r"crosses itself near 41\.604\d+, -93\.595\d+") as fault:
        flight_looks.outcome(a_flight_csv(tmp_path / "a.csv"), marks, ".csv")

    assert fault.value.mark_id == "f1"


def test_marks_that_leave_nothing_are_refused_with_what_to_change(tmp_path: Path) -> None:
    marks = parse({"version": 1, "marks": [{"id": "h", "kind": "home", "radius_m": 9000, "seed": SEED}]})

    with pytest.raises(Refused, match="choose a smaller radius_m"):
        flight_looks.outcome(a_flight_csv(tmp_path / "a.csv"), marks, ".csv")


def test_log_without_positions_and_a_dji_record_say_why(tmp_path: Path) -> None:
    bare = a_flight_srt(tmp_path / "bare.srt", style="nothing")
    record = a_dji_record(tmp_path / "DJIFlightRecord.txt", version=14)

    with pytest.raises(Refused, match="none of the 81 cues"):
        flight_looks.track(bare)
    with pytest.raises(Refused, match="Export the flight from AirData"):
        flight_looks.track(record)


def test_rejected_and_withholding_marks_take_no_part(tmp_path: Path) -> None:
    rejected = {**FENCE, "suggested": True, "decision": "rejected"}
    marks = parse({"version": 1, "marks": [rejected, {"id": "w", "kind": "withhold"}]})

    shown = flight_looks.outcome(a_flight_csv(tmp_path / "a.csv"), marks, ".csv")

    assert shown["details"]["points_out"] == 81


def test_result_never_holds_a_dropped_field(tmp_path: Path) -> None:
    path = a_flight_csv(tmp_path / "a.csv")

    shown = flight_looks.outcome(path, some_marks(), ".csv")

    assert SERIAL in path.read_text(encoding="utf-8")
    assert SERIAL not in str(shown)


def test_file_that_is_gone_and_a_child_that_cannot_start_are_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_child(*_: Any, **__: Any) -> None:
        raise sandbox.SandboxUnavailable("no")

    with pytest.raises(Refused, match="cannot be read"):
        flight_looks.track(tmp_path / "nothing.csv")
    path = a_flight_csv(tmp_path / "a.csv")
    monkeypatch.setattr(sandbox, "call", no_child)
    with pytest.raises(Refused, match="not the fault of this one"):
        flight_looks.track(path)
    monkeypatch.setattr(sandbox, "call", lambda *_, **__: 7)
    with pytest.raises(Refused, match="gave no answer"):
        flight_looks.track(path)
