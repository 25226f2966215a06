"""Rows of the second person: who was invited to be one, and what she pinned to a mark when she said no."""

from datetime import datetime
from typing import ClassVar

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q

from redaction.plans import second_triggers

_USER = settings.AUTH_USER_MODEL


class InvitationQuerySet(models.QuerySet["Invitation"]):
    def standing(self, at: datetime) -> "InvitationQuerySet":
        """Neither used nor taken back nor past its day."""
        return self.filter(used_at=None, ended_at=None, expires_at__gt=at)


class Invitation(models.Model):
    """One person asked to be the second person for one record, where a unit has nobody else.

    It adds a second person and never takes the rule away: whoever marked the record, is recused from it or
    invited herself is not let in by it.
    """

    review = models.ForeignKey("plans.Review", on_delete=models.PROTECT, related_name="invitations")
    person = models.ForeignKey(_USER, on_delete=models.PROTECT, related_name="invitations")
    invited_by = models.ForeignKey(_USER, on_delete=models.PROTECT, related_name="+")
    why = models.TextField(max_length=500)
    at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)  # when she approved
    ended_at = models.DateTimeField(null=True, blank=True)  # when it was taken back

    objects = InvitationQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(name="nobody_invites_herself", condition=~Q(person=F("invited_by"))),
            models.CheckConstraint(name="invitation_says_why", condition=~Q(why="")),
            models.CheckConstraint(name="invitation_ends", condition=Q(expires_at__gt=F("at"))),
            models.CheckConstraint(
                name="invitation_used_or_taken_back", condition=Q(used_at=None) | Q(ended_at=None)
            ),
            models.UniqueConstraint(
                fields=["review", "person"],
                condition=Q(used_at=None, ended_at=None),
                name="one_open_invitation",
            ),
        ]
        ordering: ClassVar = ["-id"]
        triggers: ClassVar = [
            pgtrigger.Protect(name="invitation_stays", operation=pgtrigger.Delete),
            pgtrigger.Trigger(
                name="invitation_only_ended_once",
                when=pgtrigger.Before,
                operation=pgtrigger.Update,
                func=second_triggers.INVITATION_ONLY_ENDED_ONCE,
            ),
            pgtrigger.Trigger(
                name="invitation_is_to_a_third",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
                func=second_triggers.INVITATION_IS_TO_A_THIRD,
            ),
        ]

    def __str__(self) -> str:
        return f"invitation for {self.review}"


class Pin(models.Model):
    """One thing to be changed, pinned to one mark of the version that was sent back."""

    send_back = models.ForeignKey("plans.SendBack", on_delete=models.PROTECT, related_name="pins")
    mark_id = models.CharField(max_length=200)
    text = models.TextField(max_length=1000)
    resolved_at = models.DateTimeField(null=True, blank=True)
    resolved_by = models.ForeignKey(_USER, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    answer = models.TextField(max_length=500, blank=True, default="")  # what was done about it

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(name="pin_says_what", condition=~Q(text="") & ~Q(mark_id="")),
            models.CheckConstraint(
                name="pin_resolved_by_somebody",
                condition=Q(resolved_at=None, resolved_by=None, answer="")
                | Q(resolved_at__isnull=False, resolved_by__isnull=False),
            ),
        ]
        ordering: ClassVar = ["id"]
        triggers: ClassVar = [
            pgtrigger.Protect(name="pin_stays", operation=pgtrigger.Delete),
            pgtrigger.Trigger(
                name="pin_only_resolved_once",
                when=pgtrigger.Before,
                operation=pgtrigger.Update,
                func=second_triggers.PIN_ONLY_RESOLVED_ONCE,
            ),
        ]

    def __str__(self) -> str:
        return f"pin on {self.mark_id}"
