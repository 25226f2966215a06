"""What must be on the machine before the site or its tests run: ``python3 portal/services/system.py demo``.

A file for the system's own Python: nothing of the project and nothing installed is imported.
"""

import contextlib
import ctypes
import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
VENV = ROOT / ".venv"
UV = "0.13.9"
OLDEST_PYTHON = (3, 11)
# what only the tests cannot do without: any of the names, the packages, the reason
PROGRAMS = (
    (
        ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable"),
        ("chromium",),
        "The tests drive a real browser",
    ),
    (("tesseract",), ("tesseract-ocr", "tesseract-ocr-eng"), "The tests read scanned pages"),
    (("pdftotext",), ("poppler-utils",), "The tests read releases with a third reader"),
    (
        ("soffice",),
        ("libreoffice-writer-nogui", "libreoffice-calc-nogui"),
        "The tests turn office files into pages",
    ),
)
# WeasyPrint opens these by name; without the last it warns, and warnings are errors in our tests
LIBRARIES = ("libgobject-2.0.so.0", "libpango-1.0.so.0", "libpangoft2-1.0.so.0", "libharfbuzz-subset.so.0")
LIBRARY_PACKAGES = ("libpango-1.0-0", "libpangoft2-1.0-0", "libharfbuzz-subset0")
PURPOSES = {
    "demo": ("--no-dev", "--extra", "embedded"),
    "test": ("--extra", "embedded", "--extra", "detect"),
}


class NotReady(Exception):
    """The machine lacks something; the text says what to type."""


def prepare(purpose: str) -> None:
    """Bring the machine to where `purpose` (demo or test) can run; a second time in well under a second.

    :raises NotReady: when something is missing that we may not install.
    """
    with _one_at_a_time():
        environment(purpose)
        missing = [name for name in LIBRARIES if not _opens(name)]
        if missing:
            install(LIBRARY_PACKAGES, why=f"WeasyPrint, which makes the letters, needs {', '.join(missing)}")
        for names, packages, why in PROGRAMS if purpose == "test" else ():
            if not any(shutil.which(name) for name in names):
                install(packages, why=why)


def environment(purpose: str) -> None:
    """Make `.venv` and install what uv.lock names; only when that has changed since the last time."""
    digest = hashlib.sha256(
        b"".join((ROOT / name).read_bytes() for name in ("uv.lock", "pyproject.toml")) + UV.encode()
    ).hexdigest()
    stamp = VENV / f"daylight-{purpose}.stamp"
    stamps = [stamp] if purpose == "test" else [stamp, VENV / "daylight-test.stamp"]
    if _works(VENV / "bin" / "python") and any(_read(path) == digest for path in stamps):
        return
    if not _works(VENV / "bin" / "python"):
        make_environment()
    uv = VENV / "bin" / "uv"
    if not uv.exists() or UV not in _output(uv, "--version"):
        pip = (VENV / "bin" / "python", "-m", "pip", "--quiet", "--disable-pip-version-check")
        _do(*pip, "install", f"uv=={UV}")
    _do(uv, "sync", "--quiet", "--frozen", "--inexact", *PURPOSES[purpose])
    # the project is not a package; this lets every program in .venv import it from any folder
    for site in (VENV / "lib").glob("python3.*/site-packages"):
        (site / "daylight.pth").write_text(os.path.relpath(ROOT, site) + "\n")
    stamp.write_text(digest)


def make_environment() -> None:
    """Make `.venv` with this Python, getting the distribution's venv package when it is split off."""
    made = _try(sys.executable, "-m", "venv", "--clear", VENV)
    if made.returncode != 0:
        if "ensurepip" not in made.stdout + made.stderr and "No module named venv" not in made.stderr:
            raise NotReady(f"Python could not make {VENV}: {(made.stderr or made.stdout).strip()}")
        install(("python3-venv",), why="Python cannot make environments")
        _do(sys.executable, "-m", "venv", "--clear", VENV)


def install(packages: Sequence[str], *, why: str) -> None:
    """Install Debian or Ubuntu packages when we are root or sudo asks for no password.

    :raises NotReady: otherwise, with the line to type; also when the installation fails.
    """
    line = f"apt-get install -y --no-install-recommends {' '.join(packages)}"
    as_root = [] if os.geteuid() == 0 else ["sudo", "-n"]
    if shutil.which("apt-get") is None:
        raise NotReady(f"{why}. Install what Debian calls {' '.join(packages)} with this system's own tool.")
    if as_root and (shutil.which("sudo") is None or _try(*as_root, "true").returncode != 0):
        raise NotReady(f"{why}. Type this, then try again: sudo {line}")
    _say(f"{why}: installing {' '.join(packages)}")
    env = [*as_root, "env", "DEBIAN_FRONTEND=noninteractive"]
    done = _try(*env, *line.split())
    if done.returncode != 0:  # the lists may be missing or old
        _try(*env, "apt-get", "update")
        done = _try(*env, *line.split())
    if done.returncode != 0:
        raise NotReady(f"{why}, and `{line}` failed:\n{done.stderr.strip()}")


def newer_python() -> str:
    """Find a Python that is new enough when the one running this is not.

    :raises NotReady: when there is none.
    """
    for minor in range(OLDEST_PYTHON[1] + 3, OLDEST_PYTHON[1] - 1, -1):
        path = shutil.which(f"python3.{minor}")
        if path is not None and _try(path, "-c", "").returncode == 0:
            return path
    raise NotReady(
        "Daylight needs Python 3.11 or newer with its venv module. Install it, or: make PYTHON=its-path"
    )


@contextlib.contextmanager
def _one_at_a_time() -> Iterator[None]:
    (ROOT / "var").mkdir(exist_ok=True)
    with (ROOT / "var" / "setup.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _opens(library: str) -> bool:
    with contextlib.suppress(OSError):
        ctypes.CDLL(library)
        return True
    return False


def _works(python: Path) -> bool:
    return python.exists() and _try(python, "-c", "").returncode == 0


def _read(path: Path) -> str:
    return path.read_text() if path.exists() else ""


def _output(*argv: "str | Path") -> str:
    return _try(*argv).stdout


def _try(*argv: "str | Path") -> "subprocess.CompletedProcess[str]":
    return subprocess.run(  # noqa: S603 - programs of the system and of .venv, no shell
        [str(part) for part in argv],
        cwd=ROOT,
        env=_environment(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


def _do(*argv: "str | Path") -> None:
    done = subprocess.run(  # noqa: S603 - programs of .venv, no shell
        [str(part) for part in argv], cwd=ROOT, env=_environment(), stdin=subprocess.DEVNULL, check=False
    )
    if done.returncode != 0:
        raise NotReady(f"This failed, see above: {' '.join(map(str, argv))}")


def _environment() -> "dict[str, str]":
    """Give the tools our environment, less what points them at another virtual environment."""
    kept = {name: value for name, value in os.environ.items() if name not in ("VIRTUAL_ENV", "PYTHONHOME")}
    return {**kept, "UV_PROJECT_ENVIRONMENT": str(VENV), "UV_PYTHON_DOWNLOADS": "never"}


def _say(sentence: str) -> None:
    sys.stderr.write(sentence + "\n")


def main(arguments: Sequence[str]) -> int:
    """Prepare for the purpose named; 0 when the machine is ready."""
    if len(arguments) != 1 or arguments[0] not in PURPOSES:
        _say(f"usage: system.py {'|'.join(PURPOSES)}")
        return 2
    try:
        if sys.version_info[:2] < OLDEST_PYTHON:
            python = newer_python()
            os.execv(python, [python, __file__, *arguments])  # noqa: S606 - the same file, a newer Python
        prepare(arguments[0])
    except NotReady as error:
        _say(str(error))
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
