"""The kernel's own calls that Python has no name for, by ctypes: prctl, capset, Landlock.

Every function says whether the wall stands: an old kernel or a strict container may refuse one, and the
others must then hold. Numbers are those of the Linux user-space headers.
"""

import ctypes
import os
import platform
import struct
import sys
import time
from collections.abc import Iterable
from pathlib import Path

PR_SET_PDEATHSIG = 1
PR_SET_SECCOMP = 22
PR_CAPBSET_DROP = 24
PR_SET_CHILD_SUBREAPER = 36
PR_SET_NO_NEW_PRIVS = 38
PR_CAP_AMBIENT = 47
_PR_CAP_AMBIENT_CLEAR_ALL = 4
_CLONE_NEWNET = 0x40000000
_CAP_VERSION = 0x20080522  # two words of 32 capabilities
_CAP_READ_ANY = 1 << 2  # CAP_DAC_READ_SEARCH: root may read a file another owns; Landlock says which
_LAST_CAP = 63

MACHINE = platform.machine()
LINUX = sys.platform == "linux"
_libc = ctypes.CDLL(None, use_errno=True)
_CAPSET = {"x86_64": 126, "aarch64": 91}


def prctl(option: int, *arguments: int) -> bool:
    """This will make one prctl call and say whether the kernel took it."""
    if not LINUX:
        return False
    padded = [ctypes.c_ulong(value) for value in (*arguments, 0, 0, 0, 0)[:4]]
    return bool(_libc.prctl(option, *padded) == 0)


def load_filter(instructions: bytes) -> bool:
    """This will put a seccomp filter (packed ``sock_filter`` rows) on this thread and all its children."""
    buffer = ctypes.create_string_buffer(instructions, len(instructions))
    program = struct.pack("HxxxxxxP", len(instructions) // 8, ctypes.addressof(buffer))
    held = ctypes.create_string_buffer(program, len(program))
    return prctl(PR_SET_SECCOMP, 2, ctypes.addressof(held))


def leave_network() -> bool:
    """This will move to a network namespace without any interface; only root may."""
    return LINUX and bool(_libc.unshare(_CLONE_NEWNET) == 0)


def drop_capabilities() -> bool:
    """This will give up what root can do beyond its own files, for good."""
    if MACHINE not in _CAPSET or not LINUX:
        return False
    keep = _CAP_READ_ANY if os.geteuid() == 0 else 0
    for number in range(_LAST_CAP + 1):
        if not keep >> number & 1:
            prctl(PR_CAPBSET_DROP, number)
    prctl(PR_CAP_AMBIENT, _PR_CAP_AMBIENT_CLEAR_ALL)
    header = struct.pack("Ii", _CAP_VERSION, 0)
    data = struct.pack("IIIIII", keep, keep, 0, 0, 0, 0)
    return bool(_libc.syscall(_CAPSET[MACHINE], header, data) == 0)


_NICER = 10
_IOPRIO_SET = {"x86_64": 251, "aarch64": 30}
_LEAST_IO = 2 << 13 | 7  # best effort, last of eight
_AUTOGROUP = Path("/proc/self/autogroup")
_GROUP_ATTEMPTS, _GROUP_PAUSE = 20, 0.11  # seconds


def give_way() -> bool:
    """This will let other processes have processor and disk first; whether both could be asked for.

    Where the kernel groups processes by session, niceness counts within a session only, and the group's own
    must be lowered too (sched(7)).
    """
    os.nice(_NICER)
    _lower_group()
    number = _IOPRIO_SET.get(MACHINE)
    return LINUX and number is not None and bool(_libc.syscall(number, 1, 0, _LEAST_IO) == 0)


def _lower_group() -> None:
    for _attempt in range(_GROUP_ATTEMPTS):
        try:
            _AUTOGROUP.write_text(str(_NICER))
        except BlockingIOError:  # who is not root may not while another on the machine did 0.1 s ago
            time.sleep(_GROUP_PAUSE)
        except OSError:
            return
        else:
            return


_CREATE, _ADD, _RESTRICT = 444, 445, 446  # the same on every machine
_READ_FILE, _READ_DIR, _EXECUTE = 1 << 2, 1 << 3, 1 << 0
_WRITE_FILE, _TRUNCATE = 1 << 1, 1 << 14
_FILE_RIGHTS = _EXECUTE | _WRITE_FILE | _READ_FILE | _TRUNCATE | 1 << 15
_OWN = 0x7FFF & ~_EXECUTE & ~(1 << 6 | 1 << 9 | 1 << 10 | 1 << 11 | 1 << 12)  # no devices, pipes, links
_READ = _READ_FILE | _READ_DIR
_HANDLED = {1: (1 << 13) - 1, 2: (1 << 14) - 1, 3: (1 << 15) - 1, 4: (1 << 15) - 1}
_ALL = (1 << 16) - 1  # from version 5: ioctl on devices too


def landlock_version() -> int:
    """The version of Landlock this kernel speaks; 0 for none."""
    return max(0, _libc.syscall(_CREATE, None, 0, 1)) if LINUX else 0


def restrict_files(
    reads: Iterable[Path],
    runs: Iterable[Path],
    writes: Iterable[Path],
    devices: Iterable[Path],
) -> bool:
    """This will leave this process only these files and folders: to read, to read and run, to write.

    What is not there is passed over. From Landlock 4 on, no TCP; from 6 on, no signal to and no abstract
    socket of a process outside.
    """
    version = landlock_version()
    if not version:
        return False
    handled = _HANDLED.get(version, _ALL)
    attributes = [handled]
    if version >= 4:
        attributes.append(3)  # bind and connect by TCP: handled, and nothing allowed
    if version >= 6:
        attributes.append(3)  # abstract unix sockets, signals
    packed = struct.pack(f"{len(attributes)}Q", *attributes)
    ruleset = _libc.syscall(_CREATE, packed, len(packed), 0)
    if ruleset < 0:
        return False
    try:
        for paths, rights in (
            (reads, _READ),
            (runs, _READ | _EXECUTE),
            (writes, _OWN),
            (devices, _READ_FILE | _WRITE_FILE),
        ):
            for path in paths:
                _allow(ruleset, path, rights & handled)
        return bool(_libc.syscall(_RESTRICT, ruleset, 0) == 0)
    finally:
        os.close(ruleset)


def _allow(ruleset: int, path: Path, rights: int) -> None:
    try:
        handle = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return
    try:
        if not path.is_dir():
            rights &= _FILE_RIGHTS
        _libc.syscall(_ADD, ruleset, 1, struct.pack("=Qi", rights, handle), 0)
    finally:
        os.close(handle)
