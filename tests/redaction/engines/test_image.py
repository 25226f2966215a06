from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from redaction import pipeline
from redaction.engines import image, image_source
from redaction.marks import Marks
from redaction.report import MarksError, Refused
from tests.redaction.document_builders import a_jpeg_with_secrets, a_picture, some_marks

BOX = {"kind": "box", "page": 1, "rect": [10, 20, 50, 40]}
SECRETS = (b"EXIFSECRET", b"COMMENTSECRET", b"TRAILINGSECRET", b"Exif", b"GPS")


@pytest.mark.parametrize("suffix", [".jpg", ".png", ".webp", ".tif", ".bmp", ".gif"])
def test_box_is_black_and_everything_beside_the_pixels_is_gone(tmp_path: Path, suffix: str) -> None:
    source, target = a_jpeg_with_secrets(tmp_path / "in.jpg"), tmp_path / f"out{suffix}"

    report = pipeline.redact(source, some_marks(BOX), target)

    content = target.read_bytes()
    assert [secret for secret in SECRETS if secret in content] == []
    pixels = rgb(target)
    assert pixels[20:40, 10:50].max() <= 48
    assert np.abs(pixels[60:, 70:].astype(int) - [200, 120, 40]).max() < 16
    assert report.outcome("m1").verified == 1
    assert report.warnings == ["removed: metadata"]


@pytest.mark.parametrize(
    ("orientation", "size"), [(1, (120, 80)), (3, (120, 80)), (6, (80, 120)), (8, (80, 120))]
)
def test_boxes_are_measured_after_exif_orientation(
    tmp_path: Path, orientation: int, size: tuple[int, int]
) -> None:
    source = a_jpeg_with_secrets(tmp_path / "in.jpg", orientation)

    pipeline.redact(source, some_marks(BOX), tmp_path / "out.png")

    made = Image.open(tmp_path / "out.png")
    pixels = np.asarray(made)
    assert made.size == size
    assert pixels[20:40, 10:50].max() == 0
    assert (pixels > 20).any(axis=2).sum() == size[0] * size[1] - 40 * 20


def test_fraction_of_a_pixel_is_painted_whole(tmp_path: Path) -> None:
    a_picture().save(tmp_path / "in.png")

    marks = some_marks({"kind": "box", "page": 1, "rect": [10.9, 20.1, 12.1, 21.5]})
    pipeline.redact(tmp_path / "in.png", marks, tmp_path / "out.png")

    pixels = np.asarray(Image.open(tmp_path / "out.png"))
    assert pixels[20:22, 10:13].max() == 0
    assert (pixels == 0).all(axis=2).sum() == 6


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "I;16", "CMYK"])
def test_every_kind_of_pixel_can_be_redacted(tmp_path: Path, mode: str) -> None:
    name = "in.jpg" if mode == "CMYK" else "in.png"
    base = a_picture().convert("L") if mode == "I;16" else a_picture()
    (Image.new("I;16", (120, 80), 40000) if mode == "I;16" else base.convert(mode)).save(tmp_path / name)

    report = pipeline.redact(tmp_path / name, some_marks(BOX), tmp_path / "out.png")

    assert report.outcome("m1").verified == 1
    assert np.asarray(Image.open(tmp_path / "out.png").convert("L"))[60:, 70:].max() > 90


def test_picture_hidden_by_transparency_does_not_pass(tmp_path: Path) -> None:
    hidden = a_picture().convert("RGBA")
    hidden.putalpha(0)
    hidden.save(tmp_path / "in.png")

    pipeline.redact(tmp_path / "in.png", Marks(), tmp_path / "out.png")

    assert np.asarray(Image.open(tmp_path / "out.png")).min() == 255


@pytest.mark.parametrize("rect", [[0, 0, 121, 10], [0, 0, 10, 80.5]])
def test_box_beyond_the_edge_is_refused_by_its_id(tmp_path: Path, rect: list[float]) -> None:
    source = a_jpeg_with_secrets(tmp_path / "in.jpg")

    with pytest.raises(MarksError, match="mark m1: the box leaves the picture, which is 120 by 80 pixels"):
        pipeline.redact(source, some_marks({"kind": "box", "page": 1, "rect": rect}), tmp_path / "o.png")


def test_broken_animated_and_too_large_pictures_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken, animated = tmp_path / "broken.jpg", tmp_path / "animated.png"
    broken.write_bytes(a_jpeg_with_secrets(tmp_path / "in.jpg").read_bytes()[:200])
    a_picture().save(animated, save_all=True, append_images=[Image.new("RGB", (120, 80))])

    with pytest.raises(Refused, match="broken"):
        pipeline.redact(broken, Marks(), tmp_path / "o.png")
    with pytest.raises(Refused, match="animated"):
        pipeline.redact(animated, Marks(), tmp_path / "o.png")
    monkeypatch.setattr(image_source, "MOST_PIXELS", 100)
    with pytest.raises(Refused, match="more than 100 pixels"):
        image.redact(tmp_path / "in.jpg", Marks(), tmp_path / "o.png")
    monkeypatch.setattr(image_source, "LARGEST_FILE", 100)
    with pytest.raises(Refused, match="larger than"):
        image.redact(tmp_path / "in.jpg", Marks(), tmp_path / "o.png")
    assert not (tmp_path / "o.png").exists()


def test_progress_is_told(tmp_path: Path) -> None:
    heard: list[float] = []

    image.redact(
        a_jpeg_with_secrets(tmp_path / "in.jpg"),
        Marks(),
        tmp_path / "o.jpg",
        progress=lambda s, _: heard.append(s),
    )

    assert heard == [0.5, 1.0]


def test_picture_too_long_for_its_format_is_refused(tmp_path: Path) -> None:
    Image.new("L", (17_000, 1)).save(tmp_path / "in.png")

    with pytest.raises(Refused, match=r"a WEBP picture is at most 16,383 pixels a side; choose \.png"):
        image.redact(tmp_path / "in.png", Marks(), tmp_path / "o.webp")


@pytest.mark.parametrize("suffix", [".webp", ".gif"])
def test_box_of_a_format_with_shared_colours_is_black_to_its_edge(tmp_path: Path, suffix: str) -> None:
    Image.new("RGB", (60, 40), (255, 0, 0)).save(tmp_path / "in.png")
    marks = some_marks({"kind": "box", "page": 1, "rect": [11, 11, 14, 14]})

    report = pipeline.redact(tmp_path / "in.png", marks, tmp_path / f"out{suffix}", contained=False)

    pixels = rgb(tmp_path / f"out{suffix}")
    assert pixels[11:14, 11:14].max() <= 48
    assert pixels[20:, 20:, 0].min() > 200
    assert report.outcome("m1").verified == 1


def test_versions_are_told_also_without_the_reader_of_heic(monkeypatch: pytest.MonkeyPatch) -> None:
    def only_pillow(name: str) -> str:
        if name != "pillow":
            raise metadata.PackageNotFoundError(name)
        return "1"

    monkeypatch.setattr(image, "version", only_pillow)

    assert image._versions() == {"pillow": "1"}


def rgb(path: Path) -> np.ndarray[Any, Any]:
    with Image.open(path) as picture:
        return np.asarray(picture.convert("RGB"))
