"""Static files under hashed names, the imports of our script modules included."""

from whitenoise.storage import CompressedManifestStaticFilesStorage

_OURS = "workbench/*.js"


class HashedStorage(CompressedManifestStaticFilesStorage):  # type: ignore[misc]  # whitenoise has no types
    """Rewrites ``import … from "./x.js"`` to the hashed name, so that a page never mixes two versions.

    Modules may not import each other in a circle: a name made of a content cannot stand in that content.
    Only our own scripts are read so: in those of libraries a comment such as ``import("../htmx")`` may look
    like an import of a file that is not there, and no static file could be collected.
    """

    support_js_module_import_aggregation = True
    _js_module_import_aggregation_patterns = (
        _OURS,
        CompressedManifestStaticFilesStorage._js_module_import_aggregation_patterns[1],
    )
