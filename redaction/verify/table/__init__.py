"""Checks of a released table against its source and marks, with a reader and rules of their own."""

from redaction.verify.table.comparison import verify
from redaction.verify.table.inspection import examine

__all__ = ["examine", "verify"]
