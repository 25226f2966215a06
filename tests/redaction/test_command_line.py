import json
import subprocess
import sys
from pathlib import Path
from typing import Any, NoReturn

import pytest

from redaction import pipeline, sandbox
from redaction.__main__ import main
from redaction.report import Finding, VerificationFailed
from tests.patience import SECONDS
from tests.redaction.document_builders import a_pdf, place, shown

ROOT = Path(__file__).parents[2]
BOX = {"id": "name", "kind": "box", "page": 1, "rect": place("SECRET", 72, 700)}


def run(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "redaction", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=False, timeout=SECONDS)


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return a_pdf(tmp_path / "in.pdf", shown("SECRET", 72, 700) + shown("public", 72, 600))


def marks_file(tmp_path: Path, *marks: dict[str, Any]) -> Path:
    path = tmp_path / "marks.json"
    path.write_text(json.dumps({"version": 1, "marks": list(marks)}))
    return path


def test_good_call_is_0_and_writes_output_report_and_summary(tmp_path: Path, source: Path) -> None:
    marks, out, report = marks_file(tmp_path, BOX), tmp_path / "out.pdf", tmp_path / "report.json"

    done = run("redact", source, "--marks", marks, "--out", out, "--report", report)
    checked = run("verify", out, "--source", source, "--marks", marks)

    assert (done.returncode, done.stderr) == (0, "")
    assert "mark name (box): asked 1, applied 1, verified 1" in done.stdout
    assert json.loads(report.read_text())["marks"][0]["verified"] == 1
    assert (checked.returncode, checked.stdout, checked.stderr) == (0, "out.pdf: holds\n", "")


def test_module_ends_with_the_exit_code_and_one_line_for_each_fault(tmp_path: Path, source: Path) -> None:
    bad = run(
        "redact", source, "--marks", marks_file(tmp_path, {**BOX, "page": 0}), "--out", tmp_path / "o.pdf"
    )
    unmarked = run("verify", source, "--source", source, "--marks", marks_file(tmp_path, BOX))

    assert bad.returncode == 2
    assert bad.stderr == "mark name: page must be a whole number from 1\n"
    assert unmarked.returncode == 1
    assert "Traceback" not in unmarked.stderr


def said(capsys: pytest.CaptureFixture[str], *arguments: str | Path) -> tuple[int, str]:
    try:
        code = main([str(argument) for argument in arguments])
    except SystemExit as stop:
        code = int(stop.code or 0)
    return code, capsys.readouterr().err


@pytest.mark.parametrize(
    ("changes", "out", "words"),
    [
        ({"page": 9}, "out.pdf", "mark name: there is no page 9, the last is 1\n"),
        (
            {"rect": [0, 0, 900, 10]},
            "out.pdf",
            "mark name: the box leaves page 1, which is 612.00 by 792.00 points\n",
        ),
        ({"kind": "erase"}, "out.pdf", "mark name: unknown kind 'erase'\n"),
        ({"colour": 1}, "out.pdf", "mark name: unknown field 'colour'\n"),
        ({}, "out.mp4", "a file of type pdf cannot be released as .mp4\n"),
        ({}, "no/out.pdf", "the folder of out.pdf does not exist\n"),
        ({}, "in.pdf", "the output would overwrite the source\n"),
        ({}, "marks.json", "the output would overwrite the marks\n"),
    ],
)
def test_bad_marks_or_arguments_are_2_and_leave_no_output(
    tmp_path: Path,
    source: Path,
    capsys: pytest.CaptureFixture[str],
    changes: dict[str, Any],
    out: str,
    words: str,
) -> None:
    marks = marks_file(tmp_path, {**BOX, **changes})

    code, errors = said(capsys, "redact", source, "--marks", marks, "--out", tmp_path / out)

    assert (code, errors) == (2, words)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in.pdf", "marks.json"]


def test_output_whose_report_cannot_be_written_does_not_stay(
    tmp_path: Path, source: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    marks, out, report = marks_file(tmp_path, BOX), tmp_path / "out.pdf", Path("/proc/self/report.json")

    code, errors = said(capsys, "redact", source, "--marks", marks, "--out", out, "--report", report)

    assert code == 1
    assert errors.startswith(f"the report cannot be written to {report}: ")
    assert not out.exists()


def test_report_never_takes_the_place_of_the_transcript(
    tmp_path: Path, source: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words, marks = tmp_path / "words.srt", marks_file(tmp_path, BOX)
    words.write_text("what was said")

    code, errors = said(
        capsys, "redact", source, "--marks", marks, "--out", tmp_path / "o.pdf",
        "--transcript", words, "--report", words,
    )  # fmt: skip

    assert (code, errors) == (2, "the report would overwrite another file of this call\n")
    assert words.read_text() == "what was said"


def test_child_that_cannot_be_started_is_not_blamed_on_the_file(
    tmp_path: Path, source: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> NoReturn:
        raise sandbox.SandboxUnavailable("no process for reading files could be started")

    monkeypatch.setattr(sandbox, "call", refuse)

    code, errors = said(
        capsys, "redact", source, "--marks", marks_file(tmp_path, BOX), "--out", tmp_path / "o.pdf"
    )

    assert (code, "nothing is wrong with the file" in errors) == (1, True)


@pytest.mark.parametrize(
    "arguments", [[], ["redact"], ["redact", "a"], ["detect", "a"], ["verify"], ["verify", "a", "-x"]]
)
def test_missing_or_unknown_arguments_are_2_in_one_line(
    capsys: pytest.CaptureFixture[str], arguments: list[str]
) -> None:
    code, errors = said(capsys, *arguments)

    assert code == 2
    assert errors.count("\n") == 1


def test_marks_that_are_no_json_are_2_even_when_the_source_is_missing_too(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "marks.json").write_text("{")

    code, errors = said(
        capsys, "redact", "nowhere", "--marks", tmp_path / "marks.json", "--out", tmp_path / "o.pdf"
    )

    assert code == 2
    assert errors.startswith("the marks file is not JSON")


@pytest.mark.parametrize("content", [None, b"", b"%PDF-1.7 broken", b"<html>", b"\x00\x01\x02"])
def test_source_that_cannot_be_read_is_1(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: bytes | None
) -> None:
    source, marks = tmp_path / "in.pdf", marks_file(tmp_path, BOX)
    if content is not None:
        source.write_bytes(content)

    code, errors = said(capsys, "redact", source, "--marks", marks, "--out", tmp_path / "o.pdf")

    assert code == 1
    assert errors.count("\n") == 1
    assert not (tmp_path / "o.pdf").exists()


def test_undecided_suggestion_is_1(tmp_path: Path, source: Path, capsys: pytest.CaptureFixture[str]) -> None:
    marks = marks_file(tmp_path, {**BOX, "suggested": True})

    code, errors = said(capsys, "redact", source, "--marks", marks, "--out", tmp_path / "o.pdf")

    assert (code, errors.split(":")[0]) == (1, "mark name")


def test_summary_names_every_mark_and_warning(
    tmp_path: Path, source: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    marks, out = marks_file(tmp_path, {**BOX, "extent": "exact"}), tmp_path / "out.pdf"

    code = main(["redact", str(source), "--marks", str(marks), "--out", str(out)])
    words = capsys.readouterr().out
    held = main(["verify", str(out)])

    assert (code, held) == (0, 0)
    assert "mark name (box): asked 1, applied 1, verified 1" in words
    assert "please read: mark name: an exact box gives away" in words


def test_failed_check_is_1_with_a_line_for_each_finding(
    tmp_path: Path, source: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object, **__: object) -> NoReturn:
        raise VerificationFailed([Finding("one", "name"), Finding("two", None, "page 1")])

    monkeypatch.setattr(pipeline, "redact", fails)

    code, errors = said(
        capsys, "redact", source, "--marks", marks_file(tmp_path, BOX), "--out", tmp_path / "o.pdf"
    )

    assert code == 1
    assert errors.splitlines()[:2] == ["mark name: one", "two (page 1)"]


def test_withheld_item_is_0_without_output(
    tmp_path: Path, source: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    marks, report = marks_file(tmp_path, {"id": "all", "kind": "withhold"}), tmp_path / "r.json"

    code, errors = said(
        capsys, "redact", source, "--marks", marks, "--out", tmp_path / "o.pdf", "--report", report
    )

    assert (code, errors) == (0, "")
    assert json.loads(report.read_text())["withheld"] is True
    assert not (tmp_path / "o.pdf").exists()


def test_report_that_has_no_place_is_2(
    tmp_path: Path, source: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    marks = marks_file(tmp_path, BOX)

    for report in (tmp_path / "no" / "r.json", tmp_path, source, marks):
        code, _ = said(
            capsys, "redact", source, "--marks", marks, "--out", tmp_path / "o.pdf", "--report", report
        )
        assert code == 2


def test_verify_is_1_and_names_each_fault_in_its_own_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    covered = a_pdf(tmp_path / "x.pdf", shown("SECRET", 72, 700) + "0 g 70 690 120 24 re f")

    alone = said(capsys, "verify", covered)
    missing = said(capsys, "verify", tmp_path / "nothing.pdf")
    half = said(capsys, "verify", covered, "--source", covered)

    assert alone[0] == 1
    assert "1 words can be read by a program but not seen (page 1)" in alone[1].splitlines()
    assert missing[0] == 1
    assert half == (2, "--source and --marks are given together or not at all\n")


def test_unforeseen_error_is_1_and_does_not_quote_the_record(
    tmp_path: Path, source: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def breaks(*_: object, **__: object) -> None:
        raise LookupError("SECRET")

    monkeypatch.setattr(pipeline, "redact", breaks)

    code, errors = said(
        capsys, "redact", source, "--marks", marks_file(tmp_path, BOX), "--out", tmp_path / "o.pdf"
    )

    assert (code, errors) == (1, "the file could not be processed (LookupError)\n")


def test_interrupted_call_is_1(
    tmp_path: Path, source: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def stops(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(pipeline, "redact", stops)

    assert said(
        capsys, "redact", source, "--marks", marks_file(tmp_path, BOX), "--out", tmp_path / "o.pdf"
    ) == (1, "stopped\n")


def test_walls_are_named_and_a_missing_one_is_1(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    standing, _ = said(capsys, "walls")
    monkeypatch.setattr(sandbox, "in_force", lambda: {"files (Landlock)": False})
    missing = main(["walls"])

    assert standing == 0
    assert missing == 1
    assert capsys.readouterr().out == "files (Landlock): missing\n"
