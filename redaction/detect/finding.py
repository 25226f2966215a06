"""What looks for what in which medium; runs inside a child, JSON values in and out."""

import importlib
from collections.abc import Callable
from pathlib import Path

from redaction import sniff
from redaction.detect.suggestions import Entry
from redaction.report import UsageError

Progress = Callable[[float, str], None]

SEEN = ("faces", "plates", "text")
LOOKS = {
    "image": "redaction.detect.stills:in_image",
    "pdf": "redaction.detect.stills:in_pages",
    "video": "redaction.detect.film:in_film",
}
FINDERS = {
    **{(medium, kind): target for kind in SEEN for medium, target in LOOKS.items()},
    ("pdf", "pii"): "redaction.detect.documents:in_pages",
    ("image", "pii"): "redaction.detect.documents:in_image",
    ("table", "columns"): "redaction.detect.columns:in_header",
    ("table", "pii"): "redaction.detect.tables:in_cells",
    ("office", "pii"): "redaction.detect.documents:in_office",
    ("office", "hidden"): "redaction.engines.office:suggestions",
    ("audio", "speech"): "redaction.detect.speech:suggest",
    ("video", "speech"): "redaction.detect.speech:suggest",
}
KINDS = tuple(dict.fromkeys(kind for _, kind in FINDERS))


def find(source: str, kind: str, models: str | None, progress: Progress | None = None) -> list[Entry]:
    """This will look for one kind of thing and give a mark for each find.

    :raises UsageError: when such a thing is not looked for in a file of this type.
    :raises Refused: when the file cannot be read, or the detector is not installed.
    """
    media = sniff.media_type(Path(source))
    for medium in (media.medium, *media.also):
        if (medium, kind) in FINDERS:
            where, _, name = FINDERS[medium, kind].partition(":")
            look = getattr(importlib.import_module(where), name)
            aids = {"kind": kind, "folder": Path(models) if models else None} if kind in SEEN else {}
            found: list[Entry] = look(Path(source), progress=progress, **aids)
            return found
    fitting = ", ".join(name for medium, name in FINDERS if medium == media.medium)
    instead = f"; what can be: {fitting}" if fitting else ""
    raise UsageError(f"{kind} cannot be looked for in a file of type {media.medium}{instead}")
