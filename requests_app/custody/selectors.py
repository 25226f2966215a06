"""Which records, holds and preservation tasks a request has, and who may see them."""

from django.db.models import QuerySet
from django.http import Http404

from portal.accounts.models import User
from portal.accounts.rules import Permission
from portal.audit import services as audit
from requests_app.custody.models import Hold, PreservationTask, ResponsiveRecord
from requests_app.docket.models import RecordsRequest


def records_of(request: RecordsRequest) -> QuerySet[ResponsiveRecord]:
    """This will list a request's records in their order."""
    return ResponsiveRecord.objects.filter(request=request).select_related("item", "uploaded_by")


def get_record(user: User, key: str) -> ResponsiveRecord:
    """This will load a record for staff. Anybody else, the requester too, sees that it does not exist.

    :raises Http404: for both, and audits the refusal where the record exists.
    """
    found = (
        ResponsiveRecord.objects.select_related("request__agency", "item", "uploaded_by")
        .filter(key=key)
        .first()
    )
    if found is None:
        raise Http404
    visible = RecordsRequest.objects.visible_to(user).filter(pk=found.request_id).exists()
    if not (visible and user.may(Permission.SEE_REQUESTS)):
        audit.record_denied(
            action="custody.record_viewed",
            actor=user,
            subject=found,
            request_key=found.request.key,
            why="not_found",
        )
        raise Http404
    return found


def open_tasks(request: RecordsRequest) -> QuerySet[PreservationTask]:
    """This will list what still has to be preserved, the soonest destruction first."""
    return request.preservation_tasks.filter(attested_at=None).order_by("destroy_on", "pk")


def holds_in_force(request: RecordsRequest) -> QuerySet[Hold]:
    return request.holds.filter(released_at=None).order_by("placed_at")
