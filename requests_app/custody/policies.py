"""Who may add, fetch and attest."""

from portal.accounts.models import User
from portal.accounts.rules import Permission
from requests_app.custody.models import ResponsiveRecord
from requests_app.docket.models import RecordsRequest


def may_add(user: User, request: RecordsRequest) -> bool:
    return user.may(Permission.ADD_RECORDS)


def may_fetch_original(user: User, record: ResponsiveRecord) -> bool:
    """Only those whose work needs the unredacted file."""
    return any(
        user.may(permission) for permission in (Permission.ADD_RECORDS, Permission.REDACT, Permission.APPROVE)
    )


def may_attest(user: User, request: RecordsRequest) -> bool:
    return user.may(Permission.WORK_REQUESTS)
