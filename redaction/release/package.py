"""What a release package holds and how its bytes are written: pure plan, manifest and ZIP. No Django here."""

import hashlib
import json
import os
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from redaction import companions

FORMAT, VERSION = "daylight-release", 1
LETTER, INDEX, LOG = "letter.pdf", "withholding-index.pdf", "withholding-log.csv"
MANIFEST, SIGNATURE, KEY = "MANIFEST.json", "MANIFEST.sig", "PUBLIC_KEY"
VERIFIER, INSTRUCTIONS = "verify.py", "VERIFY.txt"
EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest time a ZIP can say: nobody's working hours
CHUNK = 1024 * 1024

NOUNS = {
    "pdf": "document",
    "office": "document",
    "image": "image",
    "video": "video",
    "audio": "audio",
    "table": "table",
    "flight": "flight-log",
}
TYPES = {
    ".pdf": "application/pdf",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".png": "image/png",
    ".mp4": "video/mp4",
    ".wav": "audio/wav",
    ".mp3": "audio/mpeg",
    ".m4a": "audio/mp4",
    ".flac": "audio/flac",
    ".ogg": "audio/ogg",
    ".opus": "audio/ogg",
    ".csv": "text/csv; charset=utf-8",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".parquet": "application/vnd.apache.parquet",
    ".vtt": "text/vtt; charset=utf-8",
    ".svg": "image/svg+xml",
    ".webp": "image/webp",
    ".tif": "image/tiff",
    ".txt": "text/plain; charset=utf-8",
    ".srt": "text/plain; charset=utf-8",
    ".gpx": "application/gpx+xml",
    ".geojson": "application/geo+json",
    ".kml": "application/vnd.google-earth.kml+xml",
    ".json": "application/json",
    ".zip": "application/zip",
}
_ALREADY_SMALL = frozenset(
    {
        ".mp4",
        ".jpg",
        ".jpeg",
        ".png",
        ".mp3",
        ".m4a",
        ".flac",
        ".ogg",
        ".wav",
        ".opus",
        ".xlsx",
        ".parquet",
        ".webp",
    }
)

VERIFIER_FILE = Path(__file__).parent / "verifier" / "verify.py"


class Mismatch(Exception):
    """A file's bytes are not those that were approved; the package must not come to be."""

    def __init__(self, path: str) -> None:
        self.path = path
        super().__init__(f"{path} is not the file that was approved")


@dataclass(frozen=True)
class Member:
    """One file of a package: where it lies inside, where its bytes are, and what they must be."""

    path: str
    source: Path | bytes
    size: int
    sha256: str

    @classmethod
    def of(cls, path: str, content: bytes) -> "Member":
        return cls(path, content, len(content), hashlib.sha256(content).hexdigest())

    @classmethod
    def of_file(cls, path: str, source: Path) -> "Member":
        with source.open("rb") as stream:
            digest = hashlib.file_digest(stream, "sha256").hexdigest()
        return cls(path, source, source.stat().st_size, digest)


def record_path(position: int, medium: str, suffix: str) -> str:
    """This will name a released file by its place and kind alone; no word of the original's name."""
    if suffix.lower() not in TYPES:
        raise ValueError(f"a file with the suffix {suffix!r} has no place in a package")
    return f"records/{position:02d}-{NOUNS[medium]}{suffix.lower()}"


def companion_path(position: int, name: str) -> str:
    """This will name a file that goes with a record by the record's place and the engine's own name."""
    if name not in companions.TITLES:
        raise ValueError(f"a companion called {name!r} has no place in a package")
    return f"records/{position:02d}-{name}"


def companion_title(position: int, name: str) -> str:
    return f"Record {position}: {companions.TITLES[name]}"


def content_type(path: str) -> str:
    """This will give the fixed type a file is served with, by our own suffix and never by its content."""
    return TYPES.get(Path(path).suffix.lower(), "application/octet-stream")


def manifest_bytes(head: Mapping[str, Any], files: Sequence[Mapping[str, Any]]) -> bytes:
    """This will give the exact bytes that are signed: JSON, sorted names, UTF-8, one final newline.

    ``files`` rows hold at least path, bytes and sha256. ``head`` says everything else.
    """
    whole = {**head, "format": FORMAT, "version": VERSION, "files": list(files)}
    return (json.dumps(whole, sort_keys=True, indent=1, ensure_ascii=False, allow_nan=False) + "\n").encode()


def instructions(*, fingerprint: str, number: str, agency: str, check_at: str) -> bytes:
    """This will give VERIFY.txt: how to check the package with Python, a browser or OpenSSL."""
    return f"""HOW TO CHECK THIS PACKAGE

This package answers public-records request {number} and was made by {agency}.
MANIFEST.json lists every file with its length and SHA-256. MANIFEST.sig is the agency's Ed25519
signature over the bytes of MANIFEST.json. PUBLIC_KEY is the key it was made with.

1. With Python 3.8 or later (nothing to install, works without a network)
   Open a terminal in this folder and type:   python3 verify.py
   It says INTACT, or names each file that was altered, is missing or does not belong.

2. In a browser
   Open {check_at} and choose the ZIP file. It is read on your own computer and
   sent nowhere.

3. With OpenSSL 3 and your own tools
   openssl pkeyutl -verify -pubin -inkey PUBLIC_KEY -rawin -in MANIFEST.json -sigfile MANIFEST.sig
   then compare   sha256sum FILE   with the line of that file in MANIFEST.json.

WHOSE KEY IS IT?
A forger could sign with a key of his own. So compare the fingerprint of the key with the one the agency
publishes at {check_at} :
   {fingerprint}
   (openssl pkey -pubin -in PUBLIC_KEY -outform DER | sha256sum)
If you do not trust the verify.py in this package, take it from that page as well.
""".encode()


def write_zip(members: Sequence[Member], target: Path, *, progress: Callable[[float, str], None]) -> None:
    """This will write the ZIP in constant memory and flush it to disk, hashing every byte on its way in.

    The same members give the same bytes: fixed times, no comment, no owner; the only extra field is the
    ZIP64 length of a member above 4 GiB.

    :raises Mismatch: naming the member whose bytes are not those it was frozen with; ``target`` is removed.
    """
    total, done = sum(member.size for member in members) or 1, 0
    try:
        with target.open("wb") as sink, zipfile.ZipFile(sink, "w", allowZip64=True) as archive:
            for place, member in enumerate(members, start=1):
                progress(done / total, f"packing file {place} of {len(members)}")
                _write_member(archive, member)
                done += member.size
            archive.close()
            sink.flush()
            os.fsync(sink.fileno())
    except BaseException:
        target.unlink(missing_ok=True)
        raise


def _write_member(archive: zipfile.ZipFile, member: Member) -> None:
    info = zipfile.ZipInfo(member.path, EPOCH)
    small = Path(member.path).suffix.lower() in _ALREADY_SMALL
    info.compress_type = zipfile.ZIP_STORED if small else zipfile.ZIP_DEFLATED
    info.create_system, info.external_attr = 3, 0o644 << 16
    info.file_size = member.size
    hashed, size = hashlib.sha256(), 0
    with archive.open(info, "w", force_zip64=member.size >= 0xFFFF0000) as inside:
        for chunk in _chunks(member.source):
            size += len(chunk)
            if size > member.size:
                raise Mismatch(member.path)
            hashed.update(chunk)
            inside.write(chunk)
    if size != member.size or hashed.hexdigest() != member.sha256:
        raise Mismatch(member.path)


def _chunks(source: Path | bytes) -> Iterator[bytes]:
    if isinstance(source, bytes):
        yield source
        return
    try:
        stream: BinaryIO = source.open("rb")
    except FileNotFoundError:
        return
    with stream:
        while chunk := stream.read(CHUNK):
            yield chunk
