"""Results made by another machinery than the one that runs now: nobody approves or releases them."""

from django.utils import timezone

from portal.accounts.models import User
from portal.audit import moves
from portal.core.errors import IllegalMove
from redaction import machinery
from redaction.plans.models import Approval, Render, Review
from redaction.plans.rows import newest_render
from redaction.plans.rules import REVIEW


class EngineChanged(IllegalMove):
    """The result was made before the engine changed."""

    code = "engine_changed"


def is_current(render: Render) -> bool:
    """Whether the engines that run now made the result. A record withheld whole has nothing made of it."""
    return render.withheld or render.engine == machinery.stamp()


def require_current(render: Render) -> None:
    """:raises EngineChanged: for a result of another machinery, with what to do."""
    if not is_current(render):
        raise EngineChanged(
            "The redaction engine has changed since this result was made. Make it again from the same marks,"
            " then look at the new one."
        )


def take_back(review: Review, *, actor: User) -> None:
    """This will send a result of another machinery back to be made again. Under the review's lock.

    Its approval no longer stands. A result that is current stays as it is.
    """
    made = newest_render(review)
    if made is None or is_current(made) or "make_again" not in REVIEW.actions(review.status):
        return
    moves.apply(
        row=review,
        machine=REVIEW,
        action="make_again",
        actor=actor,
        changes={"job": None},
        request_key=review.record.request.key,
        detail={"made_by": made.engine, "runs": machinery.stamp()},
    )
    Approval.objects.filter(review=review, voided_at=None).update(voided_at=timezone.now())
