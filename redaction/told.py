"""Whether words written about a table say a value of it that its copy no longer has. Read in a child."""

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from redaction import glances
from redaction.report import Refused

PATIENCE = 25.0  # seconds somebody waits at a page
_JOINED = 8  # words of a text that may be one value together
_SHORTEST = 3  # letters or figures; “12” says nothing about anybody
_PARTS = 4  # a value of more words is prose, whose single words say nothing
_LITTLE = frozenset({"and", "the", "for", "from", "with"})
_WORD = re.compile(r"[^\W_]+")
_WARM = ("redaction.engines.table.source",)


def of_table(original: Path, copy: Path | None, text: str) -> bool:
    """This will tell whether a text says a value that stands in a column of the original and not of the copy.

    A value counts in any case and spelling, and one word of a short value counts alone: a surname of a name.
    Without a copy everything was withheld.

    :raises Refused: when a table cannot be read, or not within the time somebody waits.
    """
    said = glances.take(
        "redaction.told:read",
        original,
        {
            "path": str(original.absolute()),
            "copy": str(copy.absolute()) if copy is not None else None,
            "text": text,
        },
        rooms=["table"],
        seconds=PATIENCE,
        reads=[copy] if copy is not None else [],
        warm=_WARM,
    )
    if not isinstance(said, bool):
        raise Refused("the look into this table gave no answer")
    return said


def read(path: str, copy: str | None, text: str) -> bool:
    """In the child: what :func:`of_table` gives."""
    wanted = _said(text)
    before = _columns(Path(path), wanted)
    after = _columns(Path(copy), wanted) if copy is not None else {}
    return any(columns - after.get(value, set()) for value, columns in before.items())


def _columns(path: Path, wanted: frozenset[str]) -> dict[str, set[str]]:
    """In which columns each of some values stands."""
    from redaction.engines.table.source import open_table

    table = open_table(path)
    found: dict[str, set[str]] = {}
    for _, cells in table.rows():
        for name, cell in zip(table.header, cells, strict=True):
            for value in _values(cell) & wanted:
                found.setdefault(value, set()).add(name)
    return found


def _said(text: str) -> frozenset[str]:
    words = _words(text)
    runs = ("".join(words[at : at + length]) for at in range(len(words)) for length in range(1, _JOINED + 1))
    return frozenset(run for run in runs if len(run) >= _SHORTEST)


@lru_cache(maxsize=100_000)
def _values(cell: str) -> frozenset[str]:
    words: Sequence[str] = _words(cell)
    parts = words if 1 < len(words) <= _PARTS else ()
    return frozenset(["".join(words), *(word for word in parts if len(word) >= _SHORTEST)]) - _LITTLE


def _words(text: str) -> list[str]:
    if not text.isascii():
        parts: Any = unicodedata.normalize("NFKD", text)
        text = "".join(letter for letter in parts if unicodedata.category(letter) not in ("Mn", "Cf"))
    return _WORD.findall(text.casefold())
