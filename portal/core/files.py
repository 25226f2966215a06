"""Files that survive a crash: scratch → write → fsync → rename to a content address → fsync the folder.

Kept under ``DATA_DIR``: ``originals/`` (write-once, staff only) and ``derived/`` (renders,
letters, packages).
"""

import hashlib
import os
import secrets
import shutil
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol

from django.conf import settings
from django.core.cache import cache
from redis.exceptions import RedisError

from portal.core.errors import DomainError

Area = Literal["originals", "derived"]
State = tuple[int, int, int, int]
CHUNK = 1024 * 1024
_KNOWN = 30 * 24 * 3600  # seconds
_hashed_here: dict[str, State] = {}
_told_by_others: dict[str, State] = {}
_hashing: dict[str, threading.Lock] = {}  # by address: two who look at once hash once


class TooLarge(DomainError):
    code = "too_large"
    status = 413


class NoSpace(DomainError):
    code = "no_space"
    status = 507


class Corrupt(DomainError):
    """Stored bytes no longer have the hash they were stored under."""

    code = "corrupt"
    status = 500


class Kept(Protocol):
    """A row that keeps a file at rest."""

    @property
    def address(self) -> str: ...
    @property
    def sha256(self) -> str: ...
    @property
    def size(self) -> int: ...


@dataclass(frozen=True)
class Stored:
    """A file at rest. ``address`` is relative to DATA_DIR, such as ``originals/ab/cd/abcd…``."""

    address: str
    sha256: str
    size: int

    @classmethod
    def of(cls, row: Kept) -> "Stored":
        """This will give the file that a row of the database keeps."""
        return cls(address=row.address, sha256=row.sha256, size=row.size)


def path_of(address: str) -> Path:
    """This will give the absolute path of a stored file.

    :raises ValueError: for an address that leaves the data folder.
    """
    root = Path(settings.DATA_DIR).resolve()
    path = (root / address).resolve()
    if not path.is_relative_to(root):
        raise ValueError(f"{address} is outside the data folder")
    return path


@contextmanager
def scratch() -> Iterator[Path]:
    """This will lend an empty private folder on the data filesystem and remove it afterwards."""
    folder = Path(settings.DATA_DIR) / "scratch" / secrets.token_hex(12)
    folder.mkdir(parents=True, mode=0o700)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def require_space(need: int) -> None:
    """This will refuse work that would fill the disk.

    :raises NoSpace: when fewer than ``need`` × 1.2 bytes are free.
    """
    Path(settings.DATA_DIR).mkdir(parents=True, exist_ok=True)
    if shutil.disk_usage(settings.DATA_DIR).free < need * 1.2:
        raise NoSpace("There is not enough room on the disk for this file. Nothing was stored.")


def store_stream(chunks: Iterable[bytes], *, area: Area, limit: int | None = None) -> Stored:
    """This will write a stream to its content address, hashing as it goes, in constant memory.

    :raises TooLarge: when the stream exceeds ``limit`` bytes; nothing is kept.
    """
    with scratch() as folder:
        partial = folder / "incoming"
        sha256, size = receive(chunks, partial, limit=limit)
        return _settle(partial, sha256, size, area)


def receive(chunks: Iterable[bytes], target: Path, *, limit: int | None = None) -> tuple[str, int]:
    """This will write a stream to a scratch file in constant memory and give its SHA-256 and bytes.

    :raises TooLarge: when the stream exceeds ``limit`` bytes.
    """
    digest, size = hashlib.sha256(), 0
    with target.open("wb") as sink:
        for chunk in chunks:
            size += len(chunk)
            if limit is not None and size > limit:
                raise TooLarge(f"The file is larger than {limit:,} bytes, the most this portal takes.")
            digest.update(chunk)
            sink.write(chunk)
        sink.flush()
        os.fsync(sink.fileno())
    return digest.hexdigest(), size


def store_file(path: Path, *, area: Area) -> Stored:
    """This will move a finished scratch file to its content address. The file must lie under DATA_DIR."""
    with path.open("rb") as stream:
        sha256 = hashlib.file_digest(stream, "sha256").hexdigest()
        os.fsync(stream.fileno())
    return _settle(path, sha256, path.stat().st_size, area)


def _settle(partial: Path, sha256: str, size: int, area: Area) -> Stored:
    address = f"{area}/{sha256[:2]}/{sha256[2:4]}/{sha256}"
    final = path_of(address)
    final.parent.mkdir(parents=True, exist_ok=True)
    if not _holds(final, sha256):  # a copy that went bad on disk is healed by the good one
        partial.chmod(0o440)
        partial.replace(final)
        folder = os.open(final.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    return Stored(address=address, sha256=sha256, size=size)


def _holds(path: Path, sha256: str) -> bool:
    if not path.exists():
        return False
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest() == sha256


def require_intact(stored: Stored) -> Path:
    """This will give the path of a stored file after hashing it again.

    :raises Corrupt: when the bytes are missing or changed; they must not be used or served.
    """
    path = path_of(stored.address)
    if not path.exists():
        raise Corrupt("A stored file is missing. It was not used; the records unit has been told.")
    if not _holds(path, stored.sha256):
        raise Corrupt("A stored file has changed on disk. It was not used; the records unit has been told.")
    return path


def require_once_intact(stored: Stored, *, by_others: bool = True) -> Path:
    """This will do as :func:`require_intact`, hashing once for each state of the file on disk.

    For what is looked at again and again, such as the pages of a preview. One process hashes for all, and
    what was hashed when it came in is not hashed again for a month (decision 0049). ``by_others=False`` is
    for what leaves: nothing counts but what this process has hashed itself.
    """
    path = path_of(stored.address)
    with _hashing.setdefault(stored.address, threading.Lock()):
        state = state_of(path)
        if state is None or not _is_known(stored, state, by_others):
            require_intact(stored)
            if state is not None:
                _hashed_here[stored.address] = state
                _tell_others(stored, state)
    return path


def note_intact(stored: Stored) -> None:
    """This will keep that a file was hashed as it lies on disk now, for :func:`require_once_intact`."""
    state = state_of(path_of(stored.address))
    if state is not None:
        _tell_others(stored, state)


def forget_intact(address: str) -> None:
    """This will take back that a file was hashed, once it is gone for good."""
    _hashed_here.pop(address, None)
    _told_by_others.pop(address, None)
    cache.delete(f"intact:{address}")


def state_of(path: Path) -> State | None:
    """This will give the state in which a file lies on disk; None where it does not.

    Writing to a file, or another in its place, changes this: nobody can set its time of change (ctime).
    """
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_ino, status.st_mtime_ns, status.st_ctime_ns, status.st_size


def _is_known(stored: Stored, state: State, by_others: bool) -> bool:
    if _hashed_here.get(stored.address) == state:
        return True
    if not by_others:
        return False
    if _told_by_others.get(stored.address) != state:
        try:
            told = cache.get(f"intact:{stored.address}")
        except RedisError:
            return False  # whoever asks hashes then
        if told != (stored.sha256, state):
            return False
        _told_by_others[stored.address] = state
    return True


def _tell_others(stored: Stored, state: State) -> None:
    with suppress(RedisError):  # they hash for themselves then
        cache.set(f"intact:{stored.address}", (stored.sha256, state), _KNOWN)


def hash_ahead(stored: Stored) -> threading.Thread:
    """This will begin :func:`require_once_intact` for somebody who will look at the file in a moment.

    Whether it is intact that look says itself; it waits for what has begun here.
    """

    def look() -> None:
        with suppress(Corrupt, OSError):
            require_once_intact(stored)

    thread = threading.Thread(target=look, name="hash ahead", daemon=True)
    thread.start()
    return thread
