"""By what the same text, page, picture or film is known again in another file. Each file in a child.

A trait says that two things look the same, never that they are: people look at both.
"""

import hashlib
import math
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from redaction import glances, sniff
from redaction.report import Refused

MOST_LETTERS = 2_000_000  # of a file's words that are kept for comparing
SHORTEST = 3  # letters of a text that is looked for elsewhere
_WITHIN_WORDS = 5  # a shorter one counts only between the ends of words
_PAGE_LETTERS = 80  # fewer say nothing about a page: most empty forms and scans are alike
_SAMPLES = 8  # pictures of a film
_NEAR = 6  # of 64 bits that may differ: another size, another quality, an edge of 2 % cut away
_PLAIN = 8  # bits: a picture with fewer of either kind is too plain to be known by them
_OF_ANYTHING = frozenset(
    {
        "yes", "true", "false", "none", "null", "n/a", "unknown", "other", "open", "closed", "active",
        "inactive", "new", "old", "pending", "done",
    }
)  # fmt: skip
_KINDS = ("page", "picture", "film", "shape")
_BROKEN = re.compile(r"[-\u00ad\u2010][ \t]*\r?\n\s*")
_BLANK = re.compile(r"[^\S\f]+")
_WARM = ("pypdfium2", "PIL.Image", "av", "redaction.engines.table.source", "redaction.engines.image_source")


@dataclass(frozen=True)
class Words:
    """Folded words of a file, pages parted by form feeds; not ``whole`` when there were too many."""

    folded: str
    whole: bool = True


@dataclass(frozen=True)
class Trait:
    kind: str  # page, picture, film, and the shape of a picture (480x270) or film (seconds)
    position: int
    value: str


def fold(text: str) -> str:
    """This will write a text as it is compared: no case, accents, or hyphens at the end of a line."""
    parts = unicodedata.normalize("NFKD", _BROKEN.sub("", text).replace("\0", ""))  # Postgres keeps no NUL
    plain = "".join(letter for letter in parts if unicodedata.category(letter) not in ("Mn", "Cf", "Cs"))
    return _BLANK.sub(" ", plain.casefold()).strip(" ")


def names_something(value: str) -> bool:
    """This will tell whether a value that rules remove says anything by itself, wherever it stands.

    It needs a letter and three signs, and may not be what columns say of anything: ``1``, ``2026``, ``no``
    and ``open`` stand in any text.
    """
    folded = fold(value)
    return (
        len(folded) >= SHORTEST and any(letter.isalpha() for letter in folded) and folded not in _OF_ANYTHING
    )


def pages_with(folded: str, wanted: str) -> list[int]:
    """This will name the pages (from 1) of folded words on which a folded text stands.

    One of fewer than five letters counts only by itself, not inside a longer word.
    """
    if len(wanted) < SHORTEST:
        return []
    if len(wanted) >= _WITHIN_WORDS:
        return [number for number, page in enumerate(folded.split("\f"), 1) if wanted in page]
    alone = re.compile(rf"(?<!\w){re.escape(wanted)}(?!\w)")
    return [number for number, page in enumerate(folded.split("\f"), 1) if alone.search(page)]


def is_near(one: str, other: str) -> bool:
    """This will tell whether two values (16 hexadecimal digits) are of pictures that look the same."""
    return (int(one, 16) ^ int(other, 16)).bit_count() <= _NEAR


def words_of(path: Path) -> Words:
    """This will read the words of a PDF or table.

    :raises Refused: when it cannot be read.
    """
    said = _call("redaction.traits:read_words", path, "pdf" if path.suffix == ".pdf" else "table")
    if not isinstance(said, list) or len(said) != 2 or not isinstance(said[0], str):
        raise Refused("the words of this file could not be read")
    return Words(said[0][:MOST_LETTERS], said[1] is True and len(said[0]) <= MOST_LETTERS)


def traits_of(path: Path) -> list[Trait]:
    """This will give what a PDF's pages, a picture or a film is known by; of other files nothing.

    :raises Refused: when it cannot be read.
    """
    said = _call("redaction.traits:read_traits", path, "look")
    try:
        found = [Trait(str(kind), int(position), str(value)) for kind, position, value in said]
    except (TypeError, ValueError) as error:
        raise Refused("what this file looks like could not be told") from error
    return [row for row in found if row.kind in _KINDS and len(row.value) <= 64]


def read_words(path: str) -> list[Any]:
    """In the child: what :func:`words_of` gives, as JSON values."""
    source = Path(path)
    parts = _pages(source) if sniff.media_type(source).medium == "pdf" else _cells(source)
    kept: list[str] = []
    size = 0
    for part in parts:
        kept.append(part)
        size += len(part) + 1
        if size > MOST_LETTERS:
            return ["".join(kept)[:MOST_LETTERS], False]
    return ["".join(kept), True]


def read_traits(path: str) -> list[tuple[str, int, str]]:
    """In the child: what :func:`traits_of` gives, as JSON values."""
    source = Path(path)
    medium = sniff.media_type(source).medium
    if medium == "pdf":
        pages = (page.removesuffix("\f") for page in _pages(source))
        return [
            ("page", number, hashlib.sha256(page.encode("utf-8", "surrogatepass")).hexdigest())
            for number, page in enumerate(pages, 1)
            if len(page) >= _PAGE_LETTERS
        ]
    if medium == "image":
        from redaction.engines.image_source import upright

        picture = upright(source)[0]
        shape = ("shape", 1, f"{picture.width}x{picture.height}")
        return [row for value in _differences(picture) for row in (("picture", 1, value), shape)]
    if medium == "video":
        return list(_film(source))
    return []


def _pages(path: Path) -> Iterator[str]:
    import pypdfium2

    with pypdfium2.PdfDocument(path) as document:
        for number in range(len(document)):
            page = document[number]
            text = page.get_textpage().get_text_bounded()
            page.close()
            yield fold(text.replace("\f", " ").replace("\ufffe", "-\n")) + "\f"


def _cells(path: Path) -> Iterator[str]:
    from redaction.engines.table.source import open_table

    table = open_table(path)
    for _, cells in table.rows():
        yield fold(" \u241f ".join(cells)) + "\n"


def _differences(picture: Any) -> list[str]:
    """The 64 signs of the difference between neighbours in a picture of 9 by 8; none of a plain one."""
    from PIL import Image

    small = picture.convert("L").resize((9, 8), Image.Resampling.BOX)
    values = list(small.tobytes())
    bits = [values[row * 9 + at] > values[row * 9 + at + 1] for row in range(8) for at in range(8)]
    set_bits = sum(bits)
    if not _PLAIN <= set_bits <= 64 - _PLAIN:
        return []
    return [f"{int(''.join('1' if bit else '0' for bit in bits), 2):016x}"]


def _film(path: Path) -> Iterator[tuple[str, int, str]]:
    """Pictures at even parts of a film, each the nearest key frame before; few are decoded."""
    import av.error

    from redaction.engines.media.source import opened, picture_of

    with opened(path) as container:
        stream = picture_of(container)
        length = float(container.duration or 0) / 1_000_000
        if stream is None or not math.isfinite(length) or length <= 0:
            return
        yield "shape", 1, f"{length:.3f}"
        stream.codec_context.skip_frame = "NONKEY"
        for number in range(1, _SAMPLES + 1):
            try:
                container.seek(int((number - 0.5) / _SAMPLES * length * 1_000_000), backward=True)
                frame = next(container.decode(stream), None)
            except av.error.FFmpegError:
                continue
            for value in _differences(_seen(frame)) if frame is not None else ():
                yield "film", number, value


def _seen(frame: Any) -> Any:
    from PIL import Image

    return Image.fromarray(frame.reformat(width=90, height=80, format="gray", threads=1).to_ndarray())


def _call(function: str, path: Path, room: str) -> Any:
    return glances.take(function, path, {"path": str(path.absolute())}, rooms=[room], warm=_WARM)
