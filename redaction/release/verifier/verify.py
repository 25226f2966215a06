"""Check a release package: is every file the one the agency signed?

    python3 verify.py                    inside the unpacked package
    python3 verify.py FOLDER-OR-ZIP      anywhere
    python3 verify.py --fingerprint HEX  also insist on the agency's key

One file, Python 3.8 or later, nothing to install, no network. Exit code 0: intact; 1: not intact;
2: the check could not be made. Format: the file VERIFY.txt beside this one.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import json
import os
import re
import stat
import sys
import zipfile
import zlib
from typing import Any, Iterator, Tuple  # noqa: UP035  evaluated on Python 3.8

INTACT, NOT_INTACT, NO_CHECK = 0, 1, 2
MANIFEST, SIGNATURE, KEY = "MANIFEST.json", "MANIFEST.sig", "PUBLIC_KEY"
OWN = (MANIFEST, SIGNATURE, KEY)
LARGEST_MANIFEST = 64 * 1024 * 1024
CHUNK = 1024 * 1024
PART = r"[A-Za-z0-9][A-Za-z0-9._-]*"
SAFE_PATH = re.compile(PART + r"(/" + PART + r")*\Z")
HEX_SHA256 = re.compile(r"[0-9a-f]{64}\Z")
# what desktops leave behind when a folder is opened; never part of a package and never evidence
DROPPINGS = re.compile(r"(.*/)?(\.DS_Store|Thumbs\.db|desktop\.ini|\._[^/]*)\Z")

# Ed25519 (RFC 8032), verification only: everything here is public, so nothing needs constant time.
P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
ROOT = pow(2, (P - 1) // 4, P)
KEY_PREFIX = bytes.fromhex("302a300506032b6570032100")  # SubjectPublicKeyInfo of an Ed25519 key (RFC 8410)


class CannotCheck(Exception):
    """There is nothing here that could be checked, or it cannot be read."""


Point = Tuple[int, int, int, int]  # noqa: UP006  evaluated on Python 3.8


def _add(one: Point, two: Point) -> Point:
    a = (one[1] - one[0]) * (two[1] - two[0]) % P
    b = (one[1] + one[0]) * (two[1] + two[0]) % P
    c = 2 * one[3] * two[3] * D % P
    d = 2 * one[2] * two[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return (e * f % P, g * h % P, f * g % P, e * h % P)


def _times(scalar: int, point: Point) -> Point:
    total = (0, 1, 1, 0)
    while scalar:
        if scalar & 1:
            total = _add(total, point)
        point = _add(point, point)
        scalar >>= 1
    return total


def _point(packed: bytes) -> Point | None:
    """Gives the point of 32 bytes, or None when they are not one in its only allowed spelling."""
    number = int.from_bytes(packed, "little")
    sign, y = number >> 255, number & ((1 << 255) - 1)
    if y >= P:
        return None
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * ROOT % P
    if (x * x - square) % P or (x == 0 and sign):
        return None
    if x & 1 != sign:
        x = P - x
    return (x, y, 1, x * y % P)


_Y = 4 * pow(5, P - 2, P) % P
BASE = _point(_Y.to_bytes(32, "little")) or (0, 1, 1, 0)


def ed25519_holds(key: bytes, signature: bytes, message: bytes) -> bool:
    """Tells whether the 64-byte signature over the message was made with the key of these 32 bytes."""
    if len(key) != 32 or len(signature) != 64:
        return False
    start, scalar = signature[:32], int.from_bytes(signature[32:], "little")
    public, nonce = _point(key), _point(start)
    if public is None or nonce is None or scalar >= L:
        return False
    challenge = int.from_bytes(hashlib.sha512(start + key + message).digest(), "little") % L
    left, right = _times(scalar, BASE), _add(nonce, _times(challenge, public))
    return (left[0] * right[2] - right[0] * left[2]) % P == 0 and (
        left[1] * right[2] - right[1] * left[2]
    ) % P == 0


class Folder:
    """The files of an unpacked package. Symbolic links are never followed."""

    def __init__(self, root: str) -> None:
        self.root = root
        self.odd: list[str] = []
        self.names: set[str] = set()
        for folder, folders, files in os.walk(root):
            inside = os.path.relpath(folder, root).replace(os.sep, "/")
            lead = "" if inside == "." else inside + "/"
            for name in folders + files:
                mode = os.lstat(os.path.join(folder, name)).st_mode
                if stat.S_ISREG(mode):
                    self.names.add(lead + name)
                elif not stat.S_ISDIR(mode):
                    self.odd.append(lead + name)

    def chunks(self, name: str) -> Iterator[bytes]:
        path = os.path.join(self.root, *name.split("/"))
        with open(path, "rb") as stream:
            while True:
                chunk = stream.read(CHUNK)
                if not chunk:
                    return
                yield chunk


class Archive:
    """The members of a package that is still a ZIP file. Nothing is unpacked to disk."""

    def __init__(self, path: str) -> None:
        self.archive = zipfile.ZipFile(path)
        self.odd: list[str] = []
        self.members: dict[str, zipfile.ZipInfo] = {}
        infos = [info for info in self.archive.infolist() if not info.is_dir()]
        lead = _common_folder([info.filename for info in infos])
        for info in infos:
            name = info.filename[len(lead) :]
            if name in self.members or info.flag_bits & 1:
                self.odd.append(name)
            else:
                self.members[name] = info
        if self.archive.comment:
            self.odd.append("(a comment on the ZIP file)")
        self.names = set(self.members)

    def chunks(self, name: str) -> Iterator[bytes]:
        with self.archive.open(self.members[name]) as stream:
            while True:
                chunk = stream.read(CHUNK)
                if not chunk:
                    return
                yield chunk


def _common_folder(names: list[str]) -> str:
    """The one folder everything lies in when somebody packed the package again, else nothing."""
    if MANIFEST in names:
        return ""
    tops = {name.split("/", 1)[0] + "/" for name in names if not DROPPINGS.match(name)}
    lead = tops.pop() if len(tops) == 1 else ""
    return lead if lead + MANIFEST in names else ""


UNREADABLE = (OSError, zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError)


def _read(package: Folder | Archive, name: str, limit: int) -> bytes:
    content = b""
    for chunk in package.chunks(name):
        content += chunk
        if len(content) > limit:
            raise CannotCheck(f"{name} is far too large")
    return content


def _public_key(pem: bytes) -> tuple[bytes, str]:
    """Gives the 32 key bytes and the fingerprint, or raises ValueError with a sentence."""
    try:
        lines = pem.decode("ascii").split("-----")
        if [part.strip() for part in lines[1::2]] != ["BEGIN PUBLIC KEY", "END PUBLIC KEY"]:
            raise ValueError("no PEM")
        der = base64.b64decode("".join(lines[2].split()), validate=True)
    except ValueError:  # also Unicode's and base64's
        raise ValueError("PUBLIC_KEY is not a public key in PEM form") from None
    if len(der) != 44 or not der.startswith(KEY_PREFIX):
        raise ValueError("PUBLIC_KEY is not an Ed25519 key")
    return der[12:], hashlib.sha256(der).hexdigest()


def _distinct(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len(dict(pairs)) < len(pairs):
        raise ValueError("a name is given twice")
    return dict(pairs)


def _files_of(manifest: object) -> dict[str, tuple[int, str]]:
    """Gives {path: (bytes, sha256)} of a manifest, or raises ValueError with what is wrong in it."""
    if not isinstance(manifest, dict) or manifest.get("format") != "daylight-release":
        raise ValueError("it is not the manifest of a release package")
    if manifest.get("version") != 1:
        raise ValueError("its format version is not 1; a newer verify.py is needed")
    files: dict[str, tuple[int, str]] = {}
    seen: set[str] = set()
    if not isinstance(manifest.get("files"), list):
        raise ValueError("it lists no files")
    for row in manifest["files"]:
        if not isinstance(row, dict):
            raise ValueError("a row of its list is not an object")
        path, size, digest = row.get("path"), row.get("bytes"), row.get("sha256")
        if not isinstance(path, str) or not SAFE_PATH.match(path) or path in OWN:
            raise ValueError(f"it names a path that no package may hold: {path!r}")
        if path.lower() in seen:
            raise ValueError(f"it names {path} twice")
        if type(size) is not int or size < 0 or not isinstance(digest, str) or not HEX_SHA256.match(digest):
            raise ValueError(f"its row of {path} has no length or no SHA-256")
        seen.add(path.lower())
        files[path] = (size, digest)
    return files


def _file_fault(package: Folder | Archive, path: str, size: int, digest: str) -> str | None:
    if path not in package.names:
        return f"MISSING   {path}"
    hashed, length = hashlib.sha256(), 0
    try:
        for chunk in package.chunks(path):
            length += len(chunk)
            if length > size:  # also stops a compression bomb
                return f"ALTERED   {path} (longer than the {size} bytes that were signed)"
            hashed.update(chunk)
    except UNREADABLE as error:
        return f"ALTERED   {path} (cannot be read: {error})"
    if length != size:
        return f"ALTERED   {path} ({length} bytes, but {size} were signed)"
    if hashed.hexdigest() != digest:
        return f"ALTERED   {path} (its content is not what was signed)"
    return None


def _signature_faults(
    package: Folder | Archive, content: bytes, manifest_key: object, wanted: str
) -> tuple[list[str], str]:
    """Gives the faults and the fingerprint of the key."""
    faults = [f"MISSING   {name}" for name in (SIGNATURE, KEY) if name not in package.names]
    if faults:
        return faults, ""
    try:
        signature = _read(package, SIGNATURE, 4096)
        key, fingerprint = _public_key(_read(package, KEY, 4096))
    except (*UNREADABLE, CannotCheck, ValueError) as error:
        return [f"ALTERED   the signature or the key: {error}"], ""
    if wanted and wanted != fingerprint:
        faults.append("WRONG KEY the package is signed with another key than the one you asked for")
    if manifest_key != fingerprint:
        faults.append("WRONG KEY PUBLIC_KEY is not the key that MANIFEST.json names")
    if (
        len(signature) != 64
        or _point(signature[:32]) is None
        or int.from_bytes(signature[32:], "little") >= L
    ):
        faults.append("SIGNATURE WRONG  MANIFEST.sig is not an Ed25519 signature")
    elif not ed25519_holds(key, signature, content):
        faults.append(
            "MANIFEST ALTERED  MANIFEST.json is not what was signed (or its signature was replaced)"
        )
    return faults, fingerprint


def check(place: str, fingerprint: str = "") -> dict[str, Any]:
    """Checks a folder or a ZIP file. Gives a dict: verdict, faults (sentences), manifest,
    fingerprint, files (how many) and signed (the manifest's bytes).

    Raises CannotCheck when there is no package here.
    """
    try:
        package: Folder | Archive = Folder(place) if os.path.isdir(place) else Archive(place)
    except UNREADABLE as error:
        raise CannotCheck(f"{place} cannot be opened: {error}") from error
    if MANIFEST not in package.names:
        raise CannotCheck("there is no MANIFEST.json here; run this inside the unpacked package")
    try:
        content = _read(package, MANIFEST, LARGEST_MANIFEST)
        manifest = json.loads(content.decode("utf-8"), object_pairs_hook=_distinct)
        files = _files_of(manifest)
        named = manifest.get("key")
        manifest_key = named.get("fingerprint") if isinstance(named, dict) else None
    except (*UNREADABLE, ValueError, RecursionError) as error:
        fault = f"MANIFEST ALTERED  MANIFEST.json cannot be used: {error}"
        return {
            "verdict": NOT_INTACT,
            "faults": [fault],
            "manifest": {},
            "fingerprint": "",
            "files": 0,
            "signed": b"",
        }
    faults, found = _signature_faults(package, content, manifest_key, fingerprint.lower())
    faults += filter(None, (_file_fault(package, path, *files[path]) for path in sorted(files)))
    extra = package.names - set(files) - set(OWN)
    strangers = [name for name in sorted(extra | set(package.odd)) if not DROPPINGS.match(name)]
    faults += [f"EXTRA     {name} (not part of the release)" for name in strangers]
    verdict = NOT_INTACT if faults else INTACT
    return {
        "verdict": verdict,
        "faults": faults,
        "manifest": manifest,
        "fingerprint": found,
        "files": len(files),
        "signed": content,
    }


def _plain(value: object) -> str:
    """Text of the package, fit for a terminal: no control characters."""
    return "".join(letter if letter.isprintable() else "?" for letter in str(value))


def report(result: dict[str, Any]) -> list[str]:
    """Gives the sentences for a person."""
    lines = [_plain(fault) for fault in result["faults"]]
    if result["fingerprint"]:
        lines.append("Key fingerprint (SHA-256): " + result["fingerprint"])
        lines.append("Compare it with the one the agency publishes on its own website.")
    if result["verdict"] == INTACT:
        head = result["manifest"]
        request, number, made = (_plain(head.get(name)) for name in ("request", "release", "created"))
        count = result["files"]
        lines.append(
            f"INTACT: all {count} files are as signed. Request {request}, release {number}, made {made}."
        )
    else:
        lines.append("NOT INTACT: do not rely on this package. Download it again from the agency.")
    return lines


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Check that a release package is what the agency signed.")
    parser.add_argument(
        "place",
        nargs="?",
        default=os.path.dirname(os.path.abspath(__file__)),
        help="unpacked folder or ZIP file (default: the folder of this program)",
    )
    parser.add_argument("--fingerprint", default="", help="the key's SHA-256 as the agency publishes it")
    options = parser.parse_args(arguments)
    wanted = re.sub(r"[\s:]", "", options.fingerprint)
    try:
        result = check(options.place, wanted)
    except CannotCheck as error:
        sys.stdout.write(f"CANNOT CHECK: {_plain(error)}\n")
        return NO_CHECK
    sys.stdout.write("\n".join(report(result)) + "\n")
    return int(result["verdict"])


if __name__ == "__main__":
    sys.exit(main())
