"""DJI subtitles a second time: whole file, cut at its time lines, each pair tried both ways."""

import codecs
import re
from pathlib import Path

from redaction.verify.flight.evidence import Evidence

_NUMBER = r"([-+]?\d+(?:\.\d+)?)"
_CUE = re.compile(r"^\s*(\d+):(\d\d):(\d\d)[,.](\d\d\d?) *-->.*$", re.MULTILINE)
_NAMED = re.compile(
    rf"\blat(?:itude)?\s*[:=]\s*{_NUMBER}\D+?\blon\w*\s*[:=]\s*{_NUMBER}", re.IGNORECASE | re.DOTALL
)
_PAIR = re.compile(
    rf"\b(GPS|HOME)\s*:?\s*\(\s*(?:([NSEW])\s*:?\s*)?{_NUMBER}\W*?,\s*(?:([NSEW])\s*:?\s*)?{_NUMBER}",
    re.IGNORECASE,
)
_HEIGHT = re.compile(rf"(?:rel_alt\s*[:=]\s*|BAROMETER\s*[:(]\s*|\bH\s+){_NUMBER}", re.IGNORECASE)

Pair = tuple[str, bool, float, float]


def read(source: Path, evidence: Evidence) -> None:
    """This will take the places of all cues; where the order of pairs is open, places stand for both."""
    data = source.read_bytes()
    wide = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    text = data.decode("utf-16" if wide else "utf-8-sig", errors="replace")
    parts = _CUE.split("\n".join(text.splitlines()))[1:]
    evidence.above_ground = True
    rows: list[tuple[Pair, float, float]] = []
    for hours, minutes, seconds, fraction, text in zip(*(parts[n::5] for n in range(5)), strict=True):
        at = int(hours) * 3600 + int(minutes) * 60 + int(seconds) + float(f"0.{fraction}")
        height = _HEIGHT.search(text)
        high = float(height[1]) if height else float("nan")
        pairs = [_sided(found) for found in _PAIR.findall(text)]
        named = _NAMED.search(text)
        if named:
            pairs = [pair for pair in pairs if pair[0] == "HOME"]
            pairs.append(("GPS", True, float(named[1]), float(named[2])))
        rows += [(pair, high, at) for pair in pairs]
        for date in re.findall(r"\d{4}[-./]\d\d[-./]\d\d", text):
            evidence.dates.add(re.sub(r"[./]", "-", date))
    bare = [pair for pair, _, _ in rows if not pair[1] and (pair[2] or pair[3])]
    first_may = all(-56 <= pair[2] <= 72 for pair in bare)
    second_may = all(-56 <= pair[3] <= 72 for pair in bare)
    swapped = second_may and not first_may
    evidence.open_order = bool(bare) and first_may and second_may
    for (kind, known, first, second), high, at in rows:
        lat, lon = (second, first) if swapped and not known else (first, second)
        if kind == "HOME":
            evidence.homes.add((lat, lon))
        else:
            evidence.point(lat, lon, high, at)


def _sided(found: tuple[str, str, str, str, str]) -> Pair:
    kind, one, first, other, second = found
    pair = (
        float(first) * (-1 if one.upper() in ("S", "W") else 1),
        float(second) * (-1 if other.upper() in ("S", "W") else 1),
    )
    if not one:
        return kind.upper(), False, *pair
    return kind.upper(), True, *(pair[::-1] if one.upper() in ("E", "W") else pair)
