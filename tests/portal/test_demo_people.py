"""The people of the demonstration send no code that ends on its way."""

from types import SimpleNamespace

import pytest
from allauth.mfa.totp.internal.auth import format_hotp_value, generate_totp_secret, hotp_value

from portal.accounts.models import User
from portal.demo import people

STEP = people.STEP


@pytest.mark.parametrize(
    ("seconds", "sent_at"),
    [(0, 0), (STEP - people.LEFT, STEP - people.LEFT), (STEP - people.LEFT + 1, STEP), (STEP - 1, STEP)],
)
def test_code_is_sent_only_while_it_lives_long_enough(
    monkeypatch: pytest.MonkeyPatch, seconds: int, sent_at: int
) -> None:
    clock = SimpleNamespace(now=1_000_000 * STEP + seconds)

    def rest(pause: float) -> None:
        clock.now += pause

    monkeypatch.setattr(people, "time", SimpleNamespace(time=lambda: clock.now, sleep=rest))
    secret = generate_totp_secret()

    given = people.Person(User(), secret=secret).code()

    assert clock.now == 1_000_000 * STEP + sent_at
    assert given == format_hotp_value(hotp_value(secret, int(clock.now) // STEP))


def test_same_code_is_not_sent_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = SimpleNamespace(now=1_000_000.0 * STEP)

    def rest(seconds: float) -> None:
        clock.now += seconds

    monkeypatch.setattr(people, "time", SimpleNamespace(time=lambda: clock.now, sleep=rest))
    person = people.Person(User(), secret=generate_totp_secret())
    person.code()

    person.code()

    assert clock.now == 1_000_001 * STEP
