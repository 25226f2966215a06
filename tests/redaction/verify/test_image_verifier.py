from pathlib import Path

import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from redaction.report import MarkOutcome, Report
from redaction.verify import image as verifier
from tests.redaction.document_builders import a_jpeg_with_secrets, a_picture, some_marks

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
