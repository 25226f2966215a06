"""Which characters words for a letter may not hold: they show nothing, or show something else. Pure."""

import re
import unicodedata

# bidi embeddings, overrides, isolates and marks reverse what a reader sees; the private area is our own
_UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\ue000-\uf8ff\ud800-\udfff]"
)


def unseen(text: str) -> str:
    """This will name the first character that must not be there (``U+202E RIGHT-TO-LEFT OVERRIDE``)."""
    found = _UNSEEN.search(straight(text))
    if found is None:
        return ""
    return f"U+{ord(found[0]):04X} {unicodedata.name(found[0], 'a control character')}"


def cleaned(text: str) -> str:
    """This will take such characters out of words that nobody here wrote, so that they stop no letter."""
    return _UNSEEN.sub("", straight(text))


def straight(text: str) -> str:
    """This will give every line end the one spelling that browsers do not send."""
    return text.replace("\r\n", "\n").replace("\r", "\n")
