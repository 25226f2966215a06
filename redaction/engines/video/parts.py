"""Rendered segments on disk: one file each, named by its key, checked by its hash whenever it is read.

A part is 8 bytes that name the format, the SHA-256 of all that follows, the length of the header (4 bytes),
the header (JSON) and the samples one behind the other, each unit behind a length of 4 bytes.
"""

import hashlib
import json
import os
import struct
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_MAGIC = b"DLPART02"
_AT = len(_MAGIC) + 32
_LARGEST_HEADER = 1 << 28  # bytes


class UnfitPart(Exception):
    """A file that should be a part is cut short, changed or of another segment."""


@dataclass(frozen=True)
class Part:
    """``pts`` are ticks of the source's clock, ``painted`` counts pictures by the number of the mark."""

    path: Path
    key: str
    pts: Sequence[int]
    sizes: Sequence[int]
    keys: Sequence[int]
    parameters: tuple[bytes, ...]
    painted: dict[int, int]
    missing: int
    moved: int
    encoder: str
    begin: int

    def samples(self) -> Any:
        """This will open the part at its first sample."""
        stream = self.path.open("rb")
        stream.seek(self.begin)
        return stream


class Writer:
    """Writes a part beside its final name and renames it when it is whole."""

    def __init__(self, folder: Path, key: str) -> None:
        self.path, self._key = folder / f"{key}.part", key
        handle, name = tempfile.mkstemp(prefix=".part-", dir=folder)
        self._scratch, self._samples = Path(name), os.fdopen(handle, "w+b")

    def write(self, sample: bytes) -> None:
        self._samples.write(sample)

    def close(self, header: dict[str, Any]) -> Path:
        """This will put the header before the samples, and the part under its name."""
        text = json.dumps({**header, "key": self._key}).encode()
        head = struct.pack(">I", len(text)) + text
        digest = hashlib.sha256(head)
        handle, name = tempfile.mkstemp(prefix=".part-", dir=self.path.parent)
        try:
            with os.fdopen(handle, "w+b") as out:
                out.write(_MAGIC + bytes(32) + head)
                self._samples.seek(0)
                while block := self._samples.read(1 << 20):
                    digest.update(block)
                    out.write(block)
                out.seek(len(_MAGIC))
                out.write(digest.digest())
                out.flush()
                os.fsync(out.fileno())
            Path(name).replace(self.path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
        return self.path

    def discard(self) -> None:
        """This will remove the scratch file; harmless after :meth:`close`."""
        self._samples.close()
        self._scratch.unlink(missing_ok=True)


def private_folder(path: Path) -> Path:
    """This will make a folder that only its owner reads: parts hold what has not been released yet."""
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    return path


def read(path: Path, key: str) -> Part:
    """This will check a part whole and give its table.

    :raises UnfitPart: when it is missing, cut short, changed, or not what ``key`` stands for.
    """
    try:
        with path.open("rb") as stream:
            head = stream.read(_AT + 4)
            if head[: len(_MAGIC)] != _MAGIC or len(head) < _AT + 4:
                raise UnfitPart("not a part")
            length = struct.unpack(">I", head[_AT:])[0]
            if length > _LARGEST_HEADER:
                raise UnfitPart("not a part")
            text = stream.read(length)
            digest = hashlib.sha256(head[_AT:] + text)
            while block := stream.read(1 << 20):
                digest.update(block)
            end = stream.tell()
    except OSError as error:
        raise UnfitPart("no part") from error
    if digest.digest() != head[len(_MAGIC) : _AT]:
        raise UnfitPart("changed or cut short")
    header = json.loads(text)
    if header["key"] != key or sum(header["sizes"]) != end - _AT - 4 - length:
        raise UnfitPart("of another segment")
    return Part(
        path=path,
        key=key,
        pts=header["pts"],
        sizes=header["sizes"],
        keys=header["keys"],
        parameters=tuple(bytes.fromhex(unit) for unit in header["parameters"]),
        painted={int(number): count for number, count in header["painted"].items()},
        missing=header["missing"],
        moved=header["moved"],
        encoder=header["encoder"],
        begin=_AT + 4 + length,
    )
