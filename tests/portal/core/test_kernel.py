"""Money, the machine, the API's envelope, the two dialects of Redis: the small things under everything."""

import pytest
from rest_framework.exceptions import NotAuthenticated, ValidationError

from portal.core.api import exception_handler
from portal.core.errors import BadInput, IllegalMove, NotAllowed
from portal.core.machine import Machine, Step
from portal.core.money import cents, dollars
from portal.core.templatetags.daylight import file_size
from portal.settings.base import redis_dialects


@pytest.mark.parametrize(
    ("amount", "text"),
    [(0, "$0.00"), (5, "$0.05"), (4600, "$46.00"), (123456789, "$1,234,567.89"), (-250, "-$2.50")],
)
def test_cents_are_spelt_as_dollars(amount: int, text: str) -> None:
    assert dollars(amount) == text


@pytest.mark.parametrize(
    ("text", "amount"),
    [("46", 4600), ("$1,046.50", 104650), (" 0.01 ", 1), ("46.00", 4600), ("9999999.99", 999999999)],
)
def test_typed_amount_becomes_cents(text: str, amount: int) -> None:
    assert cents(text) == amount


@pytest.mark.parametrize("text", ["", "-1", "0.005", "NaN", "Infinity", "1e309", "1e12", "ten", "10000000"])
def test_what_is_no_amount_is_refused(text: str) -> None:
    with pytest.raises(BadInput):
        cents(text)


DOOR = Machine(
    name="door",
    steps=(
        Step("open", frozenset({"shut"}), "open", guards=("unlocked",)),
        Step("shut", frozenset({"open", "ajar"}), "shut"),
    ),
    guards={"unlocked": lambda locked: "It is locked." if locked else None},
)


def test_machine_allows_what_its_table_has() -> None:
    assert DOOR.check("open", "shut", False).target == "open"
    assert DOOR.actions("open") == ("shut",)
    assert DOOR.refusal("open", False) is None


@pytest.mark.parametrize(
    ("action", "state", "locked", "words"),
    [
        ("open", "open", False, "needs it to be shut"),
        ("shut", "shut", False, "needs it to be ajar or open"),
        ("open", "shut", True, "It is locked."),
        ("paint", "shut", False, "no step “paint”"),
    ],
)
def test_machine_says_why_not(action: str, state: str, locked: bool, words: str) -> None:
    with pytest.raises(IllegalMove, match=words):
        DOOR.check(action, state, locked)


def test_api_gives_every_refusal_one_shape() -> None:
    refused = exception_handler(NotAllowed("Not you."), {})
    stranger = exception_handler(NotAuthenticated(), {})
    wrong = exception_handler(ValidationError({"name": ["too long"]}), {})

    assert refused is not None
    assert (refused.status_code, refused.data) == (403, {"code": "not_allowed", "detail": "Not you."})
    assert stranger is not None
    assert stranger.data["code"] == "not_authenticated"
    assert wrong is not None
    assert (wrong.data["code"], wrong.data["fields"]) == ("invalid", {"name": ["too long"]})
    assert exception_handler(RuntimeError("a bug"), {}) is None


@pytest.mark.parametrize(
    ("url", "broker", "cache"),
    [
        ("redis://:pw@host:6379", "redis://:pw@host:6379/0", "redis://:pw@host:6379/1"),
        ("redis://host:6379/4", "redis://host:6379/4", "redis://host:6379/5"),
        ("rediss://host/0", "rediss://host/0", "rediss://host/1"),
        ("unix:///run/v.sock", "redis+socket:///run/v.sock?virtual_host=0", "unix:///run/v.sock?db=1"),
        ("unix:///run/v.sock?db=2", "redis+socket:///run/v.sock?virtual_host=2", "unix:///run/v.sock?db=3"),
    ],
)
def test_one_redis_url_gives_both_dialects(url: str, broker: str, cache: str) -> None:
    assert redis_dialects(url) == (broker, cache)


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (999, "999 bytes"),
        (1000, "1.0 kB"),
        (2_811_553, "2.8 MB"),
        (999_960_000, "1.0 GB"),
        (20_000_000_000, "20.0 GB"),
    ],
)
def test_size_is_spelt_as_a_person_would(size: int, text: str) -> None:
    assert file_size(size) == text
