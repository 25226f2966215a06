"""A film's scan, written to a file and read again, is the scan."""

from pathlib import Path

import numpy as np
import pytest

from redaction import indexes, pipeline
from redaction.engines.media.choice import FIRST
from redaction.engines.video import film as films
from redaction.engines.video import index as scans
from redaction.engines.video import work as engine
from redaction.indexes import Index
from redaction.report import Refused, UsageError
from redaction.verify import video as verifier
from tests.redaction.media_builders import CAMERA, a_report, a_video, some_marks

SIZE = (96, 64)
NONE = some_marks()


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return a_video(tmp_path_factory.mktemp("film") / "in.mp4", seconds=2, size=SIZE, coding=CAMERA)


def kept(film: Path, folder: Path) -> Index:
    folder.mkdir()
    return indexes.kept(film, indexes.hashed(film), NONE, folder, contained=False)


@pytest.mark.parametrize("format_name", ["in.mp4", "in.mkv", "in.avi"])
def test_a_film_comes_back_as_it_was_scanned(tmp_path: Path, format_name: str) -> None:
    film = a_video(tmp_path / format_name, seconds=2, size=SIZE, coding=CAMERA, rotation=None)
    index = kept(film, tmp_path / "kept")

    found, digest = scans.read(index.scan, film, FIRST)

    scanned = films.film_of(film)
    assert digest == indexes.hashed(film).sha256
    for name in films.Film.__dataclass_fields__:
        one, other = getattr(found, name), getattr(scanned, name)
        if name == "sound":
            for part in type(other).__dataclass_fields__:
                assert np.array_equal(getattr(one, part), getattr(other, part)), part
        else:
            assert np.array_equal(one, other), name


def test_a_silent_film_comes_back_too(tmp_path: Path) -> None:
    film = a_video(tmp_path / "in.mp4", seconds=2, size=SIZE, audio=False)

    index = kept(film, tmp_path / "kept")

    assert scans.read(index.scan, film, FIRST)[0].sound is None
    assert index.seconds == 2.0


def test_what_is_kept_of_another_film_is_not_taken(film: Path, tmp_path: Path) -> None:
    other = a_video(tmp_path / "other.mp4", seconds=2, size=SIZE)

    with pytest.raises(UsageError, match="of another one"):
        pipeline.redact(
            other, NONE, tmp_path / "out.mp4", index=kept(film, tmp_path / "kept"), contained=False
        )


def test_a_spoilt_file_is_refused_where_it_is_used(film: Path, tmp_path: Path) -> None:
    index = kept(film, tmp_path / "kept")
    for path in (index.scan, index.prints):
        path.write_bytes(path.read_bytes()[:-1])

    with pytest.raises(Refused, match="what is kept of this film cannot be used"):
        engine.segments(film, NONE, scan=index.scan)
    with pytest.raises(Refused, match="what is kept of the source cannot be used"):
        verifier.verify(film, film, NONE, a_report(NONE), prints=index.prints)
