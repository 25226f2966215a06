import json
from pathlib import Path

import pytest

from redaction import transcript
from redaction.marks import Marks
from redaction.report import MarksError
from redaction.transcript import find, listen
from redaction.transcript_reading import Cue, Transcript, Word
from tests.redaction.media_builders import some_marks


def spoken(*texts: str, glue: str = " ") -> Transcript:
    """Each text is a caption of one word a second, ten seconds apart."""
    cues = []
    for number, text in enumerate(texts):
        parts = text.split() if glue else text.split("|")
        words = tuple(Word(10 * number + at, 10 * number + at + 1, part) for at, part in enumerate(parts))
        cues.append(Cue(10 * number, 10 * number + len(parts), text.replace("|", ""), words))
    return Transcript("json", tuple(cues), glue)


def captions(*texts: str, length: float = 2) -> Transcript:
    return Transcript(
        "srt", tuple(Cue(number * length, (number + 1) * length, text) for number, text in enumerate(texts))
    )


@pytest.mark.parametrize(
    ("text", "literal", "places"),
    [
        ("we saw Maria Delgado there", "Maria Delgado", [(2, 4)]),
        ("we saw MARÍA Delgado's car", "maria delgado", [(2, 4)]),
        ("this is Delgado, Maria", "Delgado Maria", [(2, 4)]),
        ("mister O’Brien and OBrien and O Brien", "O'Brien", [(1, 2), (3, 4), (5, 7)]),
        ("Smith-Jones or Smith Jones", "Smith-Jones", [(0, 1), (2, 4)]),
        ("spell it D-E-L-G-A-D-O or D E L G A D O", "Delgado", [(2, 3), (4, 11)]),
        ("an officer oﬀered", "offered", [(2, 3)]),
        ("Annual plans", "Ann", [(0, 1)]),
        ("he is a man who disagrees", "is a", [(1, 3)]),
        ("nobody at all", "Maria", []),
        ("Maria and Maria", "Maria", [(0, 1), (2, 3)]),
        ("five - five", "-", [(1, 2)]),
    ],
)
def test_words_are_found_however_they_are_written(
    text: str, literal: str, places: list[tuple[float, float]]
) -> None:
    assert find(spoken(text), literal) == places


def test_pieces_of_one_word_are_found_together() -> None:
    assert find(spoken(" I| saw| Del|gado|.", glue=""), "Delgado") == [(2, 4)]


def test_name_that_two_captions_share_is_found_with_the_pause_between() -> None:
    close = Transcript("srt", (Cue(0, 2, "I saw Maria"), Cue(4, 6, "Delgado there")))
    broken = Transcript("srt", (Cue(0, 2, "I saw Del-"), Cue(2, 4, "gado there")))
    far = Transcript("srt", (Cue(0, 2, "I saw Maria"), Cue(60, 62, "Delgado there")))

    assert find(close, "Maria Delgado") == [(0, 6)]
    assert find(broken, "Delgado") == [(0, 4)]
    assert find(far, "Maria Delgado") == [(0, 2), (60, 62)]


def test_whole_caption_goes_where_no_word_has_times() -> None:
    assert find(captions("hello", "it was Maria", "bye"), "Maria") == [(2, 4)]


def test_word_that_only_the_caption_knows_takes_the_whole_caption() -> None:
    cue = Cue(3, 6, "it was Maria and Maria", (Word(3, 4, "it was"), Word(5, 5.5, "Maria")))

    assert find(Transcript("json", (cue,)), "Maria") == [(3, 6), (5, 5.5)]


def test_each_place_becomes_a_mute_of_the_same_id(tmp_path: Path) -> None:
    path = tmp_path / "w.json"
    words = [{"word": word, "start": at, "end": at + 1} for at, word in enumerate(["Maria", "and", "Maria"])]
    path.write_text(json.dumps(words))
    marks = some_marks(
        {"kind": "mute", "literal": "Maria", "style": "tone"}, {"kind": "cut", "start": 1, "end": 2}
    )

    speech = listen(marks, path, 2.5)

    assert [(mark.id, mark["start"], mark["end"]) for mark in speech.marks] == [
        ("m0", 0, 1),
        ("m0", 2, 2.5),
        ("m1", 1, 2),
    ]
    assert speech.marks.of("mute")[0]["style"] == "tone"
    assert speech.outcome(marks.marks[0]).requested == 2
    assert speech.outcome(marks.marks[0], done=False).applied == 0
    assert speech.outcome(marks.marks[1]).applied == 1
    assert speech.details["places"] == {"m0": [[0, 1], [2, 2.5]]}
    assert any("listen to each place" in warning for warning in speech.warnings)


def test_words_found_nowhere_are_a_warning_and_count_nothing(tmp_path: Path) -> None:
    (tmp_path / "a.srt").write_text("00:00:01,000 --> 00:00:09,000\nhello\n")
    marks = some_marks({"kind": "mute", "literal": "Maria"})

    speech = listen(marks, tmp_path / "a.srt", 3)

    assert len(speech.marks) == 0
    assert speech.outcome(marks.marks[0]).requested == 0
    assert speech.warnings == [
        "mark m0: its words are nowhere in the transcript",
        "the transcript goes on 6 s past the recording's end: is it the right one?",
    ]


def test_whole_captions_are_said_to_be_muted(tmp_path: Path) -> None:
    (tmp_path / "a.srt").write_text("00:00:01,000 --> 00:00:02,000\nMaria\n")

    speech = listen(some_marks({"kind": "mute", "literal": "Maria"}), tmp_path / "a.srt", 3)

    assert "whole captions were muted" in speech.warnings[0]


def test_words_past_the_end_name_the_mark(tmp_path: Path) -> None:
    (tmp_path / "a.srt").write_text("00:00:05,000 --> 00:00:06,000\nMaria\n")

    with pytest.raises(MarksError, match="mark m0: the transcript has these words at 5 s"):
        listen(some_marks({"kind": "mute", "literal": "Maria"}), tmp_path / "a.srt", 3)


def test_words_without_a_transcript_name_the_mark() -> None:
    with pytest.raises(MarksError, match="mark m0: muting words needs a transcript"):
        listen(some_marks({"kind": "mute", "literal": "Maria"}), None, 3)

    assert listen(Marks(), None, 3).transcript is None


def test_an_hour_of_speech_is_searched_in_seconds() -> None:
    words = tuple(Word(at / 3, at / 3 + 0.3, "word" if at % 1000 else "Maria") for at in range(10_000))

    assert len(transcript.find(Transcript("json", (Cue(0, 3600, "", words),)), "Maria")) == 10
