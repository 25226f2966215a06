"""What is left of a flight after its marks, in every dialect read and every format written."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from redaction.engines import flight
from redaction.engines.flight.whitelist import fault_of
from redaction.marks import Mark, Marks
from redaction.report import MarksError, Refused, Report
from tests.redaction.flight_builders import (
    a_flight_csv,
    a_flight_geojson,
    a_flight_gpx,
    a_flight_kml,
    a_flight_srt,
    metres,
    out_and_back,
)
from tests.redaction.table_builders import column_of, some_marks

HOME_MARK = {"id": "home", "kind": "home", "radius_m": 150, "seed": "abc"}


def redact(source: Path, *entries: dict[str, Any], suffix: str = ".csv") -> tuple[Path, Report]:
    target = source.parent / f"out{suffix}"
    target.unlink(missing_ok=True)
    return target, flight.redact(source, some_marks(*entries), target)


def path_of(out: Path) -> list[tuple[float, float]]:
    return [
        (float(lat), float(lon))
        for lat, lon in zip(column_of(out, "latitude"), column_of(out, "longitude"), strict=True)
    ]


@pytest.mark.parametrize(
    ("build", "name", "value"),
    [
        (a_flight_srt, "shutter", "1/640.0"),
        (a_flight_srt, "gb_pitch", "0.0"),
        (a_flight_csv, "flycState", "P-GPS"),
        (a_flight_gpx, "iso", "100"),
    ],
)
@pytest.mark.parametrize("suffix", [".csv", ".gpx", ".geojson"])
def test_a_named_field_passes(
    tmp_path: Path, build: Callable[[Path], Path], name: str, value: str, suffix: str
) -> None:
    out, report = redact(build(tmp_path / "log"), {"kind": "fields", "release": [name]}, suffix=suffix)

    assert value in out.read_text()
    assert report.details["fields_released"] == [name]


def test_fields_of_single_points_pass(tmp_path: Path) -> None:
    source = a_flight_geojson(tmp_path / "log.geojson", points=True)

    out, _ = redact(source, {"kind": "fields", "release": ["iso"]})

    assert set(column_of(out, "iso")) == {"100"}


def test_speed_and_heading_come_from_what_is_released(tmp_path: Path) -> None:
    out, _ = redact(
        a_flight_csv(tmp_path / "log.csv"), HOME_MARK, {"kind": "fields", "release": ["speed", "heading"]}
    )

    speeds = column_of(out, "speed")
    assert speeds[0] == ""
    assert float(speeds[1]) == pytest.approx(metres(41.60025, -93.59975), rel=0.02)
    assert column_of(out, "heading")[1] == "37"


def test_speed_is_blank_where_nothing_moves_or_no_time_is_known(tmp_path: Path) -> None:
    (tmp_path / "log.csv").write_text("lat,lon\n41.6,-93.6\n41.6,-93.6\n41.7,-93.6\n")

    out, _ = redact(tmp_path / "log.csv", {"kind": "fields", "release": ["speed", "heading"]})

    assert column_of(out, "speed") == ["", "", ""]
    assert column_of(out, "heading") == ["", "", "0"]


def test_a_field_that_could_run_is_disarmed(tmp_path: Path) -> None:
    (tmp_path / "log.csv").write_text("lat,lon,mode,tilt\n41.6,-93.6,=1+1,-5\n41.6,-93.6,x,3\n")

    out, _ = redact(tmp_path / "log.csv", {"kind": "fields", "release": ["mode", "tilt"]})

    assert column_of(out, "mode") == ["'=1+1", "x"]
    assert column_of(out, "tilt") == ["-5", "3"]


@pytest.mark.parametrize(
    "name",
    [
        "pilot", "PilotName", "operator_id", "home_latitude", "homeDistance", "serial", "droneSerialNumber",
        "drone_sn", "phone model", "rc_latitude", "battery_id", "gps_lat", "latitude", "rel_alt", "abs_alt",
        "altitude_agl", "datetime(utc)", "time", "xSpeed(mph)", "distance(feet)", "user_email",
        "uuid", "TakeOff",
    ],
)  # fmt: skip
def test_what_names_a_person_device_or_place_is_never_released(tmp_path: Path, name: str) -> None:
    assert fault_of(name) is not None

    with pytest.raises(MarksError, match="mark f: field"):
        redact(a_flight_csv(tmp_path / "log.csv"), {"id": "f", "kind": "fields", "release": [name]})


def test_a_field_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(MarksError, match="mark f: there is no field 'tint'"):
        redact(a_flight_csv(tmp_path / "log.csv"), {"id": "f", "kind": "fields", "release": ["tint"]})


def test_fields_do_not_fit_kml(tmp_path: Path) -> None:
    with pytest.raises(MarksError, match="mark f: KML carries no fields"):
        redact(
            a_flight_csv(tmp_path / "log.csv"),
            {"id": "f", "kind": "fields", "release": ["speed"]},
            suffix=".kml",
        )


def test_a_mark_of_another_medium_is_refused(tmp_path: Path) -> None:
    mark = Marks((Mark("p", "page", {"page": 1}),))

    with pytest.raises(MarksError, match="mark p: a page mark does not fit"):
        flight.redact(a_flight_csv(tmp_path / "log.csv"), mark, tmp_path / "out.csv")


@pytest.mark.parametrize("suffix", flight.SUFFIXES)
def test_a_flight_that_is_cut_whole_is_refused_with_what_to_change(tmp_path: Path, suffix: str) -> None:
    with pytest.raises(Refused, match=r"of its 3 points 3 by mark .* are cut; choose a smaller radius_m"):
        redact(a_flight_srt(tmp_path / "log.srt", out_and_back()[:3]), HOME_MARK, suffix=suffix)

    assert [path.name for path in tmp_path.iterdir()] == ["log.srt"]


def test_a_single_point_and_untimed_kml_are_written(tmp_path: Path) -> None:
    point, _ = redact(a_flight_srt(tmp_path / "log.srt", [(41.6, -93.6, 1.0)]), suffix=".geojson")
    assert json.loads(point.read_text())["features"][0]["geometry"]["type"] == "Point"

    line, report = redact(a_flight_kml(tmp_path / "log.kml", timed=False), suffix=".kml")
    assert report.details["points_out"] == 81
    assert "<LineString>" in line.read_text()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "the file is empty"),
        (b"ULog\x01\x12\x35\x01", "PX4 log (is damaged|holds no position)"),
        (b"\xa3\x95\x80\x00", "ArduPilot log (is damaged|holds no position)"),
        (b"PK\x03\x04rest", "archive"),
        (b"\x00\x01\x02\xff\xfe\x80\x81 binary", "binary log of an unknown or encrypted kind"),
        (b"A,B\n1,2\n", "no column for latitude"),
        (b"lat,lon\nx,y\n", "no point \\(1 without a position\\)"),
        (b"lat,lon\n1,2,3\n", "row 2 has 3 cells"),
        (b"1\n00:00:00,000 --> 00:00:01,000\n[iso: 100]\n", "none of the 1 cues"),
        (b"1\n-->\n", "no cue with a time span"),
        (b"<gpx><trk><trkseg><trkpt lat='1'", "not well formed"),
        (b"<gpx><trk><trkseg><trkpt lat='x' lon='2'/></trkseg></trk></gpx>", "no point"),
        (b"<?xml version='1.0' encoding='klingon'?><gpx/>", "cannot be decoded|not well formed"),
        (b'<!DOCTYPE g [<!ENTITY a "b">]><gpx>&a;</gpx>', "document type or entities"),
        (b'<!DOCTYPE g SYSTEM "file:///etc/passwd"><kml/>', "document type or entities"),
        (b"{broken", "GeoJSON cannot be read"),
        (b'{"type": "LineString", "coordinates": [[NaN, 1]]}', "NaN is not a number"),
        (b'{"type": "LineString", "coordinates": [1, 2]}', "not shaped as RFC 7946"),
        (b'{"a":' * 100_000, "nested too deeply|cannot be read"),
        (b'{"type": "Feature", "geometry": null}', "no point"),
        (b'{"type": "Polygon", "coordinates": [[[1, 2]]]}', "no point"),
    ],
)
def test_what_is_no_flight_is_refused_with_the_reason(tmp_path: Path, content: bytes, message: str) -> None:
    (tmp_path / "log").write_bytes(content)

    with pytest.raises(Refused, match=message):
        redact(tmp_path / "log")

    assert not (tmp_path / "out.csv").exists()


def test_a_billion_laughs_are_refused_at_the_first(tmp_path: Path) -> None:
    entities = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12))
    (tmp_path / "log.gpx").write_text(f'<!DOCTYPE x [<!ENTITY l0 "ha">{entities}]><gpx>&l11;</gpx>')

    with pytest.raises(Refused, match="document type or entities"):
        redact(tmp_path / "log.gpx")


def test_other_shapes_of_geojson_are_read(tmp_path: Path) -> None:
    lines = {"type": "MultiLineString", "coordinates": [[[-93.6, 41.6]], [[-93.5, 41.5]]]}
    data = {
        "type": "Feature",
        "geometry": {"type": "GeometryCollection", "geometries": [lines]},
        "properties": {"coordTimes": [["2026-03-04T08:00:00Z"], ["not a time"]]},
    }
    (tmp_path / "log.json").write_text(json.dumps(data))

    out, report = redact(tmp_path / "log.json")

    assert path_of(out) == [(41.6, -93.6), (41.5, -93.5)]
    assert column_of(out, "time") == ["2026-03-04T08:00:00Z", ""]
    assert report.details["segments_out"] == 2


def test_kml_with_a_broken_corner_loses_only_that(tmp_path: Path) -> None:
    (tmp_path / "log.kml").write_text(
        "<kml><Placemark><LineString><coordinates>-93.6,41.6 x,y -93.5</coordinates></LineString>"
        "</Placemark></kml>"
    )

    _, report = redact(tmp_path / "log.kml")

    assert (report.details["points_out"], report.details["points_without_position"]) == (1, 2)


def test_a_log_too_large_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("redaction.engines.flight.track.POINT_LIMIT", 10)
    with pytest.raises(Refused, match="more than 10 points"):
        redact(a_flight_srt(tmp_path / "log.srt"))

    monkeypatch.setattr("redaction.engines.flight.geojson.LIMIT", 10)
    with pytest.raises(Refused, match="larger than 10 bytes"):
        redact(a_flight_geojson(tmp_path / "log.json"))

    (tmp_path / "endless.srt").write_text("00:00:00,000 --> 00:00:01,000\n" + "x" * 100_000)
    with pytest.raises(Refused, match="line 2 of the subtitles is too long"):
        redact(tmp_path / "endless.srt")


def test_a_log_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused, match=r"nowhere\.srt cannot be read"):
        redact(tmp_path / "nowhere.srt")


def test_its_own_output_can_be_read_again(tmp_path: Path) -> None:
    first, report = redact(a_flight_gpx(tmp_path / "log.gpx"), HOME_MARK)
    copy = tmp_path / "again.csv"
    copy.write_bytes(first.read_bytes())

    second, again = redact(copy)

    assert second.read_bytes() == first.read_bytes()
    assert again.details["points_in"] == report.details["points_out"]


def test_dates_with_the_day_first_are_seen(tmp_path: Path) -> None:
    (tmp_path / "log.csv").write_text(
        "time,lat,lon\n03/04/2026 10:00,41.6,-93.6\n25/04/2026 10:00,41.6,-93.6\n"
    )

    out, _ = redact(tmp_path / "log.csv")

    assert column_of(out, "time") == ["2026-04-03T10:00:00", "2026-04-25T10:00:00"]


def test_progress_is_told(tmp_path: Path) -> None:
    heard: list[float] = []

    flight.redact(
        a_flight_srt(tmp_path / "log.srt"), some_marks(), tmp_path / "out.csv",
        progress=lambda share, stage: heard.append(share),
    )  # fmt: skip

    assert heard == [0.1, 0.5, 0.7, 1.0]
