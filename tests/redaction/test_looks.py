from pathlib import Path
from typing import Any

import pytest

from redaction import looks, probe, sandbox
from redaction.marks import parse
from redaction.report import Refused
from tests.redaction.document_builders import a_pdf, shown
from tests.redaction.table_builders import an_lpr_csv


def test_look_from_a_child_says_what_the_probe_says(tmp_path: Path) -> None:
    for path in (a_pdf(tmp_path / "a.pdf", shown("x", 72, 700)), an_lpr_csv(tmp_path / "a.csv")):
        assert looks.examine(path, thorough=True) == probe.examine(path, thorough=True)


def test_picture_from_a_child_shows_the_marks(tmp_path: Path) -> None:
    path = a_pdf(tmp_path / "a.pdf", shown("x", 72, 700))
    box = {"id": "b", "kind": "box", "page": 1, "rect": [10, 10, 200, 200]}

    bare = looks.picture(path, 1)
    marked = looks.picture(path, 1, parse({"version": 1, "marks": [box]}))

    assert bare.startswith(b"\x89PNG")
    assert marked != bare


@pytest.mark.parametrize(
    "said",
    [None, {}, {"medium": "pdf"}, {**probe.Facts("pdf", "pdf").__dict__, "pages": 7}],
)
def test_look_that_a_taken_over_child_garbles_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, said: Any
) -> None:
    path = an_lpr_csv(tmp_path / "a.csv")
    monkeypatch.setattr(sandbox, "call", lambda *_, **__: said)

    with pytest.raises(Refused, match="gave no answer"):
        looks.examine(path)


@pytest.mark.parametrize("said", [None, 7, "%", "PGh0bWw+"])
def test_picture_that_is_none_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, said: Any) -> None:
    path = an_lpr_csv(tmp_path / "a.csv")
    monkeypatch.setattr(sandbox, "call", lambda *_, **__: said)

    with pytest.raises(Refused, match="could not be drawn"):
        looks.picture(path, 1)


def test_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="cannot be read"):
        looks.examine(tmp_path / "nothing")
