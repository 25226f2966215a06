"""Static files under hashed names, the imports of our script modules included; those of one page joined."""

from collections.abc import Iterator
from typing import Any

from django.core.files.base import ContentFile
from whitenoise.storage import CompressedManifestStaticFilesStorage

from portal.core import joining

_OURS = "workbench/*.js"
_FOLDER = "workbench/"
MAIN, APART = "main.js", ("first.js",)
ENTRIES = (
    "pages.js", "film.js", "table.js", "flight.js",
    "pins.js", "suggestions.js", "coverage.js", "consistency.js",
)  # fmt: skip
BESIDE = tuple(_FOLDER + name for name in (joining.FRAME, *APART))
"""What every joined entry needs besides itself."""


class HashedStorage(CompressedManifestStaticFilesStorage):  # type: ignore[misc]  # whitenoise has no types
    """Rewrites ``import … from "./x.js"`` to the hashed name, so that a page never mixes two versions.

    Modules may not import each other in a circle: a name made of a content cannot stand in that content.
    Only our own scripts are read so: in those of libraries a comment such as ``import("../htmx")`` may look
    like an import of a file that is not there, and no static file could be collected.
    """

    joins = True
    support_js_module_import_aggregation = True
    _js_module_import_aggregation_patterns = (
        _OURS,
        CompressedManifestStaticFilesStorage._js_module_import_aggregation_patterns[1],
    )

    def post_process(
        self, paths: dict[str, Any], dry_run: bool = False, **options: Any
    ) -> Iterator[tuple[str, str, Any]]:
        """This will collect the work page's entries joined, all else as it is."""
        if not dry_run and {_FOLDER + name for name in (MAIN, *ENTRIES)} <= set(paths):
            paths = {**paths, **self._joined(paths)}
        yield from super().post_process(paths, dry_run, **options)

    def _joined(self, paths: dict[str, Any]) -> dict[str, Any]:
        def read(name: str) -> str:
            storage, path = paths[_FOLDER + name]
            with storage.open(path) as source:
                return str(source.read().decode())

        made = joining.joined(MAIN, ENTRIES, read, APART)
        texts = _Texts({_FOLDER + name: text for name, text in made.items()})
        frame = _FOLDER + joining.FRAME  # others are hashed by its name, so it has to be there itself
        self.delete(frame)
        self.save(frame, texts.open(frame))
        return {name: (texts, name) for name in texts.held}


class _Texts:
    """What was made of files, where a storage is asked for them."""

    def __init__(self, held: dict[str, str]) -> None:
        self.held = held

    def open(self, name: str) -> "ContentFile[bytes]":
        return ContentFile(self.held[name].encode(), name=name)
