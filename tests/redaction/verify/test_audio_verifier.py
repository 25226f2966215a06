import struct
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from redaction.engines import audio
from redaction.marks import Marks
from redaction.report import Refused
from redaction.verify import audio as verifier
from redaction.verify.media import sounds
from tests.redaction.media_builders import (
    a_report,
    a_sound,
    a_video,
    damaged,
    remuxed,
    sine,
    some_marks,
)

EMPTY = b"ffmpeg" + bytes(4)  # a FLAC's comments: who made it, and none


def faults(target: Path, source: Path, marks: Marks) -> dict[str | None, str]:
    report = a_report(marks, "audio")
    findings = verifier.verify(target, source, marks, report)
    for row in report.marks:
        assert row.verified == (0 if row.id in {finding.mark_id for finding in findings} else 1)
    return {finding.mark_id: finding.message for finding in findings}


@pytest.mark.parametrize(
    ("suffix", "rate"), [*((suffix, 44_100) for suffix in audio.SUFFIXES), (".wav", 8_000), (".m4a", 8_000)]
)
def test_honest_output_holds(tmp_path: Path, suffix: str, rate: int) -> None:
    source, target = a_sound(tmp_path / "in.wav", rate=rate, channels=2), tmp_path / f"out{suffix}"
    marks = some_marks(
        {"kind": "mute", "start": 0.5, "end": 0.9},
        {"kind": "mute", "start": 0.8, "end": 1.3, "style": "tone"},
        {"kind": "mute", "start": 1.8, "end": 2.3, "style": "tone"},
        {"kind": "cut", "start": 2, "end": 2.1},
        {"kind": "cut", "start": 0.3, "end": 0.5},
    )
    audio.redact(source, marks, target)

    assert faults(target, source, marks) == {}


@pytest.mark.parametrize("suffix", [".wav", ".m4a", ".mp3"])
@pytest.mark.parametrize("style", ["silence", "tone"])
def test_mute_that_was_not_applied_is_named(tmp_path: Path, suffix: str, style: str) -> None:
    source, target = a_sound(tmp_path / "in.wav"), tmp_path / f"out{suffix}"
    audio.redact(source, Marks(), target)

    found = faults(target, source, some_marks({"kind": "mute", "start": 1, "end": 2, "style": style}))

    assert "still heard" in found["m0"]


def test_mute_that_is_50_ms_too_short_is_named(tmp_path: Path) -> None:
    source, target = a_sound(tmp_path / "in.wav"), tmp_path / "out.wav"
    audio.redact(source, some_marks({"kind": "mute", "start": 1, "end": 1.9}), target)

    assert "m0" in faults(target, source, some_marks({"kind": "mute", "start": 1, "end": 2}))


def test_sound_left_in_one_channel_is_named(tmp_path: Path) -> None:
    source, target = a_sound(tmp_path / "in.wav", channels=2), tmp_path / "out.wav"
    marks = some_marks({"kind": "mute", "start": 1, "end": 2})
    audio.redact(source, marks, target)
    raw = bytearray(target.read_bytes())
    first = raw.index(b"data") + 8 + 48_000 * 4 + 2
    for at in range(first, first + 20_000 * 4, 4):
        struct.pack_into("<h", raw, at, 3000 if at % 400 < 200 else -3000)
    target.write_bytes(raw)

    assert "still heard" in faults(target, source, marks)["m0"]


def test_cut_that_was_not_made_is_named(tmp_path: Path) -> None:
    source, target = a_sound(tmp_path / "in.wav"), tmp_path / "out.wav"
    audio.redact(source, Marks(), target)

    found = faults(target, source, some_marks({"kind": "cut", "start": 1, "end": 2}))

    assert "1.00 s more sound" in found["m0"]


def test_end_removed_in_place_of_the_cut_is_named(tmp_path: Path) -> None:
    noise = np.random.default_rng(3).normal(0, 0.1, (1, 3 * 48_000)).astype(np.float32)
    source = a_sound(tmp_path / "in.wav", samples=noise)
    target = a_sound(tmp_path / "out.wav", samples=noise[:, : 2 * 48_000])

    found = faults(target, source, some_marks({"kind": "cut", "start": 1, "end": 2}))

    assert "still there" in found["m0"]


def test_faint_sound_all_over_a_mute_is_named(tmp_path: Path) -> None:
    source = a_sound(tmp_path / "in.wav")
    marks = some_marks({"kind": "mute", "start": 1, "end": 2})
    values = sine(3, 440)
    values[:, 48_000:96_000] *= 10 ** (-65 / 20)
    target = a_sound(tmp_path / "out.wav", samples=values)

    assert "still heard" in faults(target, source, marks)["m0"]


@pytest.mark.parametrize("suffix", [".ogg", ".flac", ".mp3"])
def test_bytes_and_tags_beside_the_sound_are_named(tmp_path: Path, suffix: str) -> None:
    tagged = a_sound(tmp_path / f"tagged{suffix}", metadata={"title": "PLANTED"})
    target = tmp_path / f"out{suffix}"
    audio.redact(tagged, Marks(), target)
    clean = verifier.examine(target)
    target.write_bytes(target.read_bytes() + b"TAG" + b"PLANTED".ljust(125, b"\0"))

    assert clean == []
    assert verifier.examine(tagged) != []
    assert verifier.examine(target) != []


def test_loose_bytes_between_the_frames_of_an_mp3_are_named(tmp_path: Path) -> None:
    target = tmp_path / "out.mp3"
    audio.redact(a_sound(tmp_path / "in.wav"), Marks(), target)
    target.write_bytes(target.read_bytes() + b"a letter hidden at the end" * 20)

    assert any("belong to no sound" in str(finding) for finding in verifier.examine(target))


def test_output_longer_than_its_source_is_named(tmp_path: Path) -> None:
    source, target = a_sound(tmp_path / "in.wav", seconds=2), a_sound(tmp_path / "out.wav", seconds=3)

    assert any("more sound" in message for message in faults(target, source, Marks()).values())


def test_wav_with_a_stranger_chunk_is_named(tmp_path: Path) -> None:
    target = a_sound(tmp_path / "out.wav", metadata={"title": "PLANTED"})

    messages = [finding.message for finding in verifier.examine(target)]

    assert any("LIST" in message for message in messages)


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        (b"JUNK" + struct.pack("<I", 6) + b"secret", "not empty"),
        (b"JUNK" + struct.pack("<I", 6) + bytes(6), None),
        (b"bext" + struct.pack("<I", 4) + b"GPS!", "bext"),
        (b"data" + struct.pack("<I", 4) + b"more", "broken"),
        (b"rest", "broken"),
    ],
)
def test_bytes_after_the_samples_are_named(tmp_path: Path, more: bytes, expected: str | None) -> None:
    target = tmp_path / "out.wav"
    audio.redact(a_sound(tmp_path / "in.wav"), Marks(), target)
    target.write_bytes(target.read_bytes() + more)

    messages = " | ".join(finding.message for finding in verifier.examine(target))

    assert (expected in messages) if expected else not messages


@pytest.mark.parametrize("place", ["start", "end", "ape"])
def test_tags_of_an_mp3_are_named(tmp_path: Path, place: str) -> None:
    target = tmp_path / "out.mp3"
    audio.redact(a_sound(tmp_path / "in.wav"), Marks(), target)
    assert verifier.examine(target) == []
    raw = target.read_bytes()
    made = {
        "start": b"ID3\x04\x00\x00\x00\x00\x00\x0a" + bytes(10) + raw,
        "end": raw + b"TAG" + b"PLANTED".ljust(125, b"\0"),
        "ape": raw + b"APETAGEX" + bytes(24),
    }
    target.write_bytes(made[place])

    assert any("tag" in finding.message for finding in verifier.examine(target))


def test_film_released_as_sound_is_named(tmp_path: Path) -> None:
    film = a_video(tmp_path / "film.mp4").rename(tmp_path / "out.m4a")

    messages = " | ".join(finding.message for finding in verifier.examine(film))

    assert "1 video tracks" in messages


def test_film_without_sound_released_as_sound_is_named(tmp_path: Path) -> None:
    film = a_video(tmp_path / "film.mp4", audio=False)

    messages = " | ".join(finding.message for finding in verifier.examine(film))

    assert "no sound" in messages


def test_output_that_cannot_be_played_is_named(tmp_path: Path) -> None:
    source, target = a_sound(tmp_path / "in.wav"), tmp_path / "out.wav"
    target.write_bytes(b"RIFF\x00\x00\x00\x00WAVE")

    assert any("played" in message for message in faults(target, source, Marks()).values())


def test_source_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    target = a_sound(tmp_path / "out.wav")
    bad = tmp_path / "bad.wav"
    bad.write_bytes(b"nothing")

    with pytest.raises(Refused, match="source"):
        verifier.verify(target, bad, Marks(), a_report(Marks(), "audio"))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda raw: raw[:100], "belong to no page"),
        (lambda raw: raw[: raw.rindex(b"OggS")], "no end"),
        (lambda raw: raw + raw[:47].replace(raw[14:18], b"abcd"), "2 streams"),
        (lambda raw: raw.replace(b"OpusTags", b"OpusTagz"), "does not begin as"),
        (lambda raw: raw.replace(b"ffmpeg", b"SECRET"), "name who made"),
        (lambda raw: raw.replace(b"OpusTags\x06", b"OpusTags\xff"), "comments are broken"),
        (lambda raw: b"", "belong to no page"),
    ],
)
def test_faults_of_an_ogg_are_named(tmp_path: Path, change: Callable[[bytes], bytes], said: str) -> None:
    target = tmp_path / "out.ogg"
    audio.redact(a_sound(tmp_path / "in.wav", seconds=0.2), Marks(), target)
    target.write_bytes(change(target.read_bytes()))

    assert any(said in str(finding) for finding in sounds.examine_ogg(target))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda raw: b"RIFF" + raw, "structure is broken"),
        (lambda raw: raw[:20], "structure is broken"),
        (lambda raw: raw[:4] + b"\x02\x00\x00\x04SECR" + raw[4:], "a FLAC block of kind 2"),
        (lambda raw: raw[:4] + b"\x01\x00\x00\x04SECR" + raw[4:], "free space"),
        (
            lambda raw: raw.replace(b"\x0e\x06", b"\x14\x06").replace(b"peg\0\0\0\0", b"peg\0\0\0\0SECRET"),
            "behind",
        ),
        (lambda raw: raw + b"TAG".ljust(128, b"x"), "an ID3 or APE tag"),
    ],
)
def test_faults_of_a_flac_are_named(tmp_path: Path, change: Callable[[bytes], bytes], said: str) -> None:
    target = tmp_path / "out.flac"
    audio.redact(a_sound(tmp_path / "in.wav", seconds=0.2), Marks(), target)
    target.write_bytes(change(target.read_bytes()))

    assert any(said in str(finding) for finding in sounds.examine_flac(target))


def test_wide_wav_is_walked_by_its_long_sizes(tmp_path: Path) -> None:
    samples = bytes(400)
    wide = b"RF64\xff\xff\xff\xffWAVEds64" + struct.pack("<IQQQI", 28, 500, len(samples), 200, 0)
    form = b"fmt " + struct.pack("<IHHIIHH", 16, 1, 1, 8000, 16000, 2, 16)
    (tmp_path / "x.wav").write_bytes(wide + form + b"data\xff\xff\xff\xff" + samples)

    assert sounds.examine_wav(tmp_path / "x.wav") == []


def test_damaged_pieces_of_the_source_do_not_stop_the_check(tmp_path: Path) -> None:
    source = remuxed(a_sound(tmp_path / "whole.m4a"), tmp_path / "in.m4a", damaged(range(60, 64)))
    marks = some_marks({"kind": "cut", "start": 1, "end": 1.5})
    audio.redact(source, marks, tmp_path / "out.wav")

    assert faults(tmp_path / "out.wav", source, marks) == {}
