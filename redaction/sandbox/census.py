"""Who lives under a child and what they use, from /proc: the second wall behind the resource limits.

Limits are for one process; these figures are for all of a child's processes together.
"""

import contextlib
import os
import signal
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

_PROC = Path("/proc")
_SLACK = 256 * 1024 * 1024  # bytes: what the libraries themselves keep in memory


def excess(pid: int, limits: Mapping[str, Any], folder: str) -> str:
    """This will name what a child uses too much of: "processes", "memory", "disk"; "" for nothing."""
    members = [pid] if limits["processes"] == 1 else list(_members(pid))
    if len(members) > limits["processes"]:
        return "processes"
    if sum(map(_resident, members)) > limits["memory"] + _SLACK:
        return "memory"
    return "disk" if folder and _bytes_in(folder) > limits["disk"] else ""


def kill_strays(known: set[int]) -> None:
    """This will kill every child of this process but the known ones, and theirs when they come here."""
    me = os.getpid()
    while strays := [pid for pid, parent, _group in _everybody() if parent == me and pid not in known]:
        for pid in strays:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
            with contextlib.suppress(ChildProcessError):
                os.waitpid(pid, 0)


def _members(group: int) -> Iterator[int]:
    return (pid for pid, _parent, of in _everybody() if of == group)


def _everybody() -> Iterator[tuple[int, int, int]]:
    """Every process with its parent and its group; none where there is no /proc."""
    if not _PROC.is_dir():
        return
    for entry in os.listdir(_PROC):
        if entry.isdigit():
            with contextlib.suppress(OSError, ValueError, IndexError):
                # the name in brackets may hold blanks and brackets itself
                fields = (_PROC / entry / "stat").read_text().rpartition(")")[2].split()
                yield int(entry), int(fields[1]), int(fields[2])


def _resident(pid: int) -> int:
    """Bytes of a process's own and shared memory; mapped files do not count."""
    total = 0
    with contextlib.suppress(OSError, ValueError):
        for line in (_PROC / str(pid) / "status").read_text().splitlines():
            if line.startswith(("RssAnon:", "RssShmem:")):
                total += int(line.split()[1]) * 1024
    return total


def _bytes_in(folder: str) -> int:
    total = 0
    for where, _folders, names in os.walk(folder):
        for name in names:
            with contextlib.suppress(OSError):
                total += os.lstat(os.path.join(where, name)).st_size
    return total
