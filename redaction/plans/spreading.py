"""A long film's render spread over workers: one job row for each share of its segments, then one that joins.

The transaction that finishes the last share inserts the job that joins them. Finished segments lie under
``DATA_DIR/segments`` by what they hold, so a share that is done twice, or again after a crash, costs nothing.
"""

from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.db.models import Q, QuerySet

from portal.core import jobs
from portal.core.models import Job, JobState, Queue
from redaction import marks as marks_format
from redaction import pieces
from redaction.indexes import Index
from redaction.marks import Marks
from redaction.pieces import Piece
from redaction.plans import film_indexes
from redaction.plans.attempts import refuse, require_newest, telling
from redaction.plans.models import Plan, Review
from redaction.plans.rows import lock
from redaction.report import RedactionError
from requests_app.custody.models import ResponsiveRecord

SHARE, JOIN = "plans.share", "plans.join"
SMALLEST = 64 * 1024 * 1024  # bytes of a film below which it is made in one piece
SHARE_SECONDS = 60.0  # of film that one job renders at least
MOST_SHARES = 32
KEPT = timedelta(days=14)  # longer than a review of one film takes

Share = list[str]


def folder_of(record: ResponsiveRecord) -> Path:
    """This will give the private folder of a record's finished segments, made when missing."""
    folder = Path(settings.DATA_DIR) / "segments" / record.sha256[:2] / record.sha256
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def prune(*, at: datetime) -> None:
    """This will remove segments that were rendered longer than ``KEPT`` ago; they can be rendered again.

    They hold pictures that have not been released, and every change of a mark adds some.
    """
    oldest = (at - KEPT).timestamp()
    for part in (Path(settings.DATA_DIR) / "segments").glob("*/*/*"):
        with suppress(FileNotFoundError):  # another worker may be at it too
            if part.is_file() and part.stat().st_mtime < oldest:  # folders belong to who is making
                part.unlink()


def shares(record: ResponsiveRecord, original: Path, marks: Marks, index: Index | None = None) -> list[Share]:
    """This will give the keys each job is to render; fewer than two when it is not worth spreading."""
    if record.medium != "video" or record.size < SMALLEST or marks.effective.withheld:
        return []
    return divided(pieces.survey(original, marks, folder_of(record), index=index))


def divided(found: Sequence[Piece]) -> list[Share]:
    """This will divide what is not there yet into runs of about equal length, in order."""
    missing = [piece for piece in found if not piece.done]
    total = sum(piece.seconds for piece in missing)
    length = max(SHARE_SECONDS, total / MOST_SHARES)
    made: list[Share] = []
    filled = length
    for piece in missing:
        if filled >= length:
            made.append([])
            filled = 0.0
        made[-1].append(piece.key)
        filled += piece.seconds
    return made


def spread(run: jobs.Run, plan: Plan, wanted: Sequence[Share]) -> str:
    """This will insert a job for each share. Called in the transaction that ends the render's first job."""
    review = lock(plan.review)
    rows = [
        jobs.enqueue(
            kind=SHARE,
            dedupe_key=f"{SHARE}:{run.job_id}:{number}",
            queue=Queue.MEDIA,
            payload={
                "plan": plan.pk,
                "review": review.pk,
                "render": run.job_id,
                "keys": keys,
                "number": number,
                "of": len(wanted),
            },
            input_digest=plan.digest,
        )
        for number, keys in enumerate(wanted, start=1)
    ]
    Review.objects.filter(pk=review.pk, job_id=run.job_id).update(job=rows[0])
    return plan.digest


def make_share(run: jobs.Run) -> jobs.Publish:
    """This will render one share of a film's segments and give the step that counts it as done.

    :raises GiveUp: when the film cannot be rendered.
    """
    plan = Plan.objects.select_related("review__record__request").get(pk=run.payload["plan"])
    record = plan.review.record
    require_newest(plan)
    original, known = film_indexes.hashed_before(record)
    marks = marks_format.parse(plan.marks)
    tell = telling(run, f"part {run.payload['number']} of {run.payload['of']}: ")
    try:
        index = film_indexes.kept(record, original, known, marks, tell)
        pieces.render(original, marks, run.payload["keys"], folder_of(record), index=index, progress=tell)
    except RedactionError as error:
        _point(plan, run.payload["render"], run.job_id)
        refuse(plan, error)
    run.check()
    return lambda: _finish(run, plan)


def _finish(run: jobs.Run, plan: Plan) -> str:
    """The lock on the review lets one share at a time end, so exactly one of them is the last."""
    review = lock(plan.review)
    require_newest(plan)
    others = _shares_of(run.payload["render"]).exclude(pk=run.job_id)
    stuck = Q(state__in=[JobState.FAILED, JobState.QUARANTINED])
    waiting = others.filter(stuck).first() or others.exclude(state=JobState.DONE).order_by("pk").first()
    following = waiting or jobs.enqueue(
        kind=JOIN,
        dedupe_key=f"{JOIN}:{run.payload['render']}",
        queue=Queue.MEDIA,
        payload={"plan": plan.pk, "review": review.pk, "joins": run.payload["render"]},
        input_digest=plan.digest,
    )
    _point(plan, run.payload["render"], following.pk)
    return plan.digest


def _point(plan: Plan, render: int, job: int) -> None:
    """The review shows one job of the spread work: a failed one, else one that is still to be done."""
    Review.objects.filter(pk=plan.review_id, job__in=_shares_of(render)).update(job_id=job)


def resume(first: Job) -> Job:
    """This will give the job that a render waits for, put back to work when it had failed.

    ``first`` is the render's first job; it is what is waited for unless the work was spread.
    """
    rows = list(_shares_of(first.pk).order_by("pk")) + list(
        Job.objects.filter(dedupe_key=f"{JOIN}:{first.pk}")
    )
    stuck = [row for row in (first, *rows) if row.state in {JobState.FAILED, JobState.QUARANTINED}]
    for row in stuck:
        jobs.retry(row)
    return next(iter(stuck), next((row for row in rows if row.is_open), rows[-1] if rows else first))


def _shares_of(render: int) -> QuerySet[Job]:
    return Job.objects.filter(kind=SHARE, payload__render=render)
