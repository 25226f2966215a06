"""Which forms are offered, and which draft a person may go on with."""

from django.contrib.auth.models import AnonymousUser
from django.db.models import QuerySet
from django.urls import reverse

from portal.accounts.models import User
from portal.core.time import now
from requests_app.docket.models import RecordsRequest
from requests_app.docket.rules import Status
from requests_app.intake import services
from requests_app.intake.models import FormDefinition


def active_forms() -> QuerySet[FormDefinition]:
    return FormDefinition.objects.filter(is_active=True)


def requester(user: User | AnonymousUser) -> User | None:
    """This will give the person when she may file: signed in and not staff."""
    return user if isinstance(user, User) and user.is_active and not user.is_records_staff else None


def drafts_of(user: User) -> QuerySet[RecordsRequest]:
    """This will list a person's own unfinished requests, newest first."""
    fresh = RecordsRequest.objects.filter(status=Status.DRAFT, updated_at__gte=now() - services.DRAFT_DAYS)
    return fresh.filter(requester=user).select_related("agency").order_by("-updated_at")


def draft_in_session(key: str, user: User | AnonymousUser) -> RecordsRequest | None:
    """This will give the request whose key a session holds: an unfinished one that nobody else owns, or a
    filed one of the same person."""
    if not key:
        return None
    found = RecordsRequest.objects.filter(key=key).select_related("agency").first()
    if found is None or (found.requester_id is not None and found.requester_id != user.pk):
        return None
    stale = found.status == Status.DRAFT and found.updated_at < now() - services.DRAFT_DAYS
    return None if stale else found


def next_page(draft: RecordsRequest) -> str:
    """This will give the address of the first page of a draft that is not answered yet."""
    definition = services.form_of(draft)
    if not draft.draft_step:
        return reverse("intake:step", args=[definition.steps[0].slug])
    onward = definition.after(draft.draft_step)
    return reverse("intake:step", args=[onward]) if onward else reverse("intake:check")
