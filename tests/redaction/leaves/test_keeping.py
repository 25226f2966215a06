"""What a child left where an office file's pages were to be: taken over only when it is a plain file."""

import os
from pathlib import Path

import pytest

from redaction.leaves import asking, keeping
from redaction.leaves.asking import Asked
from redaction.report import Refused

MISDEED = "tests.redaction.leaves.planting"


def made_by(misdeed: str, folder: Path) -> Path:
    """The place of the pages after a child of an office file's kind had its way."""
    source = folder / "letter.docx"
    source.write_bytes(b"no office file")
    cache = folder / "cache"
    cache.mkdir()
    (cache / "segment.h264").write_bytes(b"whole")
    (cache / "pages-other.pdf").write_bytes(b"of other decisions")
    kept = cache / "pages-this.pdf"
    asked = Asked(source, "office", kept)
    said = asking._call(f"{MISDEED}:{misdeed}", asked)
    assert said == {"tried": misdeed}
    return kept


def test_pages_a_child_made_are_moved_to_their_place(tmp_path: Path) -> None:
    kept = made_by("make", tmp_path)

    assert kept.read_bytes() == b"%PDF-1.4 pages"
    assert sorted(path.name for path in kept.parent.iterdir()) == [
        "pages-other.pdf", "pages-this.pdf", "segment.h264",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "misdeed", ["plant_link", "plant_second_name", "plant_pipe", "plant_folder", "nothing"]
)
def test_what_is_no_plain_file_is_not_taken_over(tmp_path: Path, misdeed: str) -> None:
    kept = made_by(misdeed, tmp_path)

    assert not os.path.lexists(kept)
    assert sorted(path.name for path in kept.parent.iterdir()) == ["pages-other.pdf", "segment.h264"]


def test_a_child_reaches_nothing_else_that_lies_beside_the_pages(tmp_path: Path) -> None:
    kept = made_by("reach_beside", tmp_path)

    assert (kept.parent / "segment.h264").read_bytes() == b"whole"
    assert sorted(path.name for path in kept.parent.iterdir()) == ["pages-other.pdf", "segment.h264"]


def test_a_link_in_the_place_of_pages_is_no_pages(tmp_path: Path) -> None:
    (tmp_path / "secret").write_bytes(b"secret")
    place = tmp_path / "pages.pdf"
    place.symlink_to(tmp_path / "secret")

    assert not keeping.is_there(place)
    assert not keeping.is_there(tmp_path / "none")
    assert keeping.is_there(tmp_path / "secret")


def test_neither_link_nor_pipe_is_moved_even_where_no_wall_stands(tmp_path: Path) -> None:
    link, pipe, place = tmp_path / "link", tmp_path / "pipe", tmp_path / "pages.pdf"
    for folder in (link, pipe):
        folder.mkdir()
    (link / keeping.MADE).symlink_to("/etc/passwd")
    os.mkfifo(pipe / keeping.MADE)

    taken = [keeping.take_over(folder, place) for folder in (link, pipe)]

    assert taken == [False, False]
    assert not os.path.lexists(place)
    (tmp_path / "way").symlink_to(link)
    with pytest.raises(OSError, match="way"):
        keeping.take_over(tmp_path / "way", place)


def test_folder_goes_when_the_file_is_refused(tmp_path: Path) -> None:
    source = tmp_path / "letter.docx"
    source.write_bytes(b"no office file")

    with pytest.raises(Refused):
        asking._call("redaction.leaves.showing:measured", Asked(source, "office", tmp_path / "pages.pdf"))

    assert [path.name for path in tmp_path.iterdir()] == ["letter.docx"]
