from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from tests.requests_app.custody.record_builders import an_analyst


@pytest.fixture
def own_data(tmp_path: Path, settings: Any) -> None:
    """Files of this test's own: what lies there outlives a test's transaction."""
    settings.DATA_DIR = tmp_path / "data"


@pytest.fixture
def desk(client: Client) -> Client:
    """A browser in which an analyst is signed in."""
    client.force_login(an_analyst())
    return client
