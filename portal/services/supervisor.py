"""Run one command with the services it needs, and end them with it."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from portal.services import child, embedded

ALREADY_RUNNING = 3
FROM_TERMINAL = 0x80  # siginfo.si_code of Ctrl-C: the kernel has sent it to the command as well
WATCHED = (signal.SIGCHLD, signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
RESTARTS_ALLOWED = 5
RESTARTS_SECONDS = 60.0


def supervise(data_dir: Path, command: Sequence[str], *, fsync: bool = True, temporary: bool = False) -> int:
    """Start the services, run `command` with DATABASE_URL and REDIS_URL, and give back its exit code.

    A server that ends by itself is started again, at most five times a minute. INT, TERM and HUP go to
    the command.

    :raises ServicesError: when the services cannot be started.
    """
    pid = embedded.running(data_dir)
    if pid is not None:
        address = data_dir / "address"  # the demo writes there where it serves
        at = f" at {address.read_text().strip()}" if address.exists() else ""
        _say(f"Already running{at}, with the data in {data_dir}, as process {pid}.")
        return ALREADY_RUNNING
    before = signal.pthread_sigmask(signal.SIG_BLOCK, WATCHED)
    try:
        with embedded.ensure(data_dir, fsync=fsync) as services:
            if not services.is_owner:
                _say(f"Another start was quicker and is using the data in {data_dir}.")
                return ALREADY_RUNNING
            return _run(command, services)
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
        if temporary:
            embedded.erase(data_dir)


def _run(command: Sequence[str], services: embedded.Services) -> int:
    env = os.environ | {
        "DATABASE_URL": services.database_url,
        "REDIS_URL": services.redis_url,
        "DAYLIGHT_EMBEDDED": "1",
    }
    try:
        process = child.spawn(command, death_signal=signal.SIGTERM, env=env, own_session=False)
    except OSError as error:
        _say(f"Cannot run {command[0]}: {error.strerror}.")
        return 127
    try:
        return _watch(process, services)
    finally:
        child.stop(process, (signal.SIGTERM, 30.0))


def _watch(process: subprocess.Popen[bytes], services: embedded.Services) -> int:
    restarts: list[float] = []
    while True:
        # a bounded wait: a second child that ends at the same time sends no second signal
        news = signal.sigtimedwait(WATCHED, 1.0)
        if news is not None and news.si_signo != signal.SIGCHLD and news.si_code != FROM_TERMINAL:
            process.send_signal(news.si_signo)
        code = process.poll()
        if code is not None:
            return code if code >= 0 else 128 - code
        names = services.restart_ended()
        if names:
            now = time.monotonic()
            restarts = [moment for moment in restarts if now - moment < RESTARTS_SECONDS] + [now]
            _say(f"{' and '.join(names)} ended unexpectedly and was started again.")
            if len(restarts) > RESTARTS_ALLOWED:
                raise embedded.ServicesError(
                    f"{' and '.join(names)} keeps ending; the logs in {services.where.data} say why."
                )


def _say(sentence: str) -> None:
    sys.stderr.write(sentence + "\n")
    sys.stderr.flush()
