"""Some seconds of a film as the engine makes them of the marks as saved: what is seen is what will leave.

The very engine, verifier included, works on the very source; everything before and after the sample is cut
out by marks of its own. Finished segments are shared with the whole film's render.
"""

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from portal.core import files, jobs
from portal.core.errors import BadInput
from redaction import marks as marks_format
from redaction import pipeline
from redaction.engines.media.choice import Choice
from redaction.engines.media.timeline import Span, Timeline, merged
from redaction.plans import film_indexes, spreading
from redaction.plans.attempts import telling
from redaction.plans.models import Plan
from redaction.workbench import film_previews, previews
from redaction.workbench.models import Preview
from redaction.workbench.previews import Outcome
from requests_app.custody import known as custody_known
from requests_app.custody import transcripts
from requests_app.custody.models import Medium, ResponsiveRecord

LONGEST, USUAL = 30.0, 10.0  # seconds
_NEAR = 0.02  # seconds past the end that are the end
_SAMPLE = Preview.Kind.SAMPLE


class NoSample(BadInput):
    """No such sample can be made; the sentence says why."""

    code = "no_sample"


@dataclass(frozen=True)
class Asked:
    """A sample somebody wants: from ``start`` to ``end`` in seconds, by one version of the marks."""

    record: ResponsiveRecord
    plan: Plan | None
    start: float
    end: float

    @property
    def variant(self) -> str:
        """Everything the result depends on; the address of a sample that other marks made is another."""
        said = transcripts.standing(self.record)
        parts = [self.plan.digest if self.plan else "", said.sha256 if said else "", self.plan_pk]
        digest = hashlib.sha256(json.dumps(parts).encode()).hexdigest()
        return f"{self.plan_pk}-{round(self.start * 1000)}-{round(self.end * 1000)}-{digest[:24]}"

    @property
    def plan_pk(self) -> int:
        return self.plan.pk if self.plan else 0

    def row(self) -> Preview | None:
        rows = Preview.objects.filter(
            source_sha256=self.record.sha256, kind=_SAMPLE, variant=self.variant, number=0
        )
        return rows.select_related("job").first()


def asked(record: ResponsiveRecord, plan: Plan | None, start: float, seconds: float) -> Asked:
    """This will check what is asked for against the recording.

    :raises NoSample: for a time that is not there, or one that the marks take out whole.
    :raises Refused: when the recording cannot be read.
    """
    shape = film_previews.shape_of(record, film_previews.picture_of(plan.marks) if plan else 0)
    if not 0.5 <= seconds <= LONGEST:
        raise NoSample(f"A sample is half a second to {LONGEST:g} seconds long.")
    if not 0 <= start < shape["duration"]:
        raise NoSample(
            f"The recording is {shape['duration']:.2f} seconds long; there is no second {start:g}."
        )
    end = min(start + seconds, shape["duration"])
    if plan is not None:
        marks = marks_format.parse(plan.marks)
        if marks.effective.withheld:
            raise NoSample("The whole record is withheld by these marks, so nothing of it would be released.")
        cuts = merged(Span(mark["start"], mark["end"]) for mark in marks.effective.of("cut"))
        if Timeline(shape["duration"], cuts).covers(start, end):
            raise NoSample("The marks cut this span out whole, so nothing of it would be released.")
    return Asked(record, plan, round(start, 3), round(end, 3))


def ask(wanted: Asked, *, at: datetime) -> Preview:
    """This will have a sample made, again when it failed."""
    row, _ = Preview.objects.get_or_create(
        source_sha256=wanted.record.sha256, kind=_SAMPLE, variant=wanted.variant, number=0,
        defaults={"asked_at": at, "start": wanted.start, "end": wanted.end},
    )  # fmt: skip
    return previews.start(row, again=True)


def state(wanted: Asked, row: Preview | None) -> dict[str, Any]:
    """This will say how far a sample is."""
    found = previews.state_of(row) if row is not None else "none"
    job = row.job if row is not None else None
    return {
        "state": found,
        "progress": 1.0 if found == "ready" else job.progress / 100 if job is not None else 0.0,
        "note": job.progress_note if job is not None and job.is_open else "",
        "error": job.told if job is not None and found == "failed" else "",
        "version": wanted.plan.version if wanted.plan else 0,
        "start": wanted.start,
        "end": wanted.end,
        "report": row.facts if row is not None and found == "ready" else None,
    }


def make(run: jobs.Run, preview: Preview, record: ResponsiveRecord, folder: Path) -> Outcome:
    """This will have the engine make and verify one sample.

    :raises RedactionError: with the engine's or the verifier's sentence.
    """
    plan = Plan.objects.filter(pk=int(preview.variant.partition("-")[0])).first()
    if plan is not None and plan.review.record.sha256 == record.sha256:
        record = plan.review.record
    end = preview.end if preview.end is not None else preview.start + USUAL
    original, known = film_indexes.hashed_before(record)
    entries = _decided(plan)
    chosen = marks_format.parse({"version": 1, "marks": entries})
    index = film_indexes.kept(record, original, known, chosen, telling(run))
    length = index.seconds if index is not None else _length(original, chosen)
    marks = marks_format.parse(_marks_of(entries, preview.start, end, length))
    aids = {"cache": spreading.folder_of(record)} if record.medium == Medium.VIDEO else {}
    transcript = transcripts.standing(record)
    if transcript is not None:
        aids["transcript"] = files.require_intact(files.Stored.of(transcript))
    target = folder / f"sample{'.mp4' if record.medium == Medium.VIDEO else '.m4a'}"
    report = pipeline.redact(
        original, marks, target, aids=aids, progress=telling(run), known=known, index=index
    )
    facts = {"way": report.details.get("way", ""), "warnings": report.warnings}
    return Outcome(target, facts)


def _decided(plan: Plan | None) -> list[dict[str, Any]]:
    """The marks without open suggestions, which nobody has decided yet."""
    return [
        entry
        for entry in (plan.marks["marks"] if plan is not None else [])
        if not (entry.get("suggested") and not entry.get("decision"))
    ]


def _marks_of(decided: list[dict[str, Any]], start: float, end: float, length: float) -> dict[str, Any]:
    """The marks, and all but the sample cut out of a recording of ``length`` seconds."""
    entries = list(decided)
    used = {entry["id"] for entry in entries}
    rests = [(0.0, start), (end, length)]
    for number, (first, last) in enumerate(rests):
        if last - first > _NEAR:
            name = f"sample-{number}"
            while name in used:
                name += "-"
            entries.append({"id": name, "kind": "cut", "start": first, "end": last})
    return {"version": 1, "marks": entries}


def _length(original: Path, marks: marks_format.Marks) -> float:
    choice = Choice.of(marks)
    return custody_known.length(original, choice.picture, choice.sound)


MAKERS: dict[str, previews.Maker] = {**film_previews.MAKERS, _SAMPLE: make}
