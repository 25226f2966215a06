"""Who may open the desk's pages; a refusal is audited."""

from portal.accounts.models import User
from portal.accounts.rules import Permission
from portal.audit import services as audit
from portal.core.errors import NotAllowed

_SENTENCES = {
    Permission.ADMINISTER: "This page is for administrators.",
    Permission.READ_AUDIT: "This page is for auditors and administrators.",
    Permission.SEE_REQUESTS: "Your role does not include requests.",
    Permission.WORK_REQUESTS: "Your role does not include writing to requesters.",
}


def require(user: User, permission: Permission) -> None:
    """:raises NotAllowed: for staff whose role does not open the page."""
    if user.may(permission):
        return
    audit.record_denied(action=f"desk.{permission}", actor=user, subject=user, why=NotAllowed.code)
    raise NotAllowed(_SENTENCES[permission])
