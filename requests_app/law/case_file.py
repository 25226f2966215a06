"""A file of cases: read strictly, what cannot be used marked where it stands."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any, BinaryIO

from portal.core.errors import BadInput


class FileFault(BadInput):
    """The file cannot be read as a list of cases at all."""

    code = "bad_file"


@dataclass(frozen=True)
class Unusable:
    """Stands where a file has something no case can hold; says what."""

    said: str


def read(name: str, stdin: BinaryIO) -> list[Any]:
    """This will read the cases of a file, or of standard input when the name is ``-``.

    Numbers with a point are decimals. NaN, infinities and a key written twice become ``Unusable``.

    :raises FileFault: when it is missing, not JSON in UTF-8, or not a list.
    """
    shown = "standard input" if name == "-" else name
    try:
        content = stdin.read() if name == "-" else Path(name).read_bytes()
        cases = json.loads(
            content.decode("utf-8-sig"),
            parse_float=Decimal,
            parse_constant=lambda text: Unusable(f"{text} is not a number that can be counted with"),
            object_pairs_hook=_object,
        )
    except OSError as problem:
        raise FileFault(f"{shown}: the file cannot be read: {problem.strerror or problem}.") from None
    except UnicodeDecodeError as problem:
        raise FileFault(f"{shown}: the file is not text in UTF-8 (byte {problem.start + 1}).") from None
    except json.JSONDecodeError as problem:
        place = f"line {problem.lineno}, column {problem.colno}"
        raise FileFault(f"{shown}: the file is not JSON: {problem.msg} in {place}.") from None
    except (ValueError, RecursionError):
        raise FileFault(f"{shown}: the file has a number too long or lists nested too deep.") from None
    if not isinstance(cases, list):
        raise FileFault(f"{shown}: the file has to be a list of cases, [ ... ], and is {kind(cases)}.")
    return cases


def fault(case: Any) -> str | None:
    """This will name the first thing in a case that cannot be used, with its place, or None."""
    waiting: list[tuple[str, Any]] = [("", case)]
    while waiting:
        place, value = waiting.pop()
        if isinstance(value, Unusable):
            return f"{place}: {value.said}." if place else f"{value.said}."
        parts: Iterable[tuple[str, Any]] = ()
        if isinstance(value, Mapping):
            parts = [(f"{place}.{key}" if place else str(key), each) for key, each in value.items()]
        elif isinstance(value, list):
            parts = [(f"{place}[{at}]", each) for at, each in enumerate(value)]
        waiting += reversed(list(parts))
    return None


def kind(value: Any) -> str:
    """This will name what a JSON value is, for a sentence."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true or false"
    if isinstance(value, (int, Decimal)):
        return "a number"
    if isinstance(value, str):
        return "text"
    return "a list" if isinstance(value, list) else "an object"


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for key, value in pairs:
        made[key] = Unusable("appears twice") if key in made else value
    return made
