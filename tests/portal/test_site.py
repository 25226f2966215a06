"""Health, security contact, system checks, and the two roles a process can play."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings
from django.core.cache import cache
from django.core.checks import run_checks
from django.test import Client, override_settings

from portal.celery import app
from portal.checks import nothing_of_the_demo, role_is_known

ROOT = Path(__file__).resolve().parents[2]


def ids(found: object) -> set[str]:
    return {message.id for message in found}  # type: ignore[attr-defined]  # a list of check messages


@pytest.mark.django_db
def test_ready_when_database_and_cache_answer(client: Client) -> None:
    answer = client.get("/readyz")

    assert (answer.status_code, answer.json()) == (200, {"database": True, "cache": True})


@pytest.mark.django_db
def test_not_ready_when_the_cache_is_down(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def down(*_: object) -> None:
        raise ConnectionError

    monkeypatch.setattr(cache, "set", down)

    answer = client.get("/readyz")

    assert (answer.status_code, answer.json()["cache"]) == (503, False)


def test_not_ready_when_the_database_is_down(client: Client) -> None:
    # without the database mark pytest-django refuses every query, as a dead server would
    answer = client.get("/readyz")

    assert (answer.status_code, answer.json()["database"]) == (503, False)


def test_lives_without_a_database(client: Client) -> None:
    assert client.get("/healthz").content == b"ok"


def test_security_contact_does_not_expire_soon(client: Client) -> None:
    text = client.get("/.well-known/security.txt").content.decode()

    assert "Contact: mailto:" in text
    assert "Expires: 20" in text


def test_every_recurring_task_is_known_and_every_known_one_recurs() -> None:
    recurring = {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()}
    app.loader.import_default_modules()
    ours = {name for name in app.tasks if not name.startswith("celery.")} - {"portal.core.tasks.run"}

    assert recurring == ours


def test_payments_are_asked_about_where_a_way_out_leads() -> None:
    entry = settings.CELERY_BEAT_SCHEDULE["ask-about-unanswered-payments"]

    assert entry["options"] == {"queue": "mail"}


def test_site_has_no_warnings() -> None:
    assert run_checks() == []


def test_demonstration_is_refused_in_production() -> None:
    with override_settings(DEMO_PEOPLE=True, EMBEDDED_SERVICES=True, PAYMENT_GATEWAYS=["demo"], ROLE="both"):
        assert ids(nothing_of_the_demo(None)) == {
            "daylight.E002", "daylight.E003", "daylight.E004", "daylight.E006",
        }  # fmt: skip


def test_stripe_without_keys_is_refused() -> None:
    with override_settings(
        DEMO_PEOPLE=False, ROLE="public", PAYMENT_GATEWAYS=["stripe"], STRIPE_SECRET_KEY=""
    ):
        assert ids(nothing_of_the_demo(None)) == {"daylight.E005"}


def test_proper_production_has_nothing_to_refuse() -> None:
    with override_settings(
        DEMO_PEOPLE=False, EMBEDDED_SERVICES=False, PAYMENT_GATEWAYS=["counter"], ROLE="staff"
    ):
        assert nothing_of_the_demo(None) == []


def test_unknown_role_is_named() -> None:
    with override_settings(ROLE="everything"):
        assert ids(role_is_known(None)) == {"daylight.E001"}


def paths_of(role: str) -> str:
    """The addresses of a process in one role, from a process of its own: they are fixed at import."""
    code = (
        "import django; django.setup();"
        "from django.urls import get_resolver as g;"
        "print(' '.join(str(p.pattern) for e in g().url_patterns for p in getattr(e, 'url_patterns', [e])))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True,
        env={**os.environ, "DAYLIGHT_ROLE": role, "DJANGO_SETTINGS_MODULE": "portal.settings.test"},
    )  # fmt: skip
    return done.stdout


def test_public_process_has_no_staff_address() -> None:
    found = paths_of("public")

    assert "desk/" not in found
    assert "my/requests/" in found


def test_staff_process_has_no_requesters_address() -> None:
    found = paths_of("staff")

    assert "my/requests/" not in found
    assert "desk/requests/" in found
