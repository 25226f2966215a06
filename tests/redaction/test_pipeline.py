from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

from redaction import pipeline, work
from redaction.marks import Marks
from redaction.report import (
    Finding,
    MarkOutcome,
    MarksError,
    Refused,
    Report,
    VerificationFailed,
    sha256_of,
)
from tests.redaction.document_builders import a_pdf, a_picture, shown, some_marks

Edit = Callable[[Path, Report], None]


def nothing(target: Path, report: Report) -> None:
    """An engine that does its work."""


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return a_pdf(tmp_path / "in.pdf", shown("SECRET", 72, 700))


def with_engine(
    monkeypatch: pytest.MonkeyPatch, edit: Edit = nothing, findings: tuple[Finding, ...] = ()
) -> None:
    """Puts an engine in the PDF engine's place that copies its marks' rows, then does ``edit``."""

    def redact(source: Path, marks: Marks, target: Path, *, progress: object = None) -> Report:
        target.write_bytes(b"%PDF-made")
        report = Report("test", "pdf", marks=[MarkOutcome(mark.id, mark.kind, 1, 1) for mark in marks])
        edit(target, report)
        return report

    def verify(output: Path, source: Path, marks: Marks, report: Report) -> list[Finding]:
        for row in report.marks:
            row.verified = 1
        return list(findings)

    def write_companions(draft: Path, report: Report, folder: Path) -> None:
        (folder / "dictionary.csv").write_bytes(draft.read_bytes())

    engine = SimpleNamespace(SUFFIXES=(".pdf",), redact=redact, write_companions=write_companions)
    monkeypatch.setattr(work, "engine_of", lambda medium: engine)
    monkeypatch.setattr(work, "verifier_of", lambda medium: SimpleNamespace(verify=verify))


def left_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_target_and_report_carry_the_hashes_that_approvals_are_bound_to(
    tmp_path: Path, source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_engine(monkeypatch)
    marks = some_marks({"kind": "page", "page": 1})

    report = pipeline.redact(source, marks, tmp_path / "out.pdf", contained=False)

    assert report.marks_digest == marks.digest
    assert report.source_sha256 == sha256_of(source)
    assert report.target_sha256 == sha256_of(tmp_path / "out.pdf")
    assert left_in(tmp_path) == ["in.pdf", "out.pdf"]


def fails(target: Path, report: Report) -> None:
    (target.parent / "more").write_text("scratch")
    raise RuntimeError("in the middle")


def does_less(target: Path, report: Report) -> None:
    report.marks[0].applied = 0


def forgets(target: Path, report: Report) -> None:
    report.marks.clear()


@pytest.mark.parametrize(
    ("edit", "error", "words"),
    [
        (fails, RuntimeError, "in the middle"),
        (does_less, VerificationFailed, "mark m1: asked for 1 times, applied 0, found again 1"),
        (forgets, VerificationFailed, "mark m1: was never looked at"),
    ],
)
def test_engine_that_fails_or_does_less_leaves_no_target_and_no_scratch(
    tmp_path: Path,
    source: Path,
    monkeypatch: pytest.MonkeyPatch,
    edit: Edit,
    error: type[Exception],
    words: str,
) -> None:
    with_engine(monkeypatch, edit)

    with pytest.raises(error, match=words):
        pipeline.redact(
            source, some_marks({"kind": "page", "page": 1}), tmp_path / "out.pdf", contained=False
        )

    assert left_in(tmp_path) == ["in.pdf"]


def test_finding_of_the_verifier_blocks_the_target_and_removes_an_older_one(
    tmp_path: Path, source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_engine(monkeypatch, findings=(Finding("the box is not black", "m1", "page 1"),))
    (tmp_path / "out.pdf").write_text("an older release")

    with pytest.raises(VerificationFailed, match=r"mark m1: the box is not black \(page 1\)"):
        pipeline.redact(
            source, some_marks({"kind": "page", "page": 1}), tmp_path / "out.pdf", contained=False
        )

    assert left_in(tmp_path) == ["in.pdf"]


def test_source_that_changes_under_the_engine_is_refused(
    tmp_path: Path, source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def changes(target: Path, report: Report) -> None:
        source.write_bytes(b"%PDF-another")

    with_engine(monkeypatch, changes)

    with pytest.raises(Refused, match="changed while"):
        pipeline.redact(source, Marks(), tmp_path / "out.pdf", contained=False)


def test_companions_are_written_only_when_asked_for(
    tmp_path: Path, source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_engine(monkeypatch)

    pipeline.redact(source, Marks(), tmp_path / "a.pdf", contained=False)
    before = left_in(tmp_path)
    pipeline.redact(
        source, Marks(), tmp_path / "b.pdf", companions=tmp_path / "side" / "files", contained=False
    )

    assert before == ["a.pdf", "in.pdf"]
    assert left_in(tmp_path / "side" / "files") == ["dictionary.csv"]


def test_undecided_suggestions_are_refused_and_rejected_ones_left_out(
    tmp_path: Path, source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_engine(monkeypatch)
    open_ = some_marks({"kind": "page", "page": 1, "suggested": True})
    rejected = some_marks({"kind": "page", "page": 1, "suggested": True, "decision": "rejected"})

    with pytest.raises(Refused, match="mark m1: a suggestion that no person"):
        pipeline.redact(source, open_, tmp_path / "out.pdf", contained=False)
    report = pipeline.redact(source, rejected, tmp_path / "out.pdf", contained=False)

    assert report.marks == []
    assert report.marks_digest == rejected.digest


def test_withheld_item_has_a_report_and_no_target_whatever_its_type(tmp_path: Path) -> None:
    source = tmp_path / "in.bin"
    source.write_bytes(b"\x00\x01")

    report = pipeline.redact(source, some_marks({"kind": "withhold"}), tmp_path / "out.pdf")

    assert (report.withheld, report.target_sha256) == (True, "")
    assert report.outcome("m1").verified == 1
    assert left_in(tmp_path) == ["in.bin"]


def test_paths_that_cannot_work_are_refused_before_anything_is_touched(tmp_path: Path, source: Path) -> None:
    link = tmp_path / "link.pdf"
    link.symlink_to(source)

    for target in (tmp_path / "no" / "out.pdf", tmp_path, source, link):
        with pytest.raises(pipeline.UsageError):
            pipeline.redact(source, Marks(), target)

    assert source.exists()


def test_output_in_the_place_of_an_aid_leaves_the_aid_alone(tmp_path: Path, source: Path) -> None:
    words = tmp_path / "words.pdf"
    words.write_text("what was said")

    with pytest.raises(pipeline.UsageError, match="a file the work needs"):
        pipeline.redact(source, Marks(), words, aids={"transcript": words})

    assert words.read_text() == "what was said"


def test_companions_in_the_place_of_a_file_are_refused_before_an_older_output_goes(
    tmp_path: Path, source: Path
) -> None:
    older, place = tmp_path / "out.pdf", tmp_path / "beside"
    older.write_bytes(b"older")
    place.write_bytes(b"a file")

    with pytest.raises(pipeline.UsageError, match="beside, where companions should go, is not a folder"):
        pipeline.redact(source, Marks(), older, companions=place)

    assert older.read_bytes() == b"older"


@pytest.mark.parametrize("name", ["out.mp4", "out", "out.docx"])
def test_pair_that_no_engine_makes_is_a_usage_error(tmp_path: Path, source: Path, name: str) -> None:
    with pytest.raises(pipeline.UsageError, match="a file of type pdf cannot be released as"):
        pipeline.redact(source, Marks(), tmp_path / name)


def test_mark_of_another_medium_is_a_marks_error(tmp_path: Path, source: Path) -> None:
    with pytest.raises(MarksError, match="mark m1: kind cut does not fit"):
        pipeline.redact(source, some_marks({"kind": "cut", "start": 0, "end": 1}), tmp_path / "out.pdf")


def test_source_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused, match=r"nothing\.pdf cannot be read"):
        pipeline.redact(tmp_path / "nothing.pdf", Marks(), tmp_path / "out.pdf")


def test_plain_csv_goes_to_the_engine_its_marks_or_its_suffix_name(tmp_path: Path) -> None:
    rows = tmp_path / "in.csv"
    rows.write_text("time,latitude,longitude\n1,2,3\n")
    table = some_marks({"kind": "column", "name": "time", "action": "release"})
    flight = some_marks({"kind": "home", "radius_m": 10})

    chosen = [
        work.medium_for(rows, table, ".csv"),
        work.medium_for(rows, flight, ".csv"),
        work.medium_for(rows, Marks(), ".csv"),
        work.medium_for(rows, Marks(), ".gpx"),
    ]

    assert chosen == ["table", "flight", "table", "flight"]


def test_every_medium_has_an_engine_and_a_verifier_with_the_same_interface() -> None:
    for medium in pipeline.MODULES:
        engine, verifier = work.engine_of(medium), work.verifier_of(medium)
        assert medium == engine.MEDIUM
        assert pipeline.suffixes(medium) == engine.SUFFIXES
        assert callable(engine.redact)
        assert callable(verifier.verify)
        assert callable(verifier.examine)


@pytest.mark.parametrize("contained", [True, False])
def test_verify_names_an_output_that_should_not_be_or_is_of_another_type(
    tmp_path: Path, source: Path, contained: bool
) -> None:
    a_picture().save(tmp_path / "out.png")

    whole = pipeline.verify(source, source, some_marks({"kind": "withhold"}), contained=contained)
    other = pipeline.verify(tmp_path / "out.png", source, Marks(), contained=contained)
    alone = pipeline.verify(tmp_path / "out.png", contained=contained)
    unmarked = pipeline.verify(
        tmp_path / "out.png",
        tmp_path / "out.png",
        some_marks({"kind": "box", "page": 1, "rect": [0, 0, 8, 8]}),
        contained=contained,
    )

    assert [str(found) for found in whole] == ["mark m1: the whole item is withheld, yet there is an output"]
    assert [str(found) for found in other] == ["the source is of type pdf, the output of type image"]
    assert [found for found in alone if found.mark_id] == []
    assert "m1" in {found.mark_id for found in unmarked}
    with pytest.raises(pipeline.UsageError, match="together"):
        pipeline.verify(source, source)
