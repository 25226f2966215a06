"""Static files under hashed names, the imports of our script modules included."""

from whitenoise.storage import CompressedManifestStaticFilesStorage


class HashedStorage(CompressedManifestStaticFilesStorage):  # type: ignore[misc]  # whitenoise has no types
    """Rewrites ``import … from "./x.js"`` to the hashed name, so that a page never mixes two versions.

    Modules may not import each other in a circle: a name made of a content cannot stand in that content.
    """

    support_js_module_import_aggregation = True
