"""What is said in a recording, for comparing: its captions as they go out, and what is muted by its time."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from redaction import marks as marks_format
from redaction.plans.models import Plan
from redaction.preview import calls
from redaction.report import RedactionError
from redaction.traits import MOST_LETTERS, Words, fold

_MOST_WORDS = 6  # a longer silence is no name, and its words stand in no other record
_MOST_LETTERS = 100
_GUARD = 0.05  # seconds


def words_of(captions: Path) -> Words:
    """This will give what can be heard of a copy, folded, as one page.

    :raises Refused: when the captions cannot be read.
    """
    folded = fold(" ".join(str(row["text"]) for row in calls.words(captions)))
    return Words(folded[:MOST_LETTERS], len(folded) <= MOST_LETTERS)


def muted(plan: Plan, transcript: Path) -> list[tuple[str, str]]:
    """This will give the words that marks take out by their time, few at once, each with its mark's id."""
    marks = marks_format.parse(plan.marks).effective
    spans = [mark for mark in marks.of("mute", "cut") if mark.get("start") is not None]
    if not spans:
        return []
    try:
        rows = calls.words(transcript)
    except RedactionError:
        return []  # the engine read it, or nothing would have been made
    found = []
    for mark in spans:
        inside = [row for row in rows if _is_in(row, mark["start"], mark["end"])]
        count = sum(len(str(row["text"]).split()) for row in inside)
        text = " ".join(str(row["text"]) for row in inside)
        if 0 < count <= _MOST_WORDS and len(text) <= _MOST_LETTERS:
            found.append((mark.id, text.strip(" .,;:!?")))
    return found


def _is_in(row: Mapping[str, Any], start: float, end: float) -> bool:
    """Whether a word is touched; of a caption whose words have no times of their own, all has to be in."""
    if row["exact"]:
        return bool(row["t0"] < end and row["t1"] > start)
    return bool(row["t0"] >= start - _GUARD and row["t1"] <= end + _GUARD)
