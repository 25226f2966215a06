"""What is kept of a long film so that no later work on it reads all of it again.

Two files: the engine's scan and the verifier's own reading. Each is made in a child of its own that can write
nothing else, and lies where no child may write. They are of one state of the file, one hash, one machinery
and one choice of tracks, which their names and their heads say; what does not fit is made anew.
"""

import fcntl
import os
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from redaction import arrays, machinery
from redaction.children import Children, Progress
from redaction.engines.media.choice import Choice
from redaction.marks import Marks
from redaction.report import Refused, sha256_of

SUFFIX = ".index"
SCAN, PRINTS = "scan", "prints"
_UNUSED = 24 * 3600  # seconds
_LOCK = "index.lock"
_LOOKS_AGAIN = 0.2  # seconds
_MAKERS = {SCAN: "scan", PRINTS: "take_prints"}


@dataclass(frozen=True)
class Hashed:
    """A file's SHA-256 and the state it was in: inode, times of change of content and of anything, bytes."""

    sha256: str
    state: tuple[int, ...]

    def is_still(self, path: Path) -> bool:
        """This will tell whether nothing was done to the file since."""
        with suppress(OSError):
            return state_of(path) == self.state
        return False


@dataclass(frozen=True)
class Index:
    """Where the two files lie, of which hash, and the film's seconds as the engine counts them."""

    scan: Path
    prints: Path
    sha256: str
    seconds: float


@dataclass(frozen=True)
class _Film:
    """What is read to make an index."""

    path: Path
    known: Hashed
    marks: Marks
    contained: bool


def state_of(path: Path) -> tuple[int, ...]:
    """This will give what changes whenever a file does, as ``portal.core.files`` has it for the portal."""
    status = path.stat()
    return status.st_ino, status.st_mtime_ns, status.st_ctime_ns, status.st_size


def hashed(path: Path) -> Hashed:
    """This will hash a file now."""
    state = state_of(path)
    return Hashed(sha256_of(path), state)


def kept(
    source: Path,
    known: Hashed,
    marks: Marks,
    folder: Path,
    *,
    progress: Progress | None = None,
    contained: bool = True,
) -> Index:
    """This will give what is kept of a film in ``folder``, made first where it is missing or does not fit.

    ``marks`` choose the tracks. What another machinery has left and nobody uses is removed. Of several
    who miss it at once, in whichever process, one makes it and the others wait.

    :raises MarksError: when a track that was chosen is not there.
    :raises Refused: when the film changed since it was hashed, or cannot be scanned.
    """
    if not known.is_still(source):
        raise Refused("the source changed since it was hashed")
    choice = Choice.of(marks.effective)
    facts = {
        "source": known.sha256,
        "machinery": machinery.stamp(),
        "tracks": [choice.picture, choice.sound],
    }
    paths = {
        kind: folder / f"{kind}-{machinery.stamp()}-p{choice.picture}-s{choice.sound}{SUFFIX}"
        for kind in _MAKERS
    }
    if _missing(paths, facts):
        with _alone(folder, progress):
            _fill(paths, facts, _Film(source, known, marks, contained), folder, progress)
    for path in paths.values():
        os.utime(path)  # unused ones go
    seconds = float(arrays.facts_of(paths[SCAN])["film"]["duration"])
    return Index(paths[SCAN], paths[PRINTS], known.sha256, seconds)


def aid_of(index: Index | None, kind: str) -> dict[str, Path]:
    """This will give the one file of an index that a child gets, by its kind; nothing without one."""
    return {} if index is None else {kind: {SCAN: index.scan, PRINTS: index.prints}[kind]}


def _missing(paths: Mapping[str, Path], facts: Mapping[str, Any]) -> list[str]:
    return [kind for kind, path in paths.items() if not _fits(path, {**facts, "kind": kind})]


@contextmanager
def _alone(folder: Path, progress: Progress | None) -> Iterator[None]:
    """A killed holder lets go; who waits says so, and can be stopped."""
    handle = os.open(folder / _LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        while not _locked(handle):
            if progress is not None:
                progress(0.0, "waiting while the whole film is read once")
            time.sleep(_LOOKS_AGAIN)
        os.utime(handle)  # unused ones go
        yield
    finally:
        os.close(handle)


def _locked(handle: int) -> bool:
    with suppress(BlockingIOError):
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return True
    return False


def _fill(
    paths: Mapping[str, Path],
    facts: Mapping[str, Any],
    film: "_Film",
    folder: Path,
    progress: Progress | None,
) -> None:
    """Makes what is missing by now: who waited may find all of it."""
    missing = _missing(paths, facts)
    if not missing:
        return
    _sweep(folder)
    with tempfile.TemporaryDirectory(prefix=".index-", dir=folder) as scratch:
        children = Children(film.path.absolute(), {}, Path(scratch), contained=film.contained, seconds=None)
        for number, kind in enumerate(missing):
            if progress is not None:
                progress(number / len(missing), "reading the whole film once")
            _make(children, kind, film.marks, {**facts, "kind": kind}, paths[kind])
    if not film.known.is_still(film.path):
        for path in paths.values():
            path.unlink(missing_ok=True)
        raise Refused("the source changed while it was being read")


def _fits(path: Path, facts: Mapping[str, Any]) -> bool:
    try:
        found = arrays.facts_of(path)
    except arrays.Unfit:
        return False
    return all(found.get(name) == value for name, value in facts.items())


def _make(children: Children, kind: str, marks: Marks, facts: Mapping[str, Any], target: Path) -> None:
    made = children.folder(_MAKERS[kind]) / f"{kind}{SUFFIX}"
    children.run(
        _MAKERS[kind],
        {
            "source": str(children.source),
            "marks": dict(marks.raw),
            "target": str(made),
            "facts": dict(facts),
        },
    )
    if made.is_symlink() or not made.is_file() or not _fits(made, facts):
        raise Refused("the scan of the film was not kept whole")
    made.replace(target)


def _sweep(folder: Path) -> None:
    """Those of an older machinery; one that was used today may be at work beside this one."""
    for path in folder.glob(f"*{SUFFIX}"):
        with suppress(FileNotFoundError):
            unused = time.time() - path.stat().st_mtime > _UNUSED
            if unused and f"-{machinery.stamp()}-" not in path.name:
                path.unlink()
