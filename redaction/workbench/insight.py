"""Who may look into the unredacted record, and how that is written down. Every picture, word, row, second of
sound and proxy of an original passes here first; what was made of it (the redacted copy) passes
``require_result``, which a closed request does not shut.
"""

from typing import TYPE_CHECKING, Any, TypeVar

from django.core.cache import cache
from django.http import HttpResponseBase

from portal.accounts.models import User
from portal.audit import services as audit
from portal.core.errors import DomainError, IllegalMove, NotAllowed
from redaction.plans import policies
from redaction.plans.models import Review
from redaction.plans.rows import require_open_to_look
from requests_app.custody.models import ResponsiveRecord

if TYPE_CHECKING:
    from redaction.workbench.page import Desk

Answer = TypeVar("Answer", bound=HttpResponseBase)
_AN_HOUR = 3600  # seconds; many pictures of one record in an hour are one look


def require_insight(desk: "Desk") -> None:
    """This will let a person on who may look into this record now.

    :raises NotAllowed: for a role without insight; audited.
    :raises IllegalMove: when the request is closed and nothing has opened this record again; audited.
    """
    require_insight_into(desk.user, desk.review)


def require_insight_into(user: User, review: Review) -> None:
    """This will do the same for an endpoint that has no need of a whole desk."""
    require_result(user, review)
    try:
        require_open_to_look(review)
    except IllegalMove as error:
        _refuse(user, review, error)


def require_result(user: User, review: Review) -> None:
    """This will let a person on who may look at what was made of this record, in a closed request too.

    :raises NotAllowed: for a role without insight; audited.
    """
    if not policies.may_look(user, review):
        _refuse(user, review, NotAllowed("Your role does not include looking into unredacted files."))


def may_look(user: User, review: Review) -> bool:
    """This will tell, without a trace, whether ``require_insight`` would let the person on."""
    if not policies.may_look(user, review):
        return False
    try:
        require_open_to_look(review)
    except IllegalMove:
        return False
    return True


def note_look(desk: "Desk", action: str, **detail: Any) -> None:
    """This will write that this person looked, once an hour for each person, record and kind of look.

    ``action`` is an audit action such as ``custody.preview_viewed``; ``detail`` of the first look is kept.
    """
    note_look_into(desk.user, desk.record, action, **detail)


def note_look_into(user: User, record: ResponsiveRecord, action: str, **detail: Any) -> None:
    """This will do the same for an endpoint that has no need of a whole desk."""
    name = f"look:{action}:{user.pk}:{record.pk}"
    if cache.get(name) is None:
        audit.record(action=action, actor=user, subject=record, request_key=record.request.key, detail=detail)
        cache.set(name, 1, _AN_HOUR)  # after the entry: a lost cache writes one too many, never one too few


def private(response: Answer) -> Answer:
    """This will forbid every cache to keep an answer and every browser to guess what it is."""
    response["Cache-Control"] = "no-store, private"
    response["X-Content-Type-Options"] = "nosniff"
    return response


def _refuse(user: User, review: Review, error: DomainError) -> None:
    audit.record_denied(
        action="custody.preview_viewed",
        actor=user,
        subject=review.record,
        request_key=review.record.request.key,
        why=error.code,
    )
    raise error
