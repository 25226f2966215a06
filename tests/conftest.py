import sys
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.core.cache import cache
from django.db import connection
from django_ratelimit import core as ratelimit
from hypothesis import settings
from pytest_django.plugin import DjangoDbBlocker

from tests.processes import Worker, remove_what_a_kill_left

# a run judges what was changed, not dice or the machine's pace: the same examples each time, none of them
# too slow. Other examples are looked for by `pytest --hypothesis-profile=explore`
settings.register_profile("steady", deadline=None, derandomize=True, print_blob=True)
settings.register_profile("explore", deadline=None, print_blob=True)
settings.load_profile("steady")

USES_DATABASE = {"db", "transactional_db", "live_server"}
COMMITS = {"transactional_db", "live_server", "worker"}


_OTHERS = """
    SELECT pg_terminate_backend(pid), state, query FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'
"""

# Django empties the tables after a test by TRUNCATE; tests/portal/audit/test_rows_stay.py refuses it again
_LET_TABLES_BE_EMPTIED = """
    CREATE OR REPLACE FUNCTION refuse_truncate() RETURNS trigger LANGUAGE plpgsql
    AS $$ BEGIN RETURN NULL; END $$
"""


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """pytest-django's; a page's last question may still hold a session when its database is to be dropped."""
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute(_LET_TABLES_BE_EMPTIED)
    yield
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute(_OTHERS)
        for row in cursor.fetchall():
            sys.stdout.write(f"ended with the tests: {row}\n")


@pytest.fixture(autouse=True)
def _fresh_cache(request: pytest.FixtureRequest) -> Iterator[None]:
    """One-time codes and rate limits live in the cache; no test sees another's."""
    yield
    if USES_DATABASE & set(request.fixturenames) or request.node.get_closest_marker("django_db"):
        cache.clear()


@pytest.fixture(autouse=True)
def _one_window_of_each_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    """A limit counts anew at the end of each window, which could come between two requests of one test."""
    began = time.time()
    monkeypatch.setattr(ratelimit, "time", SimpleNamespace(time=lambda: began))


@pytest.fixture(autouse=True)
def _no_heartbeat_into_an_open_transaction(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A heartbeat comes by a connection of its own, does not see the test's job, and gives it up as lost."""
    marker = request.node.get_closest_marker("django_db")
    commits = COMMITS & set(request.fixturenames) or (marker is not None and marker.kwargs.get("transaction"))
    if not commits:
        monkeypatch.setattr("portal.core.jobs.HEARTBEAT_SECONDS", 3600.0)


@pytest.fixture
def worker(transactional_db: None, tmp_path: Path) -> Iterator[Worker]:
    """A real Celery worker on this test's database."""
    running = Worker(tmp_path / "worker.log")
    running.start()
    yield running
    running.stop()
    remove_what_a_kill_left()
    sys.stdout.write(running.log.read_text(errors="replace"))  # pytest shows it when the test has failed
