"""Pictures made small or brought to another format, one after the other, for hours of film."""

import os
from pathlib import Path

import av

from redaction.engines.media.pictures import Turn, upright

TASKS = Path("/proc/self/task")


def test_a_picture_made_small_leaves_no_thread_behind_while_it_is_kept() -> None:
    large = [av.VideoFrame(1280, 720, "yuv420p") for _ in range(4)]
    before = set(os.listdir(TASKS))

    small = [upright(frame, Turn(), (852, 480)) for frame in large]

    assert [(frame.width, frame.height) for frame in small] == [(852, 480)] * 4
    assert set(os.listdir(TASKS)) - before == set()  # one of another test may have ended meanwhile
