"""Personal data in text, found by its form and by the words beside it. Errs on the side of proposing.

All expressions but the six of the marks format run in RE2, whose time grows with the text and nothing else.
"""

import functools
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

import re2

from redaction import patterns
from redaction.detect import vocabulary
from redaction.patterns import Span

SURE, LIKELY, WEAK = 0.9, 0.6, 0.3
_STRENGTHS = {"sure": SURE, "likely": LIKELY, "weak": WEAK}

_SHORT = 5  # letters and digits: a shorter value stands in too many other words to be looked for alone
# between two cells, so that no expression makes one find of both
_WALL = "\n" + "\x1f" * 48 + "\n"


@dataclass(frozen=True)
class Recogniser:
    """``pattern`` names one of the marks format's six, else ``expression`` is RE2; its last group counts.

    ``accept`` gets the value and the words that follow it. ``passage`` means that the words are only a sign:
    what is to be read, and perhaps withheld, is the whole line.
    """

    name: str
    label: str
    reason: str | None
    confidence: float
    expression: str | None = None
    pattern: str | None = None
    accept: Callable[[str, str], bool] | None = None
    passage: bool = False


@dataclass(frozen=True)
class Hit:
    """``span`` is the value, ``cue`` the value with the words that gave it away; positions in the text."""

    by: Recogniser
    span: Span
    cue: Span
    value: str
    wording: str


def in_text(text: str, *, passages: bool = True) -> list[Hit]:
    """This will give everything personal in a text, through its line breaks and hyphens, in its order.

    Where two recognisers see the same letters, the surer one counts.
    """
    hits: list[Hit] = []
    for letters, origin in patterns.readings(text):
        for by, span, cue in _found(letters, passages):
            (first, last), around = ((origin[a], origin[b - 1] + 1) for a, b in (span, cue))
            value = letters[slice(*span)]
            if (by.passage or by.accept is _is_name) and _run_together(text[first:last], value):
                continue
            hits.append(Hit(by, (first, last), around, value, letters[slice(*cue)]))
    return _surest(hits)


def in_cells(cells: Sequence[str]) -> Iterator[tuple[Recogniser, int, Span]]:
    """This will give each recogniser's first find in each cell of a table: which, which cell, and where.

    Cells are plain letters without breaks; they are read all at once, which is many times faster.
    """
    starts = list(accumulate((len(cell) + len(_WALL) for cell in cells), initial=0))
    seen: set[tuple[str, int]] = set()
    for by, (first, last), _ in _found(_WALL.join(cells), passages=True):
        place = bisect_right(starts, first) - 1
        if (by.label, place) not in seen:
            seen.add((by.label, place))
            yield by, place, (first - starts[place], last - starts[place])


def wanted(hit: Hit) -> str:
    """This will give the letters to look for: the value, or where that is short, with the words beside it."""
    letters = sum(letter.isalnum() for letter in hit.value)
    return hit.value if letters >= _SHORT else hit.wording


def _found(letters: str, passages: bool) -> Iterator[tuple[Recogniser, Span, Span]]:
    for by in ALL:
        if by.passage and not passages:
            continue
        if by.pattern is not None:
            for span in patterns.matches(letters, by.pattern):
                if by.accept is None or by.accept(letters[slice(*span)], ""):
                    yield by, span, span
            continue
        for match in _compiled(str(by.expression)).finditer(letters):
            span = match.span(match.lastindex or 0)
            following = letters[span[1] : span[1] + 40]
            if span[0] < span[1] and (by.accept is None or by.accept(letters[slice(*span)], following)):
                yield by, span, match.span()


def _surest(hits: list[Hit]) -> list[Hit]:
    kept: list[Hit] = []
    passages = {(hit.by.name, hit.span): hit for hit in hits if hit.by.passage}
    for hit in sorted(
        (each for each in hits if not each.by.passage),
        key=lambda each: (-each.by.confidence, -(each.span[1] - each.span[0]), each.span),
    ):
        if not any(_hides(other, hit) for other in kept):
            kept.append(hit)
    return sorted([*kept, *passages.values()], key=lambda each: (each.span, each.by.name))


def _run_together(given: str, value: str) -> bool:
    """Whether words were joined over a line's end without a hyphen: right for a number, not for a name."""
    return len(re2.sub(r"[-\x02]\s+", "", given).split()) > len(value.split())


def _hides(other: Hit, hit: Hit) -> bool:
    """Whether one find makes another needless. Not so when a line break was read in two ways.

    "mail" at the end of a line and "m.smith@…" at the start of the next: the address alone must be looked for
    as well, since it may stand elsewhere without the word before it.
    """
    if hit.span[0] >= other.span[1] or other.span[0] >= hit.span[1]:
        return False
    same_form = other.by == hit.by and hit.by.accept is not _is_name
    return not same_form or hit.value == other.value or hit.value not in other.value


@functools.cache
def _compiled(expression: str) -> Any:
    return re2.compile(expression)


def _has_digit(value: str, _following: str) -> bool:
    return any(letter.isdigit() for letter in value)


def is_vehicle_number(value: str, _following: str = "") -> bool:
    """This will tell whether 17 characters end well: North America's check digit (49 CFR 565.15)."""
    if len(value) != 17 or value.isalpha():
        return False
    total = 0
    for letter, weight in zip(value.upper(), vocabulary.VIN_WEIGHTS, strict=True):
        number = vocabulary.VIN_LETTERS.get(letter)
        if number is None:
            return False
        total += number * weight
    return value[8].upper() == "0123456789X"[total % 11]


def _is_device(value: str, _following: str) -> bool:
    return patterns.luhn(value)


def _is_name(value: str, _following: str) -> bool:
    words = [word.lower() for word in value.replace(",", " ").split()]
    return bool(words) and not any(word in vocabulary.NOT_NAMES for word in words if len(word) > 1)


def _under_age(value: str, _following: str) -> bool:
    return int(value) < 18


def _not_small(value: str, following: str) -> bool:
    """ "minor" the adjective: a minor injury, minor damage."""
    next_word = following.split()[0].lower().strip(".,;:") if following.split() else ""
    return not (value.lower() == "minor" and next_word.startswith(vocabulary.SMALL_THINGS))


def _on_earth(value: str, _following: str) -> bool:
    latitude, _, longitude = value.replace(",", " ").partition(" ")
    return abs(float(latitude)) <= 90 and abs(float(longitude.strip())) <= 180


_CHECKS: dict[str, Callable[[str, str], bool]] = {
    "digit": _has_digit,
    "vin": is_vehicle_number,
    "device": _is_device,
    "name": _is_name,
    "under age": _under_age,
    "not small": _not_small,
    "on earth": _on_earth,
}

ALL: tuple[Recogniser, ...] = (
    Recogniser("ssn", "social security number", "PII_DOC", SURE, pattern="ssn"),
    Recogniser("email", "e-mail address", "PII_DOC", SURE, pattern="email"),
    Recogniser("dob", "date of birth", "PII_DOC", SURE, pattern="dob"),
    Recogniser("phone", "telephone number", "PII_DOC", SURE, pattern="phone"),
    Recogniser("card", "payment card number", "PII_DOC", LIKELY, pattern="card"),
    Recogniser("plate", "number plate", "PLATE", WEAK, pattern="plate", accept=_has_digit),
    *(
        Recogniser(
            row.name,
            row.label,
            row.reason,
            _STRENGTHS[row.strength],
            expression=row.expression,
            accept=_CHECKS[row.check] if row.check is not None else None,
            passage=row.passage,
        )
        for row in vocabulary.rows()
    ),
)
