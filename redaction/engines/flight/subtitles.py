"""DJI subtitles (SRT): one cue a frame, in as many spellings as there are aircraft."""

import re
from array import array
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path

import numpy as np

from redaction.engines.flight.pairs import is_lon_first
from redaction.engines.flight.track import BadFlight, Track

CUE_LIMIT = 64 * 1024  # characters of one line
NAMED = 100  # cues of which the names of fields are read when none is wanted

_NUMBER = r"([-+]?\d+(?:\.\d+)?)"
_SPAN = re.compile(r"(\d+):(\d\d):(\d\d)[,.](\d{1,3})\s*-->")
_LAT = re.compile(rf"\blat(?:itude)?\s*[:=]\s*{_NUMBER}", re.IGNORECASE)
_LON = re.compile(rf"\blon(?:gt?itude|g)?\s*[:=]\s*{_NUMBER}", re.IGNORECASE)  # some write longtitude
_SIDE = r"(?:(?P<{0}>[NSEW])\s*:?\s*)?"
_TWO = rf"\s*:?\s*\(\s*{_SIDE.format('a')}{_NUMBER}\s*°?\s*,\s*{_SIDE.format('b')}{_NUMBER}"
_GPS = re.compile(rf"\bGPS{_TWO}", re.IGNORECASE)
_HOME = re.compile(rf"\bHOME{_TWO}", re.IGNORECASE)
_RELATIVE = re.compile(rf"(?:\brel_alt\s*[:=]\s*|\bBAROMETER\s*[:(]\s*|\bH\s*:?\s+){_NUMBER}", re.IGNORECASE)
_ABSOLUTE = re.compile(rf"\b(?:abs_alt|altitude)\s*[:=]\s*{_NUMBER}", re.IGNORECASE)
_AWAY = re.compile(rf"\bD\s*:?\s+{_NUMBER}\s*m\b")
_WALL = re.compile(r"(\d{4})[-./](\d{1,2})[-./](\d{1,2})\s+(\d{1,2}):(\d\d):(\d\d)(?:[.,](\d{1,6}))?")
_BRACKET = re.compile(r"\[([^\[\]]{1,500})\]")
_PAIR = re.compile(r"([A-Za-z]\w*(?: \w+)?)\s*:\s*([^\s:,]+(?:, ?[-+.\d][^\s:,]*)*)")

Ring = Sequence[tuple[float, float]]


def read(path: Path, wanted: frozenset[str] = frozenset(), *, near: Sequence[Ring] = ()) -> Track:
    """This will read one recording; the alternatives of each value are decided once for the whole file.

    ``near`` are polygons of (lon, lat) that the flight is known to be near, which settle an old spelling.

    :raises BadFlight: when no cue carries a position, or the order of a pair cannot be told.
    """
    track = Track("DJI SRT", wanted)
    relative, absolute, away = array("d"), array("d"), array("d")
    homes: set[tuple[float, float]] = set()
    unnamed = cues = 0
    for elapsed, text in _cues(path):
        cues += 1
        if home := _HOME.search(text):
            homes.add(_sided(home))
        lat, lon = _LAT.search(text), _LON.search(text)
        if lat and lon:
            place = float(lat[1]), float(lon[1])
        elif pair := _GPS.search(text):
            place = _sided(pair)
            unnamed += pair["a"] is None
        else:
            track.without_position += 1
            continue
        for column, pattern in ((relative, _RELATIVE), (absolute, _ABSOLUTE), (away, _AWAY)):
            found = pattern.search(text)
            column.append(float(found[1]) if found else float("nan"))
        fields = _fields(text) if wanted or cues <= NAMED else None
        track.add(*place, at=_wall(text), elapsed=elapsed, fields=fields)
    if not relative:
        raise BadFlight(f"none of the {cues} cues of the subtitles carries a latitude and longitude")
    if 0 < unnamed < len(relative):
        raise BadFlight("the subtitles change half-way how they spell a position")
    heights = np.array(relative), np.array(absolute)
    above = np.count_nonzero(np.isfinite(heights[0])) * 2 >= len(relative)
    track.altitude_reference = "above take-off" if above else "above sea level"
    lon_first = unnamed > 0 and is_lon_first(track.raw_places(), homes, np.array(away), near)
    track.settle(heights[0] if above else heights[1], swap=lon_first)
    track.homes = {home[::-1] if lon_first else home for home in homes}
    track.warnings.append("subtitles begin when the recording does, which may be after take-off")
    return track.finish()


def _sided(found: re.Match[str]) -> tuple[float, float]:
    """The two numbers as written, or as (lat, lon) where letters say which is which."""
    first, second = float(found[2]), float(found[4])
    one, two = (found["a"] or "").upper(), (found["b"] or "").upper()
    if not one or not two:
        return first, second
    first, second = (-first if one in "SW" else first), (-second if two in "SW" else second)
    return (second, first) if one in "EW" else (first, second)


def _cues(path: Path) -> Iterator[tuple[float, str]]:
    elapsed: float | None = None
    held: list[str] = []
    with path.open("rb") as stream:
        encoding = "utf-16" if stream.read(2) in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    with path.open(encoding=encoding, errors="replace", newline=None) as stream:
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
