"""Suggestions: faces, plates, text, personal data and speech, as marks that a person must decide on.

Nothing here ever redacts. No bundled detector is good enough to release a file that nobody has looked at.
"""

import importlib.util
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from redaction import limits, sandbox
from redaction.detect import finding
from redaction.detect.finding import KINDS, SEEN
from redaction.detect.suggestions import Entry, file_of
from redaction.marks import parse
from redaction.report import Refused, UsageError

__all__ = ["KINDS", "suggest"]

Progress = Callable[[float, str], None]

FOLDER_VARIABLE = "DAYLIGHT_MODELS_DIR"

# loaded once for all children of this process: what takes long to load is not what reads the file
_HEAVY = {
    **dict.fromkeys(
        SEEN, ("onnxruntime", "cv2", "numpy", "redaction.detect.stills", "redaction.detect.film")
    ),
    "pii": ("redaction.detect.documents", "redaction.detect.tables"),
}


def suggest(
    source: Path,
    kind: str,
    *,
    models: Path | None = None,
    progress: Progress | None = None,
    contained: bool = True,
) -> dict[str, Any]:
    """This will give the content of a marks file: one suggestion for each thing found.

    ``kind`` is one of ``KINDS``; ``models`` is a folder of networks with a manifest, used before those that
    are built in (the environment's ``DAYLIGHT_MODELS_DIR`` when None). ``contained`` False looks in this
    process, for tests and for a caller that is a child itself.

    :raises UsageError: when such a thing is not looked for in a file of this type.
    :raises Refused: when the file cannot be read, or the detector is not installed.
    """
    if kind not in KINDS:
        raise UsageError(f"{kind} is none of {', '.join(KINDS)}")
    if models is None and os.environ.get(FOLDER_VARIABLE):
        models = Path(os.environ[FOLDER_VARIABLE])
    if not contained:
        content = file_of(finding.find(str(source), kind, str(models) if models else None, progress))
    else:
        content = file_of(_in_child(source, kind, models, progress))
    parse(content)
    return content


def _in_child(source: Path, kind: str, models: Path | None, progress: Progress | None) -> list[Entry]:
    if not source.is_file():
        raise Refused(f"{source.name} cannot be read: there is no such file")
    arguments = {
        "source": str(source.absolute()),
        "kind": kind,
        "models": str(models.absolute()) if models else None,
    }
    media = ("pdf", "office", "table") if kind == "pii" else ("detect",)
    found: list[Entry] = sandbox.call(
        "redaction.detect.finding:find",
        arguments,
        limits=limits.largest(media, source.stat().st_size),
        reads=[source, *([models] if models else [])],
        warm=[name for name in _HEAVY.get(kind, ()) if _is_there(name)],
        progress=progress,
    )
    return found


def _is_there(module: str) -> bool:
    return importlib.util.find_spec(module) is not None
