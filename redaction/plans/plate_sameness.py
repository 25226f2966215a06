"""The same plate withheld in one record and open in another, also where a column's policy hides it.

What a table masks has no words to be looked for, so plates are compared as sets of digests: those a copy
withholds with those another leaves legible, in a plate column or in a text. Reads only, and may take long.
"""

import hashlib
import hmac
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from django.conf import settings
from django.db.models import Max, QuerySet

from redaction import marks as marks_format
from redaction import plates
from redaction.marks import Mark, Marks
from redaction.plans.comparison_models import Traces
from redaction.plans.finding_models import CopyWords
from redaction.plans.models import Plan, Render, Review
from redaction.report import RedactionError
from redaction.traits import Words, fold
from requests_app.custody.models import ResponsiveRecord

TABLES = (".csv", ".tsv", ".xlsx", ".ods", ".parquet")
MOST_COMPARED = 50_000_000  # plates of other records, together
_SHOWN = 8  # rows that are named

Digests = Any  # a sorted array of 64-bit digests


@dataclass(frozen=True)
class PlateSets:
    """What a copy withholds and leaves open; ``rows`` says where in the original a plate stands first."""

    withheld: frozenset[int] = frozenset()
    opened: frozenset[int] = frozenset()
    rows: dict[int, int] = field(default_factory=dict)
    total: int = 0  # different plates there were
    whole: bool = True


@dataclass(frozen=True)
class Shared:
    """Plates two records have in common, withheld in one of them only. ``review`` is the other's."""

    open_here: bool
    review: Review
    other_digest: str
    words: str
    mark_id: str
    places: str
    also: str


@dataclass
class Count:
    """How much was compared."""

    copies: int = 0
    skipped: int = 0
    plates: int = 0
    without: int = 0  # copies with words that have no digests under this key


def key() -> bytes:
    """This will give the key of this installation's digests of plates."""
    return hmac.new(settings.SECRET_KEY.encode(), b"plates compared between records", hashlib.sha256).digest()


def sign() -> str:
    """This will give by what this installation's key is told from another, which it does not give away."""
    return hmac.new(key(), b"which key this is", hashlib.sha256).hexdigest()[:16]


def read(record: ResponsiveRecord, original: Path, copy: Path, words: Words | None) -> PlateSets:
    """This will gather, in children, the plates of an original and of its copy."""
    seen, whole = key(), True
    legible = plates.within(words.folded, seen) if words is not None else plates.Plates()
    opened, total = set(legible.rows), legible.total
    before = plates.Plates()
    try:
        if record.medium == "table":
            before = plates.of_table(original, seen)
        if copy.suffix in TABLES:
            after = plates.of_table(copy, seen)
            opened |= after.rows.keys()
            total = max(total, after.total)
    except RedactionError:
        whole = False
    total = max(total, before.total)
    withheld = frozenset(before.rows.keys() - opened)
    return PlateSets(withheld, frozenset(opened), before.rows, total, whole and total <= plates.MOST)


def packed(digests: Collection[int]) -> bytes:
    """This will write digests as they are stored, eight bytes each, in order."""
    return bytes(_sorted(digests).astype(">u8").tobytes())


def holds(content: Any, digests: Collection[int]) -> bool:
    """This will tell whether what :func:`packed` wrote holds one of some digests."""
    return bool(np.isin(_sorted(digests), _stored(content)).any())


def found(
    plan: Plan, here: Marks, sets: PlateSets, words: Words | None, others: QuerySet[Review],
    neighbours: Sequence[Plan], count: Count,
) -> Iterator[Shared]:  # fmt: skip
    """This will give what is withheld on one side and legible on the other, once for each record and way."""
    named = _named(here)
    mine = _sorted(sets.withheld | named.keys())
    opened = _sorted(sets.opened)
    newest = {row.review_id: row for row in neighbours}
    count.without = _without(others)
    made = Traces.objects.filter(render__review__in=others.values("pk"))
    latest = made.values("render__review").annotate(newest=Max("render")).values_list("newest", flat=True)
    for pk in sorted(latest, reverse=True):  # the newest first, one at a time: each may be megabytes
        if count.plates > MOST_COMPARED:
            count.skipped += 1
            continue
        row = made.select_related("render__review__record__request").filter(render=pk).first()
        if row is None:
            continue  # its record was destroyed a moment ago
        review = row.render.review
        there = _stored(row.opened)
        count.copies += 1
        count.plates += len(there)
        yield from _shared(False, mine, there, review, row.render.marks_digest, named, sets.rows, row)
        if review.pk in newest:
            other = newest.pop(review.pk)
            theirs = _named(marks_format.parse(other.marks).effective)
            hidden = np.union1d(_stored(row.withheld), _sorted(theirs))
            yield from _shared(True, hidden, opened, review, other.digest, theirs, sets.rows, words)
    for other in newest.values():
        theirs = _named(marks_format.parse(other.marks).effective)
        yield from _shared(
            True, _sorted(theirs), opened, other.review, other.digest, theirs, sets.rows, words
        )


def _without(others: QuerySet[Review]) -> int:
    """How many copies with words were made before plates were compared, or under another key."""
    spoken = CopyWords.objects.filter(render__review__in=others.values("pk"))
    newest = spoken.values("render__review").annotate(newest=Max("render")).values("newest")
    known = Traces.objects.filter(sign=sign()).values("render")
    return Render.objects.filter(pk__in=newest).exclude(pk__in=known).count()


def _shared(
    open_here: bool, hidden: Digests, legible: Digests, review: Review, digest: str,
    named: dict[int, tuple[Mark, str]], rows: dict[int, int], where: Traces | Words | None,
) -> Iterator[Shared]:  # fmt: skip
    both = np.intersect1d(hidden, legible, assume_unique=True)
    if not len(both):
        return
    folded = _folded(where) if any(int(one) in named for one in both) else ""
    kept = [one for one in map(int, both) if one not in named or fold(named[one][1]) not in folded]
    if not kept:
        return  # each is told as the same words already
    marks = [named[one] for one in kept if one in named]
    single = marks[0] if len(kept) == 1 and marks else None
    at = sorted(rows[one] for one in kept if rows.get(one))
    places = f"{len(kept):,} {'plate' if len(kept) == 1 else 'plates'}"
    if at:
        places += f", here in row {', '.join(map(str, at[:_SHOWN]))}{' …' if len(at) > _SHOWN else ''}"
    yield Shared(
        open_here, review, digest, single[1] if single else "", marks[0][0].id if marks else "", places,
        hashlib.sha256(packed(kept)).hexdigest(),
    )  # fmt: skip


def _folded(where: Traces | Words | None) -> str:
    if isinstance(where, Traces):
        found_words = CopyWords.objects.filter(render=where.render_id).values_list("folded", flat=True)
        return found_words.first() or ""
    return where.folded if where is not None else ""


def _named(marks: Marks) -> dict[int, tuple[Mark, str]]:
    """Plates that marks name themselves, by digest."""
    seen = key()
    told: dict[int, tuple[Mark, str]] = {}
    for mark in marks:
        for value in _values(mark):
            if bare := plates.like_one(value):
                told.setdefault(plates.digest(bare, seen), (mark, value))
    return told


def _values(mark: Mark) -> list[str]:
    if mark.kind in ("text", "mute") and mark.get("literal"):
        return [str(mark["literal"])]
    if mark.kind != "rows" or not mark.get("remove"):
        return []
    wanted = [row["value"] for row in mark["remove"] if row["op"] in ("eq", "in")]
    return [str(one) for value in wanted for one in (value if isinstance(value, list | tuple) else (value,))]


def _sorted(digests: Collection[int]) -> Digests:
    return np.unique(np.fromiter(digests, dtype=np.uint64, count=len(digests)))


def _stored(content: Any) -> Digests:
    return np.frombuffer(bytes(content), dtype=">u8").astype(np.uint64)
