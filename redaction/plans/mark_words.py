"""A mark and what is wrong with it in the words of the form, not of the marks format. Pure."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from redaction.plans.versions import noun

Entry = Mapping[str, Any]
_LONGEST = 60  # letters of a name
_FIELDS = {
    "radius_m": "the radius",
    "grid_deg": "the grid",
    "keyframes": "the positions",
    "polygon": "the corners",
    "rect": "the place",
    "literal": "the words",
    "t": "the second",
    "k": "the smallest group",
    "op": "the comparison",
    "keep": "the rows to keep",
    "remove": "the rows to remove",
    "by": "the columns of the groups",
    "to": "how coarse",
}
_QUOTED = re.compile(r"('[^']*'|\"[^\"]*\"|“[^”]*”)")
_AFTER = r"(?= (?:must|is missing|names|needs|belongs|or))|(?=,)"
_FIELD = re.compile(rf"(?:^|(?<=: )|(?<=needs ))({'|'.join(_FIELDS)})(?:{_AFTER})")


def named(entry: Entry) -> str:
    """This will name a mark as a person sees it: “the column “plate””, “the cut from 1:02 to 1:10”."""
    name = f"the {noun(str(entry.get('kind', 'mark')))}"
    words = entry.get("name") or entry.get("literal") or entry.get("plate") or entry.get("item")
    if isinstance(words, str) and words:
        return f"{name} “{words if len(words) <= _LONGEST else words[:_LONGEST] + '…'}”"
    if isinstance(entry.get("page"), int):
        return f"{name} {entry['page']}" if entry["kind"] == "page" else f"{name} on page {entry['page']}"
    if isinstance(entry.get("start"), int | float) and isinstance(entry.get("end"), int | float):
        return f"{name} from {_clock(entry['start'])} to {_clock(entry['end'])}"
    return name


def told(sentence: str, entries: Iterable[Entry]) -> str:
    """This will put a refusal in a clerk's words: marks by their names, fields as the form calls them."""
    names = {str(entry["id"]): named(entry) for entry in entries}
    if names:
        ids = "|".join(re.escape(name) for name in sorted(names, key=len, reverse=True))
        known = re.compile(rf"\b[Mm]ark ({ids})(?![\w-])")
        sentence = known.sub(lambda found: names[found.group(1)], sentence)
    sentence = "".join(
        part if number % 2 else _FIELD.sub(lambda found: _FIELDS[found.group(1)], part)
        for number, part in enumerate(_QUOTED.split(sentence))
    )
    return sentence[:1].upper() + sentence[1:]


def _clock(seconds: float) -> str:
    minutes, rest = divmod(round(seconds, 2), 60)
    hours, minutes = divmod(int(minutes), 60)
    tail = f"{rest:05.2f}".removesuffix(".00")
    return f"{hours}:{minutes:02}:{tail}" if hours else f"{minutes}:{tail}"
