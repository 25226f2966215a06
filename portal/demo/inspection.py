"""Looks into a finished package the way a suspicious person would: every byte, every stream, every tag."""

import subprocess
import sys
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from io import BytesIO
from pathlib import Path

from portal.demo.browser import DemoError


def leaks(package: Path, withheld: Iterable[str]) -> list[str]:
    """This will list where a withheld string shows: ZIP, members, PDF streams and text, film tags."""
    needles = {
        text: [text.encode(), text.encode("utf-16-be"), text.encode("utf-16-le")] for text in withheld if text
    }
    found = []
    for place, content in _places(package):
        found += [
            f"“{text}” in {place}"
            for text, spellings in needles.items()
            if any(n in content for n in spellings)
        ]
    return found


def _places(package: Path) -> Iterator[tuple[str, bytes]]:
    yield package.name, package.read_bytes()
    with zipfile.ZipFile(package) as archive:
        for info in archive.infolist():
            content = archive.read(info)
            yield info.filename, content
            yield f"the name of {info.filename}", info.filename.encode()
            if info.filename.endswith(".pdf"):
                yield from _pdf(info.filename, content)
            if info.filename.endswith((".mp4", ".m4a", ".wav")):
                yield f"the tags of {info.filename}", _tags(content)


def _pdf(name: str, content: bytes) -> Iterator[tuple[str, bytes]]:
    import pikepdf
    from pdfminer.high_level import extract_text

    yield f"the text of {name}", extract_text(BytesIO(content)).encode()
    with pikepdf.open(BytesIO(content)) as pdf:
        for number, thing in enumerate(pdf.objects):
            yield f"object {number} of {name}", repr(thing).encode()
            if isinstance(thing, pikepdf.Stream):
                try:
                    yield f"stream {number} of {name}", thing.read_bytes()
                except (pikepdf.PdfError, zlib.error, NotImplementedError):
                    # pictures keep their own coding; their bytes are in the file itself, seen above
                    continue


def _tags(content: bytes) -> bytes:
    import av

    with av.open(BytesIO(content)) as film:
        tags = [dict(film.metadata), *(dict(stream.metadata) for stream in film.streams)]
        return repr((tags, [stream.type for stream in film.streams])).encode()


def verify(folder: Path) -> tuple[int, str]:
    """This will run the package's own verify.py inside its folder. Gives exit code and what it said."""
    done = subprocess.run(
        [sys.executable, "-I", "verify.py"],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    return done.returncode, (done.stdout + done.stderr).strip()


def unpack(package: Path, folder: Path) -> Path:
    """This will unpack a package. :raises DemoError: when a member would leave the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(package) as archive:
        for info in archive.infolist():
            target = (folder / info.filename).resolve()
            if not target.is_relative_to(folder.resolve()):
                raise DemoError(f"{info.filename} would be unpacked outside its folder")
        archive.extractall(folder)
    return folder
