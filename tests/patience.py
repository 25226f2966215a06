"""Waiting for what another process or thread comes to, however slow the machine is."""

import time
from collections.abc import Callable

SECONDS = 180  # what comes sooner is not waited for
_PAUSE = 0.02


def comes(true: Callable[[], object]) -> bool:
    """This will ask again and again, and tell whether it came true."""
    end = time.monotonic() + SECONDS
    while not (found := true()) and time.monotonic() < end:
        time.sleep(_PAUSE)
    return bool(found)
