"""Times as tables spell them: found in a cell, read, and coarsened without changing the spelling."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from functools import lru_cache

UNITS = ("hour", "day", "month")
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")

_NAME = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*"
_DATE = (
    r"(?P<y1>\d{4})(?P<sep1>[-/.])(?P<m1>\d{1,2})(?P=sep1)(?P<d1>\d{1,2})"
    r"|(?P<a2>\d{1,2})(?P<sep2>[-/.])(?P<b2>\d{1,2})(?P=sep2)(?P<y2>\d{4}|\d{2})"
    rf"|(?P<d3>\d{{1,2}})[ -](?P<n3>{_NAME})[.,]?[ -](?P<y3>\d{{4}}|\d{{2}})"
    rf"|(?P<n4>{_NAME})\.? (?P<d4>\d{{1,2}})(?P<nth>st|nd|rd|th)?,? (?P<y4>\d{{4}})"
    r"|(?P<y5>(?:19|20)\d{2})(?P<m5>\d{2})(?P<d5>\d{2})"
)
_CLOCK = (
    r"(?P<h>\d{1,2}):(?P<mi>\d{2})(?::(?P<s>\d{2})(?:[.,](?P<f>\d{1,9}))?)?"
    r"(?:\s?(?P<half>[ap])(?P<m>\.?m\.?)(?![a-z]))?"
)
_ZONE = (
    r"(?:\s?(?P<zone>Z\b|(?:UTC|GMT)?(?P<offset>[+-](?:0\d|1[0-4])(?::?(?:00|15|30|45))?)(?![\d:])"
    r"|UTC\b|GMT\b|(?-i:[A-Z]{3,4})\b|(?-i:[A-Z][a-z]+/[A-Z]\w+)))?"
)
_TIME = re.compile(
    rf"(?<![\d:])(?:(?P<date>{_DATE})(?:(?P<t>T|,?\s+(?:at\s+)?){_CLOCK}{_ZONE})?)(?![\d:])", re.IGNORECASE
)
_COMPACT = re.compile(
    r"(?P<y5>(?:19|20)\d{2})(?P<m5>\d{2})(?P<d5>\d{2})[T ]?(?P<h>\d{2})(?P<mi>\d{2})(?P<s>\d{2})(?P<zone>Z)?"
)
_ONLY_CLOCK = re.compile(rf"(?<![\d:]){_CLOCK}{_ZONE}(?![\d:])", re.IGNORECASE)
# the commonest spelling, tried first because it is ten times quicker
_ISO = re.compile(r"(\d{4}-\d{2}-\d{2}[ T]\d{2}):\d{2}:\d{2}(?:\.(\d{1,6}))?", re.ASCII)
_EPOCH = re.compile(r"(?P<seconds>[1-4]\d{9})(?P<milli>\d{3})?(?P<tail>\.\d{1,9})?")
_WEEKDAY = re.compile(r"(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*", re.IGNORECASE)
_WORDS = frozenset({"to", "from", "until", "till", "and", "between", "through"})


@dataclass(frozen=True)
class Moment:
    """A point in time as written; ``at`` is aware only when the text names its offset."""

    at: datetime
    whole_day: bool = False


@lru_cache(maxsize=4096)
def parse(text: str, *, day_first: bool = False) -> Moment | None:
    """This will read a cell that is one date, or one date with its time, and nothing else."""
    text = text.strip()
    if _ISO.fullmatch(text):
        try:
            return Moment(datetime.fromisoformat(text))
        except ValueError:
            return None
    if epoch := _EPOCH.fullmatch(text):
        return Moment(datetime.fromtimestamp(int(epoch["seconds"]), UTC) + _fraction(epoch["milli"]))
    match = _TIME.fullmatch(text) or _COMPACT.fullmatch(text)
    if match is None:
        return None
    try:
        return _moment(match, day_first=day_first)
    except ValueError:
        return None


def compare(one: Moment, other: Moment) -> int:
    """This will give -1, 0 or 1; ``other`` written without a clock stands for its whole day."""
    left, right = one.at, other.at
    if other.whole_day:
        return (left.date() > right.date()) - (left.date() < right.date())
    if (left.tzinfo is None) != (right.tzinfo is None):
        left, right = left.replace(tzinfo=None), right.replace(tzinfo=None)
    return (left > right) - (left < right)


def day_order(text: str) -> bool | None:
    """This will tell from one cell whether the column writes days before months; None when it cannot."""
    for match in _TIME.finditer(text):
        if match["a2"] is None:
            continue
        if int(match["a2"]) > 12 or match["sep2"] == ".":
            return True
        if int(match["b2"]) > 12:
            return False
    return None


def is_ambiguous(text: str) -> bool:
    """This will tell whether a cell writes its months as numbers between separators, day or month first."""
    return any(match["a2"] is not None for match in _TIME.finditer(text))


def coarsen(text: str, unit: str, *, day_first: bool = False) -> str | None:
    """This will zero all that is finer than the unit (hour, day, month) in each time of a cell.

    The spelling stays: order, separators, width, half of the day, zone. None when the cell holds anything
    that is not a time, for then something finer could hide in it.
    """
    if unit == "hour" and (iso := _ISO.fullmatch(text)):
        return f"{iso[1]}:00:00" + ("." + "0" * len(iso[2]) if iso[2] else "")
    if epoch := _EPOCH.fullmatch(text.strip()):
        return _coarsen_epoch(epoch, unit)
    if compact := _COMPACT.fullmatch(text.strip()):
        return _rewrite(compact, unit, day_first=day_first)
    pieces: list[str] = []
    place = 0
    for match in _matches(text):
        rewritten = _rewrite(match, unit, day_first=day_first)
        if rewritten is None or not _is_plain(text[place : match.start()], unit):
            return None
        pieces += [text[place : match.start()], rewritten]
        place = match.end()
    if not pieces or not _is_plain(text[place:], unit):
        return None
    return "".join(pieces) + text[place:]


def _matches(text: str) -> list[re.Match[str]]:
    dated = list(_TIME.finditer(text))
    return dated or list(_ONLY_CLOCK.finditer(text))


def _is_plain(between: str, unit: str) -> bool:
    words = re.findall(r"[^\W\d_]+", between)
    weekdays = [word for word in words if _WEEKDAY.fullmatch(word)]
    if weekdays and unit == "month":
        return False
    known = all(word.lower() in _WORDS or word in weekdays for word in words)
    return known and not any(character.isnumeric() for character in between)


def _rewrite(match: re.Match[str], unit: str, *, day_first: bool) -> str | None:
    groups = match.groupdict()
    if groups.get("offset") and groups["s"] is None and groups.get("t") not in ("T", "t"):
        return None  # 08:44-09:45 may be two times: its second half would pass as an offset
    edits: dict[str, str] = {}
    for name in ("mi", "s", "f"):
        if groups.get(name) is not None:
            edits[name] = "0" * len(groups[name])
    if unit != "hour" and groups.get("h") is not None:
        edits["h"] = "12" if groups.get("half") else "0" * len(groups["h"])
        if groups.get("half"):
            edits["half"] = "a" if groups["half"].islower() else "A"
    if unit == "month":
        day = _day_group(groups, day_first=day_first)
        if day == "unknown":
            return None
        if day is not None:
            edits[day] = "1".zfill(len(groups[day]))
        if groups.get("nth"):
            edits["nth"] = "st"
    text, shift = match.group(), match.start()
    for name in sorted(edits, key=match.start, reverse=True):
        start, end = match.span(name)
        text = text[: start - shift] + edits[name] + text[end - shift :]
    return text


def _day_group(groups: dict[str, str | None], *, day_first: bool) -> str | None:
    for name in ("d1", "d3", "d4", "d5"):
        if groups.get(name) is not None:
            return name
    first, second = groups.get("a2"), groups.get("b2")
    if first is None or second is None:
        return None
    month = second if day_first else first
    if int(month) > 12 or (groups["y2"] is not None and len(groups["y2"]) == 2 and groups["sep2"] == "-"):
        return "unknown"
    return "a2" if day_first else "b2"


def _coarsen_epoch(epoch: re.Match[str], unit: str) -> str:
    seconds = int(epoch["seconds"])
    at = datetime.fromtimestamp(seconds, UTC).replace(minute=0, second=0)
    if unit != "hour":
        at = at.replace(hour=0)
    if unit == "month":
        at = at.replace(day=1)
    milli = "000" if epoch["milli"] else ""
    return f"{int(at.timestamp())}{milli}" + (re.sub(r"\d", "0", epoch["tail"]) if epoch["tail"] else "")


def _moment(match: re.Match[str], *, day_first: bool) -> Moment:
    found = match.groupdict()
    if found.get("a2"):
        day, month = (found["a2"], found["b2"]) if day_first else (found["b2"], found["a2"])
    else:
        day = found.get("d1") or found.get("d3") or found.get("d4") or found["d5"]
        name = found.get("n3") or found.get("n4")
        month = MONTHS.index(name[:3].lower()) + 1 if name else found.get("m1") or found["m5"]
    year = next(int(found[name]) for name in ("y1", "y2", "y3", "y4", "y5") if found.get(name))
    at = datetime(year + 2000 if year < 100 else year, int(month), int(day))  # noqa: DTZ001  # as written
    if found.get("h") is None:
        return Moment(at, whole_day=True)
    hour = int(found["h"])
    if found.get("half"):
        hour = hour % 12 + (12 if found["half"].lower() == "p" else 0)
    at = at.replace(hour=hour, minute=int(found["mi"]), second=int(found["s"] or 0)) + _fraction(
        found.get("f")
    )
    return Moment(at.replace(tzinfo=_zone(found)))


def _fraction(digits: str | None) -> timedelta:
    return timedelta(microseconds=int(digits[:6].ljust(6, "0"))) if digits else timedelta()


def _zone(found: dict[str, str | None]) -> timezone | None:
    if offset := found.get("offset"):
        sign = -1 if offset[0] == "-" else 1
        digits = offset[1:].replace(":", "").ljust(4, "0")
        return timezone(sign * timedelta(hours=int(digits[:2]), minutes=int(digits[2:])))
    return UTC if (found.get("zone") or "").upper() in ("Z", "UTC", "GMT") else None
