"""Binary logs and the tables of vendors: one path comes out of all of them, and nothing else."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from redaction import pipeline, sniff
from redaction.engines import flight
from redaction.engines.flight.headers import layout
from redaction.report import Refused, Report
from redaction.verify import flight as verifier
from tests.redaction.flight_builders import HOME, PILOT, SERIAL, metres, out_and_back
from tests.redaction.flight_logs import a_dataflash, a_dji_record, a_tlog, a_ulog
from tests.redaction.table_builders import column_of, some_marks, verified

HOME_MARK = {"id": "home", "kind": "home", "radius_m": 150, "seed": "abc" * 12}


def old_ulog(path: Path) -> Path:
    return a_ulog(path, new=False)


def old_tlog(path: Path) -> Path:
    return a_tlog(path, version=1)


LOGS: list[Callable[[Path], Path]] = [a_ulog, old_ulog, a_dataflash, a_tlog, old_tlog]


def redact(source: Path, *entries: dict[str, Any], suffix: str = ".csv") -> tuple[Path, Report]:
    target = source.parent / f"out{suffix}"
    target.unlink(missing_ok=True)
    marks = some_marks(*entries)
    report = flight.redact(source, marks, target)
    assert verifier.verify(target, source, marks, report) == []
    return target, report


@pytest.mark.parametrize("build", LOGS)
def test_every_binary_log_gives_the_same_path(tmp_path: Path, build: Callable[[Path], Path]) -> None:
    out, report = redact(build(tmp_path / "log"))

    assert report.details["points_out"] == 81
    assert float(column_of(out, "latitude")[40]) == pytest.approx(41.61, abs=1e-6)
    assert float(column_of(out, "longitude")[40]) == pytest.approx(-93.59, abs=1e-6)
    assert column_of(out, "time")[0].startswith("2026-03-04T08:44:53")


@pytest.mark.parametrize("build", LOGS)
def test_home_and_the_place_where_the_motors_stopped_are_cut(
    tmp_path: Path, build: Callable[[Path], Path]
) -> None:
    out, report = redact(build(tmp_path / "log"), HOME_MARK)

    spots = list(
        zip(map(float, column_of(out, "latitude")), map(float, column_of(out, "longitude")), strict=True)
    )
    assert verified(report) == {"home": 1}
    assert spots
    assert all(metres(*spot) > 75 for spot in spots)
    assert report.details["places_of_take_off_and_landing"] >= 2
    assert SERIAL not in out.read_text()


def test_a_field_of_a_binary_log_passes_by_name(tmp_path: Path) -> None:
    ulog, _ = redact(a_ulog(tmp_path / "log"), {"kind": "fields", "release": ["fix_type"]})
    assert set(column_of(ulog, "fix_type")) == {"3"}

    flash, _ = redact(a_dataflash(tmp_path / "log"), {"kind": "fields", "release": ["NSats", "HDop"]})
    assert set(column_of(flash, "NSats")) == {"14"}
    assert set(column_of(flash, "HDop")) == {"0.8"}


@pytest.mark.parametrize("build", LOGS)
def test_a_binary_log_cut_short_gives_what_it_has_or_is_refused(
    tmp_path: Path, build: Callable[[Path], Path]
) -> None:
    whole = build(tmp_path / "log").read_bytes()

    for length in (20, 200, len(whole) // 2, len(whole) - 3):
        (tmp_path / "short").write_bytes(whole[:length])
        try:
            report = flight.redact(tmp_path / "short", some_marks(), tmp_path / f"{length}.csv")
        except Refused:
            assert not (tmp_path / f"{length}.csv").exists()
        else:
            assert 0 < report.details["points_in"] <= 81


@pytest.mark.parametrize(
    ("build", "limit"),
    [(a_ulog, "ulog.LIMIT"), (a_dataflash, "dataflash.LIMIT"), (a_tlog, "telemetry.LIMIT")],
)
def test_a_binary_log_too_large_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, build: Callable[[Path], Path], limit: str
) -> None:
    monkeypatch.setattr(f"redaction.engines.flight.{limit}", 10)

    with pytest.raises(Refused, match="larger than 10 bytes; split it by flight"):
        flight.redact(build(tmp_path / "log"), some_marks(), tmp_path / "out.csv")


def test_a_px4_log_without_positions_is_refused(tmp_path: Path) -> None:
    source = a_ulog(tmp_path / "log", topic="actuator_outputs")

    with pytest.raises(Refused, match="holds no position"):
        flight.redact(source, some_marks(), tmp_path / "out.csv")


@pytest.mark.parametrize("version", [3, 6, 11, 12])
def test_the_header_of_a_dji_record_says_when_and_how_long_and_nothing_of_whom(
    tmp_path: Path, version: int
) -> None:
    found = flight.header(a_dji_record(tmp_path / "log.txt", version=version))

    assert (found.version, found.seconds, found.distance, found.highest) == (version, 61.0, 1234.5, 80.2)
    assert found.started_at is not None
    assert found.started_at.isoformat() == "2026-03-04T08:44:53+00:00"
    assert not any(secret in repr(found) for secret in (SERIAL, PILOT, "41.6", "93.6"))


def test_a_scrambled_header_gives_its_version_alone(tmp_path: Path) -> None:
    found = flight.header(a_dji_record(tmp_path / "log.txt", version=14))

    assert (found.version, found.started_at, found.seconds) == (14, None, None)


def test_a_file_that_is_no_dji_record_has_no_such_header(tmp_path: Path) -> None:
    (tmp_path / "log.txt").write_text("time,lat,lon\n")

    with pytest.raises(Refused, match="not a DJI flight record"):
        flight.header(tmp_path / "log.txt")


def test_the_track_of_a_dji_record_is_refused_with_what_to_do(tmp_path: Path) -> None:
    source = a_dji_record(tmp_path / "DJIFlightRecord.txt", version=13)
    assert sniff.media_type(source).format == "dji_record"

    with pytest.raises(Refused, match="Export the flight from AirData"):
        pipeline.redact(source, some_marks(HOME_MARK), tmp_path / "out.csv", contained=False)

    assert not (tmp_path / "out.csv").exists()


@pytest.mark.parametrize(
    ("header", "homes"),
    [
        ("time(millisecond), datetime(utc), latitude, longitude, height_above_takeoff(feet)", 0),
        (
            "CUSTOM.updateTime,OSD.latitude,OSD.longitude,OSD.height [ft],HOME.latitude,HOME.longitude",
            1,
        ),
        (
            "Timestamp (UTC),Aircraft Lat (deg),Aircraft Lon (deg),Altitude MSL (ft),Takeoff Lat,Takeoff Lon",
            1,
        ),
        ("timestamp_ms,gps_lat,gps_lng,alt_rel_m,rc_lat,rc_lng", 1),
        (
            "Elapsed,Position.Latitude,Position.Longitude,Relative Altitude (m),PilotLatitude,PilotLongitude",
            1,
        ),
        ("when;vehicleLat;vehicleLon;altitude", 0),
    ],
)
def test_headers_of_many_vendors_are_understood(header: str, homes: int) -> None:
    delimiter = ";" if ";" in header else ","

    names = header.split(delimiter)
    found = layout(names)

    assert found is not None
    assert found.lon == found.lat + 1
    assert len(found.homes) == homes
    assert not re.search(r"home|takeoff|\brc|pilot", names[found.lat].lower())


def test_a_table_without_a_pair_has_no_layout() -> None:
    assert layout(["time", "latitude", "speed"]) is None
    assert layout(["home_lat", "home_lon"]) is None


@pytest.mark.parametrize(
    ("head", "first", "second", "time"),
    [
        ("timestamp", "1772613893", "1772613894", "2026-03-04T08:44:53Z"),
        ("timestamp", "1772613893000", "1772613894000", "2026-03-04T08:44:53Z"),
        ("timestamp", "1772613893000000", "1772613894000000", "2026-03-04T08:44:53Z"),
        ("datetime(utc)", "2026-03-04 08:44:53", "2026-03-04 08:44:54", "2026-03-04T08:44:53Z"),
        ("time", "2026-03-04T08:44:53Z", "2026-03-04T08:44:54Z", "2026-03-04T08:44:53Z"),
        ("time", "2026-03-04T02:44:53-06:00", "2026-03-04T02:44:54-06:00", "2026-03-04T08:44:53Z"),
        ("time", "03/04/2026 8:44:53 AM", "03/04/2026 8:44:54 AM", "2026-03-04T08:44:53"),
    ],
)
def test_times_of_many_spellings_are_read(
    tmp_path: Path, head: str, first: str, second: str, time: str
) -> None:
    (tmp_path / "log").write_text(f"{head},lat,lon\n{first},41.6,-93.6\n{second},41.61,-93.6\n")

    out, _ = redact(tmp_path / "log")

    assert column_of(out, "time")[0] == time


def test_seconds_without_a_date_are_counted_from_the_first_point(tmp_path: Path) -> None:
    (tmp_path / "log").write_text("seconds,lat,lon\n12.5,41.6,-93.6\n13.5,41.61,-93.6\n")

    out, _ = redact(tmp_path / "log")

    assert column_of(out, "seconds") == ["0.000", "1.000"]


def test_a_semicolon_table_may_write_a_comma_for_a_point(tmp_path: Path) -> None:
    (tmp_path / "log").write_text("time;latitude;longitude\n2026-03-04 08:44:53;41,6;-93,6\n")

    out, _ = redact(tmp_path / "log")

    assert column_of(out, "latitude") == ["41.6000000"]


def test_whole_seconds_take_the_fraction_of_the_clock_beside_them(tmp_path: Path) -> None:
    rows = [f"{n * 100},2026-03-04 08:44:{53 + n // 10},41.6,{-93.6 + n / 1e4:.4f}" for n in range(20)]
    (tmp_path / "log").write_text("\n".join(["time(millisecond),datetime(utc),latitude,longitude", *rows]))

    out, _ = redact(tmp_path / "log", {"kind": "fields", "release": ["speed"]})

    assert column_of(out, "time")[1] == "2026-03-04T08:44:53.100Z"
    assert float(column_of(out, "speed")[5]) == pytest.approx(83, abs=1)


def test_times_of_two_kinds_and_backwards_are_settled(tmp_path: Path) -> None:
    rows = ["2026-03-04T08:00:05Z", "2026-03-04T08:00:06Z", "2026-03-04 08:00:01", "2026-03-04T08:00:02Z"]
    points = "".join(
        f'<trkpt lat="41.60{n}" lon="-93.6"><time>{time}</time></trkpt>' for n, time in enumerate(rows)
    )
    (tmp_path / "log").write_text(f"<gpx><trk><trkseg>{points}</trkseg></trk></gpx>")

    out, report = redact(tmp_path / "log")

    assert column_of(out, "time")[2] == ""
    assert any("otherwise than the rest" in warning for warning in report.warnings)


def test_an_old_subtitle_that_changes_its_spelling_is_refused(tmp_path: Path) -> None:
    (tmp_path / "log").write_text(
        "1\n00:00:00,000 --> 00:00:01,000\nGPS(-93.6,41.6,16)\n\n"
        "2\n00:00:01,000 --> 00:00:02,000\n[latitude: 41.6] [longitude: -93.6]\n"
    )

    with pytest.raises(Refused, match="change half-way"):
        flight.redact(tmp_path / "log", some_marks(), tmp_path / "out.csv")


def test_a_compressed_map_is_refused_with_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "a.kmz").write_bytes(b"PK\x03\x04" + bytes(26) + b"doc.kml" + bytes(40))

    with pytest.raises(Refused, match="unpack it and give the KML"):
        sniff.media_type(tmp_path / "a.kmz")


def test_the_released_path_of_a_log_keeps_its_home_out(tmp_path: Path) -> None:
    source = a_tlog(tmp_path / "log", [(*HOME, 0.0)] * 5 + out_and_back())

    _, report = redact(source, HOME_MARK)

    assert report.details["cut_spans"][0]["start"] == 0
    assert report.details["cut_spans"][-1]["end"] == pytest.approx(86, abs=0.01)
