"""System checks of this room. Ids are stable: daylight.E030 …"""

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register

from redaction.release import keys
from redaction.release.signing import NoSigningKey
from requests_app.correspondence.pdf import APT_LINE, missing_libraries


@register(Tags.security, deploy=True)
def signing_key_is_there(app_configs: Sequence[AppConfig] | None, **_: Any) -> list[CheckMessage]:
    """Only the staff side signs; the public side never holds the private key."""
    if settings.ROLE == "public":
        return []
    try:
        keys.signer()
    except NoSigningKey as error:
        return [
            Error(
                f"Releases cannot be signed. {error}",
                hint="Make the key once with: manage.py release_key --create",
                id="daylight.E030",
            )
        ]
    return []


@register()
def letters_can_be_printed(app_configs: Sequence[AppConfig] | None, **_: Any) -> list[CheckMessage]:
    if missing := missing_libraries():
        return [
            Warning(
                f"Letters cannot be written as PDF: {', '.join(missing)} is not installed.",
                hint=APT_LINE,
                id="daylight.W031",
            )
        ]
    return []
