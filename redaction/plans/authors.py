"""Who shaped what is removed from a record: the people who can never be its second person.

Whoever wrote a version of its marks; whoever gave what marks stand on: a transcript, by which words are
muted, what a drone's flight was for, by which a ground holds, or the proof by which a plate stays readable.
``second_triggers.shaped`` says the same to Postgres.
"""

from typing import Any

from django.db.models import Exists, QuerySet

from portal.accounts.models import User
from redaction.plans.models import Plan, Review
from requests_app.custody.models import FlightDetermination, PlateProof, Transcript

KEEPS_A_PLATE = {"marks": [{"kind": "own_plate"}]}


def is_author(user: User, review: Review) -> bool:
    """Whether the person is one of them, by the newest or by an old version."""
    return user.pk in _keys(review)


def of_review(review: Review) -> QuerySet[User]:
    """This will list who can never be the second person of a record."""
    return User.objects.filter(pk__in=list(_keys(review)))


def _keys(review: Review) -> QuerySet[Any, int]:
    plans = Plan.objects.filter(review=review).order_by()
    said = Transcript.objects.filter(record=review.record_id).order_by()
    classed = FlightDetermination.objects.filter(record=review.record_id).order_by()
    proved = PlateProof.objects.filter(
        Exists(plans.filter(marks__contains=KEEPS_A_PLATE)), request__records=review.record_id
    ).order_by()
    return plans.values_list("author", flat=True).union(
        said.values_list("uploaded_by", flat=True),
        classed.values_list("made_by", flat=True),
        proved.values_list("confirmed_by", flat=True),
    )
