"""Results made by another machinery than the one that runs now: nobody approves or releases them."""

from django.utils import timezone

from portal.accounts.models import User
from portal.audit import moves
from portal.core.errors import IllegalMove
from redaction import machinery
from redaction.plans.models import Approval, Render, Review
from redaction.plans.rows import newest_render
from redaction.plans.rules import REVIEW
from requests_app.docket.rules import Status

_FIRST = {
    Status.READY: "Open the review of the request again, then make",
    Status.CLOSED: "Reopen the request, then make",
}


class EngineChanged(IllegalMove):
    """The result was made before the engine changed."""

    code = "engine_changed"


def is_current(render: Render) -> bool:
    """Whether the engines that run now made the result. A record withheld whole has nothing made of it."""
    return render.withheld or render.engine == machinery.stamp()


def require_current(render: Render) -> None:
    """:raises EngineChanged: for a result of another machinery, with what to do."""
    if not is_current(render):
        raise EngineChanged(f"{why(render)} {remedy(render)}")


def is_to_be_made_again(render: Render) -> bool:
    """Whether a result waits for a decision or a release that its machinery bars. What was released stays."""
    return not is_current(render) and "make_again" in REVIEW.actions(render.review.status)


def why(render: Render) -> str:
    """This will say why the portal does not stand by a result of another machinery."""
    if not render.engine:
        return (
            "This copy was made before copies carried the name of the engine that made them, so nobody can "
            "tell which one it was."
        )
    return "The redaction engine has changed since this copy was made."


def remedy(render: Render) -> str:
    """This will say what is to be done about it, from where its request stands."""
    first = _FIRST.get(Status(render.review.record.request.status), "Make")
    return f"{first} the copy again from the same marks; a second person then looks at the new one."


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
