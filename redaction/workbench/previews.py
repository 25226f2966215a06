"""Files made for looking at unredacted records: asked for once, made by a worker, kept while somebody looks.

They lie under ``DATA_DIR/previews`` in a folder for each source, by its hash, and go with the last record of
it that may be looked into: at its destruction, once its requests are closed, or unused for a month.
"""

import hashlib
import os
import secrets
import shutil
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction

from portal.core import files, jobs
from portal.core.errors import DomainError
from portal.core.models import JobState, Queue
from portal.core.time import now
from redaction import indexes, sandbox
from redaction.plans.rows import require_open_to_look
from redaction.plans.services import open_review
from redaction.release.destroying import PREVIEW_JOB, previews_of
from redaction.report import RedactionError
from redaction.workbench.models import Preview
from requests_app.custody.models import ResponsiveRecord

KEPT = timedelta(days=30)  # after somebody asked for it last
_STRAY = timedelta(days=1)  # a file no row names; a worker may be about to write its row
_NOTED = timedelta(hours=1)  # how often it is written that somebody still asks

STUCK = frozenset({JobState.FAILED, JobState.QUARANTINED})


@dataclass(frozen=True)
class Outcome:
    """What a maker made in scratch: a file, or None when there is nothing, and what it holds."""

    file: Path | None
    facts: dict[str, Any]
    times: list[int] = field(default_factory=list)
    following: Callable[[Preview], None] | None = None
    """Called in the publishing transaction: starts what comes next."""


Maker = Callable[[jobs.Run, Preview, ResponsiveRecord, Path], Outcome]


def start(preview: Preview, *, again: bool = False) -> Preview:
    """This will see to it that a preview gets made: a job the first time and when its file was lost.

    ``again`` puts a failed job back to work. Under the row's lock, so that two who ask get one job.
    """
    with transaction.atomic():
        row = Preview.objects.select_for_update(of=("self",)).select_related("job").get(pk=preview.pk)
        job = row.job
        if job is not None and job.state in STUCK and again:
            jobs.retry(job)
        lost = job is not None and job.state == JobState.DONE and not is_there(row)
        if job is None or lost:
            row.job = jobs.enqueue(
                kind=PREVIEW_JOB,
                dedupe_key=f"{PREVIEW_JOB}:{row.pk}:{job.pk if job else 0}",
                queue=Queue.MEDIA,
                payload={"preview": row.pk},
                input_digest=row.source_sha256,
            )
            row.address, row.sha256, row.size, row.made_at = "", "", 0, None
            row.save(update_fields=["job", "address", "sha256", "size", "made_at"])
    return row


def is_there(row: Preview) -> bool:
    """This will tell whether a preview was made and its file still is where it was put."""
    if row.made_at is None:
        return False
    if not row.address:
        return True  # made, and there was nothing to keep
    with suppress(OSError):
        return files.path_of(row.address).stat().st_size == row.size
    return False


def note_asked(source_sha256: str, at: datetime) -> None:
    """This will put off the day on which the previews of a source go for want of use."""
    old = Preview.objects.filter(source_sha256=source_sha256, asked_at__lt=at - _NOTED)
    old.update(asked_at=at)


def state_of(row: Preview) -> str:
    """This will give none, waiting, running, ready or failed."""
    if is_there(row):
        return "ready"
    return "none" if row.job is None or row.job.state == JobState.DONE else _STATES[JobState(row.job.state)]


_STATES = {
    JobState.PENDING: "waiting",
    JobState.RUNNING: "running",
    JobState.FAILED: "failed",
    JobState.QUARANTINED: "failed",
}


def make(run: jobs.Run, makers: dict[str, Maker]) -> jobs.Publish:
    """This will make one preview of whichever open record has its source, and give the step that shows it.

    :raises GiveUp: when the source cannot be shown, or nobody may look into it any more.
    """
    preview = Preview.objects.filter(pk=run.payload["preview"]).first()
    record = open_record(preview.source_sha256) if preview is not None else None
    if preview is None or record is None:
        raise jobs.GiveUp("No open record has this film any more. Nothing was made.")
    files.require_space(64 * 1024 * 1024)
    with files.scratch() as folder:
        try:
            if preview.kind == Preview.Kind.SAMPLE:  # somebody waits for this one
                outcome = makers[preview.kind](run, preview, record, folder)
            else:
                with sandbox.giving_way():
                    outcome = makers[preview.kind](run, preview, record, folder)
        except RedactionError as error:
            raise jobs.GiveUp("Nothing was made: the recording was refused.", said=error.sentence) from error
        except files.Corrupt as error:
            raise jobs.GiveUp(str(error)) from error
        run.check()
        kept = _settle(preview, outcome.file) if outcome.file is not None else None
    return lambda: _publish(run, preview, outcome, kept)


def open_record(source_sha256: str) -> ResponsiveRecord | None:
    """This will give a record with these bytes into which its staff may look now."""
    rows = ResponsiveRecord.objects.filter(sha256=source_sha256, destroyed_at=None)
    for record in rows.select_related("request__agency").order_by("pk"):
        with suppress(DomainError):
            require_open_to_look(open_review(record=record))
            return record
    return None


def original_of(record: ResponsiveRecord) -> Path:
    """This will give the path of a record's bytes, hashed once for each state of the file on disk."""
    kept = files.Stored.of(record)
    return files.require_once_intact(kept)


def _settle(preview: Preview, made: Path) -> files.Stored:
    """Into the source's folder under a name of its own; no row names it yet, so :func:`prune` may take it."""
    with made.open("rb") as stream:
        sha256 = hashlib.file_digest(stream, "sha256").hexdigest()
        os.fsync(stream.fileno())
    folder = previews_of(preview.source_sha256)
    place = files.path_of(folder)
    place.mkdir(mode=0o700, parents=True, exist_ok=True)
    address = f"{folder}/{preview.kind}-{preview.pk}-{secrets.token_hex(4)}{made.suffix}"
    size = made.stat().st_size
    made.replace(files.path_of(address))
    handle = os.open(place, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
    return files.Stored(address=address, sha256=sha256, size=size)


def _publish(run: jobs.Run, preview: Preview, outcome: Outcome, kept: files.Stored | None) -> str:
    """The records' lock lets no destruction begin between the question whether they exist and the row."""
    rows = ResponsiveRecord.objects.select_for_update(of=("self",), no_key=True)
    alive = list(rows.filter(sha256=preview.source_sha256, destroyed_at=None).order_by("pk"))
    row = Preview.objects.select_for_update(of=("self",)).filter(pk=preview.pk, job=run.job_id).first()
    if row is None or not alive:
        if kept is not None:
            files.path_of(kept.address).unlink(missing_ok=True)
        raise jobs.GiveUp("No open record has this film any more. Nothing was kept.")
    row.facts, row.times, row.made_at = outcome.facts, outcome.times, now()
    if kept is not None:
        row.address, row.sha256, row.size = kept.address, kept.sha256, kept.size
    row.save(update_fields=["facts", "times", "made_at", "address", "sha256", "size"])
    if outcome.following is not None:
        outcome.following(row)
    return row.sha256


def forget(record: ResponsiveRecord) -> None:
    """This will take the rows of a destroyed record's previews; their files go with its other files."""
    others = ResponsiveRecord.objects.filter(sha256=record.sha256, destroyed_at=None).exclude(pk=record.pk)
    if not others.exists():
        Preview.objects.filter(source_sha256=record.sha256).delete()


def prune(*, at: datetime) -> None:
    """This will remove previews nobody may look at, or has asked for in a month, and files without a row."""
    sources = set(Preview.objects.values_list("source_sha256", flat=True).distinct())
    for source in sorted(sources):
        rows = Preview.objects.filter(source_sha256=source)
        if open_record(source) is not None:
            rows = rows.filter(asked_at__lt=at - KEPT)
        _remove(list(rows))
    _sweep(at)


def _remove(rows: list[Preview]) -> None:
    for row in rows:
        row.delete()  # first the row: what it names is not served from then on
        if row.address:
            files.path_of(row.address).unlink(missing_ok=True)


def _sweep(at: datetime) -> None:
    named = set(Preview.objects.exclude(address="").values_list("address", flat=True))
    root = Path(settings.DATA_DIR)
    for folder in (root / "previews").glob("*/*"):
        for path in folder.glob("*"):
            with suppress(FileNotFoundError):
                age = timedelta(seconds=at.timestamp() - path.stat().st_mtime)
                if path.suffix == indexes.SUFFIX:  # no row names these
                    if age > KEPT or open_record(folder.name) is None:
                        path.unlink()
                elif age > _STRAY and path.is_dir():  # a worker was killed while it read a film
                    shutil.rmtree(path, ignore_errors=True)
                elif age > _STRAY and str(path.relative_to(root)) not in named:
                    path.unlink()
        with suppress(OSError):
            folder.rmdir()  # only when nothing is left in it
