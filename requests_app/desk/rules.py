"""The staff's view of a request as a task list: what is done, what is next, what cannot start yet. Pure."""

from dataclasses import dataclass

from requests_app.docket.rules import Status


@dataclass(frozen=True)
class WorkFacts:
    """Everything the task list is derived from."""

    status: str
    records: int = 0
    undecided: int = 0
    to_approve: int = 0
    fee_state: str = ""
    fee_blocks: str = ""
    release_state: str = ""
    preservation_open: int = 0


@dataclass(frozen=True)
class Task:
    """One row. ``kind`` says how it stands: todo, now, done, locked, waiting, not_needed."""

    slug: str
    title: str
    status: str
    kind: str
    note: str = ""
    blocked_reason: str = ""


WITH_REQUESTER = frozenset({"estimate_sent", "accepted"})
"""States of the fee in which the next step is the requester's: to answer, or to pay."""

_REACHED = {
    Status.SUBMITTED: 0, Status.NEEDS_INFO: 1, Status.ACCEPTED: 1, Status.SEARCHING: 2, Status.IN_REVIEW: 3,
    Status.READY: 4, Status.CLOSED: 5,
}  # fmt: skip


def tasks(facts: WorkFacts) -> tuple[Task, ...]:
    """This will give the seven tasks of a request in the order they are done.

    A closed request has nothing left to do: what was never done is “not needed”, not “to do”.
    """
    reached = _REACHED[Status(facts.status)]
    rows = (
        _acknowledge(reached),
        _search(facts, reached),
        _fee(facts, reached),
        _redact(facts),
        _approve(facts),
        _review(facts, reached),
        _release(facts, reached),
    )
    if facts.status != Status.CLOSED:
        return rows
    return tuple(row if row.kind == "done" else _not_needed(row) for row in rows)


def _not_needed(task: Task) -> Task:
    return Task(task.slug, task.title, "Not needed", "not_needed")


def _task(
    slug: str, title: str, *, done: bool, blocked: str = "", note: str = "", doing: bool = False
) -> Task:
    if done:
        return Task(slug, title, "Done", "done", note)
    if blocked:
        return Task(slug, title, "Cannot start yet", "locked", note, blocked)
    return Task(slug, title, "In progress" if doing else "To do", "now" if doing else "todo", note)


def _acknowledge(reached: int) -> Task:
    return _task("acknowledge", "Accept the request", done=reached >= 1)


def _search(facts: WorkFacts, reached: int) -> Task:
    waiting = "The requester owes us an answer first." if facts.status == Status.NEEDS_INFO else ""
    blocked = "Accept the request first." if reached < 1 else waiting
    note = f"{_records(facts.records)} added" if facts.records else ""
    if facts.preservation_open:
        note = f"{note}; preservation is not confirmed yet".strip("; ")
    done = reached >= 3 and (facts.status != Status.CLOSED or facts.records > 0)
    return _task(
        "search", "Search and add records", done=done, blocked=blocked, note=note, doing=reached == 2
    )


def _fee(facts: WorkFacts, reached: int) -> Task:
    settled = bool(facts.fee_state) and not facts.fee_blocks
    if facts.fee_state in WITH_REQUESTER and not settled:
        return Task("fee", "Fee", "With the requester", "waiting", facts.fee_blocks)
    return _task(
        "fee",
        "Fee",
        done=settled,
        blocked="Accept the request first." if reached < 1 else "",
        note=facts.fee_blocks if facts.fee_state else "",
        doing=bool(facts.fee_state),
    )


def _redact(facts: WorkFacts) -> Task:
    left = facts.undecided - facts.to_approve
    return _task(
        "redact",
        "Mark and redact",
        done=bool(facts.records) and left <= 0,
        blocked="" if facts.records else "No record has been added yet.",
        note=f"{left} of {_records(facts.records)} still to be marked" if left > 0 else "",
        doing=left < facts.records,
    )


def _approve(facts: WorkFacts) -> Task:
    decided = bool(facts.records) and not facts.undecided
    blocked = "" if facts.to_approve or decided else "No redacted record is ready for a second person yet."
    note = f"{facts.to_approve} waiting for a second person" if facts.to_approve else ""
    return _task("approve", "Approve (second person)", done=decided, blocked=blocked, note=note)


def _review(facts: WorkFacts, reached: int) -> Task:
    if reached < 3:
        blocked = "The search is not finished yet."
    elif facts.undecided:
        blocked = f"{_records(facts.undecided)} not decided yet."
    else:
        blocked = ""
    return _task("review", "Finish the review", done=reached >= 4, blocked=blocked)


def _release(facts: WorkFacts, reached: int) -> Task:
    issued = facts.release_state == "issued"
    if issued and reached == 5:
        return _task("release", "Release and close", done=True)
    blocked = "The review is not finished yet." if reached < 4 else facts.fee_blocks
    return _task(
        "release",
        "Release and close",
        done=False,
        blocked=blocked,
        note="The records are out; the request is still open." if issued else "",
        doing=bool(facts.release_state),
    )


def _records(count: int) -> str:
    return "1 record" if count == 1 else f"{count} records"
