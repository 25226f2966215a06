"""Known exports by their headers, and careful suggestions of what to do with each column.

Every suggestion waits for a person. A column nobody knows gets none to release it: it stays dropped.
"""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

_DATA = Path(__file__).with_name("profiles.json")

Advice = tuple[str, str, str]  # action, how coarse, why


@dataclass(frozen=True)
class Profile:
    """One vendor's export: the columns that tell it, and what is advised for each."""

    id: str
    title: str
    needs: frozenset[str]
    columns: dict[str, Advice]


def recognise(header: Sequence[str]) -> Profile | None:
    """This will give the profile whose telling columns are all in the header; the most telling first."""
    names = {_plain(name) for name in header} | {_squeezed(name) for name in header}
    fitting = [profile for profile in _profiles() if profile.needs <= names]
    return max(fitting, key=lambda profile: len(profile.needs), default=None)


def propose(header: Sequence[str]) -> list[dict[str, Any]]:
    """This will suggest a column mark for each column, each ``suggested`` and with the reason as its note."""
    profile = recognise(header)
    marks = []
    for number, name in enumerate(header, 1):
        action, to, why = _advice(name, profile)
        source = profile.title if profile is not None else "by its header"
        mark = {
            "id": f"column-{number}",
            "kind": "column",
            "name": name,
            "action": action,
            "note": f"{why} ({source})",
            "suggested": True,
        }
        marks.append(mark | {"to": to} if to else mark)
    return marks


def _advice(name: str, profile: Profile | None) -> Advice:
    for spelling in (_plain(name), _squeezed(name)):
        if profile is not None and spelling in profile.columns:
            return profile.columns[spelling]
    words = _plain(name)
    for pattern, advice in _synonyms():
        if pattern.fullmatch(words):
            return advice
    return "drop", "", "nobody knows this column: look at it before it is released"


def _plain(name: str) -> str:
    """Words in small letters: LicensePlate, license_plate and License-Plate are one."""
    parted = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", name)
    return " ".join(re.sub(r"[^\w#]+|_", " ", parted).lower().split())


def _squeezed(name: str) -> str:
    return "_".join(name.lower().split()) if "_" in name else "".join(name.lower().split())


@lru_cache(maxsize=1)
def _data() -> dict[str, Any]:
    data: dict[str, Any] = json.loads(_DATA.read_text(encoding="utf-8"))
    return data


@lru_cache(maxsize=1)
def _profiles() -> tuple[Profile, ...]:
    return tuple(
        Profile(
            entry["id"],
            entry["title"],
            frozenset(entry["needs"]),
            {name: (advice[0], advice[1], advice[2]) for name, advice in entry["columns"].items()},
        )
        for entry in _data()["profiles"]
    )


@lru_cache(maxsize=1)
def _synonyms() -> tuple[tuple[re.Pattern[str], Advice], ...]:
    return tuple((re.compile(pattern), (action, to, why)) for action, to, why, pattern in _data()["synonyms"])
