"""What a coarsened cell must read, letter for letter, for the spellings that can be foretold."""

import re
from decimal import ROUND_HALF_EVEN, Decimal
from functools import lru_cache

from redaction.verify.table.expectation import MASK
from redaction.verify.table.values import UNSEEN, coarse

_NUMBER = re.compile(r"[+-]?\d{1,3}(\.\d{1,9})?", re.ASCII)
_WHEN = re.compile(
    r"(?P<date>(?P<iso>\d{4})([-/])\d{1,2}\3(?P<last>\d{1,2})|(?P<one>\d{1,2})/(?P<two>\d{1,2})/\d{4})"
    r"((?P<gap>[ T]|,? )(?P<hour>\d{1,2}):\d\d(?P<second>:\d\d(?P<part>\.\d{1,9})?)?"
    r"(?P<half> ?[AP]M)?(?P<zone> UTC|(?<=\d)Z)?)?",
    re.ASCII,
)


@lru_cache(maxsize=65_536)
def settled(cell: str, to: str, *, day_first: bool) -> str | None:
    """This will give the one right answer for a cell; None for a spelling that it does not know."""
    if not cell.strip():
        return cell
    usual = coarse(cell, to)
    if usual is not None:
        return usual
    if UNSEEN.search(cell):
        return None
    if not any(sign.isnumeric() for sign in cell):  # no time and no place without a digit: it is lost
        return MASK
    if to.startswith("grid:"):
        return _on_grid(cell, Decimal(to[5:])) if _NUMBER.fullmatch(cell) else None
    return _at_start(cell, to, day_first=day_first)


def _on_grid(cell: str, step: Decimal) -> str:
    lines = (Decimal(cell) / step).quantize(Decimal(1), ROUND_HALF_EVEN)
    return f"{lines * step if lines else step * 0:f}"


def _at_start(cell: str, to: str, *, day_first: bool) -> str | None:
    when = _WHEN.fullmatch(cell)
    if when is None:
        return None
    date, clock = when["date"], ""
    if to == "month":
        day = "last" if when["iso"] else "one" if day_first else "two"
        month = when["two" if day_first else "one"]
        if month is not None and int(month) > 12:
            return None
        start, end = when.span(day)
        date = cell[:start] + "1".zfill(end - start) + cell[end : when.end("date")]
    if when["hour"] is not None:
        half, hour = when["half"] or "", when["hour"]
        if to != "hour":
            hour = "12" if half else "0" * len(hour)
            half = half.replace("P", "A")
        rest = ":00" + re.sub(r"\d", "0", when["second"] or "")
        clock = f"{when['gap']}{hour}{rest}{half}{when['zone'] or ''}"
    return date + clock
