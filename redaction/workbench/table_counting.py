"""What would become of a whole table: at once for a small one, by a worker for a large one, kept for an hour.

What is kept in the cache is locked by the portal's key and a salt of the table's own, for finds show cells
and marks may name a plate; the job's row knows no more than the record and a digest. Without the salt, which
goes with the record, nobody can read what is left.
"""

import base64
import hashlib
import hmac
import json
import secrets
from dataclasses import dataclass
from typing import Any

from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings
from django.core.cache import cache
from django.db import transaction

from portal.core import jobs
from portal.core.errors import BadInput
from portal.core.models import Job, JobState, Queue
from redaction import marks as marks_format
from redaction import table_looks
from redaction.engines.table import profiles
from redaction.marks import Marks
from redaction.plans.attempts import telling
from redaction.report import MarksError, RedactionError
from redaction.workbench import previews
from redaction.workbench.answers import UnfitMarks
from requests_app.custody.models import ResponsiveRecord

KIND = "workbench.table"
_KEPT = 3600  # seconds
_READ_AT_ONCE = 500_000  # bytes of a table whose cells are searched while a person waits


class UnreadableTable(BadInput):
    """The table cannot be read; the sentence says why and what can still be done."""

    code = "unreadable_table"


@dataclass(frozen=True)
class Ask:
    """One question about a table: ``what`` is counts or finds; finds do not depend on the marks."""

    record: ResponsiveRecord
    what: str
    marks: Marks

    @property
    def digest(self) -> str:
        text = json.dumps([self.what, self.record.sha256, self.marks.digest if self.what == "counts" else ""])
        return hashlib.sha256(text.encode()).hexdigest()

    @property
    def kept_as(self) -> str:
        return f"workbench-table:{self.digest}"


@dataclass(frozen=True)
class Standing:
    """How far an answer is: ``found`` once there is one, ``fault`` when there will be none."""

    found: dict[str, Any] | None = None
    progress: int = 0
    note: str = ""
    fault: str = ""
    mark: str | None = None


def decided(data: object) -> Marks:
    """This will give the marks a script sent as a release would apply them; an open suggestion does nothing.

    :raises UnfitMarks: naming the mark at fault.
    """
    try:
        marks = marks_format.parse(data)
        marks_format.check_medium(marks, "table")
    except MarksError as error:
        raise UnfitMarks(sentence(error), error.mark_id) from error
    if marks.effective.withheld:
        raise UnfitMarks("The whole table is to be withheld, so no row of it goes out.")
    kept = {mark.id for mark in marks.effective if not (mark.suggested and mark.decision is None)}
    # notes, reasons and order of no effect would only count the same table again
    plain = [
        {name: value for name, value in entry.items() if name not in _ASIDE}
        for entry in marks.raw["marks"]
        if entry["id"] in kept
    ]
    return marks_format.parse({"version": marks_format.VERSION, "marks": plain})


_ASIDE = ("note", "reason", "exemption", "suggested", "decision")


def ask(record: ResponsiveRecord, what: str, marks: Marks, *, again: bool = False) -> Standing:
    """This will answer from what is kept, at once where the table is small, else by way of a worker.

    ``again`` tries a failed job anew.

    :raises UnfitMarks: naming the mark at fault.
    :raises UnreadableTable: when the table cannot be read.
    """
    question = Ask(record, what, marks)
    found = _kept(record, question.kept_as)
    if found is not None:
        return Standing(found)
    path = previews.original_of(record)
    try:
        if table_looks.is_small(path) and (what == "counts" or record.size <= _READ_AT_ONCE):
            found = _look(question, seconds=table_looks.WAIT)
            _keep(record, question.kept_as, found, _KEPT)
            return Standing(found)
    except RedactionError as error:
        raise said(error) from error
    return _by_worker(question, again)


def known(record: ResponsiveRecord, marks: Marks) -> dict[str, Any] | None:
    """This will give the count of these marks if it is kept or quickly made; None for a large table.

    :raises UnfitMarks: naming the mark at fault.
    :raises UnreadableTable: when the table cannot be read.
    """
    question = Ask(record, "counts", marks)
    found = _kept(record, question.kept_as)
    if found is None and table_looks.is_small(previews.original_of(record)):
        return ask(record, "counts", marks).found
    return found


def key_of(record: ResponsiveRecord) -> str:
    """This will give the key of the pseudonyms that are shown; a release draws another."""
    name = f"pseudonyms shown for record {record.pk}".encode()
    return hmac.new(settings.SECRET_KEY.encode(), name, hashlib.sha256).hexdigest()


def work(run: jobs.Run) -> jobs.Publish:
    """This will answer one question in the background.

    :raises GiveUp: with the engine's sentence, or when what was asked is not kept any more.
    """
    record = ResponsiveRecord.objects.get(pk=run.payload["record"])
    raw = _kept(record, _marks_name(str(run.payload["digest"])))
    if raw is None or record.destroyed_at is not None:
        raise jobs.GiveUp("Nobody waits for this any more.")
    question = Ask(record, str(run.payload["what"]), marks_format.parse(raw))
    try:
        found = _look(question, seconds=None, progress=telling(run))
        record.refresh_from_db(fields=["destroyed_at"])  # nothing is kept of one that went meanwhile
        if record.destroyed_at is not None:
            raise jobs.GiveUp("Nobody waits for this any more.")
    except RedactionError as error:
        raise jobs.GiveUp("The table was refused, so nothing was counted.", said=sentence(error)) from error
    _keep(record, question.kept_as, found, _KEPT)
    return lambda: ""


def said(error: RedactionError) -> BadInput:
    """This will put a refusal of the library in the portal's terms."""
    if isinstance(error, MarksError):
        return UnfitMarks(sentence(error), error.mark_id)
    return UnreadableTable(
        f"{sentence(error)} You can ask for another export, or withhold the record as a whole."
    )


def sentence(error: RedactionError) -> str:
    """This will make a page's sentence of the library's words, without the mark's id."""
    text = str(error)
    named = getattr(error, "mark_id", None)
    text = text.removeprefix(f"mark {named}: ") if named else text
    return f"{text[:1].upper()}{text[1:]}{'' if text.endswith('.') else '.'}"


def _look(question: Ask, *, seconds: float | None, progress: Any = None) -> dict[str, Any]:
    path = previews.original_of(question.record)
    if question.what == "finds":
        return table_looks.scan(path, seconds=seconds, progress=progress)
    return table_looks.count(
        path,
        question.marks,
        key=key_of(question.record),
        plates=plates(question.marks),
        seconds=seconds,
        progress=progress,
    )


def plates(marks: Marks) -> list[str]:
    """This will name the columns whose different values are counted: those that hold plates."""
    named = [mark["name"] for mark in marks.of("column")]
    by_name = [row.name for row in profiles.meanings(named) if row.is_plate]
    return list(dict.fromkeys([*(mark["column"] for mark in marks.of("own_plate")), *by_name]))[:4]


def _marks_name(digest: str) -> str:
    return f"workbench-table-marks:{digest}"


def _by_worker(question: Ask, again: bool) -> Standing:
    _keep(question.record, _marks_name(question.digest), dict(question.marks.raw), 2 * _KEPT)
    job = _job(question, anew=False)
    stuck = job.state in (JobState.FAILED, JobState.QUARANTINED)
    if job.state == JobState.DONE:
        found = _kept(question.record, question.kept_as)  # it may have ended since it was looked for
        if found is not None:
            return Standing(found)
    if job.state == JobState.DONE or (stuck and again):
        job, stuck = _job(question, anew=True), False
    if stuck:
        return Standing(fault=job.told or "It could not be counted.")
    return Standing(progress=job.progress, note=job.progress_note)


def _job(question: Ask, *, anew: bool) -> Job:
    """The job of this question; what an earlier one found may be gone, then there is another."""
    name = f"workbench-table-run:{question.digest}"
    turn = None if anew else cache.get(name)
    if turn is None:
        turn = secrets.token_hex(8)
        cache.set(name, turn, 2 * _KEPT)
    with transaction.atomic():
        return jobs.enqueue(
            kind=KIND,
            dedupe_key=f"{KIND}:{question.digest}:{turn}",
            queue=Queue.INTERACTIVE,
            payload={"record": question.record.pk, "what": question.what, "digest": question.digest},
            input_digest=question.digest,
        )


def forget(record: ResponsiveRecord) -> None:
    """This will make unreadable what is kept of a destroyed record's table."""
    cache.delete(_salt_name(record))


def _keep(record: ResponsiveRecord, name: str, found: dict[str, Any], seconds: int) -> None:
    cache.set(name, _lock(record).encrypt(json.dumps(found).encode()), seconds)


def _kept(record: ResponsiveRecord, name: str) -> dict[str, Any] | None:
    held = cache.get(name)
    try:
        found: dict[str, Any] | None = json.loads(_lock(record).decrypt(held)) if held is not None else None
    except InvalidToken:  # of another key, or not ours: as good as nothing
        return None
    return found


def _salt_name(record: ResponsiveRecord) -> str:
    return f"workbench-table-salt:{record.sha256}"


def _lock(record: ResponsiveRecord) -> Fernet:
    name = _salt_name(record)
    salt: str | None = cache.get_or_set(name, lambda: secrets.token_hex(32), 3 * _KEPT)
    cache.touch(name, 3 * _KEPT)  # longer than anything it locks
    made = hmac.new(
        settings.SECRET_KEY.encode(), f"looks into tables {salt}".encode(), hashlib.sha256
    ).digest()
    return Fernet(base64.urlsafe_b64encode(made))
