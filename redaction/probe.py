"""What a file is and how long or wide, without changing it: for the check at upload and the marks page.

Cheap by design: headers, page sizes and the first rows, never the whole recording.
"""

import itertools
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from redaction import sniff
from redaction.marks import Mark, Marks
from redaction.report import MarksError, Refused

SAMPLE_ROWS = 5
SLACK = 1.0  # seconds or pixels: headers round; the engine checks to the frame
LONGEST_SIDE = 14_400  # points: two hundred inches, the most a PDF page has (ISO 32000-1, annex C.2)


@dataclass(frozen=True)
class Facts:
    """Sizes as displayed: points for a page, pixels for a picture. ``seconds`` 0: the header is silent.

    ``hidden`` has name and description of what the pages of an office file do not show.
    """

    medium: str
    format: str
    pages: tuple[tuple[float, float], ...] = ()
    width: int = 0
    height: int = 0
    seconds: float = 0.0
    has_sound: bool = False
    films: int = 0  # tracks
    sounds: int = 0
    columns: tuple[str, ...] = ()
    sample: tuple[tuple[str, ...], ...] = ()
    hidden: tuple[tuple[str, str], ...] = ()


def examine(path: Path, *, thorough: bool = False) -> Facts:
    """This will tell what a file is; ``thorough`` also decodes a first page, picture or sound.

    :raises Refused: with a sentence, when the file is broken or has nothing to show.
    """
    media = sniff.media_type(path)
    return _READERS[media.medium](path, media, thorough)


def check_bounds(marks: Marks, facts: Facts) -> None:
    """This will check that every mark lies on a page, in the time or on a column that exists.

    :raises MarksError: naming the first mark that does not.
    """
    for mark in marks.effective:
        fault = _CHECKS.get(mark.kind, _fits)(mark, facts)
        if fault:
            raise MarksError(fault, mark_id=mark.id)


def _pdf(path: Path, media: sniff.MediaType, thorough: bool) -> Facts:
    import pypdfium2

    from redaction.engines.pdf.source import open_pdf

    if thorough:
        open_pdf(path).close()
    try:
        with pypdfium2.PdfDocument(path) as document:
            if len(document) == 0:
                raise Refused("the PDF has no pages")
            pages = tuple(document.get_page_size(number) for number in range(len(document)))
            for number, sides in enumerate(pages, 1):
                if not 1 <= min(sides) <= max(sides) <= LONGEST_SIDE:
                    raise Refused(f"page {number} has sides that are not 1 to {LONGEST_SIDE:,} points long")
            if thorough:
                document[0].render(scale=0.2)
            return Facts(media.medium, media.format, pages=_in_points(path, pages))
    except pypdfium2.PdfiumError as error:
        raise Refused("the PDF is broken or encrypted and cannot be read") from error


def _in_points(path: Path, pages: tuple[tuple[float, float], ...]) -> tuple[tuple[float, float], ...]:
    """PDFium leaves UserUnit out; where pages cannot be told apart by a second reader, so does this."""
    import pikepdf

    from redaction.engines.pdf.part import unit

    try:
        with pikepdf.open(path, suppress_warnings=True) as pdf:
            units = [unit(page.obj) for page in pdf.pages]
    except (pikepdf.PdfError, ValueError, RuntimeError, RecursionError):
        return pages
    if len(units) != len(pages):
        return pages
    return tuple((width * times, height * times) for (width, height), times in zip(pages, units, strict=True))


def _image(path: Path, media: sniff.MediaType, thorough: bool) -> Facts:
    from redaction.engines.image_source import displayed_size, upright

    width, height = displayed_size(path)
    if thorough:
        width, height = upright(path)[0].size
    return Facts(media.medium, media.format, pages=((width, height),), width=width, height=height)


def _recording(path: Path, media: sniff.MediaType, thorough: bool) -> Facts:
    import av.error

    from redaction.engines.media.choice import pictures_of
    from redaction.engines.media.source import opened, picture_of, sound_of

    with opened(path) as container:
        picture, sound = picture_of(container), sound_of(container)
        films, sounds = len(pictures_of(container)), len(container.streams.audio)
        wanted = picture if media.medium == "video" else sound
        if wanted is None:
            raise Refused("the film has no picture" if media.medium == "video" else "the file has no sound")
        seconds = (container.duration or 0) / 1_000_000
        width, height = (picture.width, picture.height) if picture is not None else (0, 0)
        if thorough:
            try:
                first = next(container.decode(wanted), None)
            except (av.error.FFmpegError, ValueError):
                first = None
            if first is None:
                raise Refused(f"the {media.medium} is broken: nothing in it can be played")
            if picture is not None and getattr(first, "rotation", 0) % 180:
                width, height = height, width
    return Facts(
        media.medium,
        media.format,
        width=width,
        height=height,
        seconds=seconds,
        has_sound=sound is not None,
        films=films,
        sounds=sounds,
    )


def _table(path: Path, media: sniff.MediaType, thorough: bool) -> Facts:
    from redaction.engines.table.source import open_table

    table = open_table(path)
    rows = tuple(tuple(cells) for _number, cells in itertools.islice(table.rows(), SAMPLE_ROWS))
    return Facts(media.medium, media.format, columns=table.header, sample=rows)


def _flight(path: Path, media: sniff.MediaType, thorough: bool) -> Facts:
    if media.format == "csv":
        return _table(path, media, thorough)
    return Facts(media.medium, media.format)


def _office(path: Path, media: sniff.MediaType, thorough: bool) -> Facts:
    """How many pages it makes is known only when they are made; that it can be taken apart is known now."""
    from redaction.engines import office

    return Facts(
        media.medium, media.format, hidden=tuple((thing.item, thing.what) for thing in office.hidden(path))
    )


_READERS: Mapping[str, Callable[[Path, sniff.MediaType, bool], Facts]] = {
    "pdf": _pdf,
    "office": _office,
    "image": _image,
    "video": _recording,
    "audio": _recording,
    "table": _table,
    "flight": _flight,
}


def _fits(mark: Mark, facts: Facts) -> str | None:
    return None


def _on_page(mark: Mark, facts: Facts) -> str | None:
    number = mark["page"]
    if not facts.pages:
        return None
    if number > len(facts.pages):
        return f"there is no page {number}; the last one is {len(facts.pages)}"
    if mark.kind != "box":
        return None
    width, height = facts.pages[number - 1]
    _, _, x1, y1 = mark["rect"]
    if x1 > width + SLACK or y1 > height + SLACK:
        return f"the box reaches past the edge of page {number}, which is {width:g} by {height:g}"
    return None


def _pages_exist(mark: Mark, facts: Facts) -> str | None:
    if mark["pages"] == "all" or not facts.pages:
        return None
    missing = [str(number) for number in mark["pages"] if number > len(facts.pages)]
    return f"there is no page {', '.join(missing)}; the last one is {len(facts.pages)}" if missing else None


def _in_time(mark: Mark, facts: Facts) -> str | None:
    if mark["end"] is None or not facts.seconds:
        return None
    if mark["end"] > facts.seconds + SLACK:
        return f"it ends at {mark['end']:g} s, past the end of the recording ({facts.seconds:.2f} s)"
    return None


def _tracks_exist(mark: Mark, facts: Facts) -> str | None:
    for name, number, count in (
        ("picture", mark["picture"], facts.films),
        ("sound", mark["sound"], facts.sounds),
    ):
        if number and number >= count:
            return f"there is no {name} track {number}; the file has {count or 'none'}, counted from 0"
    return None


def _columns_exist(mark: Mark, facts: Facts) -> str | None:
    if not facts.columns:
        return None
    missing = [name for name in _columns_of(mark) if name not in facts.columns]
    return f"the table has no column named {missing[0]!r}" if missing else None


def _columns_of(mark: Mark) -> list[str]:
    if mark.kind == "rows":
        return [condition["column"] for condition in mark["keep"] or mark["remove"]]
    if mark.kind == "suppress":
        _, _, counted = mark["count"].partition("distinct:")
        return [*mark["by"], *([counted] if counted else [])]
    return [mark["name"] if mark.kind == "column" else mark["column"]]


_CHECKS: Mapping[str, Callable[[Mark, Facts], str | None]] = {
    "box": _on_page,
    "page": _on_page,
    "text": _pages_exist,
    "region": _in_time,
    "frame": _in_time,
    "mute": _in_time,
    "cut": _in_time,
    "tracks": _tracks_exist,
    "column": _columns_exist,
    "rows": _columns_exist,
    "own_plate": _columns_exist,
    "suppress": _columns_exist,
}
