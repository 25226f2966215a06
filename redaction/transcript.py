"""Words to mute, found in a transcript: one mark with a literal becomes a mute at every place it is spoken.

Exact to the word where the transcript knows the times of words; else the whole caption is muted, for nobody
can tell where in it the word is.
"""

import re
import unicodedata
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from redaction import patterns
from redaction.marks import Mark, Marks
from redaction.report import MarkOutcome, MarksError, sha256_of
from redaction.transcript_reading import Cue, Transcript, Word, read

BRIDGED = 5.0  # seconds of pause that are muted too, within a word or name that two captions share
BEYOND = 5.0  # seconds after the recording's end from which a transcript is doubted

Place = tuple[float, float]


@dataclass(frozen=True)
class Speech:
    """Marks with their words turned into times, and what was found.

    In ``marks`` each place of a literal is a mute of its own with the literal's id; ``places`` has a row for
    each literal, empty when it is spoken nowhere. Seconds of the source.
    """

    marks: Marks
    places: dict[str, list[Place]] = field(default_factory=dict)
    literals: dict[str, str] = field(default_factory=dict)
    transcript: Transcript | None = None
    details: dict[str, Any] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)

    def outcome(self, mark: Mark, *, done: bool = True) -> MarkOutcome:
        """This will give the report's row of a mark: a literal counts its places."""
        count = len(self.places[mark.id]) if mark.id in self.places else 1
        return MarkOutcome(mark.id, mark.kind, count, count if done else 0)


def listen(marks: Marks, path: Path | None, duration: float) -> Speech:
    """This will turn every ``mute`` with a ``literal`` into mutes with times.

    :raises MarksError: when a mark needs a transcript and there is none, or a word is past the end.
    :raises Refused: when the transcript cannot be read.
    """
    spoken = [mark for mark in marks.of("mute") if mark.get("literal") is not None]
    if path is None:
        if spoken:
            raise MarksError(
                "muting words needs a transcript: SRT, VTT or timed words, given by --transcript",
                mark_id=spoken[0].id,
            )
        return Speech(marks)
    transcript = read(path)
    places = {mark.id: find(transcript, mark["literal"]) for mark in spoken}
    for mark in spoken:
        places[mark.id] = [(start, _within(end, start, duration, mark)) for start, end in places[mark.id]]
    timed = [
        each for mark in marks for each in (_mutes(mark, places[mark.id]) if mark.id in places else [mark])
    ]
    return Speech(
        Marks(tuple(timed), marks.raw),
        places,
        {mark.id: mark["literal"] for mark in spoken},
        transcript,
        {
            "transcript": {
                "sha256": sha256_of(path),
                "format": transcript.format,
                "captions": len(transcript.cues),
                "words_timed": all(cue.words for cue in transcript.cues),
            },
            "places": {name: [list(place) for place in found] for name, found in places.items()},
        },
        list(_warnings(spoken, places, transcript, duration)),
    )


def find(transcript: Transcript, literal: str) -> list[Place]:
    """This will give the spans of every place a literal is spoken, in order.

    Matched as in documents (any case, accents, ligatures, across captions and hyphens), and besides with
    punctuation taken for nothing: what is spoken has none.
    """
    text, owners = _text(transcript, by_word=True)
    exact = [_touched(owners, span) for span in find_in_text(text, literal)]
    found = [place for units in exact for place in _hulls(units)]
    # a caption's own text may hold what its list of words lacks
    text, owners = _text(transcript, by_word=False)
    rough = Counter(tuple(_touched(owners, span)) for span in find_in_text(text, literal))
    for owned, count in rough.items():
        cues = {owner.cue for owner in owned}
        known = sum(any(owner.cue in cues for owner in units) for units in exact)
        if known < count:
            found += _hulls(owned)
    return sorted(set(found))


def _mutes(mark: Mark, places: Sequence[Place]) -> Iterator[Mark]:
    for start, end in places:
        yield replace(mark, fields={**mark.fields, "start": start, "end": end, "literal": None})


def _within(end: float, start: float, duration: float, mark: Mark) -> float:
    if start >= duration:
        raise MarksError(
            f"the transcript has these words at {start:g} s, but the recording is {duration:.2f} s long",
            mark_id=mark.id,
        )
    return min(end, duration)


def _warnings(
    spoken: Sequence[Mark], places: dict[str, list[Place]], transcript: Transcript, duration: float
) -> Iterator[str]:
    for mark in spoken:
        if not places[mark.id]:
            yield f"mark {mark.id}: its words are nowhere in the transcript"
    if any(places.values()):
        if all(cue.words for cue in transcript.cues):
            yield "words were muted at the times the transcript gives them; listen to each place"
        else:
            yield (
                "the transcript does not know when single words are spoken, so whole captions were muted; "
                "listen to each place"
            )
    last = max(cue.end for cue in transcript.cues)
    if last > duration + BEYOND:
        yield f"the transcript goes on {last - duration:.0f} s past the recording's end: is it the right one?"


@dataclass(frozen=True)
class _Owner:
    """Whose letters stand from ``first`` to ``last`` (excluded) of a text: a word's, or a whole caption's."""

    first: int
    last: int
    start: float
    end: float
    cue: int


def _text(transcript: Transcript, *, by_word: bool) -> tuple[str, list[_Owner]]:
    parts: list[str] = []
    owners: list[_Owner] = []
    length = 0
    for place, cue in enumerate(transcript.cues):
        units: Sequence[Cue | Word] = cue.words if by_word and cue.words else (cue,)
        for number, unit in enumerate(units):
            between = "\n" if number == 0 else transcript.glue
            parts += [between, unit.text]
            length += len(between)
            owners.append(_Owner(length, length + len(unit.text), unit.start, unit.end, place))
            length += len(unit.text)
    return "".join(parts), owners


def _touched(owners: Sequence[_Owner], span: tuple[int, int]) -> list[_Owner]:
    number = bisect_right(owners, span[0], key=lambda owner: owner.last)
    touched = []
    while number < len(owners) and owners[number].first < span[1]:
        touched.append(owners[number])
        number += 1
    return touched


def _hulls(units: Sequence[_Owner]) -> Iterator[Place]:
    """From the first unit to the last, in parts where they stand far apart."""
    start, end = units[0].start, units[0].end
    for unit in units[1:]:
        if unit.start - end > BRIDGED:
            yield start, end
            start, end = unit.start, unit.end
        start, end = min(start, unit.start), max(end, unit.end)
    yield start, end


def find_in_text(text: str, literal: str) -> list[tuple[int, int]]:
    """This will give the places of a literal in spoken words, as first and last letter (excluded)."""
    spans = set(patterns.find_literal(text, literal))
    spans |= set(patterns.find_literal(_unpunctuated(text), _unpunctuated(literal)))
    spans |= set(_compact(text, literal))
    return patterns.merged(spans)


def _unpunctuated(text: str) -> str:
    return re.sub(r"[^\w\s]", " ", text)


def _compact(text: str, literal: str) -> Iterator[tuple[int, int]]:
    """Letters and digits alone, from the beginning of a word to the end of one: O'Brien, OBrien, D-E-L."""
    letters, origin = _letters(text)
    wanted, _ = _letters(literal)
    at = letters.find(wanted) if wanted else -1
    while at >= 0:
        start, end = origin[at], origin[at + len(wanted) - 1] + 1
        if not (text[max(start - 1, 0) : start].isalnum() or text[end : end + 1].isalnum()):
            yield start, end
        at = letters.find(wanted, at + 1)


def _letters(text: str) -> tuple[str, list[int]]:
    kept = [
        (piece, place)
        for place, sign in enumerate(text)
        for part in unicodedata.normalize("NFKD", sign)
        for piece in part.casefold()
        if piece.isalnum()
    ]
    return "".join(piece for piece, _ in kept), [place for _, place in kept]
