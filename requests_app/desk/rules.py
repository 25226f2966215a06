"""The staff's view of a request as a task list: what is done, what is next, what cannot start yet. Pure."""

from dataclasses import dataclass

from requests_app.docket.rules import Status


@dataclass(frozen=True)
class WorkFacts:
    """Everything the task list is derived from."""

    status: str
    assigned: bool = False
    records: int = 0
    undecided: int = 0
    marked: int = 0
    to_approve: int = 0
    approved: int = 0
    withheld: int = 0
    fee_state: str = ""
    fee_blocks: str = ""
    release_state: str = ""
    preservation_open: int = 0


@dataclass(frozen=True)
class Task:
    """One row. ``kind`` is the tag's colour and icon: todo, now, done, locked, waiting."""

    slug: str
    title: str
    status: str
    kind: str
    note: str = ""
    blocked_reason: str = ""


_REACHED = {
    Status.SUBMITTED: 0, Status.NEEDS_INFO: 1, Status.ACCEPTED: 1, Status.SEARCHING: 2, Status.IN_REVIEW: 3,
    Status.READY: 4, Status.CLOSED: 5,
}  # fmt: skip


def tasks(facts: WorkFacts) -> tuple[Task, ...]:
    """This will give the seven tasks of a request in the order they are done."""
    reached = _REACHED[Status(facts.status)]
    return (
        _acknowledge(facts, reached),
        _search(facts, reached),
        _fee(facts, reached),
        _redact(facts, reached),
        _approve(facts, reached),
        _review(facts, reached),
        _release(facts, reached),
    )


def _task(
    slug: str, title: str, *, done: bool, blocked: str = "", note: str = "", doing: bool = False
) -> Task:
    if done:
        return Task(slug, title, "Done", "done", note)
    if blocked:
        return Task(slug, title, "Cannot start yet", "locked", note, blocked)
    return Task(slug, title, "In progress" if doing else "To do", "now" if doing else "todo", note)


def _acknowledge(facts: WorkFacts, reached: int) -> Task:
    return _task("acknowledge", "Accept the request", done=reached >= 1)


def _search(facts: WorkFacts, reached: int) -> Task:
    waiting = "The requester owes us an answer first." if facts.status == Status.NEEDS_INFO else ""
    blocked = "Accept the request first." if reached < 1 else waiting
    note = f"{facts.records} records added" if facts.records else ""
    if facts.preservation_open:
        note = f"{note}; preservation is not confirmed yet".strip("; ")
    return _task(
        "search", "Search and add records", done=reached >= 3, blocked=blocked, note=note, doing=reached == 2
    )


def _fee(facts: WorkFacts, reached: int) -> Task:
    blocked = "Accept the request first." if reached < 1 else ""
    state = facts.fee_state.replace("_", " ")
    return _task(
        "fee",
        "Fee",
        done=bool(facts.fee_state) and not facts.fee_blocks,
        blocked=blocked,
        note=facts.fee_blocks if facts.fee_state else "",
        doing=bool(state),
    )


def _redact(facts: WorkFacts, reached: int) -> Task:
    blocked = "No record has been added yet." if not facts.records else ""
    ready = facts.to_approve + facts.approved + facts.withheld
    left = facts.undecided - facts.to_approve
    note = f"{left} of {facts.records} still to be marked" if facts.records and left > 0 else ""
    return _task(
        "redact",
        "Mark and redact",
        done=bool(facts.records) and left <= 0,
        blocked=blocked,
        note=note,
        doing=bool(ready or facts.marked),
    )


def _approve(facts: WorkFacts, reached: int) -> Task:
    decided = bool(facts.records) and not facts.undecided
    blocked = "" if facts.to_approve or decided else "No redacted record is ready for a second person yet."
    note = f"{facts.to_approve} waiting for a second person" if facts.to_approve else ""
    return _task("approve", "Approve (second person)", done=decided, blocked=blocked, note=note)


def _review(facts: WorkFacts, reached: int) -> Task:
    if reached < 3:
        blocked = "The search is not finished yet."
    elif facts.undecided:
        blocked = f"{facts.undecided} records are not decided yet."
    else:
        blocked = ""
    return _task("review", "Finish the review", done=reached >= 4, blocked=blocked)


def _release(facts: WorkFacts, reached: int) -> Task:
    if facts.release_state == "issued":
        return _task("release", "Release and close", done=True)
    blocked = "The review is not finished yet." if reached < 4 else facts.fee_blocks
    return _task(
        "release",
        "Release and close",
        done=reached == 5,
        blocked=blocked,
        doing=facts.release_state == "building",
    )
