"""Who may add, fetch, attest and destroy."""

from django.db.models import Model

from portal.accounts.models import User
from portal.accounts.rules import Permission
from portal.audit import services as audit
from portal.core.errors import NotAllowed
from requests_app.custody.models import ResponsiveRecord
from requests_app.docket.models import RecordsRequest

_SENTENCES = {
    Permission.KEEP_RETENTION: "Your role does not include keeping retention.",
    Permission.PURGE: "Your role does not include confirming a destruction.",
    Permission.DECIDE_CONFLICTS: "Only counsel decides whether a record on hold is kept or destroyed.",
    Permission.SEE_REQUESTS: "Your role does not include requests.",
}
# held past the day the law set: for those who work the record and for counsel alone
_BEYOND_POLICY = (
    Permission.ADD_RECORDS,
    Permission.REDACT,
    Permission.APPROVE,
    Permission.KEEP_RETENTION,
    Permission.DECIDE_CONFLICTS,
)


def may_add(user: User, request: RecordsRequest) -> bool:
    return user.may(Permission.ADD_RECORDS)


def may_fetch_original(user: User, record: ResponsiveRecord) -> bool:
    """Only those whose work needs the unredacted file."""
    return any(
        user.may(permission) for permission in (Permission.ADD_RECORDS, Permission.REDACT, Permission.APPROVE)
    )


def may_attest(user: User, request: RecordsRequest) -> bool:
    return user.may(Permission.WORK_REQUESTS)


def may_see_beyond_policy(user: User) -> bool:
    """Who may see what only a hold keeps past the day it should be gone."""
    return any(user.may(permission) for permission in _BEYOND_POLICY)


def require(user: User, permission: Permission, action: str, subject: Model) -> None:
    """This will refuse, with an audit entry. Called outside the step's transaction.

    :raises NotAllowed: for a role without the permission.
    """
    if user.may(permission):
        return
    request = subject if isinstance(subject, RecordsRequest) else getattr(subject, "request", None)
    audit.record_denied(
        action=action,
        actor=user,
        subject=subject,
        request_key=getattr(request, "key", ""),
        why=NotAllowed.code,
    )
    raise NotAllowed(_SENTENCES.get(permission, "Your role does not include this step."))
