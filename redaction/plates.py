"""Plates as they are compared between records: by digests under a key, so that no list of plates is kept.

A plate is written as the table engine compares it, upper case without blanks and dashes. The key is the
installation's own; whoever has neither key nor file cannot tell a plate from its digest.
"""

import base64
import hashlib
import re
import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from redaction import glances
from redaction.engines.table.plan import normalise
from redaction.report import Refused

MOST = 1_000_000  # different plates of one file that are compared
_LONGEST, _SHORTEST = 12, 3
_WITHIN_TEXT = range(5, 9)  # letters of what is taken for a plate where no column says so
_JOINED = 3  # words that may be parts of one plate: “8 ABC 123”
_WORD = re.compile(r"[0-9A-Z]+")
_ROW = struct.Struct(">QI")  # digest, first row
_NO_PLATE = frozenset(
    {"UNKNOWN", "UNK", "NONE", "NULL", "NOPLATE", "NOTREAD", "NOREAD", "BLANK", "REDACTED", "MISSING", "N/A"}
)
_WARM = ("redaction.engines.table.source", "redaction.engines.table.profiles")


@dataclass(frozen=True)
class Plates:
    """Digests of the different plates of a file, each with the first row it stands in (0: not a table).

    ``total`` is how many there were, of which no more than ``MOST`` were taken.
    """

    rows: dict[int, int] = field(default_factory=dict)
    total: int = 0


def digest(plate: str, key: bytes) -> int:
    """This will give the digest of a plate that :func:`plain` wrote, 64 bits."""
    return int.from_bytes(hashlib.blake2b(plate.encode(), key=key, digest_size=8).digest(), "big")


def plain(value: str) -> str:
    """This will write a value of a plate column as it is compared; empty for what is no plate."""
    bare = normalise(value)
    fits = _SHORTEST <= len(bare) <= _LONGEST and bare not in _NO_PLATE
    return bare if fits and any(letter.isalnum() for letter in bare) else ""


def like_one(value: str) -> str:
    """This will write a text as a plate when it looks like one by itself, letters and figures; else empty."""
    bare = plain(value)
    return bare if len(bare) in _WITHIN_TEXT and _is_mixed(bare) else ""


def within(text: str, key: bytes) -> Plates:
    """This will gather what may be a plate in a text, also one written in up to three parts."""
    rows: dict[int, int] = {}
    total = 0
    for found in _candidates(text):
        name = digest(found, key)
        if name not in rows:
            total += 1
            if total <= MOST:
                rows[name] = 0
    return Plates(rows, total)


def _candidates(text: str) -> Iterator[str]:
    for line in text.upper().splitlines():
        words = _WORD.findall(line)
        for first in range(len(words)):
            joined = ""
            for word in words[first : first + _JOINED]:
                joined += word
                if len(joined) > _WITHIN_TEXT[-1]:
                    break
                if len(joined) in _WITHIN_TEXT and _is_mixed(joined):
                    yield joined


def _is_mixed(text: str) -> bool:
    return (
        text.isascii()
        and text.isalnum()
        and any(c.isdigit() for c in text)
        and any(c.isalpha() for c in text)
    )


def of_table(path: Path, key: bytes) -> Plates:
    """This will read the plate columns of a table, in a child; of one without such columns nothing.

    :raises Refused: when it cannot be read.
    """
    arguments = {"path": str(path.absolute()), "key": key.hex()}
    said = glances.take("redaction.plates:read_table", path, arguments, rooms=["table"], warm=_WARM)
    try:
        packed, total = base64.b64decode(said["rows"], validate=True), said["total"]
        if type(total) is not int:
            raise TypeError
        return Plates(dict(_ROW.iter_unpack(packed)), total)
    except (KeyError, TypeError, ValueError, struct.error) as error:
        raise Refused("the plates of this file could not be read") from error


def read_table(path: str, key: str) -> dict[str, Any]:
    """In the child: what :func:`of_table` gives, as JSON values."""
    from redaction.engines.table import profiles
    from redaction.engines.table.source import open_table

    table = open_table(Path(path))
    places = [at for at, row in enumerate(profiles.meanings(table.header)) if row.is_plate]
    rows: dict[int, int] = {}
    total = 0
    seen = bytes.fromhex(key)
    for number, (_line, cells) in enumerate(table.rows(), 1) if places else ():
        for bare in _plates(cells, places):
            name = digest(bare, seen)
            if name not in rows:
                total += 1
                if total <= MOST:
                    rows[name] = number
    packed = b"".join(_ROW.pack(name, number) for name, number in rows.items())
    return {"rows": base64.b64encode(packed).decode(), "total": total}


def _plates(cells: Iterable[str], places: list[int]) -> Iterator[str]:
    row = list(cells)
    for place in places:
        if place < len(row) and (bare := plain(row[place])):
            yield bare
