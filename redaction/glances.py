"""A glance into a file from outside: one function in a child, and what is said when none can be taken."""

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from redaction import limits, sandbox
from redaction.report import Refused

_NO_CHILD = "no file can be looked at just now, which is not the fault of this one; try again in a minute"


def take(
    function: str,
    path: Path,
    arguments: Mapping[str, Any],
    *,
    rooms: Iterable[str],
    seconds: float | None = None,
    reads: Iterable[Path] = (),
    folder: Path | None = None,
    warm: Iterable[str] = (),
    progress: Callable[[float, str], None] | None = None,
) -> Any:
    """This will run ``module:function`` on one file in a child and give its result.

    ``rooms`` name the limits, the largest of which holds; ``seconds`` is how long somebody waits, None as
    long as those allow. The child may read the file and ``reads``; the rest is as in
    :func:`redaction.sandbox.call`.

    :raises RedactionError: what the function raised of its own, :class:`redaction.sandbox.Stopped` among it.
    :raises Refused: when the file is not there, or no child could be started.
    """
    try:
        size = path.stat().st_size
    except OSError as error:
        raise Refused(f"{path.name} cannot be read: {error.strerror}") from error
    try:
        return sandbox.call(
            function,
            arguments,
            limits=limits.within(limits.largest(rooms, size), seconds),
            reads=[path, *reads],
            folder=folder,
            warm=warm,
            progress=progress,
        )
    except sandbox.SandboxUnavailable as error:
        raise Refused(_NO_CHILD) from error
