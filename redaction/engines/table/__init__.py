"""Tables (plate reads, search audits, dispatch rows): a column without a mark is dropped."""

from redaction.engines.table.companions import write_companions
from redaction.engines.table.rewrite import MEDIUM, SUFFIXES, redact

__all__ = ["MEDIUM", "SUFFIXES", "redact", "write_companions"]
