"""Processes that may not outlive the one that started them, and the locks that prove who is still alive."""

import contextlib
import ctypes
import fcntl
import os
import pwd
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import IO, Any

PR_SET_PDEATHSIG = 1
POLL_SECONDS = 0.02
_libc = ctypes.CDLL(None, use_errno=True)


class ServicesError(Exception):
    """Embedded services cannot do what was asked; the text says why and what to do."""


def tie_to_parent(death_signal: int) -> Callable[[], None]:
    """Make a function for the new child to call, so that the kernel signals it when its parent dies.

    The kernel means the parent's *thread*: call from the main thread. Changing the user clears the tie;
    subprocess calls this after it has changed the user, which is the right order.
    """
    parent = os.getpid()

    def tie() -> None:
        _libc.prctl(PR_SET_PDEATHSIG, death_signal)
        signal.pthread_sigmask(signal.SIG_SETMASK, ())
        if os.getppid() != parent:  # it died before the tie was made
            os._exit(1)

    return tie


def identity(account: pwd.struct_passwd | None) -> dict[str, Any]:
    """Name the subprocess arguments that run a program as `account`; None means as ourselves."""
    if account is None:
        return {}
    return {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}


def clean_environment() -> dict[str, str]:
    """Give a server's program only what it needs: no PG* variable or secret of ours reaches it."""
    return {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"}


def run(
    argv: Sequence[str | Path], *, account: pwd.struct_passwd | None = None, timeout: float = 300
) -> subprocess.CompletedProcess[str]:
    """Run one of the servers' own programs to its end, in / and with a clean environment."""
    return subprocess.run(  # noqa: S603 - a fixed program of ours, never a shell, arguments from our own paths
        [str(part) for part in argv],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
        cwd="/",
        env=clean_environment(),
        timeout=timeout,
        preexec_fn=tie_to_parent(signal.SIGKILL),
        **identity(account),
    )


def spawn(
    argv: Sequence[str | Path],
    *,
    death_signal: int,
    account: pwd.struct_passwd | None = None,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    log: IO[bytes] | None = None,
    lock_fd: int | None = None,
    own_session: bool = True,
) -> subprocess.Popen[bytes]:
    """Start a child that dies with us and, when asked, holds `lock_fd` while it or its children live.

    A server gets its own session: Ctrl-C on the terminal must not stop the database under its user.
    """
    return subprocess.Popen(  # noqa: S603 - the servers' programs, or the command the person typed; no shell
        [str(part) for part in argv],
        stdin=subprocess.DEVNULL if own_session else None,
        stdout=log,
        stderr=subprocess.STDOUT if log is not None else None,
        env=dict(clean_environment() if env is None else env),
        cwd=cwd,
        pass_fds=() if lock_fd is None else (lock_fd,),
        start_new_session=own_session,
        preexec_fn=tie_to_parent(death_signal),
        **identity(account),
    )


def stop(process: subprocess.Popen[bytes], *steps: tuple[int, float]) -> int:
    """End `process` by each (signal, seconds to wait) in turn, then by SIGKILL; give back its exit code."""
    for number, seconds in steps:
        if process.poll() is not None:
            break
        process.send_signal(number)
        with contextlib.suppress(subprocess.TimeoutExpired):
            return process.wait(seconds)
    if process.poll() is None:
        process.kill()
    return process.wait()


def open_lock(path: Path) -> int:
    """Open a lock file without following a link somebody may have laid there."""
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)


def try_lock(fd: int, *, seconds: float) -> bool:
    """Take the exclusive lock on `fd`, trying again for `seconds`; False when another holds it throughout."""
    end = time.monotonic() + seconds
    while True:
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= end:
                return False
            time.sleep(POLL_SECONDS)
        else:
            return True


def is_locked(path: Path) -> bool:
    """Say whether a living process holds the exclusive lock on `path`."""
    try:
        fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(fd, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    else:
        return False
    finally:
        os.close(fd)


def holders(path: Path) -> list[int]:
    """Find the processes that have `path` open, by their ids, ourselves left out."""
    target = path.stat()
    found: list[int] = []
    for folder in Path("/proc").iterdir():
        if not folder.name.isdigit() or int(folder.name) == os.getpid():
            continue
        with contextlib.suppress(OSError):  # it ended meanwhile, or is another person's
            for link in (folder / "fd").iterdir():
                with contextlib.suppress(OSError):
                    if os.path.samestat(link.stat(), target):
                        found.append(int(folder.name))
                        break
    return found


def claim_alone(path: Path, *, patience: float) -> int:
    """Take the lock that a server inherits, once nothing of an earlier run is alive; give back its handle.

    After a crash of the supervisor the old server may still be writing its last checkpoint: it gets
    `patience` seconds, then it is killed, which its own log recovers from.

    :raises ServicesError: when a process of the earlier run cannot be ended.
    """
    fd = open_lock(path)
    if try_lock(fd, seconds=patience):
        return fd
    for pid in holders(path):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(pid, signal.SIGKILL)
    if try_lock(fd, seconds=10):
        return fd
    os.close(fd)
    left = ", ".join(map(str, holders(path))) or "of another account"
    raise ServicesError(f"A server of an earlier run is still alive (process {left}). End it and try again.")
