"""Who may look at the agency's calendar and who may change it; a refusal is audited."""

from portal.accounts.models import User
from portal.accounts.rules import Permission
from portal.audit import services as audit
from portal.core.errors import NotAllowed
from requests_app.clock import changes


def require_seeing(user: User) -> None:
    """:raises NotAllowed: for people who see no requests: the diff of a change names them."""
    if not user.may(Permission.SEE_REQUESTS):
        _refuse(user, "clock.calendar_seen", "Your role does not include requests.")


def require_changing(user: User) -> None:
    """:raises NotAllowed: for anybody but administrators and the agency's counsel."""
    if not changes.may_change(user):
        _refuse(
            user,
            "clock.calendar_changed",
            "Only an administrator or the agency’s counsel may change the calendar.",
        )


def _refuse(user: User, action: str, sentence: str) -> None:
    audit.record_denied(action=action, actor=user, subject=user, why=NotAllowed.code)
    raise NotAllowed(sentence)
