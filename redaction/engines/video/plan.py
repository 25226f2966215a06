"""Which groups of pictures are copied, which are encoded anew and which are left out; and in which segments.

A group that nothing touches is passed on as it is. When that cannot be done safely, or hardly anything would
be left to copy, the whole film is encoded anew. Either way the work falls into segments that do not need
each other.
"""

import hashlib
import json
from dataclasses import asdict, dataclass
from functools import cached_property
from itertools import pairwise

import av
import numpy as np
from numpy.typing import NDArray

from redaction.engines.media.timeline import ROUNDING, Timeline
from redaction.engines.video import nal
from redaction.engines.video.film import CLEAN, DAMAGED, HIDDEN, Film
from redaction.engines.video.strokes import Brush
from redaction.marks import Marks
from redaction.report import Refused

ENGINE = "daylight-video 2"
SPARSE, FULL = "copy what is untouched", "full transcode"
MOST_TOUCHED = 0.7  # share of the pictures above which copying the rest is not worth two parameter sets
SLOT = 4.0  # seconds of source a segment lasts at most, longer groups aside
COPY, REDO, GONE = 0, 1, 2
_MOST_IDS = 32


@dataclass(frozen=True)
class Segment:
    """A run of packets that is rendered in one piece, from a boundary to the next.

    ``key`` stands for everything its result depends on: source, engine, and what is painted and cut within.
    ``start`` and ``end`` are seconds of the source, ``last`` is excluded.
    """

    key: str
    first: int
    last: int
    start: float
    end: float
    pictures: int


@dataclass(frozen=True)
class Plan:
    """``fates`` has COPY, REDO or GONE for each group, ``kept`` tells which packets' pictures remain."""

    film: Film
    timeline: Timeline
    brush: Brush
    way: str
    why: str
    fates: NDArray[np.uint8]
    kept: NDArray[np.bool_]
    parameter_id: int

    @property
    def bounds(self) -> list[tuple[int, int]]:
        return list(pairwise([*self.film.groups.tolist(), len(self.film.pts)]))

    def count(self, fate: int) -> int:
        return int((self.fates == fate).sum())

    @cached_property
    def longest_group(self) -> float:
        """Seconds from the boundary of the longest group to the next."""
        starts = [float(self.film.starts[first]) for first, _ in self.bounds]
        return max(np.diff([*starts, self.film.duration]), default=0.0)

    def segments(self, digest: str) -> list[Segment]:
        """This will give the work; ``digest`` is the source's SHA-256, empty when keys stay in this run."""
        film = self.film
        runs: list[list[int]] = []
        slot = -1
        for (first, last), fate in zip(self.bounds, self.fates.tolist(), strict=True):
            place = int(max(0.0, float(film.starts[first])) // SLOT)
            if fate == REDO:
                if runs and runs[-1][1] == first and place == slot:
                    runs[-1][1] = last
                else:
                    runs.append([first, last])
                slot = place
        return [self._segment(first, last, digest) for first, last in runs]

    def _segment(self, first: int, last: int, digest: str) -> Segment:
        film = self.film
        start, end = float(film.starts[first:last].min()), float(film.ends[first:last].max())
        kept = np.flatnonzero(self.kept[first:last]) + first
        # the pixels alone count: a mark that changes elsewhere, or its reason, leaves this segment valid
        which = [digest, film.choice.picture, first, last]
        content: list[object] = [*which, ENGINE, av.__version__, self.way, self.parameter_id]
        if film.stamped:
            for number in kept.tolist():
                strokes = self.brush.strokes(float(film.starts[number]), float(film.ends[number]))
                content.append([number, [(asdict(stroke.box), stroke.style) for stroke in strokes]])
        else:
            content += [[dict(mark.fields) for mark in self.brush.marks], self.timeline.as_map()]
        text = json.dumps(content, sort_keys=True)
        return Segment(hashlib.sha256(text.encode()).hexdigest(), first, last, start, end, len(kept))


def plan_of(film: Film, timeline: Timeline, marks: Marks) -> Plan:
    """This will decide the way and the fate of every group.

    :raises Refused: when no picture is left.
    """
    brush = Brush(marks, film.look.shown)
    hidden = (film.flags & HIDDEN) != 0
    kept = ~hidden
    if film.stamped:
        kept &= (film.ends > 0) & ~_cut(film.starts, timeline)
    if not kept.any():
        raise Refused("no picture is left after the cuts")
    fates = _fates(film, kept, brush)
    touched = fates == REDO
    bounds = np.append(film.groups, len(film.pts))
    counts = np.add.reduceat(kept.astype(np.int64), film.groups)
    share = float(counts[touched].sum() / kept.sum())
    whys = _obstacles(film)
    if not whys and share > MOST_TOUCHED:
        longest = float(np.diff(np.append(film.starts[film.groups], film.duration)).max())
        whys = [
            f"{share:.0%} of the pictures are in groups that marks touch "
            f"({len(bounds) - 1} groups, the longest of {longest:.0f} s)"
        ]
    if whys:
        fates = np.where(counts > 0, REDO, GONE).astype(np.uint8)
        return Plan(film, timeline, brush, FULL, "; ".join(whys), fates, kept, 0)
    why = f"marks touch groups with {share:.0%} of the pictures"
    return Plan(film, timeline, brush, SPARSE, why, fates, kept, _free_id(film))


def _fates(film: Film, kept: NDArray[np.bool_], brush: Brush) -> NDArray[np.uint8]:
    painted = kept & brush.touched(film.starts, film.ends) if film.stamped else kept
    spoilt = (film.flags & DAMAGED) != 0
    groups = film.groups
    touched = np.logical_or.reduceat(painted | spoilt | ~kept, groups)
    if not film.flags[0] & CLEAN:
        touched[0] = True
    any_kept = np.logical_or.reduceat(kept, groups)
    return np.where(any_kept, np.where(touched, REDO, COPY), GONE).astype(np.uint8)


def _cut(starts: NDArray[np.float64], timeline: Timeline) -> NDArray[np.bool_]:
    found = np.zeros(len(starts), dtype=bool)
    for span in timeline.cuts:
        found |= (starts >= span.start - ROUNDING) & (starts < span.end - 1e-6)
    return found


def _obstacles(film: Film) -> list[str]:
    """Why pictures of this film cannot be copied beside others that are encoded anew; empty when they can."""
    if film.codec != "h264":
        return [f"the film is coded in {film.codec}, only H.264 can be copied in part"]
    if film.faults:
        return [f"the film cannot be copied in part: {fault}" for fault in film.faults]
    if not film.stamped:
        return ["the film's time stamps are broken"]
    sequences = [nal.sequence_of(unit) for unit in film.parameters if unit[0] & 0x1F == nal.SPS]
    if len(sequences) != 1:
        return [f"the film has {len(sequences)} sequence parameter sets, not one"]
    if not sequences[0].is_plain or film.look.format not in ("yuv420p", "yuvj420p"):
        return ["the film's pictures are not 8-bit 4:2:0"]
    if not sequences[0].progressive:
        return ["the film is interlaced"]
    if film.look.width % 2 or film.look.height % 2:
        return ["the film's size is odd"]
    if film.look.turn.mirrored:
        return ["the film is shown mirrored"]
    if not _free_id(film):
        return ["the film uses every number a parameter set can have"]
    return []


def _free_id(film: Film) -> int:
    """A number that neither kind of parameter set of the source has: the new sets take it for both."""
    used = set()
    for unit in film.parameters:
        kind = unit[0] & 0x1F
        used.add(nal.sequence_of(unit).id if kind == nal.SPS else nal.picture_set_ids(unit)[0])
    return next((number for number in range(1, _MOST_IDS) if number not in used), 0)
