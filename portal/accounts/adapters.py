from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.core.mail import EmailMessage
from django.http import HttpRequest
from django.template import TemplateDoesNotExist
from django.template.loader import get_template
from django.urls import reverse
from django.utils.translation import get_language_from_request

from portal.accounts import services
from portal.accounts.models import User

_MAILS = frozenset({"es"})
"""Languages our account mails are written in beside English."""


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth ships no types
    """Nobody signs up by form: requesters come in by filing, staff by invitation."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def render_mail(
        self,
        template_prefix: str,
        email: str | list[str],
        context: dict[str, Any],
        headers: dict[str, str] | None = None,
    ) -> EmailMessage:
        """This will write a mail in its reader's language: the one of the account, else of the browser.

        ``<prefix>.es_subject.txt`` and ``<prefix>.es_message.txt`` stand beside the English. A mail that was
        not written in that language goes out in English.
        """
        language = _language_of(email if isinstance(email, str) else email[0], self.request)
        own = f"{template_prefix}.{language}"
        prefix = own if language in _MAILS and _is_written(own) else template_prefix
        mail: EmailMessage = super().render_mail(prefix, email, context, headers)
        return mail

    def set_password(self, user: User, password: str) -> None:
        """Staff choose their own: the first one was made by an administrator, who has seen it."""
        services.change_password(user=user, password=password)

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        return self.get_login_redirect_url(request)

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        if request.user.is_authenticated and request.user.is_records_staff:
            return reverse("desk:queue")
        return reverse("tracking:list")

    def get_logout_redirect_url(self, request: HttpRequest) -> str:
        return reverse("home")


def _is_written(prefix: str) -> bool:
    try:
        for part in ("subject", "message"):
            get_template(f"{prefix}_{part}.txt")
    except TemplateDoesNotExist:
        return False
    return True


def _language_of(email: str, request: HttpRequest | None) -> str:
    known = User.objects.filter(email__iexact=email).values_list("language", flat=True).first()
    return known or (get_language_from_request(request) if request is not None else "en")
