"""Why text that may have been meant as a table is none: the first row that is not as long as its header."""

import re
from collections.abc import Sequence

_NAME = re.compile(r"[^\W\d][\w ./#()-]{0,60}")


def uneven_row(rows: Sequence[Sequence[str]]) -> str | None:
    """This will name the first row with more or fewer cells than a header of two names or more.

    Rows count from 1, blank ones too. None unless most rows are parted as the header is, as prose is not.
    """
    filled = [(number, row) for number, row in enumerate(rows, 1) if any(cell.strip() for cell in row)]
    if not filled:
        return None
    names = [name.strip() for name in filled[0][1]]
    if len(names) < 2 or len(set(names)) < len(names) or not all(map(_NAME.fullmatch, names)):
        return None
    parted = sum(len(row) > 1 for _, row in filled[1:])
    if parted * 2 <= len(filled) - 1:
        return None
    return next(
        (
            f"row {number} has {len(row)} cell{'s' * (len(row) != 1)}, the header has {len(names)}"
            for number, row in filled
            if len(row) != len(names)
        ),
        None,
    )
