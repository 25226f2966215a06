"""Flight logs: position, time and altitude pass, cut and generalised; everything else only by name."""

from redaction.engines.flight.djirecord import header
from redaction.engines.flight.release import MEDIUM, SUFFIXES, redact, write_companions

__all__ = ["MEDIUM", "SUFFIXES", "header", "redact", "write_companions"]
