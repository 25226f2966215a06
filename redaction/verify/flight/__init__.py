"""Checks of a released flight against its log and marks, with readers and geometry of their own."""

from redaction.verify.flight.checks import examine, verify

__all__ = ["examine", "verify"]
