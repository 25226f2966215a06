"""Who may do what: roles and the named permissions each carries. Pure."""

from enum import StrEnum


class Permission(StrEnum):
    SEE_REQUESTS = "see_requests"
    WORK_REQUESTS = "work_requests"  # claim, acknowledge, search, message, note
    ASSIGN_REQUESTS = "assign_requests"
    ADD_RECORDS = "add_records"
    REDACT = "redact"
    APPROVE = "approve"
    RELEASE = "release"
    CHARGE = "charge"  # worksheets, estimates
    TAKE_PAYMENT = "take_payment"
    WAIVE_FEES = "waive_fees"
    DECIDE_APPEALS = "decide_appeals"
    READ_AUDIT = "read_audit"
    PUBLISH_SCHEDULES = "publish_schedules"
    ADOPT_LAW = "adopt_law"  # counsel: says that a rule agrees with the official code
    DECIDE_CONFLICTS = "decide_conflicts"  # counsel: a hold against an order to destroy
    KEEP_RETENTION = "keep_retention"  # cases, severities, proposing what is due for destruction
    PURGE = "purge"  # the second person of a destruction
    RECUSE = "recuse"  # another person, who appears in the records or is otherwise not free to judge them
    INVITE_APPROVER = "invite_approver"  # somebody to be the second person for one record
    EDIT_LETTERS = "edit_letters"
    ADMINISTER = "administer"


class Role(StrEnum):
    CLERK = "clerk"
    ANALYST = "analyst"
    APPROVER = "approver"
    FEE_OFFICER = "fee_officer"
    APPEALS_OFFICER = "appeals"
    COUNSEL = "counsel"
    AUDITOR = "auditor"
    ADMIN = "admin"

    @property
    def label(self) -> str:
        return {"appeals": "Appeals officer"}.get(self.value, self.value.replace("_", " ").capitalize())


_DESK = frozenset({Permission.SEE_REQUESTS, Permission.WORK_REQUESTS})

PERMISSIONS: dict[Role, frozenset[Permission]] = {
    Role.CLERK: _DESK
    | {
        Permission.ASSIGN_REQUESTS,
        Permission.ADD_RECORDS,
        Permission.CHARGE,
        Permission.TAKE_PAYMENT,
        Permission.RELEASE,
        Permission.KEEP_RETENTION,
        Permission.RECUSE,
        Permission.INVITE_APPROVER,
    },
    Role.ANALYST: _DESK
    | {
        Permission.ADD_RECORDS,
        Permission.REDACT,
        Permission.CHARGE,
        Permission.RELEASE,
    },
    Role.APPROVER: _DESK
    | {
        Permission.APPROVE,
        Permission.REDACT,
        Permission.WAIVE_FEES,
        Permission.RELEASE,
        Permission.ASSIGN_REQUESTS,
        Permission.KEEP_RETENTION,
        Permission.PURGE,
    },
    Role.FEE_OFFICER: _DESK
    | {
        Permission.CHARGE,
        Permission.TAKE_PAYMENT,
        Permission.WAIVE_FEES,
        Permission.PUBLISH_SCHEDULES,
    },
    Role.APPEALS_OFFICER: frozenset({Permission.SEE_REQUESTS, Permission.DECIDE_APPEALS}),
    Role.COUNSEL: frozenset(
        {
            Permission.SEE_REQUESTS,
            Permission.ADOPT_LAW,
            Permission.DECIDE_CONFLICTS,
            Permission.PURGE,
            Permission.RECUSE,
            Permission.INVITE_APPROVER,
        }
    ),
    Role.AUDITOR: frozenset({Permission.SEE_REQUESTS, Permission.READ_AUDIT}),
    Role.ADMIN: frozenset(
        {
            Permission.SEE_REQUESTS,
            Permission.ASSIGN_REQUESTS,
            Permission.PUBLISH_SCHEDULES,
            Permission.READ_AUDIT,
            Permission.EDIT_LETTERS,
            Permission.RECUSE,
            Permission.INVITE_APPROVER,
            Permission.ADMINISTER,
        }
    ),
}
