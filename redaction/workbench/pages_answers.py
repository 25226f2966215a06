"""What the page stage's script asks: sizes, pictures, words, what would be painted, places, the page after.

All of it shows the unredacted record, so every answer passes insight first, is written down once an hour,
and is kept by no cache.
"""

import base64
from typing import Any

from django.http import Http404, HttpResponse
from django.views.decorators.http import require_GET, require_POST

from portal.core import files
from portal.core.errors import BadInput
from portal.core.http import AuthedRequest
from portal.core.time import now
from redaction import marks as marks_format
from redaction.leaves import asking
from redaction.leaves.asking import Asked
from redaction.marks import Marks
from redaction.plans import extents
from redaction.plans.rows import newest_render
from redaction.report import MarksError, RedactionError
from redaction.workbench import office_pages, stages
from redaction.workbench.answers import CannotShow, answer, answering, sent
from redaction.workbench.insight import note_look, private, require_insight
from redaction.workbench.pace import require_pace
from redaction.workbench.page import Desk, open_review

WIDTHS = (220, 550, 1100, 1650, 2200, 3300)  # pixels; few, so that nobody makes the server draw endlessly
MOST_PICTURES = {220: 40, 550: 16, 1100: 6, 1650: 4, 2200: 3, 3300: 2}  # of one answer
MOST_PAGES = 200  # read in one answer
MOST_READ = 4  # by Tesseract, which takes seconds a page
_MEDIA = ("pdf", "office", "image")


@require_GET
@answering
def sizes(request: AuthedRequest, key: str) -> HttpResponse:
    """Width and height of every page; of an office file known only once its pages are made."""
    desk, asked = _opened(request, key)
    found = _looked(lambda: asking.sizes(asked))
    if asked.medium == "office":
        extents.learn(desk.record, "office", len(found), at=now())
    return answer({"pages": found})


@require_GET
@answering
def pictures(request: AuthedRequest, key: str) -> HttpResponse:
    """Pictures of some pages: ``?numbers=3-6&width=1100``."""
    _desk, asked = _opened(request, key)
    width = _width(request.GET.get("width", ""))
    numbers = _numbers(request.GET.get("numbers", ""), MOST_PICTURES[width])
    drawn = _looked(lambda: asking.pictures(asked, numbers, width))
    return answer({"pages": [picture.as_dict() for picture in drawn]})


@require_GET
@answering
def picture(request: AuthedRequest, key: str, number: int) -> HttpResponse:
    """One page as a picture by itself, which a browser can show before any script runs: ``?width=1100``."""
    _desk, asked = _opened(request, key)
    width = _width(request.GET.get("width", ""))
    (drawn,) = _looked(lambda: asking.pictures(asked, _listed([number], 1), width))
    if drawn.fault:
        raise CannotShow(drawn.fault)
    return private(HttpResponse(base64.b64decode(drawn.picture), content_type=f"image/{drawn.kind}"))


@require_GET
@answering
def words(request: AuthedRequest, key: str) -> HttpResponse:
    """The words of some pages and their places; ``read=1`` reads those that are pictures."""
    _desk, asked = _opened(request, key)
    read = request.GET.get("read") == "1"
    numbers = _numbers(request.GET.get("numbers", ""), MOST_READ if read else 16)
    return answer({"pages": _looked(lambda: asking.words(asked, numbers, read=read))})


@require_POST
@answering
def areas(request: AuthedRequest, key: str) -> HttpResponse:
    """What the engine would paint on some pages for the marks on screen, saved or not."""
    _desk, asked = _opened(request, key)
    data = sent(request)
    numbers, marks = _listed(data.get("numbers"), 16), _marks(data)
    return answer({"pages": _looked(lambda: asking.areas(asked, numbers, marks))})


@require_POST
@answering
def find(request: AuthedRequest, key: str) -> HttpResponse:
    """Every place of some words or patterns on the pages from ``first`` to ``last``.

    By POST, for what is looked for is somebody's name and belongs in no log of addresses.
    """
    _desk, asked = _opened(request, key)
    require_pace(request, "find")
    data = sent(request)
    read = data.get("read") is True
    most = MOST_READ if read else MOST_PAGES
    first, last = data.get("first"), data.get("last")
    if type(first) is not int or type(last) is not int or not 1 <= first <= last < first + most:
        raise BadInput(f"Name the pages to look at, {most} at most.")
    needles = _needles(data.get("needles"))
    numbers = list(range(first, last + 1))
    return answer(_looked(lambda: asking.find(asked, numbers, needles, read=read)))


@require_POST
@answering
def after(request: AuthedRequest, key: str) -> HttpResponse:
    """One page as it would be released: of the finished copy when the marks are its marks, else made now."""
    desk, asked = _opened(request, key)
    data = sent(request)
    (number,) = _listed([data.get("number")], 1)
    width, marks = _width(str(data.get("width", ""))), _marks(data)
    made = newest_render(desk.review)
    if made is not None and not made.withheld and made.marks_digest == marks.digest:
        copy = files.require_once_intact(files.Stored.of(made))
        whole = Asked(copy, "pdf" if made.suffix == ".pdf" else "image")
        (picture,) = _looked(lambda: asking.pictures(whole, [number], width))
        return answer({**picture.as_dict(), "of": "copy", "at": made.created_at.isoformat()})
    picture = _looked(lambda: asking.after(asked, number, width, marks))
    return answer({**picture.as_dict(), "of": "page", "at": now().isoformat()})


def _opened(request: AuthedRequest, key: str) -> tuple[Desk, Asked]:
    """The record's pages, for a person who may see them.

    :raises Http404: when the record has none.
    """
    desk = Desk(open_review(request.user, key), request.user)
    require_insight(desk)
    record = desk.record
    medium = stages.medium_shown(record.medium, record.format, request.GET.get("as", ""))
    if medium not in _MEDIA:
        raise Http404("this kind of record has no pages")
    note_look(desk, "custody.preview_viewed", by="work page")
    original = files.require_once_intact(files.Stored.of(record))
    if medium != "office":
        return desk, Asked(original, medium)
    hidden = [dict(entry) for entry in desk.marks["marks"] if entry["kind"] == "hidden"]
    return desk, Asked(original, medium, office_pages.place_of(record, hidden, at=now()), hidden)


def _looked(look: Any) -> Any:
    try:
        return look()
    except MarksError as error:
        raise BadInput(error.sentence) from error
    except RedactionError as error:
        raise CannotShow(error.sentence) from error


def _marks(data: dict[str, Any]) -> Marks:
    try:
        return marks_format.parse({"version": 1, "marks": data.get("marks")})
    except MarksError as error:
        raise BadInput(f"The marks on screen cannot be read: {error}.") from error


def _needles(value: object) -> list[dict[str, Any]]:
    """Each is a ``text`` mark without pages, or nothing is looked for."""
    if not isinstance(value, list) or not 1 <= len(value) <= 50:
        raise BadInput("Say what to look for.")
    rows = [dict(row) if isinstance(row, dict) else {} for row in value]
    try:
        parsed = marks_format.parse({"version": 1, "marks": [{**row, "kind": "text"} for row in rows]})
    except MarksError as error:
        raise BadInput("What is looked for must be words, or one of the known patterns.") from error
    return [dict(row) for row in parsed.raw["marks"]]


def _width(text: str) -> int:
    if text not in map(str, WIDTHS):
        raise BadInput(f"Pages are drawn {', '.join(map(str, WIDTHS))} pixels wide.")
    return int(text)


def _numbers(text: str, most: int) -> list[int]:
    """``3``, ``3-6`` or ``3,5,9-11``; at most ``most``."""
    found: list[int] = []
    for piece in text.split(",")[: most + 1]:
        first, _, last = piece.partition("-")
        if not all(part.isascii() and part.isdigit() and len(part) < 7 for part in (first, last or first)):
            raise BadInput("Name pages as in 3, 3-6 or 3,5.")
        found += range(int(first), min(int(last or first), int(first) + most) + 1)
    return _listed(found, most)


def _listed(value: object, most: int) -> list[int]:
    numbers = value if isinstance(value, list) else []
    if not numbers or any(type(number) is not int or not 1 <= number < 10**6 for number in numbers):
        raise BadInput("Name the pages, from 1.")
    if len(set(numbers)) > most:
        raise BadInput(f"That is more than {most} pages at once.")
    return list(dict.fromkeys(numbers))
