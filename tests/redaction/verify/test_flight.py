"""Every check of a released flight must be able to fail: each test spoils one thing."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from redaction import pipeline
from redaction.engines import flight as engine
from redaction.report import Finding, Refused, Report
from redaction.verify import flight
from redaction.verify.flight import words
from redaction.verify.flight.checks import inside
from redaction.verify.flight.released import Released
from tests.redaction.flight_builders import (
    HOME,
    PILOT,
    SERIAL,
    a_flight_csv,
    a_flight_geojson,
    a_flight_gpx,
    a_flight_kml,
    a_flight_srt,
    out_and_back,
)
from tests.redaction.table_builders import said, some_marks, verified

HOME_MARK = {"id": "home", "kind": "home", "radius_m": 150, "seed": "abc"}
GRID = {"id": "grid", "kind": "generalise", "grid_deg": 0.0005, "altitude": "metre", "time": "relative"}
BOX = [[-93.5965, 41.6035], [-93.5945, 41.6035], [-93.5945, 41.6055], [-93.5965, 41.6055]]
FENCE = {"id": "fence", "kind": "fence", "polygon": BOX, "action": "cut"}
FIELDS = {"id": "fields", "kind": "fields", "release": ["speed", "heading"]}
DIALECTS: list[Callable[[Path], Path]] = [
    a_flight_srt,
    a_flight_csv,
    a_flight_gpx,
    a_flight_kml,
    a_flight_geojson,
]

# the serial number comes after more different values than are remembered
LONG = "latitude,longitude,mode\n" + "".join(f"1,2,m{n}\n" for n in range(10_600)) + f"1,2,{SERIAL}\n"

Spoil = Callable[[str], str]


def a_line(properties: str) -> str:
    """A released line of two points with further members."""
    return (
        '{"type": "FeatureCollection", "features": [{"type": "Feature", "geometry": {"type": "LineString", '
        f'"coordinates": [[1, 2], [3, 4]]}}, "properties": {{"segment": 1, {properties}}}}}]}}'
    )


def check(
    source: Path, *entries: dict[str, Any], suffix: str = ".csv", spoil: Spoil = str
) -> tuple[list[Finding], Report]:
    """Redact, spoil the output's text, verify."""
    out = source.parent / f"out{suffix}"
    marks = some_marks(*entries)
    report = engine.redact(source, marks, out)
    text = out.read_bytes().decode()
    spoiled = spoil(text)
    assert spoil is str or spoiled != text, "the test spoils nothing"
    out.write_bytes(spoiled.encode())
    return flight.verify(out, source, marks, report), report


def with_row(row: str) -> Spoil:
    """Another point after the last, in a segment of its own."""
    return lambda text: text + row + "\r\n"


def swap(old: str, new: str) -> Spoil:
    return lambda text: text.replace(old, new, 1)


@pytest.mark.parametrize("build", DIALECTS)
@pytest.mark.parametrize("suffix", engine.SUFFIXES)
@pytest.mark.parametrize(
    "entries", [[], [HOME_MARK, GRID], [HOME_MARK, FENCE], [{**FENCE, "action": "generalise"}]]
)
def test_a_sound_release_has_no_findings_and_every_mark_is_verified(
    tmp_path: Path, build: Callable[[Path], Path], suffix: str, entries: list[dict[str, Any]]
) -> None:
    findings, report = check(build(tmp_path / "log"), *entries, suffix=suffix)

    assert findings == []
    assert all(verified(report).values())
    assert flight.examine(tmp_path / f"out{suffix}") == []


@pytest.mark.parametrize("style", ["typo", "legacy", "swapped", "spark"])
def test_both_readers_agree_on_every_subtitle(tmp_path: Path, style: str) -> None:
    findings, _ = check(a_flight_srt(tmp_path / "log.srt", style=style), HOME_MARK)

    assert findings == []


@pytest.mark.parametrize("suffix", [".csv", ".gpx", ".geojson"])
def test_released_fields_are_sound_in_every_format_that_has_them(tmp_path: Path, suffix: str) -> None:
    entries: list[dict[str, Any]] = [
        HOME_MARK,
        GRID,
        FIELDS,
        {"id": "more", "kind": "fields", "release": ["flycState"]},
    ]

    findings, report = check(a_flight_csv(tmp_path / "log.csv"), *entries, suffix=suffix)

    assert findings == []
    assert verified(report) == {"home": 1, "grid": 1, "fields": 1, "more": 1}


def test_a_point_at_home_names_the_home_mark(tmp_path: Path) -> None:
    findings, report = check(
        a_flight_srt(tmp_path / "log.srt"), HOME_MARK,
        spoil=with_row(f"9,2026-03-04T08:44:53,{HOME[0]},{HOME[1]},1"),
    )  # fmt: skip

    assert said(findings) == [("home", "the path comes within 75 m of a take-off, landing or home point")]
    assert verified(report) == {"home": 0}


def test_a_line_drawn_over_home_names_the_home_mark(tmp_path: Path) -> None:
    spots = [*out_and_back(), *((41.6 - 0.00025 * n, -93.6 - 0.00025 * n, 9.0) for n in range(1, 41))]
    spots += [*reversed(spots[-40:]), (*HOME, 0.0)]

    def join(text: str) -> str:
        head, *rows = text.splitlines()
        return "\r\n".join([head, *("1" + row[row.index(",") :] for row in rows)])

    findings, _ = check(a_flight_srt(tmp_path / "log.srt", spots), HOME_MARK, spoil=join)

    assert [finding.mark_id for finding in findings] == ["home"]


def test_the_home_that_a_log_names_is_checked(tmp_path: Path) -> None:
    middle = out_and_back()[30:50]
    source = a_flight_csv(tmp_path / "log.csv", [*middle, (*HOME, 1.0), *middle])

    findings, _ = check(source, HOME_MARK, spoil=with_row(f"9,2026-03-04T08:45:00Z,{HOME[0]},{HOME[1]},1"))

    assert ("home", "the path comes within 75 m of a take-off, landing or home point") in said(findings)


def test_the_take_off_of_a_second_flight_is_checked(tmp_path: Path) -> None:
    second = [(lat + 0.05, lon, high) for lat, lon, high in out_and_back()]
    source = a_flight_gpx(tmp_path / "log.gpx", [out_and_back(), second])

    findings, _ = check(source, HOME_MARK, spoil=with_row("9,2026-03-04T08:45:00Z,41.65,-93.6,1"))

    assert [finding.mark_id for finding in findings] == ["home"]


def test_a_point_in_a_fence_names_the_fence(tmp_path: Path) -> None:
    findings, _ = check(
        a_flight_srt(tmp_path / "log.srt"), FENCE, spoil=with_row("9,2026-03-04T08:45:00,41.6045,-93.5955,1")
    )

    assert ("fence", "a point lies inside the fence") in said(findings)


def test_a_path_across_a_fence_names_the_fence(tmp_path: Path) -> None:
    def join(text: str) -> str:
        head, *rows = text.splitlines()
        return "\r\n".join([head, *("1" + row[row.index(",") :] for row in rows)])

    findings, _ = check(a_flight_srt(tmp_path / "log.srt"), FENCE, spoil=join)

    assert said(findings) == [("fence", "the path crosses the fence")]


def test_an_exact_point_in_a_generalised_fence_names_the_fence(tmp_path: Path) -> None:
    findings, _ = check(
        a_flight_srt(tmp_path / "log.srt"), {**FENCE, "action": "generalise"},
        spoil=swap("41.6000000,-93.6000000", "41.6045000,-93.5955000"),
    )  # fmt: skip

    assert ("fence", "a point inside the fence is not generalised") in said(findings)


@pytest.mark.parametrize(
    ("old", "new", "mark", "message"),
    [
        ("41.6000,", "41.60025,", "grid", "a point is not on the grid of 0.0005°"),
        (",0\r\n", ",0.4\r\n", "grid", "an altitude is finer than a metre"),
        ("1,0.000", "1,4.000", "grid", "the seconds do not begin with 0"),
        ("1,0.000", "1,2026-03-04T08:44:53", "grid", "a date or time of day is in the output"),
        ("1,0.000", "1,noon", None, "holds something else where seconds belong"),
        ("segment,seconds", "segment,time", None, "holds something else where a time belongs"),
        ("41.6000,", "141.6000,", None, "holds a point that is not on Earth"),
        ("41.6000,", "here,", None, "cannot be read as a released flight: Foreign"),
    ],
)
def test_what_is_finer_than_asked_or_foreign_is_found(
    tmp_path: Path, old: str, new: str, mark: str | None, message: str
) -> None:
    findings, report = check(a_flight_srt(tmp_path / "log.srt"), GRID, spoil=swap(old, new))

    assert (mark, message) in said(findings)
    assert verified(report) == {"grid": 0}


def test_an_altitude_that_should_be_dropped_is_found(tmp_path: Path) -> None:
    mark = {"id": "alt", "kind": "generalise", "altitude": "drop"}

    def add(text: str) -> str:
        head, *rows = text.splitlines()
        return "\r\n".join([head + ",altitude_m", *(row + ",80.4" for row in rows)])

    findings, _ = check(a_flight_srt(tmp_path / "log.srt"), mark, spoil=add)

    assert said(findings) == [("alt", "an altitude is in the output")]


def test_a_field_that_no_mark_releases_is_found(tmp_path: Path) -> None:
    def add(text: str) -> str:
        head, *rows = text.splitlines()
        return "\r\n".join([head + ",iso", *(row + ",100" for row in rows)])

    findings, _ = check(a_flight_srt(tmp_path / "log.srt"), spoil=add)

    assert said(findings) == [(None, "field 'iso' is in the output, and no mark releases it")]


def test_a_point_of_nowhere_and_a_lost_point_are_found(tmp_path: Path) -> None:
    source = a_flight_srt(tmp_path / "log.srt")

    moved, _ = check(source, spoil=swap("41.6000000", "41.7000000"))
    (tmp_path / "out.csv").unlink()
    lost, _ = check(source, spoil=lambda text: "\r\n".join(text.splitlines()[:-1]))

    assert said(moved) == [(None, "a point is not of the source")]
    assert said(lost) == [(None, "80 points are in the output, 81 in the source")]


@pytest.mark.parametrize("build", [a_flight_csv, a_flight_gpx, a_flight_kml, a_flight_geojson])
@pytest.mark.parametrize("text", [SERIAL, PILOT])
def test_a_text_of_the_source_is_found_in_the_bytes(
    tmp_path: Path, build: Callable[[Path], Path], text: str
) -> None:
    if build is a_flight_kml and text == SERIAL:
        text = PILOT
    fields = {"id": "f", "kind": "fields", "release": ["speed"]}

    findings, _ = check(
        build(tmp_path / "log"), fields, suffix=".gpx",
        spoil=swap("</trkseg>", f"<!--{text}--></trkseg>"),
    )  # fmt: skip

    assert "a text of the source that no mark releases is in the output" in [f.message for f in findings]
    assert "holds a comment or a processing instruction" in [f.message for f in findings]


def test_a_speed_of_the_source_is_found(tmp_path: Path) -> None:
    def put(place: int) -> Spoil:
        def spoil(text: str) -> str:
            lines = text.split("\r\n")
            cells = lines[place].split(",")
            cells[5] = "5.9"
            lines[place] = ",".join(cells)
            return "\r\n".join(lines)

        return spoil

    source = a_flight_csv(tmp_path / "log.csv")
    first, _ = check(source, FIELDS, spoil=put(1))
    (tmp_path / "out.csv").unlink()
    later, _ = check(source, FIELDS, spoil=put(3))

    assert said(first) == [("fields", "a speed says more than the released points")]
    assert said(later) == [("fields", "a speed is not that of the released points")]


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.gpx", "<gpx creator='DJI Fly'><trk/></gpx>", "names the program or aircraft that made it"),
        ("a.gpx", "<gpx creator='daylight'><wpt lat='1' lon='2'/></gpx>", "holds the element 'wpt', which"),
        ("a.gpx", "<gpx creator='daylight' a='b'/>", "holds the attribute 'a' of 'gpx'"),
        ("a.gpx", "<gpx creator='daylight'><trk>hello<trkseg/></trk></gpx>", "text between its elements"),
        ("a.gpx", "<gpx creator='daylight'><trk>hello</trk></gpx>", "holds text in 'trk'"),
        ("a.gpx", "<!DOCTYPE a []><gpx/>", "is not well-formed XML without a document type"),
        ("a.gpx", "<gpx", "is not well-formed XML"),
        ("a.gpx", "<?x y?><gpx creator='daylight'/>", "a processing instruction"),
        ("a.kml", "<kml><Document><name>Jane</name></Document></kml>", "holds the element 'name'"),
        ("a.kml", "<kml><Point><coordinates>1,2</coordinates></Point></kml>", "holds the element 'Point'"),
        ("a.geojson", '{"type": "FeatureCollection", "features": [], "pilot": "x"}', "holds 'pilot', which"),
        ("a.geojson", "[1]", "cannot be read as a released flight"),
        ("a.geojson", "{", "cannot be read as a released flight"),
        ("a.csv", "latitude,longitude,pilot_name\n1,2,x\n", "field 'pilot_name' may name a person"),
        ("a.csv", f"latitude,longitude,mode\n1,2,{SERIAL}\n", "looks like a serial number"),
        ("a.csv", "latitude,longitude,mode\n1,2,=1+1\n", "could run as a formula"),
        ("a.csv", "latitude,longitude\n1,2,3\n", "has 3 cells, the header 2"),
        ("a.csv", 'latitude,longitude\n"1\n2",2\n', "cannot be read as a released flight: Foreign"),
        ("a.csv", "latitude,longitude\n,2\n", "cannot be read as a released flight: Foreign"),
        ("a.csv", "latitude,longitude\n" + "1,2\n" * 600 + "1\n", "has 1 cells, the header 2 (row 602)"),
        ("a.csv", LONG, "looks like a serial number"),
        (
            "a.geojson",
            a_line('"times": ["2026-03-04T08:44:53Z"]'),
            "cannot be read as a released flight: Foreign",
        ),
        ("a.geojson", a_line('"fields": {"note": ["a", "b", "Jane"]}'), "holds 3 values of 'note' for"),
        ("a.geojson", a_line('"times": ["2026-03-04T08:44:53+01:00", "noon"]'), "where a time belongs"),
        ("a.gpx", "<gpx creator='daylight' xmlns='urn:jane'/>", "something strange in the attribute 'xmlns'"),
        (
            "a.kml",
            "<kml><LineString><coordinates>1,2,3,4</coordinates></LineString></kml>",
            "cannot be read as a released flight: ValueError",
        ),
        ("a.csv", "a,b\n1,2\n", "cannot be read as a released flight"),
        ("a.csv", "", "the file is empty"),
        ("a.txt", "x", "cannot be released as .txt"),
    ],
)
def test_a_file_alone_is_examined(tmp_path: Path, name: str, content: str, message: str) -> None:
    (tmp_path / name).write_text(content)

    assert any(message in str(finding) for finding in flight.examine(tmp_path / name))


def test_a_time_with_an_offset_counts_from_1970() -> None:
    released = Released()

    released.take(["1"] * 3, ["2"] * 3, time=["1970-01-01T01:00:01+01:00", "", "1970-01-01T00:00:02Z"])

    assert released["time"][[0, 2]].tolist() == [1.0, 2.0]
    assert np.isnan(released["time"][1])


@pytest.mark.parametrize("others", [0, 500])
def test_a_text_is_found_beside_few_and_many_others(tmp_path: Path, others: int) -> None:
    (tmp_path / "out").write_text("lat 41.6, said Jane Quill; 12345678\n")
    crowd = {f"somebody else {number}" for number in range(others)}

    assert words.said(tmp_path / "out", {"Jane Quill", *crowd})
    assert not words.said(tmp_path / "out", {"ane Quill", "Jane", "12345678", *crowd} - {"Jane"})


@pytest.mark.parametrize("content", ["<gpx", "{", "A,B\n1,2\n", "<!DOCTYPE a []><gpx/>"])
def test_a_source_that_cannot_be_read_again_is_refused(tmp_path: Path, content: str) -> None:
    (tmp_path / "log").write_text(content)
    (tmp_path / "out.csv").write_text("segment,latitude,longitude\n")

    with pytest.raises(Refused, match="the source"):
        flight.verify(tmp_path / "out.csv", tmp_path / "log", some_marks(), Report("", "flight"))


def test_the_pipeline_releases_a_flight_from_end_to_end(tmp_path: Path) -> None:
    source = a_flight_srt(tmp_path / "log.srt")

    report = pipeline.redact(source, some_marks(HOME_MARK, GRID, FENCE), tmp_path / "out.geojson")

    assert verified(report) == {"home": 1, "grid": 1, "fence": 1}
    assert pipeline.verify(tmp_path / "out.geojson", source, some_marks(HOME_MARK, GRID, FENCE)) == []


def test_a_ring_tells_inside_from_outside() -> None:
    ring = [(0.0, 0.0), (0.0, 10.0), (10.0, 10.0), (10.0, 0.0)]

    within = inside(np.array([5.0, 5.0, -1.0]), np.array([5.0, 11.0, 5.0]), ring)

    assert within.tolist() == [True, False, False]
