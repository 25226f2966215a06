import hashlib
import resource
import tracemalloc
import zipfile
from pathlib import Path

import pytest

from redaction.release import package
from tests.redaction.release.packages import a_package


def silent(share: float, note: str) -> None: ...


@pytest.mark.parametrize(
    ("position", "medium", "suffix", "path"),
    [
        (1, "video", ".mp4", "records/01-video.mp4"),
        (12, "flight", ".GPX", "records/12-flight-log.gpx"),
        (140, "pdf", ".pdf", "records/140-document.pdf"),
    ],
)
def test_a_record_is_named_by_its_place_and_kind(position: int, medium: str, suffix: str, path: str) -> None:
    named = package.record_path(position, medium, suffix)

    assert named == path


@pytest.mark.parametrize("suffix", ["", ".exe", ".html", "/../x.pdf"])
def test_a_suffix_outside_the_table_has_no_name(suffix: str) -> None:
    with pytest.raises(ValueError, match="no place in a package"):
        package.record_path(1, "pdf", suffix)


def test_types_are_fixed_and_an_unknown_one_is_only_bytes() -> None:
    assert package.content_type("records/01-video.mp4") == "video/mp4"
    assert package.content_type("records/01-page.html") == "application/octet-stream"
    assert package.content_type("MANIFEST.sig") == "application/octet-stream"


def test_the_same_members_give_the_same_bytes(tmp_path: Path) -> None:
    members = [
        package.Member.of("letter.pdf", b"letter" * 999),
        package.Member.of("records/01-video.mp4", b"v" * 9999),
    ]

    package.write_zip(members, tmp_path / "one.zip", progress=silent)
    package.write_zip(members, tmp_path / "two.zip", progress=silent)

    assert (tmp_path / "one.zip").read_bytes() == (tmp_path / "two.zip").read_bytes()


def test_no_member_says_when_by_whom_or_anything_beside_its_bytes(tmp_path: Path) -> None:
    archive, _ = a_package(tmp_path)

    with zipfile.ZipFile(archive) as opened:
        infos = opened.infolist()

    assert {info.date_time for info in infos} == {(1980, 1, 1, 0, 0, 0)}
    assert {info.extra for info in infos} == {b""}
    assert {info.comment for info in infos} == {b""}
    assert {info.external_attr for info in infos} == {0o644 << 16}
    assert {info.flag_bits & 8 for info in infos} == {0}
    assert opened.comment == b""


def test_media_are_stored_and_text_is_deflated(tmp_path: Path) -> None:
    archive, _ = a_package(tmp_path)

    with zipfile.ZipFile(archive) as opened:
        kinds = {info.filename: info.compress_type for info in opened.infolist()}

    assert kinds["records/02-video.mp4"] == zipfile.ZIP_STORED
    assert kinds["records/01-table.csv"] == zipfile.ZIP_DEFLATED


@pytest.mark.parametrize("found", [b"other bytes", b"longer than the approved file was", b""])
def test_a_file_that_is_not_the_approved_one_stops_the_package(tmp_path: Path, found: bytes) -> None:
    source, target = tmp_path / "render", tmp_path / "package.zip"
    source.write_bytes(found)
    frozen = package.Member("records/01-table.csv", source, 11, hashlib.sha256(b"right bytes").hexdigest())

    with pytest.raises(package.Mismatch, match=r"records/01-table\.csv"):
        package.write_zip([package.Member.of("letter.pdf", b"x"), frozen], target, progress=silent)

    assert not target.exists()


def test_a_file_that_is_gone_stops_the_package(tmp_path: Path) -> None:
    gone = package.Member("records/01-table.csv", tmp_path / "gone", 1, "0" * 64)

    with pytest.raises(package.Mismatch):
        package.write_zip([gone], tmp_path / "package.zip", progress=silent)


def test_a_large_package_is_written_in_constant_memory(tmp_path: Path) -> None:
    source = tmp_path / "large"
    with source.open("wb") as sink:
        sink.truncate(400_000_000)
    member = package.Member.of_file("records/01-video.mp4", source)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    tracemalloc.start()

    package.write_zip([member], tmp_path / "package.zip", progress=silent)

    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 50_000  # kB
    assert most < 50_000_000  # also where the process had been large before
    (tmp_path / "package.zip").unlink()


def test_progress_names_each_file_and_never_goes_back(tmp_path: Path) -> None:
    heard: list[tuple[float, str]] = []
    members = [package.Member.of(f"records/0{n}-table.csv", b"x" * n) for n in (1, 2, 3)]

    package.write_zip(members, tmp_path / "p.zip", progress=lambda share, note: heard.append((share, note)))

    assert [note for _, note in heard] == [f"packing file {n} of 3" for n in (1, 2, 3)]
    assert [share for share, _ in heard] == sorted(share for share, _ in heard)
