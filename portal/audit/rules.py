"""The chain's arithmetic, pure: canonical bytes and the hash of an entry."""

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

GENESIS = "0" * 64


def canonical(fields: Mapping[str, Any]) -> bytes:
    """This will give the bytes that are hashed: JSON, sorted keys, no blanks, UTC with microseconds."""
    plain = {
        name: value.astimezone(UTC).isoformat(timespec="microseconds")
        if isinstance(value, datetime)
        else value
        for name, value in fields.items()
    }
    return json.dumps(
        plain, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    ).encode()


def link(prev_hash: str, fields: Mapping[str, Any]) -> str:
    """This will give the hex SHA-256 of the previous hash, a newline and the entry's canonical bytes."""
    return hashlib.sha256(prev_hash.encode() + b"\n" + canonical(fields)).hexdigest()
