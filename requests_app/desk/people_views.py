"""The administrators' page about staff: who works here, in which roles, since when."""

import secrets
from dataclasses import dataclass

from allauth.mfa.models import Authenticator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from portal.accounts import services
from portal.accounts.models import User
from portal.accounts.rules import PERMISSIONS, Permission, Role
from portal.core.errors import BadInput
from portal.core.http import AuthedRequest, say
from requests_app.desk.access import require
from requests_app.desk.admin_forms import PersonForm, RoleForm

PASSWORD_BYTES = 15  # 120 random bits, shown once and kept only as a hash


@dataclass(frozen=True)
class StaffRow:
    """One person, her roles in the table's order, and the form that adds one."""

    person: User
    roles: list[Role]
    second_factor: bool
    form: RoleForm | None


@require_http_methods(["GET", "POST"])
def people(request: AuthedRequest) -> HttpResponse:
    require(request.user, Permission.ADMINISTER)
    form = PersonForm(request.POST or None, auto_id="new-%s")
    shown: dict[str, object] = {}
    if request.method == "POST" and form.is_valid():
        password = secrets.token_urlsafe(PASSWORD_BYTES)
        sent = form.cleaned_data
        try:
            person = services.create_staff(
                email=sent["email"],
                name=sent["name"],
                title=sent["title"],
                roles=[Role(role) for role in sent["roles"]],
                password=password,
                actor=request.user,
            )
        except BadInput as refusal:
            form.add_error("email", str(refusal))
        else:
            # the answer to this one post; nothing keeps the password, so asking again cannot show it
            shown = {"added": person, "password": password}
            form = PersonForm(auto_id="new-%s")
    context = {"rows": _rows(), "matrix": _matrix(), "roles": list(Role), "form": form, **shown}
    return render(request, "desk/people.html", context, status=422 if form.errors else 200)


@require_POST
def grant(request: AuthedRequest, pk: int) -> HttpResponse:
    require(request.user, Permission.ADMINISTER)
    person, role = _person(pk), _role(request)
    services.grant_role(user=person, role=role, actor=request.user)
    say(request, f"{person} is {role.label.lower()} now.")
    return redirect("desk:people")


@require_POST
def revoke(request: AuthedRequest, pk: int) -> HttpResponse:
    """Take a role away; one's own administration stays, so that somebody always can let others in."""
    require(request.user, Permission.ADMINISTER)
    person, role = _person(pk), _role(request)
    if person.pk == request.user.pk and role == Role.ADMIN:
        raise BadInput("You cannot take your own administration away. Ask another administrator.")
    services.revoke_role(user=person, role=role, actor=request.user)
    say(request, f"{person} is no longer {role.label.lower()}.")
    return redirect("desk:people")


@require_POST
def deactivate(request: AuthedRequest, pk: int) -> HttpResponse:
    require(request.user, Permission.ADMINISTER)
    person = _person(pk)
    services.deactivate(user=person, actor=request.user)
    say(request, f"{person} can no longer sign in. What she or he did stays in the record.")
    return redirect("desk:people")


def _person(pk: int) -> User:
    """This will load a member of staff; a requester's number looks like one that does not exist."""
    return get_object_or_404(User.objects.get_queryset().staff(), pk=pk)


def _role(request: AuthedRequest) -> Role:
    form = RoleForm(request.POST)
    if not form.is_valid():
        raise BadInput("Choose a role from the list.")
    return Role(form.cleaned_data["role"])


def _rows() -> list[StaffRow]:
    staff = User.objects.get_queryset().staff().prefetch_related("grants").order_by("-is_active", "name")
    enrolled = set(
        Authenticator.objects.filter(type=Authenticator.Type.TOTP).values_list("user_id", flat=True)
    )
    rows = []
    for person in staff:
        held = {grant.role for grant in person.grants.all()}
        person._roles = frozenset(map(Role, held))  # read already, with everybody's, in one query
        adds = RoleForm(person=person, auto_id=f"role-{person.pk}-%s") if person.is_active else None
        rows.append(StaffRow(person, [role for role in Role if role in held], person.pk in enrolled, adds))
    return rows


def _matrix() -> list[dict[str, object]]:
    return [
        {
            "words": permission.value.replace("_", " ").capitalize(),
            "held": [permission in PERMISSIONS[role] for role in Role],
        }
        for permission in Permission
    ]
