import pytest
from django.db import IntegrityError, transaction

from portal.accounts import services
from portal.accounts.models import User
from portal.accounts.rules import PERMISSIONS, Permission, Role
from portal.audit.models import Entry
from portal.core.errors import BadInput, NotAllowed
from tests.builders import a_user

pytestmark = pytest.mark.django_db


def test_staff_are_made_with_their_roles_and_audited() -> None:
    admin = a_user(Role.ADMIN)

    user = services.create_staff(
        email="Rosa@Larkspur.example", name="Rosa", title="Clerk", roles=[Role.CLERK, Role.AUDITOR],
        password=None, actor=admin,
    )  # fmt: skip

    assert user.email == "rosa@larkspur.example"
    assert user.roles == {Role.CLERK, Role.AUDITOR}
    assert not user.has_usable_password()
    assert Entry.objects.filter(action="account.role_granted", actor=admin).count() == 2


def test_address_is_taken_in_any_case() -> None:
    taken = a_user(email="ann@people.example")

    with pytest.raises(BadInput, match="already has an account"):
        services.create_staff(
            email="ANN@people.example", name="A", title="", roles=[], password=None, actor=None
        )
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.create(email="Ann@People.example")
    assert User.objects.get_by_natural_key("ANN@PEOPLE.EXAMPLE") == taken


def test_roles_are_granted_and_revoked_once() -> None:
    admin, user = a_user(Role.ADMIN), a_user()
    assert not user.is_records_staff

    for _ in range(2):
        services.grant_role(user=user, role=Role.ANALYST, actor=admin)
    assert user.may(Permission.REDACT)
    for _ in range(2):
        services.revoke_role(user=user, role=Role.ANALYST, actor=admin)

    assert not user.may(Permission.REDACT)
    assert [entry.action for entry in Entry.objects.order_by("seq")] == [
        "account.role_granted",
        "account.role_revoked",
    ]


@pytest.mark.parametrize("role", [None, *(role for role in Role if role != Role.ADMIN)])
def test_only_administrators_change_people(role: Role | None) -> None:
    actor, user = a_user(*([role] if role else [])), a_user(Role.CLERK)

    with pytest.raises(NotAllowed):
        services.grant_role(user=actor, role=Role.ADMIN, actor=actor)
    with pytest.raises(NotAllowed):
        services.revoke_role(user=user, role=Role.CLERK, actor=actor)
    with pytest.raises(NotAllowed):
        services.deactivate(user=user, actor=actor)
    with pytest.raises(NotAllowed):
        services.create_staff(
            email="x@y.example", name="X", title="", roles=[Role.ADMIN], password=None, actor=actor
        )

    assert not User.objects.filter(email="x@y.example").exists()
    assert user.grants.count() == 1


def test_nobody_ends_their_own_access() -> None:
    admin = a_user(Role.ADMIN)

    with pytest.raises(NotAllowed, match="your own"):
        services.deactivate(user=admin, actor=admin)


def test_ended_access_carries_no_permission() -> None:
    clerk = a_user(Role.CLERK)

    services.deactivate(user=clerk, actor=a_user(Role.ADMIN))

    gone = User.objects.get(pk=clerk.pk)
    assert not gone.may(Permission.SEE_REQUESTS)
    assert not gone.is_records_staff


@pytest.mark.parametrize("role", list(Role))
def test_person_may_what_the_role_says_and_nothing_else(role: Role) -> None:
    user = a_user(role)

    assert {permission for permission in Permission if user.may(permission)} == PERMISSIONS[role]
    assert user.is_staff == (role == Role.ADMIN)
    assert user.has_perm("any") == user.has_perms(["any"]) == user.has_module_perms("x") == user.is_staff
    assert not user.is_superuser
    assert role.label[0].isupper()


def test_nobody_who_redacts_alone_may_also_approve() -> None:
    assert Permission.APPROVE not in PERMISSIONS[Role.ANALYST]
    assert not PERMISSIONS[Role.ADMIN] & {Permission.REDACT, Permission.APPROVE, Permission.RELEASE}


def test_people_are_found_by_role() -> None:
    clerk, _requester = a_user(Role.CLERK), a_user()

    assert list(User.objects.get_queryset().staff()) == [clerk]
    assert list(User.objects.get_queryset().with_role(Role.CLERK)) == [clerk]
    assert str(clerk.grants.get()) == f"{clerk}: clerk"
    assert clerk.get_full_name() == clerk.name


def test_address_of_staff_or_of_ended_access_files_nothing() -> None:
    gone = a_user(is_active=False)

    for email in (gone.email, a_user(Role.CLERK).email.upper()):
        with pytest.raises(services.StaffAddress):
            services.begin_code_sign_in(http_request=None, email=email)  # type: ignore[arg-type]  # refused before it is read
