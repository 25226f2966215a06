from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest
from django.urls import reverse

from portal.accounts import services
from portal.accounts.models import User


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth ships no types
    """Nobody signs up by form: requesters come in by filing, staff by invitation."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

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
