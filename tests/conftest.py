import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.cache import cache

from tests.processes import Worker

USES_DATABASE = {"db", "transactional_db", "live_server"}


@pytest.fixture(autouse=True)
def _fresh_cache(request: pytest.FixtureRequest) -> Iterator[None]:
    """One-time codes and rate limits live in the cache; no test sees another's."""
    yield
    if USES_DATABASE & set(request.fixturenames) or request.node.get_closest_marker("django_db"):
        cache.clear()


@pytest.fixture
def worker(transactional_db: None, tmp_path: Path) -> Iterator[Worker]:
    """A real Celery worker on this test's database."""
    running = Worker(tmp_path / "worker.log")
    running.start()
    yield running
    running.stop()
    sys.stdout.write(running.log.read_text(errors="replace"))  # pytest shows it when the test has failed
