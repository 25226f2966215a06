"""What is seen in a film: sampled pictures, boxes, tracks, and a region for each of them.

Decoded once from start to end, one picture at a time in memory, in the displayed orientation.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from redaction.detect import models
from redaction.detect.suggestions import Entry, mark, said
from redaction.detect.tracks import Track, Tracker
from redaction.detect.ways import WAYS
from redaction.engines.media.pictures import turn_of
from redaction.engines.media.source import (
    demuxed,
    opened,
    picture_of,
    pictures_in,
    rate_of,
    scan,
    start_decoder,
)
from redaction.report import Refused

Progress = Callable[[float, str], None]

_DIGITS = 5  # of a fraction: a tenth of a pixel in 8K
_THREADS = 2


def in_film(
    source: Path, kind: str, *, folder: Path | None = None, progress: Progress | None = None
) -> list[Entry]:
    """This will suggest a region for each face, plate or text that is seen, through all its time.

    :raises Refused: when the film cannot be read, or there is no detector.
    """
    way, model = WAYS[kind], models.find(kind, folder)
    network = models.load(model)
    recording = scan(source, film=True)
    if not recording.has_picture:
        raise Refused("the recording has no picture")
    tracker: Tracker | None = None
    tracks: list[Entry] = []
    ended = 0.0

    def keep(track: Track) -> None:
        entry = _region(track, kind, model.name, way.reason, min(recording.duration, ended))
        if entry is not None:
            tracks.append(entry)

    for time, rate, picture in _pictures(source, recording.origin, way.film, way.step):
        ended = time + 1 / rate
        if picture is None:
            continue
        tracker = tracker or Tracker(way.habits(rate))
        height, width = picture.shape[:2]
        found = [box for box in network.find(picture, way.film, way.enlarge) if way.fits(box, width, height)]
        for track in tracker.feed(time, [box.scaled(1 / width, 1 / height) for box in found]):
            keep(track)
        if progress is not None:
            progress(min(1.0, time / max(recording.duration, 1e-3)), f"{kind} to second {time:.0f}")
    if tracker is None:
        raise Refused("no picture of the recording can be decoded")
    for track in tracker.close(ended):
        keep(track)
    return sorted(tracks, key=lambda entry: (entry["start"], entry["id"]))


def _pictures(
    source: Path, origin: float, longest: int, step_at: Callable[[float], int]
) -> Iterator[tuple[float, float, NDArray[np.uint8] | None]]:
    """Time, frames a second and, for a sampled one, the displayed picture, of each frame that is shown."""
    with opened(source) as container:
        stream = picture_of(container)
        if stream is None:
            raise Refused("the recording has no picture")
        start_decoder(stream, _THREADS)
        rate = float(rate_of(stream))
        step, count = step_at(rate), 0
        for packet in demuxed(container, [stream]):
            for frame in pictures_in(packet):
                time = count / rate
                if frame.pts is not None and frame.time_base is not None:
                    time = float(frame.pts * frame.time_base) - origin
                if time >= 0:
                    yield time, rate, _displayed(frame, longest) if count % step == 0 else None
                count += 1


def _displayed(frame: Any, longest: int) -> NDArray[np.uint8]:
    scale = min(1.0, longest / max(frame.width, frame.height))
    width, height = (max(2, round(side * scale / 2) * 2) for side in (frame.width, frame.height))
    small = frame.reformat(width=width, height=height, format="rgb24", interpolation="AREA", threads=1)
    return np.ascontiguousarray(turn_of(frame).apply(small.to_ndarray()))


def _region(track: Track, kind: str, detector: str, reason: str | None, ended: float) -> Entry | None:
    """One mark, its times inside the film and its rectangles inside the picture."""
    keys = track.finish()
    # a mark may not end after the film; to the millisecond below, as engines compare
    start, end = round(keys[0][0], 3), int(min(keys[-1][0], ended) * 1000) / 1000
    if end <= start:
        return None
    frames: list[dict[str, Any]] = []
    for time, box in keys:
        x, y = (round(edge, _DIGITS) for edge in (box.x0, box.y0))
        w, h = round(box.x1 - x, _DIGITS), round(box.y1 - y, _DIGITS)
        w, h = min(w, round(1 - x, _DIGITS)), min(h, round(1 - y, _DIGITS))
        at = round(time, 3)
        if w > 0 and h > 0 and (not frames or at > frames[-1]["t"]):
            frames.append({"t": at, "rect": [x, y, w, h]})
    if not frames:
        return None
    note = said(detector, track.best) + f"; seen in {track.sightings} sampled pictures"
    fields = {"kind": "region", "start": start, "end": end, "keyframes": frames}
    return mark(kind.removesuffix("s"), note, reason=reason, **fields)
