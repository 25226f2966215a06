"""Who may file, see and decide an appeal."""

from portal.accounts.models import User
from portal.accounts.rules import Permission
from portal.audit import services as audit
from portal.audit.models import Entry, Outcome
from portal.core.errors import NotAllowed
from redaction.plans.models import Approval, Plan
from redaction.release.models import ReleaseManifest
from requests_app.appeals import rules
from requests_app.appeals.models import Appeal
from requests_app.docket.models import RecordsRequest


class NotIndependent(NotAllowed):
    """The person took part in the decision the appeal is against."""

    code = "not_independent"


def may_file(user: User, request: RecordsRequest) -> bool:
    return request.requester_id == user.pk


def closeness(user: User, appeal: Appeal) -> str:
    """This will say how the person took part in the first decision; empty when she did not."""
    case = appeal.request
    reviews = {"review__record__request": case}
    closed = Entry.objects.filter(
        request_key=case.key, outcome=Outcome.OK, actor=user, action__startswith="request.close_"
    )
    parts = {
        "released_by": ReleaseManifest.objects.filter(request=case, released_by=user).exists(),
        "approver": Approval.objects.filter(approver=user, **reviews).exists(),
        "author": Plan.objects.filter(author=user, **reviews).exists(),
        "assignee": case.assignee_id == user.pk,
        "closer": closed.exists(),
    }
    return rules.closeness(frozenset(part for part, holds in parts.items() if holds))


def require_filer(user: User, request: RecordsRequest) -> None:
    """:raises NotAllowed: for staff on a requester's page: they look, the requester acts."""
    if not may_file(user, request):
        raise NotAllowed("Only the person who filed this request can appeal.")


def require_desk(user: User) -> None:
    """:raises NotAllowed: for staff whose role sees no requests."""
    if not user.may(Permission.SEE_REQUESTS):
        raise NotAllowed("Your role does not include appeals.")


def require_decider(user: User, appeal: Appeal, action: str) -> None:
    """This will refuse who may not decide, or is too close, with an audit entry of the refusal.

    Called outside the step's transaction, or the entry would be rolled back with it.

    :raises NotAllowed: without the permission. :raises NotIndependent: after a part in the first decision.
    """
    if not user.may(Permission.DECIDE_APPEALS):
        _refuse(user, appeal, action, NotAllowed("Your role does not include deciding appeals."))
    if why := closeness(user, appeal):
        _refuse(user, appeal, action, NotIndependent(why))


def _refuse(user: User, appeal: Appeal, action: str, error: NotAllowed) -> None:
    audit.record_denied(
        action=f"appeal.{action}",
        actor=user,
        subject=appeal,
        request_key=appeal.request.key,
        why=error.code,
    )
    raise error
