"""Which scripts a work page needs, so that a browser asks for all of them at once.

Modules name each other only in their text: without a list each level of imports waits for the one before.
Where static files are collected they are joined into a few (:mod:`portal.core.joining`).
"""

import re
from functools import cache
from pathlib import Path

from django.contrib.staticfiles import finders
from django.contrib.staticfiles.storage import staticfiles_storage
from django.templatetags.static import static

from portal.core import assets

ENTRY = "workbench/main.js"
_IMPORTED = re.compile(r'^(?:import|export)\b[^;"]*?from "\./([a-z-]+\.js)";', re.MULTILINE)


@cache
def needed(*entries: str) -> tuple[str, ...]:
    """This will give some modules and all they import, by the names they are served under, each once.

    Where they are served joined these are few.
    """
    if getattr(staticfiles_storage, "joins", False):
        return tuple(static(name) for name in (*assets.BESIDE, *entries))
    found: dict[str, None] = {}
    waiting = [*entries]
    while waiting:
        name = waiting.pop(0)
        if name not in found:
            found[name] = None
            waiting += _imports(name)
    return tuple(static(name) for name in found)


@cache
def _imports(name: str) -> tuple[str, ...]:
    place = finders.find(name)
    folder = name.rpartition("/")[0]
    return tuple(f"{folder}/{other}" for other in _IMPORTED.findall(Path(str(place)).read_text()))
