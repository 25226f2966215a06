"""allauth's forms in our dress. No sign-in logic lives here beyond who may use an e-mailed code."""

from allauth.account.forms import ChangePasswordForm, ConfirmLoginCodeForm, LoginForm, RequestLoginCodeForm
from allauth.mfa.base.forms import AuthenticateForm

from portal.accounts.models import User
from portal.core.forms import DaylightForm


class StaffLoginForm(DaylightForm, LoginForm):  # type: ignore[misc]  # allauth ships no types
    def _setup_password_field(self) -> None:
        """Keep the password, which allauth drops where signing up asks for none, to e-mail a code instead."""


class RequestCodeForm(DaylightForm, RequestLoginCodeForm):  # type: ignore[misc]  # allauth ships no types
    _user: User | None

    def clean_email(self) -> str:
        email: str = super().clean_email()
        # CJIS IA-5(1)(c)-3: e-mail is no second factor, so staff never sign in by an e-mailed code;
        # they get the answer an unknown address gets
        if self._user is not None and self._user.is_records_staff:
            self._user = None
        return email


class ConfirmCodeForm(DaylightForm, ConfirmLoginCodeForm):  # type: ignore[misc]  # allauth ships no types
    pass


class PasswordForm(DaylightForm, ChangePasswordForm):  # type: ignore[misc]  # allauth ships no types
    pass


class AuthenticatorForm(DaylightForm, AuthenticateForm):  # type: ignore[misc]  # allauth ships no types
    pass
