"""Real processes beside a test: a Celery worker on the test's own database, broker and files."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings
from django.db import connection

BESIDE = "beside a test"  # how a session of such a process calls itself to PostgreSQL
ROOT = Path(__file__).resolve().parents[1]


def environment() -> Mapping[str, str]:
    """What makes another process see this test's database, broker and files."""
    name = connection.settings_dict["NAME"]
    database = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}").geturl()
    return {
        **os.environ,
        "DATABASE_URL": database,
        "PGAPPNAME": BESIDE,
        "DAYLIGHT_DATA_DIR": str(settings.DATA_DIR),
        "DJANGO_SETTINGS_MODULE": "portal.settings.test",
        "PYTHONWARNINGS": "default",
    }


def remove_what_a_kill_left() -> None:
    """What a killed process had in its hands: the next test finds the scratch folder empty."""
    shutil.rmtree(Path(settings.DATA_DIR) / "scratch", ignore_errors=True)


class Worker:
    """A Celery worker in a session of its own, so that a kill takes its children along."""

    def __init__(self, log: Path) -> None:
        self.log = log
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        celery = str(Path(sys.executable).with_name("celery"))
        command = [
            celery, "-A", "portal.celery", "worker", "--concurrency", "1", "--loglevel", "WARNING",
            "--queues", "interactive,build,media,mail", "--without-gossip", "--without-mingle",
            "--without-heartbeat",
        ]  # fmt: skip
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True, cwd=ROOT,
                env=environment(),
            )  # fmt: skip

    def kill(self) -> None:
        """kill -9 of the worker and its children."""
        assert self._process is not None
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        self._process = None

    def stop(self) -> None:
        if self._process is None:
            return
        self._process.terminate()
        try:
            self._process.wait(15)
        except subprocess.TimeoutExpired:
            self.kill()
        else:
            with suppress(ProcessLookupError):  # a child that outlives its worker would hold the database
                os.killpg(self._process.pid, signal.SIGKILL)
