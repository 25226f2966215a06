"""Puts a film together: copied groups from the source, rendered ones from their parts, and the sound."""

from dataclasses import dataclass, field
from fractions import Fraction
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from redaction.engines.media.source import demuxed, opened, picture_of, sound_of
from redaction.engines.video import landing, movie, nal
from redaction.engines.video.film import Film, decoding_times
from redaction.engines.video.movie import Movie, Track
from redaction.engines.video.parts import Part
from redaction.engines.video.plan import COPY, REDO, SPARSE, Plan, Segment
from redaction.engines.video.rendering import only_pictures
from redaction.engines.video.sound_part import SoundPart
from redaction.report import Refused

FINEST_CLOCK = 10_000  # ticks a second the output has at least


@dataclass
class _Row:
    """The samples of the picture track in the order they are decoded; ``place`` is −1 for a part's."""

    places: list[int] = field(default_factory=list)
    pts: list[int] = field(default_factory=list)
    dts: list[int] = field(default_factory=list)
    sizes: list[int] = field(default_factory=list)
    keys: list[int] = field(default_factory=list)


def join(
    plan: Plan, segments: list[Segment], rendered: list[Part], sound: SoundPart | None, target: Path
) -> None:
    """This will write the film. ``rendered`` has a part for each segment, in the same order.

    :raises Refused: when no picture is left, or the parts do not fit each other.
    """
    sets = {part.parameters for part, segment in zip(rendered, segments, strict=True) if part.pts}
    if len(sets) > 1:
        raise Refused("the segments were encoded by different encoders")
    row = _row(plan, segments, rendered)
    if not row.pts:
        raise Refused("no picture of the recording can be decoded")
    tracks = [_picture_track(plan, row, next(iter(sets), ()))]
    if sound is not None and len(sound.sizes):
        tracks.append(_sound_track(sound))
    with Movie(target, tracks) as out:
        _put_parts(out, row, rendered)
        copies = {place: number for number, place in enumerate(row.places) if place >= 0}
        wanted = sound if len(tracks) > 1 else None
        if copies or (wanted is not None and wanted.source is None):
            _put_source(out, plan.film, copies, wanted)
        if wanted is not None and wanted.source is not None:
            with wanted.source.open("rb") as stream:
                for number, size in enumerate(wanted.sizes.tolist()):
                    out.put(1, number, stream.read(size))


def _row(plan: Plan, segments: list[Segment], rendered: list[Part]) -> _Row:
    """Copies and parts in order; the pictures of a part take the smallest decoding times of their groups."""
    film, row = plan.film, _Row()
    waiting = {segment.first: (segment, part) for segment, part in zip(segments, rendered, strict=True)}
    for (first, last), fate in zip(plan.bounds, plan.fates.tolist(), strict=True):
        if fate == COPY:
            row.keys.append(len(row.pts))
            row.places += range(first, last)
            row.pts += film.pts[first:last].tolist()
            row.dts += film.dts[first:last].tolist()
            row.sizes += film.clean_sizes[first:last].tolist()
        elif fate == REDO and first in waiting:
            segment, part = waiting[first]
            row.keys += [len(row.pts) + number for number in part.keys]
            row.places += [-1] * len(part.pts)
            row.pts += part.pts
            row.sizes += part.sizes
            row.dts += _times_in_part(film, segment, part)
    return row


def _times_in_part(film: Film, segment: Segment, part: Part) -> list[int]:
    if not film.stamped:
        return list(part.pts)
    spare = np.sort(film.dts[segment.first : segment.last])
    ranks = np.searchsorted(np.sort(film.pts[segment.first : segment.last]), np.array(part.pts, np.int64))
    return [int(value) for value in spare[ranks]]


def _picture_track(plan: Plan, row: _Row, made: tuple[bytes, ...]) -> Track:
    film, look = plan.film, plan.film.look
    base = film.clock
    finer = 1
    while base.denominator * finer < FINEST_CLOCK:
        finer *= 2
    scale = base.denominator * finer
    pts = np.array(row.pts, np.int64)
    shifts = _shifts(plan, pts, scale)
    shown = pts * (base.numerator * finer) - shifts
    decoded = np.array(row.dts, np.int64) * (base.numerator * finer) - shifts
    if plan.way != SPARSE or (np.diff(decoded) <= 0).any() or (decoded > shown).any():
        decoded = decoding_times(shown)
    units = [*film.parameters, *made] if plan.way == SPARSE else list(made)
    configuration = nal.configuration(
        [unit for unit in units if unit[0] & 0x1F == nal.SPS],
        [unit for unit in units if unit[0] & 0x1F == nal.PPS],
    )
    width, height = look.shown if plan.way != SPARSE else (look.width, look.height)
    width, height = width + width % 2, height + height % 2
    swapped = plan.way != SPARSE and look.turn.swapped
    aspect = Fraction(1) / look.aspect if swapped else look.aspect
    full_range = look.full_range and plan.way == SPARSE
    colour = movie.colour_box(look.primaries, look.transfer, look.matrix, full_range=full_range)
    matrix = movie.turned(look.turn.corner if plan.way == SPARSE else (1, 0, 0, 1), width, height)
    end = max(_end(plan, scale), int(shown.max()) + 1)
    return Track(
        entry=movie.picture_entry(width, height, configuration, aspect, colour),
        is_picture=True,
        timescale=scale,
        dts=decoded,
        pts=shown,
        end=end,
        sizes=np.array(row.sizes, np.int64),
        keys=np.array(row.keys, np.int64),
        shown=(max(1, round(width * aspect)), height),
        matrix=matrix,
    )


def _shifts(plan: Plan, pts: NDArray[np.int64], scale: int) -> NDArray[np.int64]:
    """Ticks of the output by which each picture moves: where the player's clock begins, cuts before it."""
    film = plan.film
    times = pts * float(film.clock) - film.origin
    moved = np.full(len(pts), film.origin)
    for span in plan.timeline.cuts:
        moved += np.clip(times, span.start, span.end) - span.start
    ticks: NDArray[np.int64] = np.rint(moved * scale).astype(np.int64)
    return ticks


def _end(plan: Plan, scale: int) -> int:
    return round((plan.film.duration - plan.timeline.seconds_cut) * scale)


def _sound_track(sound: SoundPart) -> Track:
    stamps = sound.start + np.arange(len(sound.sizes), dtype=np.int64) * sound.step
    return Track(
        entry=movie.sound_entry(sound.channels, sound.rate, sound.config),
        is_picture=False,
        timescale=sound.rate,
        dts=stamps,
        pts=stamps,
        end=int(stamps[-1]) + sound.step,
        sizes=sound.sizes,
    )


def _put_parts(out: Movie, row: _Row, rendered: list[Part]) -> None:
    fresh = [number for number, place in enumerate(row.places) if place < 0]
    numbers = iter(fresh)
    for part in rendered:
        with part.samples() as stream:
            for size in part.sizes:
                out.put(0, next(numbers), stream.read(size))


def _put_source(out: Movie, film: Film, copies: dict[int, int], sound: SoundPart | None) -> None:
    """Packets that are copied: of pictures alone run by run, else in one pass over the source."""
    places = np.fromiter(sorted(copies), np.int64, len(copies))
    rest = landing.runs(places, film.starts[places])
    if sound is None or sound.source is not None:
        while rest and _put_run(out, film, copies, rest[0]):
            rest = rest[1:]
        if not rest:
            return
    left = np.concatenate([places[:0], *rest]).tolist()  # the container cannot seek, or all sound is wanted
    _put_everything(out, film, {place: copies[place] for place in left}, sound)


def _put_run(out: Movie, film: Film, copies: dict[int, int], run: NDArray[np.int64]) -> bool:
    """Whether a run of pictures was found by a seek; what lies between them is read and passed over.

    A packet that is not the one the scan saw at its place, or none, ends it: all of it is put again then.
    """
    first, last = int(run[0]), int(run[-1])
    with opened(film.path) as container:
        picture = picture_of(container, film.choice.picture)
        found = landing.on_picture(container, picture, film, first)
        if picture is None or found is None:
            return False
        packets = chain([found], (packet for packet in demuxed(container, [picture]) if packet.size))
        for place in range(first, last + 1):
            packet = next(packets, None)
            if packet is None or (packet.pts, packet.size) != (film.pts[place], film.sizes[place]):
                return False
            if place in copies:
                data, _ = only_pictures(memoryview(packet), film.length_size)
                out.put(0, copies[place], data)
    return True


def _put_everything(out: Movie, film: Film, copies: dict[int, int], sound: SoundPart | None) -> None:
    with opened(film.path) as container:
        choice = film.choice
        picture, track = picture_of(container, choice.picture), sound_of(container, choice.sound)
        streams: list[Any] = [picture] if copies else []
        passes = None
        if sound is not None and sound.source is None and track is not None:
            streams.append(track)
            passes = sound.passes
        place = heard = written = 0
        for packet in demuxed(container, streams):
            if not packet.size:
                continue
            if packet.stream is picture:
                if place in copies:
                    data, _ = only_pictures(memoryview(packet), film.length_size)
                    out.put(0, copies[place], data)
                place += 1
            elif passes is not None:
                if passes[heard]:
                    out.put(1, written, bytes(packet))
                    written += 1
                heard += 1
