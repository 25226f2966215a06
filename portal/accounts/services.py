"""The only code that changes people and their roles."""

from allauth.account.internal.flows.login_by_code import LoginCodeVerificationProcess
from allauth.mfa.models import Authenticator
from allauth.mfa.utils import is_mfa_enabled
from django.contrib.auth import authenticate
from django.db import transaction
from django.http import HttpRequest
from knox.models import AuthToken

from portal.accounts.models import RoleGrant, User
from portal.accounts.policies import may_enter
from portal.accounts.rules import Permission, Role
from portal.audit import services as audit
from portal.core.errors import BadInput, DomainError, NotAllowed


class BadCredentials(DomainError):
    code = "bad_credentials"
    status = 401


class StaffAddress(BadInput):
    code = "staff_address"


def begin_code_sign_in(*, http_request: HttpRequest, email: str, name: str = "") -> User:
    """This will find or make the requester of an address and mail her a six-digit code.

    The caller redirects to ``account_confirm_login_code``. The address is proved only when the code
    comes back, so an existing name is never overwritten here.

    :raises StaffAddress: staff file with another address; they do not sign in by code.
    """
    address = email.strip().lower()
    user = User.objects.filter(email__iexact=address).first()
    if user is None:
        user, _ = User.objects.get_or_create(email=address, defaults={"name": name.strip(), "password": "!"})
    if user.is_records_staff or not user.is_active:
        raise StaffAddress("This address cannot file requests here. Please use another e-mail address.")
    LoginCodeVerificationProcess.initiate(request=http_request, user=user, email=address)
    return user


@transaction.atomic
def create_staff(
    *,
    email: str,
    name: str,
    title: str,
    roles: list[Role],
    password: str | None,
    actor: User | None,
    is_demo: bool = False,
) -> User:
    """This will create a person with roles. :raises BadInput: when the address is taken."""
    if User.objects.filter(email__iexact=email).exists():
        raise BadInput(f"{email} already has an account.")
    initial = password is not None and not is_demo
    user = User.objects.create_user(
        email, password, name=name, title=title, is_demo=is_demo, password_is_initial=initial
    )
    audit.record(action="account.created", actor=actor, subject=user)
    for role in roles:
        grant_role(user=user, role=role, actor=actor)
    return user


@transaction.atomic
def change_password(*, user: User, password: str) -> None:
    """This will set the password a person has chosen; the form has checked the old one and the new."""
    user.set_password(password)
    user.password_is_initial = False
    user.save(update_fields=["password", "password_is_initial"])
    AuthToken.objects.filter(user=user).delete()
    audit.record(action="account.password_changed", actor=user, subject=user)


@transaction.atomic
def grant_role(*, user: User, role: Role, actor: User | None) -> None:
    require_admin(actor)
    _, created = RoleGrant.objects.get_or_create(user=user, role=role, defaults={"granted_by": actor})
    user.__dict__.pop("_roles", None)
    if created:
        audit.record(action="account.role_granted", actor=actor, subject=user, detail={"role": role})


@transaction.atomic
def revoke_role(*, user: User, role: Role, actor: User) -> None:
    require_admin(actor)
    removed, _ = RoleGrant.objects.filter(user=user, role=role).delete()
    user.__dict__.pop("_roles", None)
    if removed:
        audit.record(action="account.role_revoked", actor=actor, subject=user, detail={"role": role})


@transaction.atomic
def deactivate(*, user: User, actor: User) -> None:
    """This will end a person's access at once: sessions stop at the next request, tokens are deleted."""
    require_admin(actor)
    if user.pk == actor.pk:
        raise NotAllowed("You cannot end your own access. Ask another administrator.")
    User.objects.filter(pk=user.pk).update(is_active=False)
    AuthToken.objects.filter(user=user).delete()
    audit.record(action="account.deactivated", actor=actor, subject=user)


def require_admin(actor: User | None) -> None:
    """:raises NotAllowed: unless the actor administers; None is the system itself (setup, demo)."""
    if actor is not None and not actor.may(Permission.ADMINISTER):
        raise NotAllowed("Only an administrator may change people and roles.")


def token_for(*, email: str, password: str, code: str, http_request: HttpRequest) -> tuple[AuthToken, str]:
    """This will give staff an expiring API token for password and authenticator code: the page's two factors.

    :raises BadCredentials: one answer for every wrong part.
    """
    refusal = BadCredentials("The e-mail address, password or code is wrong.")
    user = authenticate(http_request, email=email, password=password)
    if not isinstance(user, User):
        raise refusal  # Django's own signal has written that down
    if not is_mfa_enabled(user) or not may_enter(user) or user.password_is_initial:
        audit.record_denied(action="account.token", actor=user, subject=user, why="not_here")
        raise refusal
    authenticators = Authenticator.objects.filter(user=user, type=Authenticator.Type.TOTP)
    if not any(row.wrap().validate_code(code) for row in authenticators):
        audit.record_denied(action="account.token", actor=user, subject=user, why="bad_code")
        raise refusal
    return issue_token(user=user)


def issue_token(*, user: User) -> tuple[AuthToken, str]:
    """This will make an expiring API token, stored hashed, for somebody already signed in."""
    row, token = AuthToken.objects.create(user=user)
    audit.record(action="account.token_issued", actor=user, subject=user)
    return row, token
