"""Which machinery makes and checks redacted copies: one short name that changes when any part of it does."""

import hashlib
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

_HERE = Path(__file__).parent
_PARTS = ("engines", "verify", "marks.py", "mark_fields.py", "mark_kinds.py", "pipeline.py", "pieces.py")
_LIBRARIES = (
    "pypdfium2",
    "pikepdf",
    "fonttools",
    "pillow",
    "pi-heif",
    "av",
    "numpy",
    "opencv-python-headless",
)


@cache
def stamp() -> str:
    """This will name the engines, their checks and their libraries as this process has them.

    It is a digest of their own text, so that nobody can forget to raise a number. Read once a process: code
    that is replaced on disk is another machinery from the next start on.
    """
    seen = hashlib.sha256()
    for path in sorted(found for part in _PARTS for found in _texts(_HERE / part)):
        seen.update(path.relative_to(_HERE).as_posix().encode())
        seen.update(hashlib.sha256(path.read_bytes()).digest())
    for name in _LIBRARIES:
        seen.update(f"{name} {_version(name)}\n".encode())
    return f"daylight-{seen.hexdigest()[:16]}"


def _texts(part: Path) -> list[Path]:
    return [part] if part.is_file() else list(part.rglob("*.py"))


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "none"
