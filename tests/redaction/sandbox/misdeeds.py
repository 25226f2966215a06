"""What a parser that a hostile file has taken over might do. Each runs in a child, and must get nowhere."""

import ctypes
import errno
import mmap
import os
import resource
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from redaction.report import Finding, MarksError, Refused, UsageError, VerificationFailed
from redaction.sniff import UnknownType


def echo(**given: Any) -> dict[str, Any]:
    return given


def sleep() -> None:
    time.sleep(600)


def begin_and_sleep() -> None:
    """Leaves a sign in its folder that it has begun."""
    Path("begun").touch()
    time.sleep(600)


def spin() -> None:
    while True:
        pass


def allocate() -> int:
    return len(bytearray(10 * 1024**3))


def share_memory() -> int:
    """Memory that RLIMIT_DATA does not count."""
    held = mmap.mmap(-1, 900 * 1024**2)
    for start in range(0, len(held), 4096):
        held[start] = 1
    time.sleep(600)
    return len(held)


def crash() -> None:
    ctypes.string_at(0)


def leave() -> None:
    os._exit(0)


def abort() -> None:
    os.abort()


def recurse() -> None:
    recurse()


def attempt(do: Callable[[], Any]) -> str:
    """ "done", or the name of the error the kernel gave."""
    try:
        do()
    except OSError as error:
        return errno.errorcode.get(error.errno or 0, "?")
    return "done"


def reach_out(worker: int, outside: str, secret: str) -> dict[str, str]:
    """Tries every way out, and says how each went."""
    libc = ctypes.CDLL(None, use_errno=True)

    def syscall(*arguments: Any) -> None:
        if libc.syscall(*arguments) < 0:
            raise OSError(ctypes.get_errno(), "refused")

    return {
        "internet socket": attempt(lambda: socket.socket(socket.AF_INET)),
        "local socket": attempt(lambda: socket.socket(socket.AF_UNIX)),
        "netlink": attempt(lambda: socket.socket(socket.AF_NETLINK, socket.SOCK_RAW)),
        "io_uring": attempt(lambda: syscall(425, 8, 0)),
        "write outside": attempt(lambda: Path(outside, "planted").write_text("x")),
        "read another file": attempt(lambda: Path(secret).read_text()),
        "read /etc/shadow": attempt(lambda: Path("/etc/shadow").read_text()),
        "list a folder": attempt(lambda: os.listdir(outside)),
        "worker's environment": attempt(lambda: Path(f"/proc/{worker}/environ").read_bytes()),
        "worker's memory": attempt(lambda: Path(f"/proc/{worker}/mem").open("rb")),
        "kill the worker": attempt(lambda: os.kill(worker, signal.SIGTERM)),
        "trace the worker": attempt(
            lambda: syscall(101 if sys.maxsize and _intel() else 117, 16, worker, 0, 0)
        ),
        "limit the worker": attempt(lambda: _prlimit(worker)),
        "start a program": attempt(lambda: subprocess.run(["/bin/true"], check=True)),
        "fork": attempt(lambda: os.fork() or os._exit(0)),
        "raise a limit": attempt(lambda: _raise_limit()),
        "make a device": attempt(lambda: os.mknod("device", 0o600 | 0o020000, os.makedev(1, 1))),
        "be somebody else": attempt(lambda: os.setuid(12345)),
    }


def _intel() -> bool:
    return os.uname().machine == "x86_64"


def _prlimit(worker: int) -> None:
    resource.prlimit(worker, resource.RLIMIT_NOFILE, (8, 8))


def _raise_limit() -> None:
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (1 << 19, 1 << 19))
    except ValueError as error:
        raise PermissionError(errno.EPERM, "not allowed") from error


def surroundings() -> dict[str, Any]:
    """What can be seen without leave: environment, folder, open descriptors."""
    return {
        "environment": dict(os.environ),
        "folder": os.getcwd(),
        "files": os.listdir(),
        "handles": [name for handle in range(64) if (name := _opened(handle))],
        "module": "django" in sys.modules,
    }


def _opened(handle: int) -> str:
    try:
        return os.readlink(f"/proc/self/fd/{handle}")
    except OSError:
        return ""


def own_folder() -> list[str]:
    Path("made").write_text("x")
    Path("deeper").mkdir()
    Path("deeper/made").write_text("y")
    os.rename("deeper/made", "moved")
    return sorted(os.listdir())


def fork_bomb() -> None:
    while True:
        os.fork()


def daemonise() -> int:
    """Leaves a grandchild behind in what it thinks is a session of its own."""
    reader, writer = os.pipe()
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            os.write(writer, str(os.getpid()).encode())
            time.sleep(600)
        os._exit(0)
    return int(os.read(reader, 20))


def fill_disk() -> None:
    with Path("big").open("wb") as sink:
        while True:
            sink.write(bytes(1024**2))


def fill_disk_in_pieces() -> None:
    for number in range(10**6):
        Path(str(number)).write_bytes(bytes(4 * 1024**2))


def open_everything() -> int:
    held = []
    while True:
        try:
            held.append(open("/dev/null"))  # noqa: SIM115 - that is the misdeed
        except OSError:
            return len(held)


def talk_too_much() -> str:
    return "x" * (5 * 1024**2)


def speak_out_of_turn(line: str, times: int) -> None:
    """Writes to the caller itself, as a child that was taken over can."""
    for handle in range(3, 64):
        try:
            talk = socket.socket(fileno=os.dup(handle))
        except OSError:
            continue
        with talk:
            for _ in range(times):
                talk.sendall(line.encode())
        os._exit(0)


def report_progress(progress: Callable[[float, str], None]) -> str:
    for share in (0.25, 7.0, float("nan")):
        progress(share, "working")
    return "done"


def fail(how: str) -> None:
    errors: dict[str, Exception] = {
        "refused": Refused("the PDF is locked"),
        "marks": MarksError("there is no page 9", mark_id="m7"),
        "file": MarksError("no marks at all"),
        "usage": UsageError("no such suffix"),
        "type": UnknownType("x is a program"),
        "findings": VerificationFailed([Finding("is not black", "m1", "page 2"), Finding("holds a script")]),
        "secret": RuntimeError("Jane Doe, 12 Elm Street"),
    }
    raise errors[how]


def descend() -> int:
    """A grandchild's id; it sleeps until it is killed with the child."""
    process = subprocess.Popen(["/bin/sleep", "600"])
    Path("pid").write_text(str(process.pid))
    time.sleep(600)
    return process.pid
