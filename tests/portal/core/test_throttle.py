import pytest
from django.test import RequestFactory
from pytest_django import Settings
from redis.exceptions import ConnectionError as CacheDown

from portal.core import throttle


@pytest.fixture(autouse=True)
def _enabled(settings: Settings, db: None) -> None:
    settings.RATELIMIT_ENABLE = True


def test_tries_are_counted_for_each_key_alone() -> None:
    request = RequestFactory().post("/")

    first = [throttle.too_many(request, "g", per="email", key="a@b.example", rate="2/m") for _ in range(3)]
    other = throttle.too_many(request, "g", per="email", key="c@d.example", rate="2/m")

    assert first == [False, False, True]
    assert not other


def test_key_counts_in_any_case() -> None:
    request = RequestFactory().post("/")

    throttle.too_many(request, "g", per="email", key="A@B.example", rate="1/m")

    assert throttle.too_many(request, "g", per="email", key="a@b.example", rate="1/m")


def test_cache_that_is_down_keeps_nobody_from_filing(monkeypatch: pytest.MonkeyPatch) -> None:
    def down(*_: object, **__: object) -> bool:
        raise CacheDown("no cache")

    monkeypatch.setattr(throttle, "is_ratelimited", down)

    assert not throttle.too_many(RequestFactory().post("/"), "g", per="ip", key="1.2.3.4", rate="1/m")
