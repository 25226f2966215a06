"""DJI subtitles (SRT): one cue a frame, in as many spellings as there are aircraft."""

import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from redaction.engines.flight.track import BadFlight, Point, Track

CUE_LIMIT = 64 * 1024  # characters of one cue
POLAR = 72.0  # degrees; no fleet flies beyond, so a latitude there means the pair is the other way round

_NUMBER = r"([-+]?\d+(?:\.\d+)?)"
_SPAN = re.compile(r"(\d+):(\d\d):(\d\d)[,.](\d{1,3})\s*-->")
_LAT = re.compile(rf"\blat(?:itude)?\s*[:=]\s*{_NUMBER}", re.IGNORECASE)
_LON = re.compile(rf"\blon(?:gt?itude|g)?\s*[:=]\s*{_NUMBER}", re.IGNORECASE)  # some write longtitude
_GPS = re.compile(rf"\bGPS\s*:?\s*\(\s*{_NUMBER}\s*,\s*{_NUMBER}", re.IGNORECASE)
_HOME = re.compile(rf"\bHOME\s*:?\s*\(\s*{_NUMBER}\s*,\s*{_NUMBER}", re.IGNORECASE)
_RELATIVE = re.compile(rf"(?:\brel_alt\s*[:=]\s*|\bBAROMETER\s*[:(]\s*|\bH\s+){_NUMBER}", re.IGNORECASE)
_ABSOLUTE = re.compile(rf"\b(?:abs_alt|altitude)\s*[:=]\s*{_NUMBER}", re.IGNORECASE)
_WALL = re.compile(r"(\d{4})[-./](\d{1,2})[-./](\d{1,2})\s+(\d{1,2}):(\d\d):(\d\d)(?:[.,](\d{1,6}))?")
_BRACKET = re.compile(r"\[([^\[\]]{1,500})\]")
_PAIR = re.compile(r"([A-Za-z]\w*(?: \w+)?)\s*:\s*([^\s:,]+(?:, ?[-+.\d][^\s:,]*)*)")


def read(path: Path) -> Track:
    """This will read one recording; the alternatives of each value are decided once for the whole file.

    :raises BadFlight: when no cue carries a position, naming what the first cue holds instead.
    """
    track = Track("DJI SRT")
    cues = list(_cues(path))
    pairs = [pair for _, text in cues if (pair := _pair(_GPS, text))]
    lon_first = _is_lon_first(pairs, track)
    relative = sum(bool(_RELATIVE.search(text)) for _, text in cues)
    reference = _RELATIVE if relative * 2 >= len(cues) and relative else _ABSOLUTE
    track.altitude_reference = "above take-off" if reference is _RELATIVE else "above sea level"
    positions = 0
    for elapsed, text in cues:
        home = _pair(_HOME, text)
        if home:
            track.homes.add((home[1], home[0]) if lon_first else home)
        place = _position(text, lon_first=lon_first)
        if place is None:
            track.without_position += 1
            continue
        positions += 1
        altitude = reference.search(text)
        track.add(
            Point(
                lat=place[0],
                lon=place[1],
                altitude=float(altitude[1]) if altitude else None,
                at=_wall(text),
                elapsed=elapsed,
                fields=_fields(text),
            )
        )
    if not positions:
        raise BadFlight(f"none of the {len(cues)} cues of the subtitles carries a latitude and longitude")
    track.dialect += " GPS(lon, lat)" if pairs and lon_first else " GPS(lat, lon)" if pairs else ""
    track.warnings.append("subtitles begin when the recording does, which may be after take-off")
    return track.finish()


def _cues(path: Path) -> Iterator[tuple[float, str]]:
    elapsed: float | None = None
    held: list[str] = []
    with path.open(encoding="utf-8-sig", errors="replace", newline=None) as stream:
        number = 0
        while line := stream.readline(CUE_LIMIT + 1):
            number += 1
            if len(line) > CUE_LIMIT or len(held) > 1000:
                raise BadFlight(f"line {number} of the subtitles is too long for a cue")
            span = _SPAN.search(line)
            if span:
                if elapsed is not None:
                    yield elapsed, "".join(held)
                hours, minutes, seconds, fraction = span.groups()
                elapsed = int(hours) * 3600 + int(minutes) * 60 + int(seconds) + float("0." + fraction)
                held = []
            elif line.strip():
                held.append(line)
    if elapsed is None:
        raise BadFlight("there is no cue with a time span in the subtitles")
    yield elapsed, "".join(held)


def _pair(pattern: re.Pattern[str], text: str) -> tuple[float, float] | None:
    found = pattern.search(text)
    return (float(found[1]), float(found[2])) if found else None


def _is_lon_first(pairs: list[tuple[float, float]], track: Track) -> bool:
    """Older aircraft write GPS(lon, lat), a few GPS(lat, lon): whatever cannot be a latitude decides."""
    pairs = [pair for pair in pairs if any(pair)]
    for limit in (90.0, POLAR):
        if any(abs(first) > limit for first, _ in pairs):
            return True
        if any(abs(second) > limit for _, second in pairs):
            return False
    if pairs:
        track.warnings.append(
            "GPS(a, b) does not say which is the longitude; it was read as longitude first: look at the map"
        )
    return True


def _position(text: str, *, lon_first: bool) -> tuple[float, float] | None:
    lat, lon = _LAT.search(text), _LON.search(text)
    if lat and lon:
        return float(lat[1]), float(lon[1])
    pair = _pair(_GPS, text)
    if pair is None:
        return None
    return (pair[1], pair[0]) if lon_first else pair


def _wall(text: str) -> datetime | None:
    found = _WALL.search(text)
    if found is None:
        return None
    year, month, day, hour, minute, second = (int(part) for part in found.groups()[:6])
    try:
        return datetime(  # noqa: DTZ001  # the aircraft's wall clock names no zone, and none is added
            year, month, day, hour, minute, second, int((found[7] or "0").ljust(6, "0"))
        )
    except ValueError:
        return None


def _fields(text: str) -> dict[str, str]:
    return {
        name.strip(): value.strip(" ,")
        for content in _BRACKET.findall(text)
        for name, value in _PAIR.findall(content)
    }
