"""Flight logs: position, time and altitude pass, cut and generalised; everything else only by name."""

from redaction.engines.flight.release import MEDIUM, SUFFIXES, redact

__all__ = ["MEDIUM", "SUFFIXES", "redact"]
