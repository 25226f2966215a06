"""Consistency: the same text, page, picture or file withheld in one record and open in another.

Compared when a result has been verified, both ways, with the results of the same request and with what was
released before. Of any two records the one made later finds what the pair has in common.

The search takes long and is made before anything is locked. The audit chain says what it could not see:
every step of a review writes an entry, so what was changed since the search began is what has later entries.
Only that is looked through again under the chain's lock, which every publisher holds until it commits.
"""

from dataclasses import dataclass, field
from pathlib import Path

from portal.audit import services as audit
from redaction import traits
from redaction.plans import listing, plate_sameness, sameness, speech
from redaction.plans.comparison_models import Comparison, Traces
from redaction.plans.finding_models import CopyWords, Finding, FindingDecision, Likeness
from redaction.plans.models import Plan, Render, Review
from redaction.plans.sameness import Reading, Same, Sums
from redaction.report import RedactionError
from redaction.traits import Words
from requests_app.custody.models import ResponsiveRecord

_READ = (".pdf", *plate_sameness.TABLES)
_LOOKED_AT = ("pdf", "image", "video")
_MOST_FINDINGS = 20_000  # people decide so many in groups; beyond, the marks are too broad
_ROUNDS = 3  # each looks only through what was changed during the one before


def read(
    plan: Plan,
    original: Path,
    copy: Path | None,
    *,
    captions: Path | None = None,
    transcript: Path | None = None,
) -> Reading:
    """This will read, in children, what is compared later. A file that cannot be read is said to be so.

    ``captions`` go out beside the copy; ``transcript`` is the record's own and tells what is muted by time.
    """
    record, words = plan.review.record, None
    if copy is None:
        return Reading()
    try:
        if copy.suffix in _READ:
            words = traits.words_of(copy)
        elif captions is not None:
            words = speech.words_of(captions)
    except RedactionError:
        words = Words("", whole=False)
    plates = plate_sameness.read(record, original, copy, words)
    spoken = speech.muted(plan, transcript) if transcript is not None else ()
    if record.medium not in _LOOKED_AT or record.likenesses.exists():
        return Reading(words, plates=plates, spoken=spoken)
    try:
        return Reading(words, traits.traits_of(original), plates, spoken)
    except RedactionError:
        return Reading(words, plates=plates, spoken=spoken)


@dataclass
class Search:
    """What a result will have in common with others, as of one entry of the audit chain."""

    plan: Plan
    reading: Reading
    since: int
    found: dict[str, Same] = field(default_factory=dict)  # by key
    sums: Sums = field(default_factory=Sums)
    beyond: bool = False

    def look(self, among: set[int] | None = None) -> None:
        sums = self.sums if among is None else Sums()
        for same in sameness.found(self.plan, self.reading, among, sums):
            if len(self.found) >= _MOST_FINDINGS and same.key not in self.found:
                self.beyond = True
                break
            self.found.setdefault(same.key, same)

    def catch_up(self) -> bool:
        """This will look again through the reviews with entries since; gives whether there were any."""
        reached = audit.reached()  # first: what comes after it is looked through the next time
        changed = {int(pk) for pk in audit.subjects_since(self.since, Review)} - {self.plan.review_id}
        self.since = reached
        if changed:
            self.found = {key: same for key, same in self.found.items() if same.review.pk not in changed}
            self.look(changed)
        return bool(changed)


def search(plan: Plan, reading: Reading) -> Search:
    """This will look for what is withheld on one side and open on the other. Takes long, locks nothing."""
    made = Search(plan, reading, audit.reached())
    made.look()
    for _round in range(_ROUNDS):
        if not made.catch_up():
            break
    return made


def compare(render: Render, search: Search | None) -> list[Finding]:
    """This will keep what was read of a result and write down where the same stands open.

    Called in the transaction that publishes the result; ``search`` is None for one withheld whole. The
    chain's lock lets one result at a time be compared, or two made at once would not see each other.
    """
    audit.hold_chain()
    if search is None:
        return []
    record, reading = render.review.record, search.reading
    Likeness.objects.bulk_create(
        [
            Likeness(record=record, kind=row.kind, position=row.position, value=row.value)
            for row in reading.traits
        ],
        ignore_conflicts=True,
    )
    if reading.words is not None:
        CopyWords.objects.create(render=render, folded=reading.words.folded, whole=reading.words.whole)
    plates = reading.plates
    Traces.objects.create(
        render=render,
        sign=plate_sameness.sign(),
        withheld=plate_sameness.packed(plates.withheld),
        opened=plate_sameness.packed(plates.opened),
        spoken=[list(row) for row in reading.spoken],
    )
    search.catch_up()
    others = [same.other.pk for same in search.found.values()]
    gone = set(
        ResponsiveRecord.objects.filter(pk__in=others, destroyed_at__isnull=False).values_list(
            "pk", flat=True
        )
    )
    return _keep(render, search, gone)


def _keep(render: Render, search: Search, gone: set[int]) -> list[Finding]:
    """The first findings as rows, the rest waiting behind them; what was decided before comes last."""
    said = set(FindingDecision.objects.filter(review=render.review).values_list("key", flat=True))
    rows = [
        Finding(
            render=render, review=render.review, key=key, same=same.same, open_here=same.open_here,
            other=same.other, released=same.released, words=same.words[:300], mark_id=same.mark_id,
            places=same.places[:300],
        )
        for key, same in search.found.items()
        if same.other.pk not in gone
    ]  # fmt: skip
    rows.sort(key=lambda row: row.key in said)
    rest = [listing.kept(row) for row in rows[listing.STEP :] if row.key not in said]
    listed = Finding.objects.bulk_create(rows[: listing.STEP])
    Comparison.objects.create(
        render=render,
        found=len(listed) + len(rest),
        beyond=search.beyond,
        rest=rest,
        sums=search.sums.as_dict(),
    )
    return listed
