"""What is left of a flight after its marks, in every dialect read and every format written."""

import math
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from redaction.engines import flight
from redaction.report import MarksError, Refused, Report
from tests.redaction.flight_builders import (
    HOME,
    PILOT,
    SERIAL,
    a_flight_csv,
    a_flight_geojson,
    a_flight_gpx,
    a_flight_kml,
    a_flight_srt,
    metres,
    out_and_back,
)
from tests.redaction.table_builders import column_of, read_back, some_marks

HOME_MARK = {"id": "home", "kind": "home", "radius_m": 150, "seed": "abc"}
BOX = [[-93.5965, 41.6035], [-93.5945, 41.6035], [-93.5945, 41.6055], [-93.5965, 41.6055]]
DIALECTS: list[Callable[[Path], Path]] = [
    a_flight_srt,
    a_flight_csv,
    a_flight_gpx,
    a_flight_kml,
    a_flight_geojson,
]


def redact(source: Path, *entries: dict[str, Any], suffix: str = ".csv") -> tuple[Path, Report]:
    target = source.parent / f"out{suffix}"
    target.unlink(missing_ok=True)
    return target, flight.redact(source, some_marks(*entries), target)


def path_of(out: Path) -> list[tuple[float, float]]:
    return [
        (float(lat), float(lon))
        for lat, lon in zip(column_of(out, "latitude"), column_of(out, "longitude"), strict=True)
    ]


@pytest.mark.parametrize("build", DIALECTS)
@pytest.mark.parametrize("suffix", flight.SUFFIXES)
def test_every_dialect_becomes_every_format_without_home_or_names(
    tmp_path: Path, build: Callable[[Path], Path], suffix: str
) -> None:
    out, report = redact(build(tmp_path / "log"), HOME_MARK, suffix=suffix)

    content = out.read_text()
    assert report.details["points_in"] == 81
    assert 0 < report.details["points_out"] < 81
    assert SERIAL not in content
    assert PILOT not in content
    assert "41.600000" not in content
    assert report.marks[0].applied == 1


@pytest.mark.parametrize("style", ["brackets", "typo", "legacy", "swapped", "spark"])
def test_subtitles_of_every_aircraft_give_the_same_path(tmp_path: Path, style: str) -> None:
    out, report = redact(a_flight_srt(tmp_path / "log.srt", style=style))

    assert report.details["points_out"] == 81
    assert path_of(out)[40] == pytest.approx((41.61, -93.59), abs=1e-4)
    assert float(column_of(out, "altitude_m")[40]) == pytest.approx(
        330.4 if style == "typo" else 80.4, abs=0.1
    )


def test_a_pair_of_either_order_is_refused_with_what_settles_it(tmp_path: Path) -> None:
    source = a_flight_srt(tmp_path / "log.srt", [(53.3, 6.4, 1.0)], style="legacy-without-home")

    with pytest.raises(Refused, match=r"GPS\(6.4, 53.3\) does not say which number is the longitude"):
        redact(source)


def test_a_fence_near_one_of_the_two_places_settles_a_pair(tmp_path: Path) -> None:
    source = a_flight_srt(tmp_path / "log.srt", [(53.3, 6.4, 1.0)], style="legacy-without-home")
    fence = {"kind": "fence", "polygon": [[6.5, 53.4], [6.6, 53.4], [6.6, 53.5]], "action": "cut"}

    out, _ = redact(source, fence)

    assert path_of(out) == [(53.3, 6.4)]


@pytest.mark.parametrize(("style", "place"), [("away", (53.30, 6.4)), ("away-swapped", (53.30, 6.4))])
def test_the_distance_from_home_settles_a_pair(
    tmp_path: Path, style: str, place: tuple[float, float]
) -> None:
    spots = [(53.3, 6.4 + 0.01 * step, 1.0) for step in range(6)]

    out, _ = redact(a_flight_srt(tmp_path / "log.srt", spots, style=style))

    assert path_of(out)[0] == place


def test_no_aircraft_flies_where_nobody_lives(tmp_path: Path) -> None:
    out, _ = redact(a_flight_srt(tmp_path / "log.srt", [(42.3, -71.1, 1.0)], style="legacy-without-home"))

    assert path_of(out) == [(42.3, -71.1)]


def test_letters_say_which_number_is_the_longitude(tmp_path: Path) -> None:
    (tmp_path / "log.srt").write_text(
        "1\n00:00:00,000 --> 00:00:01,000\nHOME(W: 71.10, N: 42.30)\nGPS(W: 71.1000, N: 42.3000, 20)\n"
    )

    out, _ = redact(tmp_path / "log.srt")

    assert path_of(out) == [(42.3, -71.1)]


def test_a_latitude_near_the_pole_turns_the_pair_round(tmp_path: Path) -> None:
    out, _ = redact(a_flight_srt(tmp_path / "log.srt", [(40.7, -74.0, 1.0)], style="swapped"))

    assert path_of(out) == [(40.7, -74.0)]


def test_airdata_loses_its_row_without_a_fix_and_its_feet(tmp_path: Path) -> None:
    out, report = redact(a_flight_csv(tmp_path / "log.csv"))

    assert report.details["points_without_position"] == 1
    assert path_of(out)[0] == HOME
    assert column_of(out, "altitude_m")[40] == "80.4"
    assert column_of(out, "time")[0] == "2026-03-04T08:44:54Z"
    assert read_back(out)[0] == ["segment", "time", "latitude", "longitude", "altitude_m"]


def test_a_log_without_a_home_mark_is_warned_of_loudly(tmp_path: Path) -> None:
    _, report = redact(a_flight_srt(tmp_path / "log.srt"))

    assert report.warnings[0].startswith("THERE IS NO HOME MARK")


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.integers(0, 2**64).map(lambda number: f"{number:x}"),
    st.sampled_from([60.0, 150.0, 400.0]),
    st.sampled_from([None, 0.001, 0.003]),
)
def test_nothing_is_left_within_half_the_radius_of_home(
    tmp_path: Path, seed: str, radius: float, grid: float | None
) -> None:
    generalise = [{"id": "grid", "kind": "generalise", "grid_deg": grid}] if grid else []

    out, _ = redact(
        a_flight_srt(tmp_path / "log.srt"), {**HOME_MARK, "radius_m": radius, "seed": seed}, *generalise
    )

    assert all(metres(*spot) > radius / 2 for spot in path_of(out))


def test_one_seed_cuts_the_same_circle_and_another_seed_another(tmp_path: Path) -> None:
    source = a_flight_srt(tmp_path / "log.srt", out_and_back(400))

    first = redact(source, HOME_MARK)[0].read_bytes()
    again = redact(source, HOME_MARK)[0].read_bytes()
    other = redact(source, {**HOME_MARK, "seed": "0123"})[0].read_bytes()

    assert first == again
    assert first != other


def test_a_circle_without_a_seed_moves_and_is_warned_of(tmp_path: Path) -> None:
    source = a_flight_srt(tmp_path / "log.srt", out_and_back(400))
    mark = {"id": "home", "kind": "home", "radius_m": 150}

    runs = {redact(source, mark)[0].read_bytes() for _ in range(5)}

    assert len(runs) > 1
    assert any("without a kept seed" in warning for warning in redact(source, mark)[1].warnings)


def test_the_circle_is_not_centred_on_home(tmp_path: Path) -> None:
    north = [(HOME[0] + step * 5e-5, HOME[1], 10.0) for step in range(80)]
    south = [(HOME[0] - step * 5e-5, HOME[1], 10.0) for step in range(79, -1, -1)]

    out, _ = redact(a_flight_srt(tmp_path / "log.srt", [*north, *south]), HOME_MARK)

    nearest = [
        min(metres(*spot) for spot in path_of(out) if (spot[0] > HOME[0]) is up) for up in (True, False)
    ]
    assert abs(nearest[0] - nearest[1]) > 20


def test_the_home_a_log_names_is_cut_even_when_the_recording_begins_elsewhere(tmp_path: Path) -> None:
    middle = out_and_back()[20:61]
    past_home = [(HOME[0] - 0.005 + step * 1e-4, HOME[1], 50.0) for step in range(101)]

    out, report = redact(a_flight_srt(tmp_path / "log.srt", [*middle, *past_home], style="legacy"), HOME_MARK)

    assert all(metres(*spot) > 75 for spot in path_of(out))
    assert report.details["segments_out"] >= 2


def test_every_flight_of_a_file_has_its_own_take_off(tmp_path: Path) -> None:
    second = [(lat + 0.05, lon, high) for lat, lon, high in out_and_back()]

    out, report = redact(a_flight_gpx(tmp_path / "log.gpx", [out_and_back(), second]), HOME_MARK)

    assert report.details["flights"] == 2
    assert all(metres(*spot) > 75 and metres(*spot, (41.65, -93.6)) > 75 for spot in path_of(out))


def test_a_long_silence_is_a_landing(tmp_path: Path) -> None:
    lines = ["time,lat,lng,alt"]
    for flight_number in (0, 1):
        for place in range(41):
            lat = 41.6 + 0.05 * flight_number + 0.0005 * min(place, 40 - place)
            lines.append(f"2026-03-04 {8 + flight_number:02}:00:{place:02},{lat:.6f},-93.6,10")
    (tmp_path / "log.csv").write_text("\n".join(lines))

    out, report = redact(tmp_path / "log.csv", HOME_MARK)

    assert report.details["flights"] == 2
    assert all(metres(*spot, (41.65, -93.6)) > 75 for spot in path_of(out))


def test_a_fence_cuts_its_inside_and_parts_the_path(tmp_path: Path) -> None:
    fence = {"id": "fence", "kind": "fence", "polygon": BOX, "action": "cut"}

    out, report = redact(a_flight_srt(tmp_path / "log.srt"), fence)

    inside = [s for s in path_of(out) if 41.6035 <= s[0] <= 41.6055 and -93.5965 <= s[1] <= -93.5945]
    assert inside == []
    assert report.details["cut_by"]["fence"] == 18
    assert report.details["segments_out"] == 3


def test_a_line_that_only_crosses_a_fence_is_parted(tmp_path: Path) -> None:
    spots = [(41.6, -93.61 + 0.0001 * step, 9.0) for step in range(6)]
    spots += [(41.6, -93.59 + 0.0001 * step, 9.0) for step in range(6)]
    wall = [[-93.601, 41.59], [-93.6, 41.59], [-93.6, 41.61], [-93.601, 41.61]]

    _, report = redact(
        a_flight_srt(tmp_path / "log.srt", spots), {"kind": "fence", "polygon": wall, "action": "cut"}
    )

    assert (report.details["points_out"], report.details["segments_out"]) == (12, 2)


def test_a_fence_may_generalise_instead(tmp_path: Path) -> None:
    fence = {"id": "fence", "kind": "fence", "polygon": BOX, "action": "generalise"}
    grid = {"id": "grid", "kind": "generalise", "grid_deg": 0.003}

    plain, _ = redact(a_flight_srt(tmp_path / "log.srt"), fence)
    coarse = (41.6, -93.6)
    assert path_of(plain).count(coarse) >= 2
    assert (41.6045, -93.5955) not in path_of(plain)

    both, _ = redact(a_flight_srt(tmp_path / "log.srt"), fence, grid)
    assert all(re.fullmatch(r"-?\d+\.\d{3}", cell) for cell in column_of(both, "latitude"))


def test_a_fence_that_encloses_nothing_is_refused(tmp_path: Path) -> None:
    line = [[-93.6, 41.6], [-93.5, 41.6], [-93.4, 41.6]]

    with pytest.raises(MarksError, match="mark m1: the polygon encloses nothing"):
        redact(a_flight_srt(tmp_path / "log.srt"), {"kind": "fence", "polygon": line, "action": "cut"})

    assert not (tmp_path / "out.csv").exists()


def test_remnants_of_a_cut_are_dropped_but_a_short_log_is_not(tmp_path: Path) -> None:
    short, _ = redact(a_flight_srt(tmp_path / "log.srt", out_and_back()[:2]))
    assert len(path_of(short)) == 2

    fence = {"kind": "fence", "polygon": BOX, "action": "cut"}
    out, report = redact(a_flight_srt(tmp_path / "log.srt", out_and_back()[10:40]), fence)
    assert report.details["points_in_remnants"] == 4
    assert path_of(out)[0][0] > 41.6055


def test_generalising_leaves_grid_metres_and_relative_seconds(tmp_path: Path) -> None:
    mark = {"kind": "generalise", "grid_deg": 0.0005, "altitude": "metre", "time": "relative"}

    out, _ = redact(a_flight_srt(tmp_path / "log.srt"), mark)

    assert all(round(lat / 0.0005) * 0.0005 == pytest.approx(lat, abs=1e-9) for lat, _ in path_of(out))
    assert all(cell.isdigit() for cell in column_of(out, "altitude_m"))
    assert column_of(out, "seconds")[:2] == ["0.000", "1.000"]
    assert "2026" not in out.read_text()


def test_time_relative_begins_with_the_first_released_point(tmp_path: Path) -> None:
    out, _ = redact(a_flight_srt(tmp_path / "log.srt"), HOME_MARK, {"kind": "generalise", "time": "relative"})

    assert column_of(out, "seconds")[0] == "0.000"


@pytest.mark.parametrize("suffix", flight.SUFFIXES)
def test_altitude_and_time_can_go(tmp_path: Path, suffix: str) -> None:
    out, _ = redact(
        a_flight_gpx(tmp_path / "log.gpx"),
        {"kind": "generalise", "altitude": "drop", "time": "relative"},
        suffix=suffix,
    )

    assert "2026" not in out.read_text()
    assert not re.search(r"altitude|<ele>|290|250\.4", out.read_text())


def test_a_fence_drawn_as_a_star_cuts_its_middle_too(tmp_path: Path) -> None:
    turns = [2 * math.pi * (2 * n % 5) / 5 for n in range(5)]
    star = [[-93.595 + 0.003 * math.sin(turn), 41.605 + 0.003 * math.cos(turn)] for turn in turns]

    out, _ = redact(a_flight_srt(tmp_path / "log.srt"), {"kind": "fence", "polygon": star, "action": "cut"})

    assert path_of(out)
    assert not [spot for spot in path_of(out) if math.hypot(spot[0] - 41.605, spot[1] + 93.595) < 0.0011]
