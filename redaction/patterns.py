"""Finding words and personal data in the text of a page, however it is broken, spaced or spelled.

Everything is found in several readings of the same text, because a line break may stand for a blank, for
nothing, or for nothing after a hyphen. Spans are positions in the text as given.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator

Span = tuple[int, int]

_DASHES = dict.fromkeys(map(ord, "‐‑‒–—―−﹣－"), "-")
_QUOTES = {ord("’"): "'", ord("‘"): "'", ord("“"): '"', ord("”"): '"'}
_SIGNS = _DASHES | _QUOTES
_BREAK_HYPHENS = "\x02\ufffe"  # PDFium's sign for a hyphen at the end of a line

_SEP = r"[-. ]"
_MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?"
_DATE = (
    rf"(?:\d{{1,2}} ?[-/.] ?\d{{1,2}} ?[-/.] ?\d{{2,4}}|\d{{4}}-\d{{1,2}}-\d{{1,2}}"
    rf"|{_MONTH} \d{{1,2}}(?:st|nd|rd|th)?,? ?\d{{2,4}}|\d{{1,2}}(?:st|nd|rd|th)? {_MONTH},? \d{{2,4}})"
)
_MAILBOX = r"[\w.!#$%&'*+/=?^`{|}~-]"
_BARE_PLATE = r"[A-Z]{3}-?\d{3,4}|\d{3,4}-?[A-Z]{3}|\d[A-Z]{3}\d{3}|[A-Z]{2}-?\d{5}|[A-Z]\d{2}-?[A-Z]{3}"

_EXPRESSIONS: dict[str, tuple[str, int]] = {
    "ssn": (
        rf"(?<![\d-])(?:\d{{3}}|[X*]{{3}}){_SEP}(?:\d{{2}}|[X*]{{2}}){_SEP}\d{{4}}(?![\d-])"
        r"|(?:ssn|social security(?: number| no\.?)?)\W{0,5}(\d{9})(?!\d)",
        re.IGNORECASE,
    ),
    "phone": (
        rf"(?<![\w-])(?:\+?1{_SEP}?)?(?:\([2-9]\d{{2}}\) ?|[2-9]\d{{2}}{_SEP})\d{{3}}{_SEP}?\d{{4}}(?![\d-])"
        r"|(?<![\w.-])[2-9]\d{2}[-.]\d{4}(?![\d-])"
        rf"|(?<![\w+])\+\d{{1,3}}(?:{_SEP}?\(?\d{{2,4}}\)?){{2,5}}(?!\d)",
        0,
    ),
    # from the first letter of a run only: else a long one is read again from each of its letters
    "email": (rf"(?<!{_MAILBOX}){_MAILBOX}+@[\w-]+(?:\.[\w-]+)+", 0),
    "dob": (
        rf"(?:d\.? ?o\.? ?b\.?|date of birth|birth ?(?:date|day)|born(?: on)?)\W{{0,6}}({_DATE})(?!\d)",
        re.IGNORECASE,
    ),
    "plate": (
        rf"(?<![\w-])({_BARE_PLATE})(?![\w-])"
        r"|(?i:\b(?:licen[sc]e plate|plate|tag|lic|registration|lpn?|lp)(?: ?(?:no\.?|number|#))?[ :#]{1,3})"
        r"((?=[A-Z -]{0,7}\d)[A-Z0-9]{1,5}(?:[ -]?[A-Z0-9]{1,5})?)(?![\w-])",
        0,
    ),
    "card": (r"(?<![\d-])\d(?:[ -]?\d){12,18}(?![\d-])", 0),
}
_COMPILED = {name: re.compile(expression, flags) for name, (expression, flags) in _EXPRESSIONS.items()}


def find_literal(text: str, literal: str) -> list[Span]:
    """This will give every place of a literal: any case, accents, ligatures, blanks, breaks or hyphens.

    Inside one line blanks must be where the literal has them, unless the match stands between word ends:
    letters set apart ("S m i t h") are found, "is a" in "disagree" is not.
    """
    wanted = " ".join("".join(letter for letter, _ in _fold(literal, lower=True)).split())
    if not wanted:
        return []
    found = [span for view in _views(text, lower=True) for span in _search(*view, wanted)]
    letters, origin = _skeleton(text)
    for start, end in _search(letters, origin, wanted.replace(" ", "")):
        if not (text[:start][-1:].isalnum() or text[end : end + 1].isalnum()):
            found.append((start, end))
    return merged(found)


def find_pattern(text: str, name: str) -> list[Span]:
    """This will give every place of ssn, phone, email, dob, plate or card."""
    return merged(
        [
            (origin[first], origin[last - 1] + 1)
            for letters, origin in readings(text)
            for first, last in matches(letters, name)
        ]
    )


def readings(text: str) -> list[tuple[str, list[int]]]:
    """This will give a text's readings: letters on one line, and for each its position in the text."""
    return list(_views(text, lower=False))


def matches(letters: str, name: str) -> list[Span]:
    """This will give the places of ssn, phone, email, dob, plate or card in one line of plain letters."""
    return [
        match.span(match.lastindex or 0)
        for match in _COMPILED[name].finditer(letters)
        if name != "card" or luhn(match.group())
    ]


def find(text: str, *, literal: str | None, pattern: str | None) -> list[Span]:
    """This will give the places of a ``text`` mark's literal or pattern."""
    return find_literal(text, literal) if literal is not None else find_pattern(text, str(pattern))


def find_again(text: str, *, literal: str | None, pattern: str | None) -> list[Span]:
    """This will give the places a second reader vouches for: its order of lines is its own guess.

    A number that only arises from the end of one line and the beginning of another is left out.
    """
    spans = find(text, literal=literal, pattern=pattern)
    return [(first, last) for first, last in spans if literal is not None or "\n" not in text[first:last]]


def _fold(text: str, *, lower: bool) -> Iterator[tuple[str, int]]:
    """Letters without accents, ligatures taken apart, one kind of dash; each with where it came from."""
    for position, letter in enumerate(text):
        if letter in _BREAK_HYPHENS:
            yield "\x02", position
            continue
        for piece in unicodedata.normalize("NFKD", letter.translate(_SIGNS)):
            if unicodedata.category(piece) in ("Mn", "Cf") and piece != "\x02":
                continue
            for folded in piece.casefold() if lower else piece:
                yield folded, position


def _views(text: str, *, lower: bool) -> Iterator[tuple[str, list[int]]]:
    folded = list(_fold(text, lower=lower))
    letters = "".join(letter for letter, _ in folded)
    origin = [position for _, position in folded]
    broken = r"[^\S\r\n]*[\r\n]\s*"
    for expression in (
        r"(?P<hyphen>\x02\s*)|(?P<blank>\s+)",
        rf"(?P<hyphen>-{broken}|\x02\s*)|(?P<blank>\s+)",
        rf"(?P<hyphen>\x02\s*|{broken})|(?P<blank>\s+)",
    ):
        yield _rewrite(letters, origin, re.compile(expression))
    if "\x02" in letters:  # the hyphen itself may belong to the word: Smith-Jones, 123-45-6789
        yield _rewrite(
            letters.replace("\x02", "-"), origin, re.compile(rf"(?P<hyphen>{broken})|(?P<blank>\s+)")
        )


def _rewrite(letters: str, origin: list[int], expression: re.Pattern[str]) -> tuple[str, list[int]]:
    out: list[str] = []
    places: list[int] = []
    last = 0
    for match in expression.finditer(letters):
        out.append(letters[last : match.start()])
        places += origin[last : match.start()]
        if match["blank"]:
            out.append(" ")
            places.append(origin[match.start()])
        last = match.end()
    out.append(letters[last:])
    return "".join(out), places + origin[last:]


def _skeleton(text: str) -> tuple[str, list[int]]:
    kept = [
        (letter, place)
        for letter, place in _fold(text, lower=True)
        if not letter.isspace() and letter != "\x02"
    ]
    return "".join(letter for letter, _ in kept), [place for _, place in kept]


def _search(letters: str, origin: list[int], wanted: str) -> Iterator[Span]:
    start = letters.find(wanted)
    while start >= 0:
        yield origin[start], origin[start + len(wanted) - 1] + 1
        start = letters.find(wanted, start + 1)


def merged(spans: Iterable[Span]) -> list[Span]:
    """This will give spans in order, those that overlap as one."""
    found: list[Span] = []
    for start, end in sorted(spans):
        if found and start < found[-1][1]:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        else:
            found.append((start, end))
    return found


def luhn(text: str) -> bool:
    """This will tell whether the digits of a text end in their check digit (ISO/IEC 7812-1, annex B)."""
    digits = [int(letter) for letter in text if letter.isdigit()]
    doubled = [digit * 2 - 9 * (digit > 4) for digit in digits[-2::-2]]
    return (sum(digits[-1::-2]) + sum(doubled)) % 10 == 0
