"""The filter, run by an interpreter of the kernel's rules: what each call of a child is answered."""

import errno
import struct

import pytest

from redaction.sandbox import seccomp

ALLOW, REFUSE = 0x7FFF0000, 0x00050000
ARCHES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
PID = 4711


def answer(
    machine: str,
    number: int,
    first: int = 0,
    *,
    arch: int | None = None,
    programs: bool = False,
    unix: bool = False,
) -> int | None:
    """0 and more: the error the call gets; None: it is let through (linux/seccomp.h, linux/filter.h)."""
    program = seccomp.instructions(machine, PID, programs=programs, local_sockets=unix)
    assert program is not None
    rows = list(struct.iter_unpack("HBBI", program))
    data = struct.pack("<IIQ6Q", number, ARCHES[machine] if arch is None else arch, 0, first, 0, 0, 0, 0, 0)
    place, value = 0, 0
    while True:
        code, true, false, operand = rows[place]
        place += 1
        if code == 0x20:
            value = int.from_bytes(data[operand : operand + 4], "little")
        elif code == 0x06:
            assert operand == ALLOW or operand & 0xFFFF0000 == REFUSE
            return None if operand == ALLOW else operand & 0xFFFF
        else:
            holds = {0x15: value == operand, 0x45: bool(value & operand), 0x35: value >= operand}[code]
            place += true if holds else false


CALLS = [
    # name, x86_64, aarch64, first argument, answer
    ("read", 0, 63, 0, None),
    ("mmap", 9, 222, 0, None),
    ("exit_group", 231, 94, 0, None),
    ("internet socket", 41, 198, 2, errno.EPERM),
    ("local socket", 41, 198, 1, errno.EPERM),
    ("socketpair", 53, 199, 1, None),
    ("sendto", 44, 206, 3, None),
    ("connect", 42, 203, 3, errno.EPERM),
    ("io_uring_setup", 425, 425, 8, errno.EPERM),
    ("ptrace", 101, 117, 16, errno.EPERM),
    ("unshare", 272, 97, 0x10000000, errno.EPERM),
    ("thread", 56, 220, 0x3D0F00, None),
    ("fork", 56, 220, 17, errno.EPERM),
    ("clone3", 435, 435, 0, errno.ENOSYS),
    ("execve", 59, 221, 0, errno.EPERM),
    ("setsid", 112, 157, 0, 0),
    ("own limit", 302, 261, 0, None),
    ("another's limit", 302, 261, 1, errno.EPERM),
    ("signal to itself", 234, 131, PID, None),
    ("signal to another", 62, 129, 1, errno.EPERM),
    ("signal to all", 62, 129, 0xFFFFFFFF, errno.EPERM),
]


@pytest.mark.parametrize("machine", ARCHES)
@pytest.mark.parametrize(("name", "intel", "arm", "first", "wanted"), CALLS, ids=[call[0] for call in CALLS])
def test_call_is_answered(
    machine: str, name: str, intel: int, arm: int, first: int, wanted: int | None
) -> None:
    assert answer(machine, intel if machine == "x86_64" else arm, first) == wanted


@pytest.mark.parametrize(
    ("name", "number", "first", "wanted"),
    [
        ("fork", 56, 17, None),
        ("fork into a namespace", 56, 17 | 0x10000000, errno.EPERM),
        ("vfork", 58, 0, None),
        ("execve", 59, 0, None),
        ("signal to a program", 62, 4712, None),
        ("socket", 41, 1, errno.EPERM),
        ("setpgid", 109, 0, 0),
    ],
)
def test_child_that_needs_programs_may_start_them(
    name: str, number: int, first: int, wanted: int | None
) -> None:
    assert answer("x86_64", number, first, programs=True) == wanted


@pytest.mark.parametrize(
    ("number", "first", "wanted"),
    [
        (41, 1, None),
        (41, 2, errno.EACCES),
        (49, 0, 0),
        (50, 0, 0),
        (42, 0, errno.EPERM),
        (43, 0, errno.EPERM),
    ],
)
def test_local_sockets_can_be_made_and_lead_nowhere(number: int, first: int, wanted: int | None) -> None:
    assert answer("x86_64", number, first, programs=True, unix=True) == wanted


def test_calls_of_another_architecture_or_numbering_are_refused() -> None:
    assert answer("x86_64", 0, arch=0x40000003) == errno.EPERM
    assert answer("x86_64", 0x40000000 | 41) == errno.ENOSYS


def test_machine_whose_numbers_are_not_known_has_no_filter() -> None:
    assert seccomp.instructions("riscv64", PID, programs=False, local_sockets=False) is None
