"""One Valkey server as our child."""

import os
import signal
import socket
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from portal.services import child, programs
from portal.services.child import ServicesError
from portal.services.places import Places

START_SECONDS = 120
SOCKET = "v.sock"


@dataclass(slots=True)
class Valkey:
    """A server that is running."""

    where: Places
    process: subprocess.Popen[bytes] | None = None  # None: another process of ours started it

    @property
    def url(self) -> str:
        """Say how redis-py reaches the server; a number of a database may be added with ?db=N."""
        return f"unix://{quote(str(self.where.sockets / SOCKET))}"

    def is_answering(self) -> bool:
        """Say whether the server has read its data and takes commands."""
        try:
            with socket.socket(socket.AF_UNIX) as line:
                line.settimeout(2)
                line.connect(str(self.where.sockets / SOCKET))
                line.sendall(b"PING\r\n")
                return line.recv(64).startswith(b"+PONG")
        except OSError:
            return False

    def stop(self) -> None:
        """Stop, with every accepted write on disk."""
        if self.process is not None:
            child.stop(self.process, (signal.SIGTERM, 20.0))


def start(where: Places, *, fsync: bool) -> Valkey:
    """Start the server on the data in `where`: a Unix socket only, nothing evicted, every write in its log.

    :raises ServicesError: when there is no program or it does not start.
    """
    program = programs.valkey_program(where)
    lock = child.claim_alone(where.data / "valkey.lock", patience=20)
    log = where.data / "valkey.log"
    try:
        # a server started on a socket in use steals it in silence; the lock above proves that none is
        (where.sockets / SOCKET).unlink(missing_ok=True)
        with log.open("ab") as lines:
            server = Valkey(where)
            server.process = child.spawn(
                [program, "--port", "0", "--unixsocket", where.sockets / SOCKET, "--unixsocketperm", "700",
                 "--daemonize", "no", "--dir", where.valkey, "--databases", "64", "--save", "",
                 "--appendonly", "yes", "--appendfsync", "everysec" if fsync else "no",
                 "--maxmemory-policy", "noeviction", "--loglevel", "warning"],
                death_signal=signal.SIGTERM,
                account=where.account,
                cwd=Path("/"),
                log=lines,
                lock_fd=lock,
            )  # fmt: skip
    finally:
        os.close(lock)  # the server has its own copy
    give_up = time.monotonic() + START_SECONDS
    while server.process.poll() is None and time.monotonic() < give_up:
        if server.is_answering():
            return server
        time.sleep(child.POLL_SECONDS)
    server.stop()
    tail = "\n".join(log.read_text(errors="replace").splitlines()[-5:])
    raise ServicesError(f"Valkey did not start. The end of {log}:\n{tail}")
