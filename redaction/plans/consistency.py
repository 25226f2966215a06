"""Consistency: the same text, page, picture or file withheld in one record and open in another.

Compared when a result has been verified, both ways, with the results of the same request and with what was
released before. Of any two records the one made later finds what the pair has in common.
"""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.db.models import Max

from portal.audit import services as audit
from redaction import marks as marks_format
from redaction import traits
from redaction.marks import Mark, Marks
from redaction.plans.finding_models import CopyWords, Finding, Likeness
from redaction.plans.models import Plan, Render, Review
from redaction.plans.rules import ReviewStatus
from redaction.plans.suggestion_groups import content_of
from redaction.report import RedactionError
from redaction.traits import Trait, Words, fold, is_near, pages_with
from requests_app.custody.models import ResponsiveRecord

_MADE = (ReviewStatus.VERIFIED, ReviewStatus.APPROVED, ReviewStatus.RELEASED)
_ASIDE = (ReviewStatus.NOT_RESPONSIVE, ReviewStatus.DUPLICATE, ReviewStatus.WITHHELD)
_READ = (".pdf", ".csv", ".xlsx", ".ods", ".parquet", ".tsv")
_LOOKED_AT = ("pdf", "image", "video")
_MOST_WORDS = 2_000  # texts of one record that are looked for elsewhere
_MOST_FINDINGS = 500


@dataclass(frozen=True)
class Reading:
    """What was read of a copy and its original before the result is published."""

    words: Words | None = None
    traits: Sequence[Trait] = ()


@dataclass(frozen=True)
class _Same:
    same: str
    open_here: bool
    other: ResponsiveRecord
    released: bool
    other_digest: str
    words: str = ""
    mark_id: str = ""
    places: str = ""

    @property
    def key(self) -> str:
        parts = (self.same, str(self.open_here), self.other.sha256, self.other_digest, fold(self.words))
        where = self.places if self.same == "page" else ""
        return hashlib.sha256("\x1f".join((*parts, where)).encode("utf-8", "surrogatepass")).hexdigest()


def read(record: ResponsiveRecord, original: Path, copy: Path | None) -> Reading:
    """This will read, in children, what is compared later. A file that cannot be read is said to be so."""
    words = None
    if copy is not None and copy.suffix in _READ:
        try:
            words = traits.words_of(copy)
        except RedactionError:
            words = Words("", whole=False)
    if copy is None or record.medium not in _LOOKED_AT or record.likenesses.exists():
        return Reading(words)
    try:
        return Reading(words, traits.traits_of(original))
    except RedactionError:
        return Reading(words)


def compare(render: Render, reading: Reading) -> list[Finding]:
    """This will keep what was read of a result and write down where the same stands open.

    Called in the transaction that publishes the result. The chain's lock lets one result at a time compare,
    or two made at once would not see each other.
    """
    audit.hold_chain()
    record = render.review.record
    Likeness.objects.bulk_create(
        [
            Likeness(record=record, kind=row.kind, position=row.position, value=row.value)
            for row in reading.traits
        ],
        ignore_conflicts=True,
    )
    if render.withheld:
        return []
    if reading.words is not None:
        CopyWords.objects.create(render=render, folded=reading.words.folded, whole=reading.words.whole)
    here = marks_format.parse(render.plan.marks).effective
    found: dict[str, _Same] = {}
    for row in _found(render, here, reading):
        found.setdefault(row.key, row)
        if len(found) >= _MOST_FINDINGS:
            break
    return Finding.objects.bulk_create(
        Finding(
            render=render, review=render.review, key=row.key, same=row.same, open_here=row.open_here,
            other=row.other, released=row.released, words=row.words[:300], mark_id=row.mark_id,
            places=row.places[:300],
        )
        for row in found.values()
    )  # fmt: skip


def _found(render: Render, here: Marks, reading: Reading) -> Iterator[_Same]:
    record = render.review.record
    neighbours = _neighbours(record)
    yield from _open_there(render, _texts(here))
    if reading.words is not None:
        yield from _text_open_here(neighbours, reading.words)
    released = _released_elsewhere(record)
    yield from _same_files(record, here, released)
    yield from _look_alikes(record, here, [*neighbours, *released])


def _texts(marks: Marks) -> dict[str, Mark]:
    """The texts some marks withhold wherever they stand, folded, each with its mark."""
    found: dict[str, Mark] = {}
    for mark in marks:
        for text in _said_by(mark):
            folded = fold(text)
            if len(folded) >= traits.SHORTEST and len(found) < _MOST_WORDS:
                found.setdefault(folded, mark)
    return found


def _said_by(mark: Mark) -> list[str]:
    if mark.kind in ("text", "mute") and mark.get("literal"):
        return [str(mark["literal"])]
    if mark.kind == "rows" and mark.get("remove"):
        rows = [row for row in mark["remove"] if row["op"] in ("eq", "in")]
        values = [value for row in rows for value in _values(row["value"])]
        return [value for value in values if any(letter.isalpha() for letter in value)]
    return []


def _values(value: Any) -> list[str]:
    return [str(one) for one in value] if isinstance(value, list | tuple) else [str(value)]


def _neighbours(record: ResponsiveRecord) -> list[tuple[Review, Plan, bool]]:
    """The other records of the request that have marks and are not set aside, with their newest marks."""
    rows = Review.objects.filter(
        record__request=record.request, plans__isnull=False, record__destroyed_at=None
    )
    rows = rows.exclude(record=record).exclude(status__in=_ASIDE)
    return _with_plans(rows, record)


def _released_elsewhere(record: ResponsiveRecord) -> list[tuple[Review, Plan, bool]]:
    """Released records of other requests of the agency that are the same file or look alike."""
    rows = Review.objects.filter(
        status=ReviewStatus.RELEASED, record__request__agency=record.request.agency
    ).exclude(record__request=record.request)
    same = rows.filter(record__sha256=record.sha256)
    mine = Likeness.objects.filter(record=record)
    pages = mine.filter(kind="page").values("value")
    alike = rows.filter(record__likenesses__kind="page", record__likenesses__value__in=pages)
    seen = rows.none()
    if record.medium in ("image", "video") and mine.exists():
        seen = rows.filter(record__medium=record.medium, record__likenesses__isnull=False)
    return _with_plans(rows.filter(pk__in={row.pk for part in (same, alike, seen) for row in part}), record)


def _with_plans(rows: Any, record: ResponsiveRecord) -> list[tuple[Review, Plan, bool]]:
    newest = rows.annotate(newest=Max("plans__version")).select_related("record__request")
    found = []
    for row in newest.order_by("record__request", "record__position"):
        plan = row.plans.get(version=row.newest)
        found.append((row, plan, row.status == ReviewStatus.RELEASED))
    return found


def _open_there(render: Render, texts: dict[str, Mark]) -> Iterator[_Same]:
    """Words withheld here that a made result of the request, or a released one, leaves legible."""
    record = render.review.record
    made = CopyWords.objects.filter(
        render__review__record__request__agency=record.request.agency,
        render__review__status__in=_MADE,
        render__review__record__destroyed_at=None,
    ).exclude(render__review=render.review)
    latest = made.values("render__review").annotate(newest=Max("render")).values("newest")
    standing = made.filter(render__in=latest).select_related(
        "render__plan", "render__review__record__request"
    )
    for folded, mark in texts.items():
        for row in standing.filter(folded__contains=folded):
            review = row.render.review
            released = review.status == ReviewStatus.RELEASED
            if review.record.request_id != record.request_id and not released:
                continue
            if pages := pages_with(row.folded, folded):
                yield _Same(
                    "text", False, review.record, released, row.render.marks_digest,
                    words=_shown(mark, folded), mark_id=mark.id, places=_pages(pages, review.record),
                )  # fmt: skip


def _text_open_here(neighbours: Iterable[tuple[Review, Plan, bool]], words: Words) -> Iterator[_Same]:
    for review, plan, released in neighbours:
        for folded, mark in _texts(marks_format.parse(plan.marks).effective).items():
            if pages := pages_with(words.folded, folded):
                yield _Same(
                    "text", True, review.record, released, plan.digest, words=_shown(mark, folded),
                    mark_id=mark.id, places=_pages(pages, None),
                )  # fmt: skip


def _same_files(
    record: ResponsiveRecord, here: Marks, released: Iterable[tuple[Review, Plan, bool]]
) -> Iterator[_Same]:
    mine = _contents(here)
    for review, plan, _released in released:
        theirs = _contents(marks_format.parse(plan.marks).effective)
        if review.record.sha256 == record.sha256 and mine != theirs:
            places = f"{len(mine - theirs)} marks only here, {len(theirs - mine)} only there"
            yield _Same("file", False, review.record, True, plan.digest, words="", places=places)


def _contents(marks: Marks) -> set[str]:
    kept = {mark.id for mark in marks}
    return {content_of(entry) for entry in marks.raw["marks"] if entry["id"] in kept}


def _look_alikes(
    record: ResponsiveRecord, here: Marks, others: Sequence[tuple[Review, Plan, bool]]
) -> Iterator[_Same]:
    """Pages, pictures and films that look the same, marked on one side and not at all on the other."""
    mine = _traits(record)
    for review, plan, released in others:
        other = review.record
        if other.sha256 == record.sha256 or not mine:
            continue
        there = marks_format.parse(plan.marks).effective
        for kind, pairs in _alike(mine, _traits(other)).items():
            for at, yonder in pairs:
                one, two = _marked(here, kind, at), _marked(there, kind, yonder)
                if one != two:
                    places = f"page {at} here, page {yonder} there" if kind == "page" else ""
                    yield _Same(kind, two, other, released, plan.digest, places=places)


def _traits(record: ResponsiveRecord) -> dict[str, dict[int, str]]:
    found: dict[str, dict[int, str]] = defaultdict(dict)
    for row in record.likenesses.order_by("position"):
        found[row.kind][row.position] = row.value
    return found


def _alike(
    mine: dict[str, dict[int, str]], theirs: dict[str, dict[int, str]]
) -> dict[str, list[tuple[int, int]]]:
    where = {value: position for position, value in theirs.get("page", {}).items()}
    found = {"page": [(at, where[value]) for at, value in mine.get("page", {}).items() if value in where]}
    one, two = mine.get("picture", {}).get(1), theirs.get("picture", {}).get(1)
    if one and two and is_near(one, two):
        found["picture"] = [(1, 1)]
    films, others = mine.get("film", {}), theirs.get("film", {})
    both = films.keys() & others.keys()
    near = sum(is_near(films[at], others[at], film=True) for at in both)
    if both and near >= 0.75 * max(len(films), len(others)):
        found["film"] = [(1, 1)]
    return found


def _marked(marks: Marks, kind: str, page: int) -> bool:
    if kind == "page":
        return any(mark["page"] == page for mark in marks.of("box", "page"))
    return bool(marks.of("box", "region", "frame", "cut"))


def _shown(mark: Mark, folded: str) -> str:
    """The text as the mark has it, where it is one text."""
    literal = mark.get("literal")
    return str(literal) if literal and fold(str(literal)) == folded else folded


def _pages(pages: Sequence[int], record: ResponsiveRecord | None) -> str:
    if record is not None and record.medium == "table":
        return "in the table"
    named = ", ".join(map(str, pages[:12])) + (" …" if len(pages) > 12 else "")
    return f"page {named}"
