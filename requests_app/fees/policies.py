"""Who may do what with a fee and its money."""

from portal.accounts.models import User
from portal.accounts.rules import Permission
from portal.core.errors import NotAllowed
from requests_app.docket.models import RecordsRequest
from requests_app.fees.models import FeeCase, Refund

SENTENCES = {
    Permission.SEE_REQUESTS: "Your role does not include this page.",
    Permission.TAKE_PAYMENT: "Your role does not include taking payments.",
    Permission.WAIVE_FEES: "Your role does not include giving up what is owed.",
    Permission.PUBLISH_SCHEDULES: "Your role does not include changing what the agency charges.",
}


def require(actor: User, permission: Permission) -> None:
    """This will let through whoever has the permission. :raises NotAllowed: otherwise."""
    if not actor.may(permission):
        raise NotAllowed(SENTENCES.get(permission, "Your role does not include this."))


def may_read_books(user: User) -> bool:
    """Whoever takes money, and auditors."""
    return user.may(Permission.TAKE_PAYMENT) or user.may(Permission.READ_AUDIT)


def require_books(user: User) -> None:
    """:raises NotAllowed: for whoever has nothing to do with the money."""
    if not may_read_books(user):
        raise NotAllowed("Your role does not include the books.")


def require_requester(case: FeeCase, actor: User, otherwise: str) -> None:
    """:raises NotAllowed: for anybody but the person who filed the request."""
    if case.request.requester_id != actor.pk:
        raise NotAllowed(otherwise)


def is_requester(request: RecordsRequest, user: User) -> bool:
    return request.requester_id == user.pk


def may_decide_refund(user: User, refund: Refund) -> bool:
    """The second person: one who may give up what is owed, and not the one who asked."""
    return user.may(Permission.WAIVE_FEES) and refund.asked_by_id != user.pk
