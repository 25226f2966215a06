"""Boxes for what is seen in an image or on a page."""

import io
from pathlib import Path

import numpy as np
import pikepdf
import pytest
from pikepdf import Dictionary, Name
from PIL import Image

from redaction import detect
from redaction.detect import pages, stills
from redaction.detect.boxes import Found
from redaction.detect.ways import WAYS, outward
from redaction.report import Refused
from tests.redaction.document_builders import a_font, a_pdf, shown
from tests.redaction.street_builders import a_street


def a_page_with_a_picture(
    path: Path, picture: Image.Image, rect: tuple[float, ...], *, rotate: int = 0
) -> Path:
    """A letter page with the picture in a rectangle [left, top, width, height] and a line of text."""
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG", quality=95)
    pdf = pikepdf.new()
    page = pdf.add_blank_page(page_size=(612, 792))
    image = pdf.make_stream(
        buffer.getvalue(),
        Type=Name.XObject,
        Subtype=Name.Image,
        Width=picture.width,
        Height=picture.height,
        ColorSpace=Name.DeviceRGB,
        BitsPerComponent=8,
        Filter=Name.DCTDecode,
    )
    left, top, width, height = rect
    page.obj.Resources = Dictionary(XObject=Dictionary(I=image), Font=Dictionary(F=a_font(pdf)))
    content = f"q {width} 0 0 {height} {left} {792 - top - height} cm /I Do Q\n" + shown(
        "written words", 72, 60
    )
    page.obj.Contents = pdf.make_stream(content.encode())
    if rotate:
        page.obj.Rotate = rotate
    pdf.save(path)
    return path


def _holds(rects: list[list[float]], wanted: tuple[float, ...], slack: float = 2) -> bool:
    return any(
        rect[0] <= wanted[0] + slack
        and rect[1] <= wanted[1] + slack
        and rect[2] >= wanted[2] - slack
        and rect[3] >= wanted[3] - slack
        for rect in rects
    )


def test_words_in_an_image_are_boxed_in_its_displayed_pixels(tmp_path: Path) -> None:
    picture, [place] = a_street([("7ABC123", 60, 80)], size=(320, 240))
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned by a quarter when displayed
    picture.rotate(90, expand=True).save(tmp_path / "in.jpg", exif=exif, quality=95)

    content = detect.suggest(tmp_path / "in.jpg", "plates", contained=False)

    assert _holds([mark["rect"] for mark in content["marks"]], place)
    assert all(mark["suggested"] and mark["reason"] == "PLATE" for mark in content["marks"])
    assert "confidence 0." in content["marks"][0]["note"]


def test_words_in_a_pages_picture_are_boxed_in_points_and_written_words_are_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stills, "PAGE", 640)
    picture, [(x0, y0, x1, y1)] = a_street([("7ABC123", 160, 180)], noise=0)
    source = a_page_with_a_picture(tmp_path / "in.pdf", picture, (100, 50, 320, 240))

    marks = detect.suggest(source, "text", contained=False)["marks"]

    assert _holds([mark["rect"] for mark in marks], (100 + x0 / 2, 50 + y0 / 2, 100 + x1 / 2, 50 + y1 / 2))
    assert all(mark["rect"][3] < 400 for mark in marks)
    assert all((mark["page"], mark["extent"]) == (1, "exact") for mark in marks)


def test_on_a_turned_page_boxes_are_where_it_is_displayed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stills, "PAGE", 640)
    picture, [(x0, y0, x1, y1)] = a_street([("7ABC123", 160, 180)], noise=0)
    # the left bottom of the stored page becomes the left top of the displayed one
    source = a_page_with_a_picture(
        tmp_path / "in.pdf", picture.transpose(Image.Transpose.ROTATE_90), (0, 472, 240, 320), rotate=90
    )

    marks = detect.suggest(source, "text", contained=False)["marks"]

    assert _holds([mark["rect"] for mark in marks], (x0 / 2, y0 / 2, x1 / 2, y1 / 2))
    assert all(mark["rect"][2] <= 330 and mark["rect"][3] <= 250 for mark in marks)


def test_pages_without_a_photograph_are_not_searched_for_faces(tmp_path: Path) -> None:
    source = a_pdf(tmp_path / "in.pdf", shown("words", 72, 700), "0 0 0 rg 100 100 200 200 re f")
    told: list[str] = []

    found = stills.in_pages(source, "faces", progress=lambda _, words: told.append(words))

    assert found == []
    assert told == ["page 1 of 2", "page 2 of 2"]


def test_a_page_that_shows_nothing_but_words_is_not_searched_at_all(tmp_path: Path) -> None:
    source = a_pdf(tmp_path / "in.pdf", shown("words", 72, 700), "0 0 0 rg 100 100 200 200 re f")

    seen = list(pages.pictures(source, longest=400, photographs=False))

    assert [page.number for page in seen] == [2]
    assert seen[0].pixels.shape[0] == 400


def test_the_faces_of_a_picture_without_any_are_none(tmp_path: Path) -> None:
    picture, _ = a_street([])
    picture.save(tmp_path / "in.png")
    told: list[float] = []

    assert stills.in_image(tmp_path / "in.png", "faces", progress=lambda share, _: told.append(share)) == []
    assert told == [1.0]


def test_a_broken_image_is_refused(tmp_path: Path) -> None:
    (tmp_path / "in.png").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(40))

    with pytest.raises(Refused):
        detect.suggest(tmp_path / "in.png", "text", contained=False)


@pytest.mark.parametrize(
    ("box", "fits"),
    [
        (Found(0, 0, 120, 40, 1), True),
        (Found(0, 0, 50, 60, 1), True),
        (Found(0, 0, 300, 20, 1), False),
        (Found(0, 0, 20, 60, 1), False),
        (Found(0, 0, 600, 200, 1), False),
        (Found(0, 0, 400, 350, 1), False),
    ],
    ids=["plate", "stacked", "banner", "upright", "too wide", "too high"],
)
def test_of_all_text_what_is_shaped_like_a_plate_may_be_one(box: Found, fits: bool) -> None:
    assert WAYS["plates"].fits(box, 1000, 1000) is fits
    assert WAYS["text"].fits(box, 1000, 1000)


def test_boxes_are_rounded_outwards_inside_the_picture() -> None:
    assert outward(Found(3.2, 4.7, 9.1, 99.5, 1), 50, 100) == [3, 4, 10, 100]
    assert outward(Found(49.9, 99.9, 50, 100, 1), 50, 100) == [49, 99, 50, 100]


@pytest.mark.parametrize(("rate", "step"), [(30, 3), (10, 2), (2, 1), (60, 3)])
def test_slow_cameras_are_sampled_more_often(rate: float, step: int) -> None:
    assert WAYS["faces"].step(rate) == step


def test_several_sizes_of_a_picture_give_each_find_once() -> None:
    class Network:
        def __init__(self) -> None:
            self.sizes: list[int] = []

        def find(self, picture: object, longest: int, enlarge: float) -> list[Found]:
            self.sizes.append(longest)
            return [Found(10, 10, 60, 30, longest / 10_000)]

    network = Network()

    found = stills.look(network, WAYS["text"], np.zeros((500, 800, 3), np.uint8), (1920, 1280, 3000))

    assert sorted(network.sizes) == [1280, 1600]
    assert [box.score for box in found] == [0.16]
