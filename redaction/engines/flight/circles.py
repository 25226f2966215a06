"""Circles round places that must not be found again: each moved by a secret, the same in every release.

Four ways back to the centre are closed. A circle round the home gives it as its middle: the circle is moved.
A new move in each release averages out: the move comes from a secret seed. Releases of two radii, moved in
proportion, would meet in the home: the move depends on the radius only by its power of two. Many flights
from one home, each with a secret of its own, average out as well: with one seed for all of them, the move
belongs to the place (its square of a hundredth of a degree), not to the file.
"""

import hmac
import math
import secrets
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from redaction.engines.flight.sphere import EARTH, flat, metres
from redaction.engines.flight.track import Bools, Floats
from redaction.marks import Mark

NEAREST, FARTHEST = 0.2, 0.48  # of the power of two below the radius: how far a circle is moved
CELL = 0.01  # degrees
GUESSABLE = 32  # hexadecimal digits; a shorter seed can be tried out

UNSEEDED = (
    "the home circle was moved at random without a kept seed: several releases of one flight, laid over each "
    "other, would give the home point back"
)
SHORT = (
    f"the seed of the home circle has fewer than {GUESSABLE} hexadecimal digits: whoever tries all of them "
    "finds the home point"
)

Place = tuple[float, float]


@dataclass(frozen=True)
class Circle:
    """A place that is cut, with the mark it comes from; degrees and metres."""

    mark: Mark
    lat: float
    lon: float
    radius: float

    def holds(self, lat: Floats, lon: Floats) -> Bools:
        x, y = flat(lat, lon, (self.lat, self.lon))
        return np.asarray(np.hypot(x, y) <= self.radius)

    def crossed(self, lat: Floats, lon: Floats) -> Bools:
        """Whether the line from each point to the next comes into the circle."""
        x, y = flat(lat, lon, (self.lat, self.lon))
        dx, dy = np.diff(x), np.diff(y)
        length = dx * dx + dy * dy
        along = np.clip(-(x[:-1] * dx + y[:-1] * dy) / np.where(length > 0, length, 1), 0, 1)
        return np.asarray(np.hypot(x[:-1] + along * dx, y[:-1] + along * dy) <= self.radius)


def circles(mark: Mark, places: Sequence[Place], warnings: list[str]) -> list[Circle]:
    """This will give the circles of a home mark; places within one radius of each other share their move."""
    radius, seed = mark["radius_m"], mark["seed"]
    key = bytes.fromhex(seed.zfill(len(seed) + len(seed) % 2)) if seed else secrets.token_bytes(32)
    fault = UNSEEDED if seed is None else SHORT if len(seed) < GUESSABLE else None
    if fault and fault not in warnings:
        warnings.append(fault)
    drawn: list[Circle] = []
    anchors: list[tuple[Place, tuple[float, float]]] = []
    for lat, lon in places:
        near = (move for spot, move in anchors if float(metres(lat, lon, *spot)) <= radius)
        move = next(near, None)
        if move is None:
            move = offset(key, (lat, lon), radius)
            anchors.append(((lat, lon), move))
        north, east = move
        away = math.degrees(east / (EARTH * max(0.01, math.cos(math.radians(lat)))))
        drawn.append(Circle(mark, lat + math.degrees(north / EARTH), lon + away, radius))
    return drawn


def offset(key: bytes, place: Place, radius: float) -> tuple[float, float]:
    """This will give how far north and east, in metres, the circle of a place is moved."""
    power = math.floor(math.log2(radius))
    cell = f"{math.floor(place[0] / CELL)},{math.floor(place[1] / CELL)},{power}"
    noise = hmac.digest(key, b"daylight home offset " + cell.encode(), "sha256")
    far, turn = (int.from_bytes(part) / 2**64 for part in (noise[:8], noise[8:16]))
    # even over the ring's area, so that no distance is likelier than its share
    distance = 2.0**power * math.sqrt(NEAREST**2 + far * (FARTHEST**2 - NEAREST**2))
    return distance * math.cos(2 * math.pi * turn), distance * math.sin(2 * math.pi * turn)
