"""A child that was taken over gets nowhere, and its caller hears a sentence."""

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from redaction import sandbox
from redaction.limits import MEGABYTE, Limits
from redaction.sandbox import Stopped, nursery
from tests.patience import comes

SMALL = Limits(
    memory=128 * MEGABYTE,
    cpu_seconds=60,
    wall_seconds=180,
    file_size=8 * MEGABYTE,
    disk=16 * MEGABYTE,
    open_files=64,
    answer=MEGABYTE,
)
HASTY = replace(SMALL, wall_seconds=0.4)
BUSY = replace(SMALL, cpu_seconds=1)
PROGRAMS = replace(SMALL, processes=6)


def run(name: str, limits: Limits = SMALL, folder: Path | None = None, **arguments: Any) -> Any:
    return sandbox.call(f"tests.redaction.sandbox.misdeeds:{name}", arguments, limits=limits, folder=folder)


@pytest.fixture(scope="module", autouse=True)
def _own_zygote() -> Iterator[None]:
    """A new one that has loaded little: memory and time are measured from there."""
    nursery.shut()
    yield
    nursery.shut()


@pytest.mark.parametrize(
    ("misdeed", "limits", "why", "words"),
    [
        ("sleep", HASTY, "time", "took longer than 0 seconds and was stopped"),
        ("spin", HASTY, "time", "took longer"),
        ("spin", BUSY, "time", "took longer"),
        ("allocate", SMALL, "memory", "needed more than 128 MB of memory"),
        ("share_memory", SMALL, "memory", "needed more than 128 MB of memory"),
        ("crash", SMALL, "crash", "the program that reads this file crashed"),
        ("abort", SMALL, "crash", "crashed"),
        ("leave", SMALL, "crash", "crashed"),
        ("recurse", SMALL, "unforeseen", r"could not be processed \(RecursionError\)"),
        ("fill_disk", SMALL, "disk", "wrote more than 8 MB"),
        ("fill_disk_in_pieces", SMALL, "disk", "wrote more than 8 MB"),
        ("talk_too_much", SMALL, "answer", "more to say than it may"),
        ("fork_bomb", SMALL, "unforeseen", r"could not be processed \(PermissionError\)"),
        ("fork_bomb", PROGRAMS, "processes", "started too many programs"),
    ],
)
def test_misdeed_fails_the_file_with_a_sentence_and_the_next_child_works(
    misdeed: str, limits: Limits, why: str, words: str
) -> None:
    with pytest.raises(Stopped, match=words) as stopped:
        run(misdeed, limits)

    assert stopped.value.why == why
    assert run("echo", x=1) == {"x": 1}


def test_no_way_out_is_open(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("Jane Doe")

    tried = run("reach_out", worker=os.getpid(), outside=str(tmp_path), secret=str(secret))

    assert {way: went for way, went in tried.items() if went not in ("EPERM", "EACCES")} == {}
    assert [path.name for path in tmp_path.iterdir()] == ["secret"]


def test_child_sees_no_secret_no_descriptor_and_only_its_own_empty_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    nursery.shut()
    monkeypatch.setenv("SECRET_KEY", "canary")
    monkeypatch.setenv("DATABASE_URL", "postgres://canary")

    with (tmp_path / "held").open("w"):
        seen = run("surroundings", folder=tmp_path)
        nursery.shut()

    assert not any("canary" in value for value in seen["environment"].values())
    assert seen["environment"]["TMPDIR"] == seen["environment"]["HOME"] == str(tmp_path)
    assert seen["folder"] == str(tmp_path)
    assert {handle.split(":")[0] for handle in seen["handles"]} == {"/dev/null", "socket"}
    assert seen["module"] is False


def test_child_without_a_folder_of_the_callers_gets_an_empty_one_that_is_removed_again() -> None:
    first = run("surroundings")
    files = run("own_folder")

    assert first["files"] == []
    assert files == ["deeper", "made", "moved"]
    assert not Path(first["folder"]).exists()


def test_files_named_to_the_child_can_be_read_and_those_only(tmp_path: Path) -> None:
    named, other = tmp_path / "named", tmp_path / "other"
    named.write_text("x")
    other.write_text("y")

    found = [
        sandbox.call(
            "tests.redaction.sandbox.misdeeds:reach_out",
            {"worker": os.getpid(), "outside": str(tmp_path), "secret": str(path)},
            limits=SMALL,
            reads=[named],
        )["read another file"]
        for path in (named, other)
    ]

    assert found == ["done", "EACCES"]


def test_open_files_are_counted() -> None:
    assert run("open_everything") < SMALL.open_files


def test_what_a_child_leaves_behind_is_killed_with_it() -> None:
    left = run("daemonise", PROGRAMS)

    assert gone(left)


def gone(pid: int) -> bool:
    return comes(lambda: not Path(f"/proc/{pid}").exists())


def test_every_wall_of_this_machine_is_named() -> None:
    standing = sandbox.in_force()

    assert standing["no new privileges"] is True
    assert standing["resource limits"] is True
    assert standing["system calls (seccomp)"] is True
    assert set(standing) == {
        "no new privileges",
        "resource limits",
        "capabilities dropped",
        "files (Landlock)",
        "system calls (seccomp)",
    }
