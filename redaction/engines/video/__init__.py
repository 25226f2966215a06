"""The video engine: groups of pictures that no mark touches are copied, the others painted and encoded anew.

One picture and one sound pass, the first or the chosen ones, and no metadata. Marks are in displayed
coordinates and on the player's clock. See docs/decisions/0024.
"""

from pathlib import Path

from redaction.engines.video.work import KINDS, join, redact, render_segment, render_segments, segments
from redaction.report import Report
from redaction.transcript_captions import write_captions

__all__ = [
    "AIDS",
    "KINDS",
    "MEDIUM",
    "SUFFIXES",
    "join",
    "redact",
    "render_segment",
    "render_segments",
    "segments",
    "write_companions",
]

MEDIUM = "video"
SUFFIXES = (".mp4",)
AIDS = ("cache", "transcript", "scan")


def write_companions(draft: Path, report: Report, folder: Path) -> None:
    """This will write the captions of what remains, when a transcript was given."""
    write_captions(report, folder)
