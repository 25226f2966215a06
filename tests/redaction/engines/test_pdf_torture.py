import subprocess
from pathlib import Path

import pypdfium2
import pytest
from pdfminer.high_level import extract_text

from redaction import pipeline
from redaction.engines import pdf as engine
from redaction.engines.pdf import vector
from redaction.report import Report
from redaction.verify import pdf as verifier
from tests.redaction.document_builders import forms_of, some_marks
from tests.redaction.spoiling import refuse
from tests.redaction.torture import (
    BROKEN,
    KERNED,
    OPEN_WORDS,
    SECRETS,
    SPLIT,
    a_torture_file,
    all_bytes,
    boxes,
)


def read_by_all(path: Path) -> dict[str, str]:
    document = pypdfium2.PdfDocument(path)
    texts = {"pypdfium2": "\n".join(page.get_textpage().get_text_range() for page in document)}
    document.close()
    texts["pdfminer"] = extract_text(path)
    command = ["pdftotext", "-raw", str(path), "-"]
    texts["pdftotext"] = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return texts


Released = tuple[Path, Report, bytes, dict[str, str]]


@pytest.fixture(scope="module", params=["vector", "raster"])
def released(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Released:
    folder = tmp_path_factory.mktemp("torture")
    source, target = a_torture_file(folder / "in.pdf"), folder / "out.pdf"
    marks = some_marks(*boxes())
    if request.param == "vector":
        report = pipeline.redact(source, marks, target, contained=False)
    else:
        with pytest.MonkeyPatch.context() as patch:  # not in a child, which would not have the patch
            patch.setattr(vector, "rewrite", refuse)
            report = engine.redact(source, marks, target)
        assert verifier.verify(target, source, marks, report) == []
    ways = {entry["way"] for entry in report.details["page_ways"]}
    assert ways == {"vector": {"vector", "raster"}, "raster": {"raster"}}[request.param]
    return target, report, all_bytes(target), read_by_all(target)


def test_torture_file_really_holds_its_secrets(tmp_path: Path) -> None:
    content = all_bytes(a_torture_file(tmp_path / "in.pdf"))

    missing = {word for word in SECRETS if not any(form in content for form in forms_of(word))}

    assert missing == {SPLIT, KERNED, BROKEN}  # written in pieces


def test_no_secret_survives_in_any_byte_or_stream(released: Released) -> None:
    _, _, content, _ = released

    survivors = [word for word in SECRETS if any(form in content for form in forms_of(word))]

    assert survivors == []


def test_no_secret_is_read_by_any_reader(released: Released) -> None:
    _, _, _, texts = released

    survivors = {
        (reader, word)
        for reader, text in texts.items()
        for word in SECRETS
        if word in "".join(text.split()).replace("-", "")
    }

    assert survivors == set()


def test_no_open_word_is_lost(released: Released) -> None:
    _, _, _, texts = released

    lost = {(reader, word) for reader, text in texts.items() for word in OPEN_WORDS if word not in text}

    assert lost == set()


def test_every_mark_is_applied_and_verified(released: Released) -> None:
    target, report, _, _ = released

    assert [row.id for row in report.marks if not row.requested == row.applied == row.verified > 0] == []
    assert pipeline.verify(target, contained=False) == []
