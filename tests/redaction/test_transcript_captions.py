from pathlib import Path

import pytest

from redaction import transcript_captions
from redaction.report import Refused, Report
from redaction.transcript import Speech
from redaction.transcript_captions import compose, write_captions
from redaction.transcript_reading import Cue, Transcript, Word
from tests.redaction.media_builders import some_marks


def muted(start: float, end: float) -> dict[str, object]:
    return {"kind": "mute", "start": start, "end": end}


def said(*cues: Cue, mutes: tuple[dict[str, object], ...] = (), literal: str | None = None) -> Speech:
    literals = {"m": literal} if literal else {}
    return Speech(some_marks(*mutes), literals=literals, transcript=Transcript("srt", cues))


def texts(speech: Speech, cuts: tuple[tuple[float, float], ...] = ()) -> list[tuple[float, float, str]]:
    return [(row["start"], row["end"], row["text"]) for row in compose(speech, 20, cuts)]


def test_caption_that_meets_a_mute_is_withheld_whole() -> None:
    speech = said(
        Cue(0, 2, "before"),
        Cue(2, 4, "touched"),
        Cue(4, 6, "after"),
        mutes=(muted(3, 4),),
    )

    assert texts(speech) == [(0, 2, "before"), (2, 4, "[withheld]"), (4, 6, "after")]


def test_only_the_words_that_meet_a_mute_are_withheld_where_words_have_times() -> None:
    words = tuple(Word(at, at + 1, text) for at, text in enumerate(["I", "saw", "Maria", "Delgado", "here"]))
    speech = said(Cue(0, 5, "I saw Maria Delgado here", words), mutes=(muted(2, 4),))

    assert texts(speech) == [(0, 5, "I saw [withheld] here")]


def test_words_with_their_own_blanks_are_joined_as_they_are() -> None:
    words = (Word(0, 1, " I"), Word(1, 2, " saw"), Word(2, 3, " Del"), Word(3, 4, "gado"))
    transcript = Transcript("json", (Cue(0, 4, "I saw Delgado", words),), glue="")
    speech = Speech(some_marks({"kind": "mute", "start": 2, "end": 4}), transcript=transcript)

    assert texts(speech) == [(0, 4, "I saw [withheld]")]


def test_times_move_with_the_cuts_and_what_was_cut_is_gone() -> None:
    cues = (Cue(0, 2, "one"), Cue(3, 4, "gone"), Cue(4, 6, "half"), Cue(6, 8, "three"), Cue(30, 31, "beyond"))

    found = texts(said(*cues), ((3, 5), (7.99, 8)))

    assert found == [(0, 2, "one"), (3, 4, "[withheld]"), (4, 5.99, "[withheld]")]


def test_words_that_meet_only_after_a_cut_are_withheld_too() -> None:
    cues = (Cue(0, 2, "it was Maria"), Cue(2, 4, "gone"), Cue(4, 6, "Delgado again"))

    found = texts(said(*cues, literal="Maria Delgado"), ((2, 4),))

    assert [text for _, _, text in found] == ["it was [withheld]", "[withheld] again"]


def test_the_sign_for_what_is_withheld_is_no_word() -> None:
    speech = said(
        Cue(0, 2, "it was withheld"),
        Cue(2, 4, "x"),
        mutes=(muted(2, 4),),
        literal="withheld",
    )

    assert [text for _, _, text in texts(speech)] == ["it was [withheld]", "[withheld]"]


def test_words_that_cannot_be_taken_out_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transcript_captions, "_blank_out", lambda texts, literal: True)

    with pytest.raises(Refused, match="captions"):
        compose(said(Cue(0, 2, "x"), literal="x"), 20, ())


def test_captions_are_written_with_nothing_but_times_and_words(tmp_path: Path) -> None:
    row = {"start": 3661.5, "end": 3662.0004, "text": "a <b> & --> c"}

    write_captions(Report(engine="", medium="audio", details={"captions": [row]}), tmp_path)

    assert (tmp_path / "captions.vtt").read_text() == (
        "WEBVTT\n\n01:01:01.500 --> 01:01:02.000\na &lt;b&gt; &amp; --&gt; c\n"
    )


def test_no_transcript_makes_no_captions(tmp_path: Path) -> None:
    assert compose(Speech(some_marks()), 20, ()) == []

    write_captions(Report(engine="", medium="audio"), tmp_path)

    assert list(tmp_path.iterdir()) == []
