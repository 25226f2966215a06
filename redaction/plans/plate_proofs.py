"""Whether a person has seen the paper that makes each plate kept readable the requester's own."""

from portal.core.errors import IllegalMove
from redaction.marks import Marks
from requests_app.custody import ownership
from requests_app.custody.models import ResponsiveRecord


class PlateNotProved(IllegalMove):
    """Reads of a plate would go out readable, and nobody has confirmed whose car it is."""

    code = "plate_not_proved"

    def __init__(self, message: str, marks: tuple[str, ...]) -> None:
        self.marks = marks
        super().__init__(message)


def require_proved(record: ResponsiveRecord, marks: Marks) -> None:
    """This will refuse marks that keep a plate readable without a proof that stands.

    :raises PlateNotProved: with the marks' ids; the words name no plate.
    """
    bare = tuple(
        mark.id
        for mark in marks.effective.of("own_plate")
        if ownership.standing(record.request, mark["plate"]) is None
    )
    if bare:
        raise PlateNotProved(
            "Reads of a plate would stay readable, but nobody has confirmed that the car is the requester's. "
            "Confirm the paper you have seen, or take the mark out.",
            bare,
        )
