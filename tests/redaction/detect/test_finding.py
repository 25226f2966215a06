"""Asking for suggestions: by kind and medium, in a walled child, and from a shell."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from redaction import detect
from redaction.__main__ import main
from redaction.detect import suggestions
from redaction.marks import load
from redaction.report import Refused, UsageError
from tests.redaction.detect.test_models import a_folder
from tests.redaction.document_builders import a_pdf, shown
from tests.redaction.street_builders import a_network, a_street
from tests.redaction.table_builders import an_lpr_csv

ROOT = Path(__file__).parents[3]


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return a_pdf(tmp_path / "in.pdf", shown("Victim: Maria Delgado was seen here", 72, 700))


def said(capsys: pytest.CaptureFixture[str], *arguments: str | Path) -> tuple[int, str]:
    try:
        code = main([str(argument) for argument in arguments])
    except SystemExit as stop:
        code = int(stop.code or 0)
    return code, capsys.readouterr().err


def test_a_shell_gets_a_marks_file_whose_suggestions_are_undecided(tmp_path: Path, source: Path) -> None:
    out = tmp_path / "marks.json"

    done = subprocess.run(
        [sys.executable, "-m", "redaction", "detect", source, "--kind", "pii", "--out", out],
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=False,
    )

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("marks.json: 1 suggestions; nothing is redacted before")
    assert [mark["literal"] for mark in load(out).undecided] == ["Maria Delgado"]
    assert not list(tmp_path.glob(".*"))


def test_a_child_looks_with_a_network_of_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "models").mkdir()
    folder = a_folder(tmp_path / "models")
    picture, _ = a_street([], size=(64, 64))
    picture.save(tmp_path / "in.png")

    given = detect.suggest(tmp_path / "in.png", "plates", models=folder)
    monkeypatch.setenv("DAYLIGHT_MODELS_DIR", str(folder))
    from_environment = detect.suggest(tmp_path / "in.png", "plates", contained=False)

    assert given == from_environment
    assert "Plates of ours, confidence 0.90" in given["marks"][0]["note"]


def test_in_a_child_another_network_than_the_pinned_one_is_refused(tmp_path: Path) -> None:
    (tmp_path / "models").mkdir()
    folder = a_folder(tmp_path / "models", a_network(np.zeros((1, 7), np.float32)), sha256="0" * 64)
    a_street([], size=(64, 64))[0].save(tmp_path / "in.png")

    with pytest.raises(Refused, match="not the one that was pinned"):
        detect.suggest(tmp_path / "in.png", "plates", models=folder)


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("speech", "speech cannot be looked for in a file of type table; what can be: columns, pii"),
        ("faces", "faces"),
    ],
)
def test_what_cannot_be_in_a_file_is_2_with_a_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], kind: str, words: str
) -> None:
    table = an_lpr_csv(tmp_path / "in.csv")

    code, fault = said(capsys, "detect", table, "--kind", kind, "--out", tmp_path / "o.json")

    assert code == 2
    assert fault.startswith(words)
    assert not (tmp_path / "o.json").exists()


def test_a_medium_in_which_nothing_is_looked_for_says_no_more(tmp_path: Path) -> None:
    track = tmp_path / "in.gpx"
    track.write_text('<?xml version="1.0"?><gpx version="1.1"></gpx>')

    with pytest.raises(UsageError, match=r"of type flight$"):
        detect.suggest(track, "faces", contained=False)


def test_an_unknown_kind_is_2(capsys: pytest.CaptureFixture[str], tmp_path: Path, source: Path) -> None:
    code, _ = said(capsys, "detect", source, "--kind", "cats", "--out", tmp_path / "o.json")

    assert code == 2
    with pytest.raises(UsageError, match="cats is none of faces"):
        detect.suggest(source, "cats")


def test_paths_that_cannot_work_are_2(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, source: Path
) -> None:
    calls: dict[str, list[str | Path]] = {
        "cannot be written": ["--out", tmp_path / "no" / "o.json"],
        "written to": ["--out", tmp_path],
        "overwrite the source": ["--out", source],
        "no folder": ["--out", tmp_path / "o.json", "--models", tmp_path / "none"],
    }

    for words, arguments in calls.items():
        code, fault = said(capsys, "detect", source, "--kind", "pii", *arguments)

        assert code == 2
        assert words in fault


def test_a_source_that_is_not_there_is_1(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    code, fault = said(capsys, "detect", tmp_path / "no.pdf", "--kind", "pii", "--out", tmp_path / "o.json")

    assert (code, fault) == (1, "no.pdf cannot be read: there is no such file\n")


def test_a_detector_that_is_not_installed_is_1_and_names_the_extra(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def absent(source: Path, kind: str, **_: object) -> None:
        raise Refused("no CenterFace; install Daylight with its extra named detect")

    monkeypatch.setattr(detect, "suggest", absent)

    code, fault = said(capsys, "detect", tmp_path / "a.png", "--kind", "faces", "--out", tmp_path / "o.json")

    assert code == 1
    assert "extra named detect" in fault


def test_an_id_comes_from_what_is_marked_and_nothing_else() -> None:
    first = suggestions.mark("face", "one note", kind="box", page=1, rect=[1, 2, 3, 4])
    again = suggestions.mark("face", "other note", reason="MINOR", kind="box", page=1, rect=[1, 2, 3, 4])
    other = suggestions.mark("face", "one note", kind="box", page=2, rect=[1, 2, 3, 4])

    assert first["id"] == again["id"] != other["id"]
    assert json.dumps(suggestions.file_of([first, again, other])).count("face-") == 2
