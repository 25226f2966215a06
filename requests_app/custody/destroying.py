"""The steps of a confirmed destruction, record by record, as its job takes them.

A record's destruction has a point of no return (:func:`begin`), committed before a byte is touched; from
then on no hold can cover it, and a job killed anywhere goes on from there.
"""

import os
import shutil
from collections.abc import Callable, Collection
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import transaction

from portal.audit import moves
from portal.audit import services as audit
from portal.core import files
from portal.core.errors import DomainError
from requests_app.custody import known, tracing
from requests_app.custody.judging import judge_one
from requests_app.custody.models import Certificate, Purge, PurgeItem, ResponsiveRecord, Transcript
from requests_app.custody.purging import NotDue, not_now
from requests_app.custody.rules import PURGE, ItemState, PurgeFacts

InUse = Callable[[str, ResponsiveRecord], bool]
"""Tells whether another record that exists needs the bytes at an address."""


class Destroyed(DomainError):
    """The record was destroyed on schedule; only its row is left."""

    code = "destroyed"
    status = 410


@dataclass(frozen=True)
class File:
    """One thing on disk that goes with a record. ``kind``: original, transcript, redacted copy, …"""

    address: str
    kind: str
    sha256: str = ""
    size: int = 0


def unfinished(purge: Purge) -> list[PurgeItem]:
    """This will list the items of a purge that the job still has to do, in their order."""
    rows = purge.items.filter(state__in=[ItemState.LISTED, ItemState.DESTROYING])
    return list(rows.select_related("record__request__agency", "purge__agency", "purge__confirmed_by"))


def begin(*, item: PurgeItem, beside: Collection[File], at: datetime, obstacle: str = "") -> bool:
    """This will pass the point of no return of one record, or leave it alone and say why.

    ``beside`` are the files that other rooms made of it, ``obstacle`` what they are doing with it. Gives
    whether its files are to be removed.
    """
    if item.state != ItemState.LISTED:
        return item.state == ItemState.DESTROYING
    try:
        if obstacle:
            raise NotDue(obstacle)
        _begin(item, beside, at)
    except NotDue as why:
        with transaction.atomic():
            left = PurgeItem.objects.filter(pk=item.pk, state=ItemState.LISTED)
            if left.update(state=ItemState.SKIPPED, skipped_why=str(why)[:300]):
                audit.record(
                    action="custody.record_left_alone", actor=None, subject=item.record,
                    request_key=item.record.request.key, detail={"purge": item.purge_id},
                )  # fmt: skip
    item.refresh_from_db()
    return item.state == ItemState.DESTROYING


@transaction.atomic
def _begin(item: PurgeItem, beside: Collection[File], at: datetime) -> None:
    record = item.record
    # first the entry: with the chain's lock held, no filing is half-way through placing its hold
    audit.record(
        action="custody.record_destroyed", actor=item.purge.confirmed_by, subject=record,
        request_key=record.request.key,
        detail={"purge": item.purge_id, "sha256": record.sha256, "rule": item.rule_id},
    )  # fmt: skip
    locked = ResponsiveRecord.objects.select_for_update(of=("self",), no_key=True).get(pk=record.pk)
    if locked.destroyed_at is not None:
        raise NotDue("it is destroyed already")
    today = tracing.day_of(at, item.purge.agency.time_zone) or at.date()
    if why := not_now(judge_one(locked, today), today):
        raise NotDue(why)
    ResponsiveRecord.objects.filter(pk=locked.pk).update(destroyed_at=at, purge=item.purge, original_name="")
    found = [*_own_files(locked), *beside]
    PurgeItem.objects.filter(pk=item.pk, state=ItemState.LISTED).update(
        state=ItemState.DESTROYING, files=[asdict(file) for file in found]
    )


def _own_files(record: ResponsiveRecord) -> list[File]:
    kept = Transcript.objects.filter(record=record)
    return [
        File(record.address, "original", record.sha256, record.size),
        *(File(row.address, "transcript", row.sha256, row.size) for row in kept),
    ]


@transaction.atomic
def remove(*, item: PurgeItem, in_use: InUse, at: datetime) -> None:
    """This will remove a record's files from disk and say so. Killed before its end, it is done again whole.

    Bytes that another record needs stay, and the certificate says it.
    """
    if not PurgeItem.objects.select_for_update().filter(pk=item.pk, state=ItemState.DESTROYING).exists():
        return
    record = item.record
    # under the chain's lock nobody takes in the same bytes between the question and the removal
    audit.record(
        action="custody.bytes_removed", actor=item.purge.confirmed_by, subject=record,
        request_key=record.request.key, detail={"purge": item.purge_id, "files": len(item.files)},
    )  # fmt: skip
    done: list[dict[str, Any]] = []
    for file in item.files:
        needed = in_use(file["address"], record) or _original_in_use(file["address"], record)
        if not needed:
            _unlink(file["address"])
        done.append({**file, "left": needed})
    moved = PurgeItem.objects.filter(pk=item.pk, state=ItemState.DESTROYING)
    moved.update(state=ItemState.DESTROYED, destroyed_at=at, files=done)


def _original_in_use(address: str, record: ResponsiveRecord) -> bool:
    others = ResponsiveRecord.objects.filter(destroyed_at=None).exclude(pk=record.pk)
    said = Transcript.objects.filter(address=address, record__in=others)
    return others.filter(address=address).exists() or said.exists()


def _unlink(address: str) -> None:
    path = files.path_of(address)
    # first: of a folder that is gone nobody could tell what lay in it
    for file in (path, *path.rglob("*")):
        known.forget(str(file.relative_to(files.path_of(""))))
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=False)
    else:
        with suppress(FileNotFoundError):
            path.unlink()
    _sync(path.parent)


def _sync(folder: Path) -> None:
    with suppress(FileNotFoundError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def finish(*, purge: Purge, pdf: files.Stored, table: files.Stored, at: datetime) -> None:
    """This will end a purge with its certificate. Called in the job's fenced transaction."""
    left = purge.items.filter(state__in=[ItemState.LISTED, ItemState.DESTROYING]).count()
    Certificate.objects.create(
        purge=purge, pdf_address=pdf.address, pdf_sha256=pdf.sha256, pdf_size=pdf.size,
        csv_address=table.address, csv_sha256=table.sha256, csv_size=table.size, made_at=at,
    )  # fmt: skip
    moves.apply(
        row=purge, machine=PURGE, action="finish", actor=None, facts=PurgeFacts(unfinished=left),
        changes={"finished_at": at},
        detail={"certificate": pdf.sha256, "table": table.sha256},
    )  # fmt: skip


def require_exists(record: ResponsiveRecord) -> None:
    """:raises Destroyed: when only the row of a record is left."""
    if record.destroyed_at is not None:
        number = record.purge.number if record.purge else ""
        raise Destroyed(
            f"This record was destroyed on {record.destroyed_at:%B} {record.destroyed_at.day}, "
            f"{record.destroyed_at.year}, on schedule. Certificate {number} says by which rule."
        )
