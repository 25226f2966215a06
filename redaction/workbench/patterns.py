"""What of a mark holds for every record made on the same form. Pure.

Only where something stands and what is done with it is kept: no words, plates, values, notes, secrets, and no
times or places that belong to one recording or one flight.
"""

from collections.abc import Iterable, Mapping
from typing import Any

Entry = Mapping[str, Any]
_WHY = ("kind", "reason", "exemption")
_KEPT = {
    "box": ("page", "rect", "extent"),
    "text": ("pattern", "pages"),
    "page": ("page",),
    "hidden": ("item", "action"),
    "region": ("start", "end", "style", "keyframes"),
    "tracks": ("picture", "sound"),
    "column": ("name", "action", "to"),
    "suppress": ("by", "k", "count"),
    "home": ("radius_m",),
    "generalise": ("grid_deg", "altitude", "time"),
    "fields": ("release",),
}


def general(entries: Iterable[Entry]) -> list[dict[str, Any]]:
    """This will give the marks that a template may keep, each stripped to what holds for every record."""
    return [
        {
            "id": f"t{number}",
            **{name: entry[name] for name in (*_WHY, *_KEPT[entry["kind"]]) if name in entry},
        }
        for number, entry in enumerate(filter(holds_elsewhere, entries), 1)
    ]


def holds_elsewhere(entry: Entry) -> bool:
    """This will tell whether a mark says nothing about the one record it was made for.

    Words are somebody's; a region that moves follows somebody; one that stays is what the camera burns in.
    """
    if entry["kind"] not in _KEPT or entry.get("decision") == "rejected":
        return False
    if entry.get("suggested") and not entry.get("decision"):
        return False
    if entry["kind"] == "text":
        return entry.get("pattern") is not None
    return entry["kind"] != "region" or len(entry["keyframes"]) == 1


def fitted(entry: Entry, seconds: float) -> dict[str, Any]:
    """This will let a region that stays last as long as the film it comes to, of so many seconds."""
    if entry["kind"] != "region" or seconds <= 0:
        return dict(entry)
    return {**entry, "start": 0.0, "end": seconds, "keyframes": [{**entry["keyframes"][0], "t": 0.0}]}
