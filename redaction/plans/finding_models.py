"""Rows of consistency: what a result says, what a record looks like, and where the same stands open."""

from typing import ClassVar

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q

from redaction.plans import leaving_triggers, open_triggers
from requests_app.custody.models import ResponsiveRecord

_USER = settings.AUTH_USER_MODEL
SAME = {
    "text": "the same words",
    "file": "the same file",
    "page": "the same page",
    "picture": "a picture that looks the same",
    "film": "a film that looks the same",
    "plate": "the same plates",
    "limit": "not all was compared",
}
OUTCOMES = {
    "mark_there": "marked there too",
    "leave": "left as it is",
    "follow_up": "to be put right where it was released",
}


class CopyWords(models.Model):
    """The words of a redacted copy, folded for comparing: what it leaves legible, page by page."""

    render = models.OneToOneField("plans.Render", on_delete=models.PROTECT, related_name="words")
    folded = models.TextField(blank=True)  # pages parted by form feeds
    whole = models.BooleanField(default=True)  # False: the copy is too long, or could not be read

    class Meta:
        triggers: ClassVar = [pgtrigger.Protect(name="copy_words_are_fixed", operation=pgtrigger.Update)]

    def __str__(self) -> str:
        return f"words of {self.render}"


_TRAITS = [(name, name) for name in ("page", "picture", "film", "shape")]


class Likeness(models.Model):
    """A trait by which the same page or picture is known again in another file."""

    record = models.ForeignKey(ResponsiveRecord, on_delete=models.PROTECT, related_name="likenesses")
    kind = models.CharField(max_length=8, choices=_TRAITS)
    position = models.PositiveIntegerField()  # page from 1; of a film the sample from 1
    value = models.CharField(max_length=64)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["record", "kind", "position"], name="likeness_once")
        ]
        indexes: ClassVar = [models.Index(fields=["kind", "value"], name="likeness_by_value")]
        triggers: ClassVar = [
            pgtrigger.Protect(name="likeness_is_fixed", operation=pgtrigger.Update),
            pgtrigger.Trigger(
                name="likeness_goes_with_its_record",
                when=pgtrigger.Before,
                operation=pgtrigger.Delete,
                func=leaving_triggers.LIKENESS_LEAVES,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.position} of {self.record}"


class Finding(models.Model):
    """The same withheld in one record and open in another. ``key`` stays while both are as they are."""

    render = models.ForeignKey("plans.Render", on_delete=models.PROTECT, related_name="findings")
    review = models.ForeignKey("plans.Review", on_delete=models.PROTECT, related_name="findings")
    key = models.CharField(max_length=64)
    same = models.CharField(max_length=8, choices=list(SAME.items()))
    open_here = models.BooleanField()  # marked there and open in this result, else the other way round
    other = models.ForeignKey(ResponsiveRecord, on_delete=models.PROTECT, related_name="+")
    released = models.BooleanField()  # the other has left already
    words = models.CharField(max_length=300, blank=True)  # stays inside the agency, as the mark does
    mark_id = models.CharField(max_length=200, blank=True)
    places = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["render", "key"], name="finding_once_a_render"),
            models.CheckConstraint(name="finding_same_known", condition=Q(same__in=list(SAME))),
        ]
        ordering: ClassVar = ["id"]
        triggers: ClassVar = [
            pgtrigger.Protect(name="finding_stays", operation=pgtrigger.Delete),
            pgtrigger.Trigger(
                name="finding_is_fixed",
                when=pgtrigger.Before,
                operation=pgtrigger.Update,
                func=leaving_triggers.fixed(leaving_triggers.OF_FINDING, texts=("words", "places")),
            ),
        ]

    def __str__(self) -> str:
        return f"{SAME[self.same]} in {self.other}"


class FindingDecision(models.Model):
    """What a person did about a finding. It holds for later results too, while both records stay as is."""

    review = models.ForeignKey("plans.Review", on_delete=models.PROTECT, related_name="finding_decisions")
    finding = models.ForeignKey(Finding, on_delete=models.PROTECT, related_name="decisions")
    key = models.CharField(max_length=64)
    outcome = models.CharField(max_length=12, choices=list(OUTCOMES.items()))
    why = models.CharField(max_length=500)
    by = models.ForeignKey(_USER, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["review", "key"], name="finding_decided_once"),
            models.CheckConstraint(name="finding_decided_why", condition=~Q(why="")),
            models.CheckConstraint(name="finding_outcome_known", condition=Q(outcome__in=list(OUTCOMES))),
        ]
        ordering: ClassVar = ["id"]
        triggers: ClassVar = [
            pgtrigger.Protect(name="finding_decision_stays", operation=pgtrigger.Delete),
            pgtrigger.Trigger(
                name="finding_decision_is_fixed",
                when=pgtrigger.Before,
                operation=pgtrigger.Update,
                func=leaving_triggers.fixed(leaving_triggers.OF_REVIEW, texts=("why",)),
            ),
            pgtrigger.Trigger(
                name="finding_decision_fits",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
                func=open_triggers.FINDING_DECISION_FITS,
            ),
        ]

    def __str__(self) -> str:
        return f"{OUTCOMES[self.outcome]}: {self.finding}"
