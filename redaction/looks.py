"""Looks at a file from outside, each from within a child: what it is, and pictures of it for staff.

The portal's web processes call these and never open such a file by a library themselves.
"""

import base64
import binascii
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from redaction import glances, probe
from redaction.marks import Marks, parse
from redaction.probe import Facts
from redaction.report import Refused


@dataclass(frozen=True)
class Spoken:
    """What a transcript holds: srt, vtt or json; how many captions; whether each word has its times.

    ``last`` is the second of the recording at which its last caption ends.
    """

    format: str
    captions: int
    words_timed: bool
    last: float


# what takes long to load; loaded once for all children of this process
WARM = (
    "PIL.Image", "pypdfium2", "pikepdf", "av", "redaction.engines.pdf.source",
    "redaction.engines.media.source", "redaction.engines.table.source", "redaction.pictures",
)  # fmt: skip


def examine(path: Path, *, thorough: bool = False) -> Facts:
    """This will tell what a file is; ``thorough`` also decodes a first page, picture or sound.

    :raises Refused: with a sentence, when the file is broken or has nothing to show.
    """
    said = _call("redaction.looks:facts", path, "look", thorough=thorough)
    return _facts_of(said)


def picture(path: Path, number: int, marks: Marks | None = None, *, medium: str = "") -> bytes:
    """This will draw page ``number`` (from 1), or second ``number`` of a film, as PNG with marks outlined.

    ``medium`` office lets the child start LibreOffice, which makes the pages.

    :raises Refused: when there is no such page or moment, or nothing to draw.
    """
    raw = dict(marks.raw) if marks is not None else None
    room = "office" if medium == "office" else "look"
    said = _call("redaction.looks:drawn", path, room, number=number, marks=raw)
    try:
        content = base64.b64decode(said if isinstance(said, str) else "", validate=True)
    except binascii.Error:
        content = b""
    if not content.startswith(b"\x89PNG\r\n\x1a\n"):
        raise Refused("the picture could not be drawn")
    return content


def transcript(path: Path) -> Spoken:
    """This will read a transcript from beginning to end and say what it holds.

    :raises Refused: with line or word, when anything in it cannot be understood.
    """
    said = _call("redaction.looks:spoken", path, "look")
    if not isinstance(said, dict) or said.get("format") not in ("srt", "vtt", "json"):
        raise Refused("the look at this transcript gave no answer")
    try:
        return Spoken(
            str(said["format"]), int(said["captions"]), said["words_timed"] is True, float(said["last"])
        )
    except (KeyError, TypeError, ValueError) as error:
        raise Refused("the look at this transcript gave no answer that can be read") from error


def spoken(path: str) -> dict[str, Any]:
    """In the child: what :func:`transcript` gives, as JSON values."""
    from redaction import transcript_reading

    found = transcript_reading.read(Path(path))
    words_timed = all(cue.words for cue in found.cues)
    return asdict(Spoken(found.format, len(found.cues), words_timed, max(cue.end for cue in found.cues)))


def facts(path: str, thorough: bool) -> dict[str, Any]:
    """In the child: what :func:`examine` gives, as JSON values."""
    return asdict(probe.examine(Path(path), thorough=thorough))


def drawn(path: str, number: int, marks: dict[str, Any] | None) -> str:
    """In the child: what :func:`picture` gives, in Base64."""
    from redaction import pictures

    shown = parse(marks) if marks is not None else None
    return base64.b64encode(pictures.picture(Path(path), number, shown)).decode()


def _call(function: str, path: Path, room: str, **arguments: Any) -> Any:
    return glances.take(function, path, {"path": str(path.absolute()), **arguments}, rooms=[room], warm=WARM)


def _facts_of(said: object) -> Facts:
    if not isinstance(said, dict) or set(said) != {field.name for field in fields(Facts)}:
        raise Refused("the look at this file gave no answer")
    try:
        return Facts(
            medium=str(said["medium"]),
            format=str(said["format"]),
            pages=tuple((float(width), float(height)) for width, height in said["pages"]),
            width=int(said["width"]),
            height=int(said["height"]),
            seconds=float(said["seconds"]),
            has_sound=said["has_sound"] is True,
            films=int(said["films"]),
            sounds=int(said["sounds"]),
            columns=tuple(map(str, said["columns"])),
            sample=tuple(tuple(map(str, row)) for row in said["sample"]),
            hidden=tuple((str(item), str(what)) for item, what in said["hidden"]),
        )
    except (TypeError, ValueError) as error:
        raise Refused("the look at this file gave no answer that can be read") from error
