"""The signing key this site is set up with."""

from pathlib import Path

from django.conf import settings

from redaction.release import signing


def signer() -> signing.Signer:
    """This will load the agency's key; development and tests make one on first use, production never does.

    :raises NoSigningKey: when there is none that can be used.
    """
    return signing.load(
        Path(settings.RELEASE_SIGNING_KEY_FILE), create=getattr(settings, "RELEASE_KEY_MAY_BE_MADE", False)
    )
