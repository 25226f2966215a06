"""Has what reads files loaded before somebody waits for it; a process's first look costs a second else."""

import logging
import threading

from redaction import flight_looks, limits, looks, sandbox, table_looks
from redaction.leaves import asking
from redaction.preview import calls
from redaction.report import Refused

log = logging.getLogger(__name__)
_MODULES = dict.fromkeys(
    (*looks.WARM, *asking.WARM, *calls.WARM, *flight_looks.WARM, *table_looks.WARM, "redaction.looks")
)


def begin() -> threading.Thread:
    """This will load the libraries in the process that children are forked from, beside the web's start."""
    thread = threading.Thread(target=_load, name="libraries", daemon=True)
    thread.start()
    return thread


def _load() -> None:
    try:
        sandbox.call("redaction.sandbox.child:walls_standing", {}, limits=limits.of("look"), warm=[*_MODULES])
    except (Refused, sandbox.SandboxUnavailable) as error:
        log.warning("No child could be started ahead: %s", error)  # the first look tries again, and says so
