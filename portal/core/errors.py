"""The one base of every refusal the portal makes on purpose."""


class DomainError(Exception):
    """A rule said no. ``str()`` is fit for the person who asked; ``code`` is stable for programs.

    Subclasses live beside the function that raises them and set ``code`` and, where 409 does not fit,
    ``status``.
    """

    code = "refused"
    status = 409


class NotAllowed(DomainError):
    """The person may see the thing but not do this to it."""

    code = "not_allowed"
    status = 403


class IllegalMove(DomainError):
    """A state machine has no such step from here; names the state it is in."""

    code = "illegal_move"
    status = 409


class StaleWrite(DomainError):
    """Somebody else changed the row first; nothing was written."""

    code = "stale"
    status = 409


class BadInput(DomainError):
    """What was sent cannot be used; says what is wrong and what to do."""

    code = "bad_input"
    status = 422
