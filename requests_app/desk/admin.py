"""Django's admin as a window: it shows rows and changes none; every change belongs to a service."""

from typing import Any

from django.contrib import admin
from django.db import models
from django.http import HttpRequest, HttpResponse

from portal.accounts.models import User
from portal.audit import services as audit
from portal.audit.models import Entry
from portal.core.models import Job
from redaction.plans.models import Approval, Review
from redaction.release.models import ReleaseManifest
from requests_app.clock.models import ClockEvent
from requests_app.correspondence.models import Letter, OutgoingMail
from requests_app.custody.models import Hold, PreservationTask, ResponsiveRecord
from requests_app.docket.models import RecordsRequest
from requests_app.docket.recusals import without
from requests_app.fees.models import (
    Dispute,
    Estimate,
    FeeCase,
    Invoice,
    LedgerEntry,
    Payment,
    PublishedSchedule,
    Receipt,
    Refund,
)
from requests_app.law.models import Exemption, LawPack

_PATHS: dict[type[models.Model], str] = {
    RecordsRequest: "pk",
    **dict.fromkeys(
        (
            ClockEvent,
            ResponsiveRecord,
            Hold,
            PreservationTask,
            ReleaseManifest,
            FeeCase,
            Letter,
            OutgoingMail,
        ),
        "request",
    ),
    **dict.fromkeys((Estimate, Payment, LedgerEntry, Invoice, Receipt), "case__request"),
    **dict.fromkeys((Refund, Dispute), "payment__case__request"),
    Review: "record__request",
    Approval: "review__record__request",
    Entry: "request_key",
}
"""The way from a row to its request, for every kind that belongs to one."""


class Window(admin.ModelAdmin):  # type: ignore[type-arg]  # takes none at run time
    """Look, do not touch: no form to add, no field to change, nothing to delete."""

    actions = None
    list_per_page = 50
    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False

    def change_view(self, request: HttpRequest, object_id: str, *rest: Any, **more: Any) -> HttpResponse:
        """Every look at a row is written down, as on the desk's own pages."""
        response = super().change_view(request, object_id, *rest, **more)
        if found := self.get_object(request, object_id):
            actor = request.user if isinstance(request.user, User) else None
            audit.record(action="admin.viewed", actor=actor, subject=found)
        return response

    def has_delete_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False


class _Kept(Window):
    """A window on rows of requests: what the reader is recused from is not there. ``path`` leads to it."""

    path = "request"

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[Any]:
        rows = super().get_queryset(request)
        if not isinstance(request.user, User):
            return rows.none()
        if self.model is Entry:
            return rows.exclude(request_key__in=RecordsRequest.objects.barred_to(request.user).values("key"))
        return without(rows, request.user, self.path)


def _window(model: type[models.Model], columns: tuple[str, ...], hidden: tuple[str, ...] = ()) -> None:
    """This will register a model to be looked at; ``hidden`` fields never reach the page."""
    shown = {"list_display": columns, "exclude": hidden, "list_select_related": True}
    path = _PATHS.get(model)
    if path is not None:
        shown["path"] = path
    admin.site.register(model, type(f"{model.__name__}Window", (_Kept if path else Window,), shown))


_window(
    RecordsRequest, ("number", "status", "disposition", "received_at", "due_on", "assignee"), ("answers",)
)
_window(ClockEvent, ("request", "type", "at", "actor"))
_window(ResponsiveRecord, ("request", "position", "title", "medium", "size", "sha256"), ("address",))
_window(Hold, ("request", "scope", "placed_at", "released_at"))
_window(PreservationTask, ("request", "what", "destroy_on", "attested_by", "attested_at"))
_window(Review, ("record", "status"))
_window(Approval, ("review", "approver", "prepared_by", "at"))
_window(ReleaseManifest, ("request", "number", "status", "outcome", "issued_at"), ("address",))
_window(FeeCase, ("request", "state"))
_window(Estimate, ("case", "version", "billed_cents", "sent_at"))
_window(Payment, ("case", "gateway", "amount_cents", "state", "paid_at"))
_window(LedgerEntry, ("case", "account", "amount_cents", "kind", "memo", "at"))
_window(Invoice, ("case", "kind", "number", "amount_cents", "issued_on"))
_window(Receipt, ("case", "number", "amount_cents", "issued_at"))
_window(Refund, ("payment", "amount_cents", "state", "asked_by", "decided_by"))
_window(Dispute, ("payment", "reference", "amount_cents", "state"))
_window(PublishedSchedule, ("name", "version", "status", "effective_from", "effective_to"))
_window(LawPack, ("code", "version", "effective_from", "loaded_at", "published_by"))
_window(Exemption, ("law", "code", "citation", "valid_from", "valid_to"))
_window(Letter, ("request", "kind", "subject", "sent_at"), ("html", "pdf_address"))
_window(OutgoingMail, ("subject", "to", "state", "created_at", "sent_at"), ("text", "html"))
_window(Job, ("kind", "queue", "state", "attempts", "created_at", "finished_at"), ("said",))
_window(Entry, ("seq", "at", "actor", "action", "outcome", "subject_type", "subject_id"))
_window(User, ("email", "name", "title", "is_active", "date_joined"), ("password",))
