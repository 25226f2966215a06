"""Recusal: a person who must not see a request finds it nowhere, and every room asks here."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, TypeVar

from django.db import models, transaction

from portal.accounts.models import User
from portal.accounts.rules import Permission
from portal.audit import services as audit
from portal.core.errors import BadInput, NotAllowed
from requests_app.docket.models import RecordsRequest, Recusal, barring

Row = TypeVar("Row", bound=models.Model)


class Recused(NotAllowed):
    """The person is recused from the request."""

    code = "recused"


def is_barred(user: User, request: RecordsRequest) -> bool:
    """This will tell whether the person is recused from the request, or from a file it holds."""
    return RecordsRequest.objects.barred_to(user).filter(pk=request.pk).exists()


def require_free(user: User, request: RecordsRequest, action: str) -> None:
    """This will refuse a recused person's step, with an audit entry. Called outside the step's transaction.

    :raises Recused: then.
    """
    if not is_barred(user, request):
        return
    audit.record_denied(action=action, actor=user, subject=request, request_key=request.key, why=Recused.code)
    raise Recused("You are recused from this. A colleague has to do it.")


def without(rows: models.QuerySet[Row], user: User, path: str = "request") -> models.QuerySet[Row]:
    """This will leave out of any list what belongs to a request the person is recused from.

    ``path`` is the lookup from a row to its request; rows without a request stay.
    """
    asked, twins = barring(user)
    return rows.exclude(**{f"{path}__in": asked}).exclude(**{f"{path}__in": twins})


def free(people: Iterable[User], request: RecordsRequest, *, coming: str = "") -> list[User]:
    """This will keep of some people those who may hear of the request.

    ``coming`` is the hash of a file that is about to be one of its records.
    """
    barred = set(barred_people(request, coming=coming).values_list("person", flat=True))
    return [person for person in people if person.pk not in barred]


def barred_people(request: RecordsRequest, *, coming: str = "") -> models.QuerySet[Recusal, Any]:
    """This will give the keys of everybody recused from the request or from a file it holds."""
    files = RecordsRequest.objects.filter(pk=request.pk).values("records__sha256")
    held = models.Q(record_sha256__in=files) | models.Q(record_sha256=coming)
    about_it = models.Q(request=request) | (~models.Q(record_sha256="") & held)
    return Recusal.objects.filter(about_it, ended_at=None).order_by().values("person")


def of_request(request: RecordsRequest) -> models.QuerySet[Recusal]:
    """This will list who is recused from the request, or was; the first one first."""
    return Recusal.objects.filter(request=request).select_related("person", "by", "ended_by").order_by("pk")


def may_recuse(user: User, person: User) -> bool:
    """Anybody herself; another person only those who keep the two-person rule."""
    return person.pk == user.pk or user.may(Permission.RECUSE)


def locked_with_twins(request: RecordsRequest, record_sha256: str) -> list[RecordsRequest]:
    """This will lock a request, and with a file's hash every other that holds the file, in order of keys.

    Two recusals at once that share requests would else wait for each other.
    """
    holding = RecordsRequest.objects.filter(records__sha256=record_sha256) if record_sha256 else None
    meant = models.Q(pk=request.pk) | (models.Q(pk__in=holding.values("pk")) if holding else models.Q())
    return list(RecordsRequest.objects.select_for_update(of=("self",)).filter(meant).order_by("pk"))


@transaction.atomic
def recuse(
    *,
    person: User,
    request: RecordsRequest,
    ground: str,
    why: str,
    by: User,
    at: datetime,
    record_sha256: str = "",
) -> Recusal:
    """This will hide the request from a person and take it out of her hands.

    :raises NotAllowed: when ``by`` may not recuse another.
    :raises BadInput: without a reason, for somebody who does not work here, or a second time.
    """
    if not may_recuse(by, person):
        raise NotAllowed("Your role does not include recusing a colleague. You can recuse yourself.")
    if not person.is_records_staff:
        raise BadInput("Only a member of staff can be recused.")
    if ground not in Recusal.Ground.values:
        raise BadInput("Choose on what ground.")
    if not why.strip():
        raise BadInput("Say why, so that it can be judged later.")
    locked = next(row for row in locked_with_twins(request, record_sha256) if row.pk == request.pk)
    facts: dict[str, Any] = {"person": person, "request": locked, "record_sha256": record_sha256}
    if Recusal.objects.filter(ended_at=None, **facts).exists():
        raise BadInput(f"{person} is recused from this already.")
    row = Recusal.objects.create(ground=ground, why=why.strip()[:500], by=by, at=at, **facts)
    # others that hold the same file too: their mail would go on telling her who asked
    RecordsRequest.objects.barred_to(person).filter(assignee=person).update(assignee=None)
    if locked.assignee_id == person.pk:
        request.assignee = None
    audit.record(
        action="request.recused", actor=by, subject=row, request_key=locked.key,
        detail={"person": person.pk, "ground": ground, "record_sha256": record_sha256,
                "taken_from_her": locked.assignee_id == person.pk},
    )  # fmt: skip
    return row


@transaction.atomic
def end(*, recusal: Recusal, by: User, why: str, at: datetime) -> None:
    """This will let a person see the request again. Never her own decision.

    :raises NotAllowed: for the person herself and for a role without it.
    :raises BadInput: without a reason, or when it has ended.
    """
    if by.pk == recusal.person_id or not by.may(Permission.RECUSE):
        raise NotAllowed("Another person, of the clerk's or counsel's office, ends a recusal.")
    if not why.strip():
        raise BadInput("Say why it ends, so that it can be judged later.")
    ended = Recusal.objects.filter(pk=recusal.pk, ended_at=None)
    if not ended.update(ended_at=at, ended_by=by, ended_why=why.strip()[:500]):
        raise BadInput("This recusal has ended already.")
    audit.record(
        action="request.recusal_ended", actor=by, subject=recusal, request_key=recusal.request.key,
        detail={"person": recusal.person_id},
    )  # fmt: skip
