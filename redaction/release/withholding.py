"""From marks to the rows of the withholding index: where, what and why, never what stood there. Pure.

Only places, kinds and codes are read from a mark; its id, note, literal text and values may name a person.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

Marked = Mapping[str, Any]

_PATTERNS = {
    "ssn": "social security numbers",
    "phone": "telephone numbers",
    "email": "e-mail addresses",
    "dob": "dates of birth",
    "plate": "licence plates",
    "card": "payment card numbers",
}
_COLUMN = {
    "drop": "left out",
    "mask": "hidden",
    "pseudonym": "replaced by a made-up name that is the same throughout",
    "coarsen": "made less exact",
}


@dataclass(frozen=True)
class Ground:
    """A reason to withhold: its code, the law's citation and plain words; ``said``: of this very case."""

    code: str
    citation: str
    label: str
    explanation: str
    said: str = ""


@dataclass(frozen=True)
class Withholding:
    """One row of the index. ``count``: how many marks say the same."""

    place: str
    what: str
    why: str
    grounds: tuple[Ground, ...]
    count: int = 1

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def rows(
    marks: Iterable[Marked],
    *,
    reason_label: Callable[[str], str],
    grounds: Callable[[str, str], Sequence[Ground]],
) -> list[Withholding]:
    """This will give the index rows of one record, equal ones counted, in the order of the marks.

    ``reason_label(code)`` words a reason; ``grounds(reason, exemption)`` gives what a mark stands on.
    """
    counted: Counter[Withholding] = Counter()
    for mark in marks:
        described = _PLACES[mark["kind"]](mark)
        if described is None:
            continue
        place, what = described
        reason, exemption = mark.get("reason") or "", mark.get("exemption") or ""
        why = reason_label(reason) if reason else ""
        counted[Withholding(place, what, why, tuple(grounds(reason, exemption)))] += 1
    return [Withholding(row.place, row.what, row.why, row.grounds, count) for row, count in counted.items()]


def tells(text: str, words: Iterable[str]) -> bool:
    """This will tell whether a text says one of the withheld words, in any case and spacing."""
    said = " ".join(text.casefold().split())
    return any(
        re.search(rf"(?<!\w){re.escape(' '.join(word.casefold().split()))}(?!\w)", said)
        for word in words
        if word.strip()
    )


def count(marks: Iterable[Marked]) -> int:
    """This will tell how many of the marks withhold or change something."""
    return sum(_PLACES[mark["kind"]](mark) is not None for mark in marks)


def clock(seconds: float) -> str:
    """This will spell a position in a recording: ``75.5`` → ``1:15.5``."""
    tenths = round(float(seconds) * 10)
    minutes, rest = divmod(tenths, 600)
    hours, minutes = divmod(minutes, 60)
    tail = f"{rest // 10:02d}.{rest % 10}"
    return f"{hours}:{minutes:02d}:{tail}" if hours else f"{minutes}:{tail}"


def _span(mark: Marked) -> str:
    if mark.get("start") is None:
        return "the whole recording"
    return f"{clock(mark['start'])} to {clock(mark['end'])}"


def _pages(mark: Marked) -> str:
    pages = mark.get("pages", "all")
    if pages in ("all", None):
        return "all pages"
    if isinstance(pages, list):
        return "pages " + ", ".join(str(int(page)) for page in pages)
    return "some pages"


def _text(mark: Marked) -> tuple[str, str]:
    return _pages(mark), _PATTERNS.get(mark.get("pattern") or "", "words, wherever they occur")


def _mute(mark: Marked) -> tuple[str, str]:
    if mark.get("literal") is not None:
        return "wherever they are spoken", "spoken words"
    return _span(mark), "sound"


def _column(mark: Marked) -> tuple[str, str] | None:
    if mark["action"] == "release":
        return None
    return f"column {mark['name']}", _COLUMN[mark["action"]]


_HIDDEN = {
    "comments": "comments",
    "tracked-changes": "changes that were tracked",
    "hidden-text": "text that does not show",
    "embedded": "a file inside the file",
    "inserted": "a document inside the document",
    "sheet": "a sheet that does not show",
    "rows": "rows that do not show",
    "columns": "columns that do not show",
    "formats": "cells whose format shows nothing",
    "print-area": "what lies outside the printed area",
    "pivot-caches": "data kept behind a summary",
    "names": "names of cells",
    "links": "links to other files",
    "bcc": "hidden addressees",
    "attachment": "an attached file",
    "formatted-version": "the formatted version of the text",
}


def _hidden(mark: Marked) -> tuple[str, str] | None:
    if mark["action"] == "show":
        return None
    kind = str(mark.get("item", "")).partition(":")[0]
    return "what the pages do not show", _HIDDEN.get(kind, "all that the pages do not show") + " left out"


def _fence(mark: Marked) -> tuple[str, str]:
    what = "left out" if mark["action"] == "cut" else "made less exact"
    return "positions inside a protected area", what


def _generalise(mark: Marked) -> tuple[str, str]:
    parts = {"grid_deg": "positions", "altitude": "altitudes", "time": "times"}
    return "the whole flight", ", ".join(
        word for name, word in parts.items() if mark.get(name)
    ) + " made less exact"


_PLACES: dict[str, Callable[[Marked], tuple[str, str] | None]] = {
    "box": lambda mark: (f"page {int(mark['page'])}", "an area of the page"),
    "text": _text,
    "page": lambda mark: (f"page {int(mark['page'])}", "the whole page"),
    "region": lambda mark: (_span(mark), "an area of the picture"),
    "frame": lambda mark: (_span(mark), "the whole picture"),
    "mute": _mute,
    "cut": lambda mark: (_span(mark), "cut out of the recording"),
    "hidden": _hidden,
    "tracks": lambda _mark: ("other pictures and sounds of the file", "left out"),
    "column": _column,
    "rows": lambda _mark: ("rows", "rows left out by a rule"),
    "own_plate": lambda mark: (f"column {mark['column']}", "rows of other vehicles left out"),
    "suppress": lambda mark: ("rows", f"groups of fewer than {int(mark['k'])} left out"),
    "home": lambda _mark: ("positions around the start and the operator", "left out or moved"),
    "fence": _fence,
    "generalise": _generalise,
    "fields": lambda _mark: ("technical fields", "fields that are not on the list for release"),
    "withhold": lambda _mark: ("the whole record", "withheld"),
}
