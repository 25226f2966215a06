"""Has what a work page needs loaded before anybody waits for it; a process's first costs two seconds else."""

import logging
import threading

from django.conf import settings
from django.template.loader import get_template
from django.template.loader_tags import ExtendsNode, IncludeNode
from django.urls import reverse
from django.utils import translation

from redaction import flight_looks, limits, looks, machinery, sandbox, table_looks
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
    for language in (settings.LANGUAGE_CODE, *dict(settings.LANGUAGES)):  # addresses are gathered for each
        with translation.override(language):
            reverse("workbench:work", kwargs={"key": "any"})
            reverse("admin:index")  # every page of the desk asks where it is
            translation.gettext("Marks")
    rooms = (*stages.STAGES.values(), *stages.PANES)
    _read({"workbench/work.html", *(room.template for room in rooms)})
    return thread


def _read(names: set[str]) -> None:
    """Templates read others only when they are first rendered."""
    known: set[str] = set()
    while names:
        known |= names
        made = [get_template(name).template for name in names]  # type: ignore[attr-defined]  # Django's own engine
        nodes = [node for one in made for node in one.nodelist.get_nodes_by_type((ExtendsNode, IncludeNode))]
        found = {getattr(node, "parent_name", None) or node.template for node in nodes}
        names = {name.var for name in found if isinstance(name.var, str)} - known


def _load() -> None:
    machinery.stamp()
    try:
        sandbox.call("redaction.sandbox.child:walls_standing", {}, limits=limits.of("look"), warm=[*_MODULES])
    except (Refused, sandbox.SandboxUnavailable) as error:
        log.warning("No child could be started ahead: %s", error)  # the first look tries again, and says so
