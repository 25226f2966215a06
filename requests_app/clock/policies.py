"""Who may look at the agency's calendar and who may change it; a refusal is audited."""

from typing import NoReturn

from portal.accounts.models import User
from portal.accounts.rules import Permission
from portal.audit import services as audit
from portal.core.errors import NotAllowed
from requests_app.clock import changes


def require_seeing(user: User) -> None:
    """:raises NotAllowed: for people who see no requests: the diff of a change names them."""
    if not user.may(Permission.SEE_REQUESTS):
        refuse(user, "clock.calendar_seen", NotAllowed("Your role does not include requests."))


def require_changing(user: User) -> None:
    """:raises NotAllowed: for anybody but administrators and the agency's counsel."""
    if not changes.may_change(user):
        why = NotAllowed("Only an administrator or the agency’s counsel may change the calendar.")
        refuse(user, "clock.calendar_changed", why)


def refuse(user: User, action: str, error: NotAllowed) -> NoReturn:
    """:raises NotAllowed: the error, after an audit entry."""
    audit.record_denied(action=action, actor=user, subject=user, why=error.code)
    raise error
