import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from portal.services import system
from portal.services.system import NotReady

Answer = Callable[[list[str]], "subprocess.CompletedProcess[str] | None"]


@pytest.fixture
def clone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A checkout of its own, so that no test touches the environment it runs in."""
    (tmp_path / "uv.lock").write_text("lock")
    (tmp_path / "pyproject.toml").write_text("project")
    monkeypatch.setattr(system, "ROOT", tmp_path)
    monkeypatch.setattr(system, "VENV", tmp_path / ".venv")
    return tmp_path


@pytest.fixture
def typed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The lines the set-up types; what they would do to a machine is left out."""
    lines: list[str] = []

    def note(*argv: "str | Path", code: int = 0) -> "subprocess.CompletedProcess[str]":
        lines.append(" ".join(Path(part).name if isinstance(part, Path) else part for part in argv))
        return subprocess.CompletedProcess(argv, code, "uv 0.0.1", "")

    monkeypatch.setattr(system, "_try", note)
    monkeypatch.setattr(system, "_do", note)
    return lines


def _environment_exists(clone: Path) -> None:
    site = clone / ".venv" / "lib" / "python3.11" / "site-packages"
    site.mkdir(parents=True)
    (clone / ".venv" / "bin").mkdir()
    for name in ("python", "uv"):
        (clone / ".venv" / "bin" / name).touch()


def _answers(monkeypatch: pytest.MonkeyPatch, answer: Answer) -> None:
    """Answer the programs that `answer` knows; the others succeed."""

    def run(*argv: "str | Path") -> "subprocess.CompletedProcess[str]":
        words = [str(part) for part in argv]
        return answer(words) or subprocess.CompletedProcess(words, 0, "", "")

    monkeypatch.setattr(system, "_try", run)


def test_environment_is_made_once_for_each_lock(clone: Path, typed: list[str]) -> None:
    _environment_exists(clone)

    system.environment("test")
    first = [line for line in typed if "sync" in line]
    system.environment("test")
    system.environment("demo")
    again = [line for line in typed if "sync" in line]
    (clone / "uv.lock").write_text("another lock")
    system.environment("demo")

    assert first == again == ["uv sync --quiet --frozen --inexact --extra embedded --extra detect"]
    assert typed[-1] == "uv sync --quiet --frozen --inexact --no-dev --extra embedded"
    assert "python -m pip --quiet --disable-pip-version-check install uv==0.13.9" in typed
    paths = list((clone / ".venv").rglob("daylight.pth"))
    assert [(path.parent / path.read_text().strip()).resolve() for path in paths] == [clone]


def test_environment_is_made_by_the_python_that_runs(clone: Path, typed: list[str]) -> None:
    system.make_environment()

    assert typed == [f"{sys.executable} -m venv --clear .venv"]


def test_missing_environment_is_made_before_anything_is_installed(
    clone: Path, typed: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(system, "make_environment", lambda: _environment_exists(clone))

    system.environment("demo")

    assert [line.split()[-1] for line in typed] == ["--version", "uv==0.13.9", "embedded"]


def test_venv_module_split_off_by_the_distribution_is_installed(
    clone: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[str, ...]] = []
    monkeypatch.setattr(system, "install", lambda packages, why: asked.append(tuple(packages)))
    monkeypatch.setattr(system, "_do", lambda *argv: asked.append(("again",)))
    _answers(monkeypatch, lambda argv: subprocess.CompletedProcess(argv, 1, "ensurepip is not available", ""))

    system.make_environment()

    assert asked == [("python3-venv",), ("again",)]


def test_environment_that_cannot_be_made_says_what_python_said(
    clone: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _answers(monkeypatch, lambda argv: subprocess.CompletedProcess(argv, 1, "", "disk full"))

    with pytest.raises(NotReady, match="disk full"):
        system.make_environment()


@pytest.mark.parametrize(
    ("purpose", "opens", "browser", "expected"),
    [
        ("demo", True, False, []),
        ("demo", False, False, [system.LIBRARY_PACKAGES]),
        ("test", True, True, []),
        (
            "test",
            False,
            False,
            [system.LIBRARY_PACKAGES, *(packages for _, packages, _ in system.PROGRAMS)],
        ),
    ],
)
def test_only_what_is_missing_for_the_purpose_is_installed(
    purpose: str,
    opens: bool,
    browser: bool,
    expected: list[tuple[str, ...]],
    clone: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[tuple[str, ...]] = []
    monkeypatch.setattr(system, "environment", lambda purpose: None)
    monkeypatch.setattr(system, "_opens", lambda name: opens)
    monkeypatch.setattr(shutil, "which", lambda name: "/usr/bin/x" if browser else None)
    monkeypatch.setattr(system, "install", lambda packages, why: asked.append(packages))

    system.prepare(purpose)

    assert asked == expected


def test_library_is_looked_for_by_opening_it() -> None:
    assert system._opens("libc.so.6")
    assert not system._opens("libno-such-thing.so.0")


def test_root_installs_after_fetching_the_lists_when_the_first_try_fails(
    clone: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    typed: list[str] = []

    def answer(argv: list[str]) -> "subprocess.CompletedProcess[str]":
        typed.append(" ".join(argv))
        return subprocess.CompletedProcess(argv, 0 if len(typed) > 1 else 100, "", "no candidate")

    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(shutil, "which", lambda name: f"/usr/bin/{name}")
    _answers(monkeypatch, answer)

    system.install(("libpango-1.0-0",), why="Letters need it")

    assert [line.split()[3] for line in typed] == ["install", "update", "install"]
    assert "Letters need it: installing libpango-1.0-0" in capsys.readouterr().err


def test_failed_installation_says_the_line_and_the_reason(
    clone: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(shutil, "which", lambda name: f"/usr/bin/{name}")
    _answers(monkeypatch, lambda argv: subprocess.CompletedProcess(argv, 100, "", "no route"))

    with pytest.raises(NotReady, match=r"apt-get install -y .* x` failed:\nno route"):
        system.install(("x",), why="Needed")


def test_person_who_may_not_install_gets_the_line_to_type(
    clone: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    monkeypatch.setattr(shutil, "which", lambda name: f"/usr/bin/{name}")
    _answers(monkeypatch, lambda argv: subprocess.CompletedProcess(argv, 1, "", "a password is required"))

    with pytest.raises(NotReady, match=r"Type this, then try again: sudo apt-get install -y .* x$"):
        system.install(("x",), why="Needed")


def test_system_without_apt_gets_the_names(clone: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: None)

    with pytest.raises(NotReady, match="Install what Debian calls x with this system's own tool"):
        system.install(("x",), why="Needed")


def test_old_python_hands_over_to_a_newer_one(
    clone: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    became: list[list[str]] = []
    monkeypatch.setattr(sys, "version_info", (3, 9, 0))
    monkeypatch.setattr(shutil, "which", {"python3.12": "/usr/bin/python3.12"}.get)
    _answers(monkeypatch, lambda argv: None)
    monkeypatch.setattr(os, "execv", lambda program, argv: became.append(argv))
    monkeypatch.setattr(system, "prepare", lambda purpose: None)

    code = system.main(["demo"])
    monkeypatch.setattr(shutil, "which", lambda name: None)
    without = system.main(["demo"])

    assert (code, without) == (0, 1)
    assert became == [["/usr/bin/python3.12", system.__file__, "demo"]]
    assert "needs Python 3.11 or newer" in capsys.readouterr().err


def test_command_line_says_its_purposes_and_passes_a_refusal_on(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse(purpose: str) -> None:
        raise NotReady(f"Not ready for {purpose}.")

    monkeypatch.setattr(system, "prepare", refuse)

    assert system.main([]) == 2
    assert system.main(["test"]) == 1
    assert capsys.readouterr().err == "usage: system.py demo|test\nNot ready for test.\n"


def test_tools_run_in_the_checkout_without_another_environment(
    clone: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VIRTUAL_ENV", "/elsewhere")
    program = (
        "import os; print(os.getcwd(), os.environ.get('VIRTUAL_ENV'), os.environ['UV_PYTHON_DOWNLOADS'])"
    )

    said = system._output(sys.executable, "-c", program)
    with pytest.raises(NotReady, match="This failed, see above"):
        system._do(sys.executable, "-c", "raise SystemExit(3)")

    assert said.split() == [str(clone), "None", "never"]
    assert system._works(Path(sys.executable))
    assert not system._works(clone / "none")
