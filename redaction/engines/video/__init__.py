"""The video engine: groups of pictures that no mark touches are copied, the others painted and encoded anew.

Only picture 0 and sound 0 pass, and no metadata. Marks are in displayed coordinates and on the player's
clock. See docs/decisions/0024.
"""

from redaction.engines.video.work import join, redact, render_segment, segments

__all__ = ["AIDS", "KINDS", "MEDIUM", "SUFFIXES", "join", "redact", "render_segment", "segments"]

MEDIUM = "video"
SUFFIXES = (".mp4",)
AIDS = ("cache",)
KINDS = ("region", "frame", "mute", "cut")
