"""Has what a work page needs loaded before anybody waits for it; a process's first costs two seconds else."""

import logging
import threading

from django.template.loader import get_template
from django.urls import reverse

from redaction import flight_looks, limits, looks, sandbox, table_looks
from redaction.leaves import asking
from redaction.preview import calls
from redaction.report import Refused
from redaction.workbench import stages

log = logging.getLogger(__name__)
_MODULES = dict.fromkeys(
    (*looks.WARM, *asking.WARM, *calls.WARM, *flight_looks.WARM, *table_looks.WARM, "redaction.looks")
)


def begin() -> threading.Thread:
    """This will load addresses and templates, and beside that what reads files, where children are forked."""
    thread = threading.Thread(target=_load, name="libraries", daemon=True)
    thread.start()
    reverse("workbench:work", kwargs={"key": "any"})
    rooms = (*stages.STAGES.values(), *stages.PANES)
    for name in ("workbench/work.html", *(room.template for room in rooms)):
        get_template(name)
    return thread


def _load() -> None:
    try:
        sandbox.call("redaction.sandbox.child:walls_standing", {}, limits=limits.of("look"), warm=[*_MODULES])
    except (Refused, sandbox.SandboxUnavailable) as error:
        log.warning("No child could be started ahead: %s", error)  # the first look tries again, and says so
