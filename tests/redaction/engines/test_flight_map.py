"""The drawn map shows the released path, says how large it is, and nothing else."""

import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from redaction.engines import flight
from redaction.engines.flight.drawing import HEIGHT, PATH, WIDTH, draw
from redaction.engines.flight.track import Track
from redaction.report import Report
from tests.redaction.flight_builders import PILOT, SERIAL, a_flight_csv, out_and_back
from tests.redaction.table_builders import some_marks

HOME_MARK = {"id": "home", "kind": "home", "radius_m": 150, "seed": "abc" * 12}
BLUE = (0x0B, 0x53, 0x94)


def drawn(
    tmp_path: Path, suffix: str = ".gpx", *entries: dict[str, object]
) -> tuple[str, Image.Image, Report]:
    out = tmp_path / f"out{suffix}"
    report = flight.redact(a_flight_csv(tmp_path / "log"), some_marks(*entries), out)
    flight.write_companions(out, report, tmp_path)
    with Image.open(tmp_path / "flight-map.png") as picture:
        picture.load()
        return (tmp_path / "flight-map.svg").read_text(), picture, report


@pytest.mark.parametrize("suffix", flight.SUFFIXES)
def test_a_map_is_drawn_from_every_format(tmp_path: Path, suffix: str) -> None:
    svg, picture, _ = drawn(tmp_path, suffix, HOME_MARK)

    assert picture.size == (WIDTH, HEIGHT)
    off = np.abs(np.array(picture).astype(int) - BLUE).sum(axis=2)
    assert (off < 90).sum() > 500
    assert re.search(r">\d+ k?m<", svg)
    assert re.search(r">[\d,]+ ft<", svg)
    assert ">N<" in svg
    assert re.search(r"41\.\d+° N", svg)


def test_a_map_holds_no_metadata_names_or_links(tmp_path: Path) -> None:
    svg, picture, _ = drawn(tmp_path, ".gpx", HOME_MARK)

    assert picture.info == {}
    assert not any(secret in svg for secret in (SERIAL, PILOT, "href", "<script", "<title", "<!--"))


def test_a_gap_stays_a_gap(tmp_path: Path) -> None:
    box = [[-93.5965, 41.6035], [-93.5945, 41.6035], [-93.5945, 41.6055], [-93.5965, 41.6055]]

    svg, _, report = drawn(tmp_path, ".csv", {"kind": "fence", "polygon": box, "action": "cut"})

    assert report.details["segments_out"] == 3
    assert svg.count(f'stroke="{PATH}"') == 3 + 1  # one more in the legend
    assert "in 3 parts" in svg
    assert "gaps are withheld" in svg


def test_a_single_point_is_a_dot_on_a_small_map() -> None:
    track = Track("made")
    track.add(41.6, -93.6)

    sheet = draw(track.finish())

    assert len(sheet.dots) == 1
    assert any(told == "20 m" for _, told, *_ in sheet.texts)


def test_a_path_across_the_date_line_is_one_small_map() -> None:
    track = Track("made")
    for step in range(40):
        track.add(-17.0, (179.99 + 0.001 * step + 180) % 360 - 180)

    sheet = draw(track.finish())

    path = next(spots for spots, ink, _ in sheet.lines if ink == PATH)
    assert max(x for x, _ in path) - min(x for x, _ in path) > WIDTH / 2
    assert len({told for _, told, *_ in sheet.texts} & {"179.99° E", "180.00° W", "179.98° W"}) >= 2


def test_a_large_map_counts_in_miles() -> None:
    track = Track("made")
    for lat, lon, _ in out_and_back(far=0.5):
        track.add(lat, lon)

    told = [told for _, told, *_ in draw(track.finish()).texts]

    assert any("miles" in one for one in told)
    assert any(" km" in one for one in told)
