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

_UNKNOWN = "nobody knows this column: look at it before it is released"
_PLATE = "names a car and its keeper"

Advice = tuple[str, str, str]  # action, how coarse, why


@dataclass(frozen=True)
class Profile:
    """One vendor's export: the columns that tell it, and what is advised for each."""

    id: str
    title: str
    needs: frozenset[str]
    columns: dict[str, Advice]


@dataclass(frozen=True)
class Meaning:
    """What a column is taken for. ``by`` says how it is known: profile, name, or "" for not at all."""

    name: str
    by: str
    action: str = ""
    to: str = ""
    why: str = ""

    @property
    def is_plate(self) -> bool:
        return self.by != "" and (self.action, self.why) == ("mask", _PLATE)


@dataclass(frozen=True)
class Likeness:
    """A profile and how a header agrees with it.

    ``missing`` are its telling columns that are not there, ``strange`` the header's that it does not know.
    """

    profile: Profile
    missing: tuple[str, ...]
    strange: tuple[str, ...]

    @property
    def is_certain(self) -> bool:
        return not self.missing


def recognise(header: Sequence[str]) -> Profile | None:
    """This will give the profile whose telling columns are all in the header; the most telling first."""
    names = {_plain(name) for name in header} | {_squeezed(name) for name in header}
    fitting = [profile for profile in _profiles() if profile.needs <= names]
    return max(fitting, key=lambda profile: len(profile.needs), default=None)


def compare(header: Sequence[str]) -> Likeness | None:
    """This will give the profile a header agrees with, or nearly does: an export whose columns changed.

    Nearly means that at least two thirds of a profile's telling columns, and three, are there.
    """
    found = recognise(header)
    names = {_plain(name) for name in header} | {_squeezed(name) for name in header}
    if found is None:
        near = [
            profile
            for profile in _profiles()
            if len(profile.needs & names) >= max(3, 2 * len(profile.needs) / 3)
        ]
        found = max(near, key=lambda profile: len(profile.needs & names), default=None)
    if found is None:
        return None
    known = found.columns.keys() | found.needs
    strange = tuple(name for name in header if _plain(name) not in known and _squeezed(name) not in known)
    return Likeness(found, tuple(sorted(found.needs - names)), strange)


def meanings(header: Sequence[str]) -> list[Meaning]:
    """This will say of each column what it is taken for; of one that nobody knows, nothing is guessed."""
    profile = recognise(header)
    return [_meaning(name, profile) for name in header]


def propose(header: Sequence[str]) -> list[dict[str, Any]]:
    """This will suggest a column mark for each column, each ``suggested`` and with the reason as its note."""
    profile = recognise(header)
    marks = []
    for number, name in enumerate(header, 1):
        known = _meaning(name, profile)
        source = profile.title if profile is not None else "by its header"
        mark = {
            "id": f"column-{number}",
            "kind": "column",
            "name": name,
            "action": known.action or "drop",
            "note": f"{known.why or _UNKNOWN} ({source})",
            "suggested": True,
        }
        marks.append(mark | {"to": known.to} if known.to else mark)
    return marks


def _meaning(name: str, profile: Profile | None) -> Meaning:
    for spelling in (_plain(name), _squeezed(name)):
        if profile is not None and spelling in profile.columns:
            return Meaning(name, "profile", *profile.columns[spelling])
    words = _plain(name)
    for pattern, advice in _synonyms():
        if pattern.fullmatch(words):
            return Meaning(name, "name", *advice)
    return Meaning(name, "")


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
