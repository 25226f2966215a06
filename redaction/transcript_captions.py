"""Captions of what remains: the transcript's words less those that were muted or cut, on the new clock.

They travel in the report, so that the verifier checks the very lines that go out.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from redaction.report import Refused, Report
from redaction.transcript import Place, Speech, find_in_text
from redaction.transcript_reading import Cue, Transcript

NAME = "captions.vtt"
WITHHELD = "[withheld]"
SHORTEST = 0.05  # seconds: a caption shown for less is left out
TOUCH = 0.001  # seconds: words that only meet a muted span are heard
ROUNDS = 10
STRANGER = "\ua015"  # a letter of the Yi script: no word reaches across it


def compose(speech: Speech, duration: float, cuts: Sequence[Place]) -> list[dict[str, Any]]:
    """This will give the captions of a release: ``start`` and ``end`` in seconds of the output, ``text``.

    ``cuts`` are merged and in order, in seconds of a source that lasts ``duration``.

    :raises Refused: when a word that is withheld cannot be taken out of them.
    """
    if speech.transcript is None:
        return []
    gone = sorted([(mark["start"], mark["end"]) for mark in speech.marks.of("mute")] + list(cuts))
    rows = []
    for cue in speech.transcript.cues:
        start, end = (time - _shift(time, cuts) for time in (cue.start, min(cue.end, duration)))
        if end - start >= SHORTEST:
            text = _remaining(cue, speech.transcript, gone)
            rows.append({"start": round(start, 3), "end": round(end, 3), "text": text})
    texts = [str(row["text"]) for row in rows]
    for _ in range(ROUNDS):
        left = [literal for literal in speech.literals.values() if _blank_out(texts, literal)]
        if not left:
            break
    else:
        raise Refused("the words to mute cannot be taken out of the captions")
    return [row | {"text": text} for row, text in zip(rows, texts, strict=True)]


def write_captions(report: Report, folder: Path) -> None:
    """This will write the report's captions, if there are any, as WebVTT without styles, names or notes."""
    captions = report.details.get("captions")
    if captions:
        (folder / NAME).write_text("".join(_lines(captions)), "utf-8")


def _shift(time: float, cuts: Sequence[Place]) -> float:
    return sum(min(end, time) - start for start, end in cuts if start < time)


def _remaining(cue: Cue, transcript: Transcript, gone: Sequence[Place]) -> str:
    near = [(start, end) for start, end in gone if start < cue.end - TOUCH and end > cue.start + TOUCH]
    if not near:
        return cue.text
    if not cue.words:
        return WITHHELD
    parts: list[str] = []
    for word in cue.words:
        withheld = any(start < word.end - TOUCH and end > word.start + TOUCH for start, end in near)
        if not withheld:
            parts.append(word.text)
        elif not parts or parts[-1].strip() != WITHHELD:
            parts.append(f" {WITHHELD}" if not transcript.glue else WITHHELD)
    return " ".join(transcript.glue.join(parts).split()) or WITHHELD


def _blank_out(texts: list[str], literal: str) -> bool:
    """Words that stand together only since what was between them is gone; whether there were any."""
    # the sign for what is withheld is no word, even where "withheld" is to be muted
    hidden = STRANGER * len(WITHHELD)
    text = "\n".join(each.replace(WITHHELD, hidden) for each in texts)
    spans = find_in_text(text, literal)
    at = 0
    for number, each in enumerate(texts):
        touched = [
            (max(a - at, 0), min(b - at, len(each))) for a, b in spans if a < at + len(each) and b > at
        ]
        for start, end in reversed(touched):
            texts[number] = texts[number][:start] + WITHHELD + texts[number][end:]
        at += len(each) + 1
    return bool(spans)


def _lines(captions: Sequence[dict[str, Any]]) -> Iterator[str]:
    yield "WEBVTT\n"
    for row in captions:
        text = str(row["text"]).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
        yield f"\n{_stamp(row['start'])} --> {_stamp(row['end'])}\n{text}\n"


def _stamp(seconds: float) -> str:
    whole, thousandths = divmod(round(seconds * 1000), 1000)
    return f"{whole // 3600:02d}:{whole // 60 % 60:02d}:{whole % 60:02d}.{thousandths:03d}"
