"""A whole signed package without a database, for the tests of its format."""

import zipfile
from pathlib import Path

from redaction.release import package, signing


def a_package(folder: Path, *, records: dict[str, bytes] | None = None) -> tuple[Path, signing.Signer]:
    """A ZIP as the build job writes it; ``records`` maps member paths to their bytes."""
    signer = signing.load(folder / "key.pem", create=True)
    contents = records or {
        "records/01-table.csv": b"camera,hits\r\n1,2\r\n",
        "records/02-video.mp4": bytes(5000),
    }
    members = [package.Member.of(path, content) for path, content in contents.items()]
    members += [
        package.Member.of(package.LETTER, b"%PDF letter"),
        package.Member.of(package.INDEX, b"%PDF index"),
        package.Member.of_file(package.VERIFIER, package.VERIFIER_FILE),
        package.Member.of(
            package.INSTRUCTIONS,
            package.instructions(
                fingerprint=signer.public.fingerprint,
                number="2026-00001",
                agency="Larkspur PD",
                check_at="https://records.example/check-a-package/",
            ),
        ),
    ]
    head = {
        "request": "2026-00001",
        "release": 1,
        "created": "2026-11-02T18:00:00+00:00",
        "key": {"algorithm": "Ed25519", "fingerprint": signer.public.fingerprint},
    }
    rows = [{"path": member.path, "bytes": member.size, "sha256": member.sha256} for member in members]
    signed = package.manifest_bytes(head, rows)
    members += [
        package.Member.of(package.MANIFEST, signed),
        package.Member.of(package.SIGNATURE, signer.sign(signed)),
        package.Member.of(package.KEY, signer.public.pem),
    ]
    target = folder / "package.zip"
    package.write_zip(members, target, progress=lambda share, note: None)
    return target, signer


def unpack(archive: Path, folder: Path) -> Path:
    with zipfile.ZipFile(archive) as opened:
        opened.extractall(folder)
    return folder


def repack(folder: Path, target: Path, *, under: str = "") -> Path:
    """Zip a folder again with a common tool's habits (a root folder, today's times)."""
    with zipfile.ZipFile(target, "w") as archive:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                archive.write(path, under + path.relative_to(folder).as_posix())
    return target
