"""The outermost elements of Matroska and WebM (EBML, RFC 8794; Matroska, RFC 9559), read from bytes."""

from collections.abc import Iterator

SEGMENT = 0x18538067
_EBML, _TRACKS, _ENTRY, _TYPE = 0x1A45DFA3, 0x1654AE6B, 0xAE, 0x83
_PICTURE = 1


def element(head: bytes) -> tuple[int, int | None, int] | None:
    """This will give number, size (None: to the end) and length of the head of the element at the start."""
    width = _width(head[:1], 4)
    length = _width(head[width : width + 1], 8)
    if not width or not length or len(head) < width + length:
        return None
    number = int.from_bytes(head[:width], "big")
    size = int.from_bytes(head[width : width + length], "big") & (1 << 7 * length) - 1
    return number, None if size == (1 << 7 * length) - 1 else size, width + length


def has_picture(head: bytes) -> bool | None:
    """This will tell by a file's first bytes whether a track is a film; None when the tracks lie beyond."""
    for number, body in _elements(head):
        if number == SEGMENT:
            for inner, tracks in _elements(body):
                if inner == _TRACKS:
                    return any(_is_picture(entry) for kind, entry in _elements(tracks) if kind == _ENTRY)
    return None


def _is_picture(entry: bytes) -> bool:
    return any(kind == _TYPE and int.from_bytes(body, "big") == _PICTURE for kind, body in _elements(entry))


def _elements(data: bytes) -> Iterator[tuple[int, bytes]]:
    while data and (known := element(data[:12])) is not None:
        number, size, skipped = known
        end = len(data) if size is None else skipped + size
        if end > len(data) and number == _TRACKS:
            return  # not all of them are here
        yield number, data[skipped:end]
        data = data[end:]


def _width(first: bytes, most: int) -> int:
    """How many bytes a number takes, by the zeros before its first one; 0: more than ``most``."""
    if not first or first[0] == 0:
        return 0
    width = 9 - first[0].bit_length()
    return width if width <= most else 0
