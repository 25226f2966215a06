"""A pytest plugin that gives a test run its own PostgreSQL and Valkey (``-p portal.services.testing``).

A conftest would be too late: pytest-django reads the settings before it. The servers belong to a supervisor
that ends when its input closes: however this process ends, the kernel closes it, and nothing is left over.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Generator
from pathlib import Path

import pytest

NAMES = ("DATABASE_URL", "REDIS_URL")
WAIT_FOR_END = 'printf "%s\\n%s\\n" "$DATABASE_URL" "$REDIS_URL"; exec cat >/dev/null'
STOP_SECONDS = 60


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> Generator[None, object, object]:
    """Set the addresses before anything reads the settings; xdist workers inherit them and start nothing."""
    os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "1")  # Playwright's loop runs in the tests' thread
    if not all(os.environ.get(name) for name in NAMES):
        folder = early_config.rootpath / "var"
        remove_abandoned(folder)
        process = start(folder / f"test-services-{os.getpid()}")
        early_config.add_cleanup(lambda: stop(process))
    return (yield)


def start(data: Path) -> subprocess.Popen[str]:
    """Start the servers and put their addresses into the environment.

    :raises pytest.UsageError: when they do not start; what the supervisor said is above it.
    """
    process = subprocess.Popen(  # noqa: S603 - our own supervisor
        [
            sys.executable,
            "-m",
            "portal.services",
            "--temporary",
            "--data",
            data,
            "--",
            "/bin/sh",
            "-c",
            WAIT_FOR_END,
        ],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).resolve().parents[2],
        env={name: value for name, value in os.environ.items() if name not in NAMES},
        start_new_session=True,  # Ctrl-C must not take the database from under the tests' own tidying up
    )
    if process.stdout is None:
        raise pytest.UsageError("The test services have no output to read.")
    addresses = [process.stdout.readline().strip() for _name in NAMES]
    if not all(addresses):
        stop(process)
        raise pytest.UsageError("PostgreSQL and Valkey for the tests did not start.")
    os.environ.update(zip(NAMES, addresses, strict=True))
    return process


def stop(process: subprocess.Popen[str]) -> None:
    """End the servers, which removes their data, and forget their addresses."""
    try:
        process.communicate(timeout=STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
    for name in NAMES:
        os.environ.pop(name, None)


def remove_abandoned(folder: Path) -> None:
    """Remove data of test runs whose supervisor was killed before it could."""
    from portal.services import embedded  # here, so that a coverage run sees the module's own lines

    for data in folder.glob("test-services-*"):
        try:
            embedded.erase(data)
        except embedded.ServicesError:
            continue  # another test run is using it
        shutil.rmtree(data, ignore_errors=True)
