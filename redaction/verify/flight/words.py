"""Texts and times of raw logs, by looser means than the engine's; and whether a text is in an output."""

import re
from collections.abc import Collection, Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path

BLOCK = 1024 * 1024
FEW = 100  # texts
OVERLAP = 512  # characters; a longer text of a source is found by its parts

_WORD = re.compile(r"[^\W_]{4,}")


def moment(text: str) -> float:
    """This will give the seconds since 1970 of a time as ISO 8601 writes it; NaN for anything else."""
    try:
        at = datetime.fromisoformat(text.strip())
    except ValueError:
        return float("nan")
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp()


def said(path: Path, texts: Collection[str]) -> bool:
    """This will tell whether any text stands in a file, as words of its own."""
    found = _few(path, texts) if len(texts) <= FEW else _many(path, texts)
    suspects = [re.compile(rf"(?<!\w){re.escape(text)}(?!\w)") for text in found]
    return any(suspect.search(block) for block in (_blocks(path) if suspects else ()) for suspect in suspects)


def _few(path: Path, texts: Iterable[str]) -> set[str]:
    """Texts that stand in a file, looked for one by one."""
    return {text for block in _blocks(path) for text in texts if text in block and _parts(text)}


def _many(path: Path, texts: Iterable[str]) -> set[str]:
    """Texts whose words are all in a file, which is quicker than looking for each of thousands."""
    words: set[str] = set()
    for block in _blocks(path):
        words.update(_WORD.findall(block))
    return {text for text in texts if (parts := _parts(text)) and words.issuperset(parts)}


def _parts(text: str) -> list[str]:
    return [part for part in _WORD.findall(text) if not part.isdigit()]


def holds(path: Path, texts: Collection[str]) -> bool:
    """This will tell whether any of a few texts is in a file, anywhere."""
    return any(text in block for block in _blocks(path) for text in texts)


def _blocks(path: Path) -> Iterator[str]:
    with path.open(encoding="utf-8", errors="replace") as stream:
        kept = ""
        while block := stream.read(BLOCK):
            yield kept + block
            kept = (kept + block)[-OVERLAP:]
