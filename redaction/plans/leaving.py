"""What leaves this room with a destroyed record: every word and likeness of it (decision 0047).

Marks keep their kind, place, reason and decision; who did what and when, hashes and sums stay.
"""

from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet

from portal.core.models import Job
from redaction.plans.closed import bare, report_shown
from redaction.plans.comparison_models import Comparison, Traces
from redaction.plans.finding_models import Finding, FindingDecision, Likeness
from redaction.plans.leaving_triggers import TAKEN_OUT
from redaction.plans.models import CopyWords, Pin, Plan, Render, Review, SendBack, SuggestionDecision
from requests_app.custody.models import ResponsiveRecord

_ROOMS = Q(kind__startswith="plans.") | Q(kind__startswith="workbench.")


def jobs_about(record: ResponsiveRecord) -> QuerySet[Job]:
    """This will give the jobs that look into a record, or into another one of the same bytes."""
    reviews = Review.objects.filter(record=record).values_list("pk", flat=True)
    plans = Plan.objects.filter(review__record=record).values_list("pk", flat=True)
    about = Q(input_digest=record.sha256) | Q(payload__record=record.pk)
    return Job.objects.filter(
        _ROOMS, about | Q(payload__review__in=list(reviews)) | Q(payload__plan__in=list(plans))
    )


def forget(record: ResponsiveRecord) -> None:
    """This will take what quotes or depicts a destroyed record out of this room's rows.

    Called after the point of no return, and again after a crash: what is gone already costs nothing.
    """
    review = Review.objects.filter(record=record).first()
    Likeness.objects.filter(record=record).delete()
    if review is None:
        return
    with transaction.atomic():
        # who publishes under this lock has ended, or will find the record destroyed
        Review.objects.select_for_update().get(pk=review.pk)
    Likeness.objects.filter(record=record).delete()  # again: it may have published just before
    CopyWords.objects.filter(render__review=review).delete()
    Traces.objects.filter(render__review=review).delete()
    Comparison.objects.filter(render__review=review).delete()
    with transaction.atomic():  # a decision about others of a list must not write back what it read before
        waiting = Comparison.objects.filter(rest__contains=[{"other_id": record.pk, "open_here": True}])
        for row in waiting.select_for_update().order_by("pk"):
            row.rest = [_wordless(entry) if entry["other_id"] == record.pk else entry for entry in row.rest]
            row.save(update_fields=["rest"])
    Finding.objects.filter(Q(review=review) | Q(other=record, open_here=True)).update(words="", places="")
    FindingDecision.objects.filter(review=review).update(why=TAKEN_OUT)
    SuggestionDecision.objects.filter(review=review).update(group=TAKEN_OUT, why=TAKEN_OUT)
    SendBack.objects.filter(review=review).update(comment=TAKEN_OUT)
    Pin.objects.filter(send_back__review=review).update(text=TAKEN_OUT)
    Pin.objects.filter(send_back__review=review).exclude(answer="").update(answer=TAKEN_OUT)
    review.detections.update(finds={}, waiting=[])
    review.detections.exclude(dropped_why="").update(dropped_why=TAKEN_OUT)
    for plan in Plan.objects.filter(review=review).iterator(chunk_size=1):
        left = [
            {name: value for name, value in bare(mark).items() if name != "literal"}
            for mark in plan.marks["marks"]
        ]
        Plan.objects.filter(pk=plan.pk).update(marks={**plan.marks, "marks": left})
    for render in Render.objects.filter(review=review).iterator(chunk_size=1):
        Render.objects.filter(pk=render.pk).update(report=report_shown(render.report, shut=True))
    jobs_about(record).update(said="", progress_note="")


def _wordless(entry: dict[str, Any]) -> dict[str, Any]:
    return {**entry, "words": "", "places": ""} if entry["open_here"] else entry
