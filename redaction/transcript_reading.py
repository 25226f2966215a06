"""Transcripts as they come: SRT, WebVTT, or timed words as JSON. Strict where a slip would leave a word open.

What a tag says (a voice's name, a style, a place on the screen) is not spoken and does not pass.
"""

import html
import json
import math
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from redaction import limits
from redaction.report import Refused

LARGEST_FILE = limits.TRANSCRIPT_BYTES
MOST_WORDS = 2_000_000
LONGEST = 7 * 24 * 3600.0  # seconds: a time beyond it is a time in another unit
UNTIMED = 2.0  # seconds given to a caption that ends as it begins and has none behind it
PAUSE, LONGEST_CUE, WIDEST_CUE = 0.8, 7.0, 80  # seconds, seconds, letters: where a row of words is parted

_TIMING = re.compile(
    r"\s*(?:(\d{1,4}):)?(\d{1,2}):(\d{1,2})(?:[.,](\d{1,3}))?\s*-->"
    r"\s*(?:(\d{1,4}):)?(\d{1,2}):(\d{1,2})(?:[.,](\d{1,3}))?(?:\s.*)?"
)
_TAG = re.compile(r"</?[a-zA-Z][^<>]*>|<\d[\d:.]*>|</?>|\{\\[^}]*\}")


@dataclass(frozen=True)
class Word:
    """Seconds of the recording."""

    start: float
    end: float
    text: str


@dataclass(frozen=True)
class Cue:
    """A stretch of speech; ``words`` is empty where only the whole has times."""

    start: float
    end: float
    text: str
    words: tuple[Word, ...] = ()


@dataclass(frozen=True)
class Transcript:
    """``glue`` stands between two words: nothing where the words bring their own blanks."""

    format: str
    cues: tuple[Cue, ...]
    glue: str = " "


def read(path: Path) -> Transcript:
    """This will read a transcript, told by its content.

    :raises Refused: with line or word, when anything in it cannot be understood.
    """
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise Refused(f"the transcript is larger than {LARGEST_FILE >> 20} MiB")
        content = path.read_bytes()
    except OSError as error:
        raise Refused(f"the transcript cannot be read: {error.strerror}") from error
    text = _decoded(content).replace("\r\n", "\n").replace("\r", "\n")
    if text.lstrip()[:1] in ("{", "["):
        found = _timed_words(text)
    elif text.startswith("WEBVTT"):
        found = Transcript("vtt", tuple(_captions(text, numbered=False)))
    else:
        found = Transcript("srt", tuple(_captions(text, numbered=True)))
    if not found.cues:
        raise Refused("the transcript holds no words: SRT, VTT and timed words (JSON) are known")
    return replace(found, cues=tuple(sorted(found.cues, key=lambda cue: cue.start)))


def plain(text: str) -> str:
    """This will give a caption's words without tags, entities and signs that do not show."""
    shown = html.unescape(_TAG.sub("", text))
    kept = "".join(sign for sign in shown if sign == "\n" or not unicodedata.category(sign).startswith("C"))
    return "\n".join(line.strip() for line in kept.split("\n") if line.strip())


def _decoded(content: bytes) -> str:
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return content.decode("utf-16", errors="replace")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace")


def _captions(text: str, *, numbered: bool) -> Iterator[Cue]:
    """An SRT's caption ends where the next one's number and times are, a VTT's at a blank line."""
    lines = text.split("\n")
    timings = [number for number, line in enumerate(lines) if "-->" in line]
    spans = [_times(lines[number], number + 1) for number in timings]
    for place, (number, (start, end)) in enumerate(zip(timings, spans, strict=True)):
        following = timings[place + 1] if place + 1 < len(timings) else len(lines)
        body = lines[number + 1 : following]
        if numbered:
            while body and not body[-1].strip():
                body.pop()
            if following < len(lines) and body and re.fullmatch(r"\s*\d+\s*", body[-1]):
                body.pop()
        elif "" in (stripped := [line.strip() for line in body]):
            body = body[: stripped.index("")]
        if end <= start:
            later = [begin for begin, _ in spans[place + 1 :] if begin > start]
            end = min(later[0] if later else start + UNTIMED, start + UNTIMED)
        words = plain("\n".join(body))
        if words:
            yield Cue(start, end, words)


def _times(line: str, number: int) -> tuple[float, float]:
    match = _TIMING.fullmatch(line)
    if match is None:
        raise Refused(f"line {number} of the transcript has times that cannot be read")
    parts = match.groups()
    start, end = (
        int(hours or 0) * 3600 + int(minutes) * 60 + int(seconds) + int((rest or "0").ljust(3, "0")) / 1000
        for hours, minutes, seconds, rest in (parts[:4], parts[4:])
    )
    if end < start:
        raise Refused(f"line {number} of the transcript ends before it begins")
    return start, end


def _timed_words(text: str) -> Transcript:
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise Refused("the transcript looks like JSON and is none") from error
    if isinstance(data, dict):
        # whisper, then the programs that list words beside them
        data = next((data[name] for name in ("segments", "words", "result") if _filled(data.get(name))), None)
    if not _filled(data):
        raise Refused("the transcript is JSON without a list of words or segments")
    cues: list[Cue] = []
    loose: list[Word] = []
    count = 0
    for number, entry in enumerate(data, start=1):
        if not isinstance(entry, dict):
            raise Refused(f"entry {number} of the transcript is not an object")
        if isinstance(entry.get("word"), str):
            loose.append(_word(entry, f"word {number}"))
            count += 1
            continue
        cues.append(_segment(entry, number))
        count += len(cues[-1].words)
        if count > MOST_WORDS:
            raise Refused(f"the transcript has more than {MOST_WORDS:,} words")
    words = [word for cue in cues for word in cue.words] + loose
    glue = "" if any(word.text[:1].isspace() for word in words) else " "
    if loose:
        cues += _parted(_settled(loose, None), glue)
    spoken = [cue for cue in cues if cue.text.strip()]
    return Transcript("json", tuple(spoken), glue)


def _filled(value: object) -> bool:
    return isinstance(value, list) and len(value) > 0


def _segment(entry: dict[str, Any], number: int) -> Cue:
    name = f"segment {number}"
    start, end = _second(entry, "start", name), _second(entry, "end", name)
    if start is None or end is None:
        raise Refused(f"{name} of the transcript has no start and end in seconds")
    given = entry.get("words") or []
    if not isinstance(given, list) or not all(
        isinstance(each, dict) and isinstance(each.get("word", each.get("text")), str) for each in given
    ):
        raise Refused(f"{name} of the transcript has words that cannot be read")
    words = [_word(each, f"a word of {name}") for each in given]
    text = entry.get("text", "")
    if not isinstance(text, str) or not (text or words):
        raise Refused(f"{name} of the transcript has no text")
    whole = Cue(start, max(end, start), plain(text))
    settled = _settled(words, whole)
    if settled:
        start, end = min(start, settled[0].start), max(end, *(word.end for word in settled))
    elif end <= start:
        end = start + UNTIMED
    return Cue(start, end, whole.text or " ".join(word.text.strip() for word in words), settled)


def _word(entry: dict[str, Any], name: str) -> Word:
    start, end = _second(entry, "start", name), _second(entry, "end", name)
    return Word(
        math.nan if start is None else start,
        math.nan if end is None else end,
        "".join(
            " " if sign.isspace() else sign
            for sign in str(entry.get("word", entry.get("text")))
            if sign.isspace() or not unicodedata.category(sign).startswith("C")
        ),
    )


def _second(entry: dict[str, Any], field: str, name: str) -> float | None:
    value = entry.get(field)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= LONGEST:
        raise Refused(f"{name} of the transcript has a {field} that is no time in seconds")
    return float(value)


def _settled(words: Sequence[Word], whole: Cue | None) -> tuple[Word, ...]:
    """Words that lack a time, or have none between start and end, reach to their neighbours."""
    settled: list[Word] = []
    before = whole.start if whole else 0.0
    for number, word in enumerate(words):
        start, end = word.start, word.end
        if math.isnan(start) or not end > start:
            known = [each.start for each in words[number + 1 : number + 50] if each.start >= before]
            after = known[0] if known else (whole.end if whole else math.nan)
            start = before if math.isnan(start) else min(before, start)
            end = max(start if math.isnan(end) else end, start if math.isnan(after) else after)
            end = end if end > start else start + UNTIMED
        settled.append(Word(start, end, word.text))
        if not math.isnan(word.start):  # several words in a row without times share one stretch
            before = max(before, word.start if math.isnan(word.end) else word.end)
    return tuple(settled)


def _parted(words: Sequence[Word], glue: str) -> Iterator[Cue]:
    """A row of words as captions: parted at pauses, and before one gets too long to read."""
    row: list[Word] = []
    for word in words:
        long = row and (
            word.start - row[-1].end > PAUSE
            or word.end - row[0].start > LONGEST_CUE
            or sum(len(each.text) + 1 for each in row) > WIDEST_CUE
        )
        if long:
            yield _row(row, glue)
            row = []
        row.append(word)
    if row:
        yield _row(row, glue)


def _row(row: Sequence[Word], glue: str) -> Cue:
    text = glue.join(word.text for word in row).strip()
    return Cue(min(word.start for word in row), max(word.end for word in row), text, tuple(row))
