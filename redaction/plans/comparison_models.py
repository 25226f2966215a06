"""Rows of how a result was compared: how much, what was found, and what it withholds that is no text."""

from typing import ClassVar

import pgtrigger
from django.db import models

_LISTED_STEP_BY_STEP = """
IF NEW.render_id <> OLD.render_id OR NEW.found <> OLD.found OR NEW.beyond <> OLD.beyond
    OR NEW.sums <> OLD.sums THEN
    RAISE EXCEPTION 'what was compared for result % is fixed', OLD.render_id
        USING ERRCODE = 'check_violation';
END IF;
IF jsonb_array_length(NEW.rest) + (SELECT count(*) FROM plans_finding WHERE render_id = NEW.render_id)
    <> NEW.found THEN
    RAISE EXCEPTION 'findings of result % would be lost', OLD.render_id USING ERRCODE = 'check_violation';
END IF;
RETURN NEW;
"""

_GOES_WITH_ITS_RECORD = """
IF EXISTS (
    SELECT 1 FROM plans_render render JOIN plans_review review ON review.id = render.review_id
        JOIN custody_responsiverecord record ON record.id = review.record_id
    WHERE render.id = OLD.render_id AND record.destroyed_at IS NOT NULL
) THEN
    RETURN OLD;
END IF;
RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;
"""


class Comparison(models.Model):
    """How far a result was compared with others. ``rest`` are findings that are not listed yet.

    Each that is listed becomes a row of ``Finding``: none is ever left out in between.
    """

    render = models.OneToOneField("plans.Render", on_delete=models.PROTECT, related_name="comparison")
    found = models.PositiveIntegerField(default=0)
    beyond = models.BooleanField(default=False)  # so many were found that the search was stopped
    rest = models.JSONField(default=list)
    sums = models.JSONField(default=dict)  # what was compared: texts, plates, copies, and how many there were

    class Meta:
        triggers: ClassVar = [
            pgtrigger.Trigger(
                name="comparison_is_listed_step_by_step",
                when=pgtrigger.Before,
                operation=pgtrigger.Update,
                func=_LISTED_STEP_BY_STEP,
            ),
            pgtrigger.Trigger(
                name="comparison_goes_with_its_record",
                when=pgtrigger.Before,
                operation=pgtrigger.Delete,
                func=_GOES_WITH_ITS_RECORD,
            ),
        ]

    def __str__(self) -> str:
        return f"comparison of {self.render}"


class Traces(models.Model):
    """What a result withholds and leaves open that its words do not tell.

    Plates are digests under the installation's key, eight bytes each, in order; ``sign`` tells that key from
    another. ``spoken`` are words that a mark mutes by its time, each [mark, words].
    """

    render = models.OneToOneField("plans.Render", on_delete=models.PROTECT, related_name="traces")
    sign = models.CharField(max_length=16, blank=True)  # empty: made before keys were told apart
    withheld = models.BinaryField(default=bytes)
    opened = models.BinaryField(default=bytes)
    spoken = models.JSONField(default=list)

    class Meta:
        triggers: ClassVar = [pgtrigger.Protect(name="traces_are_fixed", operation=pgtrigger.Update)]

    def __str__(self) -> str:
        return f"traces of {self.render}"
