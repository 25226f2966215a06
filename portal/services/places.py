"""Where the embedded servers keep their files, and the account that owns them."""

import hashlib
import os
import pwd
import re
import stat
import time
from dataclasses import dataclass
from pathlib import Path

from portal.services import child
from portal.services.child import ServicesError

ACCOUNT = "daylight-services"
ROOT_OF_FALLBACKS = Path("/var/tmp")  # noqa: S108 - only for folders checked by _make_private below
SOCKET_PATH_LIMIT = 107  # bytes in sockaddr_un.sun_path, less the closing zero
LONGEST_SOCKET = ".s.PGSQL.5432"
_PLAIN = re.compile(r"[\w/.-]+", re.ASCII)  # the libraries that read these addresses unquote them differently


@dataclass(frozen=True, slots=True)
class Places:
    """The folders of one set of servers."""

    data: Path  # what the caller named: locks, logs and the state file; need not be reachable for the account
    home: Path  # databases and copied programs; the account can reach it
    sockets: Path  # 0700, the account's
    account: pwd.struct_passwd | None  # None: the servers run as ourselves

    @property
    def postgres(self) -> Path:
        return self.home / "postgres"

    @property
    def valkey(self) -> Path:
        return self.home / "valkey"

    @property
    def programs(self) -> Path:
        return self.home / "programs"

    @property
    def supervisor_lock(self) -> Path:
        return self.data / "supervisor.lock"

    @property
    def state(self) -> Path:
        return self.data / "services.json"


def hashed_folder(data: Path) -> Path:
    """Name the folder under /var/tmp that stands in for `data` when that is out of reach or too long."""
    digest = hashlib.sha256(os.fsencode(data)).hexdigest()[:20]
    return ROOT_OF_FALLBACKS / f"daylight-{os.geteuid()}-{digest}"


def prepare(data: Path) -> Places:
    """Make the folders for `data` and say where they are. Modes of folders that were there stay as they are.

    :raises ServicesError: when no account can run the servers, or existing data cannot be reached by it.
    """
    data = data.absolute()
    try:
        # others may pass through (not list) so that a separate account reaches its own folders inside
        data.mkdir(mode=0o711 if os.geteuid() == 0 else 0o700, parents=True, exist_ok=True)
    except (PermissionError, NotADirectoryError) as error:
        raise ServicesError(f"Cannot make the folder {data}: {error.strerror}. Name another one.") from error
    if not os.access(data, os.W_OK | os.X_OK):
        raise ServicesError(f"Cannot write to {data}: it belongs to another account. Name another folder.")
    data = data.resolve()
    inside = data / "services"
    account = _choose_account(inside)
    home = _choose_home(data, inside, account)
    sockets = home / "run"
    if len(os.fsencode(sockets / LONGEST_SOCKET)) > SOCKET_PATH_LIMIT or not _PLAIN.fullmatch(str(sockets)):
        _make_private(hashed_folder(data))
        sockets = hashed_folder(data) / "run"
    for folder in (home / "valkey", sockets):
        _make_owned(folder, account)
    return Places(data=data, home=home, sockets=sockets, account=account)


def _choose_home(data: Path, inside: Path, account: pwd.struct_passwd | None) -> Path:
    elsewhere = hashed_folder(data)
    if (inside / "postgres").exists() or _is_reachable(data, account):
        if (elsewhere / "postgres").exists() and not (inside / "postgres").exists():
            return _make_private(elsewhere)  # data begun there stays there
        if not _is_reachable(data, account):
            raise ServicesError(
                f"The database in {inside} can no longer be reached by the account that owns it. Restore the "
                f"permissions of the folders above it, or move it to a place that account can enter."
            )
        inside.mkdir(mode=0o711 if account else 0o700, exist_ok=True)
        return inside
    return _make_private(elsewhere)


def _choose_account(inside: Path) -> pwd.struct_passwd | None:
    uid = os.geteuid()
    if uid != 0:
        try:
            pwd.getpwuid(uid)
        except KeyError:
            raise ServicesError(
                f"PostgreSQL does not start for user id {uid}, which has no entry in /etc/passwd. "
                f"Add one, or set DATABASE_URL and REDIS_URL to servers that are running."
            ) from None
        return None
    owner = _owner_of(inside / "postgres") or _owner_of(hashed_folder(inside.parent) / "postgres")
    if owner is not None:
        return owner
    caller = os.environ.get("SUDO_UID", "")
    if caller.isdigit() and int(caller) != 0:
        try:
            return pwd.getpwuid(int(caller))
        except KeyError:
            pass  # sudo by an account this machine does not know: take our own
    return _dedicated_account()


def _owner_of(folder: Path) -> pwd.struct_passwd | None:
    try:
        owner = pwd.getpwuid(folder.stat().st_uid)
    except (FileNotFoundError, KeyError):
        return None
    return owner if owner.pw_uid != 0 else None


def _dedicated_account() -> pwd.struct_passwd:
    """Find or make the system account for the servers: PostgreSQL refuses to run as root."""
    reason = ""
    for _attempt in range(10):
        try:
            return pwd.getpwnam(ACCOUNT)
        except KeyError:
            pass
        try:
            made = child.run(
                ["/usr/sbin/useradd", "--system", "--user-group", "--no-create-home",
                 "--home-dir", "/nonexistent", "--shell", "/usr/sbin/nologin", ACCOUNT]
            )  # fmt: skip
        except FileNotFoundError:
            reason = "useradd is not installed"
            break
        reason = made.stderr.strip()
        time.sleep(0.2 if made.returncode else 0)  # another start may hold the lock on /etc/passwd
    raise ServicesError(
        f"PostgreSQL refuses to run as root, and the account {ACCOUNT} could not be made ({reason}). "
        f"Make it by hand, or run this as an ordinary user."
    )


def is_usable(path: Path, account: pwd.struct_passwd | None, test: str = "-x") -> bool:
    """Ask the kernel, as that account, whether it can enter or run (`-x`) or read (`-r`) `path`."""
    if account is None:
        return os.access(path, os.X_OK if test == "-x" else os.R_OK)
    return child.run(["/bin/sh", "-c", f'test {test} "$1"', "sh", path], account=account).returncode == 0


def _is_reachable(data: Path, account: pwd.struct_passwd | None) -> bool:
    return is_usable(data, account)


def _make_private(folder: Path) -> Path:
    """Make a folder in a place everybody can write to, or check that the one there is ours alone.

    :raises ServicesError: when somebody else has put something there.
    """
    folder.mkdir(mode=0o711, exist_ok=True)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid() or found.st_mode & 0o022:
        raise ServicesError(
            f"{folder} is not a folder of ours that others cannot write to. Remove it and try again."
        )
    return folder


def _make_owned(folder: Path, account: pwd.struct_passwd | None) -> None:
    folder.mkdir(mode=0o700, exist_ok=True)
    owner = os.geteuid() if account is None else account.pw_uid
    found = folder.lstat()
    if account is not None and found.st_uid == 0 and stat.S_ISDIR(found.st_mode):
        os.chown(folder, account.pw_uid, account.pw_gid, follow_symlinks=False)
        found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != owner:
        raise ServicesError(
            f"{folder} belongs to another account than the one the servers run as. "
            f"Start them as that account, or name another data folder."
        )
    folder.chmod(0o700)
