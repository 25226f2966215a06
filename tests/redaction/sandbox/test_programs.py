"""Programs of the system, limited; and the census of what a child and its programs use."""

import os
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from redaction import limits, sandbox
from redaction.limits import MEGABYTE
from redaction.sandbox import ProgramFailed, census
from tests.patience import SECONDS, comes

LOOK = limits.of("look")


def test_program_gets_its_input_its_folder_and_no_secret(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECRET_KEY", "canary")

    done = sandbox.program(
        ["/bin/sh", "-c", "cat; pwd; env; echo fault >&2"],
        folder=tmp_path, seconds=SECONDS, megabytes=256, given=b"given\n", settings={"LC_ALL": "C"},
    )  # fmt: skip

    lines = done.output.decode().splitlines()
    assert lines[:2] == ["given", str(tmp_path)]
    assert f"TMPDIR={tmp_path}" in lines
    assert not any("canary" in line for line in lines)
    assert done.errors == b"fault\n"


@pytest.mark.parametrize(
    ("argv", "seconds", "why", "words"),
    [
        (["/no/such/program"], SECONDS, "missing", "the program program is not installed"),
        (["/etc/passwd"], SECONDS, "failed", "the program passwd could not be started"),
        (["/bin/sh", "-c", "exit 3"], SECONDS, "failed", r"sh could not read it \(exit 3\)"),
        (["/bin/sh", "-c", "sleep 600 & sleep 600"], 0.3, "time", "sh took longer than"),
    ],
)
def test_program_that_fails_says_why(
    tmp_path: Path, argv: list[str], seconds: float, why: str, words: str
) -> None:
    with pytest.raises(ProgramFailed, match=words) as failed:
        sandbox.program(argv, folder=tmp_path, seconds=seconds, megabytes=256)

    assert failed.value.why == why


def test_program_cannot_use_more_memory_than_it_was_given(tmp_path: Path) -> None:
    greedy = [sys.executable, "-S", "-c", "bytearray(300 * 1024**2)"]

    sandbox.program(greedy, folder=tmp_path, seconds=SECONDS, megabytes=600)
    with pytest.raises(ProgramFailed):
        sandbox.program(greedy, folder=tmp_path, seconds=SECONDS, megabytes=100)


def test_census_counts_processes_memory_and_bytes(tmp_path: Path) -> None:
    group = subprocess.Popen(["/bin/sh", "-c", "sleep 600 & sleep 600"], start_new_session=True)
    try:
        assert comes(
            lambda: census.excess(group.pid, replace(LOOK, processes=2).as_dict(), "") == "processes"
        )
        (tmp_path / "deep").mkdir()
        (tmp_path / "deep" / "big").write_bytes(bytes(2 * MEGABYTE))

        alone = census.excess(group.pid, LOOK.as_dict(), str(tmp_path))
        full = census.excess(group.pid, replace(LOOK, disk=MEGABYTE).as_dict(), str(tmp_path))
        large = census.excess(os.getpid(), replace(LOOK, memory=-(10**9)).as_dict(), "")
        gone = census.excess(2**22 + 1, LOOK.as_dict(), str(tmp_path / "nothing"))
    finally:
        os.killpg(group.pid, signal.SIGKILL)
        group.wait()

    assert (alone, full, large, gone) == ("", "disk", "memory", "")


def test_strays_are_killed_and_the_known_stay() -> None:
    known = {pid for pid, parent, _group in census._everybody() if parent == os.getpid()}
    stray = subprocess.Popen(["/bin/sleep", "600"])

    census.kill_strays(known)

    assert not Path(f"/proc/{stray.pid}").exists()
    stray.returncode = -signal.SIGKILL  # it was waited for


def test_without_a_list_of_processes_there_is_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(census, "_PROC", Path("/no/such/folder"))

    assert list(census._everybody()) == []
