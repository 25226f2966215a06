"""How often a person may ask for what costs a child or a worker each time."""

from portal.core.errors import DomainError
from portal.core.http import AuthedRequest
from portal.core.throttle import too_many

# faster than hands or scripts ask; a script that has run wild, or a stolen session, is stopped
RATES = {
    "sample": "20/10m",  # the whole engine at work on a film
    "proxy": "60/m",  # the openings of films, and steps into parts that are not made yet
    "follow": "60/m",  # seconds of a processor
    "find": "240/m",  # a search of 2,000 pages is ten questions, of pictures five hundred, slow ones
    "outcome": "60/m",
    "table": "240/m",  # pages and counts, and how far a count is, each second
}


class TooOften(DomainError):
    """What was asked is right and comes too soon; waiting helps."""

    code = "too_often"
    status = 429


def require_pace(request: AuthedRequest, what: str) -> None:
    """This will count one more question of this person, of one of the kinds of ``RATES``.

    :raises TooOften: when it is one too many.
    """
    if too_many(request, f"workbench-{what}", per="user", key=str(request.user.pk), rate=RATES[what]):
        raise TooOften("That was asked very often just now. Wait a minute, then ask again; nothing is lost.")
