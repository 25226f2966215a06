"""Speech to text on this machine, with a model the deployer brings: timed words for ``--transcript``.

Nothing is ever fetched: a folder that lacks a file is refused, for the library would ask the network for it.
"""

import hashlib
import importlib
import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from redaction.detect.hearing import RATE, Samples, voice
from redaction.report import RedactionError, Refused

FOLDER_VARIABLE = "WHISPER_MODEL_DIR"
NEEDED = ("model.bin", "config.json", "tokenizer.json")
PINS = "SHA256SUMS"
PIECE = 600.0  # seconds transcribed at once
QUIET = 30.0  # seconds at a piece's end in which its quietest moment is looked for

Progress = Callable[[float, str], None]


class NoModelError(RedactionError):
    """There is no usable folder with a model (exit 2)."""

    exit_code = 2


def transcribe(
    source: Path,
    model: Path | None = None,
    *,
    progress: Progress | None = None,
    library: ModuleType | None = None,
) -> dict[str, Any]:
    """This will give what is said, as segments of words with seconds of the source.

    ``model`` is a folder with a CTranslate2 Whisper model; without it the environment variable
    WHISPER_MODEL_DIR names one. A file SHA256SUMS in it pins its files. ``library`` stands in for
    faster_whisper.

    :raises NoModelError: when the folder is missing, incomplete, or differs from its pins.
    :raises Refused: when the recording cannot be read or faster-whisper is not installed.
    """
    folder = _folder(model)
    pinned = _check(folder)
    engine = _engine(library).WhisperModel(
        str(folder.resolve()), device="cpu", compute_type="int8", local_files_only=True
    )
    segments: list[dict[str, Any]] = []
    language: str | None = None
    for start, samples in _pieces(voice(source)):
        found, info = engine.transcribe(
            samples,
            language=language,
            word_timestamps=True,
            vad_filter=False,
            condition_on_previous_text=False,
        )
        language = language or getattr(info, "language", None)
        for segment in found:
            segments.append(_segment(segment, start))
            if progress is not None:
                progress(0.0, f"{segments[-1]['end']:.0f} s written down")
    return {
        "source": "faster-whisper; a machine's guess: compare with the recording before relying on it",
        "language": language,
        "model_sha256": pinned,
        "segments": segments,
    }


def _segment(segment: Any, start: float) -> dict[str, Any]:
    return {
        "start": round(start + segment.start, 3),
        "end": round(start + segment.end, 3),
        "text": segment.text,
        "words": [
            {
                "word": word.word,
                "start": round(start + word.start, 3),
                "end": round(start + word.end, 3),
                "probability": round(float(word.probability), 3),
            }
            for word in segment.words or ()
        ],
    }


def _folder(model: Path | None) -> Path:
    named = os.environ.get(FOLDER_VARIABLE)
    folder = model or (Path(named) if named else None)
    if folder is None:
        raise NoModelError(
            f"speech to text needs a model: give its folder by --model, or name it in {FOLDER_VARIABLE}"
        )
    if not folder.is_dir():
        raise NoModelError(f"there is no folder {folder}")
    missing = [name for name in NEEDED if not (folder / name).is_file()]
    if missing:
        raise NoModelError(
            f"the model's folder lacks {', '.join(missing)}; nothing is fetched from a network"
        )
    return folder


def _check(folder: Path) -> str | None:
    """The SHA-256 of the weights, when the folder pins its files and all of them are as pinned."""
    pins = folder / PINS
    if not pins.is_file():
        return None
    wanted: dict[str, str] = {}
    for line in pins.read_text("utf-8").splitlines():
        match = re.fullmatch(r"([0-9a-fA-F]{64}) [ *](.+)", line)
        if line.strip() and match is None:
            raise NoModelError(f"{PINS} in the model's folder cannot be read")
        if match is not None:
            wanted[match[2].removeprefix("./")] = match[1].lower()
    for path in sorted(folder.iterdir()):
        if path.name == PINS:
            continue
        if wanted.pop(path.name, None) != _sha256(path):
            raise NoModelError(f"{path.name} in the model's folder is not what {PINS} pins")
    if wanted:
        raise NoModelError(f"the model's folder lacks {', '.join(sorted(wanted))}")
    return _sha256(folder / NEEDED[0])


def _sha256(path: Path) -> str:
    if not path.is_file():
        return ""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _engine(library: ModuleType | None) -> Any:
    if library is not None:
        return library
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    try:
        return importlib.import_module("faster_whisper")
    except ImportError as error:
        raise Refused(
            "speech to text is done by the package faster-whisper, which is not installed: "
            "install the extra named transcribe"
        ) from error


def _pieces(blocks: Iterator[Samples]) -> Iterator[tuple[float, Samples]]:
    """Pieces of ten minutes or less with their start in seconds, parted where it is quietest."""
    held: list[Samples] = []
    size, begun = 0, 0
    for block in blocks:
        held.append(block)
        size += len(block)
        while size >= PIECE * RATE:
            samples = np.concatenate(held)
            cut = _quietest(samples[: round(PIECE * RATE)])
            yield begun / RATE, samples[:cut]
            begun += cut
            held, size = [samples[cut:]], size - cut
    if size:
        yield begun / RATE, np.concatenate(held)


def _quietest(samples: Samples) -> int:
    step = RATE // 20
    first = len(samples) - round(QUIET * RATE)
    tail = samples[first : first + (len(samples) - first) // step * step].reshape(-1, step)
    return first + int((tail**2).sum(axis=1).argmin()) * step + step // 2
