"""Every import contract is proved once: a planted backward import must break exactly that contract."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LINT = Path(sys.executable).with_name("lint-imports")

PLANTED = [
    ("rooms", "requests_app/docket/models.py", "import requests_app.desk.rules"),
    ("redaction library", "redaction/report.py", "import redaction.pipeline"),
    ("library without Django", "redaction/engines/image.py", "import django.conf"),
    ("pure rules and law engines", "requests_app/fees/rules.py", "import django.db"),
    ("services do not import the web", "requests_app/fees/services.py", "import requests_app.fees.views"),
]


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    copy = tmp_path_factory.mktemp("tree")
    for package in ("portal", "requests_app", "redaction"):
        shutil.copytree(
            ROOT / package, copy / package, ignore=shutil.ignore_patterns("static", "__pycache__")
        )
    shutil.copy(ROOT / "pyproject.toml", copy)
    return copy


def lint(tree: Path) -> tuple[int, list[str]]:
    done = subprocess.run(
        [LINT, "--no-cache"],
        cwd=tree,
        capture_output=True,
        text=True,
        check=False,
        env={"PYTHONPATH": str(tree)},
    )
    verdicts = re.findall(r"^(.+?) (KEPT|BROKEN)\b", done.stdout, re.MULTILINE)
    assert len(verdicts) == len(PLANTED), done.stdout + done.stderr
    return done.returncode, [name for name, verdict in verdicts if verdict == "BROKEN"]


def test_no_arrow_points_backwards(tree: Path) -> None:
    assert lint(tree) == (0, [])


@pytest.mark.parametrize(("contract", "file", "line"), PLANTED, ids=[row[0] for row in PLANTED])
def test_planted_backward_import_breaks_its_contract(tree: Path, contract: str, file: str, line: str) -> None:
    victim = tree / file
    whole = victim.read_text()
    victim.write_text(f"{whole}\n{line}\n")

    code, broken = lint(tree)

    victim.write_text(whole)
    assert code != 0
    assert contract in broken
