"""Sign-ins, sign-outs and failures in the audit chain; Django announces them only by signal."""

from typing import Any

from django.contrib.auth import signals
from django.dispatch import receiver
from django.http import HttpRequest

from portal.accounts.models import User
from portal.audit import services as audit


@receiver(signals.user_logged_in)
def signed_in(user: User, **_: Any) -> None:
    audit.record(action="account.signed_in", actor=user, subject=user)


@receiver(signals.user_logged_out)
def signed_out(user: User | None, **_: Any) -> None:
    if user is not None:
        audit.record(action="account.signed_out", actor=user, subject=user)


@receiver(signals.user_login_failed)
def refused(credentials: dict[str, Any], request: HttpRequest | None = None, **_: Any) -> None:
    # the address itself is personal data, so only a known account is named
    user = User.objects.filter(email__iexact=str(credentials.get("email", ""))).first()
    audit.record_denied(action="account.sign_in", actor=None, subject=user or User(), why="bad_credentials")
