"""Distances on a sphere, and a flat sheet good for a few kilometres round a point."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

EARTH = 6_371_008.8  # metres, mean radius

Floats = NDArray[np.float64]


def metres(lat1: Any, lon1: Any, lat2: Any, lon2: Any) -> Floats:
    """This will give great-circle distances (haversine) between places in degrees."""
    one, two = np.radians(lat1), np.radians(lat2)
    half = np.sin((two - one) / 2) ** 2
    half = half + np.cos(one) * np.cos(two) * np.sin(np.radians(np.subtract(lon2, lon1)) / 2) ** 2
    return np.asarray(2 * EARTH * np.arcsin(np.sqrt(np.minimum(1.0, half))))


def flat(lat: Floats, lon: Floats, middle: tuple[float, float]) -> tuple[Floats, Floats]:
    """This will give metres east and north of ``middle`` (lat, lon)."""
    east = (lon - middle[1] + 180) % 360 - 180
    shrink = np.cos(np.radians((lat + middle[0]) / 2))
    return np.radians(east) * shrink * EARTH, np.radians(lat - middle[0]) * EARTH
