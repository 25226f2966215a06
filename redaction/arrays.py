"""Facts and rows of numbers in one file that can be checked whole: what a child found out, for later ones.

A file is 8 bytes that name the format, the SHA-256 of all that follows, the length of the facts (4 bytes),
the facts (JSON), and the rows one behind the other, little-endian. Nothing of it is ever run.
"""

import hashlib
import json
import os
import struct
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

_MAGIC = b"DLROWS01"
_AT = len(_MAGIC) + 32
_LARGEST_FACTS = 1 << 26  # bytes
_ROWS = "rows"
_TYPES = ("<i8", "<f8", "|u1", "|b1")
_BLOCK = 1 << 20

Rows = Mapping[str, NDArray[Any]]


class Unfit(Exception):
    """A file that should hold rows is missing, cut short, changed or something else."""


def write(path: Path, facts: Mapping[str, Any], rows: Rows) -> None:
    """This will write a new file. ``rows`` are one-dimensional: whole numbers, fractions, bytes or truths."""
    kept = {name: np.ascontiguousarray(values) for name, values in rows.items()}
    listed = [[name, values.dtype.str, len(values)] for name, values in kept.items()]
    if any(kind not in _TYPES for _, kind, _ in listed):
        raise TypeError("a row holds something else than numbers")
    text = json.dumps({**facts, _ROWS: listed}).encode()
    pieces = [struct.pack(">I", len(text)), text, *(row.tobytes() for row in kept.values())]
    digest = hashlib.sha256()
    for piece in pieces:
        digest.update(piece)
    with path.open("xb") as stream:
        stream.write(_MAGIC + digest.digest())
        for piece in pieces:
            stream.write(piece)
        stream.flush()
        os.fsync(stream.fileno())


def facts_of(path: Path) -> dict[str, Any]:
    """This will give the facts of a file, once all of it has been checked; the rows are not kept.

    :raises Unfit: when it is not as it was written.
    """
    try:
        with path.open("rb") as stream:
            facts, digest, expected = _head(stream)
            left = sum(np.dtype(kind).itemsize * count for _, kind, count in facts[_ROWS])
            while block := stream.read(_BLOCK):
                digest.update(block)
                left -= len(block)
    except OSError as error:
        raise Unfit("no file") from error
    if left or digest.digest() != expected:
        raise Unfit("changed or cut short")
    return facts


def read(path: Path) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
    """This will give the facts and the rows of a file, checked as :func:`facts_of` does.

    :raises Unfit: when it is not as it was written.
    """
    facts_of(path)
    with path.open("rb") as stream:
        facts, _, _ = _head(stream)
        rows = {
            name: np.frombuffer(stream.read(np.dtype(kind).itemsize * count), np.dtype(kind))
            for name, kind, count in facts[_ROWS]
        }
    return facts, rows


def _head(stream: Any) -> tuple[dict[str, Any], Any, bytes]:
    """The facts, a digest that has heard them, and what it must come to."""
    head = stream.read(_AT + 4)
    if head[: len(_MAGIC)] != _MAGIC or len(head) < _AT + 4:
        raise Unfit("not a file of rows")
    length = struct.unpack(">I", head[_AT:])[0]
    if length > _LARGEST_FACTS:
        raise Unfit("not a file of rows")
    text = stream.read(length)
    try:
        facts = json.loads(text)
        sound = all(kind in _TYPES and isinstance(count, int) for _, kind, count in facts[_ROWS])
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise Unfit("changed or cut short") from error
    if not sound:
        raise Unfit("not a file of rows")
    return facts, hashlib.sha256(head[_AT:] + text), head[len(_MAGIC) : _AT]
