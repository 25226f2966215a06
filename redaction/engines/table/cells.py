"""Cells that are harmless in a spreadsheet and hide nothing from the eye."""

import re
import string
import unicodedata

# zero-width, soft hyphen, directional overrides and isolates, language tags, controls but tab and line ends
HIDDEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u00ad\u180e\u200b\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff"
    "\U000e0000-\U000e007f]"
)
_NUMBER = re.compile(r"\s*[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?\s*", re.ASCII)
_HARMLESS = frozenset(["", *string.ascii_letters, *string.digits])
_STARTS = frozenset("=+-@|%\t\r＝＋－＠｜％")


def is_number(cell: str) -> bool:
    return _NUMBER.fullmatch(cell) is not None


def is_formula(cell: str) -> bool:
    """This will tell whether a spreadsheet might run the cell for its first sign after blanks."""
    if cell[:1] in _HARMLESS:
        return False
    for character in cell:
        if character in _STARTS:
            return True
        if not character.isspace() and unicodedata.category(character) not in ("Cc", "Cf"):
            return False
    return False


def disarm(cell: str) -> str:
    """This will prefix a cell that a spreadsheet might run with an apostrophe, which makes it text."""
    return "'" + cell if is_formula(cell) else cell
