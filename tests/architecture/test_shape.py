"""The shape of the tree: what may lie where, how long a file may be, which words are not used as names."""

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TOP = {
    "manage.py", "pyproject.toml", "uv.lock", "README.md", "Makefile", "Dockerfile", "docker-compose.yml",
    "LICENSE", "CHANGELOG.md", "SECURITY.md", "portal", "requests_app", "redaction", "templates", "tests",
    "docs", "var",
}  # fmt: skip
LONGEST = 400
VAGUE = {"utils", "helpers", "manager", "common", "misc"}


def tracked(*patterns: str) -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", *patterns],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    return [ROOT / line for line in listed.stdout.splitlines() if (ROOT / line).exists()]


def test_top_level_holds_only_what_the_architecture_names() -> None:
    found = {path.name for path in ROOT.iterdir() if not path.name.startswith(".")}

    assert found - TOP == set()


def test_no_python_file_is_longer_than_the_limit() -> None:
    long = {
        str(path.relative_to(ROOT)): lines
        for path in tracked("*.py")
        if "migrations" not in path.parts and (lines := len(path.read_text().splitlines())) > LONGEST
    }

    assert long == {}


def test_no_module_has_a_vague_name() -> None:
    vague = [str(path.relative_to(ROOT)) for path in tracked("*.py") if path.stem in VAGUE]

    assert vague == []


def test_tests_are_no_package() -> None:
    assert [path for path in tracked("tests/*") if path.name == "__init__.py"] == []


@pytest.mark.parametrize(
    ("what", "pattern"),
    [
        ("unfinished work", r"\b(TODO|FIXME)\b|#\s*XXX|raise NotImplementedError"),
        ("a blanket ignore", r"#\s*noqa\s*(?!:)|#\s*type:\s*ignore\s*(?!\[)|pragma:\s*no cover"),
        ("a skipped test", r"pytest\.(mark\.)?(skip|xfail)\b|skipif"),
        (
            "a stand-in for a real service",
            r"(?i)ALWAYS_EAGER\s*=\s*True|django\.db\.backends\.sqlite3|fakeredis",
        ),
        ("unpickling", r"\bpickle\b(?!-)"),
    ],
)
def test_source_has_none_of(what: str, pattern: str) -> None:
    here = Path(__file__).resolve()
    hits = [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()[:100]}"
        for path in tracked("*.py")
        if path != here
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if re.search(pattern, line)
    ]

    assert hits == [], what


def test_pages_hold_no_inline_script_style_or_handler() -> None:
    pattern = re.compile(r"<script(?![^>]*\bsrc=)[^>]*>|<style|\sstyle=\"|\son[a-z]+=\"|hx-on|javascript:")
    mail_and_print = (
        "emails",
        "letters",
    )  # never a page under our policy: mail clients and WeasyPrint read them
    hits = [
        f"{path.relative_to(ROOT)}: {found.group()}"
        for path in tracked("templates/*.html")
        if not set(mail_and_print) & set(path.parts)
        for found in pattern.finditer(path.read_text())
        if 'type="application/json"' not in found.group()
    ]

    assert hits == []
