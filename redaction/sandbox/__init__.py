"""Parsers of files from outside work here: in a child that can reach nothing but its file and its folder.

:func:`call` runs one function of the library in such a child. The child is forked from a small process
that has the libraries loaded and nothing else (no database, no secrets, no threads), so that it starts in
milliseconds; it is walled in (see :mod:`redaction.sandbox.walls`) before it sees the first byte of a file.
"""

from redaction.sandbox.calling import Stopped, call, giving_way, in_force
from redaction.sandbox.nursery import SandboxUnavailable
from redaction.sandbox.programs import ProgramFailed, program

__all__ = ["ProgramFailed", "SandboxUnavailable", "Stopped", "call", "giving_way", "in_force", "program"]
