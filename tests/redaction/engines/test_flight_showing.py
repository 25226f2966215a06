"""What the workbench is shown of a flight and of the engine's work on it, without a child between."""

import math
from pathlib import Path
from typing import Any

import pytest

from redaction.engines.flight import showing
from tests.redaction.flight_builders import HOME, a_flight_csv, a_flight_gpx, a_flight_kml, out_and_back

SEED = "8f" * 16
MIDDLE = (41.605, -93.595)  # on the way out and back


def star(size: float = 0.003) -> list[list[float]]:
    """Five corners joined crosswise round the middle of the way, which no point of the star touches."""
    turns = [2 * math.pi * (2 * n % 5) / 5 for n in range(5)]
    return [[MIDDLE[1] + size * math.sin(turn), MIDDLE[0] + size * math.cos(turn)] for turn in turns]


def marks(*entries: dict[str, Any]) -> dict[str, Any]:
    return {"version": 1, "marks": list(entries)}


def test_track_has_its_flights_and_homes_and_no_point_of_nowhere(tmp_path: Path) -> None:
    seen = showing.charted(str(a_flight_csv(tmp_path / "a.csv")), None, 20_000)

    assert (seen["points"], seen["without_position"], len(seen["lat"])) == (81, 1, 81)
    assert seen["homes"] == [list(HOME)]
    assert [flight["points"] for flight in seen["flights"]] == [81]
    assert seen["parts"] == [0]
    assert seen["aware"] is True


def test_two_flights_of_a_log_have_two_launches(tmp_path: Path) -> None:
    path = a_flight_gpx(tmp_path / "a.gpx", [out_and_back(), out_and_back(steps=10)])

    seen = showing.charted(str(path), marks(), 20_000)

    assert [flight["points"] for flight in seen["flights"]] == [81, 21]
    assert seen["parts"] == [0, 81]


def test_thinned_track_keeps_the_ends_of_each_part(tmp_path: Path) -> None:
    path = a_flight_gpx(tmp_path / "a.gpx", [out_and_back(), out_and_back()])

    seen = showing.charted(str(path), None, 12)

    assert {0, 80, 81, 161} <= set(seen["index"])
    assert len(seen["lat"]) < 20


def test_what_a_log_does_not_tell_is_none(tmp_path: Path) -> None:
    path = a_flight_kml(tmp_path / "a.kml", timed=False)

    seen = showing.listed(str(path), None, 0, 3)

    assert (seen["at"], seen["seconds"]) == (None, None)
    assert seen["altitude"][:2] == [0.4, 2.4]


def test_page_of_points_stays_within_the_log(tmp_path: Path) -> None:
    path = str(a_flight_csv(tmp_path / "a.csv"))

    assert showing.listed(path, None, 80, 50)["lat"] == [HOME[0]]
    assert showing.listed(path, None, 900, 50)["lat"] == []
    assert showing.listed(path, None, -5, 2)["start"] == 0


def test_result_is_read_back_from_the_file_that_was_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    home = {"id": "h", "kind": "home", "radius_m": 150, "seed": SEED}
    path = str(a_flight_csv(tmp_path / "a.csv"))

    shown = showing.rendered(path, marks(home), ".csv", 20_000)

    assert shown["left"]["points"] == shown["details"]["points_out"] < 81
    assert shown["cut"][0][0] == 0
    assert [circle["mark"] for circle in shown["circles"]] == ["h"]
    assert shown["map"].startswith("<svg")


def test_result_without_any_mark_is_the_whole_track(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)

    shown = showing.rendered(str(a_flight_csv(tmp_path / "a.csv")), None, ".gpx", 20_000)

    assert (shown["cut"], shown["circles"], shown["left"]["points"]) == ([], [], 81)
    assert shown["warnings"][0].startswith("THERE IS NO HOME MARK")


def test_star_is_refused_where_somebody_can_still_draw_it_anew(tmp_path: Path) -> None:
    fence = {"id": "f", "kind": "fence", "polygon": star(), "action": "cut"}

    with pytest.raises(showing.CrossedFence, match="crosses itself near") as fault:
        showing.rendered(str(a_flight_csv(tmp_path / "a.csv")), marks(fence), ".csv", 20_000)

    assert fault.value.mark_id == "f"
