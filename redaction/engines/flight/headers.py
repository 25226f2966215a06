"""Which column of a flight table says what, by the words in its name and never by its place.

Vendors agree on little but the words: ``OSD.latitude``, ``Aircraft Lat (deg)``, ``gps_lat``. A position is a
pair of names that differ only in the word for latitude and longitude; a word such as home, remote or pilot
makes it the place of somebody, which is cut round and never released.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

FOOT = 0.3048  # metres

_LATITUDE, _LONGITUDE = frozenset({"lat", "latitude"}), frozenset({"lon", "lng", "long", "longitude"})
_SOMEBODY = frozenset(
    [
        "home",
        "takeoff",
        "launch",
        "landing",
        "rc",
        "remote",
        "controller",
        "operator",
        "pilot",
        "phone",
        "mobile",
        "app",
        "gcs",
        "base",
        "dock",
        "station",
        "user",
        "viewer",
    ]
)
_ELSEWHERE = frozenset(
    [
        "target",
        "poi",
        "waypoint",
        "wp",
        "setpoint",
        "destination",
        "gimbal",
        "look",
        "subject",
        "rth",
        "obstacle",
        "min",
        "max",
        "std",
        "accuracy",
        "error",
        "speed",
        "vel",
        "velocity",
        "cumulative",
    ]
)
_UNITS = frozenset(
    [
        "deg",
        "degree",
        "degrees",
        "m",
        "ft",
        "feet",
        "meter",
        "meters",
        "metre",
        "metres",
        "decimal",
        "dd",
        "wgs",
        "wgs84",
        "84",
        "utc",
        "s",
        "ms",
    ]
)
_GLUED = re.compile(
    r"(gps|osd|drone|aircraft|uav|uas|vehicle|position|pos|location|home|homepoint|takeoff|rc|remote|pilot"
    r"|operator|homelocation|app)(lat|latitude|lon|lng|long|longitude)"
)

RELATIVE = (
    "heightabovetakeoff", "heightabovehome", "relalt", "relativealtitude", "altituderelative",
    "altituderel", "relativeheight", "osdheight", "heightaboveground", "altitudeagl", "agl", "height",
    "altitudeabovetakeoff", "heightatl", "altitudeatl",
)  # fmt: skip
ABSOLUTE = (
    "altitudeabovesealevel", "altitudemsl", "mslaltitude", "altitudeamsl", "gpsaltitude", "altitude", "alt",
    "absalt", "absolutealtitude", "osdaltitude", "gpsalt", "altitudehae", "altitudewgs", "ele", "elevation",
    "baroalt", "aircraftaltitude", "dronealtitude", "positionaltitude", "vehiclealtitude", "uavaltitude",
)  # fmt: skip
WHEN = (
    "datetimeutc", "utc", "timeutc", "timestamputc", "utctime", "utctimestamp", "datetime", "timestamp",
    "gpsdatetime", "updatetime", "customupdatetime", "customupdatetimelocal", "time", "when", "gpstime",
    "localtime", "datetimelocal", "recordedat", "createdat", "epoch", "epochtime", "unixtime", "timestampms",
)  # fmt: skip
ELAPSED = (
    "timemillisecond", "timemilliseconds", "timems", "elapsedms", "elapsedtimems", "offsetms", "seconds",
    "elapsed", "elapseds", "elapsedtime", "elapsedseconds", "flytime", "flytimes", "osdflytime",
    "osdflytimes",
    "flighttime", "flighttimes", "flighttimesec", "timesinceboot", "times", "offset",
)  # fmt: skip


@dataclass(frozen=True)
class Layout:
    """Places of columns in a row; None where the table has none. ``scale`` turns elapsed into seconds."""

    lat: int
    lon: int
    altitude: int | None = None
    relative: bool = False
    metres: float = 1.0
    when: int | None = None
    utc: bool = False
    elapsed: int | None = None
    scale: float = 1.0
    segment: int | None = None
    homes: list[tuple[int, int]] = field(default_factory=list)


def layout(header: Sequence[str]) -> Layout | None:
    """This will find position, height and time among the names of a header; None without a position."""
    words = [_words(name) for name in header]
    pairs = list(_pairs(words))
    mine = [pair for pair in pairs if not _SOMEBODY & set(words[pair[0]])]
    if not mine:
        return None
    lat, lon = min(mine, key=lambda pair: (len(words[pair[0]]), pair))
    plain = [_plain(name) for name in header]
    relative, absolute = _first(plain, RELATIVE), _first(plain, ABSOLUTE)
    altitude = absolute if relative is None else relative
    elapsed, when = _first(plain, ELAPSED), _first(plain, WHEN)
    in_feet = altitude is not None and re.search(r"feet|(?:\b|_)ft\b|[a-z]Ft\b", header[altitude].strip())
    milli = elapsed is not None and re.search(r"milli|ms\b", header[elapsed].strip().lower())
    return Layout(
        lat=lat,
        lon=lon,
        altitude=altitude,
        relative=relative is not None,
        metres=FOOT if in_feet else 1.0,
        when=when,
        utc=when is not None and "utc" in header[when].lower(),
        elapsed=elapsed,
        scale=0.001 if milli else 1.0,
        segment=plain.index("segment") if "segment" in plain else None,
        homes=[pair for pair in pairs if _SOMEBODY & set(words[pair[0]])],
    )


def _pairs(words: list[list[str]]) -> list[tuple[int, int]]:
    lons: dict[tuple[str, ...], int] = {}
    for place, name in enumerate(words):
        if _LONGITUDE & set(name):
            lons.setdefault(tuple(word for word in name if word not in _LONGITUDE), place)
    found = []
    for place, name in enumerate(words):
        if _LATITUDE & set(name) and not _ELSEWHERE & set(name):
            other = lons.get(tuple(word for word in name if word not in _LATITUDE))
            if other is not None:
                found.append((place, other))
    return found


def _words(name: str) -> list[str]:
    name = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name.strip()).lower()
    parts = [part for part in re.split(r"[^a-z0-9]+", name) if part]
    glued = [piece for part in parts for piece in _unglue(part)]
    return [word for word in glued if word not in _UNITS]


def _unglue(part: str) -> Sequence[str]:
    found = _GLUED.fullmatch(part)
    return found.groups() if found else (part,)


def _plain(name: str) -> str:
    name = re.sub(
        r"[(\[](?:deg|degrees|m|meters|metres|feet|ft|s|sec|seconds|agl|msl)[)\]]", "", name.lower()
    )
    name = re.sub(r"[ _.]+(?:deg|m|meters|metres|ft|feet)$", "", name.strip())
    return re.sub(r"[^a-z]", "", name)


def _first(plain: list[str], wanted: Sequence[str]) -> int | None:
    return next((plain.index(name) for name in wanted if name in plain), None)
