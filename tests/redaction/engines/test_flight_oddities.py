"""Logs as they lie on real cards: other encodings, line ends, gaps in single rows, the date line."""

from collections.abc import Callable
from pathlib import Path

import pytest

from redaction import pipeline
from redaction.report import Report
from tests.redaction.flight_builders import (
    a_flight_csv,
    a_flight_geojson,
    a_flight_gpx,
    a_flight_srt,
    out_and_back,
)
from tests.redaction.table_builders import some_marks

HOME_MARK = {"id": "home", "kind": "home", "radius_m": 150, "seed": "5eed" * 8}
SPEED = {"id": "speed", "kind": "fields", "release": ["speed"]}
Build = Callable[[Path], Path]


def released(source: Path) -> Report:
    """Redacted and verified in this process, for the walls are not the subject here."""
    marks = some_marks(HOME_MARK, SPEED)
    return pipeline.redact(source, marks, source.parent / "out.geojson", contained=False)


@pytest.mark.parametrize("build", [a_flight_csv, a_flight_srt, a_flight_gpx, a_flight_geojson])
@pytest.mark.parametrize("change", ["\r\n", "\r", "bom", "utf-16-le", "utf-16-be"])
def test_encodings_and_line_ends_do_not_change_what_is_released(
    tmp_path: Path, build: Build, change: str
) -> None:
    source = build(tmp_path / "log")
    plain = released(source).details
    text = source.read_text(encoding="utf-8")

    if change.startswith("utf-16"):
        text = text.replace('version="1.0"', 'version="1.0" encoding="UTF-16"', 1)
        source.write_bytes(("\ufeff" + text).encode(change))
    elif change == "bom":
        source.write_bytes(("\ufeff" + text).encode())
    else:
        source.write_bytes(text.replace("\n", change).encode())

    assert released(source).details == plain


@pytest.mark.parametrize("cell", ["NaN", "", "inf", "-93.6", "no fix"])
def test_a_row_without_a_position_is_left_out_and_counted(tmp_path: Path, cell: str) -> None:
    source = a_flight_csv(tmp_path / "log")
    lines = source.read_text().splitlines()
    cells = lines[9].split(",")
    lines[9] = ",".join([*cells[:2], cell, *cells[3:]])
    source.write_text("\n".join(lines))

    details = released(source).details

    assert (details["points_in"], details["points_without_position"]) == (80, 2)


def test_equal_and_falling_times_pass_the_check(tmp_path: Path) -> None:
    source = a_flight_csv(tmp_path / "log")
    lines = source.read_text().splitlines()
    source.write_text("\n".join([*lines[:30], lines[29], *lines[20:]]))

    details = released(source).details

    assert details["points_in"] == 92
    assert details["segments_out"] == 2


@pytest.mark.parametrize("build", [a_flight_csv, a_flight_srt])
def test_a_flight_over_the_date_line_is_checked_the_short_way(
    tmp_path: Path, build: Callable[..., Path]
) -> None:
    lons = [179.995 + 0.0002 * step for step in range(60)]
    spots = [(0.5 + 0.0002 * step, lon if lon < 180 else lon - 360, 50.0) for step, lon in enumerate(lons)]

    details = released(build(tmp_path / "log", spots)).details

    assert details["segments_out"] == 1


def test_a_geojson_without_some_heights_and_places_is_read(tmp_path: Path) -> None:
    source = a_flight_geojson(tmp_path / "log")
    nowhere = '{"type": "Feature", "geometry": null, "properties": null}'
    text = source.read_text().replace(", 4.4]", ", null]")
    source.write_text(text.replace('"features": [', f'"features": [{nowhere}, '))

    assert released(source).details["points_in"] == len(out_and_back())
