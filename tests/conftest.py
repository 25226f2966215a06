from collections.abc import Iterator

import pytest
from django.core.cache import cache


@pytest.fixture(autouse=True)
def _fresh_cache(request: pytest.FixtureRequest) -> Iterator[None]:
    """One-time codes and rate limits live in the cache; no test sees another's."""
    yield
    if (
        "django_db" in request.keywords
        or "db" in request.fixturenames
        or "transactional_db" in request.fixturenames
    ):
        cache.clear()
