"""Rows of what people have really looked at, and of what an agency asks of them."""

from typing import ClassVar

import pgtrigger
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from requests_app.custody.models import Medium, ResponsiveRecord
from requests_app.law.models import Agency

_USER = settings.AUTH_USER_MODEL
UNITS = ("page", "second", "row")
SPEEDS = (1, 2, 4)  # what was played at up to so many times its own speed


class Seen(models.Model):
    """What one person has seen of one record at up to one speed: ranges that do not touch, in order."""

    record = models.ForeignKey(ResponsiveRecord, on_delete=models.PROTECT, related_name="seen")
    person = models.ForeignKey(_USER, on_delete=models.PROTECT, related_name="+")
    unit = models.CharField(max_length=6, choices=[(name, name) for name in UNITS])
    speed = models.PositiveSmallIntegerField(default=1)
    ranges = models.JSONField(default=list)  # [[from, to], …]; pages and rows counted from 1, both included
    since = models.DateTimeField()
    at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["record", "person", "unit", "speed"], name="seen_row_once"),
            models.CheckConstraint(name="seen_unit_known", condition=Q(unit__in=UNITS)),
            models.CheckConstraint(name="seen_speed_known", condition=Q(speed__in=SPEEDS)),
        ]
        triggers: ClassVar = [pgtrigger.Protect(name="seen_stays", operation=pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"{self.person} saw {self.unit}s of {self.record}"


class Watch(models.Model):
    """When a person last told what she saw of a record: no more is believed than fits in the time since."""

    record = models.ForeignKey(ResponsiveRecord, on_delete=models.PROTECT, related_name="+")
    person = models.ForeignKey(_USER, on_delete=models.PROTECT, related_name="+")
    told_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["record", "person"], name="watch_once_a_person")
        ]

    def __str__(self) -> str:
        return f"{self.person} at {self.record}"


class Extent(models.Model):
    """How much there is of a record taken as one medium, as its newest whole reading counted it."""

    record = models.ForeignKey(ResponsiveRecord, on_delete=models.PROTECT, related_name="extents")
    medium = models.CharField(max_length=8, choices=Medium)
    total = models.FloatField()  # pages, rows or seconds
    at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["record", "medium"], name="extent_once_a_medium"),
            models.CheckConstraint(name="extent_is_a_count", condition=Q(total__gte=0)),
        ]
        triggers: ClassVar = [pgtrigger.Protect(name="extent_stays", operation=pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"{self.total:g} of {self.record} as {self.medium}"


class CoverageRule(models.Model):
    """How much of a class of records must have been seen, by whom, at what speed. A change is a new row."""

    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="coverage_rules")
    medium = models.CharField(max_length=8, choices=Medium)
    series = models.CharField(max_length=40, blank=True)  # of the law's material; empty: every other of it
    share = models.PositiveSmallIntegerField(default=0)  # per cent; 0: recommended only
    speed = models.PositiveSmallIntegerField(default=2)
    people = ArrayField(models.CharField(max_length=8), default=list)  # marker, approver
    set_by = models.ForeignKey(_USER, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["agency", "medium", "series"],
                condition=Q(ended_at=None),
                name="coverage_rule_once_a_class",
            ),
            models.CheckConstraint(name="coverage_share_per_cent", condition=Q(share__lte=100)),
            models.CheckConstraint(name="coverage_speed_known", condition=Q(speed__in=SPEEDS)),
            models.CheckConstraint(
                name="coverage_people_known", condition=Q(people__contained_by=["marker", "approver"])
            ),
            models.CheckConstraint(
                name="coverage_ends_after_it_began", condition=Q(ended_at=None) | Q(ended_at__gte=F("at"))
            ),
        ]
        ordering: ClassVar = ["medium", "series", "-id"]
        triggers: ClassVar = [
            pgtrigger.Protect(name="coverage_rule_stays", operation=pgtrigger.Delete),
            pgtrigger.ReadOnly(
                name="coverage_rule_is_fixed",
                fields=["agency", "medium", "series", "share", "speed", "people", "set_by", "at"],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.share} % of {self.series or self.medium}"


class PlanCoverage(models.Model):
    """How much of a record the marker or the approver had seen when she gave these marks on. Never edited."""

    plan = models.ForeignKey("plans.Plan", on_delete=models.PROTECT, related_name="coverage")
    person = models.ForeignKey(_USER, on_delete=models.PROTECT, related_name="+")
    part = models.CharField(max_length=8, choices=[("marker", "marker"), ("approver", "approver")])
    unit = models.CharField(max_length=6, choices=[(name, name) for name in UNITS])
    speed = models.PositiveSmallIntegerField()
    seen = models.FloatField()
    total = models.FloatField(null=True, blank=True)  # empty: how many rows there are was not counted
    demanded = models.PositiveSmallIntegerField(default=0)  # per cent, as the rule stood
    ranges = models.JSONField()
    ranges_digest = models.CharField(max_length=64)
    at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                name="no_more_seen_than_there_is",
                condition=Q(seen__gte=0) & (Q(total=None) | Q(seen__lte=F("total"))),
            ),
            models.CheckConstraint(name="plan_coverage_part", condition=Q(part__in=["marker", "approver"])),
            models.CheckConstraint(
                name="demand_was_met",
                # the arithmetic of fractions: 100 per cent of 5.122 are a little more than 5.122
                condition=Q(demanded=0) | Q(seen__gte=F("total") * F("demanded") / 100.0 - 1e-6),
            ),
        ]
        ordering: ClassVar = ["-id"]
        triggers: ClassVar = [
            pgtrigger.Protect(name="plan_coverage_is_fixed", operation=pgtrigger.Update | pgtrigger.Delete)
        ]

    def __str__(self) -> str:
        return f"{self.part} saw {self.seen:g} {self.unit}s for {self.plan}"

    @property
    def per_cent(self) -> int | None:
        """Whole per cent, rounded down, so that 100 means all; None when the whole is not known."""
        return int(100 * self.seen / self.total + 1e-9) if self.total else None
