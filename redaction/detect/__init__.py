"""Suggestions: faces, plates, text, personal data and speech, as marks that a person must decide on.

Nothing here ever redacts. No bundled detector is good enough to release a file that nobody has looked at.
"""

import importlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

from redaction import sniff
from redaction.detect.suggestions import Entry, file_of
from redaction.marks import Marks, parse
from redaction.report import RedactionError

Progress = Callable[[float, str], None]

SEEN = ("faces", "plates", "text")

_FINDERS = {
    **{
        (medium, kind): target
        for kind in SEEN
        for medium, target in (
            ("image", "redaction.detect.stills:in_image"),
            ("pdf", "redaction.detect.stills:in_pages"),
            ("video", "redaction.detect.film:in_film"),
        )
    },
    ("pdf", "pii"): "redaction.detect.documents:in_pages",
    ("table", "pii"): "redaction.detect.tables:in_cells",
    ("audio", "speech"): "redaction.detect.speech:suggest",
    ("video", "speech"): "redaction.detect.speech:suggest",
}
KINDS = tuple(dict.fromkeys(kind for _, kind in _FINDERS))


class DoesNotFit(RedactionError):
    """What is asked for cannot be in a file of that type (exit 2)."""

    exit_code = 2


def suggest(
    source: Path, kind: str, *, models: Path | None = None, progress: Progress | None = None
) -> dict[str, Any]:
    """This will give the content of a marks file: one suggestion for each thing found.

    ``kind`` is one of ``KINDS``; ``models`` is a folder of networks with a manifest, used before those that
    are built in.

    :raises DoesNotFit: when such a thing is not looked for in a file of this type.
    :raises Refused: when the file cannot be read, or the detector is not installed.
    """
    media = sniff.media_type(source)
    for medium in (media.medium, *media.also):
        target = _FINDERS.get((medium, kind))
        if target is not None:
            break
    else:
        fitting = [name for medium, name in _FINDERS if medium == media.medium]
        instead = f"; {', '.join(fitting)} can be" if fitting else ""
        raise DoesNotFit(f"{kind} cannot be looked for in a file of type {media.medium}{instead}")
    where, _, name = target.partition(":")
    aids = {"kind": kind, "folder": models} if kind in SEEN else {}
    found: list[Entry] = getattr(importlib.import_module(where), name)(source, progress=progress, **aids)
    content = file_of(found)
    parse(content)
    return content


def marks_of(content: dict[str, Any]) -> Marks:
    """This will give suggestions as checked marks."""
    return parse(content)
