"""Withheld values that come back through a released column, such as a plate typed into a reason."""

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache

from redaction.verify.table.values import NUMBER, instant, plain

BLOOM_BITS = 1 << 27  # 16 MiB: the memory of a filter over any number of values; hits are confirmed exactly
LONGEST = 64
WINDOW = 8  # words of a released cell that may together spell a withheld value

_WORD = re.compile(r"[^\W_]+")
_DECIMAL = re.compile(r"[-+]?\d+\.\d*", re.ASCII)
_PERSONAL = re.compile(
    r"\b(?:plates?|licen[cs]e|lpr?|tag|vin|names?|officer|user(?:id|name)?|operator|owner|driver|person|victim"
    r"|witness|suspect|subject|phone|mobile|email|ssn|dob|address|badge)\b"
)
_SAYS_NOTHING = frozenset(
    {"REDACTED", "UNKNOWN", "NONE", "NULL", "WITHHELD", "MASKED", "VEHICLE", "STOLEN", "MISSING", "OTHER"}
)


class Filter:
    """A set that never forgets a member and may claim a few that are none; of constant size."""

    def __init__(self) -> None:
        self._bits = bytearray(BLOOM_BITS // 8)

    def add(self, value: str) -> None:
        for place in self._places(value):
            self._bits[place >> 3] |= 1 << (place & 7)

    def __contains__(self, value: str) -> bool:
        return all(self._bits[place >> 3] & (1 << (place & 7)) for place in self._places(value))

    @staticmethod
    def _places(value: str) -> tuple[int, int]:
        mixed = hash(value)
        return mixed & (BLOOM_BITS - 1), (mixed >> 32) & (BLOOM_BITS - 1)


def is_personal(header: str) -> bool:
    """This will tell from its name whether a column holds what points at a person or a car."""
    words = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", header).lower()
    return _PERSONAL.search(re.sub(r"[\W_\d]+", " ", words)) is not None


@lru_cache(maxsize=65_536)
def telling(value: str, *, guarded: bool) -> str:
    """This will give a withheld value as it is looked for in the whole output; "" when it says too little.

    ``guarded`` is for a column that is masked, or personal by name. In others only what looks like an
    identifier counts (letters with digits, or seven digits and more), never a time or a decimal number.
    """
    text = "".join(_WORD.findall(value)).upper()
    if not 4 <= len(text) <= LONGEST or text in _SAYS_NOTHING:
        return ""
    digits = sum(character.isdigit() for character in text)
    mixed = 0 < digits < len(text)
    if instant(value, day_first=False) or instant(value, day_first=True):
        return ""
    if mixed:
        return text if guarded or len(text) >= 5 else ""
    if digits:
        return text if digits >= 7 and not _DECIMAL.fullmatch(value.strip()) else ""
    return text if guarded and len(_WORD.findall(value)) > 1 and len(text) >= 5 else ""


@lru_cache(maxsize=65_536)
def sayings(cell: str) -> tuple[str, ...]:
    """This will give every run of words in a released cell that could spell a withheld value."""
    if instant(cell, day_first=False) or instant(cell, day_first=True):
        return ()
    words = [word.upper() for word in _WORD.findall(cell)]
    if NUMBER.fullmatch(cell):
        joined = "".join(words)
        return (joined,) if len(joined) >= 7 and not _DECIMAL.fullmatch(cell.strip()) else ()
    found: dict[str, None] = {}
    for start in range(len(words)):
        joined = ""
        for word in words[start : start + WINDOW]:
            joined += word
            if len(joined) > LONGEST:
                break
            if len(joined) >= 4:
                found[joined] = None
    return tuple(found)


def repeated(value: str, cells: Iterable[str]) -> bool:
    """This will tell whether a value of the row is in other cells of the same row as whole words."""
    words = [word.upper() for word in _WORD.findall(value)]
    text = "".join(words)
    if len(text) < 5 or text in _SAYS_NOTHING:
        return False
    return any(text in _runs(cell) for cell in cells)


@lru_cache(maxsize=65_536)
def _runs(cell: str) -> frozenset[str]:
    words = [word.upper() for word in _WORD.findall(cell)]
    return frozenset(
        "".join(words[start:stop])
        for start in range(len(words))
        for stop in range(start + 1, min(len(words), start + WINDOW) + 1)
    )


def own(values: Sequence[str], plates: frozenset[str]) -> bool:
    return any(plain(value) in plates for value in values)
