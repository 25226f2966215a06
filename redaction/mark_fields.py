"""Readers of the values in a mark: a JSON value in, the checked value out, or a ``FieldError``.

A value outside its range is an error, never clipped or ignored.
"""

import itertools
import math
import re
from collections.abc import Callable
from typing import Any

PATTERNS = ("ssn", "phone", "email", "dob", "plate", "card")
OPERATORS = ("eq", "ne", "in", "between", "matches")

_LONGEST = 10_000
_SLACK = 1e-9  # the sum of two decimal fractions may miss 1 by a rounding error

Reader = Callable[[Any], Any]


class FieldError(ValueError):
    """One field of a mark is missing, of the wrong type or outside its range."""


def read_field(name: str, reader: Reader, value: Any) -> Any:
    try:
        return reader(value)
    except FieldError as error:
        raise FieldError(f"{name} {error}") from None


def number(value: Any) -> float:
    """This will give a finite number; booleans and numbers in quotes are not numbers."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise FieldError("must be a number")
    try:
        result = float(value)
    except OverflowError:
        raise FieldError("must be a finite number") from None
    if not math.isfinite(result):
        raise FieldError("must be a finite number")
    return result


def text(value: Any) -> str:
    """This will give a text of at least one character that is not blank."""
    if not isinstance(value, str) or not value.strip():
        raise FieldError("must be a text that is not empty")
    if len(value) > _LONGEST:
        raise FieldError(f"must be at most {_LONGEST} characters long")
    return value


def whole(minimum: int) -> Reader:
    def read(value: Any) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or not minimum <= value < 2**31:
            raise FieldError(f"must be a whole number from {minimum}")
        return value

    return read


def positive(value: Any) -> float:
    if (result := number(value)) <= 0:
        raise FieldError("must be greater than 0")
    return result


def seconds(value: Any) -> float:
    if (result := number(value)) < 0:
        raise FieldError("must be 0 or more seconds")
    return result


def choice(*allowed: str) -> Reader:
    def read(value: Any) -> str:
        if not isinstance(value, str) or value not in allowed:
            raise FieldError("must be " + " or ".join(repr(word) for word in allowed))
        return value

    return read


def list_of(item: Reader, *, least: int = 1, distinct: bool = False) -> Reader:
    def read(value: Any) -> tuple[Any, ...]:
        if not isinstance(value, list) or len(value) < least:
            raise FieldError(f"must be a list of at least {least}" if least else "must be a list")
        items = tuple(item(entry) for entry in value)
        if distinct and len(set(items)) < len(items):
            raise FieldError("names something twice")
        return items

    return read


def _numbers(value: Any, count: int) -> tuple[float, ...]:
    if not isinstance(value, list) or len(value) != count:
        raise FieldError(f"must be a list of {count} numbers")
    return tuple(number(entry) for entry in value)


def corners(value: Any) -> tuple[float, ...]:
    x0, y0, x1, y1 = _numbers(value, 4)
    if not (0 <= x0 < x1 and 0 <= y0 < y1):
        raise FieldError("must be [x0, y0, x1, y1] with 0 ≤ x0 < x1 and 0 ≤ y0 < y1")
    return x0, y0, x1, y1


def fractions(value: Any) -> tuple[float, ...]:
    x, y, w, h = _numbers(value, 4)
    if not (x >= 0 and y >= 0 and w > 0 and h > 0 and x + w <= 1 + _SLACK and y + h <= 1 + _SLACK):
        raise FieldError("must be [x, y, w, h] as fractions of the picture, wholly inside it")
    return x, y, w, h


def pages(value: Any) -> str | tuple[int, ...]:
    if value == "all":
        return "all"
    pages: tuple[int, ...] = list_of(whole(1), distinct=True)(value)
    return pages


def _object(value: Any, names: tuple[str, ...]) -> dict[str, Any]:
    if not isinstance(value, dict) or set(value) != set(names):
        raise FieldError("must be an object with " + ", ".join(names) + " and nothing else")
    return value


def keyframes(value: Any) -> tuple[dict[str, Any], ...]:
    frames = [
        {"t": read_field("t", seconds, entry["t"]), "rect": read_field("rect", fractions, entry["rect"])}
        for entry in list_of(lambda raw: _object(raw, ("t", "rect")))(value)
    ]
    if any(later["t"] <= earlier["t"] for earlier, later in itertools.pairwise(frames)):
        raise FieldError("must be in order of time, each t greater than the one before")
    return tuple(frames)


def _scalar(value: Any) -> str | int | float:
    if isinstance(value, str):
        return value
    number(value)
    return value  # type: ignore[no-any-return]  # number() refused all but int and float


def conditions(value: Any) -> tuple[dict[str, Any], ...]:
    conditions: tuple[dict[str, Any], ...] = list_of(_condition)(value)
    return conditions


def _condition(raw: Any) -> dict[str, Any]:
    entry = _object(raw, ("column", "op", "value"))
    operator = read_field("op", choice(*OPERATORS), entry["op"])
    return {
        "column": read_field("column", text, entry["column"]),
        "op": operator,
        "value": read_field("value", _operand(operator), entry["value"]),
    }


def _operand(operator: str) -> Reader:
    if operator == "in":
        return list_of(_scalar)
    if operator == "between":
        return _pair
    return _expression if operator == "matches" else _scalar


def _pair(value: Any) -> tuple[Any, ...]:
    if not isinstance(value, list) or len(value) != 2:
        raise FieldError("must be a list of two")
    low, high = (_scalar(entry) for entry in value)
    if isinstance(low, str) != isinstance(high, str):
        raise FieldError("must be two numbers or two texts")
    if not isinstance(low, str) and not isinstance(high, str) and low > high:
        raise FieldError("must have the smaller number first")
    return low, high


def _expression(value: Any) -> str:
    try:
        re.compile(text(value))
    except (re.error, OverflowError, RecursionError):
        raise FieldError("must be a regular expression") from None
    return str(value)


def coarseness(value: Any) -> str:
    if value in ("hour", "day", "month"):
        return str(value)
    head, _, tail = value.partition(":") if isinstance(value, str) else ("", "", "")
    if head == "grid" and re.fullmatch(r"\d{1,9}(\.\d{1,9})?", tail, re.ASCII) and float(tail) > 0:
        return str(value)
    if head == "prefix" and re.fullmatch(r"[1-9]\d{0,3}", tail, re.ASCII):
        return str(value)
    raise FieldError("must be hour, day, month, grid:0.01 or prefix:3 (with your own number)")


def count(value: Any) -> str:
    if value == "rows" or (isinstance(value, str) and re.fullmatch(r"distinct:.*\S.*", value, re.DOTALL)):
        return str(value)
    raise FieldError("must be 'rows' or 'distinct:COLUMN'")


def plate(value: Any) -> str:
    if not re.sub(r"[\s-]", "", text(value)):
        raise FieldError("must hold letters or digits")
    return str(value)


def seed(value: Any) -> str:
    if not isinstance(value, str) or not re.fullmatch(r"[0-9a-fA-F]{1,256}", value):
        raise FieldError("must be hexadecimal digits")
    return value


def _position(value: Any) -> tuple[float, ...]:
    lon, lat = _numbers(value, 2)
    if not (-180 <= lon <= 180 and -90 <= lat <= 90):
        raise FieldError("must hold [longitude, latitude] in degrees")
    return lon, lat


def ring(value: Any) -> tuple[tuple[float, float], ...]:
    ring: tuple[tuple[float, float], ...] = list_of(_position, least=3)(value)
    if len(set(ring)) < 3:
        raise FieldError("must have at least three different corners")
    return ring
