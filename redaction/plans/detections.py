"""What was looked for in a record and what is known of its suggestions. Reads only."""

from collections.abc import Mapping
from typing import Any

from portal.core.models import JobState
from redaction.detect.finding import FINDERS
from redaction.plans.detection_models import Detection
from redaction.plans.models import Review
from redaction.plans.rules import media_of
from redaction.plans.suggestion_groups import Particulars, Suggestion, is_open, particulars_of

LABELS = {
    "faces": "Faces",
    "plates": "Number plates",
    "text": "Any writing in the picture",
    "pii": "Personal data",
    "columns": "What to do with each column",
    "hidden": "Hidden parts",
    "speech": "Speech",
}


def kinds_for(medium: str, format_: str) -> list[str]:
    """This will name what can be looked for in a file, what it is marked as first coming first."""
    media = media_of(medium, format_)
    return list(dict.fromkeys(kind for one in media for known, kind in FINDERS if known == one))


def known_ids(review: Review) -> dict[str, Particulars]:
    """This will give what is known of every mark that was ever proposed for a record, by its id."""
    found: dict[str, Particulars] = {}
    for row in review.detections.order_by("number"):
        for mark_id, about in row.finds.items():
            found[mark_id] = Particulars(detection=row.kind, **about)
    return found


def listed(review: Review, marks: Mapping[str, Any]) -> list[Suggestion]:
    """This will list the open suggestions among some marks, with what is known of each."""
    known = known_ids(review)
    return [
        Suggestion(entry, known.get(entry["id"]) or particulars_of(entry))
        for entry in marks["marks"]
        if is_open(entry)
    ]


def fault_of(row: Detection) -> str:
    """This will say why a search failed and what can be done; empty for one that did not."""
    if row.state != "failed":
        return ""
    if row.job.state == JobState.QUARANTINED:
        return (
            "The worker stopped without an answer at every attempt. Nothing was proposed: the record can be "
            "marked by hand, or the search be tried again."
        )
    return row.job.told


def standing_open(review: Review) -> list[Detection]:
    """This will list the searches whose result is not among the marks yet; a failed one is none of them."""
    return list(review.detections.standing_open().select_related("job"))


def obstacle(review: Review) -> str:
    """This will say which search a record waits for; empty when for none."""
    rows = standing_open(review)
    if waiting := [row for row in rows if row.state == "waiting"]:
        count = sum(len(row.waiting) for row in waiting)
        return (
            f"{count:,} suggestions found no room among the marks yet. Decide what is open and take them in, "
            "or set them aside with a reason."
        )
    if rows:
        kinds = ", ".join(LABELS[row.kind].lower() for row in rows)
        return f"The record is still being looked through for {kinds}. Wait until that is done."
    return ""
