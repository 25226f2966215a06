"""Texts and times of raw logs, by looser means than the engine's; and whether a text is in an output."""

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path

BLOCK = 1024 * 1024
OVERLAP = 512  # characters; a longer text of a source is found by its parts

_WORD = re.compile(r"[^\W_]{4,}")
_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)


def moment(text: str) -> float:
    """This will give the seconds since 1970 of a time as ISO 8601 writes it; NaN for anything else."""
    try:
        at = datetime.fromisoformat(text.strip())
    except ValueError:
        return float("nan")
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp()


def said(path: Path, texts: Iterable[str]) -> bool:
    """This will tell whether any text stands in a file, as words of its own."""
    words: set[str] = set()
    for block in _blocks(path):
        words.update(word for word in _WORD.findall(block) if not word.isdigit())
    suspects = []
    for text in texts:
        parts = [part for part in _WORD.findall(text) if not part.isdigit()]
        if parts and words.issuperset(parts):
            suspects.append(re.compile(rf"(?<!\w){re.escape(text)}(?!\w)"))
    return any(suspect.search(block) for block in (_blocks(path) if suspects else ()) for suspect in suspects)


def dates(path: Path) -> set[str]:
    """This will give every date that stands in a file."""
    return {date for block in _blocks(path) for date in _DATE.findall(block)}


def _blocks(path: Path) -> Iterator[str]:
    with path.open(encoding="utf-8", errors="replace") as stream:
        kept = ""
        while block := stream.read(BLOCK):
            yield kept + block
            kept = (kept + block)[-OVERLAP:]
