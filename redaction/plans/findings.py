"""What stands open elsewhere, and what was said of it. Reads only."""

from django.db.models import Exists, OuterRef, QuerySet

from redaction.plans.finding_models import Finding, FindingDecision
from redaction.plans.models import Render


def open_findings(render: Render) -> "QuerySet[Finding]":
    """This will give the findings of a result that nobody has decided, here or for an earlier result."""
    said = FindingDecision.objects.filter(review=OuterRef("review"), key=OuterRef("key"))
    return Finding.objects.filter(~Exists(said), render=render)


def obstacle(render: Render) -> str:
    """This will say that something is to be decided before an approval; empty when nothing is."""
    count = open_findings(render).count()
    if not count:
        return ""
    places = "place has" if count == 1 else "places have"
    return (
        f"{count} {places} the same marked in one record and open in another. Decide for each whether it is "
        "marked there too or stays, then approve."
    )
