"""What to do with each column of a table, by the profile of the system it came from or by the names."""

from collections.abc import Callable
from pathlib import Path

from redaction.detect.suggestions import Entry
from redaction.engines.table import profiles
from redaction.engines.table.source import open_table

Progress = Callable[[float, str], None]


def in_header(source: Path, *, progress: Progress | None = None) -> list[Entry]:
    """This will give a suggested mark for each column, the cautious one where the name tells too little.

    :raises Refused: when the table cannot be read.
    """
    return profiles.propose(open_table(source).header)
