"""Asks a child about pages, for the portal: its web processes never open such a file themselves.

What comes back is checked again here, for a hostile file may have taken the child over: numbers are numbers,
pictures are pictures, text is text.
"""

import base64
import binascii
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from redaction import glances
from redaction.leaves import keeping
from redaction.marks import Marks
from redaction.report import Refused

READER = "tesseract"  # the program that reads pictures; asked for without loading what calls it
PATIENCE = 90.0  # seconds somebody waits at a page
_SIGNATURES = {"png": b"\x89PNG\r\n\x1a\n", "jpeg": b"\xff\xd8\xff"}
_LONGEST = 4_000  # letters of one text
# what takes long to load; loaded once for all children of this process
WARM = (
    "PIL.Image", "PIL.PngImagePlugin", "PIL.JpegImagePlugin", "pypdfium2", "pikepdf",
    "redaction.leaves.showing", "redaction.leaves.reading", "redaction.engines.image",
)  # fmt: skip

Rect = list[float]


@dataclass(frozen=True)
class Asked:
    """What is looked at. ``kept`` is where an office file's pages lie, ``hidden`` its marks of that kind."""

    path: Path
    medium: str
    kept: Path | None = None
    hidden: Sequence[Mapping[str, Any]] = ()

    def paper(self) -> dict[str, Any]:
        return {
            "path": str(self.path.absolute()),
            "medium": self.medium,
            "kept": str(self.kept.absolute()) if self.kept is not None else "",
            "hidden": [dict(entry) for entry in self.hidden],
        }


@dataclass(frozen=True)
class Picture:
    """One page drawn, or ``fault``: why it cannot be. ``size`` is the page's, in points or pixels."""

    number: int
    size: tuple[float, float] = (0.0, 0.0)
    kind: str = ""
    picture: str = ""  # Base64
    fault: str = ""
    way: str = ""
    warnings: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        return {name: value for name, value in asdict(self).items() if value not in ("", (), (0.0, 0.0))}


def sizes(asked: Asked) -> list[Rect]:
    """This will give width and height of every page as displayed.

    :raises Refused: when no pages can be made of the file.
    """
    said = _call("redaction.leaves.showing:measured", asked)
    return [_numbers(pair, 2) for pair in _list(said)]


def pictures(asked: Asked, numbers: Sequence[int], width: int) -> list[Picture]:
    """This will draw some pages ``width`` pixels wide; one that cannot be drawn says why.

    :raises Refused: when the file as a whole cannot be looked at.
    """
    said = _call("redaction.leaves.showing:drawn", asked, numbers=[*numbers], width=width)
    return [_picture(item) for item in _list(said)]


def words(asked: Asked, numbers: Sequence[int], *, read: bool = False) -> list[dict[str, Any]]:
    """This will give the words of pages and their places; ``read`` has Tesseract look at pictured pages.

    :raises Refused: when the file as a whole cannot be looked at.
    """
    said = _call("redaction.leaves.reading:read", asked, numbers=[*numbers], pictures=read)
    return [_page_of_words(item) for item in _list(said)]


def areas(asked: Asked, numbers: Sequence[int], marks: Marks) -> list[dict[str, Any]]:
    """This will give what the engine would paint on pages for each mark.

    :raises Refused: when the file as a whole cannot be looked at.
    """
    said = _call("redaction.leaves.reading:covered", asked, numbers=[*numbers], marks=dict(marks.raw))
    return [_page_of_areas(item) for item in _list(said)]


def find(
    asked: Asked, numbers: Sequence[int], needles: Iterable[Mapping[str, Any]], *, read: bool = False
) -> dict[str, Any]:
    """This will look for ``text`` marks on pages: hits with their places, counts, pages without text.

    :raises Refused: when the file as a whole cannot be looked at.
    """
    wanted = [dict(needle) for needle in needles]
    said = _call("redaction.leaves.reading:found", asked, numbers=[*numbers], needles=wanted, pictures=read)
    said = _dict(said)
    return {
        "hits": [_hit(item) for item in _list(said.get("hits"))],
        "counts": {
            _text(needle): {_text(page): _whole(count) for page, count in _dict(rows).items()}
            for needle, rows in _dict(said.get("counts")).items()
        },
        "unread": [_whole(number) for number in _list(said.get("unread"))],
    }


def after(asked: Asked, number: int, width: int, marks: Marks) -> Picture:
    """This will redact one page by the engine and draw what would be released of it.

    :raises MarksError: when a mark leaves its page.
    :raises Refused: when the page cannot be redacted.
    """
    said = _call("redaction.leaves.showing:burned", asked, number=number, width=width, marks=dict(marks.raw))
    return _picture(said)


def _call(function: str, asked: Asked, **arguments: Any) -> Any:
    kept = asked.kept if asked.medium == "office" else None
    paper = asked.paper()
    if kept is None or keeping.is_there(kept):
        rooms = _rooms(asked.medium, programs=arguments.get("pictures") is True)
        reads = [kept] if kept is not None else []
        given = {"paper": paper, **arguments}
        return glances.take(
            function, asked.path, given, rooms=rooms, seconds=PATIENCE, reads=reads, warm=WARM
        )
    with keeping.folder_for(kept) as fresh:
        given = {"paper": {**paper, "kept": str(fresh.absolute() / keeping.MADE)}, **arguments}
        said = glances.take(
            function, asked.path, given, rooms=["office"], seconds=PATIENCE, folder=fresh, warm=WARM
        )
        keeping.take_over(fresh, kept)
        return said


def _rooms(medium: str, *, programs: bool) -> tuple[str, ...]:
    """Tesseract is a program of its own; an image by itself may start none."""
    if medium != "image":
        return ("pdf",)
    return ("image", "pdf") if programs else ("image",)


def _picture(item: object) -> Picture:
    data = _dict(item)
    number = _whole(data.get("number"))
    if "fault" in data:
        return Picture(number, fault=_text(data["fault"]))
    kind, content = data.get("kind"), data.get("picture")
    if not isinstance(content, str) or kind not in _SIGNATURES:
        raise Refused("the page could not be drawn")
    try:
        head = base64.b64decode(content[:64], validate=True)
        base64.b64decode(content[-64:], validate=True)
    except binascii.Error:
        head = b""
    if not head.startswith(_SIGNATURES[kind]) or not content.isascii():
        raise Refused("the page could not be drawn")
    width, height = _numbers(data.get("size"), 2)
    told = tuple(_text(words) for words in _list(data.get("warnings", [])))
    return Picture(number, (width, height), kind, content, way=_text(data.get("way", "")), warnings=told)


def _page_of_words(item: object) -> dict[str, Any]:
    data = _dict(item)
    number = _whole(data.get("number"))
    if "fault" in data:
        return {"number": number, "fault": _text(data["fault"]), "words": []}
    rows = []
    for row in map(_list, _list(data.get("words"))):
        if len(row) != 6:
            raise _garbled()
        rows.append([_text(row[0]), *_numbers(row[1:5], 4), _whole(row[5])])
    return {
        "number": number,
        "words": rows,
        "painted": data.get("painted") is True,
        "unread": data.get("unread") is True,
    }


def _page_of_areas(item: object) -> dict[str, Any]:
    data = _dict(item)
    number = _whole(data.get("number"))
    if "fault" in data:
        return {"number": number, "fault": _text(data["fault"]), "areas": {}, "warnings": []}
    found = _dict(data.get("areas"))
    return {
        "number": number,
        "areas": {_text(name): [_numbers(rect, 4) for rect in _list(rects)] for name, rects in found.items()},
        "warnings": [_text(words) for words in _list(data.get("warnings"))],
    }


def _hit(item: object) -> dict[str, Any]:
    data = _dict(item)
    return {
        **{name: _text(data.get(name)) for name in ("needle", "before", "text", "after")},
        "page": _whole(data.get("page")),
        "rects": [_numbers(rect, 4) for rect in _list(data.get("rects"))],
        "painted": data.get("painted") is True,
    }


def _garbled() -> Refused:
    return Refused("the look at these pages gave no answer that can be read")


def _dict(value: object) -> dict[Any, Any]:
    if not isinstance(value, dict):
        raise _garbled()
    return value


def _list(value: object) -> list[Any]:
    if not isinstance(value, list):
        raise _garbled()
    return value


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise _garbled()
    return value[:_LONGEST]


def _whole(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise _garbled()
    return value


def _numbers(value: object, count: int) -> Rect:
    row = _list(value)
    if len(row) != count:
        raise _garbled()
    for number in row:
        if isinstance(number, bool) or not isinstance(number, int | float) or not math.isfinite(number):
            raise _garbled()
    return [float(number) for number in row]
