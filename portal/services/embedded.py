"""PostgreSQL and Valkey for a machine that has neither: development, demo and tests. Never production."""

import contextlib
import json
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from portal.services import child, places, postgres, valkey
from portal.services.child import ServicesError

__all__ = ["Services", "ServicesError", "ensure", "erase", "running"]


@dataclass(slots=True)
class Services:
    """Handles to the servers; when `is_owner`, leaving the context stops them."""

    where: places.Places
    postgres: postgres.Postgres
    valkey: valkey.Valkey
    is_owner: bool
    fsync: bool = True
    _lock: int = -1

    @property
    def database_url(self) -> str:
        return self.postgres.url()

    @property
    def redis_url(self) -> str:
        return self.valkey.url

    def create_database(self, name: str) -> str:
        """Make another database unless it is there, and give its address."""
        return self.postgres.create_database(name)

    def restart_ended(self) -> list[str]:
        """Start again each server that has ended by itself, and name them."""
        restarted: list[str] = []
        if self.postgres.process is not None and self.postgres.process.poll() is not None:
            self.postgres = postgres.start(self.where, fsync=self.fsync)
            restarted.append("PostgreSQL")
        if self.valkey.process is not None and self.valkey.process.poll() is not None:
            self.valkey = valkey.start(self.where, fsync=self.fsync)
            restarted.append("Valkey")
        return restarted

    def stop(self) -> None:
        """Stop the servers we started and let the next start have the data."""
        if not self.is_owner:
            return
        self.is_owner = False
        try:
            self.valkey.stop()
            self.postgres.stop(at_once=not self.fsync)
        finally:
            self.where.state.unlink(missing_ok=True)
            os.close(self._lock)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def ensure(data_dir: Path, *, fsync: bool = True) -> Services:
    """Start both servers on the data in `data_dir`, or attach to them when another process has started them.

    Call it from the main thread: the servers end with the thread that started them.

    :raises ServicesError: when they cannot be started; the text says why and what to do.
    """
    where = places.prepare(data_dir)
    lock = child.open_lock(where.supervisor_lock)
    with contextlib.ExitStack() as on_failure:
        on_failure.callback(os.close, lock)
        if not child.try_lock(lock, seconds=0.5):
            return _attach(where)
        os.truncate(lock, 0)
        os.pwrite(lock, f"{os.getpid()}\n".encode(), 0)
        where.state.unlink(missing_ok=True)
        cache = valkey.start(where, fsync=fsync)
        on_failure.callback(cache.stop)
        database = postgres.start(where, fsync=fsync)
        on_failure.callback(database.stop)
        services = Services(where, database, cache, is_owner=True, fsync=fsync, _lock=lock)
        scratch = where.state.with_suffix(".new")
        scratch.write_text(json.dumps({"pid": os.getpid(), "bin": str(database.bin), "fsync": fsync}))
        scratch.replace(where.state)
        on_failure.pop_all()
    return services


def running(data_dir: Path) -> int | None:
    """Find the process that supervises the servers on `data_dir`; None when they are not running."""
    path = data_dir.absolute() / "supervisor.lock"
    if not child.is_locked(path):
        return None
    with contextlib.suppress(ValueError, OSError):
        return int(path.read_text())
    return 0


def erase(data_dir: Path) -> None:
    """Remove the servers' data, wherever it is kept.

    :raises ServicesError: while they are running.
    """
    pid = running(data_dir)
    if pid is not None:
        raise ServicesError(f"The services in {data_dir} are running (process {pid}). Stop them first.")
    for folder in _everything(data_dir.absolute()):
        shutil.rmtree(folder, ignore_errors=True)


def _everything(data_dir: Path) -> Iterator[Path]:
    yield data_dir
    elsewhere = places.hashed_folder(data_dir.resolve())
    if elsewhere.exists() and elsewhere.lstat().st_uid == os.geteuid():
        yield elsewhere


def _attach(where: places.Places) -> Services:
    try:
        state = json.loads(where.state.read_text())
    except (FileNotFoundError, ValueError):
        pid = running(where.data)
        raise ServicesError(
            f"Another process ({pid}) is starting or stopping the services in {where.data}. "
            f"Try again in a moment."
        ) from None
    database = postgres.Postgres(where, Path(state["bin"]))
    return Services(where, database, valkey.Valkey(where), is_owner=False, fsync=state["fsync"])
