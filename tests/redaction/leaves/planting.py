"""What a parser of office files that a hostile file has taken over might leave for its caller."""

import os
from contextlib import suppress
from pathlib import Path
from typing import Any

Told = dict[str, str]


def make(paper: dict[str, Any]) -> Told:
    Path(paper["kept"]).write_bytes(b"%PDF-1.4 pages")
    return {"tried": "make"}


def plant_link(paper: dict[str, Any]) -> Told:
    with suppress(OSError):  # where the kernel's own walls stand
        os.symlink("/etc/passwd", paper["kept"])
    return {"tried": "plant_link"}


def plant_second_name(paper: dict[str, Any]) -> Told:
    place = Path(paper["kept"])
    place.write_bytes(b"%PDF-1.4 pages")
    os.link(place, place.with_name("second.pdf"))
    return {"tried": "plant_second_name"}


def plant_pipe(paper: dict[str, Any]) -> Told:
    with suppress(OSError):
        os.mkfifo(paper["kept"])
    return {"tried": "plant_pipe"}


def plant_folder(paper: dict[str, Any]) -> Told:
    Path(paper["kept"]).mkdir()
    return {"tried": "plant_folder"}


def nothing(paper: dict[str, Any]) -> Told:
    return {"tried": "nothing"}


def reach_beside(paper: dict[str, Any]) -> Told:
    """Segments of a film and other pages of the record lie beside the folder it was given."""
    beside = Path(paper["kept"]).parents[1]
    with suppress(OSError):
        (beside / "segment.h264").write_bytes(b"spoiled")
    with suppress(OSError):
        (beside / "planted").write_bytes(b"planted")
    with suppress(OSError):
        (beside / "pages-other.pdf").unlink()
    with suppress(OSError):
        (beside / "planted-link").symlink_to("/etc/passwd")
    return {"tried": "reach_beside"}
