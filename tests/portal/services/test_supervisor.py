import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import SimpleNamespace

import psycopg
import pytest

from portal.services import __main__ as command_line
from portal.services import child, embedded, places, supervisor
from tests.patience import SECONDS, comes

ROOT = Path(__file__).resolve().parents[3]
TELL_AND_WAIT = 'echo "$DATABASE_URL"; exec sleep 60'

pytestmark = [
    pytest.mark.usefixtures("no_addresses"),
    # Python 3.12 warns of it; the supervisor has one thread, an xdist worker has two
    pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning"),
]


def _supervise(data: Path, *command: str, options: Sequence[str] = ()) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "portal.services", *options, "--data", data, "--", *command],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.fixture
def supervised(folder: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A supervisor in its own process, and the address of its database."""
    process = _supervise(folder, "/bin/sh", "-c", TELL_AND_WAIT)
    assert process.stdout is not None
    yield process, process.stdout.readline().strip()
    if process.poll() is None:
        process.terminate()
    process.communicate(timeout=SECONDS)


def _servers(folder: Path) -> list[int]:
    return [pid for name in ("postgres.lock", "valkey.lock") for pid in child.holders(folder / name)]


def _children(pid: int) -> list[int]:
    return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def _gone(pids: Sequence[int]) -> bool:
    return comes(lambda: not any(Path(f"/proc/{pid}/exe").exists() for pid in pids))


def test_killed_supervisor_takes_every_child_along_and_the_next_start_has_the_data(
    supervised: tuple[subprocess.Popen[str], str], folder: Path
) -> None:
    process, address = supervised
    with psycopg.connect(address) as line:
        line.execute("CREATE TABLE kept AS SELECT 'accepted' AS value")
    everything = {*_servers(folder), *_children(process.pid)}

    process.kill()
    process.wait()

    assert len(everything) > 3
    assert _gone(sorted(everything))
    with embedded.ensure(folder, fsync=False) as again, psycopg.connect(again.database_url) as line:
        assert line.execute("SELECT value FROM kept").fetchone() == ("accepted",)


def test_killed_database_comes_back_under_the_running_command_and_a_signal_ends_all(
    supervised: tuple[subprocess.Popen[str], str], folder: Path
) -> None:
    process, address = supervised
    with psycopg.connect(address) as line:
        line.execute("CREATE TABLE kept AS SELECT 'accepted' AS value")
        row = line.execute("SELECT pg_postmaster_start_time()").fetchone()
    number = int((places.prepare(folder).postgres / "postmaster.pid").read_text().split()[0])

    os.kill(number, signal.SIGKILL)
    kept: list[object] = []

    def is_back() -> bool:
        try:
            with psycopg.connect(address) as line:
                kept[:] = [line.execute("SELECT value FROM kept").fetchone()]
                return line.execute("SELECT pg_postmaster_start_time()").fetchone() != row
        except psycopg.OperationalError:
            return False

    assert comes(is_back)
    process.send_signal(signal.SIGTERM)
    _output, said = process.communicate(timeout=SECONDS)

    assert kept == [("accepted",)]
    assert "PostgreSQL ended unexpectedly and was started again." in said
    assert process.returncode == 128 + signal.SIGTERM
    assert _servers(folder) == []


def test_second_start_says_where_the_first_is_and_leaves_it_alone(
    supervised: tuple[subprocess.Popen[str], str], folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    process, address = supervised
    (folder / "address").write_text("http://127.0.0.1:8000/\n")

    code = command_line.main(["--data", str(folder), "--", "/bin/false"])

    assert code == supervisor.ALREADY_RUNNING
    assert f"at http://127.0.0.1:8000/, with the data in {folder}, as process {process.pid}." in (
        capsys.readouterr().err
    )
    with psycopg.connect(address) as line:
        assert line.execute("SELECT 1").fetchone() == (1,)


def test_start_that_loses_the_race_does_not_run_its_command(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with embedded.ensure(folder, fsync=False):
        monkeypatch.setattr(embedded, "running", lambda data_dir: None)

        code = supervisor.supervise(folder, ["/bin/false"])

    assert code == supervisor.ALREADY_RUNNING
    assert "Another start was quicker" in capsys.readouterr().err


def test_command_gets_both_addresses_and_its_exit_code_is_ours(folder: Path) -> None:
    told = folder.parent / "told"
    script = f'echo "$DATABASE_URL $REDIS_URL $DAYLIGHT_EMBEDDED" > "{told}"; exit 7'

    code = command_line.main(["--temporary", "--data", str(folder), "--", "/bin/sh", "-c", script])

    database, cache, mark = told.read_text().split()
    assert code == 7
    assert database.startswith("postgres://daylight@/daylight?host=/")
    assert cache.startswith("unix:///")
    assert mark == "1"
    assert not folder.exists()


@pytest.fixture
def _interruptible() -> Iterator[None]:
    """A shell may not trap what was ignored when it began, as a run in the background ignores Ctrl-C."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("_interruptible")
@pytest.mark.parametrize(("origin", "code"), [(0, 5), (supervisor.FROM_TERMINAL, 6)])
def test_signal_sent_to_us_reaches_the_command_once(
    origin: int, code: int, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    news = [SimpleNamespace(si_signo=signal.SIGINT, si_code=origin)]
    ready = folder.parent / "ready"

    def wait(signals: Sequence[signal.Signals], seconds: float) -> SimpleNamespace | None:
        time.sleep(0.02)
        return news.pop() if news and ready.exists() else None

    monkeypatch.setattr(signal, "sigtimedwait", wait)
    # a signal handed on ends it at once, however slow the machine; one from the terminal is not handed on
    laps = 8 if origin else 600
    script = f"trap 'exit 5' INT; touch \"{ready}\"; for n in $(seq {laps}); do sleep 0.1; done; exit 6"

    assert supervisor.supervise(folder, ["/bin/sh", "-c", script], fsync=False) == code


def test_command_that_is_missing_or_killed_is_told_apart(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    missing = supervisor.supervise(folder, ["/no/such/program"], fsync=False)
    killed = supervisor.supervise(folder, ["/bin/sh", "-c", "kill -KILL $$"], fsync=False)

    assert missing == 127
    assert "Cannot run /no/such/program: No such file or directory." in capsys.readouterr().err
    assert killed == 128 + signal.SIGKILL
    assert signal.SIGCHLD not in signal.pthread_sigmask(signal.SIG_BLOCK, ())


def test_server_that_keeps_ending_ends_the_command(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(embedded.Services, "restart_ended", lambda self: ["Valkey"])
    monkeypatch.setattr(supervisor, "RESTARTS_ALLOWED", 0)

    code = command_line.main(["--temporary", "--data", str(folder), "--", "/bin/sleep", "60"])

    assert code == 1
    assert "Valkey keeps ending; the logs in" in capsys.readouterr().err


def test_named_servers_are_used_and_nothing_is_started(folder: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "portal.services", "--data", folder, "--", "/bin/sh", "-c", "echo $REDIS_URL"],
        cwd=ROOT,
        env=os.environ | {"DATABASE_URL": "postgres://there/x", "REDIS_URL": "redis://there/0"},
        capture_output=True,
        text=True,
        check=True,
    )

    assert done.stdout == "redis://there/0\n"
    assert not folder.exists()


def test_one_address_without_the_other_is_refused(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("REDIS_URL", "redis://there/0")

    code = command_line.main(["--data", str(folder), "--", "/bin/true"])

    assert code == 1
    assert "Only REDIS_URL is set. Set both addresses, or neither." in capsys.readouterr().err


def test_erase_removes_the_data_and_no_command_at_all_is_an_error(folder: Path) -> None:
    folder.mkdir()
    (folder / "something").touch()

    code = command_line.main(["--data", str(folder), "--erase"])

    assert code == 0
    assert not folder.exists()
    with pytest.raises(SystemExit):
        command_line.main(["--data", str(folder)])


def test_named_servers_replace_this_program_by_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgres://there/x")
    monkeypatch.setenv("REDIS_URL", "redis://there/0")
    asked: list[tuple[str, list[str]]] = []

    def become(program: str, argv: list[str]) -> None:
        asked.append((program, argv))
        raise OSError("no such program")

    monkeypatch.setattr(os, "execvp", become)

    assert command_line.main(["--", "serve", "--port", "1"]) == 1
    assert asked == [("serve", ["serve", "--port", "1"])]
