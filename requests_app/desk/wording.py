"""The words and colours the desk has for states. Pure; kinds are those of components/tag.html."""

from datetime import date

STATUSES: dict[str, tuple[str, str]] = {
    "submitted": ("New", "info"),
    "needs_info": ("Waiting for the requester", "waiting"),
    "accepted": ("Accepted", "progress"),
    "searching": ("Searching", "progress"),
    "in_review": ("In review", "progress"),
    "ready": ("Ready to release", "progress"),
    "closed": ("Closed", "done"),
}
"""Status → (words, kind of tag)."""

DISPOSITIONS = {
    "full": "released in full",
    "partial": "released in part",
    "denied": "denied",
    "no_records": "no records found",
    "withdrawn": "withdrawn",
    "lapsed": "no answer in time",
    "duplicate": "duplicate",
}

FEES = {
    "worksheet": "The worksheet is begun; no estimate has been sent",
    "estimate_sent": "Estimate sent; the requester has to answer",
    "waiver_asked": "The requester asks for a waiver; decide it",
    "narrowed": "The requester asks for less; send a new estimate",
    "accepted": "The requester has accepted the estimate",
    "settled": "Settled",
    "waived": "Waived",
    "no_fee": "Nothing is charged",
    "refunded": "Given back",
}
"""State of a fee → words; the amounts follow them."""

CATEGORIES = {
    "other": "A private person",
    "commercial": "A business",
    "educational": "A school or university",
}
"""Category of requester → words, where its name alone does not say it."""

TABS = {
    "mine": "Mine",
    "unclaimed": "Nobody’s yet",
    "open": "All open",
    "overdue": "Overdue",
    "lapsed": "No answer in time",
    "closed": "Closed",
}

TASK_TAGS = {
    "todo": "info",
    "now": "progress",
    "done": "done",
    "locked": "locked",
    "waiting": "waiting",
    "not_needed": "neutral",
}
"""Kind of a task → kind of tag."""

LATENESS_TAGS = {
    "overdue": "overdue",
    "soon": "soon",
    "on_time": "neutral",
    "stopped": "waiting",
    "closed": "done",
}

CLOCK_TAGS = {
    "running": ("Running", "progress"),
    "stopped": ("Stopped", "waiting"),
    "met": ("Met", "done"),
    "met_late": ("Met late", "soon"),
    "overdue": ("Overdue", "overdue"),
    "lapsed": ("Ended without an answer", "overdue"),
    "closed": ("Window closed", "neutral"),
    "ended": ("Ended with the request", "neutral"),
    "not_started": ("Not started", "neutral"),
    "not_applicable": ("Does not apply", "neutral"),
}
"""State of a derived clock → (words, kind of tag)."""

MAY_NOT = "Your role does not include this."


def how_late(lateness: str, due_on: date | None, today: date) -> str:
    """This will say how a request stands as a person would: ``2 days late``, ``due tomorrow``."""
    if lateness == "closed":
        return "Closed"
    if due_on is None:
        return "No date: the clock stands still"
    left = (due_on - today).days
    if left < 0:
        return f"{_days(-left)} late"
    return {0: "Due today", 1: "Due tomorrow"}.get(left, f"{_days(left)} left")


def _days(count: int) -> str:
    return "1 day" if count == 1 else f"{count} days"
