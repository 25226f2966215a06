"""A seccomp filter: the calls a parser has no use for are refused before the kernel looks at them.

A list of what is refused, not of what is allowed: libraries differ by version in what they need, and the
files are Landlock's business. Numbers: the kernel's syscall tables of x86_64 and aarch64.
"""

import errno
import struct
from collections.abc import Iterator

_LOAD, _EQUAL, _SET, _AT_LEAST, _RETURN = 0x20, 0x15, 0x45, 0x35, 0x06
_ALLOW, _ERRNO = 0x7FFF0000, 0x00050000
_NUMBER, _ARCH, _FIRST = 0, 4, 16  # offsets in struct seccomp_data; the low half of the first argument
_THREAD = 0x00010000
_NAMESPACES = 0x7E020000 | 0x80
_ARCHES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
_X32 = 0x40000000
_UNIX = 1

# name: (x86_64, aarch64); None where there is no such call
_NETWORK = {
    "socket": (41, 198), "connect": (42, 203), "bind": (49, 200), "listen": (50, 201),
    "accept": (43, 202), "accept4": (288, 242),
}  # fmt: skip
_NEVER: dict[str, tuple[int | None, int | None]] = {
    "io_uring_setup": (425, 425), "io_uring_enter": (426, 426), "io_uring_register": (427, 427),
    "ptrace": (101, 117), "process_vm_readv": (310, 270), "process_vm_writev": (311, 271),
    "process_madvise": (440, 440), "kcmp": (312, 272), "pidfd_getfd": (438, 438),
    "pidfd_send_signal": (424, 424), "rt_sigqueueinfo": (129, 138), "kexec_load": (246, 104),
    "kexec_file_load": (320, 294), "mount": (165, 40), "umount2": (166, 39), "pivot_root": (155, 41),
    "chroot": (161, 51), "unshare": (272, 97), "setns": (308, 268), "fsopen": (430, 430),
    "fsconfig": (431, 431), "fsmount": (432, 432), "fspick": (433, 433), "open_tree": (428, 428),
    "move_mount": (429, 429), "mount_setattr": (442, 442), "keyctl": (250, 219), "add_key": (248, 217),
    "request_key": (249, 218), "bpf": (321, 280), "perf_event_open": (298, 241),
    "userfaultfd": (323, 282), "init_module": (175, 105), "finit_module": (313, 273),
    "delete_module": (176, 106), "open_by_handle_at": (304, 265), "name_to_handle_at": (303, 264),
    "reboot": (169, 142), "swapon": (167, 224), "swapoff": (168, 225), "settimeofday": (164, 170),
    "clock_settime": (227, 112), "clock_adjtime": (305, 266), "adjtimex": (159, 171), "acct": (163, 89),
    "quotactl": (179, 60), "sethostname": (170, 161), "personality": (135, 92), "mknod": (133, None),
    "mknodat": (259, 33), "iopl": (172, None), "ioperm": (173, None), "shmget": (29, 194),
    "semget": (64, 190), "msgget": (68, 186), "mq_open": (240, 180), "setpriority": (141, 140),
}  # fmt: skip
_PROGRAMS: dict[str, tuple[int | None, int | None]] = {
    "fork": (57, None), "vfork": (58, None), "execve": (59, 221), "execveat": (322, 281), "tkill": (200, 130),
}  # fmt: skip
_STAYING = {"setsid": (112, 157), "setpgid": (109, 154)}  # said to work: a kill of the group finds everybody
_CLONE, _CLONE3, _PRLIMIT = (56, 220), (435, 435), (302, 261)
_KILLS = {"kill": (62, 129), "tgkill": (234, 131)}


def instructions(machine: str, pid: int, *, programs: bool, local_sockets: bool) -> bytes | None:
    """This will build the filter of one child; None for a machine whose numbers are not known here."""
    if machine not in _ARCHES:
        return None
    which = 0 if machine == "x86_64" else 1
    rows = [*_on(_ARCH), *_test(_EQUAL, _ARCHES[machine], 1, 0), _refuse(errno.EPERM), *_on(_NUMBER)]
    if machine == "x86_64":
        rows += [*_test(_AT_LEAST, _X32, 0, 1), _refuse(errno.ENOSYS)]
    denied = {**_NEVER, **_NETWORK, **({} if programs else _PROGRAMS)}
    if local_sockets:  # LibreOffice insists on a socket in /tmp to meet itself; it may believe it has one
        rows += _call(
            _NETWORK["socket"][which],
            [*_on(_FIRST), *_test(_EQUAL, _UNIX, 1, 0), _refuse(errno.EACCES), _allow()],
        )
        rows += _call(_NETWORK["bind"][which], [_refuse(0)])
        rows += _call(_NETWORK["listen"][which], [_refuse(0)])
    for numbers in denied.values():
        rows += _call(numbers[which], [_refuse(errno.EPERM)])
    for numbers in _STAYING.values():
        rows += _call(numbers[which], [_refuse(0)])
    rows += _call(_CLONE3[which], [_refuse(errno.ENOSYS)])  # its flags cannot be seen; clone is used instead
    rows += _call(_CLONE[which], list(_cloning(programs=programs)))
    rows += _call(_PRLIMIT[which], [*_on(_FIRST), *_test(_EQUAL, 0, 1, 0), _refuse(errno.EPERM), _allow()])
    if not programs:
        for numbers in _KILLS.values():
            own = [*_on(_FIRST), *_test(_EQUAL, pid, 1, 0), _refuse(errno.EPERM), _allow()]
            rows += _call(numbers[which], own)
    return b"".join([*rows, _allow()])


def _cloning(*, programs: bool) -> Iterator[bytes]:
    """Threads always; processes where programs are needed, but never in a namespace of their own."""
    yield from _on(_FIRST)
    if programs:
        yield from _test(_SET, _NAMESPACES, 0, 1)
    else:
        yield from _test(_SET, _THREAD, 1, 0)
    yield _refuse(errno.EPERM)
    yield _allow()


def _row(code: int, true: int, false: int, value: int) -> bytes:
    return struct.pack("HBBI", code, true, false, value)


def _on(offset: int) -> list[bytes]:
    return [_row(_LOAD, 0, 0, offset)]


def _test(how: int, value: int, true: int, false: int) -> list[bytes]:
    return [_row(how, true, false, value)]


def _call(number: int | None, then: list[bytes]) -> list[bytes]:
    """Rows for one call; every way through ``then`` ends in an answer."""
    return [] if number is None else [*_test(_EQUAL, number, 0, len(then)), *then]


def _refuse(code: int) -> bytes:
    return _row(_RETURN, 0, 0, _ERRNO | code)


def _allow() -> bytes:
    return _row(_RETURN, 0, 0, _ALLOW)
