import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from portal.services import embedded


@pytest.fixture
def folder() -> Iterator[Path]:
    """A data folder that a separate account can reach; its servers' data is gone afterwards."""
    base = Path(tempfile.mkdtemp(prefix="daylight-services-test-", dir="/var/tmp"))
    base.chmod(0o711)
    yield base / "data"
    embedded.erase(base / "data")
    shutil.rmtree(base, ignore_errors=True)


@pytest.fixture
def no_addresses(monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment of a machine where nobody has named any server."""
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.delenv("REDIS_URL", raising=False)
    monkeypatch.delenv("SUDO_UID", raising=False)


@pytest.fixture
def as_root() -> bool:
    return os.geteuid() == 0
