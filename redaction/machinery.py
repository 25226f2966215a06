"""Which machinery makes and checks redacted copies: one short name that changes when any part of it does."""

import hashlib
from collections.abc import Iterable
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

_HERE = Path(__file__).parent
# all of the library that making or checking a copy imports, but for what only starts and limits children
_PARTS = (
    "engines",
    "verify",
    "arrays.py",
    "fonts.py",
    "grammar.py",
    "indexes.py",
    "ink.py",
    "inspection.py",
    "leftovers.py",
    "letters.py",
    "mark_fields.py",
    "mark_kinds.py",
    "marks.py",
    "matroska.py",
    "parts.py",
    "patterns.py",
    "pieces.py",
    "pipeline.py",
    "ragged.py",
    "reading.py",
    "sniff.py",
    "transcript.py",
    "transcript_captions.py",
    "transcript_reading.py",
    "work.py",
)
_READERS = ("glances.py", "looks.py", "preview", "probe.py")
_LIBRARIES = (
    "pypdfium2",
    "pikepdf",
    "pdfminer.six",
    "lxml",
    "fonttools",
    "weasyprint",
    "pillow",
    "pi-heif",
    "av",
    "numpy",
    "duckdb",
    "google-re2",
    "python-calamine",
    "xlsxwriter",
    "shapely",
    "pyulog",
    "pymavlink",
)


@cache
def stamp() -> str:
    """This will name the engines, their checks and their libraries as this process has them.

    It is a digest of their own text, so that nobody can forget to raise a number. Read once a process: code
    that is replaced on disk is another machinery from the next start on.
    """
    seen = hashlib.sha256()
    _take_in(seen, _PARTS)
    for name in _LIBRARIES:
        seen.update(f"{name} {_version(name)}\n".encode())
    return f"daylight-{seen.hexdigest()[:16]}"


@cache
def readers() -> str:
    """This will name what looks at a file for people, beside the parts that make and check copies."""
    seen = hashlib.sha256()
    _take_in(seen, _READERS)
    return seen.hexdigest()[:16]


def _take_in(seen: "hashlib._Hash", parts: Iterable[str]) -> None:
    for path in sorted(found for part in parts for found in _texts(_HERE / part)):
        seen.update(path.relative_to(_HERE).as_posix().encode())
        seen.update(hashlib.sha256(path.read_bytes()).digest())


def _texts(part: Path) -> list[Path]:
    if part.is_file():
        return [part]
    return [path for path in part.rglob("*") if path.suffix in (".py", ".json")]


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "none"
