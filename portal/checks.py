"""System checks of the whole site. Ids are stable: daylight.E001 …"""

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register

ROLES = {"public", "staff", "both"}


@register()
def role_is_known(app_configs: Sequence[AppConfig] | None, **_: Any) -> list[CheckMessage]:
    if settings.ROLE in ROLES:
        return []
    return [
        Error(
            f"DAYLIGHT_ROLE is {settings.ROLE!r}.",
            hint="Set it to public, staff or both.",
            id="daylight.E001",
        )
    ]


@register(Tags.security, deploy=True)
def nothing_of_the_demo(app_configs: Sequence[AppConfig] | None, **_: Any) -> list[CheckMessage]:
    """Demo people, embedded services and the demo gateway never run in production."""
    found: list[CheckMessage] = []
    if settings.DEMO_PEOPLE:
        found.append(
            Error("Demonstration people are switched on.", hint="Unset DAYLIGHT_DEMO.", id="daylight.E002")
        )
    if settings.EMBEDDED_SERVICES:
        found.append(
            Error(
                "PostgreSQL and Valkey run embedded.",
                hint="Set DATABASE_URL and REDIS_URL to real servers.",
                id="daylight.E003",
            )
        )
    if "demo" in settings.PAYMENT_GATEWAYS:
        found.append(
            Error(
                "The demonstration payment gateway is switched on.",
                hint="Remove demo from PAYMENT_GATEWAYS.",
                id="daylight.E004",
            )
        )
    if "stripe" in settings.PAYMENT_GATEWAYS and not (
        settings.STRIPE_SECRET_KEY and settings.STRIPE_WEBHOOK_SECRET
    ):
        found.append(
            Error(
                "Stripe is switched on without its keys.",
                hint="Set STRIPE_SECRET_KEY and STRIPE_WEBHOOK_SECRET.",
                id="daylight.E005",
            )
        )
    if settings.ROLE == "both":
        found.append(
            Error(
                "One process plays both roles.",
                hint="Run DAYLIGHT_ROLE=public and DAYLIGHT_ROLE=staff apart.",
                id="daylight.E006",
            )
        )
    return found
