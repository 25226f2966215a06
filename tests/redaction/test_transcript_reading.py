import json
from pathlib import Path

import pytest

from redaction import transcript_reading
from redaction.report import Refused
from redaction.transcript_reading import Cue, Word


def cues(path: Path, content: str | bytes) -> list[tuple[float, float, str]]:
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return [(cue.start, cue.end, cue.text) for cue in transcript_reading.read(path).cues]


def words(path: Path, data: object) -> list[Word]:
    path.write_text(json.dumps(data))
    return [word for cue in transcript_reading.read(path).cues for word in cue.words]


def test_srt_keeps_what_follows_a_blank_line_inside_a_caption(tmp_path: Path) -> None:
    found = cues(
        tmp_path / "a.srt",
        "1\r\n00:00:01,000 --> 00:00:02,500 X1:10 Y1:20\r\nHello <i>there</i>\r\n\r\nMaria\r\n\r\n2\r\n"
        "00:01:00,5 --> 01:00:00,000\r\n{\\an8}Bye &amp; <font color='red'>good</font> \u202eluck",
    )

    assert found == [(1.0, 2.5, "Hello there\nMaria"), (60.5, 3600.0, "Bye & good luck")]


def test_srt_without_numbers_and_in_other_encodings_is_read(tmp_path: Path) -> None:
    text = "00:00:01,000 --> 00:00:02,000\nJosé\n\n00:00:03,000 --> 00:00:04,000\n1984\n"

    for encoding in ("utf-8-sig", "utf-16", "cp1252"):
        assert cues(tmp_path / "a.srt", text.encode(encoding)) == [(1, 2, "José"), (3, 4, "1984")]


def test_vtt_gives_no_notes_styles_names_of_voices_or_settings(tmp_path: Path) -> None:
    found = cues(
        tmp_path / "a.vtt",
        "WEBVTT - SECRET TITLE\nKind: captions\n\nNOTE written by SECRET\n\nSTYLE\n::cue { color: red }\n\n"
        "id-7\n00:01.000 --> 00:02.000 line:0 position:20%\n<v Maria Delgado>Help<00:01.500><c.loud> me</c>\n"
        "second line\n\nloose words\n\n00:03.000 --> 00:04.000\n&lt;b&gt; 2 < 3\n",
    )

    assert found == [(1.0, 2.0, "Help me\nsecond line"), (3.0, 4.0, "<b> 2 < 3")]


def test_caption_that_ends_as_it_begins_reaches_to_the_next(tmp_path: Path) -> None:
    text = (
        "00:01.000 --> 00:01.000\nMaria\n\n00:02.000 --> 00:02.000\nDelgado\n\n00:09.000 --> 00:09.000\nEnd\n"
    )

    found = cues(tmp_path / "a.vtt", "WEBVTT\n\n" + text)

    assert found == [(1, 2, "Maria"), (2, 4, "Delgado"), (9, 11, "End")]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("00:00:0x,000 --> 00:00:02,000\nHi", "line 1"),
        ("\n00:00:03,000 --> 00:00:02,000\nHi", "line 2 of the transcript ends before it begins"),
        ("just words", "holds no words"),
        ("", "holds no words"),
        ("{", "looks like JSON"),
        ("{}", "without a list of words"),
        ('{"words": []}', "without a list of words"),
        ("[3]", "entry 1"),
        ('[{"text": "Hi"}]', "segment 1 of the transcript has no start"),
        ('[{"text": 3, "start": 1, "end": 2}]', "segment 1 of the transcript has no text"),
        ('[{"start": 1, "end": 2, "words": [3]}]', "words that cannot be read"),
        ('[{"word": "Hi", "start": -1, "end": 2}]', "word 1 of the transcript has a start that is no time"),
        ('[{"word": "Hi", "start": 1, "end": "2"}]', "end that is no time"),
        ('[{"word": "Hi", "start": 1, "end": 7e7}]', "end that is no time"),
    ],
)
def test_what_cannot_be_understood_is_refused(tmp_path: Path, content: str, said: str) -> None:
    with pytest.raises(Refused, match=said):
        cues(tmp_path / "a.txt", content)


def test_too_large_or_missing_transcripts_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(Refused, match="cannot be read"):
        transcript_reading.read(tmp_path / "none.srt")
    monkeypatch.setattr(transcript_reading, "LARGEST_FILE", 3)
    with pytest.raises(Refused, match="larger"):
        cues(tmp_path / "a.srt", "00:01.000 --> 00:02.000\nHi")
    monkeypatch.setattr(transcript_reading, "LARGEST_FILE", 3000)
    monkeypatch.setattr(transcript_reading, "MOST_WORDS", 0)
    with pytest.raises(Refused, match="more than 0 words"):
        cues(tmp_path / "a.json", '[{"start": 1, "end": 2, "words": [{"word": "a", "start": 1, "end": 2}]}]')


def test_words_of_whisper_bring_their_own_blanks(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    data = {
        "text": " Maria Delgado",
        "segments": [
            {
                "start": 1,
                "end": 3,
                "text": " Maria Delgado",
                "words": [
                    {"word": " Maria", "start": 1, "end": 1.5, "probability": 0.9},
                    {"word": " Del", "start": 1.5, "end": 2},
                    {"word": "gado", "start": 2, "end": 3},
                ],
            }
        ],
    }

    found = words(path, data)

    assert found == [Word(1, 1.5, " Maria"), Word(1.5, 2, " Del"), Word(2, 3, "gado")]
    assert transcript_reading.read(path).glue == ""
    assert transcript_reading.read(path).cues[0].text == "Maria Delgado"


def test_row_of_words_is_parted_at_pauses_and_before_it_gets_long(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    entries = [{"word": f"w{n}", "start": n, "end": n + 0.9} for n in range(10)]
    entries.append({"word": "late", "start": 20, "end": 21})
    path.write_text(json.dumps({"words": entries}))

    found = transcript_reading.read(path)

    assert found.glue == " "
    assert [cue.text for cue in found.cues] == ["w0 w1 w2 w3 w4 w5 w6", "w7 w8 w9", "late"]


def test_word_without_times_reaches_to_its_neighbours(tmp_path: Path) -> None:
    data = [
        {
            "start": 1,
            "end": 9,
            "text": "It was 42 Elm Street",
            "words": [
                {"word": "It", "start": 1, "end": 2},
                {"word": "was", "start": 3, "end": 3},
                {"word": "42"},
                {"word": "old"},
                {"word": "Elm", "start": 6, "end": 7},
                {"word": "Street", "start": 7.5},
            ],
        }
    ]

    found = words(tmp_path / "a.json", data)

    assert found == [
        Word(1, 2, "It"),
        Word(2, 6, "was"),
        Word(3, 6, "42"),
        Word(3, 6, "old"),
        Word(6, 7, "Elm"),
        Word(7, 9, "Street"),
    ]


def test_segments_without_words_are_captions_and_empty_ones_are_left_out(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text(
        json.dumps(
            [
                {"start": 5, "end": 5, "text": "b"},
                {"start": 1, "end": 2, "text": "a"},
                {"start": 3, "end": 4, "text": " "},
            ]
        )
    )

    assert list(transcript_reading.read(path).cues) == [Cue(1, 2, "a"), Cue(5, 7, "b")]
