"""Who may open the law pages; a refusal is audited."""

from portal.accounts.models import User
from portal.accounts.rules import Permission
from portal.audit import services as audit
from portal.core.errors import NotAllowed

READERS = (Permission.ADMINISTER, Permission.ADOPT_LAW, Permission.READ_AUDIT)
_SENTENCES = {
    Permission.ADMINISTER: "This page is for administrators.",
    Permission.ADOPT_LAW: "This page is for the agency’s counsel.",
}


def may_read(user: User) -> bool:
    """Administrators write the law, counsel adopts it, auditors read it."""
    return any(user.may(permission) for permission in READERS)


def require_reader(user: User) -> None:
    """:raises NotAllowed: for staff whose role does not open the law pages."""
    if not may_read(user):
        _refuse(user, "law.read", "This page is for administrators, counsel and auditors.")


def require(user: User, permission: Permission) -> None:
    """:raises NotAllowed: for staff whose role does not open the page."""
    if not user.may(permission):
        _refuse(user, f"law.{permission}", _SENTENCES[permission])


def _refuse(user: User, action: str, sentence: str) -> None:
    audit.record_denied(action=action, actor=user, subject=user, why=NotAllowed.code)
    raise NotAllowed(sentence)
