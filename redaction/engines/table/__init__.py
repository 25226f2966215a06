"""Delimited tables (plate reads, search audits, dispatch rows): a column without a mark is dropped."""

from redaction.engines.table.rewrite import MEDIUM, SUFFIXES, redact

__all__ = ["MEDIUM", "SUFFIXES", "redact"]
