"""faster-whisper is not installed here: a module with its interface stands in, given as an argument."""

import hashlib
import json
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np
import pytest

from redaction import __main__ as command
from redaction import transcript_reading
from redaction.detect import transcribe
from redaction.detect.transcribe import NoModelError
from redaction.report import Refused
from tests.redaction.media_builders import a_sound, sine


def a_model(folder: Path) -> Path:
    folder.mkdir()
    for name in transcribe.NEEDED:
        (folder / name).write_text(name)
    return folder


def pinned(folder: Path) -> None:
    rows = [
        f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}" for path in sorted(folder.iterdir())
    ]
    (folder / "SHA256SUMS").write_text("\n".join(rows) + "\n")


def a_library(said: list[Any]) -> ModuleType:
    """faster_whisper as far as it is used: ``said`` hears how it was called."""

    class WhisperModel:
        def __init__(self, path: str, **options: Any) -> None:
            said.append((path, options))

        def transcribe(self, samples: Any, **options: Any) -> tuple[Any, Any]:
            said.append((len(samples), options))
            words = [
                SimpleNamespace(word=" Maria", start=np.float64(0.1), end=0.5, probability=np.float32(0.9)),
                SimpleNamespace(word=" Delgado", start=0.5, end=0.9, probability=0.8),
            ]
            segment = SimpleNamespace(start=0.1, end=0.9, text=" Maria Delgado", words=words)
            return iter([segment]), SimpleNamespace(language="en")

    library = ModuleType("stand_in")
    vars(library)["WhisperModel"] = WhisperModel
    return library


def test_words_come_with_times_and_fit_as_a_transcript(tmp_path: Path) -> None:
    said: list[Any] = []
    heard: list[str] = []
    source, model = a_sound(tmp_path / "in.wav", seconds=1), a_model(tmp_path / "model")

    content = transcribe.transcribe(
        source, model, library=a_library(said), progress=lambda _, words: heard.append(words)
    )

    path = tmp_path / "words.json"
    path.write_text(json.dumps(content))
    words = transcript_reading.read(path).cues[0].words
    assert [(word.start, word.end, word.text) for word in words] == [
        (0.1, 0.5, " Maria"),
        (0.5, 0.9, " Delgado"),
    ]
    assert content["language"] == "en"
    assert content["model_sha256"] is None
    assert said[0][0] == str(model)
    assert said[0][1]["local_files_only"] is True
    assert said[1][0] == pytest.approx(16_000, abs=10)
    assert heard == ["1 s written down"]


def test_long_recording_is_written_down_in_pieces_parted_where_it_is_quiet(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transcribe, "PIECE", 2.0)
    monkeypatch.setattr(transcribe, "QUIET", 1.0)
    values = sine(3, 440)
    values[:, round(1.4 * 48_000) : round(1.5 * 48_000)] = 0
    said: list[Any] = []
    source = a_sound(tmp_path / "in.wav", samples=values)

    content = transcribe.transcribe(source, a_model(tmp_path / "model"), library=a_library(said))

    assert said[1][0] / 16_000 == pytest.approx(1.45, abs=0.05)
    assert content["segments"][1]["start"] == pytest.approx(said[1][0] / 16_000 + 0.1, abs=0.001)
    assert said[2][1]["language"] == "en"


def test_folder_of_the_model_may_come_from_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WHISPER_MODEL_DIR", str(a_model(tmp_path / "model")))

    content = transcribe.transcribe(a_sound(tmp_path / "in.wav", seconds=1), library=a_library([]))

    assert len(content["segments"]) == 1


def test_pinned_model_is_compared_file_by_file(tmp_path: Path) -> None:
    source, model = a_sound(tmp_path / "in.wav", seconds=1), a_model(tmp_path / "model")
    pinned(model)

    content = transcribe.transcribe(source, model, library=a_library([]))

    assert content["model_sha256"] == hashlib.sha256(b"model.bin").hexdigest()
    (model / "config.json").write_text("changed")
    with pytest.raises(NoModelError, match=r"config\.json .* is not what SHA256SUMS pins"):
        transcribe.transcribe(source, model, library=a_library([]))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda model: (model / "extra.bin").mkdir(), "extra.bin"),
        (lambda model: (model / "SHA256SUMS").write_text("what is this"), "cannot be read"),
        (
            lambda model: (model / "SHA256SUMS").write_text(
                (model / "SHA256SUMS").read_text() + "\n" + "0" * 64 + " *vocabulary.json\n"
            ),
            "lacks vocabulary.json",
        ),
        (lambda model: (model / "tokenizer.json").unlink(), "lacks tokenizer.json"),
    ],
)
def test_model_that_is_not_as_pinned_is_refused(tmp_path: Path, change: Any, said: str) -> None:
    model = a_model(tmp_path / "model")
    pinned(model)
    change(model)

    with pytest.raises(NoModelError, match=said):
        transcribe.transcribe(a_sound(tmp_path / "in.wav", seconds=1), model, library=a_library([]))


def test_no_model_and_no_library_are_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("WHISPER_MODEL_DIR", raising=False)
    source = a_sound(tmp_path / "in.wav", seconds=1)

    with pytest.raises(NoModelError, match="--model"):
        transcribe.transcribe(source)
    with pytest.raises(NoModelError, match="no folder"):
        transcribe.transcribe(source, tmp_path / "none")
    monkeypatch.setitem(sys.modules, "faster_whisper", None)
    with pytest.raises(Refused, match="install the extra named transcribe"):
        transcribe.transcribe(source, a_model(tmp_path / "model"))


def test_command_writes_words_whole_or_not_at_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "faster_whisper", a_library([]))
    source, model, out = (
        a_sound(tmp_path / "in.wav", seconds=1),
        a_model(tmp_path / "model"),
        tmp_path / "w.json",
    )

    code = command.main(["transcribe", str(source), "--model", str(model), "--out", str(out)])

    assert code == 0
    assert len(json.loads(out.read_text())["segments"]) == 1
    assert "1 segments" in capsys.readouterr().out
    assert command.main(["transcribe", str(source), "--model", str(model), "--out", str(source)]) == 2
    assert command.main(["transcribe", str(source), "--model", str(model), "--out", str(tmp_path)]) == 2
    assert command.main(["transcribe", str(source), "--model", str(tmp_path / "x"), "--out", str(out)]) == 2
