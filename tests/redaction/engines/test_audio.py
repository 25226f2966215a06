import wave
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from redaction.engines import audio
from redaction.engines.media import sound
from redaction.marks import Marks
from redaction.report import MarksError, Refused
from tests.redaction.media_builders import (
    RATE,
    a_sound,
    a_video,
    damaged,
    loudness,
    remuxed,
    samples_of,
    sine,
    some_marks,
)

NO_MARKS = Marks()
PAIRS = [(".wav", suffix) for suffix in audio.SUFFIXES]
PAIRS += [(".mp3", ".mp3"), (".m4a", ".m4a"), (".ogg", ".ogg"), (".flac", ".wav"), (".mp3", ".m4a")]


@pytest.mark.parametrize(("source_suffix", "suffix"), PAIRS)
def test_mute_is_silent_and_its_neighbours_are_heard(tmp_path: Path, source_suffix: str, suffix: str) -> None:
    source = a_sound(tmp_path / f"in{source_suffix}")
    marks = some_marks({"kind": "mute", "start": 1, "end": 2})

    report = audio.redact(source, marks, tmp_path / f"out{suffix}")

    assert loudness(tmp_path / f"out{suffix}", 1, 2) < -80
    assert loudness(tmp_path / f"out{suffix}", 0.1, 0.9) == pytest.approx(-9, abs=1)
    assert loudness(tmp_path / f"out{suffix}", 2.1, 2.9) == pytest.approx(-9, abs=1)
    assert report.outcome("m0").applied == 1


def test_samples_outside_a_mute_and_its_guards_are_the_source_to_the_bit(tmp_path: Path) -> None:
    source = a_sound(tmp_path / "in.wav", channels=2)
    marks = some_marks({"kind": "mute", "start": 1, "end": 2})

    audio.redact(source, marks, tmp_path / "out.wav")

    rate, after = samples_of(tmp_path / "out.wav")
    _, before = samples_of(source)
    first, last = round(0.95 * rate), round(2.05 * rate)
    assert np.array_equal(after[:, :first], before[:, :first])
    assert np.array_equal(after[:, last:], before[:, last:])
    assert not after[:, first:last].any()
    assert after.shape == (2, 3 * rate)


def test_tone_replaces_the_sound_and_is_not_laid_over_it(tmp_path: Path) -> None:
    source = a_sound(tmp_path / "in.wav")
    marks = some_marks({"kind": "mute", "start": 1, "end": 2, "style": "tone"})

    audio.redact(source, marks, tmp_path / "out.wav")

    rate, samples = samples_of(tmp_path / "out.wav")
    spectrum = np.abs(np.fft.rfft(samples[0, rate : 2 * rate]))
    assert int(spectrum.argmax()) == 1000
    assert spectrum[440] < spectrum[1000] / 1000


def test_silence_wins_where_it_meets_a_tone(tmp_path: Path) -> None:
    source = a_sound(tmp_path / "in.wav")
    marks = some_marks(
        {"kind": "mute", "start": 1, "end": 2},
        {"kind": "mute", "start": 0.5, "end": 2.5, "style": "tone"},
    )

    audio.redact(source, marks, tmp_path / "out.wav")

    assert loudness(tmp_path / "out.wav", 1, 2) < -80
    assert loudness(tmp_path / "out.wav", 0.5, 0.9) == pytest.approx(-23, abs=0.5)


def test_cut_removes_exactly_its_samples(tmp_path: Path) -> None:
    source = a_sound(tmp_path / "in.wav")
    marks = some_marks({"kind": "cut", "start": 0.5, "end": 1.25}, {"kind": "cut", "start": 1, "end": 1.5})

    report = audio.redact(source, marks, tmp_path / "out.wav")

    rate, after = samples_of(tmp_path / "out.wav")
    _, before = samples_of(source)
    expected = np.concatenate([before[:, : rate // 2], before[:, 3 * rate // 2 :]], axis=1)
    assert np.array_equal(after, expected)
    assert report.details["seconds_cut"] == 1.0
    assert report.details["time_map"][1] == {"old_start": 1.5, "old_end": 3.0, "new_start": 0.5}


def test_guard_of_a_mute_reaches_over_a_cut(tmp_path: Path) -> None:
    source = a_sound(tmp_path / "in.wav")
    marks = some_marks(
        {"kind": "cut", "start": 0.5, "end": 1},
        {"kind": "mute", "start": 1, "end": 2},
        {"kind": "cut", "start": 2.02, "end": 2.5},
    )

    audio.redact(source, marks, tmp_path / "out.wav")

    # 0.45 to 0.5 of the source is what would now be heard right before the muted second
    assert loudness(tmp_path / "out.wav", 0.4505, 1.549) < -80
    assert loudness(tmp_path / "out.wav", 0.40, 0.449) > -12
    assert loudness(tmp_path / "out.wav", 1.551, 1.6) > -12


def test_tags_and_encoder_names_do_not_pass(tmp_path: Path) -> None:
    tags = {"title": "PLANTED", "artist": "PLANTED", "comment": "PLANTED"}
    source = a_sound(tmp_path / "in.mp3", metadata=tags)
    assert b"PLANTED" in source.read_bytes()

    for suffix in audio.SUFFIXES:
        audio.redact(source, NO_MARKS, tmp_path / f"out{suffix}")

        raw = (tmp_path / f"out{suffix}").read_bytes()
        assert b"PLANTED" not in raw
        assert b"ID3" not in raw[:16]
        if suffix != ".mp3":
            assert b"Lavf" not in raw


@pytest.mark.parametrize("rate", [8_000, 11_025, 22_050])
def test_slow_sound_is_coded_fast_enough_for_its_guards(tmp_path: Path, rate: int) -> None:
    source = a_sound(tmp_path / "in.wav", rate=rate)
    marks = some_marks({"kind": "mute", "start": 1, "end": 2})

    audio.redact(source, marks, tmp_path / "out.m4a")

    out_rate, samples = samples_of(tmp_path / "out.m4a")
    assert out_rate >= 44_100
    assert samples.shape[1] / out_rate == pytest.approx(3, abs=0.05)
    assert loudness(tmp_path / "out.m4a", 1, 2) < -80


@pytest.mark.parametrize(
    ("suffix", "channels"), [(".wav", 6), (".flac", 6), (".m4a", 6), (".ogg", 6), (".mp3", 2)]
)
def test_every_channel_is_muted_and_kept_where_the_format_has_room(
    tmp_path: Path, suffix: str, channels: int
) -> None:
    source = a_sound(tmp_path / "in.wav", channels=6)
    marks = some_marks({"kind": "mute", "start": 1, "end": 2})

    report = audio.redact(source, marks, tmp_path / f"out{suffix}")

    _, samples = samples_of(tmp_path / f"out{suffix}")
    assert samples.shape[0] == channels
    assert loudness(tmp_path / f"out{suffix}", 1, 2) < -80
    assert any("mixed down" in warning for warning in report.warnings) == (channels == 2)


@pytest.mark.parametrize("channels", [4, 12])
def test_microphones_of_a_recorder_are_all_heard_in_the_mix(tmp_path: Path, channels: int) -> None:
    silent = np.zeros((48_000, channels), dtype="<i2")
    for number in range(channels):
        start = number * 4_000
        silent[start : start + 4_000, number] = (8_000 * sine(4_000 / RATE, 440)[0]).astype("<i2")
    with wave.open(str(tmp_path / "in.wav"), "wb") as out:
        out.setnchannels(channels)
        out.setsampwidth(2)
        out.setframerate(RATE)
        out.writeframes(silent.tobytes())

    audio.redact(tmp_path / "in.wav", NO_MARKS, tmp_path / "out.mp3")

    for number in range(channels):
        at = number * 4_000 / RATE
        assert loudness(tmp_path / "out.mp3", at + 0.02, at + 0.06) > -45


def test_24_bit_sound_keeps_its_depth(tmp_path: Path) -> None:
    source = a_sound(tmp_path / "in.wav", codec="pcm_s24le")

    audio.redact(source, NO_MARKS, tmp_path / "out.wav")

    with av.open(str(tmp_path / "out.wav")) as container:
        assert container.streams.audio[0].codec_context.name == "pcm_s24le"


def test_sound_of_a_film_can_be_released_alone(tmp_path: Path) -> None:
    source = a_video(tmp_path / "in.mp4", extra=("audio",))

    report = audio.redact(source, NO_MARKS, tmp_path / "out.m4a")

    assert loudness(tmp_path / "out.m4a", 0.2, 1.8) == pytest.approx(-9, abs=1)
    assert len(report.details["streams_dropped"]) == 2
    assert any("left out" in warning for warning in report.warnings)


def test_hole_in_the_time_stamps_becomes_silence(tmp_path: Path) -> None:
    def with_hole(packet: Any) -> Any:
        return None if 1 <= packet.pts * packet.time_base < 2 else packet

    source = remuxed(a_sound(tmp_path / "whole.m4a"), tmp_path / "in.m4a", with_hole)
    marks = some_marks({"kind": "mute", "start": 2.4, "end": 2.6})

    report = audio.redact(source, marks, tmp_path / "out.wav")

    rate, samples = samples_of(tmp_path / "out.wav")
    assert samples.shape[1] / rate == pytest.approx(3, abs=0.05)
    assert loudness(tmp_path / "out.wav", 1.1, 1.9) < -60
    assert loudness(tmp_path / "out.wav", 2.4, 2.6) < -80
    assert any("became silence" in warning for warning in report.warnings)


@pytest.mark.parametrize(
    "mark",
    [
        {"kind": "mute", "start": 1, "end": 3.2},
        {"kind": "cut", "start": 4, "end": 5},
        {"kind": "cut", "start": 0, "end": 3},
        {"kind": "mute", "literal": "Maria"},
        {"kind": "frame", "start": 0, "end": 1},
    ],
)
def test_mark_that_does_not_fit_is_named_before_any_work(tmp_path: Path, mark: dict[str, object]) -> None:
    source = a_sound(tmp_path / "in.wav")

    with pytest.raises(MarksError) as caught:
        audio.redact(source, some_marks(mark), tmp_path / "out.wav")

    assert caught.value.mark_id == "m0"
    assert not (tmp_path / "out.wav").exists()


def test_film_without_sound_is_refused(tmp_path: Path) -> None:
    source = a_video(tmp_path / "in.mp4", audio=False)

    with pytest.raises(Refused, match="no sound"):
        audio.redact(source, NO_MARKS, tmp_path / "out.wav")


def test_broken_sound_is_refused_and_leaves_no_target(tmp_path: Path) -> None:
    source = tmp_path / "in.mp3"
    source.write_bytes(b"ID3\x04\x00\x00\x00\x00\x00\x00" + bytes(20_000))

    with pytest.raises(Refused):
        audio.redact(source, NO_MARKS, tmp_path / "out.wav")

    assert not (tmp_path / "out.wav").exists()


def test_encoder_that_fails_leaves_no_target(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def failing(self: sound.SoundTrack, samples: sound.Samples) -> None:
        raise av.error.FFmpegError(1, "no")

    monkeypatch.setattr(sound.SoundTrack, "write", failing)

    with pytest.raises(Refused, match="cannot be encoded"):
        audio.redact(a_sound(tmp_path / "in.wav"), NO_MARKS, tmp_path / "out.wav")

    assert not (tmp_path / "out.wav").exists()


def test_sound_that_changes_its_rate_on_the_way_is_refused(tmp_path: Path) -> None:
    raw = [a_sound(tmp_path / f"{rate}.mp3", seconds=1, rate=rate).read_bytes() for rate in (44_100, 48_000)]
    source = tmp_path / "in.mp3"
    source.write_bytes(b"".join(raw))

    with pytest.raises(Refused, match="changes its sample rate"):
        audio.redact(source, NO_MARKS, tmp_path / "out.wav")


def test_unknown_output_type_is_a_fault_of_the_call(tmp_path: Path) -> None:
    with pytest.raises(MarksError, match="writes"):
        audio.redact(a_sound(tmp_path / "in.wav"), NO_MARKS, tmp_path / "out.aiff")


def test_progress_rises_to_nearly_one(tmp_path: Path) -> None:
    seen: list[float] = []

    audio.redact(
        a_sound(tmp_path / "in.wav"),
        NO_MARKS,
        tmp_path / "out.wav",
        progress=lambda fraction, _: seen.append(fraction),
    )

    assert seen == sorted(seen)
    assert seen[-1] > 0.9


def test_damaged_packets_are_left_out_and_reported(tmp_path: Path) -> None:
    source = remuxed(a_sound(tmp_path / "whole.m4a"), tmp_path / "in.m4a", damaged(range(60, 64)))

    report = audio.redact(source, some_marks({"kind": "mute", "start": 2, "end": 2.5}), tmp_path / "out.wav")

    assert any("damaged" in warning for warning in report.warnings)
    assert loudness(tmp_path / "out.wav", 2, 2.5) < -80
    assert loudness(tmp_path / "out.wav", 0.1, 0.9) == pytest.approx(-9, abs=1)


@pytest.mark.parametrize(("source_suffix", "suffix"), PAIRS[1:4] + PAIRS[6:9])
def test_delay_of_an_encoder_moves_nothing(tmp_path: Path, source_suffix: str, suffix: str) -> None:
    source = noise_with_pauses(tmp_path / f"in{source_suffix}")
    marks = some_marks({"kind": "mute", "start": 1, "end": 1.5}, {"kind": "cut", "start": 2, "end": 2.25})

    report = audio.redact(source, marks, tmp_path / f"out{suffix}")

    _, before = samples_of(source)
    rate, after = samples_of(tmp_path / f"out{suffix}")
    expected = np.concatenate([before[:, : 2 * rate], before[:, 9 * rate // 4 :]], axis=1)
    assert lag(expected[0, :rate], after[0]) == 0
    assert lag(expected[0, 2 * rate :], after[0, 2 * rate :]) == 0
    assert report.details["seconds_of_sound"] == pytest.approx(2.75, abs=0.03)
    assert after.shape[1] / rate == pytest.approx(2.75, abs=0.03)
    assert loudness(tmp_path / f"out{suffix}", 1, 1.5) < -80


def noise_with_pauses(path: Path) -> Path:
    steps = np.arange(3 * RATE) / RATE
    shape = 0.5 + 0.5 * np.sign(np.sin(2 * np.pi * 3.7 * steps**2))
    values = np.random.default_rng(1).normal(0, 0.15, len(steps)) * shape
    return a_sound(path, samples=values.astype(np.float32)[None])


def lag(one: np.ndarray[Any, Any], other: np.ndarray[Any, Any]) -> int:
    """By how many samples the second has to move back to fit the first best."""
    size = 1 << 18
    product = np.fft.irfft(np.conj(np.fft.rfft(one, size)) * np.fft.rfft(other, size))
    best = int(product.argmax())
    return best - size if best > size // 2 else best
