"""Starting a program of the system (Tesseract, LibreOffice) on a file from outside.

In a child it inherits every wall; outside one (an engine called by a test) it gets the limits alone.
"""

import contextlib
import os
import resource
import signal
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from redaction.limits import MEGABYTE
from redaction.report import Refused
from redaction.sandbox import kernel
from redaction.sandbox.walls import lower

_KEPT = ("PATH", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "TESSDATA_PREFIX", "OMP_THREAD_LIMIT")
_ADDRESSES = 8 * 1024**3


class ProgramFailed(Refused):
    """A program is missing, took too long, or could not do it; ``why``: missing, time or failed."""

    def __init__(self, why: str, message: str) -> None:
        self.why = why
        super().__init__(message)


@dataclass(frozen=True)
class Done:
    """What a program wrote to its standard output and error."""

    output: bytes
    errors: bytes


def program(
    argv: Sequence[str],
    *,
    folder: Path,
    seconds: float,
    megabytes: int,
    given: bytes | None = None,
    settings: Mapping[str, str] | None = None,
) -> Done:
    """This will run a program in ``folder`` (its home and temporary folder) and give what it wrote.

    ``given`` goes to its standard input; ``settings`` are further environment variables.

    :raises ProgramFailed: when it is not installed, ends with a code other than 0, or is out of time.
    """
    place = str(folder.absolute())
    kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
    environment = {**kept, "HOME": place, "TMPDIR": place, **(settings or {})}
    name = Path(argv[0]).name

    def limit() -> None:
        with contextlib.suppress(OSError):
            os.setpgid(0, 0)
        kernel.prctl(kernel.PR_SET_PDEATHSIG, signal.SIGKILL)
        kernel.prctl(kernel.PR_SET_NO_NEW_PRIVS, 1)
        lower(resource.RLIMIT_DATA, megabytes * MEGABYTE)
        lower(resource.RLIMIT_AS, megabytes * MEGABYTE + _ADDRESSES)
        lower(resource.RLIMIT_CPU, int(seconds * 4) + 1, 5)
        lower(resource.RLIMIT_CORE, 0)

    try:
        process = subprocess.Popen(  # noqa: S603 - a list, no shell; the caller names the program
            list(argv),
            stdin=subprocess.PIPE if given is not None else subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=place,
            env=environment,
            preexec_fn=limit,
        )
    except FileNotFoundError as error:
        raise ProgramFailed("missing", f"the program {name} is not installed") from error
    except (OSError, subprocess.SubprocessError) as error:
        raise ProgramFailed("failed", f"the program {name} could not be started") from error
    try:
        output, errors = process.communicate(given, timeout=seconds)
    except subprocess.TimeoutExpired as error:
        raise ProgramFailed("time", f"{name} took longer than {seconds:,.0f} seconds") from error
    finally:
        _end(process)
    if process.returncode != 0:
        raise ProgramFailed("failed", f"{name} could not read it (exit {process.returncode})")
    return Done(output, errors)


def _end(process: subprocess.Popen[bytes]) -> None:
    """The program and what it started; in a child the group is the child's own, and goes with it."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    if process.returncode is None:
        process.kill()
        process.wait()
    for pipe in (process.stdin, process.stdout, process.stderr):
        if pipe is not None:
            with contextlib.suppress(OSError):
                pipe.close()
