"""How values lie in the cache: as JSON, so that whoever can write there cannot make a process run code.

What comes back equals what was kept: numbers, texts, bytes, dates, and lists, tuples and mappings of these.
"""

import base64
import json
from collections.abc import Mapping
from datetime import date
from typing import Any

from redis.exceptions import DataError

_TUPLE, _BYTES, _DATE, _MAPPING = "~tuple", "~bytes", "~date", "~mapping"


class Unreadable(DataError):
    """What lies in the cache was not put there by :class:`Plain`. Callers do without, as without a cache."""


class Plain:
    """The serializer of the cache. Whole numbers stay bare, so that the server can count with them."""

    def dumps(self, value: Any) -> int | bytes:
        """:raises TypeError: for anything that would not come back equal, such as an object."""
        return value if type(value) is int else json.dumps(_plain(value)).encode()

    def loads(self, content: Any) -> Any:
        """:raises Unreadable: for what :meth:`dumps` does not write."""
        try:
            return _value(json.loads(content))
        except (ValueError, TypeError, AttributeError, RecursionError) as error:
            raise Unreadable("the cache holds something else than was kept in it") from error


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, bytes):
        return {_BYTES: base64.b64encode(value).decode()}
    if type(value) is date:
        return {_DATE: value.isoformat()}
    if type(value) is list:
        return [_plain(one) for one in value]
    if type(value) is tuple:
        return {_TUPLE: [_plain(one) for one in value]}
    if type(value) is dict and all(isinstance(name, str) for name in value):
        kept = {name: _plain(one) for name, one in value.items()}
        return {_MAPPING: kept} if any(name.startswith("~") for name in kept) else kept
    raise TypeError(f"a value of type {type(value).__name__} cannot be kept in the cache")


def _value(kept: Any) -> Any:
    if isinstance(kept, list):
        return [_value(one) for one in kept]
    if not isinstance(kept, Mapping):
        return kept
    if _MAPPING in kept:
        return {name: _value(one) for name, one in kept[_MAPPING].items()}
    if _TUPLE in kept:
        return tuple(_value(one) for one in kept[_TUPLE])
    if _BYTES in kept:
        return base64.b64decode(kept[_BYTES], validate=True)
    if _DATE in kept:
        return date.fromisoformat(kept[_DATE])
    return {name: _value(one) for name, one in kept.items()}
