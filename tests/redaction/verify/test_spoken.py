import json
from pathlib import Path

import pytest

from redaction.engines import audio
from redaction.marks import Marks
from redaction.report import Report
from redaction.verify import audio as verifier
from redaction.verify.media import spoken
from redaction.verify.media.clock import clock_of
from tests.redaction.media_builders import a_report, a_sound, some_marks

SRT = (
    "1\n00:00:00,200 --> 00:00:01,000\nI saw <b>Maria</b>\n\n2\n00:00:01,000 --> 00:00:01,500\nDelgado\n\n"
    "3\n00:00:02,000 --> 00:00:02,800\nand left\n"
)
WORDS = {
    "segments": [
        {
            "start": 0.2,
            "end": 1.5,
            "text": " saw María Delgado",
            "words": [
                {"word": " saw", "start": 0.2, "end": 0.5},
                {"word": " María", "start": 0.6, "end": 1},
                {"word": " Del", "start": 1, "end": 1.2},
                {"word": "gado.", "start": 1.2, "end": 1.5},
            ],
        }
    ]
}
NAME = some_marks({"kind": "mute", "literal": "Maria Delgado"})


def transcript(folder: Path, form: str) -> Path:
    path = folder / f"a.{form}"
    path.write_text(json.dumps(WORDS) if form == "json" else SRT.replace(",", ".") if form == "vtt" else SRT)
    if form == "vtt":
        path.write_text("WEBVTT\n\n" + path.read_text())
    return path


def faults(
    target: Path, source: Path, marks: Marks, words: Path | None, report: Report | None = None
) -> list[str]:
    findings = verifier.verify(target, source, marks, report or a_report(marks, "audio"), transcript=words)
    return [str(finding) for finding in findings]


@pytest.mark.parametrize("form", ["srt", "vtt", "json"])
@pytest.mark.parametrize("style", ["silence", "tone"])
def test_muted_words_hold_and_are_counted(tmp_path: Path, form: str, style: str) -> None:
    source, target, words = a_sound(tmp_path / "in.wav"), tmp_path / "out.m4a", transcript(tmp_path, form)
    marks = some_marks(
        {"kind": "mute", "literal": "Maria Delgado", "style": style},
        {"kind": "mute", "literal": "Nobody"},
        {"kind": "cut", "start": 2.2, "end": 2.5},
    )
    report = audio.redact(source, marks, target, transcript=words)

    assert faults(target, source, marks, words, report) == []
    assert [row.verified for row in report.marks] == [1, 0, 1]
    audio.write_companions(target, report, tmp_path)
    assert "[withheld]" in (tmp_path / "captions.vtt").read_text()


@pytest.mark.parametrize("form", ["srt", "vtt", "json"])
def test_words_that_are_still_heard_are_named(tmp_path: Path, form: str) -> None:
    source, target, words = a_sound(tmp_path / "in.wav"), tmp_path / "out.wav", transcript(tmp_path, form)
    audio.redact(source, some_marks({"kind": "mute", "start": 0, "end": 0.9}), target)

    assert any("m0: sound is still heard" in fault for fault in faults(target, source, NAME, words))


def test_place_that_only_the_engine_found_is_listened_to_as_well(tmp_path: Path) -> None:
    source, target, words = a_sound(tmp_path / "in.wav"), tmp_path / "out.wav", transcript(tmp_path, "json")
    report = audio.redact(source, NAME, target, transcript=words)
    report.details["places"]["m0"].append([2.0, 2.5])

    assert any("m0: sound is still heard" in fault for fault in faults(target, source, NAME, words, report))


def test_words_cannot_be_checked_without_their_transcript(tmp_path: Path) -> None:
    target = a_sound(tmp_path / "out.wav")

    assert any("only be checked with" in fault for fault in faults(target, target, NAME, None))


@pytest.mark.parametrize("form", ["srt", "json"])
def test_captions_that_still_have_the_words_are_named(tmp_path: Path, form: str) -> None:
    source, target, words = a_sound(tmp_path / "in.wav"), tmp_path / "out.wav", transcript(tmp_path, form)
    report = audio.redact(source, NAME, target, transcript=words)
    report.details["captions"].append({"start": 2.0, "end": 2.5, "text": "MARÍA  del gado"})
    report.details["captions"].append({"start": 2.5, "end": 2.6, "text": "Maria Del-\ngado's"})

    assert "mark m0: the words still stand in the captions" in faults(target, source, NAME, words, report)


def test_caption_of_a_muted_span_is_named(tmp_path: Path) -> None:
    source, target, words = a_sound(tmp_path / "in.wav"), tmp_path / "out.wav", transcript(tmp_path, "srt")
    marks = some_marks({"kind": "mute", "start": 2.1, "end": 2.3}, {"kind": "cut", "start": 0.5, "end": 0.9})
    report = audio.redact(source, marks, target, transcript=words)
    assert faults(target, source, marks, words, report) == []
    for row in report.details["captions"]:
        row["text"] = "what was said"

    assert faults(target, source, marks, words, report) == [
        "mark m0: a caption tells what is said in this span",
        "mark m1: a caption tells what is said in this span",
    ]


def test_caption_of_another_voice_at_the_same_time_may_stand(tmp_path: Path) -> None:
    source, target, words = a_sound(tmp_path / "in.wav"), tmp_path / "out.wav", tmp_path / "a.srt"
    words.write_text(
        "1\n00:00:00,000 --> 00:00:02,000\nfirst voice\n\n2\n00:00:01,500 --> 00:00:02,500\nsecond voice\n"
    )
    marks = some_marks({"kind": "mute", "start": 0.2, "end": 0.6})
    report = audio.redact(source, marks, target, transcript=words)

    assert [row["text"] for row in report.details["captions"]] == ["[withheld]", "second voice"]
    assert faults(target, source, marks, words, report) == []


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1252"])
def test_transcripts_in_other_encodings_are_read_again(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "a.srt"
    path.write_bytes("1\r\n00:01,000 --> 00:02,000\r\nJosé &amp; <i>Ana</i>\r\n".encode(encoding))

    lines = list(spoken.read(path))

    assert spoken.places_of([line.text for line in lines], "JOSE ana") == [0]
    assert (lines[0].start, lines[0].end) == (1, 2)


@pytest.mark.parametrize(
    ("texts", "literal", "places"),
    [
        (["plan", "b"], "an b", [0, 1]),
        (["disagree"], "is a", []),
        (["Del", "gado", "x"], "Delgado", [0, 1]),
        (["O’Brien"], "OBrien", [0]),
        (["x"], "-", []),
    ],
)
def test_words_are_compared_by_their_letters(texts: list[str], literal: str, places: list[int]) -> None:
    assert spoken.places_of(texts, literal) == places


def test_words_without_times_leave_the_place_to_the_engine(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text('{"words": [{"word": "Maria"}, {"word": "x", "start": 1, "end": 2}]}')

    found, _ = spoken.timed(NAME, path, a_report(NAME, "audio"), clock_of(NAME.effective, 3))

    assert len(found) == 0
