"""Who may be let in at all, whatever the address."""

from typing import TYPE_CHECKING

from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request

from portal.accounts.models import User
from portal.accounts.rules import Permission
from portal.core.errors import NotAllowed

if TYPE_CHECKING:
    from rest_framework.views import APIView  # it reads the settings that name the class below


def may_enter(user: User) -> bool:
    """This will tell whether the person may use this process: the public role lets no staff in."""
    return settings.ROLE != "public" or not user.is_records_staff


def require(user: User, permission: Permission, otherwise: str = "Your role does not include this.") -> None:
    """This will let through whoever has a permission.

    :raises NotAllowed: saying ``otherwise``, for everybody else.
    """
    if not user.may(permission):
        raise NotAllowed(otherwise)


class SignedInHere(IsAuthenticated):
    """The API's own guard: a token passes no middleware that asks staff for their second factor."""

    def has_permission(self, request: Request, view: "APIView") -> bool:
        user = request.user
        if not super().has_permission(request, view) or not isinstance(user, User):
            return False
        if user.is_records_staff and (user.password_is_initial or not is_mfa_enabled(user)):
            return False
        return may_enter(user)
