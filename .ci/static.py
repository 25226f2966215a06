"""Collects the static files as an image does, and asks the manifest for every file the pages name.

``python .ci/static.py FOLDER`` under production settings; ends with 1 and a line for each name that is not
there. The names are those in templates, in our Python, and in the imports of our scripts.
"""

import re
import sys
from collections.abc import Iterator
from pathlib import Path

import django
from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.contrib.staticfiles.storage import staticfiles_storage
from django.core.management import call_command
from django.template import engines
from django.templatetags.static import StaticNode

ROOT = Path(__file__).resolve().parent.parent
OURS = ("workbench", "js", "release")
_IN_PYTHON = re.compile(r"""\bstatic\(\s*["']([^"']+)["']""")
_IMPORTED = re.compile(r"""(?:\bfrom|\bimport)\s*\(?\s*["'](\.{1,2}/[^"']+)["']""")


def main(folder: Path) -> list[str]:
    """This will give what is named somewhere and was not collected."""
    settings.STATIC_ROOT = str(folder)
    django.setup()
    # compressing says nothing about names and takes most of the time
    settings.WHITENOISE_SKIP_COMPRESS_EXTENSIONS = sorted(
        {name.rpartition(".")[2] for finder in get_finders() for name, _ in finder.list([])}
    )
    call_command("collectstatic", interactive=False, clear=True, verbosity=0)
    names = {*named_in_templates(), *named_in_python(), *named_by_stages()}
    if len(names) < 20:  # what looks for them must find some
        return [f"only {len(names)} names of static files were found: {sorted(names)}"]
    return [*_unknown(names), *_imports_without_file(folder)]


def named_in_templates() -> Iterator[str]:
    """Names in ``{% static 'x' %}``; those of variables come from Python."""
    engine = engines["django"].engine  # type: ignore[attr-defined]  # BaseEngine says nothing of it
    for path in sorted((ROOT / "templates").rglob("*.html")):
        template = engine.get_template(str(path.relative_to(ROOT / "templates")))
        for node in template.nodelist.get_nodes_by_type(StaticNode):
            if isinstance(node.path.var, str):
                yield node.path.var


def named_in_python() -> Iterator[str]:
    for room in ("portal", "requests_app", "redaction"):
        for path in (ROOT / room).rglob("*.py"):
            yield from _IN_PYTHON.findall(path.read_text())


def named_by_stages() -> Iterator[str]:
    from redaction.workbench import modules, stages

    for room in (*stages.STAGES.values(), *stages.PANES):
        yield from filter(None, (room.script, room.style))
        modules.needed(modules.ENTRY, room.script)  # raises for a module without an entry of its own


def _unknown(names: set[str]) -> list[str]:
    found = []
    for name in sorted(names):
        try:
            staticfiles_storage.url(name)
        except ValueError:
            found.append(f"{name} is named by a page and was not collected")
    return found


def _imports_without_file(folder: Path) -> list[str]:
    scripts = [path for place in OURS for path in sorted((folder / place).rglob("*.js"))]
    if not scripts:
        return [f"no script of ours was collected under {', '.join(OURS)}"]
    return [
        f"{script.relative_to(folder)} imports {name}, which was not collected"
        for script in scripts
        for name in _IMPORTED.findall(script.read_text())
        if not (script.parent / name).is_file()
    ]


if __name__ == "__main__":
    sys.exit("\n".join(main(Path(sys.argv[1]))) or None)
