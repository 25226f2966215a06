"""The points of a released flight as columns, each text of which was looked at before it became a number."""

import re
from array import array
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from redaction.report import Finding

DISTINCT = 10_000  # different values of a field that are remembered; every value is looked at
COLUMNS = ("lat", "lon", "altitude", "time", "seconds", "speed", "segment")
RUNS = re.compile(r"\s*[=+\-@|%\t\r]")  # what a spreadsheet may take for a formula

# each takes a column, every cell with a line feed after it; what is possessive never tries again
_NUMBERS = re.compile(r"(?:(?:-?\d{1,9}(?:\.\d{1,12})?)?\n)*+", re.ASCII)
_SECONDS = re.compile(r"(?:(?:-?\d{1,9}(?:\.\d{1,6})?)?\n)*+", re.ASCII)
_TIMES = re.compile(
    r"(?:(?:\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,6})?(?:Z|[+-]\d\d:\d\d)?)?\n)*+", re.ASCII
)
_PLAIN = re.compile(r"\s*[-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?\s*", re.ASCII)
_SERIAL = re.compile(r"(?<![A-Za-z0-9])(?=[A-Z]*\d)(?=\d*[A-Z])[A-Z0-9]{10,24}(?![A-Za-z0-9])")

Floats = NDArray[np.float64]
Texts = Sequence[str]


class Foreign(ValueError):
    """A place for digits holds something else."""


@dataclass
class Kept:
    """What the values of one field are: ``plain`` numbers all, one that ``runs``, one like a ``serial``."""

    plain: bool = True
    runs: bool = False
    serial: bool = False
    _seen: set[str] = field(default_factory=set)

    def look(self, values: Iterable[str]) -> None:
        """This will look at values, at each different one as a rule once."""
        fresh = set(values) - self._seen
        if len(self._seen) < DISTINCT:
            self._seen |= fresh
        self.plain = self.plain and all(_PLAIN.fullmatch(value) for value in fresh if value)
        self.runs = self.runs or any(RUNS.match(value) for value in fresh)
        self.serial = self.serial or any(_SERIAL.search(value) for value in fresh)


@dataclass
class Released:
    """The points of an output, and what else was found in it.

    Degrees, metres; ``time`` in seconds since 1970, ``seconds`` since the first point (NaN: none).
    """

    findings: list[Finding] = field(default_factory=list)
    kept: dict[str, Kept] = field(default_factory=dict)
    columns: dict[str, "array[float]"] = field(default_factory=lambda: {name: array("d") for name in COLUMNS})
    segments: int = 0

    def __len__(self) -> int:
        return len(self.columns["lat"])

    def __getitem__(self, name: str) -> Floats:
        return np.array(self.columns[name])

    def fault(self, message: str, place: str = "") -> None:
        """This will note what is wrong, twenty times at most."""
        if len(self.findings) < 20:
            self.findings.append(Finding(message, place=place))

    def fields(self, names: Iterable[str]) -> None:
        """This will note names of fields, also of such as hold nothing."""
        for name in names:
            self.kept.setdefault(name, Kept())

    def take(
        self,
        lat: Texts,
        lon: Texts,
        *,
        altitude: Texts | None = None,
        time: Texts | None = None,
        seconds: Texts | None = None,
        fields: Mapping[str, Texts] | None = None,
        segment: Any = None,
    ) -> None:
        """This will take points in the digits of the file; an empty text is nothing known.

        :raises Foreign: for something else where a number belongs.
        """
        if "" in lat or "" in lon:
            raise Foreign("a point has no place")
        blank = np.full(len(lat), np.nan)
        taken = dict.fromkeys(COLUMNS, blank)
        taken["lat"], taken["lon"] = _numbers(lat), _numbers(lon)
        if not ((np.abs(taken["lat"]) <= 90) & (np.abs(taken["lon"]) <= 180)).all():
            self.fault("holds a point that is not on Earth")
        taken["segment"] = np.full(len(lat), self.segments) if segment is None else segment
        if altitude is not None:
            taken["altitude"] = _numbers(altitude)
        if seconds is not None and self._fits(seconds, _SECONDS, "seconds belong"):
            taken["seconds"] = _floats(seconds)
        if time is not None and self._fits(time, _TIMES, "a time belongs"):
            taken["time"] = _moments(time)
        for name, values in (fields or {}).items():
            self.kept.setdefault(name, Kept()).look(values)
            if name.strip().lower() == "speed":
                taken["speed"] = _numbers(values)
        for name, column in self.columns.items():
            if len(taken[name]) != len(lat):
                raise Foreign("a column is shorter than the path")
            column.frombytes(np.asarray(taken[name], dtype=np.float64).tobytes())

    def check_number(self, text: str) -> None:
        """This will do nothing.

        :raises Foreign: for anything but a number.
        """
        _numbers([text])

    def _fits(self, texts: Texts, form: re.Pattern[str], what: str) -> bool:
        if _is_column(texts, form):
            return True
        self.fault(f"holds something else where {what}")
        return False


def _is_column(texts: Texts, form: re.Pattern[str]) -> bool:
    joined = "\n".join(texts) + "\n" if len(texts) else ""
    return joined.count("\n") == len(texts) and form.fullmatch(joined) is not None


def _numbers(texts: Texts) -> Floats:
    if not _is_column(texts, _NUMBERS):
        raise Foreign("a place for digits holds something else")
    return _floats(texts)


def _floats(texts: Texts) -> Floats:
    return np.array([float(text or "nan") for text in texts])


def _moments(texts: Texts) -> Floats:
    zones = {text[19:].lstrip(".0123456789") for text in texts if text}
    if zones <= {"", "Z"}:
        at = np.array([text.removesuffix("Z") for text in texts], dtype="M8[us]")
        return np.where(np.isnat(at), np.nan, at.astype(np.int64) / 1e6)
    return np.array([_moment(text) if text else np.nan for text in texts])


def _moment(text: str) -> float:
    at = datetime.fromisoformat(text)
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp()
