"""The verifier on films of which groups were copied: what it passes over, and what it does not."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from redaction.engines import video
from redaction.engines.video import movie, nal, plan
from redaction.marks import Marks
from redaction.verify import video as verifier
from redaction.verify.media import copies, heard, listing, playback
from redaction.verify.media.clock import clock_of
from tests.redaction.media_builders import CAMERA, a_report, a_video, some_marks

SIZE = (96, 64)
BOX = [0.25, 0.25, 0.5, 0.5]
REGION = {"kind": "region", "start": 2.15, "end": 2.6, "rect": BOX}


@pytest.fixture
def film(tmp_path: Path) -> Path:
    return a_video(tmp_path / "in.mp4", seconds=6, size=SIZE, coding=CAMERA)


def released(film: Path, *entries: dict[str, Any]) -> Path:
    target = film.with_name("out.mp4")
    video.redact(film, some_marks(*entries), target)
    return target


def found(target: Path, film: Path, *entries: dict[str, Any]) -> list[str]:
    marks = some_marks(*entries)
    return [str(finding) for finding in verifier.verify(target, film, marks, a_report(marks))]


@pytest.fixture
def looked_at(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """When the pictures begin that the verifier decodes."""
    times: list[float] = []
    decode = playback.pictures

    def noted(*arguments: Any) -> Iterator[Any]:
        for picture in decode(*arguments):
            times.append(picture.start)
            yield picture

    monkeypatch.setattr(verifier, "pictures", noted)
    return times


def test_only_the_groups_made_anew_are_decoded(film: Path, looked_at: list[float]) -> None:
    target = released(film, REGION)

    assert found(target, film, REGION) == []
    assert looked_at == pytest.approx([2 + number / 10 for number in range(10)])


def test_copied_group_in_which_a_mark_holds_is_decoded_and_named(film: Path, looked_at: list[float]) -> None:
    target = released(film, REGION)
    other = {"kind": "region", "start": 4.3, "end": 4.5, "rect": BOX}

    assert found(target, film, REGION, other) == ["mark m1: is not covered (second 4.300 of the output)"]
    assert len(looked_at) == 20


def test_films_that_are_not_copies_are_decoded_whole(film: Path, looked_at: list[float]) -> None:
    another = a_video(film.with_name("another.mp4"), seconds=6, size=SIZE, coding=CAMERA, first_luma=90)

    assert found(another, film, REGION) == ["mark m0: is not covered (second 2.100 of the output)"]
    assert len(looked_at) == 60


def test_copy_from_another_place_of_the_film_is_no_copy(film: Path) -> None:
    target = released(film, {"kind": "cut", "start": 1, "end": 2})
    of_source, of_target = copies.SourcePrints(), copies.output_prints(target)
    times = listing.times_of(film, Marks(), of_source)
    assert of_target is not None

    right = clock_of(some_marks({"kind": "cut", "start": 1, "end": 2}), times.length)
    wrong = clock_of(some_marks({"kind": "cut", "start": 3, "end": 4}), times.length)

    assert copies.copied(of_target, of_source.prints, right).all()
    assert (
        copies.copied(of_target, of_source.prints, wrong).tolist() == [True] * 10 + [False] * 20 + [True] * 20
    )


def test_group_without_its_last_picture_is_no_copy(film: Path) -> None:
    target = released(film)
    of_source, of_target = copies.SourcePrints(), copies.output_prints(target)
    times = listing.times_of(film, Marks(), of_source)
    assert of_target is not None
    for row in (of_target.times, of_target.digests, of_target.fresh):
        del row[29]

    found = copies.copied(of_target, of_source.prints, clock_of(Marks(), times.length))

    assert found.tolist() == [True] * 20 + [False] * 9 + [True] * 30


def test_copies_without_their_parameter_sets_are_named(film: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    configure = nal.configuration

    def other(sequences: list[bytes], pictures: list[bytes]) -> bytes:
        changed = bytearray(sequences[0])
        changed[2] ^= 1
        return configure([bytes(changed), *sequences[1:]], pictures)

    monkeypatch.setattr(nal, "configuration", other)
    target = released(film, REGION)

    assert "the copied pictures lack the parameters they were coded with" in found(target, film, REGION)


def test_two_parameter_sets_of_one_number_are_named(film: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plan, "_free_id", lambda _: 0)
    monkeypatch.setattr(plan, "_obstacles", lambda _: [])
    target = released(film, REGION)

    assert any("parameters" in finding or "played" in finding for finding in found(target, film, REGION))


def test_sound_that_is_not_the_sources_is_listened_to(film: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    listened: list[Path] = []
    hear = heard.hear

    def noted(output: Path, *more: Any) -> Any:
        listened.append(output)
        return hear(output, *more)

    monkeypatch.setattr(verifier, "hear", noted)
    mute = {"kind": "mute", "start": 1, "end": 2}
    copied, muted = released(film), film.with_name("muted.mp4")
    video.redact(film, some_marks(mute), muted)

    assert found(copied, film) == []
    assert listened == []
    assert found(muted, film, mute) == []
    assert found(muted, film) == []
    assert listened == [muted, muted]
    assert "still heard" in found(copied, film, mute)[0]


def test_sample_that_was_never_written_is_an_error(tmp_path: Path, film: Path) -> None:
    zero = np.zeros(1, np.int64)
    track = movie.Track(b"", True, 10, zero, zero, 1, zero + 4)

    with pytest.raises(ValueError, match="4 bytes of samples"), movie.Movie(tmp_path / "a.mp4", [track]):
        pass
    with (
        pytest.raises(ValueError, match="has 2 bytes"),
        movie.Movie(tmp_path / "a.mp4", [track]) as out,
    ):
        out.put(0, 0, b"12")


def test_large_film_gets_wide_offsets(tmp_path: Path, film: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(movie, "_LARGEST_SMALL", 1000)

    target = released(film, REGION)

    assert b"co64" in target.read_bytes()
    assert found(target, film, REGION) == []
    with av.open(str(target)) as container:
        assert sum(1 for _ in container.decode(video=0)) == 60


def test_groups_of_a_still_picture_are_each_compared_once(monkeypatch: pytest.MonkeyPatch) -> None:
    still = copies.Prints([number / 30 for number in range(50)], [b"same"] * 50, [True] * 50)
    compare, compared = copies._same_group, list[int]()

    def counted(*given: Any) -> bool:
        compared.append(given[4])
        return compare(*given)

    monkeypatch.setattr(copies, "_same_group", counted)

    same = copies.copied(still, still, clock_of(Marks(), 50 / 30))

    assert same.all()
    assert compared == list(range(50))
