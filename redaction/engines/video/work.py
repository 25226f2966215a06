"""The four calls of the engine: all at once, or cut into segments that any machine renders and one joins."""

import os
import shutil
import tempfile
import threading
from collections.abc import Callable, Collection
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import suppress
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from redaction.engines.media.choice import Choice
from redaction.engines.media.timeline import plan as timeline_of
from redaction.engines.media.writing import FAULTS
from redaction.engines.video import index, joining, parts, rendering, sound_part
from redaction.engines.video.account import report_of
from redaction.engines.video.film import Film, film_of
from redaction.engines.video.parts import Part
from redaction.engines.video.plan import Plan, Segment, plan_of
from redaction.engines.video.sound_part import SoundPart
from redaction.marks import Marks
from redaction.report import Refused, Report, sha256_of
from redaction.transcript import Speech, listen

KINDS = ("region", "frame", "mute", "cut", "tracks")
_LOOK_EVERY = 0.25  # seconds between two words about how far it is
_JOINING = 0.05  # share of the progress that is left for putting the film together

Progress = Callable[[float, str], None]


class Stopped(Exception):
    """The caller wants no more of this work."""


def segments(
    source: Path, marks: Marks, transcript: Path | None = None, scan: Path | None = None
) -> list[Segment]:
    """This will cut the work on a film into pieces that do not need each other, in order.

    ``transcript`` tells where the words of a mute are spoken; segments hold pictures and do not depend on it.
    ``scan`` is what :func:`redaction.engines.video.index.write` kept of the film: it is not scanned anew.

    :raises MarksError: for a mark that does not fit the film.
    :raises Refused: when the film cannot be processed safely.
    """
    work = _Work.on(source, marks, transcript, scan=scan)
    return work.plan.segments(work.digest)


def render_segment(
    source: Path, marks: Marks, segment: Segment, folder: Path, transcript: Path | None = None
) -> Path:
    """This will give the finished part of a segment in ``folder``, rendered unless a whole one is there.

    :raises Refused: when the segment is not of this source and these marks, or cannot be rendered.
    """
    work = _Work.on(source, marks, transcript)
    plan = work.plan
    if segment not in plan.segments(work.digest):
        raise Refused("this segment is not of this film and these marks")
    parts.private_folder(folder)
    path = folder / f"{segment.key}.part"
    with suppress(parts.UnfitPart):
        return parts.read(path, segment.key).path
    return rendering.render(plan, segment, folder, alone=True)


def render_segments(
    source: Path,
    marks: Marks,
    keys: Collection[str],
    folder: Path,
    progress: Progress | None = None,
    scan: Path | None = None,
) -> int:
    """This will do as :func:`render_segment` for several, in one scan and on all cores; how many were made.

    :raises Refused: when a key is not of this source and these marks, or a segment cannot be rendered.
    """
    work = _Work.on(source, marks, None, progress or (lambda *_: None), scan)
    wanted = [piece for piece in work.plan.segments(work.digest) if piece.key in keys]
    if len(wanted) != len(set(keys)):
        raise Refused("a segment is not of this film and these marks")
    _, there = work.render(wanted, parts.private_folder(folder))
    return len(wanted) - there


def join(
    source: Path, marks: Marks, rendered: list[Path], target: Path, transcript: Path | None = None
) -> Report:
    """This will put the film together from the parts of all its segments, in order, and its sound.

    :raises Refused: when a part is missing, changed or of another segment.
    """
    work = _Work.on(source, marks, transcript)
    pieces = work.plan.segments(work.digest)
    if len(pieces) != len(rendered):
        raise Refused(f"the film has {len(pieces)} segments, {len(rendered)} parts were given")
    try:
        found = [parts.read(path, piece.key) for path, piece in zip(rendered, pieces, strict=True)]
    except parts.UnfitPart as error:
        raise Refused(f"a part of the film cannot be used: {error}") from error
    try:
        return _whole(work, pieces, found, len(pieces), target)
    except BaseException:
        target.unlink(missing_ok=True)
        raise


def redact(
    source: Path,
    marks: Marks,
    target: Path,
    *,
    progress: Progress | None = None,
    cache: Path | None = None,
    transcript: Path | None = None,
    scan: Path | None = None,
) -> Report:
    """This will write an MP4 (H.264, AAC) without what the marks name.

    ``cache`` is a folder that keeps finished segments: what is in it is not rendered again. ``transcript``
    (SRT, VTT or timed words) tells where the words of a ``mute`` with a literal are spoken. ``scan`` is what
    was kept of the film, as for :func:`segments`.

    :raises MarksError: for a mark that does not fit the film, before any work.
    :raises Refused: when the film cannot be processed safely.
    """
    work = _Work.on(source, marks, transcript, progress or (lambda *_: None), scan)
    pieces = work.plan.segments(work.digest if cache is not None else "")
    scratch = Path(tempfile.mkdtemp(prefix=".segments-", dir=target.parent))
    try:
        folder = parts.private_folder(cache) if cache is not None else scratch
        found, cached = work.render(pieces, folder)
        return _whole(work, pieces, found, cached, target, scratch)
    except BaseException as error:
        target.unlink(missing_ok=True)
        if isinstance(error, FAULTS):
            raise Refused(f"the recording cannot be encoded: {error}") from error
        raise
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _whole(
    work: "_Work",
    pieces: list[Segment],
    found: list[Part],
    cached: int,
    target: Path,
    scratch: Path | None = None,
) -> Report:
    folder = scratch or Path(tempfile.mkdtemp(prefix=".segments-", dir=target.parent))
    try:
        sound = work.sound or sound_part.copied(work.plan, work.speech.marks)
        if sound is None and work.plan.film.sound is not None:
            sound = sound_part.encoded(work.plan, work.speech.marks, folder, lambda: None)
        work.progress(1 - _JOINING, "joining")
        joining.join(work.plan, pieces, found, sound, target)
        work.progress(1.0, "joined")
        return report_of(work.plan, work.marks, work.speech, found, sound, cached)
    finally:
        if scratch is None:
            shutil.rmtree(folder, ignore_errors=True)


@dataclass
class _Work:
    """Renders segments on all cores at once and says how far it is."""

    plan: Plan
    marks: Marks
    speech: Speech
    progress: Progress
    known: str = ""
    sound: SoundPart | None = None
    done: int = 0
    stop: threading.Event = field(default_factory=threading.Event)
    lock: threading.Lock = field(default_factory=threading.Lock)

    @classmethod
    def on(
        cls,
        source: Path,
        marks: Marks,
        transcript: Path | None,
        progress: Progress = lambda *_: None,
        scan: Path | None = None,
    ) -> "_Work":
        """This will scan a film, check the marks against it and decide what is to be done."""
        marks = marks.effective
        choice, known = Choice.of(marks), ""
        if scan is not None:
            film, known = index.read(scan, source, choice)
        else:
            film = _film(source, choice)
        speech = listen(marks, transcript, film.duration)
        has_sound = film.sound is not None
        timeline = timeline_of(speech.marks, duration=film.duration, kinds=KINDS, has_sound=has_sound)
        return cls(plan_of(film, timeline, marks), marks, speech, progress, known)

    @property
    def digest(self) -> str:
        """The film's SHA-256: as whoever kept its scan vouches for it, else taken now."""
        return self.known or _digest(self.plan.film.path)

    def render(self, pieces: list[Segment], folder: Path) -> tuple[list[Part], int]:
        """This will give a part for every segment and how many were there already."""
        ready: dict[str, Part] = {}
        for piece in pieces:
            with suppress(parts.UnfitPart):
                ready[piece.key] = parts.read(folder / f"{piece.key}.part", piece.key)
        missing = [piece for piece in pieces if piece.key not in ready]
        workers = min(len(missing), os.cpu_count() or 1)
        total = sum(piece.pictures for piece in missing)
        with ThreadPoolExecutor(max(workers, 1), thread_name_prefix="segment") as pool:
            jobs: dict[Future[Part], Segment] = {
                pool.submit(self._one, piece, folder, workers == 1): piece for piece in missing
            }
            try:
                waiting = set(jobs)
                while waiting:
                    finished, waiting = wait(waiting, _LOOK_EVERY, FIRST_COMPLETED)
                    for job in finished:
                        ready[jobs[job].key] = job.result()
                    share = self.done / max(total, 1)
                    count = len(pieces) - len(waiting)
                    self.progress(min(1.0, share) * (1 - _JOINING), f"segment {count} of {len(pieces)}")
            except BaseException:
                self.stop.set()
                pool.shutdown(cancel_futures=True)
                raise
        return [ready[piece.key] for piece in pieces], len(pieces) - len(missing)

    def _one(self, piece: Segment, folder: Path, alone: bool) -> Part:
        path = rendering.render(self.plan, piece, folder, alone=alone, tell=self._tell)
        return parts.read(path, piece.key)

    def _tell(self, count: int) -> None:
        if self.stop.is_set():
            raise Stopped
        with self.lock:
            self.done += count


def _film(source: Path, choice: Choice) -> Film:
    """A scan is kept as long as the file does not change: each segment of a long film would need it anew."""
    try:
        status = source.stat()
    except OSError as error:
        raise Refused(f"the recording cannot be read: {error.strerror}") from error
    return _scanned(source.absolute(), status.st_ino, status.st_size, status.st_mtime_ns, choice)


@lru_cache(maxsize=2)
def _scanned(source: Path, _inode: int, _size: int, _changed: int, choice: Choice) -> Film:
    return film_of(source, choice)


def _digest(source: Path) -> str:
    status = source.stat()
    return _hashed(source.absolute(), status.st_ino, status.st_size, status.st_mtime_ns)


@lru_cache(maxsize=8)
def _hashed(source: Path, _inode: int, _size: int, _changed: int) -> str:
    return sha256_of(source)
