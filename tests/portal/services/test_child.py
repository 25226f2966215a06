import os
import signal
import subprocess
from pathlib import Path

import pytest

from portal.services import child
from portal.services.child import ServicesError

# Python 3.12 warns of it; the supervisor has one thread, an xdist worker has two
pytestmark = pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")

STUBBORN = ["/bin/sh", "-c", "trap '' TERM; echo ready; sleep 60 & wait; wait"]


def test_process_that_ignores_the_polite_signal_is_killed() -> None:
    process = subprocess.Popen(STUBBORN, stdout=subprocess.PIPE)
    assert process.stdout is not None
    process.stdout.readline()

    code = child.stop(process, (signal.SIGTERM, 0.1))

    process.stdout.close()
    assert code == -signal.SIGKILL
    assert child.stop(process, (signal.SIGTERM, 0.1)) == code


def test_leftover_holding_the_lock_is_killed_after_the_time_it_is_given(tmp_path: Path) -> None:
    path = tmp_path / "a.lock"
    fd = child.claim_alone(path, patience=0)
    leftover = child.spawn(["/bin/sleep", "60"], death_signal=signal.SIGKILL, lock_fd=fd)
    os.close(fd)

    assert child.is_locked(path)
    assert child.holders(path) == [leftover.pid]
    again = child.claim_alone(path, patience=0.1)

    os.close(again)
    assert leftover.wait() == -signal.SIGKILL


def test_lock_held_by_what_cannot_be_killed_is_a_refusal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.lock"
    held = child.claim_alone(path, patience=0)
    real = child.try_lock
    monkeypatch.setattr(child, "try_lock", lambda fd, seconds: real(fd, seconds=0))

    with pytest.raises(ServicesError, match="of another account"):
        child.claim_alone(path, patience=0)

    os.close(held)
    assert not child.is_locked(path)
    assert not child.is_locked(tmp_path / "none")


def test_lock_file_that_is_a_link_is_refused(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "precious")

    with pytest.raises(OSError, match="symbolic links"):
        child.open_lock(tmp_path / "link")

    assert not (tmp_path / "precious").exists()


def test_child_whose_parent_has_died_meanwhile_does_not_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "getppid", lambda: 1)

    assert child.run(["/bin/true"]).returncode == 1


def test_servers_program_sees_nothing_of_our_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_KEY", "s3cret")
    monkeypatch.setenv("PGHOST", "elsewhere")

    seen = child.run(["/usr/bin/env"]).stdout

    assert "s3cret" not in seen
    assert "elsewhere" not in seen
