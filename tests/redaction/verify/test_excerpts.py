"""Short excerpts of sound, to tell which side of a cut is heard: found by leaps as by listening to all."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import av
import av.error
import numpy as np
import pytest
from numpy.typing import NDArray

from redaction.verify.media import joints, listing
from tests.redaction.media_builders import RATE, a_sound


def a_sweep(seconds: float) -> NDArray[np.float32]:
    """No two moments sound alike."""
    steps = np.arange(round(seconds * RATE)) / RATE
    return (0.5 * np.sin(2 * np.pi * (200 * steps + 40 * steps**2))).astype(np.float32)[None]


@pytest.mark.parametrize("run_in", [2.0, -1.0])
@pytest.mark.parametrize("suffix", [".mp4", ".ts", ".flac"])
def test_excerpts_are_the_same_with_and_without_leaps(
    suffix: str, run_in: float, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    codec = None if suffix == ".flac" else "aac"
    sound = a_sound(tmp_path / f"in{suffix}", samples=a_sweep(12), codec=codec)
    starts = [11.0, 6.0, 10.6, 0.2]
    whole = joints.excerpts(sound, starts)

    monkeypatch.setattr(joints, "LEAP", 3.0)
    monkeypatch.setattr(joints, "RUN_IN", run_in)
    leapt = joints.excerpts(sound, starts)

    for one, other in zip(leapt, whole, strict=True):
        assert np.abs(other).max() > 0.05
        assert joints.likeness(one, other) > 0.99


def test_excerpts_are_taken_where_a_container_refuses_to_seek(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sound = a_sound(tmp_path / "in.m4a", samples=a_sweep(6))
    whole = joints.excerpts(sound, [5.0])
    opened = listing.opened_anew

    class Unseekable:
        def __init__(self, container: Any) -> None:
            self._container = container

        def __getattr__(self, name: str) -> Any:
            return getattr(self._container, name)

        def seek(self, *_: Any, **__: Any) -> None:
            raise av.error.PermissionError(1, "Operation not permitted")

    @contextmanager
    def opening(path: Path) -> Iterator[Any]:
        with opened(path) as (container, origin):
            yield Unseekable(container), origin

    monkeypatch.setattr(joints, "LEAP", 1.0)
    monkeypatch.setattr(joints, "opened_anew", opening)

    assert np.array_equal(joints.excerpts(sound, [5.0]), whole)
    assert joints.excerpts(sound, []) == []
