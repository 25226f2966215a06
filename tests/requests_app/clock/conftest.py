from datetime import timedelta

import pytest

from tests.builders import NOON


@pytest.fixture
def november(monkeypatch: pytest.MonkeyPatch) -> None:
    """An hour after the requests of the tests were filed."""
    for module in ("portal.core.time", "requests_app.clock.tasks", "requests_app.law.services"):
        monkeypatch.setattr(f"{module}.now", lambda: NOON + timedelta(hours=1))
