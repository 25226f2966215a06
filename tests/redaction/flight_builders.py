"""Flights over open country in every dialect that is read, with defaults that are a valid case."""

import json
import math
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

HOME = (41.600000, -93.600000)
NORTH = (53.3, 6.4)  # a home whose numbers are possible in either order
START = datetime(2026, 3, 4, 8, 44, 53, tzinfo=UTC)
SERIAL = "1581F5FKD23900AB"
PILOT = "Jane Q. Pilot"

Spot = tuple[float, float, float]  # degrees, degrees, metres above take-off


def out_and_back(steps: int = 40, far: float = 0.01) -> list[Spot]:
    """North-east and back home, ``far`` degrees each way: about a kilometre."""
    legs = [*range(steps + 1), *range(steps - 1, -1, -1)]
    return [(HOME[0] + far * leg / steps, HOME[1] + far * leg / steps, 2.0 * leg + 0.4) for leg in legs]


def a_flight_srt(path: Path, spots: Iterable[Spot] | None = None, *, style: str = "brackets") -> Path:
    cues = []
    for number, (lat, lon, high) in enumerate(spots or out_and_back()):
        at = START + timedelta(seconds=number)
        cue = {
            "brackets": f"{at:%Y-%m-%d %H:%M:%S}.015\n[iso: 100] [shutter: 1/640.0] [latitude: {lat:.6f}] "
            f"[longitude: {lon:.6f}] [rel_alt: {high:.3f} abs_alt: {high + 250:.3f}] "
            "[gb_yaw: -1.5 gb_pitch: 0.0]",
            "typo": f"[iso : 100] [latitude : {lat:.6f}] [longtitude : {lon:.6f}] "
            f"[altitude: {high + 250:.3f}]",
            "legacy": f"HOME({HOME[1]:.4f},{HOME[0]:.4f}) {at:%Y.%m.%d %H:%M:%S}\n"
            f"GPS({lon:.6f},{lat:.6f},16) BAROMETER:{high:.1f}\nISO:100 Shutter:640",
            "legacy-without-home": f"GPS({lon:.6f},{lat:.6f},16) BAROMETER:{high:.1f}",
            "away": f"HOME(6.4000,53.3000)\nGPS ({lon:.4f}, {lat:.4f}, 16), D {metres(lat, lon, NORTH):.2f}m",
            "away-swapped": f"HOME(53.3000,6.4000)\nGPS ({lat:.4f}, {lon:.4f}, 16), "
            f"D {metres(lat, lon, NORTH):.2f}m",
            "swapped": f"GPS({lat:.6f},{lon:.6f},16) BAROMETER:{high:.1f}",
            "spark": f"F/2.8, SS 640, ISO 100, EV 0, GPS ({lon:.4f}, {lat:.4f}, 16), D 12.3m, H {high:.2f}m",
            "nothing": "[iso: 100] [fnum: 2.8]",
        }[style]
        span = f"{_clock(number)} --> {_clock(number + 1)}"
        cues.append(f'{number + 1}\n{span}\n<font size="28">{cue}</font>\n')
    path.write_text("\n".join(cues), encoding="utf-8")
    return path


def a_flight_csv(path: Path, spots: Sequence[Spot] | None = None) -> Path:
    """AirData's shape: blanks before names, feet, a (0, 0) row before the fix, home and serial columns."""
    head = "time(millisecond), datetime(utc), latitude, longitude, height_above_takeoff(feet), speed(mph)"
    lines = [head + ", battery_percent, home_latitude, home_longitude, drone_serial, pilot, flycState"]
    for number, (lat, lon, high) in enumerate([(0.0, 0.0, 0.0), *(spots or out_and_back())]):
        at = START + timedelta(seconds=number)
        lines.append(
            f"{number * 1000},{at:%Y-%m-%d %H:%M:%S},{lat:.7f},{lon:.7f},{high / 0.3048:.3f},13.2,"
            f"{99 - number // 2},{HOME[0]},{HOME[1]},{SERIAL},{PILOT},P-GPS"
        )
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def a_flight_gpx(path: Path, tracks: Sequence[Sequence[Spot]] | None = None) -> Path:
    body = ""
    for number, spots in enumerate(tracks or [out_and_back()]):
        body += f"<trk><name>{PILOT}</name><trkseg>"
        for place, (lat, lon, high) in enumerate(spots):
            at = START + timedelta(days=number, seconds=place)
            body += f'<trkpt lat="{lat:.7f}" lon="{lon:.7f}"><ele>{high + 250:.2f}</ele>'
            body += f"<time>{at:%Y-%m-%dT%H:%M:%SZ}</time><extensions><iso>100</iso>"
            body += f"<serial>{SERIAL}</serial></extensions></trkpt>"
        body += "</trkseg></trk>"
    path.write_text(
        '<?xml version="1.0"?><gpx xmlns="http://www.topografix.com/GPX/1/1" version="1.1" '
        f'creator="DJI {SERIAL}">'
        f'<metadata><author><name>{PILOT}</name></author></metadata><wpt lat="{HOME[0]}" lon="{HOME[1]}">'
        f"<name>Home of {PILOT}</name></wpt>{body}</gpx>",
        encoding="utf-8",
    )
    return path


def a_flight_kml(path: Path, spots: Sequence[Spot] | None = None, *, timed: bool = True) -> Path:
    spots = spots or out_and_back()
    if timed:
        line = "<gx:Track>" + "".join(
            f"<when>{START + timedelta(seconds=place):%Y-%m-%dT%H:%M:%SZ}</when>"
            for place in range(len(spots))
        )
        line += "".join(f"<gx:coord>{lon:.7f} {lat:.7f} {high}</gx:coord>" for lat, lon, high in spots)
        line += "</gx:Track>"
    else:
        places = " ".join(f"{lon:.7f},{lat:.7f},{high}" for lat, lon, high in spots)
        line = f"<LineString><coordinates>{places}</coordinates></LineString>"
    path.write_text(
        '<?xml version="1.0"?><kml xmlns="http://www.opengis.net/kml/2.2" '
        'xmlns:gx="http://www.google.com/kml/ext/2.2"><Document>'
        f"<Placemark><name>Home</name><Point><coordinates>{HOME[1]},{HOME[0]}</coordinates></Point></Placemark>"
        f"<Placemark><name>{PILOT}</name>{line}</Placemark></Document></kml>",
        encoding="utf-8",
    )
    return path


def a_flight_geojson(path: Path, spots: Sequence[Spot] | None = None, *, points: bool = False) -> Path:
    spots = spots or out_and_back()
    times = [f"{START + timedelta(seconds=place):%Y-%m-%dT%H:%M:%SZ}" for place in range(len(spots))]
    features: list[dict[str, Any]]
    if points:
        features = [
            {
                "type": "Feature",
                "geometry": {"type": "Point", "coordinates": [lon, lat, high]},
                "properties": {"time": at, "iso": 100, "serial": SERIAL},
            }
            for (lat, lon, high), at in zip(spots, times, strict=True)
        ]
    else:
        line = [[lon, lat, high] for lat, lon, high in spots]
        features = [
            {
                "type": "Feature",
                "geometry": {"type": "LineString", "coordinates": line},
                "properties": {"times": times, "pilot": PILOT, "serial": SERIAL},
            }
        ]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), encoding="utf-8")
    return path


def metres(lat: float, lon: float, home: tuple[float, float] = HOME) -> float:
    """Distance on a sphere by haversine."""
    one, two = math.radians(lat), math.radians(home[0])
    half = math.sin((two - one) / 2) ** 2
    half += math.cos(one) * math.cos(two) * math.sin(math.radians(home[1] - lon) / 2) ** 2
    return 2 * 6_371_000 * math.asin(math.sqrt(half))


def _clock(seconds: int) -> str:
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02},000"
