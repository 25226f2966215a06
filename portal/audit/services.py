"""The only way an audit entry comes to be, and the way the chain is checked."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, Protocol

from django.db import connection, models, transaction

from portal.audit.models import Entry, HighWater, Outcome
from portal.audit.rules import GENESIS, link
from portal.core.time import now

_CHAIN_LOCK = 7_310_000
_source: ContextVar[str] = ContextVar("audit_source", default="")
_refusals: ContextVar[list[int] | None] = ContextVar("audit_refusals", default=None)


class Actor(Protocol):
    @property
    def pk(self) -> Any: ...


@contextmanager
def coming_from(source: str) -> Iterator[None]:
    """This will stamp every entry written inside with where the request came from."""
    token = _source.set(source)
    try:
        yield
    finally:
        _source.reset(token)


@contextmanager
def noting_refusals() -> Iterator[list[int]]:
    """This will collect the ids of every refusal written inside, whether it is kept or rolled back."""
    noted: list[int] = []
    token = _refusals.set(noted)
    try:
        yield noted
    finally:
        _refusals.reset(token)


def stands(noted: list[int]) -> bool:
    """This will tell whether any of the noted entries was kept."""
    return bool(noted) and Entry.objects.filter(pk__in=noted).exists()


def hold_chain() -> None:
    """This will take the chain's lock to the end of the caller's transaction; taken again it does nothing.

    Whoever locks another thing that all transactions share takes this first, or two wait in a circle.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_CHAIN_LOCK])


def record(
    *,
    action: str,
    actor: Actor | None,
    subject: models.Model,
    request_key: str = "",
    detail: Mapping[str, Any] | None = None,
    outcome: str = Outcome.OK,
) -> Entry:
    """This will append one entry in the caller's transaction, under the chain's advisory lock.

    ``detail`` holds codes, ids and digests, never personal data or record text (CJIS AU-3(3)).
    Order is the lock's, not the clock's: an earlier-started writer never sorts behind.
    """
    with transaction.atomic():
        hold_chain()
        water = HighWater.objects.first() or HighWater(seq=0, hash=GENESIS)
        entry = Entry(
            seq=water.seq + 1,
            at=now(),
            actor_id=actor.pk if actor is not None else None,
            action=action,
            outcome=outcome,
            subject_type=subject._meta.label_lower,
            subject_id=str(subject.pk),
            request_key=request_key,
            detail=dict(detail or {}),
            source=_source.get()[:64],
            prev_hash=water.hash,
        )
        entry.hash = link(entry.prev_hash, hashed_fields(entry))
        entry.save(force_insert=True)
        water.seq, water.hash = entry.seq, entry.hash
        water.save()
    noted = _refusals.get()
    if noted is not None and outcome == Outcome.DENIED:
        noted.append(entry.pk)
    return entry


def record_denied(
    *, action: str, actor: Actor | None, subject: models.Model, request_key: str = "", why: str
) -> Entry:
    """This will append the entry of a refusal; ``why`` is an error's code."""
    return record(
        action=action,
        actor=actor,
        subject=subject,
        request_key=request_key,
        detail={"why": why},
        outcome=Outcome.DENIED,
    )


def hashed_fields(entry: Entry) -> dict[str, Any]:
    return {
        "seq": entry.seq,
        "at": entry.at,
        "actor": entry.actor_id,
        "action": entry.action,
        "outcome": str(entry.outcome),
        "subject_type": entry.subject_type,
        "subject_id": entry.subject_id,
        "request_key": entry.request_key,
        "detail": entry.detail,
        "source": entry.source,
    }


def reached() -> int:
    """This will tell how far the chain has come. Entries of what is committed later have higher numbers."""
    return HighWater.objects.values_list("seq", flat=True).first() or 0


def subjects_since(seq: int, model: type[models.Model]) -> set[str]:
    """This will give the keys of the rows of a model that entries after ``seq`` are about."""
    later = Entry.objects.filter(seq__gt=seq, subject_type=model._meta.label_lower)
    return set(later.order_by().values_list("subject_id", flat=True))


@dataclass(frozen=True)
class Verdict:
    """``fault`` is None when the chain holds; else a sentence that names the first bad entry."""

    entries: int
    head: str
    fault: str | None = None


def verify() -> Verdict:
    """This will walk the whole chain, oldest first, in constant memory, and stop at the first fault."""
    previous, seq = GENESIS, 0
    for entry in Entry.objects.order_by("seq").iterator(chunk_size=2000):
        if entry.seq != seq + 1:
            return Verdict(seq, previous, f"entry {seq + 1} is missing (the next one is {entry.seq})")
        if entry.prev_hash != previous:
            return Verdict(seq, previous, f"entry {entry.seq} does not follow entry {seq}")
        if link(previous, hashed_fields(entry)) != entry.hash:
            return Verdict(seq, previous, f"entry {entry.seq} was changed after it was written")
        previous, seq = entry.hash, entry.seq
    water = HighWater.objects.first()
    if water is None and seq:
        return Verdict(seq, previous, f"nothing says how far the chain had come; it ends at entry {seq}")
    if water is not None and (water.seq, water.hash) != (seq, previous):
        return Verdict(seq, previous, f"the chain ends at entry {seq} but had reached entry {water.seq}")
    return Verdict(seq, previous)
