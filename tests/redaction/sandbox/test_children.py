"""The pipeline believes its children nothing that it can check itself."""

import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from redaction import limits, pipeline, sandbox, work
from redaction.limits import MEGABYTE
from redaction.report import Refused, Report, VerificationFailed
from redaction.sandbox import Stopped
from tests.patience import comes
from tests.redaction.document_builders import a_pdf, shown, some_marks

ROOT = Path(__file__).parents[3]
MARKS = some_marks({"kind": "page", "page": 1})


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return a_pdf(tmp_path / "in.pdf", shown("SECRET", 72, 700))


def taken_over(monkeypatch: pytest.MonkeyPatch, way: str = "honest", **check: int) -> None:
    """Sends the children to the test's engine and verifier."""
    real: Callable[..., Any] = sandbox.call

    def call(function: str, arguments: dict[str, Any], **more: Any) -> Any:
        name = function.partition(":")[2]
        if name in ("render", "check"):
            extra = {"way": way} if name == "render" else check
            function = f"tests.redaction.sandbox.engines:{name}"
            arguments = {**arguments, **extra}
        return real(function, arguments, **more)

    monkeypatch.setattr(sandbox, "call", call)
    monkeypatch.setitem(work.MODULES, "pdf", ("json", "json"))  # nothing to load that is not used


def left_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_honest_engine_and_verifier_give_an_output(
    tmp_path: Path, source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken_over(monkeypatch)

    report = pipeline.redact(source, MARKS, tmp_path / "out.pdf")

    assert report.outcome("m1").verified == 1
    assert (tmp_path / "out.pdf").read_bytes() == b"%PDF-made"
    assert left_in(tmp_path) == ["in.pdf", "out.pdf"]


@pytest.mark.parametrize("way", ["links", "twice", "pipe", "nothing", "garbled"])
def test_output_that_is_no_file_of_its_own_or_has_no_report_is_refused(
    tmp_path: Path, source: Path, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    taken_over(monkeypatch, way)

    with pytest.raises(Refused):
        pipeline.redact(source, MARKS, tmp_path / "out.pdf")

    assert left_in(tmp_path) == ["in.pdf"]


def test_engine_cannot_vouch_for_itself(
    tmp_path: Path, source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken_over(monkeypatch, "boasts", verified=0)

    with pytest.raises(VerificationFailed, match="applied 1, found again 0"):
        pipeline.redact(source, MARKS, tmp_path / "out.pdf")


def test_finding_of_the_verifying_child_leaves_no_output(
    tmp_path: Path, source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken_over(monkeypatch, findings=1)

    with pytest.raises(VerificationFailed, match="is not black"):
        pipeline.redact(source, MARKS, tmp_path / "out.pdf")

    assert left_in(tmp_path) == ["in.pdf"]


def test_engine_that_hangs_is_stopped_in_the_time_the_caller_gives(
    tmp_path: Path, source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken_over(monkeypatch, "slow")

    with pytest.raises(Stopped, match="took longer than 1 seconds"):
        pipeline.redact(source, MARKS, tmp_path / "out.pdf", seconds=1)

    assert left_in(tmp_path) == ["in.pdf"]


CALLER = """
import signal, sys
from pathlib import Path
from pytest import MonkeyPatch
from redaction import pipeline
from tests.redaction.sandbox.test_children import MARKS, taken_over
signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
taken_over(MonkeyPatch(), "slow")
pipeline.redact(Path(sys.argv[1]), MARKS, Path(sys.argv[2]))
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_caller_killed_half_way_leaves_no_output_and_no_draft(
    tmp_path: Path, source: Path, number: int
) -> None:
    out = tmp_path / "out.pdf"
    caller = subprocess.Popen([sys.executable, "-c", CALLER, source, out], cwd=ROOT)
    assert comes(lambda: any(tmp_path.glob(".redaction-*/render/begun")))

    caller.send_signal(number)
    caller.wait()
    assert comes(lambda: left_in(tmp_path) == ["in.pdf"])

    assert not out.exists()


def test_limits_grow_with_the_source_but_not_for_ever() -> None:
    small, large, huge = (limits.of("video", size * MEGABYTE) for size in (1, 100, 10**6))

    assert small.wall_seconds < large.wall_seconds < huge.wall_seconds == 24 * 3600
    assert small.file_size < large.file_size
    assert limits.of("no such medium") == limits.of("look")


def test_limits_of_a_file_that_may_be_two_things_are_those_of_the_greater() -> None:
    both = limits.largest(["table", "office"], 1000)

    assert both.memory == limits.of("table", 1000).memory
    assert both.processes == limits.of("office", 1000).processes
    assert both.local_sockets is True


def test_limits_can_be_shortened_and_never_stretched() -> None:
    usual = limits.of("look")

    assert limits.within(usual, 3).wall_seconds == 3
    assert limits.within(usual, 10**6) == limits.within(usual, None) == usual


@pytest.mark.parametrize(
    "change",
    [
        {"marks": [{"id": "m1"}]},
        {"marks": ["m1"]},
        {"warnings": [1]},
        {"versions": {"x": 1}},
        {"withheld": "yes"},
        {"details": None},
    ],
)
def test_report_is_taken_back_only_whole(change: dict[str, Any]) -> None:
    whole = Report("e", "pdf", warnings=["w"], versions={"x": "1"}).as_dict()

    assert Report.from_dict(whole).as_dict() == whole
    with pytest.raises(TypeError):
        Report.from_dict({**whole, **change})
