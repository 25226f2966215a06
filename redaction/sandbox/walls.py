"""The walls round one child, raised in this order: limits, capabilities, files, calls to the kernel.

Each stands by itself; where the kernel or a container refuses one, the others hold, and ``raise_walls``
says which do.
"""

import mimetypes
import os
import resource
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from redaction.sandbox import kernel, seccomp

_PACKAGE = Path(__file__).parents[1]
# programs, libraries, fonts, letters' data; nothing of a person or of this site
_SYSTEM = ("/usr", "/lib", "/lib32", "/lib64", "/bin", "/nix/store")
_SETTINGS = (
    "/etc/fonts", "/etc/ld.so.cache", "/etc/alternatives", "/etc/localtime", "/etc/libreoffice",
    "/etc/papersize", "/etc/paperspecs", "/etc/nsswitch.conf", "/etc/passwd", "/etc/ImageMagick-6",
    "/var/cache/fontconfig", "/var/lib/libreoffice", "/var/spool/libreoffice", "/etc/group",
    "/proc/filesystems", "/usr/local/etc/fonts",
    "/proc/cpuinfo", "/proc/meminfo", "/proc/stat", "/proc/version", "/proc/mounts", "/proc/self",
    "/proc/sys/vm", "/proc/sys/kernel/osrelease", "/sys/devices/system", "/sys/fs/cgroup",
)  # fmt: skip
_DEVICES = ("/dev/null", "/dev/zero", "/dev/urandom", "/dev/random", "/dev/full")
_ADDRESSES = 4 * 1024**3  # bytes of address space beyond the limit: code, mapped files, thread stacks


def raise_walls(limits: Mapping[str, Any], reads: Sequence[str], writes: Sequence[str]) -> dict[str, bool]:
    """This will close this process in for good and say which walls stand.

    ``reads`` are files and folders it may read beside the libraries, ``writes`` the folders it may write.
    """
    programs = limits["processes"] > 1
    standing = {"no new privileges": kernel.prctl(kernel.PR_SET_NO_NEW_PRIVS, 1)}
    standing["resource limits"] = limit_resources(limits, mapped=sum(map(_size, reads)))
    standing["capabilities dropped"] = kernel.drop_capabilities()
    standing["files (Landlock)"] = kernel.restrict_files(
        reads=[Path(name) for name in (*reads, *_SETTINGS, *mimetypes.knownfiles)],
        runs=[
            *(Path(name) for name in (*_SYSTEM, sys.prefix, sys.base_prefix, _PACKAGE)),
            *Path("/opt").glob("libreoffice*"),  # not all of /opt: a site's data may lie there
        ],
        writes=[Path(name) for name in writes],
        devices=[Path(name) for name in _DEVICES],
    )
    rows = seccomp.instructions(
        kernel.MACHINE, os.getpid(), programs=programs, local_sockets=limits["local_sockets"]
    )
    standing["system calls (seccomp)"] = rows is not None and kernel.load_filter(rows)
    return standing


def limit_resources(limits: Mapping[str, Any], *, mapped: int) -> bool:
    """This will bound memory, processor time, size and number of files, and leave no core file.

    Memory is counted by RLIMIT_DATA (private writable pages, so that mapped libraries and the address
    space that thread pools reserve do not count); RLIMIT_AS is the backstop for shared memory. ``mapped``
    is the size of the files that may be mapped.
    """
    data, space = (size * 1024 for size in _in_use())
    wanted = (
        (resource.RLIMIT_DATA, data + limits["memory"]),
        (resource.RLIMIT_AS, space + limits["memory"] + 2 * mapped + _ADDRESSES),
        (resource.RLIMIT_FSIZE, limits["file_size"]),
        (resource.RLIMIT_NOFILE, limits["open_files"]),
        (resource.RLIMIT_CORE, 0),
    )
    seconds = limits["cpu_seconds"]  # the softer limit says so (SIGXCPU), the harder one kills
    return all([lower(kind, value) for kind, value in wanted] + [lower(resource.RLIMIT_CPU, seconds, 5)])


def lower(kind: int, value: int, grace: int = 0) -> bool:
    """This will lower one limit of this process, soft and hard (plus ``grace``); a lower one stays."""
    hard = resource.getrlimit(kind)[1]
    most = value + grace if hard == resource.RLIM_INFINITY else min(value + grace, hard)
    try:
        resource.setrlimit(kind, (min(value, most), most))
    except (OSError, ValueError):
        return False
    return True


def _in_use() -> tuple[int, int]:
    """Kilobytes of private writable memory and of address space in use now."""
    try:
        lines = Path("/proc/self/status").read_text().splitlines()
    except OSError:  # not Linux
        return 512 * 1024, 8 * 1024**2
    figures = dict(line.split(":", 1) for line in lines if ":" in line)
    return int(figures["VmData"].split()[0]), int(figures["VmSize"].split()[0])


def _size(name: str) -> int:
    try:
        return os.stat(name).st_size
    except OSError:
        return 0
