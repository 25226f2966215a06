"""The words and forms of ``vocabulary.toml``, put together."""

import functools
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_DATA = tomllib.loads(Path(__file__).with_name("vocabulary.toml").read_text("utf-8"))
_DEPTH = 4  # pieces inside pieces


@dataclass(frozen=True)
class Row:
    """One recogniser as written down; ``expression`` is RE2 with its pieces put in."""

    name: str
    label: str
    reason: str | None
    strength: str
    check: str | None
    passage: bool
    expression: str


@dataclass(frozen=True)
class ColumnName:
    """What a column's name, in plain lower-case words, says of its cells, and what to do with those."""

    expression: str
    holds: str
    reason: str | None
    action: str
    to: str | None


NOT_NAMES = frozenset(_DATA["names"]["not"])
SMALL_THINGS = tuple(_DATA["names"]["small"])

VIN_WEIGHTS = (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2)
VIN_LETTERS = {
    **{str(digit): digit for digit in range(10)},
    **dict(zip("ABCDEFGH", range(1, 9), strict=True)),
    **dict(zip("JKLMN", range(1, 6), strict=True)),
    "P": 7,
    "R": 9,
    **dict(zip("STUVWXYZ", range(2, 10), strict=True)),
}


def _joined(value: str | list[str]) -> str:
    return value if isinstance(value, str) else "".join(value)


_PIECES = {name: _joined(value) for name, value in _DATA["pieces"].items()}


def _expression(entry: dict[str, Any]) -> str:
    if "words" in entry:
        return rf"(?i)\b({'|'.join(entry['words'])})\b"
    expression = _joined(entry["expression"])
    for _ in range(_DEPTH):
        for name, piece in _PIECES.items():
            expression = expression.replace(f"<{name}>", piece)
    return expression


@functools.cache
def rows() -> tuple[Row, ...]:
    """This will give every recogniser that is written down, in its order."""
    return tuple(
        Row(
            entry["name"],
            entry["label"],
            entry.get("reason"),
            entry["strength"],
            entry.get("check"),
            entry.get("passage", False),
            _expression(entry),
        )
        for entry in _DATA["recogniser"]
    )


@functools.cache
def column_names() -> tuple[ColumnName, ...]:
    """This will give what columns' names say, the more telling first."""
    return tuple(
        ColumnName(entry["name"], entry["holds"], entry.get("reason"), entry["action"], entry.get("to"))
        for entry in _DATA["column"]
    )
