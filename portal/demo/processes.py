"""The processes of the demonstration: gunicorn, a Celery worker, beat. Loopback only."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import requests
from django.conf import settings

from portal.demo.browser import DemoError

READY_SECONDS = 60.0
STOP_SECONDS = 10.0


def free_port(wanted: int) -> int:
    """This will give the wanted loopback port, or the next free one of the hundred after it."""
    for port in range(wanted, wanted + 100):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise DemoError(f"No free port from {wanted} to {wanted + 99}. Give another with PORT=….")


class Processes:
    """What runs, by name. Each in a session of its own, so that a kill takes its children along."""

    def __init__(self, port: int, logs: Path) -> None:
        self.port, self.logs = port, logs
        self.running: dict[str, subprocess.Popen[bytes]] = {}
        logs.mkdir(parents=True, exist_ok=True)

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start_web(self) -> None:
        """This will start gunicorn and wait until the site is ready. :raises DemoError: when it is not."""
        self._start(
            "web",
            "gunicorn",
            "portal.wsgi:application",
            "--bind",
            f"127.0.0.1:{self.port}",
            "--worker-class",
            "gthread",
            "--workers",
            "1",
            "--threads",
            "8",
            "--timeout",
            "120",
        )
        until = time.monotonic() + READY_SECONDS
        while time.monotonic() < until:
            self.require_alive("web")
            try:
                if requests.get(f"{self.base}/readyz", timeout=5).status_code == 200:
                    return
            except requests.RequestException:
                time.sleep(0.2)
        raise DemoError(f"The web server did not get ready. Its log: {self.logs / 'web.log'}")

    def start_worker(self) -> None:
        self._start(
            "worker",
            "celery",
            "-A",
            "portal.celery",
            "worker",
            "--concurrency",
            "2",
            "--loglevel",
            "WARNING",
            "--queues",
            "interactive,build,media,mail",
            "--without-gossip",
            "--without-mingle",
        )

    def start_beat(self) -> None:
        schedule = self.logs / "beat-schedule"
        schedule.unlink(missing_ok=True)
        self._start(
            "beat",
            "celery",
            "-A",
            "portal.celery",
            "beat",
            "--loglevel",
            "WARNING",
            "--schedule",
            str(schedule),
            "--pidfile=",
        )

    def kill(self, name: str) -> None:
        """This will kill -9 a process and its children: what a power cut looks like to it."""
        process = self.running.pop(name)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def require_alive(self, name: str) -> None:
        """:raises DemoError: when the process has ended by itself."""
        if (code := self.running[name].poll()) is not None:
            tail = (self.logs / f"{name}.log").read_text(errors="replace")[-1500:]
            raise DemoError(f"The {name} ended with {code}:\n{tail}")

    def stop(self) -> None:
        """This will end everything, politely first."""
        for process in self.running.values():
            if process.poll() is None:
                process.terminate()  # its children are its own to end
        until = time.monotonic() + STOP_SECONDS
        for process in self.running.values():
            try:
                process.wait(max(0.1, until - time.monotonic()))
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
        self.running.clear()

    def _start(self, name: str, program: str, *arguments: str) -> None:
        command = [str(Path(sys.executable).with_name(program)), *arguments]
        with (self.logs / f"{name}.log").open("ab") as log:
            self.running[name] = subprocess.Popen(  # noqa: S603  our own programs
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
                cwd=settings.BASE_DIR,
                env={**os.environ, "PUBLIC_BASE_URL": self.base, "STAFF_BASE_URL": self.base},
            )  # fmt: skip


@contextmanager
def serving(port: int, logs: Path) -> Iterator[Processes]:
    """This will lend the running site and end it whatever happens."""
    processes = Processes(port, logs)
    try:
        processes.start_worker()
        processes.start_web()
        processes.start_beat()
        yield processes
    finally:
        processes.stop()
