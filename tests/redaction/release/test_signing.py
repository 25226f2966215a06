import stat
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key

from redaction.release import signing


def test_a_missing_key_is_refused_unless_it_may_be_made(tmp_path: Path) -> None:
    with pytest.raises(signing.NoSigningKey, match="missing"):
        signing.load(tmp_path / "key.pem")

    assert not (tmp_path / "key.pem").exists()


def test_a_made_key_is_private_and_stays_the_same(tmp_path: Path) -> None:
    first = signing.load(tmp_path / "keys" / "key.pem", create=True)
    again = signing.load(tmp_path / "keys" / "key.pem", create=True)

    assert first.public == again.public
    assert stat.S_IMODE((tmp_path / "keys" / "key.pem").stat().st_mode) == 0o600
    assert [path.name for path in (tmp_path / "keys").iterdir()] == ["key.pem"]


def test_eight_that_make_it_at_once_share_one_key(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        made = pool.map(
            lambda _: signing.load(tmp_path / "key.pem", create=True).public.fingerprint, range(8)
        )

    assert len(set(made)) == 1


@pytest.mark.parametrize("content", [b"", b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"])
def test_a_broken_key_file_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "key.pem"
    path.touch(mode=0o600)
    path.write_bytes(content)

    with pytest.raises(signing.NoSigningKey, match="cannot be used"):
        signing.load(path)


def test_a_key_of_another_kind_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "key.pem"
    path.touch(mode=0o600)
    path.write_bytes(
        generate_private_key(SECP256R1()).private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )

    with pytest.raises(signing.NoSigningKey, match="not an Ed25519 key"):
        signing.load(path)


def test_a_key_that_others_can_read_is_refused(tmp_path: Path) -> None:
    signing.load(tmp_path / "key.pem", create=True)
    (tmp_path / "key.pem").chmod(0o644)

    with pytest.raises(signing.NoSigningKey, match="mode to 0600"):
        signing.load(tmp_path / "key.pem")


def test_a_signature_holds_for_its_message_and_key_alone(tmp_path: Path) -> None:
    signer, other = (signing.load(tmp_path / name, create=True) for name in ("one", "two"))

    signature = signer.sign(b"manifest")

    assert signing.holds(signer.public.pem, signature, b"manifest")
    assert not signing.holds(signer.public.pem, signature, b"Manifest")
    assert not signing.holds(other.public.pem, signature, b"manifest")


def test_a_public_key_of_another_kind_holds_nothing() -> None:
    pem = (
        generate_private_key(SECP256R1())
        .public_key()
        .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    )

    assert not signing.holds(pem, bytes(64), b"manifest")


def test_openssl_reads_the_key_and_checks_the_signature(tmp_path: Path) -> None:
    signer = signing.load(tmp_path / "key.pem", create=True)
    for name, content in (("m", b"manifest"), ("s", signer.sign(b"manifest")), ("k", signer.public.pem)):
        (tmp_path / name).write_bytes(content)

    answer = subprocess.run(  # noqa: S602  the documented pipe
        "openssl pkeyutl -verify -pubin -inkey k -rawin -in m -sigfile s"
        " && openssl pkey -pubin -in k -outform DER | sha256sum",
        shell=True,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    ).stdout

    assert "Signature Verified Successfully" in answer
    assert signer.public.fingerprint in answer
