"""The released path as a map for the letter: scale bar, grid and north, drawn without any other source.

Only the released file is drawn, so the map cannot show more than it does. A path that was parted keeps its
gaps: no line leads through them, and no end is marked as a start or a landing.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from redaction.engines.flight.sphere import EARTH
from redaction.engines.flight.track import Floats, Track

WIDTH, HEIGHT = 1200, 1000  # units, and pixels of the picture
LEFT, TOP, RIGHT, BOTTOM = 96, 40, 1160, 860  # the frame
MARGIN = 0.08  # of the frame, left free round the path
SMALLEST = 60.0  # metres shown at least, so that a hover does not become a tangle
FINEST = 0.4  # units; points nearer to the last one drawn are passed over
STEPS = (1, 2, 5)

PAPER, FRAME, GRID, INK, FAINT, PATH = "#ffffff", "#8a8f98", "#e4e7eb", "#1f2933", "#5f6b7a", "#0b5394"

Spot = tuple[float, float]


@dataclass
class Sheet:
    """A drawing as simple shapes, in units from the top left; colours as ``#rrggbb``."""

    lines: list[tuple[list[Spot], str, float]] = field(default_factory=list)
    dots: list[tuple[Spot, str, float]] = field(default_factory=list)
    areas: list[tuple[list[Spot], str]] = field(default_factory=list)
    # where, what, anchor, size, ink
    texts: list[tuple[Spot, str, str, int, str]] = field(default_factory=list)

    def line(self, spots: list[Spot], ink: str, width: float) -> None:
        self.lines.append((spots, ink, width))

    def text(
        self, spot: Spot, text: str, *, anchor: str = "middle", size: int = 20, ink: str = FAINT
    ) -> None:
        self.texts.append((spot, text, anchor, size, ink))


def draw(track: Track) -> Sheet:
    """This will lay out the map of a released path."""
    sheet = Sheet()
    view = _View(track.lat, track.lon)
    _grid(sheet, view)
    _paths(sheet, view, track)
    _frame(sheet)
    _scale_bar(sheet, view)
    _north(sheet)
    _legend(sheet, int(track.segment[-1]) + 1)
    return sheet


class _View:
    """A plain cylindrical map: true to scale at its middle latitude."""

    def __init__(self, lat: Floats, lon: Floats) -> None:
        # a path across the date line is drawn in one piece
        turned = lon % 360 if lon.max() - lon.min() > 180 else lon
        self.middle = (float(lat.min() + lat.max()) / 2, float(turned.min() + turned.max()) / 2)
        self._shrink = max(0.01, math.cos(math.radians(self.middle[0])))
        degree = math.radians(1) * EARTH
        wide = max(SMALLEST, float(np.ptp(turned)) * degree * self._shrink)
        high = max(SMALLEST, float(np.ptp(lat)) * degree)
        self.per_metre = (1 - 2 * MARGIN) * min((RIGHT - LEFT) / wide, (BOTTOM - TOP) / high)
        self._degree = degree * self.per_metre

    def xy(self, lat: Floats, lon: Floats) -> tuple[Floats, Floats]:
        east = (lon - self.middle[1] + 180) % 360 - 180
        x = (LEFT + RIGHT) / 2 + east * self._degree * self._shrink
        return x, (TOP + BOTTOM) / 2 - (lat - self.middle[0]) * self._degree

    def span(self) -> tuple[float, float]:
        """Degrees of latitude and longitude that the frame shows."""
        return (BOTTOM - TOP) / self._degree, (RIGHT - LEFT) / (self._degree * self._shrink)


def _frame(sheet: Sheet) -> None:
    corners = [(LEFT, TOP), (RIGHT, TOP), (RIGHT, BOTTOM), (LEFT, BOTTOM), (LEFT, TOP)]
    sheet.line([(float(x), float(y)) for x, y in corners], FRAME, 1.5)


def _grid(sheet: Sheet, view: _View) -> None:
    high, wide = view.span()
    step = _round_down(max(high, wide) / 4)
    places = max(0, -math.floor(math.log10(step)))
    for lat in _marks(view.middle[0], high, step):
        y = float(view.xy(np.array([lat]), np.array([view.middle[1]]))[1][0])
        sheet.line([(LEFT, y), (RIGHT, y)], GRID, 1.2)
        if TOP + 12 < y < BOTTOM - 12:
            sheet.text(
                (LEFT - 8, y + 6), f"{abs(lat):.{places}f}° {'N' if lat >= 0 else 'S'}", anchor="end", size=16
            )
    for lon in _marks(view.middle[1], wide, step):
        x = float(view.xy(np.array([view.middle[0]]), np.array([lon]))[0][0])
        sheet.line([(x, TOP), (x, BOTTOM)], GRID, 1.2)
        told = (lon + 180) % 360 - 180
        if LEFT + 40 < x < RIGHT - 40:
            sheet.text((x, BOTTOM + 24), f"{abs(told):.{places}f}° {'E' if told >= 0 else 'W'}", size=16)


def _marks(middle: float, span: float, step: float) -> Iterator[float]:
    first = math.ceil((middle - span / 2) / step)
    for number in range(first, math.floor((middle + span / 2) / step) + 1):
        yield number * step


def _round_down(value: float) -> float:
    power = 10.0 ** math.floor(math.log10(value))
    return max(step * power for step in STEPS if step * power <= value * 1.0000001)


def _paths(sheet: Sheet, view: _View, track: Track) -> None:
    x, y = view.xy(track.lat, track.lon)
    edges = np.concatenate([[0], np.flatnonzero(np.diff(track.segment)) + 1, [len(x)]])
    for first, after in zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True):
        spots = _thin(x[first:after], y[first:after])
        if len(spots) > 1:
            sheet.line(spots, PATH, 3.0)
        else:
            sheet.dots.append((spots[0], PATH, 4.0))


def _thin(x: Floats, y: Floats) -> list[Spot]:
    """The points of a line that an eye can tell apart."""
    squares = np.floor(np.stack([x, y]) / FINEST).astype(np.int64)
    fresh = np.concatenate([[True], (np.diff(squares, axis=1) != 0).any(axis=0)])
    return list(zip(np.round(x[fresh], 1).tolist(), np.round(y[fresh], 1).tolist(), strict=True))


def _scale_bar(sheet: Sheet, view: _View) -> None:
    metres = _round_down(240 / view.per_metre)
    feet = _round_down(240 / view.per_metre / 0.3048)
    x, y = float(LEFT), 930.0
    for length, y, told in (
        (metres * view.per_metre, 930.0, f"{metres / 1000:g} km" if metres >= 1000 else f"{metres:g} m"),
        (
            feet * 0.3048 * view.per_metre,
            964.0,
            f"{feet:,.0f} ft" if feet < 20_000 else f"about {feet / 5280:.1f} miles",
        ),
    ):
        sheet.line([(x, y - 9), (x, y), (x + length, y), (x + length, y - 9)], INK, 2.0)
        sheet.text((x + length + 12, y + 3), told, anchor="start", size=18, ink=INK)


def _north(sheet: Sheet) -> None:
    x, y = RIGHT - 30.0, 905.0
    sheet.areas.append(([(x, y), (x + 12, y + 42), (x, y + 33), (x - 12, y + 42)], INK))
    sheet.text((x, y + 66), "N", size=20, ink=INK)


def _legend(sheet: Sheet, parts: int) -> None:
    x, y = 520.0, 930.0
    sheet.line([(x, y - 4), (x + 44, y - 4)], PATH, 3.0)
    told = "released path" if parts == 1 else f"released path, in {parts:,} parts"
    sheet.text((x + 56, y + 3), told, anchor="start", size=18, ink=INK)
    rest = "Ends of lines are not take-off or landing" + ("; gaps are withheld." if parts > 1 else ".")
    sheet.text((x, 967.0), rest, anchor="start", size=16)


def write_map(track: Track, svg: Path, png: Path) -> None:
    """This will write the map as SVG and as PNG, without metadata."""
    from redaction.engines.flight.pictures import as_png, as_svg

    sheet = draw(track)
    svg.write_text(as_svg(sheet), encoding="utf-8")
    as_png(sheet, png)
