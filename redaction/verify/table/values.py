"""What a released cell must look like beside its source cell; no code is shared with the engine."""

import re
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_EVEN, Decimal, InvalidOperation
from functools import lru_cache

FORMULA = re.compile(
    r"[\s\x00-\x1f\x7f-\x9f\u200b-\u200f\u2060\ufeff]*[=+\-@|%＝＋－＠｜％]|[ \n\x00]*[\t\r]"
)
NUMBER = re.compile(r"[ \t]*[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?[ \t]*", re.ASCII)
UNSEEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\xad\u180e\u200b\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff"
    "\U000e0000-\U000e007f]"
)
_CLOCK = re.compile(r"(?<![\d])(\d{1,2})(:\d{2})(:\d{2})?([.,]\d+)?(\s?[aApP]\.?[mM]\b\.?)?")
_OFFSET = re.compile(r"(?<=\d)(?<!\d-\d\d)\s?(?:UTC|GMT)?[+-]\d{2}(?::?\d{2})?(?=\W*$|\s)")
_DATE = re.compile(
    r"(?P<y>\d{4})[-/.](?P<m>\d{1,2})[-/.](?P<d>\d{1,2})"
    r"|(?P<a>\d{1,2})[-/.](?P<b>\d{1,2})[-/.]\d{2,4}"
    r"|(?P<d2>\d{1,2})[ -][A-Za-z]{3,9}[.,]?[ -]\d{2,4}|[A-Za-z]{3,9}\.? (?P<d3>\d{1,2})\w{0,2},? \d{4}"
)
_USUAL = re.compile(r"\d{4}-\d{2}-\d{2}[ T]\d{2}:\d{2}:\d{2}(\.\d{1,6})?", re.ASCII)
# two groups of digits at least, or one of eight and more
_MAY_BE = re.compile(r"\d\D+\d|\d{8}", re.DOTALL)
_MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]


@lru_cache(maxsize=65_536)
def plain(value: str) -> str:
    """This will give a value as plates are compared: upper case, blanks and dashes gone."""
    return re.sub(r"[\s\-\u2010-\u2015\u200b\ufeff]+", "", value).upper()


@lru_cache(maxsize=16_384)
def instant(text: str, *, day_first: bool) -> tuple[datetime, bool] | None:
    """This will read one date, or date and time, out of its groups of digits; True when it has no clock."""
    text = text.strip()
    if _USUAL.fullmatch(text):
        try:
            return datetime.fromisoformat(text), False
        except ValueError:
            return None
    if not _MAY_BE.search(text):
        return None
    if re.fullmatch(r"[1-4]\d{9}(\d{3})?(\.\d+)?", text):
        return datetime.fromtimestamp(int(text[:10]), UTC) + timedelta(
            milliseconds=int(text[10:13]) if re.fullmatch(r"\d{13}.*", text) else 0
        ), False
    if re.fullmatch(r"(19|20)\d{6}([T ]?\d{6}Z?)?", text):
        text = f"{text[:4]}-{text[4:6]}-{text[6:8]} " + ":".join(re.findall(r"\d\d", text[8:]))
    offset = re.search(r"(?<=:\d\d)(?:\.\d+)?\s?(?:UTC|GMT)?([+-])(\d\d):?(\d\d)?$", text)
    zone: timedelta | None = None
    if offset:
        zone = timedelta(hours=int(offset[2]), minutes=int(offset[3] or 0)) * (-1 if offset[1] == "-" else 1)
        text = text[: offset.start(1)]
    if re.search(r"(Z|UTC|GMT)$", text, re.IGNORECASE):
        zone = zone or timedelta()
    words = re.findall(r"[A-Za-z]+", text)
    month_word = next((word for word in words if word[:3].lower() in _MONTHS), None)
    digits = re.findall(r"\d+", text)
    if len(digits) < (2 if month_word else 3) or not _is_date_like(text, words, month_word):
        return None
    try:
        return _assemble(digits, words, month_word, zone, day_first=day_first)
    except ValueError:
        return None


def _is_date_like(text: str, words: list[str], month_word: str | None) -> bool:
    known = {"T", "Z", "AM", "PM", "A", "P", "M", "AT", "ST", "ND", "RD", "TH", "UTC", "GMT"}
    for word in words:
        abbreviation = re.fullmatch(r"[A-Z]{3,4}", word) and text.endswith(word)
        zone_name = re.search(rf"(?:{word}/[A-Z]\w+|[A-Z][a-z]+/{word}\w*)$", text)
        if word != month_word and word.upper() not in known and not abbreviation and not zone_name:
            return False
    return True


def _assemble(
    digits: list[str], words: list[str], month_word: str | None, zone: timedelta | None, *, day_first: bool
) -> tuple[datetime, bool]:
    if month_word:
        month = _MONTHS.index(month_word[:3].lower()) + 1
        day, year, clock = int(digits[0]), int(digits[1]), digits[2:]
    elif len(digits[0]) == 4:
        year, month, day, clock = int(digits[0]), int(digits[1]), int(digits[2]), digits[3:]
    else:
        first, second, year, clock = int(digits[0]), int(digits[1]), int(digits[2]), digits[3:]
        month, day = (second, first) if day_first else (first, second)
    hour, minute = (int(clock[0]), int(clock[1])) if len(clock) > 1 else (0, 0)
    second_of = int(clock[2]) if len(clock) > 2 else 0
    micro = int(clock[3][:6].ljust(6, "0")) if len(clock) > 3 else 0
    half = next((word[0].upper() for word in words if word.upper() in ("AM", "PM", "A", "P")), None)
    if half:
        hour = hour % 12 + (12 if half == "P" else 0)
    full_year = year + 2000 if year < 100 else year
    at = datetime(full_year, month, day, hour, minute, second_of, micro, UTC if zone is not None else None)
    return at - (zone or timedelta()), len(clock) < 2


@lru_cache(maxsize=65_536)
def coarse(source: str, to: str) -> str | None:
    """This will give the one right answer for the commonest spellings; None for a cell of another kind."""
    if to in ("hour", "day", "month"):
        if not _USUAL.fullmatch(source):
            return None
        head = {"hour": source[:13] + ":00:00", "day": source[:11] + "00:00:00"}.get(to)
        head = head or source[:8] + "01" + source[10] + "00:00:00"
        return head + (source[19:20] + "0" * (len(source) - 20) if len(source) > 19 else "")
    kind, _, size = to.partition(":")
    if kind == "prefix":
        return source.strip()[: int(size)]
    if not re.fullmatch(r"-?\d{1,3}\.\d{1,12}", source, re.ASCII):
        return None
    step = Decimal(size)
    lines = (Decimal(source) / step).quantize(Decimal(1), ROUND_HALF_EVEN)
    return f"{lines * step if lines else step * 0:f}"


@lru_cache(maxsize=16_384)
def coarse_fault(source: str, output: str, to: str, *, day_first: bool) -> str | None:
    """This will tell what a coarsened cell still says too exactly; None when it is as coarse as asked."""
    kind, _, size = to.partition(":")
    if not source.strip():
        return None if not output.strip() else "is filled where the source is empty"
    if kind == "prefix":
        return None if output == source.strip()[: int(size)] else f"is not the first {size} characters"
    if kind == "grid":
        return _grid_fault(source, output, Decimal(size))
    return _time_fault(source, output, to, day_first=day_first)


def _grid_fault(source: str, output: str, step: Decimal) -> str | None:
    shape = r"[-+]?(?:\d+\.?\d*|\.\d+)"
    try:
        exact = [Decimal(part) for part in re.findall(shape, source)]
        coarse = [Decimal(part) for part in re.findall(shape, output)]
        off = any(value % step for value in coarse)
    except InvalidOperation:
        return "is not a number"
    if off or not coarse:
        return f"is not on the grid of {step}"
    near = len(exact) == len(coarse) and all(
        abs(one - two) <= step / 2 for one, two in zip(exact, coarse, strict=True)
    )
    return None if near else "is not the nearest point of the grid"


def _time_fault(source: str, output: str, to: str, *, day_first: bool) -> str | None:
    text, was = output.strip(), source.strip()
    if text.isdigit() and len(text) in (10, 13):
        return _epoch_fault(was, text, to)
    if compact := re.fullmatch(r"\d{6}(\d\d)[T ]?(\d\d)(\d{4})Z?", text):
        day, hour, rest = compact.groups()
        wrong = rest != "0000" or (to != "hour" and hour != "00") or (to == "month" and day != "01")
        return f"is finer than the {to}" if wrong or was[:6] != text[:6] else None
    bare = _OFFSET.sub("", text)
    for hour, minute, second, fraction, half in _CLOCK.findall(bare):
        if minute != ":00" or second not in ("", ":00") or fraction.strip(".,0"):
            return f"is finer than the {to}"
        midnight = int(hour) == 0 or (int(hour) == 12 and half.strip()[:1].lower() == "a")
        if to != "hour" and not midnight:
            return f"is finer than the {to}"
    hours = [[clock[0] for clock in _CLOCK.findall(_OFFSET.sub("", one))] for one in (was, text)]
    if to == "hour" and hours[0] != hours[1]:
        return "is not the hour of the source"
    dates = [_DATE.findall(_CLOCK.sub("", one)) for one in (was, text)]
    if to != "month" and dates[0] != dates[1]:
        return "is not the day of the source"
    if to == "month":
        for match in _DATE.finditer(_CLOCK.sub("", text)):
            days = match["d"] or match["d2"] or match["d3"] or match["a" if day_first else "b"]
            if int(days) != 1:
                return "is finer than the month"
    if re.sub(r"\d|[ap](?=\.?m)|st|nd|rd|th", "", was, flags=re.IGNORECASE) != re.sub(
        r"\d|[ap](?=\.?m)|st|nd|rd|th", "", text, flags=re.IGNORECASE
    ):
        return "is not spelled as the source"
    if re.fullmatch(r"\d{8}", text):
        return "is finer than the month" if to == "month" and text[6:] != "01" else None
    return None if _CLOCK.search(text) or _DATE.search(text) else "is not a time"


def _epoch_fault(source: str, output: str, to: str) -> str | None:
    at = datetime.fromtimestamp(int(output[:10]), UTC)
    start = at.replace(minute=0, second=0)
    if to != "hour":
        start = start.replace(hour=0)
    if to == "month":
        start = start.replace(day=1)
    longest = {"hour": 3600, "day": 86400, "month": 31 * 86400}[to]
    if at != start or output[10:].strip("0"):
        return f"is finer than the {to}"
    return None if 0 <= int(source[:10]) - int(output[:10]) < longest else f"is not the {to} of the source"
