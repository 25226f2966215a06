"""The home point stays unknown: in every release, over many releases, formats, radii and flights."""

import json
import math
from pathlib import Path

import numpy as np
import pytest

from redaction.engines import flight
from redaction.engines.flight.circles import Circle, circles
from redaction.engines.flight.cuts import cut, spans
from redaction.engines.flight.landings import places
from redaction.engines.flight.sphere import metres as distance
from redaction.engines.flight.track import BadFlight, Track
from redaction.marks import Marks
from tests.redaction.flight_builders import HOME, a_flight_csv, a_flight_srt, out_and_back
from tests.redaction.table_builders import some_marks

SEED = "5eed" * 8


def a_track(count: int = 400, *, home: tuple[float, float] = HOME, reach: float = 600.0) -> Track:
    """A spiral out of home and back, with a point every few metres in every direction."""
    track = Track("made", reference="above take-off")
    for step in range(count):
        share = 1 - abs(1 - 2 * step / (count - 1))
        turn = 0.2 * step
        north, east = reach * share * math.cos(turn), reach * share * math.sin(turn)
        lat = home[0] + math.degrees(north / 6_371_008.8)
        lon = home[1] + math.degrees(east / 6_371_008.8 / math.cos(math.radians(home[0])))
        track.add(lat, lon, 60.0 * min(1.0, share * 20), elapsed=float(step))
    return track.finish()


def home_marks(radius: float, seed: str | None = SEED) -> Marks:
    mark = {"id": "home", "kind": "home", "radius_m": radius}
    return some_marks({**mark, "seed": seed} if seed else mark)


def circle_of(radius: float, seed: str | None = SEED, home: tuple[float, float] = HOME) -> Circle:
    return circles(home_marks(radius, seed).of("home")[0], [home], [])[0]


def off(*found: Circle) -> float:
    """How far the mean of the centres lies from home, in metres."""
    lat, lon = np.mean([[one.lat, one.lon] for one in found], axis=0)
    return float(distance(lat, lon, *HOME))


def test_no_point_lies_within_half_the_radius_of_home_in_a_thousand_seeds() -> None:
    track = a_track(200)
    nearest = []

    for number in range(1000):
        left = cut(track, home_marks(60 + number % 300, f"{number:032x}"))
        ratio = distance(left.lat, left.lon, *HOME).min() / (60 + number % 300)
        nearest.append(float(ratio))

    assert min(nearest) > 0.5
    assert min(nearest) < 0.75  # the circles do move


def test_all_releases_of_one_flight_with_one_seed_have_one_circle(tmp_path: Path) -> None:
    srt = a_flight_srt(tmp_path / "log.srt", out_and_back(400))
    csv = a_flight_csv(tmp_path / "log.csv", out_and_back(400))
    kept = []

    for number, source in enumerate((srt, csv, srt, csv)):
        out = tmp_path / f"{number}.geojson"
        flight.redact(source, home_marks(150), out)
        features = json.loads(out.read_text())["features"]
        kept.append([spot[:2] for feature in features for spot in feature["geometry"]["coordinates"]])

    assert kept[0] == kept[1] == kept[2] == kept[3]


def test_the_mean_of_all_releases_is_not_home() -> None:
    releases = [circle_of(150) for _ in range(50)]
    other_radii = [circle_of(radius) for radius in (130, 150, 200, 255)]

    assert off(*releases) > 0.2 * 128 - 1
    assert off(*other_radii) > 0.2 * 128 - 1
    assert len({(one.lat, one.lon) for one in other_radii}) == 1


def test_two_radii_of_one_power_of_two_do_not_meet_in_home() -> None:
    small, large = circle_of(130), circle_of(250)

    assert (small.lat, small.lon) == (large.lat, large.lon)


def test_many_flights_from_one_home_share_its_circle() -> None:
    trembling = [
        circle_of(150, home=(HOME[0] + n * 1e-6 + 1e-5, HOME[1] + n * 1e-6 + 1e-5)) for n in range(30)
    ]

    moves = [(one.lat - HOME[0], one.lon - HOME[1]) for one in trembling]
    assert np.ptp(moves, axis=0).max() < 1e-4
    assert off(*trembling) > 20


def test_without_a_kept_seed_many_releases_do_give_home_back() -> None:
    releases = [circle_of(150, None) for _ in range(2000)]

    assert off(*releases) < 5


def test_another_place_moves_otherwise_under_the_same_seed() -> None:
    there = (HOME[0] + 0.5, HOME[1])
    here_circle, there_circle = circle_of(150), circle_of(150, home=there)

    assert here_circle.lat - HOME[0] != pytest.approx(there_circle.lat - there[0], abs=1e-7)


@pytest.mark.parametrize(
    ("seed", "said"), [(None, "without a kept seed"), ("abc", "fewer than 32"), (SEED, "")]
)
def test_a_seed_that_does_not_keep_the_secret_is_warned_of(seed: str | None, said: str) -> None:
    warnings: list[str] = []

    circles(home_marks(150, seed).of("home")[0], [HOME, (41.7, -93.6)], warnings)

    assert [said in warning for warning in warnings] == ([True] if said else [])


def test_a_landing_in_the_midst_of_a_log_is_cut_round() -> None:
    away = (41.61, -93.59)
    track = Track("made", reference="above take-off")
    path = [(lat, lon, 40.0) for lat, lon, _ in out_and_back()]
    stops = [*path[:41], *[(*away, 0.4)] * 10, *path[41:]]
    for step, (lat, lon, high) in enumerate(stops):
        track.add(lat, lon, high, elapsed=float(step))

    left = cut(track.finish(), home_marks(150))

    assert left.places == 2
    assert float(distance(left.lat, left.lon, *away).min()) > 75
    assert float(distance(left.lat, left.lon, *HOME).min()) > 75


def test_a_hover_in_the_air_is_not_taken_for_a_landing() -> None:
    track = Track("made", reference="above take-off")
    for step, (lat, lon, _) in enumerate(out_and_back()[:41] + [(41.61, -93.59, 0)] * 60):
        track.add(lat, lon, 40.0, elapsed=float(step))
    track.add(*HOME, 0.0, elapsed=200.0)

    assert len(places(track.finish(), 2.0)) == 1


def test_the_circle_is_cut_at_any_time_by_every_flight_of_the_file() -> None:
    track = Track("made", reference="above sea level")
    for step in range(81):
        track.add(HOME[0] + 0.0001 * step, HOME[1], 300.0, elapsed=float(step))
    track.begin()
    for step in range(161):  # another aircraft passes over the first one's home
        track.add(HOME[0] - 0.008 + 0.0001 * step, HOME[1] + 0.0001, 400.0, elapsed=float(step))
    track.begin()
    for step in range(81):
        track.add(HOME[0] + 0.02, HOME[1] + 0.0001 * step, 300.0, elapsed=float(step))

    left = cut(track.finish(), home_marks(150))

    assert float(distance(left.lat, left.lon, *HOME).min()) > 75
    second = [span for span in spans(track, left) if span["flight"] == 2]
    assert any(60 < span["start"] < 80 < span["end"] < 100 for span in second)


def test_too_many_places_of_landing_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("redaction.engines.flight.landings.LIMIT", 3)
    track = a_track()
    track.homes = {(41.0 + number, -93.0) for number in range(5)}

    with pytest.raises(BadFlight, match="more than 3 different places"):
        places(track, 2.0)


def test_a_cut_far_into_a_long_log_is_found_across_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    track = a_track(5_000)
    marks = home_marks(200)
    whole = cut(track, marks)
    monkeypatch.setattr("redaction.engines.flight.cuts.CHUNK", 37)

    pieces = cut(track, marks)

    assert np.array_equal(whole.index, pieces.index)
    assert np.array_equal(whole.run, pieces.run)
    assert whole.by_mark == pieces.by_mark
