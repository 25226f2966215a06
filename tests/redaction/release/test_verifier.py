import hashlib
import json
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from redaction.release import package, signing
from redaction.release.verifier import verify
from tests.redaction.release.packages import a_package, repack, unpack


@pytest.fixture
def unpacked(tmp_path: Path) -> Path:
    archive, _ = a_package(tmp_path)
    return unpack(archive, tmp_path / "renamed folder")


def ask(*arguments: str, cwd: Path | None = None, program: Path = package.VERIFIER_FILE) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, "-I", str(program), *arguments], cwd=cwd, capture_output=True, text=True, check=False
    )
    assert not done.stderr, done.stderr
    return done.returncode, done.stdout


def flip(path: Path, at: int = -1) -> None:
    content = bytearray(path.read_bytes())
    content[at] ^= 1
    path.write_bytes(content)


def append(path: Path) -> None:
    path.write_bytes(path.read_bytes() + b" ")


def resign(
    folder: Path, change: Callable[[dict[str, object]], None], *, signer: signing.Signer | None = None
) -> None:
    """Edit the manifest; with a signer also sign it anew."""
    manifest = json.loads((folder / "MANIFEST.json").read_bytes())
    change(manifest)
    content = json.dumps(manifest).encode()
    (folder / "MANIFEST.json").write_bytes(content)
    if signer:
        (folder / "MANIFEST.sig").write_bytes(signer.sign(content))


def test_the_package_checks_itself_inside_a_renamed_folder(unpacked: Path) -> None:
    code, said = ask(program=unpacked / "verify.py", cwd=unpacked)

    assert code == 0, said
    assert "INTACT: all 6 files" in said


def test_it_tells_the_fingerprint_and_to_compare_it(tmp_path: Path) -> None:
    archive, signer = a_package(tmp_path)

    code, said = ask(str(archive))

    assert code == 0
    assert signer.public.fingerprint in said
    assert "own website" in said


def test_a_zip_packed_again_under_a_folder_is_still_intact(unpacked: Path, tmp_path: Path) -> None:
    again = repack(unpacked, tmp_path / "again.zip", under="Release 1/")

    assert ask(str(again))[0] == 0


def test_what_a_desktop_leaves_behind_is_not_evidence(unpacked: Path) -> None:
    (unpacked / "records" / ".DS_Store").write_bytes(b"x")

    assert ask(str(unpacked))[0] == 0


def forge(folder: Path) -> None:
    content = b"camera,hits\r\n1,9\r\n"
    (folder / "records/01-table.csv").write_bytes(content)

    def change(manifest: dict[str, object]) -> None:
        for row in manifest["files"]:  # type: ignore[attr-defined]  # JSON
            if row["path"] == "records/01-table.csv":
                row["sha256"], row["bytes"] = hashlib.sha256(content).hexdigest(), len(content)

    resign(folder, change)


def swap_names(folder: Path) -> None:
    one, two = folder / "letter.pdf", folder / "withholding-index.pdf"
    first, second = one.read_bytes(), two.read_bytes()
    one.write_bytes(second)
    two.write_bytes(first)


def link_outside(folder: Path) -> None:
    (folder / "letter.pdf").rename(folder.parent / "outside.pdf")
    (folder / "letter.pdf").symlink_to(folder.parent / "outside.pdf")


def replace_key(folder: Path) -> None:
    signer = signing.load(folder.parent / "other.pem", create=True)
    (folder / "PUBLIC_KEY").write_bytes(signer.public.pem)
    (folder / "MANIFEST.sig").write_bytes(signer.sign((folder / "MANIFEST.json").read_bytes()))


MUTATIONS: dict[str, tuple[Callable[[Path], object], str]] = {
    "last byte of a record": (lambda f: flip(f / "records/02-video.mp4"), "ALTERED   records/02-video.mp4"),
    "first byte of a record": (
        lambda f: flip(f / "records/01-table.csv", 0),
        "ALTERED   records/01-table.csv",
    ),
    "letter": (lambda f: flip(f / "letter.pdf", 3), "ALTERED   letter.pdf"),
    "instructions": (lambda f: flip(f / "VERIFY.txt"), "ALTERED   VERIFY.txt"),
    "verifier": (lambda f: flip(f / "verify.py"), "ALTERED   verify.py"),
    "byte added": (lambda f: append(f / "letter.pdf"), "ALTERED   letter.pdf (longer"),
    "byte taken": (lambda f: (f / "letter.pdf").write_bytes(b"%PDF lette"), "ALTERED   letter.pdf (10 bytes"),
    "emptied": (lambda f: (f / "letter.pdf").write_bytes(b""), "ALTERED   letter.pdf (0 bytes"),
    "two swapped": (swap_names, "ALTERED   letter.pdf"),
    "removed": (lambda f: (f / "records/02-video.mp4").unlink(), "MISSING   records/02-video.mp4"),
    "renamed": (lambda f: (f / "letter.pdf").rename(f / "Letter.pdf"), "MISSING   letter.pdf"),
    "added": (lambda f: (f / "records/03-video.mp4").write_bytes(b"x"), "EXTRA     records/03-video.mp4"),
    "hidden file added": (lambda f: (f / ".extra").write_bytes(b"x"), "EXTRA     .extra"),
    "linked elsewhere": (link_outside, "MISSING   letter.pdf"),
    "manifest edited, hashes recomputed": (forge, "MANIFEST ALTERED"),
    "manifest with a blank more": (
        lambda f: append(f / "MANIFEST.json"),
        "MANIFEST ALTERED",
    ),
    "manifest no JSON": (lambda f: (f / "MANIFEST.json").write_bytes(b"{"), "MANIFEST ALTERED"),
    "manifest of lists": (lambda f: (f / "MANIFEST.json").write_bytes(b"[" * 99_999), "MANIFEST ALTERED"),
    "signature flipped": (lambda f: flip(f / "MANIFEST.sig", 10), "SIGNATURE WRONG|MANIFEST ALTERED"),
    "signature cut": (lambda f: (f / "MANIFEST.sig").write_bytes(b"x" * 63), "SIGNATURE WRONG"),
    "signature scalar too large": (
        lambda f: (f / "MANIFEST.sig").write_bytes((f / "MANIFEST.sig").read_bytes()[:32] + b"\xff" * 32),
        "SIGNATURE WRONG",
    ),
    "signature of zeros": (lambda f: (f / "MANIFEST.sig").write_bytes(bytes(64)), "MANIFEST ALTERED"),
    "signature huge": (lambda f: (f / "MANIFEST.sig").write_bytes(bytes(9999)), "too large"),
    "signature gone": (lambda f: (f / "MANIFEST.sig").unlink(), "MISSING   MANIFEST.sig"),
    "key gone": (lambda f: (f / "PUBLIC_KEY").unlink(), "MISSING   PUBLIC_KEY"),
    "key is text": (lambda f: (f / "PUBLIC_KEY").write_bytes(b"key"), "not a public key in PEM form"),
    "key is short": (
        lambda f: (f / "PUBLIC_KEY").write_bytes(
            b"-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n"
        ),
        "not an Ed25519 key",
    ),
    "signed anew with another key": (replace_key, "WRONG KEY"),
}


@pytest.mark.parametrize("name", MUTATIONS)
def test_a_changed_package_is_not_intact_and_the_change_is_named(unpacked: Path, name: str) -> None:
    change, says = MUTATIONS[name]
    change(unpacked)

    result = verify.check(str(unpacked))

    said = "\n".join(verify.report(result))
    assert result["verdict"] == 1
    assert any(part in said for part in says.split("|")), said
    assert "INTACT: all" not in said


@pytest.mark.parametrize("name", ["removed", "added", "letter", "manifest edited, hashes recomputed"])
def test_a_changed_package_is_found_in_a_zip_too(unpacked: Path, tmp_path: Path, name: str) -> None:
    change, says = MUTATIONS[name]
    change(unpacked)

    code, said = ask(str(repack(unpacked, tmp_path / "again.zip")))

    assert code == 1
    assert says in said


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda m: m["files"].append({**m["files"][0], "path": "../../etc/passwd"}), "no package may hold"),
        (lambda m: m["files"].append({**m["files"][0], "path": "/etc/passwd"}), "no package may hold"),
        (lambda m: m["files"].append({**m["files"][0], "path": "C:\\x"}), "no package may hold"),
        (lambda m: m["files"].append({**m["files"][0], "path": "a/../b"}), "no package may hold"),
        (lambda m: m["files"].append({**m["files"][0], "path": "MANIFEST.json"}), "no package may hold"),
        (lambda m: m["files"].append({**m["files"][0], "path": None}), "no package may hold"),
        (lambda m: m["files"].append({**m["files"][0], "path": "LETTER.PDF"}), "twice"),
        (lambda m: m["files"].append("letter.pdf"), "not an object"),
        (lambda m: m["files"][0].update(bytes=-1), "no length"),
        (lambda m: m["files"][0].update(sha256="x"), "no length"),
        (lambda m: m.update(files=None), "lists no files"),
        (lambda m: m.update(version=2), "newer verify.py"),
        (lambda m: m.update(format="other"), "not the manifest of a release package"),
    ],
)
def test_even_a_signed_manifest_may_not_say_just_anything(
    tmp_path: Path, change: Callable[[dict[str, object]], None], says: str
) -> None:
    archive, signer = a_package(tmp_path)
    folder = unpack(archive, tmp_path / "unpacked")
    resign(folder, change, signer=signer)

    result = verify.check(str(folder))

    assert result["verdict"] == 1
    assert says in result["faults"][0]


def test_a_name_given_twice_in_the_manifest_is_refused(unpacked: Path) -> None:
    manifest = unpacked / "MANIFEST.json"
    manifest.write_bytes(manifest.read_bytes().replace(b'"release": 1', b'"release": 1, "release": 2'))

    assert "given twice" in verify.check(str(unpacked))["faults"][0]


@pytest.mark.parametrize("what", ["empty folder", "text file", "no such place", "zip without manifest"])
def test_what_is_no_package_cannot_be_checked(tmp_path: Path, what: str) -> None:
    place = tmp_path / "place"
    if what == "empty folder":
        place.mkdir()
    elif what == "text file":
        place.write_text("hello")
    elif what == "zip without manifest":
        with zipfile.ZipFile(place, "w") as archive:
            archive.writestr("letter.pdf", b"x")

    code, said = ask(str(place))

    assert code == 2
    assert said.startswith("CANNOT CHECK")


def test_a_manifest_beyond_all_measure_is_not_read(unpacked: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verify, "LARGEST_MANIFEST", 100)

    with pytest.raises(verify.CannotCheck, match="far too large"):
        verify.check(str(unpacked))


def test_a_damaged_zip_names_the_member(tmp_path: Path) -> None:
    archive, _ = a_package(tmp_path)
    content = archive.read_bytes()
    archive.write_bytes(content.replace(bytes(5000), bytes(2500) + b"\1" + bytes(2499)))

    code, said = ask(str(archive))

    assert code == 1
    assert "ALTERED   records/02-video.mp4" in said


def test_a_member_given_twice_and_a_comment_are_extra(tmp_path: Path) -> None:
    archive, _ = a_package(tmp_path)
    with zipfile.ZipFile(archive, "a") as opened:
        with pytest.warns(UserWarning, match="Duplicate"):
            opened.writestr("letter.pdf", b"another letter")
        opened.comment = b"hello"

    result = verify.check(str(archive))

    assert "EXTRA     letter.pdf (not part of the release)" in result["faults"]
    assert "EXTRA     (a comment on the ZIP file) (not part of the release)" in result["faults"]


def test_the_key_asked_for_must_be_the_key_that_signed(tmp_path: Path) -> None:
    archive, signer = a_package(tmp_path)
    spelled = ":".join(signer.public.fingerprint.upper()[i : i + 2] for i in range(0, 64, 2))

    assert ask(str(archive), "--fingerprint", spelled)[0] == 0
    assert ask(str(archive), "--fingerprint", "0" * 64)[0] == 1


def test_a_package_forged_with_its_own_key_fails_against_the_agencys(tmp_path: Path) -> None:
    (tmp_path / "agency").mkdir()
    (tmp_path / "forger").mkdir()
    _, agency = a_package(tmp_path / "agency")
    forged, _ = a_package(tmp_path / "forger")

    assert verify.check(str(forged))["verdict"] == 0
    assert verify.check(str(forged), agency.public.fingerprint)["verdict"] == 1


def test_text_of_a_forged_package_cannot_drive_the_terminal(unpacked: Path) -> None:
    (unpacked / "\x1b[2Jx").write_bytes(b"x")

    said = "\n".join(verify.report(verify.check(str(unpacked))))

    assert "\x1b" not in said
    assert "?[2Jx" in said


def test_the_program_answers_as_a_function_too(unpacked: Path, capsys: pytest.CaptureFixture[str]) -> None:
    intact = verify.main([str(unpacked)])
    shutil.rmtree(unpacked)

    nothing = verify.main([str(unpacked)])

    assert (intact, nothing) == (0, 2)
    assert "CANNOT CHECK" in capsys.readouterr().out


def test_it_agrees_with_the_library_on_many_signatures() -> None:
    for number in range(6):
        key = Ed25519PrivateKey.generate()
        message = bytes(number * 50)
        signature = key.sign(message)
        public = key.public_key().public_bytes_raw()

        assert verify.ed25519_holds(public, signature, message)
        assert not verify.ed25519_holds(public, signature, message + b"x")
        assert not verify.ed25519_holds(
            public, signature[:40] + bytes([signature[40] ^ 1]) + signature[41:], message
        )


# RFC 8032, section 7.1, test 3
RFC_KEY = bytes.fromhex("fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025")
RFC_SIGNATURE = bytes.fromhex(
    "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac"
    "18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a"
)


def test_it_holds_for_the_standards_own_vector() -> None:
    assert verify.ed25519_holds(RFC_KEY, RFC_SIGNATURE, bytes.fromhex("af82"))
    assert not verify.ed25519_holds(RFC_KEY, RFC_SIGNATURE, bytes.fromhex("af83"))


def test_other_spellings_of_points_and_scalars_are_refused() -> None:
    scalar = int.from_bytes(RFC_SIGNATURE[32:], "little")
    message = bytes.fromhex("af82")

    assert not verify.ed25519_holds(
        RFC_KEY, RFC_SIGNATURE[:32] + (scalar + verify.L).to_bytes(32, "little"), message
    )
    assert not verify.ed25519_holds((verify.P + 1).to_bytes(32, "little"), RFC_SIGNATURE, message)
    assert not verify.ed25519_holds((1 | 1 << 255).to_bytes(32, "little"), RFC_SIGNATURE, message)
    assert not verify.ed25519_holds((2).to_bytes(32, "little"), RFC_SIGNATURE, message)
    assert not verify.ed25519_holds(RFC_KEY[:31], RFC_SIGNATURE, message)
