"""HTTP byte ranges (RFC 9110, section 14), pure."""

import re
from dataclasses import dataclass

_ONE = re.compile(r"bytes=\s*(\d{0,19})-(\d{0,19})\s*\Z", re.ASCII)


class Unsatisfiable(Exception):
    """The range lies outside the file: answer 416."""


@dataclass(frozen=True)
class Span:
    """Bytes ``first`` to ``last``, both included."""

    first: int
    last: int

    @property
    def length(self) -> int:
        return self.last - self.first + 1

    def __str__(self) -> str:
        return f"{self.first}-{self.last}"


def span_of(header: str, size: int) -> Span | None:
    """This will read a Range header for a file of ``size`` bytes; None means: send all of it.

    A header that is no single byte range is ignored, as the standard allows.

    :raises Unsatisfiable: when no byte of the file is asked for.
    """
    found = _ONE.match(header)
    if not found or found.groups() == ("", ""):
        return None
    first, last = found.groups()
    if not first:
        if int(last) == 0 or size == 0:
            raise Unsatisfiable
        return Span(max(0, size - int(last)), size - 1)
    if last and int(last) < int(first):
        return None
    if int(first) >= size:
        raise Unsatisfiable
    return Span(int(first), min(int(last), size - 1) if last else size - 1)
