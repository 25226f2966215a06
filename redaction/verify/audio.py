"""Checks a redacted sound file: nothing in it but sound, and silence (or the tone) where it was asked for.

The structure is read by own parsers, the samples are decoded anew; see docs/decisions/0003.
"""

from pathlib import Path

from redaction.marks import Marks
from redaction.report import Finding, Report
from redaction.verify.media import chosen, listing
from redaction.verify.media.clock import clock_of
from redaction.verify.media.heard import hear
from redaction.verify.media.joints import examine_joints
from redaction.verify.media.playback import Unplayable
from redaction.verify.media.spoken import timed

MEDIUM = "audio"
AIDS = ("transcript",)
LONGER = 0.15  # seconds an encoder may add at the ends


def examine(output: Path) -> list[Finding]:
    """This will name what a released sound file should not hold, without knowing its source."""
    return listing.examine(output, film=False)


def verify(
    output: Path, source: Path, marks: Marks, report: Report, *, transcript: Path | None = None
) -> list[Finding]:
    """This will test every mark on the decoded sound and note in ``report`` which ones hold."""
    marks = marks.effective
    findings = examine(output)
    length = listing.times_of(source, marks).length
    clock = clock_of(marks, length)
    mutes, captions = timed(marks, transcript, report, clock)
    findings += captions
    try:
        heard, faults = hear(output, mutes, clock)
    except Unplayable as error:
        return [*findings, Finding(str(error))]
    findings += faults + examine_joints(output, source, marks, clock)
    findings += chosen.examine(output, source, marks, mutes, clock, film=False)
    if heard > clock.length + LONGER:
        findings += [
            Finding(f"{heard - clock.length:.2f} s more sound than the cuts leave", mark_id=mark.id)
            for mark in marks.of("cut")
        ] or [Finding("more sound than the source has")]
    if not heard:
        findings.append(Finding("the output has no sound"))
    failed = {finding.mark_id for finding in findings}
    for mark in marks:
        row = report.outcome(mark.id)
        row.verified = 0 if mark.id in failed else row.requested  # a literal is asked for at every place
    return findings
