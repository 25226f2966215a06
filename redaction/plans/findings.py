"""What stands open elsewhere, and what was said of it. Reads only."""

from django.db.models import Exists, OuterRef, QuerySet

from redaction.plans.comparison_models import Comparison
from redaction.plans.finding_models import Finding, FindingDecision
from redaction.plans.models import Render


def open_findings(render: Render) -> "QuerySet[Finding]":
    """This will give the findings of a result that nobody has decided, here or for an earlier result."""
    said = FindingDecision.objects.filter(review=OuterRef("review"), key=OuterRef("key"))
    return Finding.objects.filter(~Exists(said), render=render)


def count_open(render: Render) -> int:
    """This will count what is still to be decided elsewhere, also what is not listed yet."""
    row = Comparison.objects.filter(render=render).first()
    return open_findings(render).count() + (len(row.rest) if row is not None else 0)


def obstacle(render: Render) -> str:
    """This will say that something is to be decided before an approval; empty when nothing is."""
    row = Comparison.objects.filter(render=render).first()
    if row is not None and row.beyond:
        return (
            f"More than {row.found:,} places have the same marked in one record and open in another, too "
            "many to be listed. Mark more narrowly, or mark what stands open, and make the copy again."
        )
    count = count_open(render)
    if not count:
        return ""
    places = "place has" if count == 1 else "places have"
    return (
        f"{count:,} {places} the same marked in one record and open in another. Decide for each whether it "
        "is marked there too or stays, then approve."
    )
