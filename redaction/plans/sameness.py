"""Where the same text, page, picture or file stands open: what one result has in common with others.

Reads only, and may take long: called before anything is locked (:mod:`redaction.plans.consistency`).
"""

import hashlib
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import Max, Q, QuerySet

from redaction import marks as marks_format
from redaction import traits
from redaction.marks import Mark, Marks
from redaction.plans import look_alikes, plate_sameness
from redaction.plans.comparison_models import Traces
from redaction.plans.finding_models import CopyWords, Likeness
from redaction.plans.look_alikes import Traits
from redaction.plans.models import Plan, Review
from redaction.plans.plate_sameness import Count, PlateSets
from redaction.plans.rules import ReviewStatus
from redaction.plans.suggestion_groups import content_of
from redaction.traits import Trait, Words, fold, pages_with
from requests_app.custody.models import ResponsiveRecord

_MADE = (ReviewStatus.VERIFIED, ReviewStatus.APPROVED, ReviewStatus.RELEASED)
_ASIDE = (ReviewStatus.NOT_RESPONSIVE, ReviewStatus.DUPLICATE, ReviewStatus.WITHHELD)
_MOST_WORDS = 2_000  # texts of one record that are looked for elsewhere
_UNPAGED = {"table": "in the table", "flight": "in the log"} | dict.fromkeys(
    ("video", "audio"), "in what is said"
)
_AT_ONCE = 25  # texts one query looks for, so that Postgres goes through the copies fewer times


@dataclass(frozen=True)
class Reading:
    """What was read of a copy and its original before the result is published.

    ``spoken`` are words that a mark mutes by its time: each the mark's id and what is said then.
    """

    words: Words | None = None
    traits: Sequence[Trait] = ()
    plates: PlateSets = field(default_factory=PlateSets)
    spoken: Sequence[tuple[str, str]] = ()


@dataclass
class Sums:
    """How much was compared, so that what was not can be said."""

    texts: int = 0
    texts_there: int = 0
    all_texts: int = 0
    all_texts_there: int = 0
    plates: Count = field(default_factory=Count)

    def as_dict(self) -> dict[str, int]:
        return {
            "texts": self.texts, "all_texts": self.all_texts, "texts_there": self.texts_there,
            "all_texts_there": self.all_texts_there, "copies": self.plates.copies,
            "skipped": self.plates.skipped, "plates": self.plates.plates, "without": self.plates.without,
        }  # fmt: skip


@dataclass(frozen=True)
class Same:
    """One thing two records have in common, withheld in one of them only. ``review`` is the other's."""

    same: str
    open_here: bool
    review: Review
    other_digest: str
    words: str = ""
    mark_id: str = ""
    places: str = ""
    also: str = ""  # digest of what else tells it from another

    @property
    def other(self) -> ResponsiveRecord:
        return self.review.record

    @property
    def released(self) -> bool:
        return self.review.status == ReviewStatus.RELEASED

    @property
    def key(self) -> str:
        parts = (self.same, str(self.open_here), self.other.sha256, self.other_digest, fold(self.words))
        where = self.places if self.same in ("page", "limit") else ""
        return hashlib.sha256(
            "\x1f".join((*parts, where + self.also)).encode("utf-8", "surrogatepass")
        ).hexdigest()


def found(
    plan: Plan, reading: Reading, among: Collection[int] | None = None, sums: Sums | None = None
) -> Iterator[Same]:
    """This will give what a result of these marks has in common with others.

    ``among`` are the reviews to look through, None for all; its own is never one of them. ``sums`` learns
    how much was compared; what was not is a finding too, for somebody has to know it and go on all the same.
    """
    sums = sums or Sums()
    record = plan.review.record
    here = marks_format.parse(plan.marks).effective
    others = Review.objects.exclude(pk=plan.review_id).exclude(record__destroyed_at__isnull=False)
    if among is not None:
        others = others.filter(pk__in=among)
    mine = _mine(record, reading)
    neighbours = _with_plans(others.filter(record__request=record.request_id).exclude(status__in=_ASIDE))
    made = _made(record, others)
    texts = _texts(here, reading.spoken)
    sums.all_texts, sums.texts = len(texts), min(len(texts), _MOST_WORDS)
    yield from _open_there(made, dict(list(texts.items())[:_MOST_WORDS]))
    if reading.words is not None:
        yield from _text_open_here(record, neighbours, reading.words, sums)
    for one in plate_sameness.found(plan, here, reading.plates, reading.words, made, neighbours, sums.plates):
        yield Same(
            "plate", one.open_here, one.review, one.other_digest, words=one.words, mark_id=one.mark_id,
            places=one.places, also=one.also,
        )  # fmt: skip
    released = _with_plans(_released_elsewhere(record, others, mine))
    yield from _same_files(record, here, released)
    for like in look_alikes.found(record, here, mine, [*neighbours, *released]):
        yield Same(
            like.kind, like.open_here, like.plan.review, like.plan.digest, mark_id=like.mark_id,
            places=like.places, also=like.also,
        )  # fmt: skip
    for words in _not_compared(reading, sums):
        yield Same("limit", False, plan.review, "", places=words)


def _not_compared(reading: Reading, sums: Sums) -> Iterator[str]:
    """Where the comparison was cut short, in words that stay the same while as much was left out."""
    if sums.texts < sums.all_texts:
        yield f"{sums.texts:,} of {sums.all_texts:,} texts marked here were looked for elsewhere."
    if sums.texts_there < sums.all_texts_there:
        yield f"{sums.texts_there:,} of {sums.all_texts_there:,} texts marked elsewhere were looked for here."
    if reading.words is not None and not reading.words.whole:
        yield "Not all words of this copy could be compared: there are too many, or they could not be read."
    if not reading.plates.whole:
        yield f"Not all plates of this file could be compared ({reading.plates.total:,} were counted)."
    if sums.plates.without:
        copies = f"{sums.plates.without:,} {'copy' if sums.plates.without == 1 else 'copies'}"
        yield (
            f"Plates could not be compared with {copies} made before plates were compared, or under another "
            "key of this portal. Make those copies again, and then this one."
        )
    if sums.plates.skipped:
        yield f"Plates were compared with {sums.plates.copies:,} copies and not with {sums.plates.skipped:,}."


def _texts(marks: Marks, spoken: Iterable[Sequence[str]] = ()) -> dict[str, tuple[str, str]]:
    """The texts some marks withhold wherever they stand, folded, each with its mark's id and as it is shown.

    ``spoken`` are words that marks mute by their time.
    """
    texts: dict[str, tuple[str, str]] = {}
    said = [(mark.id, text, mark.kind != "rows") for mark in marks for text in _said_by(mark)]
    for name, text, is_shown in (*said, *((name, text, True) for name, text in spoken)):
        folded = fold(text)
        if len(folded) >= traits.SHORTEST:
            texts.setdefault(folded, (name, text if is_shown else folded))
    return texts


def _said_by(mark: Mark) -> list[str]:
    if mark.kind in ("text", "mute") and mark.get("literal"):
        return [str(mark["literal"])]
    if mark.kind == "rows" and mark.get("remove"):
        rows = [row for row in mark["remove"] if row["op"] in ("eq", "in")]
        values = [value for row in rows for value in _values(row["value"])]
        return [value for value in values if traits.names_something(value)]
    return []


def _values(value: Any) -> list[str]:
    return [str(one) for one in value] if isinstance(value, list | tuple) else [str(value)]


def _with_plans(rows: QuerySet[Review]) -> list[Plan]:
    """The newest marks of each review that has some, in the order of their requests."""
    newest = Plan.objects.filter(review__in=rows.values("pk")).order_by("review", "-version")
    plans = newest.distinct("review").select_related("review__record__request")
    return sorted(plans, key=lambda plan: (plan.review.record.request_id, plan.review.record.position))


def _released_elsewhere(record: ResponsiveRecord, others: QuerySet[Review], mine: Traits) -> QuerySet[Review]:
    """Released records of other requests of the agency that are the same file or may look alike."""
    rows = others.filter(status=ReviewStatus.RELEASED, record__request__agency=record.request.agency_id)
    rows = rows.exclude(record__request=record.request_id)
    alike = Q(kind="page", value__in=set(mine.get("page", {}).values()))
    if record.medium in ("image", "video") and mine:
        alike |= Q(record__medium=record.medium)
    found_alike = Likeness.objects.filter(alike).order_by().values("record")
    return rows.filter(Q(record__sha256=record.sha256) | Q(record__in=found_alike))


def _made(record: ResponsiveRecord, others: QuerySet[Review]) -> QuerySet[Review]:
    """Those whose result counts: made ones of the request, and what was released before."""
    rows = others.filter(status__in=_MADE, record__request__agency=record.request.agency_id)
    return rows.filter(Q(record__request=record.request_id) | Q(status=ReviewStatus.RELEASED))


def _open_there(meant: QuerySet[Review], texts: dict[str, tuple[str, str]]) -> Iterator[Same]:
    """Words withheld here that a result leaves legible there."""
    made = CopyWords.objects.filter(render__review__in=meant.values("pk"))
    latest = made.values("render__review").annotate(newest=Max("render")).values("newest")
    standing = made.filter(render__in=latest).select_related("render__review__record__request")
    wanted = list(texts.items())
    for start in range(0, len(wanted), _AT_ONCE):
        part = wanted[start : start + _AT_ONCE]
        anywhere = reduce(or_, (Q(folded__contains=folded) for folded, _told in part))
        for row in standing.filter(anywhere).order_by("render").iterator(chunk_size=20):
            for folded, (name, shown) in part:
                if pages := pages_with(row.folded, folded):
                    review = row.render.review
                    yield Same(
                        "text", False, review, row.render.marks_digest, words=shown, mark_id=name,
                        places=_pages(pages, review.record),
                    )  # fmt: skip


def _text_open_here(
    record: ResponsiveRecord, neighbours: Iterable[Plan], words: Words, sums: Sums
) -> Iterator[Same]:
    for plan in neighbours:
        newest = Traces.objects.filter(render__plan=plan).order_by("-render").first()
        marks = marks_format.parse(plan.marks).effective
        texts = list(_texts(marks, newest.spoken if newest else ()).items())
        sums.all_texts_there += len(texts)
        sums.texts_there += min(len(texts), _MOST_WORDS)
        for folded, (name, shown) in texts[:_MOST_WORDS]:
            if pages := pages_with(words.folded, folded):
                yield Same(
                    "text", True, plan.review, plan.digest, words=shown, mark_id=name,
                    places=_pages(pages, record),
                )  # fmt: skip


def _same_files(record: ResponsiveRecord, here: Marks, released: Iterable[Plan]) -> Iterator[Same]:
    mine = _contents(here)
    for plan in released:
        theirs = _contents(marks_format.parse(plan.marks).effective)
        if plan.review.record.sha256 == record.sha256 and mine != theirs:
            places = f"{len(mine - theirs)} marks only here, {len(theirs - mine)} only there"
            yield Same("file", False, plan.review, plan.digest, places=places)


def _contents(marks: Marks) -> set[str]:
    kept = {mark.id for mark in marks}
    return {content_of(entry) for entry in marks.raw["marks"] if entry["id"] in kept}


def _mine(record: ResponsiveRecord, reading: Reading) -> Traits:
    """The traits of a record's original: kept at its first result, read for this one before that."""
    kept = look_alikes.kept([record.pk]).get(record.pk, {})
    if kept:
        return kept
    read: Traits = defaultdict(dict)
    for trait in reading.traits:
        read[trait.kind][trait.position] = trait.value
    return read


def _pages(pages: Sequence[int], record: ResponsiveRecord) -> str:
    if record.medium in _UNPAGED:
        return _UNPAGED[record.medium]
    named = ", ".join(map(str, pages[:12])) + (" …" if len(pages) > 12 else "")
    return f"page {named}"
