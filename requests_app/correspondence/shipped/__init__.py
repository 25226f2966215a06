"""The letters that come with the portal, in English and Spanish, and what single laws add to them. Pure."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from requests_app.correspondence import markup
from requests_app.law.pack import LetterItem

_HERE = Path(__file__).parent
_LAW_PLACE = "[[law]]"  # where a law's own sentences go; known to these files alone
ANY = "ANY"


@dataclass(frozen=True)
class Words:
    """The subject and the body of a template."""

    subject: str
    body: str

    @property
    def digest(self) -> str:
        return hashlib.sha256(f"{self.subject}\0{self.body}".encode()).hexdigest()


def base(kind: str, language: str) -> Words:
    """This will give the words for any law. English where a language has none."""
    known = _letters(language) or _letters("en")
    words = known[kind]
    return Words(words.subject, words.body.replace(f"{_LAW_PLACE}\n", ""))


def for_law(kind: str, language: str, items: Sequence[LetterItem]) -> Words | None:
    """This will give the words with what a law adds to them; None where it adds nothing we have words for."""
    added = [part for item in items if (part := part_of(kind, language, item.id)) and _is_new(kind, item.id)]
    if not added:
        return None
    known = _letters(language) or _letters("en")
    words = known[kind]
    return Words(words.subject, words.body.replace(_LAW_PLACE, "\n" + "\n".join(added), 1))


def part_of(kind: str, language: str, item: str) -> str:
    """This will give the block that says one item of one law, or nothing."""
    words = _parts(language).get(f"{kind} {item}") or _parts("en").get(f"{kind} {item}", "")
    return f"[[says {item}]]\n{words}\n[[end]]" if words else ""


def _is_new(kind: str, item: str) -> bool:
    # what the words for any law show in passing, a law's own sentence still says better
    return item not in markup.places(base(kind, "en").body)[1]


@cache
def _letters(language: str) -> dict[str, Words]:
    found = {}
    for name, text in _sections(f"{language}.txt").items():
        head, _, body = text.partition("\n")
        found[name] = Words(head.removeprefix("Subject:").strip(), body.strip() + "\n")
    return found


@cache
def _parts(language: str) -> dict[str, str]:
    return {name: text.strip() for name, text in _sections(f"parts.{language}.txt").items()}


def _sections(file: str) -> dict[str, str]:
    path = _HERE / file
    if not path.exists():
        return {}
    found: dict[str, str] = {}
    for section in path.read_text(encoding="utf-8").split("=== ")[1:]:
        name, _, text = section.partition("\n")
        found[name.strip()] = text
    return found
