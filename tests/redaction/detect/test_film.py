"""Regions for what is seen in a film."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from redaction import detect, pipeline
from redaction.detect import film
from redaction.engines.media.painting import rect_at
from redaction.marks import parse
from redaction.report import Refused
from tests.redaction.film_builders import a_sound
from tests.redaction.media_builders import a_video
from tests.redaction.street_builders import Rect, a_drive


def _covered(marks: list[dict[str, Any]], time: float, place: Rect) -> float:
    """The largest share of a place that one region covers at a time."""
    best = 0.0
    for mark in marks:
        if mark["start"] <= time < mark["end"]:
            x, y, w, h = rect_at(mark["keyframes"], time)
            width = min(x + w, place[2]) - max(x, place[0])
            height = min(y + h, place[3]) - max(y, place[1])
            area = (place[2] - place[0]) * (place[3] - place[1])
            best = max(best, max(width, 0) * max(height, 0) / area)
    return best


@dataclass(frozen=True)
class Drive:
    source: Path
    places: list[Rect]
    content: str


@pytest.fixture(scope="module")
def driven(tmp_path_factory: pytest.TempPathFactory) -> Drive:
    source, places = a_drive(tmp_path_factory.mktemp("film") / "drive.mp4", frames=18)
    return Drive(source, places, json.dumps(detect.suggest(source, "plates", contained=False)))


def test_a_moving_plate_is_covered_on_every_frame(driven: Drive) -> None:
    marks = json.loads(driven.content)["marks"]

    shares = [_covered(marks, number / 10, place) for number, place in enumerate(driven.places)]

    assert min(shares) > 0.9
    assert {mark["reason"] for mark in marks} == {"PLATE"}


def test_regions_stop_a_redaction_until_they_are_decided_on(driven: Drive, tmp_path: Path) -> None:
    marks = parse(json.loads(driven.content))

    with pytest.raises(Refused, match="suggestion"):
        pipeline.redact(driven.source, marks, tmp_path / "out.mp4")


def test_accepted_regions_redact(driven: Drive, tmp_path: Path) -> None:
    content = json.loads(driven.content)
    for mark in content["marks"]:
        mark["decision"] = "accepted"

    report = pipeline.redact(driven.source, parse(content), tmp_path / "out.mp4")

    assert all(row.requested == row.verified > 0 for row in report.marks)


def test_in_a_turned_film_regions_lie_where_a_player_shows_the_plate(tmp_path: Path) -> None:
    source, places = a_drive(tmp_path / "turned.mp4", frames=8, turned=180)

    marks = detect.suggest(source, "plates", contained=False)["marks"]

    assert _covered(marks, 0.2, places[2]) > 0.9


def test_the_same_film_gives_the_same_marks(tmp_path: Path) -> None:
    source, _ = a_drive(tmp_path / "short.mp4", frames=3)

    first, second = (detect.suggest(source, "text", contained=False) for _ in range(2))

    assert first == second
    assert first["marks"]


def test_nothing_seen_is_no_marks(tmp_path: Path) -> None:
    source = a_video(tmp_path / "plain.mp4", seconds=0.4, audio=False)
    told: list[float] = []

    found = film.in_film(source, "faces", progress=lambda share, _: told.append(share))

    assert found == []
    assert told
    assert all(0 <= share <= 1 for share in told)


def test_a_recording_without_picture_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="no picture"):
        film.in_film(a_sound(tmp_path / "sound.mp4"), "faces")


def test_a_film_of_which_nothing_can_be_decoded_is_refused(tmp_path: Path) -> None:

    source = a_video(tmp_path / "good.mp4", seconds=0.4, audio=False)
    broken = tmp_path / "broken.mp4"
    content = source.read_bytes()
    start = content.index(b"mdat") + 4
    end = content.index(b"moov") - 4 if content.index(b"moov") > start else len(content)
    broken.write_bytes(content[:start] + bytes(end - start) + content[end:])

    with pytest.raises(Refused, match="no picture of the recording can be decoded"):
        film.in_film(broken, "faces")
