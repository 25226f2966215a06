"""How a verifier of tables says that it cannot read one."""

from redaction.report import Refused


class Unreadable(Refused):
    """The file is not a table; the message names the row, the header being row 1."""
