"""What lies in the cache comes back equal and is never code."""

import sys
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from django.core.cache import cache
from django.core.cache.backends.redis import RedisCacheClient

from portal.core.caching import Plain, Unreadable

NAME = "test_caching"
VALUES: list[Any] = [
    None, True, False, 0, -7, 10**30, 1.0, 5e-324, float("inf"), "", "1", "1.0", "null", "\ud800\x00é", b"",
    b"\x00\xff", date(2026, 11, 23), [], (), {}, [[]], [()], ((1, (2.5, None)), [3]), {"": (b"a",)},
    {"~tuple": [1]}, {"~bytes": b"~"}, {"~date": date(2026, 1, 1), "a": ({"~mapping": {}},)},
    {"~": {"a": ()}},
]  # fmt: skip
CODE = b"cbuiltins\nexec\n(S'import sys; sys.harmed = True'\ntR."  # what takes it for objects runs it


@pytest.fixture
def client() -> Iterator[Any]:
    """The bare server, as somebody with its password has it."""
    inside: RedisCacheClient = cache._cache  # type: ignore[attr-defined]  # of the backend behind the proxy
    yield inside.get_client(None, write=True)
    cache.delete(NAME)


@pytest.mark.parametrize("value", VALUES, ids=ascii)
def test_what_is_kept_comes_back_equal_and_of_its_type(value: Any) -> None:
    kept = Plain().dumps(value)

    back = Plain().loads(kept if isinstance(kept, bytes) else str(kept).encode())

    assert repr(back) == repr(value)


@pytest.mark.parametrize(
    "value", [("9f", (12, 34, 56)), {"pages": ((612.0, 792.0),)}, b"\x00token", [1.5, 2.5], True, "1"]
)
def test_cache_gives_back_what_it_was_given(value: Any, client: Any) -> None:
    cache.set(NAME, value, 60)

    assert repr(cache.get(NAME)) == repr(value)


def test_whole_numbers_are_counted_by_the_server(client: Any) -> None:
    cache.set(NAME, 3, 60)

    assert cache.incr(NAME) == 4
    assert client.get(cache.make_key(NAME)) == b"4"


@pytest.mark.parametrize("value", [object(), {1: "a"}, {"a", "b"}, 1j, [date]])
def test_what_would_not_come_back_equal_is_refused(value: Any) -> None:
    with pytest.raises(TypeError, match="cannot be kept in the cache"):
        cache.set(NAME, value, 60)


@pytest.mark.parametrize(
    "content",
    [
        CODE, b"", b"{", b"\xff", b'{"~bytes": "?"}', b'{"~tuple": 1}', b'{"~date": 5}',
        b'{"~mapping": []}', b"[" * 100_000,
    ],
    ids=["code", "empty", "cut", "no text", "no bytes", "no tuple", "no date", "no mapping", "deep"],
)  # fmt: skip
def test_what_somebody_else_wrote_into_the_cache_runs_nothing(content: bytes, client: Any) -> None:
    client.set(cache.make_key(NAME), content)

    with pytest.raises(Unreadable):
        cache.get(NAME)

    assert not hasattr(sys, "harmed")
