"""The released points spelled out, the same for every output format, a piece at a time."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from redaction.engines.flight.cuts import Cut
from redaction.engines.flight.sphere import metres
from redaction.engines.flight.track import NEVER, Floats, Track
from redaction.engines.flight.whitelist import HEADING, SPEED, Whitelist
from redaction.engines.table.cells import HIDDEN

CHUNK = 8_192


@dataclass
class Piece:
    """Some points of one run as text; degrees, metres, a time or seconds. An empty text is nothing known."""

    lat: list[str]
    lon: list[str]
    altitude: list[str]
    time: list[str]
    seconds: list[str]
    fields: dict[str, list[str]] = field(default_factory=dict)


@dataclass
class Released:
    """What is left of a flight. ``altitude`` is "metre", "drop" or empty; ``places`` decimals of a degree."""

    track: Track
    left: Cut
    fields: Whitelist
    relative: bool
    altitude: str
    places: int

    @property
    def names(self) -> list[str]:
        """The fields beside place, height and time, in the order they are written."""
        return [*self.fields.names, *[SPEED] * self.fields.speed, *[HEADING] * self.fields.heading]

    @cached_property
    def bounds(self) -> list[tuple[int, int]]:
        """The first point of each run and the one after its last."""
        starts = np.concatenate([[0], np.flatnonzero(np.diff(self.left.run)) + 1, [len(self.left.run)]])
        return list(zip(starts[:-1].tolist(), starts[1:].tolist(), strict=True)) if len(self.left.run) else []

    @cached_property
    def heights(self) -> Floats:
        metres_up = self.track.altitude[self.left.index]
        if self.altitude == "drop":
            return np.full(len(metres_up), np.nan)
        return np.asarray(np.round(metres_up, 0 if self.altitude == "metre" else 3) + 0.0)

    @cached_property
    def seconds(self) -> Floats:
        """Seconds since the first released point, of those that have no time of day to be released."""
        at, elapsed = self.track.at[self.left.index], self.track.elapsed[self.left.index]
        if not len(at):
            return np.empty(0)
        timed = at != NEVER
        since = np.where(timed & timed[0], (at - at[0]) / 1e6, elapsed - elapsed[0])
        return since if self.relative else np.asarray(np.where(timed, np.nan, since))

    @cached_property
    def is_timed(self) -> bool:
        return not self.relative and bool((self.track.at[self.left.index] != NEVER).any())

    @cached_property
    def is_fine(self) -> bool:
        """Whether any time is finer than a second."""
        at = self.track.at[self.left.index]
        return bool((at[at != NEVER] % 1_000_000 != 0).any())

    def texts(self, name: str) -> list[str]:
        """This will give the different values of a field, cleaned of what an eye does not see."""
        return [HIDDEN.sub("", text) for text in self.track.fields[name].texts]

    def pieces(self, start: int, stop: int) -> Iterator[Piece]:
        """This will spell out the points of one run."""
        for first in range(start, stop, CHUNK):
            yield self._spell(start, first, min(stop, first + CHUNK))

    def _spell(self, start: int, first: int, last: int) -> Piece:
        part = slice(first, last)
        form = f"%.{self.places}f"
        piece = Piece(
            lat=[form % value for value in self.left.lat[part].tolist()],
            lon=[form % value for value in self.left.lon[part].tolist()],
            altitude=self._heights(part),
            time=self._times(part) if self.is_timed else [""] * (last - first),
            seconds=["" if value != value else f"{value:.3f}" for value in self.seconds[part].tolist()],
        )
        for name in self.fields.names:
            texts = self.texts(name)
            codes = np.frombuffer(self.track.fields[name].codes, dtype=np.int32)[self.left.index[part]]
            piece.fields[name] = [texts[code] for code in codes.tolist()]
        if self.fields.speed or self.fields.heading:
            self._move(piece, start, first, last)
        return piece

    def _heights(self, part: slice) -> list[str]:
        values = self.heights[part]
        if self.altitude == "metre" and np.isfinite(values).all():
            return [str(value) for value in values.astype(np.int64).tolist()]
        return [_trim(value) for value in values.tolist()]

    def _times(self, part: slice) -> list[str]:
        at = self.track.at[self.left.index[part]]
        written = np.datetime_as_string(at.astype("M8[us]"), unit="ms" if self.is_fine else "s").tolist()
        zone = "Z" if self.track.aware else ""
        return ["" if text == "NaT" else text + zone for text in written]

    def _move(self, piece: Piece, start: int, first: int, last: int) -> None:
        """Speed and heading come from the released points before, so that they say no more than those."""
        before = max(start, first - 1)
        lat, lon = np.array(self.left.lat[before:last]), np.array(self.left.lon[before:last])
        index = self.left.index[before:last]
        at, elapsed = self.track.at[index], self.track.elapsed[index]
        timed = (at[:-1] != NEVER) & (at[1:] != NEVER)
        # by the digits that are written: a thousandth of a second
        passed = np.where(timed, np.diff(at // 1000) / 1e3, np.diff(np.round(elapsed, 3)))
        far = metres(lat[:-1], lon[:-1], lat[1:], lon[1:])
        blank = [""] if before == first else []
        if self.fields.speed:
            speeds = far / np.where(passed > 0, passed, np.nan)
            piece.fields[SPEED] = blank + ["" if v != v else f"{v:.1f}" for v in speeds.tolist()]
        if self.fields.heading:
            turns = np.where(far > 0, _heading(lat, lon), np.nan)
            piece.fields[HEADING] = blank + ["" if v != v else f"{v % 360:.0f}" for v in turns.tolist()]


def _heading(lat: Floats, lon: Floats) -> Floats:
    one, two, east = np.radians(lat[:-1]), np.radians(lat[1:]), np.radians(np.diff(lon))
    north = np.cos(one) * np.sin(two) - np.sin(one) * np.cos(two) * np.cos(east)
    return np.asarray(np.degrees(np.arctan2(np.sin(east) * np.cos(two), north)))


def _trim(value: float) -> str:
    return "" if value != value else f"{value:.3f}".rstrip("0").rstrip(".")
