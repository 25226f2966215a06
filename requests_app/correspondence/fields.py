"""Merge fields: what may stand in a letter, of which type, and how its value is printed."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from html import escape
from typing import Any

from django.utils import translation
from django.utils.formats import date_format

from portal.core.errors import BadInput
from portal.core.money import cents, dollars
from requests_app.correspondence import characters
from requests_app.correspondence.markup import Filled
from requests_app.law.derivation import Derivation

LONGEST = 10_000  # characters of one value
LANGUAGES = {"en": "English", "es": "Español"}
_DAYS = {"en": "l, F j, Y", "es": r"l, j \d\e F \d\e Y"}
_DATES = {"en": "F j, Y", "es": r"j \d\e F \d\e Y"}
_MOMENTS = {"en": "F j, Y, g:i A", "es": r"j \d\e F \d\e Y, G:i"}


class Type(StrEnum):
    LINE = "line"  # words on one line
    TEXT = "text"  # words with paragraphs
    DAY = "day"  # a date
    MOMENT = "moment"  # a date with its local time
    MONEY = "money"  # integer cents
    LIST = "list"  # several lines
    CLOCK = "clock"  # a derivation of requests_app.law
    TABLE = "table"  # a Table

    @property
    def is_typed(self) -> bool:
        """Whether a person can write a value in a form."""
        return self in {Type.LINE, Type.TEXT, Type.DAY, Type.MONEY, Type.LIST}


@dataclass(frozen=True)
class Table:
    """Rows under heads; the last ``numbers`` columns are amounts."""

    caption: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Field:
    """One merge field. ``otherwise`` is what the letter says, by language, when nothing was filled in."""

    name: str
    label: str
    type: Type = Type.LINE
    sample: Any = ""
    says: frozenset[str] = frozenset()
    hint: str = ""
    otherwise: Mapping[str, str] = field(default_factory=dict)
    is_ours: bool = False  # from the request, its law and its ledgers: nobody types it
    in_english: bool = False  # written by a law's pack or engine, which speak English alone


def filled(fields: Mapping[str, Field], values: Mapping[str, Any], language: str) -> dict[str, Filled]:
    """This will print each field's value; a value of another type than its field's is refused.

    :raises BadInput: naming the field.
    """
    return {name: show(each, values.get(name), language) for name, each in fields.items()}


def show(each: Field, value: Any, language: str) -> Filled:
    """This will print one value, or what its field says otherwise."""
    if value is None or value == "" or (isinstance(value, Sequence) and not any(value)):
        words = each.otherwise.get(language) or each.otherwise.get("en", "")
        return Filled(escape(words, quote=False))
    try:
        shown = _PRINTERS[each.type](value, language)
    except (TypeError, ValueError, AttributeError, KeyError):
        raise BadInput(f"The field “{each.label}” cannot hold this value.") from None
    if each.in_english and language != "en" and shown:
        block = f'<div lang="en">{shown.block}</div>' if shown.is_block else ""
        return Filled(f'<span lang="en">{shown.inline}</span>', block, shown.is_block)
    return shown


def typed(each: Field, text: str) -> Any:
    """This will read what a person wrote into a field.

    :raises BadInput: naming the field and what is wrong with it.
    """
    text = characters.straight(text).strip()
    if not text:
        return None
    if len(text) > LONGEST:
        raise BadInput(f"“{each.label}” is too long: at most {LONGEST:,} characters.")
    if name := characters.unseen(text):
        raise BadInput(f"“{each.label}” holds an unseen character ({name}). Type it anew.")
    if each.type == Type.MONEY:
        return cents(text)
    if each.type == Type.DAY:
        try:
            return date.fromisoformat(text)
        except ValueError:
            raise BadInput(f"“{each.label}” is no date. Write it like 2026-11-20.") from None
    if each.type == Type.LIST:
        return [line.strip() for line in text.split("\n") if line.strip()]
    return text if each.type == Type.TEXT else " ".join(text.split())


def as_typed(each: Field, value: Any) -> str:
    """This will spell a value as a person would type it, for a form that is filled beforehand."""
    if value is None:
        return ""
    if each.type == Type.MONEY:
        return dollars(value).removeprefix("$")
    if each.type in {Type.LIST, Type.TEXT} and not isinstance(value, str):
        return ("\n" if each.type == Type.LIST else "\n\n").join(str(one) for one in value)
    return value.isoformat() if isinstance(value, date) else str(value)


def day(value: date, language: str) -> str:
    """This will name a day in the language: ``Friday, November 20, 2026``."""
    with translation.override(language):
        return str(date_format(value, _DAYS.get(language, _DAYS["en"])))


def date_of(value: date, language: str) -> str:
    """This will name a date without its weekday: ``November 20, 2026``."""
    with translation.override(language):
        return str(date_format(value, _DATES.get(language, _DATES["en"])))


def moment(value: datetime, language: str) -> str:
    """This will name a local date and time; the value carries the agency's zone."""
    with translation.override(language):
        return str(date_format(value, _MOMENTS.get(language, _MOMENTS["en"])))


def _plain(value: Any) -> str:
    return escape(characters.cleaned(str(value)), quote=False)


def _line(value: Any, language: str) -> Filled:
    return Filled(" ".join(_plain(value).split()))


def _text(value: Any, language: str) -> Filled:
    parts = value if not isinstance(value, str) else characters.straight(value).split("\n\n")
    kept = [_plain(part).strip().replace("\n", "<br>") for part in parts]
    kept = [part for part in kept if part]
    return Filled("<br>".join(kept), "\n".join(f"<p>{part}</p>" for part in kept), is_block=True)


def _list(value: Any, language: str) -> Filled:
    if isinstance(value, str):
        value = [value]
    kept = [" ".join(_plain(one).split()) for one in value]
    kept = [one for one in kept if one]
    return Filled("; ".join(kept), f"<ul>{''.join(f'<li>{one}</li>' for one in kept)}</ul>", is_block=True)


def _clock(value: Derivation, language: str) -> Filled:
    rows = [f"<li>{_plain(line.text)}{_source(line.citation)}</li>" for line in value.lines]
    return Filled(_plain(" ".join(value.texts)), f"<ul>{''.join(rows)}</ul>", is_block=True)


def _source(citation: str | None) -> str:
    return f' <span class="small">({_plain(citation)})</span>' if citation else ""


def _table(value: Table, language: str) -> Filled:
    head = "".join(f'<th scope="col">{_plain(one)}</th>' for one in value.heads)
    rows = "".join(
        f'<tr><th scope="row">{_plain(first)}</th>{"".join(f"<td>{_plain(one)}</td>" for one in rest)}</tr>'
        for first, *rest in value.rows
    )
    words = "; ".join(" ".join(filter(None, row)) for row in value.rows)
    return Filled(
        _plain(words),
        f"<table><caption>{_plain(value.caption)}</caption><thead><tr>{head}</tr></thead>"
        f"<tbody>{rows}</tbody></table>",
        is_block=True,
    )


_PRINTERS: Mapping[Type, Callable[[Any, str], Filled]] = {
    Type.LINE: _line,
    Type.TEXT: _text,
    Type.DAY: lambda value, language: Filled(_plain(day(value, language))),
    Type.MOMENT: lambda value, language: Filled(_plain(moment(value, language))),
    Type.MONEY: lambda value, language: Filled(dollars(value)),
    Type.LIST: _list,
    Type.CLOCK: _clock,
    Type.TABLE: _table,
}
