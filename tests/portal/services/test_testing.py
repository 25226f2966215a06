import importlib.util
import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import psycopg
import pytest

from portal.services import child, places
from tests.patience import comes

ROOT = Path(__file__).resolve().parents[3]

pytestmark = pytest.mark.usefixtures("no_addresses")


@pytest.fixture
def plugin() -> ModuleType:
    """A second copy of the plugin: the first was loaded before anything could be measured."""
    path = ROOT / "portal" / "services" / "testing.py"
    spec = importlib.util.spec_from_file_location("testing_again", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class _Config:
    """The two things of pytest's configuration that the plugin touches."""

    def __init__(self, rootpath: Path) -> None:
        self.rootpath = rootpath
        self.cleanups: list[object] = []

    def add_cleanup(self, action: object) -> None:
        self.cleanups.append(action)


def _load(plugin: ModuleType, config: _Config) -> None:
    hook = plugin.pytest_load_initial_conftests(config)
    next(hook)
    with pytest.raises(StopIteration):
        next(hook)


def test_run_gets_servers_of_its_own_and_leaves_nothing(plugin: ModuleType, folder: Path) -> None:
    config = _Config(folder)
    abandoned = folder / "var" / "test-services-1"
    abandoned.mkdir(parents=True)

    _load(plugin, config)
    with psycopg.connect(os.environ["DATABASE_URL"]) as line:
        answer = line.execute("SHOW fsync").fetchone()
    data = folder / "var" / f"test-services-{os.getpid()}"
    was_there = data.exists()
    for action in config.cleanups:
        assert callable(action)
        action()

    assert answer == ("off",)
    assert was_there
    assert not data.exists()
    assert not places.hashed_folder(data).exists()
    assert not abandoned.exists()
    assert "DATABASE_URL" not in os.environ


def test_worker_inherits_the_addresses_and_starts_nothing(
    plugin: ModuleType, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgres://there/x")
    monkeypatch.setenv("REDIS_URL", "redis://there/0")
    config = _Config(folder)

    _load(plugin, config)

    assert config.cleanups == []
    assert os.environ["DATABASE_URL"] == "postgres://there/x"
    assert not folder.exists()


def test_servers_that_do_not_start_end_the_run_with_a_sentence(plugin: ModuleType, folder: Path) -> None:
    folder.parent.joinpath("file").touch()

    with pytest.raises(pytest.UsageError, match="did not start"):
        plugin.start(folder.parent / "file" / "data")


def test_supervisor_that_does_not_end_is_killed(plugin: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plugin, "STOP_SECONDS", 0.1)
    process = subprocess.Popen(["/bin/sleep", "60"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    plugin.stop(process)

    assert process.returncode == -9


def test_data_of_a_run_that_is_going_on_is_left_alone(plugin: ModuleType, folder: Path) -> None:
    data = folder / "test-services-1"
    data.mkdir(parents=True)
    lock = child.claim_alone(data / "supervisor.lock", patience=0)

    plugin.remove_abandoned(folder)

    os.close(lock)
    assert data.exists()


def test_killed_test_run_takes_its_servers_along(folder: Path) -> None:
    script = f"""
import pathlib, sys
from portal.services import testing
process = testing.start(pathlib.Path({str(folder)!r}))
print(process.pid, flush=True)
sys.stdin.read()
"""
    run = subprocess.Popen(
        [sys.executable, "-c", script], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert run.stdout is not None
    supervisor = int(run.stdout.readline())

    run.kill()
    run.communicate()

    assert comes(lambda: not Path(f"/proc/{supervisor}/exe").exists())
    assert not folder.exists()
