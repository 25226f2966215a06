"""Marks that a program proposes: each needs a person's decision before anything is redacted."""

import hashlib
import json
from collections.abc import Iterable
from typing import Any

from redaction.marks import VERSION

Entry = dict[str, Any]


def mark(prefix: str, note: str, *, reason: str | None = None, **fields: Any) -> Entry:
    """This will give one suggested mark. Its id comes from its fields: the same find has the same id."""
    canonical = json.dumps(fields, sort_keys=True, ensure_ascii=False)
    digest = hashlib.sha256(canonical.encode("utf-8", "surrogatepass")).hexdigest()[:12]
    entry = {"id": f"{prefix}-{digest}", **fields, "note": note, "suggested": True}
    return entry | {"reason": reason} if reason is not None else entry


def file_of(entries: Iterable[Entry]) -> Entry:
    """This will give the content of a marks file; what was proposed twice is in it once."""
    return {"version": VERSION, "marks": list({entry["id"]: entry for entry in entries}.values())}


def said(detector: str, score: float) -> str:
    """This will word a note: who proposed it and how sure it was."""
    return f"proposed by {detector}, confidence {score:.2f}; look before you accept"
