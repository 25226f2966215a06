"""How what is heard about a mail moves its state. Pure."""

# a later report never makes a mail less known: what came back or is unwanted stays so
_RANK = {
    "waiting": 0, "failed": 1, "sent": 2, "delayed": 3, "accepted": 4, "delivered": 5, "bounced": 6,
    "complained": 7,
}  # fmt: skip
TROUBLE = ("failed", "bounced", "complained")
"""States that need a person."""


def next_state(now: str, heard: str) -> str:
    """This will give the state of a mail in state ``now`` once ``heard`` is known about it."""
    return heard if _RANK[heard] > _RANK[now] else now


def needs_person(state: str) -> bool:
    return state in TROUBLE
