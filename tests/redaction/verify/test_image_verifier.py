import struct
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from redaction.report import MarkOutcome, Report
from redaction.verify import image as verifier
from tests.redaction.document_builders import a_jpeg_with_secrets, a_picture, some_marks
from tests.redaction.picture_builders import a_heic

BOX = {"kind": "box", "page": 1, "rect": [10, 20, 50, 40]}


def findings(output: Path, *entries: dict[str, object], **details: object) -> list[str]:
    marks = some_marks(*entries)
    rows = [MarkOutcome(mark.id, mark.kind) for mark in marks]
    report = Report(engine="", medium="image", marks=rows, details=details)
    return [str(finding) for finding in verifier.verify(output, output, marks, report)]


def test_box_that_is_not_black_is_named(tmp_path: Path) -> None:
    a_picture().save(tmp_path / "out.png")

    assert findings(tmp_path / "out.png", BOX) == ["mark m1: the box is not black (out.png)"]


def test_one_light_pixel_in_a_box_is_enough(tmp_path: Path) -> None:
    picture = a_picture()
    picture.paste(0, (10, 20, 50, 40))
    picture.save(tmp_path / "good.png")
    picture.putpixel((49, 39), (90, 90, 90))
    picture.save(tmp_path / "bad.png")

    assert findings(tmp_path / "good.png", BOX) == []
    assert findings(tmp_path / "bad.png", BOX) != []


def test_box_beyond_the_picture_and_another_size_are_named(tmp_path: Path) -> None:
    Image.new("RGB", (40, 30)).save(tmp_path / "out.png")

    found = findings(tmp_path / "out.png", BOX, width=120, height=80)

    assert found == [
        "the picture has another size than was written",
        "mark m1: the box is not black (out.png)",
    ]


def test_metadata_comments_and_trailing_bytes_of_a_jpeg_are_named(tmp_path: Path) -> None:
    found = [str(each) for each in verifier.examine(a_jpeg_with_secrets(tmp_path / "x.jpg"))]

    assert found == [
        "a segment E1 beside the pixels",
        "a segment FE beside the pixels",
        "bytes after the end of the picture",
    ]


def test_text_and_trailing_bytes_of_a_png_are_named(tmp_path: Path) -> None:
    words = PngInfo()
    words.add_text("Author", "SECRET")
    a_picture().save(tmp_path / "x.png", pnginfo=words)
    with (tmp_path / "x.png").open("ab") as stream:
        stream.write(b"SECRET")

    found = [str(each) for each in verifier.examine(tmp_path / "x.png")]

    assert found == ["a chunk 'tEXt' beside the pixels", "bytes after the end of the picture"]


@pytest.mark.parametrize("progressive", [False, True])
def test_plain_jpeg_is_no_finding(tmp_path: Path, progressive: bool) -> None:
    a_picture().save(tmp_path / "x.jpg", progressive=progressive)

    assert verifier.examine(tmp_path / "x.jpg") == []


def test_thumbnail_in_a_jfif_segment_is_named(tmp_path: Path) -> None:
    a_picture().save(tmp_path / "x.jpg")
    content = bytearray((tmp_path / "x.jpg").read_bytes())
    content[2:20] = b"\xff\xe0\x00\x13JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x01\x01abc"
    (tmp_path / "x.jpg").write_bytes(content)

    found = [str(each) for each in verifier.examine(tmp_path / "x.jpg")]

    assert found == ["a JFIF segment with more than the picture's density"]


def test_jpeg_that_is_cut_or_out_of_step_is_named(tmp_path: Path) -> None:
    a_picture().save(tmp_path / "x.jpg")
    content = (tmp_path / "x.jpg").read_bytes()
    (tmp_path / "cut.jpg").write_bytes(content[:-2])
    (tmp_path / "odd.jpg").write_bytes(content[:20] + b"xx" + content[20:])

    assert [str(each) for each in verifier.examine(tmp_path / "cut.jpg")] == ["no end of the picture"]
    assert "bytes that belong to no segment" in [str(each) for each in verifier.examine(tmp_path / "odd.jpg")]


def test_picture_that_cannot_be_decoded_is_named(tmp_path: Path) -> None:
    (tmp_path / "x.png").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(40))

    assert "the picture cannot be decoded" in findings(tmp_path / "x.png")


@pytest.mark.parametrize("suffix", [".webp", ".tif", ".bmp", ".gif"])
@pytest.mark.parametrize("mode", ["RGB", "L"])
def test_plain_picture_of_any_type_is_no_finding_and_bytes_behind_it_are(
    tmp_path: Path, suffix: str, mode: str
) -> None:
    target = tmp_path / f"x{suffix}"
    a_picture().convert(mode).save(target)

    clean = verifier.examine(target)
    content = target.read_bytes() + b"SECRET"
    if suffix == ".bmp":
        content = content[:2] + struct.pack("<I", len(content)) + content[6:]
    target.write_bytes(content)

    assert clean == []
    assert any("after the end" in str(finding) for finding in verifier.examine(target))


@pytest.mark.parametrize(
    ("suffix", "options", "said"),
    [
        (".webp", {"exif": b"Exif\0\0SECRET"}, "a chunk 'EXIF'"),
        (".tif", {"tiffinfo": {270: "SECRET"}}, "a field 270"),
        (".tif", {"save_all": True, "append_images": [Image.new("RGB", (8, 8))]}, "a second page"),
        (".gif", {"comment": b"SECRET"}, "an extension FE"),
        (".gif", {"save_all": True, "append_images": [Image.new("RGB", (120, 80))]}, "2 pictures"),
    ],
)
def test_what_stands_beside_the_pixels_is_named(
    tmp_path: Path, suffix: str, options: dict[str, Any], said: str
) -> None:
    a_picture().save(tmp_path / f"x{suffix}", **options)

    assert any(said in str(finding) for finding in verifier.examine(tmp_path / f"x{suffix}"))


def test_bytes_between_the_parts_of_a_bmp_or_tiff_are_named(tmp_path: Path) -> None:
    a_picture().save(tmp_path / "x.bmp")
    content = (tmp_path / "x.bmp").read_bytes() + b"GAP!"
    start = struct.pack("<I", 58)
    head = content[:2] + struct.pack("<I", len(content)) + content[6:10] + start + content[14:54]
    (tmp_path / "x.bmp").write_bytes(head + b"GAP!" + content[54:-4])
    a_picture().save(tmp_path / "x.tif")
    content = (tmp_path / "x.tif").read_bytes()
    at = struct.unpack_from("<I", content, 4)[0]
    moved = content[:4] + struct.pack("<I", at + 400) + content[8:at] + b"GAP!" * 100 + content[at:]
    (tmp_path / "x.tif").write_bytes(moved)

    assert any("between" in str(each) for each in verifier.examine(tmp_path / "x.bmp"))
    assert any("no part" in str(each) for each in verifier.examine(tmp_path / "x.tif"))


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("x.bmp", b"BM" + struct.pack("<I", 20) + bytes(14), "header is broken"),
        ("x.bmp", b"BM" + struct.pack("<I", 80) + bytes(74), "more than the picture's size"),
        ("x.tif", b"II*\0" + struct.pack("<I", 8000), "directory is broken"),
        ("x.gif", b"GIF89a", "no end"),
        ("x.gif", b"GIF89a" + bytes(7) + b"?", "belong to no part"),
        ("x.gif", b"GIF89a" + bytes(7), "no end"),
    ],
)
def test_broken_structures_are_named(tmp_path: Path, name: str, content: bytes, said: str) -> None:
    (tmp_path / name).write_bytes(content)

    assert any(said in str(finding) for finding in verifier.examine(tmp_path / name))


def test_heic_is_no_release(tmp_path: Path) -> None:
    found = [str(each) for each in verifier.examine(a_heic(tmp_path / "x.heic"))]

    assert found == ["a picture of type heic is not released here: it holds more than pixels"]


@pytest.mark.parametrize(("orientation", "fits"), [(1, (120, 80)), (6, (80, 120))])
def test_picture_that_is_not_turned_as_displayed_is_named(
    tmp_path: Path, orientation: int, fits: tuple[int, int]
) -> None:
    source = a_jpeg_with_secrets(tmp_path / "in.jpg", orientation)
    Image.new("RGB", (120, 80)).save(tmp_path / "flat.png")
    marks = some_marks()

    found = verifier.verify(tmp_path / "flat.png", source, marks, Report(engine="", medium="image"))

    assert [str(each) for each in found] == (
        [] if fits == (120, 80) else ["the picture does not have the size in which the source is displayed"]
    )


def test_source_that_ffmpeg_cannot_read_is_left_to_the_engine(tmp_path: Path) -> None:
    Image.new("RGB", (64, 48)).save(tmp_path / "out.png")
    source = a_heic(tmp_path / "in.heic")
    (tmp_path / "broken.gif").write_bytes(b"GIF89a" + bytes(7))

    for original in (source, tmp_path / "broken.gif"):
        report = Report(engine="", medium="image")
        assert verifier.verify(tmp_path / "out.png", original, some_marks(), report) == []
