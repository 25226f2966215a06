"""Words to mute, looked for a second time: an own reading of the transcript and an own way of comparing.

Nothing of the engine's reader is used; what it says it found is listened to as well.
"""

import html
import json
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from redaction.marks import Mark, Marks
from redaction.report import Finding, Report
from redaction.verify.media.clock import Clock

WITHHELD = "[withheld]"
TOUCH = 0.001  # seconds
SLACK = 0.002  # seconds by which captions, written in milliseconds, may miss
_CLOCK = r"(?:(\d+):)?(\d+):(\d+)(?:[.,](\d+))?"
_TIMING = re.compile(rf"^[ \t]*{_CLOCK}[ \t]*-->[ \t]*{_CLOCK}[^\n]*\n", re.MULTILINE)
_MARKUP = re.compile(r"</?[a-zA-Z][^<>]*>|<\d[^<>]*>|</?>|\{\\[^}]*\}")


@dataclass(frozen=True)
class Line:
    """Something said from one second of the source to another; ``single`` when it is one word."""

    start: float
    end: float
    text: str
    single: bool


def timed(marks: Marks, transcript: Path | None, report: Report, clock: Clock) -> tuple[Marks, list[Finding]]:
    """This will give each place of a literal as a mute of that id, and what is wrong with the captions."""
    spoken = [mark for mark in marks.of("mute") if mark.get("literal") is not None]
    if transcript is None:
        words = "muted words can only be checked with their transcript"
        return _without(marks, spoken), [Finding(words, mark_id=mark.id) for mark in spoken]
    lines = list(read(transcript))
    claimed = report.details.get("places", {})
    mutes: list[Mark] = []
    for mark in marks:
        if mark not in spoken:
            mutes.append(mark)
            continue
        places = places_of([line.text for line in lines], mark["literal"])
        spans = [(lines[number].start, lines[number].end) for number in places]
        spans += [(float(start), float(end)) for start, end in claimed.get(mark.id, [])]
        mutes += [
            replace(mark, fields={**mark.fields, "start": start, "end": end, "literal": None})
            for start, end in sorted(set(spans))
            if start < end
        ]
    found = Marks(tuple(mutes), marks.raw)
    return found, _captions(report.details.get("captions") or [], lines, found, spoken, clock)


def _without(marks: Marks, spoken: Sequence[Mark]) -> Marks:
    return Marks(tuple(mark for mark in marks if mark not in spoken), marks.raw)


def read(transcript: Path) -> Iterator[Line]:
    """This will give what a transcript holds, in its own order."""
    content = transcript.read_bytes()
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        text = content.decode("utf-16", "replace")
    else:
        try:
            text = content.decode("utf-8-sig")
        except UnicodeDecodeError:
            text = content.decode("cp1252", "replace")
    text = re.sub(r"\r\n?", "\n", text)
    if text.lstrip()[:1] in ("{", "["):
        yield from _objects(json.loads(text))
        return
    found = list(_TIMING.finditer(text))
    for number, match in enumerate(found):
        body = text[match.end() : found[number + 1].start() if number + 1 < len(found) else len(text)]
        if text.startswith("WEBVTT"):
            body = re.split(r"\n[ \t]*\n", "\n" + body)[0]
        elif number + 1 < len(found):
            body = re.sub(r"\n\s*\d+\s*\Z", "", "\n" + body)
        yield Line(_seconds(match.groups()[:4]), _seconds(match.groups()[4:]), _spoken(body), False)


def _seconds(parts: Sequence[str | None]) -> float:
    hours, minutes, seconds, rest = parts
    return int(hours or 0) * 3600 + int(minutes or 0) * 60 + int(seconds or 0) + float(f"0.{rest or 0}")


def _objects(value: object) -> Iterator[Line]:
    """Every innermost object that has words and times, wherever it stands."""
    if isinstance(value, list):
        for entry in value:
            yield from _objects(entry)
    elif isinstance(value, dict):
        text = value.get("word", value.get("text"))
        inner = [entry for name, entry in value.items() if name in ("segments", "words", "result") and entry]
        start, end = value.get("start"), value.get("end")
        if inner:
            yield from _objects(inner[0])
        elif isinstance(text, str):
            known = isinstance(start, int | float) and isinstance(end, int | float)
            yield Line(start or 0, (end or 0) if known else 0, _spoken(text), "word" in value)


def _spoken(text: str) -> str:
    return html.unescape(_MARKUP.sub("", text))


def places_of(texts: Sequence[str], literal: str) -> list[int]:
    """This will give the numbers of the texts that a literal touches, in one or across several."""
    letters: list[str] = []
    owners: list[int] = []
    for number, text in enumerate(texts):
        for piece in [" ", *_folded(text)]:
            if piece != " " or (letters and letters[-1] != " "):
                letters.append(piece)
                owners.append(number)
    wanted = " ".join("".join(_folded(literal)).split())
    touched: set[int] = set()
    if wanted:
        joined = "".join(letters)
        for at in _all(joined, wanted):
            touched |= set(owners[at : at + len(wanted)])
        kept = [number for number, letter in enumerate(letters) if letter != " "]
        close = "".join(letters[number] for number in kept)
        bare = wanted.replace(" ", "")
        for at in _all(close, bare):
            first, last = kept[at], kept[at + len(bare) - 1]
            if joined[first - 1 : first] in ("", " ") and joined[last + 1 : last + 2] in ("", " "):
                touched |= {owners[number] for number in kept[at : at + len(bare)]}
    return sorted(touched)


def _folded(text: str) -> Iterator[str]:
    for sign in unicodedata.normalize("NFKD", text):
        for piece in unicodedata.normalize("NFKD", sign.casefold()):
            if piece.isalnum():
                yield piece
            elif unicodedata.category(piece) not in ("Mn", "Cf"):
                yield " "


def _all(text: str, wanted: str) -> Iterator[int]:
    at = text.find(wanted)
    while at >= 0:
        yield at
        at = text.find(wanted, at + 1)


def _captions(
    captions: Sequence[dict[str, Any]],
    lines: Sequence[Line],
    mutes: Marks,
    spoken: Sequence[Mark],
    clock: Clock,
) -> list[Finding]:
    # a letter nobody speaks: "withheld" may be among the words, and no name reaches across what is gone
    texts = [str(row["text"]).replace(WITHHELD, " \ua015 ") for row in captions]
    findings = [
        Finding("the words still stand in the captions", mark_id=mark.id)
        for mark in spoken
        if places_of(texts, mark["literal"])
    ]
    if any(line.single for line in lines):
        return findings
    for mark in mutes.of("mute", "cut"):
        low, high = mark["start"] + TOUCH, mark["end"] - TOUCH
        met = [line for line in lines if line.start < high and line.end > low]
        others = [line for line in lines if line.start >= high or line.end <= low]
        spans = [span for line in met for span in clock.spans(line.start, line.end)]
        suspects = [
            row
            for row, text in zip(captions, texts, strict=True)
            if text.strip() != "\ua015"
            and any(row["start"] < end - SLACK and row["end"] > start + SLACK for start, end in spans)
        ]
        if not all(_is_one_of(others, row, clock) for row in suspects):
            findings.append(Finding("a caption tells what is said in this span", mark_id=mark.id))
    return findings


def _is_one_of(lines: Sequence[Line], row: dict[str, Any], clock: Clock) -> bool:
    """Captions may overlap in time: this one's own line does not meet the mark."""
    return any(
        abs(start - row["start"]) < 0.01 and abs(end - row["end"]) < 0.01
        for line in lines
        for start, end in clock.spans(line.start, line.end)
    )
