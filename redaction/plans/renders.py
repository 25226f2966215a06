"""Making the redacted copy: the engine in scratch, then one fenced transaction that shows it to people."""

from pathlib import Path

from portal.audit import moves
from portal.core import files, jobs
from portal.core.time import now
from redaction import companions, machinery, pipeline, sniff
from redaction import marks as marks_format
from redaction.marks import Marks
from redaction.plans import consistency, film_indexes, spreading
from redaction.plans.attempts import refuse, require_newest, telling
from redaction.plans.models import Companion, Plan, Render
from redaction.plans.rows import lock
from redaction.plans.rules import REVIEW, ReviewStatus, media_of, output_suffix
from redaction.report import RedactionError, Report
from requests_app.custody import transcripts
from requests_app.custody.models import ResponsiveRecord


def make(run: jobs.Run) -> jobs.Publish:
    """This will redact the stored original by one plan and give the step that publishes the result.

    A long film is not made here: its shares become jobs of their own, and the last one brings one that joins.

    :raises GiveUp: when engine or verifier refuse, with their sentence, or when the marks have moved on.
    """
    plan = Plan.objects.select_related("review__record__request", "author").get(pk=run.payload["plan"])
    record = plan.review.record
    marks = marks_format.parse(plan.marks)
    require_newest(plan)
    _require_exists(record)
    original, known = film_indexes.hashed(record)
    try:
        index = film_indexes.kept(record, original, known, marks, telling(run))
        wanted = [] if run.payload.get("joins") else spreading.shares(record, original, marks, index)
    except RedactionError as error:
        refuse(plan, error)
    if len(wanted) > 1:
        return lambda: spreading.spread(run, plan, wanted)
    transcript = transcripts.standing(record)
    if record.medium == "video":
        spreading.prune(at=now())
    aids = {"cache": spreading.folder_of(record)} if record.medium == "video" else {}
    if transcript is not None:
        aids["transcript"] = files.require_intact(files.Stored.of(transcript))
    with files.scratch() as folder:
        files.require_space(record.size)
        target = folder / f"redacted{suffix_of(record, marks)}"
        try:
            report = pipeline.redact(
                original,
                marks,
                target,
                companions=folder / "beside",
                aids=aids,
                progress=telling(run),
                known=known,
                index=index,
            )
        except RedactionError as error:
            refuse(plan, error)
        run.check()
        captions = folder / "beside" / "captions.vtt"
        reading = consistency.read(
            plan,
            original,
            None if report.withheld else target,
            captions=captions if captions.is_file() else None,
            transcript=aids.get("transcript"),
        )
        run.check()
        result = _keep(report, target)
        beside = _keep_companions(folder / "beside")
        search = None if report.withheld else consistency.search(plan, reading)
    spoken = transcript.sha256 if transcript is not None else ""
    return lambda: _publish(run, plan, report, result, beside, target.suffix, spoken, search)


def _require_exists(record: ResponsiveRecord) -> None:
    if record.destroyed_at is not None:
        raise jobs.GiveUp("The record was destroyed on schedule. Nothing is made of it any more.")


def suffix_of(record: ResponsiveRecord, marks: Marks) -> str:
    """This will choose the suffix of the redacted copy; a whole withholding makes none but needs a name."""
    if marks.effective.withheld:
        return ".none"
    medium = marks_format.medium_meant(marks.effective, media_of(record.medium, record.format))
    return output_suffix(sniff.SUFFIXES[record.format], pipeline.suffixes(medium))


def _keep(report: Report, target: Path) -> files.Stored | None:
    if report.withheld:
        return None
    kept = files.store_file(target, area="derived")
    if kept.sha256 != report.target_sha256:
        raise jobs.GiveUp("The redacted copy changed between its check and the disk. Nothing was kept.")
    return kept


def _keep_companions(folder: Path) -> dict[str, files.Stored]:
    """What the engine wrote beside its copy, by name; an empty file is none."""
    found = sorted(path for path in folder.glob("*") if path.is_file() and path.stat().st_size)
    if any(path.name not in companions.TITLES for path in found):
        raise jobs.GiveUp("The engine left a file that nothing asked for. Nothing was kept.")
    return {path.name: files.store_file(path, area="derived") for path in found}


def _publish(
    run: jobs.Run,
    plan: Plan,
    report: Report,
    result: files.Stored | None,
    beside: dict[str, files.Stored],
    suffix: str,
    spoken: str,
    search: consistency.Search | None,
) -> str:
    review = lock(plan.review)
    require_newest(plan)
    _require_exists(review.record)
    if review.status != ReviewStatus.MARKED:
        raise jobs.GiveUp("The record was decided otherwise while this was being made. Nothing was kept.")
    if report.source_sha256 != review.record.sha256 or report.marks_digest != plan.digest:
        raise jobs.GiveUp("The result is not of this original and these marks. Nothing was kept.")
    standing = transcripts.standing(review.record)
    if spoken != (standing.sha256 if standing is not None else ""):
        raise jobs.GiveUp("The transcript changed while this was being made. Make it again.")
    render = Render.objects.create(
        review=review,
        plan=plan,
        job_id=run.job_id,
        source_sha256=report.source_sha256,
        marks_digest=report.marks_digest,
        transcript_sha256=spoken,
        withheld=result is None,
        address=result.address if result else "",
        sha256=result.sha256 if result else "",
        size=result.size if result else 0,
        suffix=suffix if result else "",
        engine=machinery.stamp() if result else "",
        report=report.as_dict(),
        created_at=now(),
    )
    for name, kept in beside.items():
        Companion.objects.create(
            render=render, name=name, address=kept.address, sha256=kept.sha256, size=kept.size
        )
    detail = {"version": plan.version, "marks_digest": plan.digest, "render_sha256": render.sha256}
    for action in ("render", "verify"):  # by a worker; who asked for it is in the entry of the marks
        moves.apply(
            row=review,
            machine=REVIEW,
            action=action,
            actor=None,
            request_key=review.record.request.key,
            detail=detail,
        )
    consistency.compare(render, search)
    return render.sha256
