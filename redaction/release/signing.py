"""The agency's Ed25519 release key: kept in one file, read when a release is signed. No Django here."""

import base64
import hashlib
import os
import secrets
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from portal.core.errors import DomainError


class NoSigningKey(DomainError):
    """The key file is missing or unusable; nothing can be signed, so nothing may be released."""

    code = "no_signing_key"
    status = 503


@dataclass(frozen=True)
class PublicKey:
    """What everybody may know: PEM (SubjectPublicKeyInfo) and the hex SHA-256 of its DER form."""

    pem: bytes
    fingerprint: str


@dataclass(frozen=True)
class Signer:
    private: Ed25519PrivateKey

    @property
    def public(self) -> PublicKey:
        return _public(self.private.public_key())

    def sign(self, message: bytes) -> bytes:
        """This will give the 64 bytes of the signature (RFC 8032), as OpenSSL writes and reads them."""
        return self.private.sign(message)


def load(path: Path, *, create: bool = False) -> Signer:
    """This will read the private key (PEM, PKCS #8, unencrypted), or make it once when ``create`` says so.

    :raises NoSigningKey: when it is missing, readable by others, or not an Ed25519 key.
    """
    if create and not path.exists():
        _make(path)
    try:
        if path.stat().st_mode & 0o077:
            raise NoSigningKey(
                "Other users of this machine can read the release signing key; set its mode to 0600."
            )
        key = serialization.load_pem_private_key(path.read_bytes(), password=None)
    except FileNotFoundError:
        raise NoSigningKey(
            "The release signing key is missing. An administrator must install it first."
        ) from None
    except (OSError, ValueError, TypeError) as error:
        raise NoSigningKey(f"The release signing key cannot be used: {type(error).__name__}.") from error
    if not isinstance(key, Ed25519PrivateKey):
        raise NoSigningKey("The release signing key is not an Ed25519 key.")
    return Signer(key)


def holds(public_pem: bytes, signature: bytes, message: bytes) -> bool:
    """This will tell whether the signature was made over the message with this key."""
    key = serialization.load_pem_public_key(public_pem)
    if not isinstance(key, Ed25519PublicKey):
        return False
    try:
        key.verify(signature, message)
    except InvalidSignature:
        return False
    return True


def _public(key: Ed25519PublicKey) -> PublicKey:
    der = key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    body = base64.b64encode(der).decode()
    pem = f"-----BEGIN PUBLIC KEY-----\n{body}\n-----END PUBLIC KEY-----\n".encode()
    return PublicKey(pem=pem, fingerprint=hashlib.sha256(der).hexdigest())


def _make(path: Path) -> None:
    """Two processes may come here at once: the first link wins, both go on with its key."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    pem = Ed25519PrivateKey.generate().private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "wb") as sink:
            sink.write(pem)
            sink.flush()
            os.fsync(sink.fileno())
        try:
            os.link(draft, path)
        except FileExistsError:
            return
    finally:
        draft.unlink()
