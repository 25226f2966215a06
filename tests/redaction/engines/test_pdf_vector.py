"""Pages written anew: what is under a black area leaves the content, the rest stays text."""

import io
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pikepdf
import pypdfium2
import pytest
from pdfminer.high_level import extract_text
from pikepdf import Array, Dictionary, Name, String
from PIL import Image

from redaction.engines import pdf
from redaction.marks import Marks
from redaction.report import Report
from tests.redaction.document_builders import (
    HEIGHT,
    LETTER,
    a_pdf,
    every_byte,
    place,
    shown,
    some_marks,
)


def redacted(source: Path, *marks: dict[str, Any]) -> tuple[Path, Report]:
    target = source.with_name("out.pdf")
    return target, pdf.redact(source, some_marks(*marks) if marks else Marks(), target)


def ways(report: Report) -> list[str]:
    return [entry["way"] for entry in report.details["page_ways"]]


def box(text: str, x: float, y: float, page: int = 1, extent: str = "exact") -> dict[str, Any]:
    return {"kind": "box", "page": page, "rect": place(text, x, y), "extent": extent}


def content_of(path: Path, page: int = 1) -> str:
    with pikepdf.open(path) as made:
        return made.pages[page - 1].Contents.read_bytes().decode("ascii")


def words_of(path: Path) -> list[str]:
    return extract_text(path).split()


def with_objects(tmp_path: Path, *pages: str, **objects: Any) -> Path:
    """A document whose pages share XObjects made by functions of the document."""
    path = tmp_path / "in.pdf"
    with pikepdf.open(a_pdf(tmp_path / "plain.pdf", *pages)) as made:
        ready = {f"/{name}": make(made) for name, make in objects.items()}
        for page in made.pages:
            page.obj.Resources.XObject = Dictionary(ready)
        made.save(path)
    return path


def a_form(text: str, **keys: Any) -> Any:
    def make(made: pikepdf.Pdf) -> pikepdf.Stream:
        form = made.make_stream(shown(text, 0, 0).encode())
        form.Type, form.Subtype, form.BBox = Name.XObject, Name.Form, Array([0, -4, 300, 14])
        form.Resources = Dictionary(Font=made.pages[0].obj.Resources.Font)
        for key, value in keys.items():
            form[Name(f"/{key}")] = value
        return form

    return make


def a_grey(pixels: np.ndarray, filters: str = "flate", extra: bytes = b"", **keys: Any) -> Any:
    def make(made: pikepdf.Pdf) -> pikepdf.Stream:
        height, width = pixels.shape[:2]
        if filters == "jpeg":
            buffer = io.BytesIO()
            Image.fromarray(pixels).save(buffer, "JPEG", quality=95, comment=b"COMMENTSECRET")
            image = pikepdf.Stream(made, buffer.getvalue() + extra)
            image.Filter = Name.DCTDecode
        else:
            image = pikepdf.Stream(made, zlib.compress(pixels.tobytes() + extra))
            image.Filter = Name.FlateDecode
        image.Type, image.Subtype, image.Width, image.Height = Name.XObject, Name.Image, width, height
        image.ColorSpace = Name.DeviceRGB if pixels.ndim == 3 else Name.DeviceGray
        image.BitsPerComponent = 8
        for key, value in keys.items():
            image[Name(f"/{key}")] = value
        return image

    return make


def picture_in(path: Path, page: int = 1) -> np.ndarray:
    with pikepdf.open(path) as made:
        found: Any
        (found,) = made.pages[page - 1].Resources.XObject.values()
        return np.asarray(pikepdf.PdfImage(found).as_pil_image().convert("L"))


def drawn(path: Path, page: int = 1) -> np.ndarray:
    document = pypdfium2.PdfDocument(path)
    picture = document[page - 1].render(scale=1, grayscale=True).to_numpy().copy()
    document.close()
    return np.asarray(picture).reshape(picture.shape[0], picture.shape[1])


def test_page_without_a_mark_is_written_anew_and_stays_text(tmp_path: Path) -> None:
    source = a_pdf(tmp_path / "in.pdf", shown("Visible words remain", 72, 700))

    target, report = redacted(source)

    assert ways(report) == ["vector"]
    assert words_of(target) == ["Visible", "words", "remain"]
    assert report.details["pages_rasterised"] == []


def test_letters_under_a_box_leave_the_content_and_those_beside_it_stay(tmp_path: Path) -> None:
    source = a_pdf(tmp_path / "in.pdf", shown("alpha SECRET omega", 72, 700))

    target, report = redacted(source, box("SECRET", 72 + 6 * 7.2, 700))

    assert ways(report) == ["vector"]
    assert words_of(target) == ["alpha", "omega"]
    assert b"SECRET".hex().upper() not in content_of(target)


def test_place_of_what_follows_an_exact_box_is_a_whole_point(tmp_path: Path) -> None:
    content = "BT /F 11 Tf 72.3 700 Td (alpha ) Tj (SECRETS) Tj 86 0 Td (omega) Tj ( psi) Tj ET\n"
    source = a_pdf(tmp_path / "in.pdf", content)

    target, _ = redacted(source, box("SECRETS", 72.3 + 6 * LETTER * 11, 700))

    places = [line.split()[4] for line in content_of(target).splitlines() if line.endswith(" Tm")]
    assert places[0] == "72.3"
    assert len(places) == 3
    assert all("." not in edge for edge in places[1:])
    assert " Td" not in content_of(target)


def test_kerns_of_removed_letters_are_gone(tmp_path: Path) -> None:
    content = "BT /F 12 Tf 72 700 Td [(one) -1234 (SECRET) -4321 (two)] TJ ET\n"
    source = a_pdf(tmp_path / "in.pdf", content)

    target, _ = redacted(source, box("SECRET", 72 + 3 * 7.2 + 1.234 * 12, 700))

    assert "1234" not in content_of(target)
    assert "4321" not in content_of(target)
    assert words_of(target) == ["one", "two"]


@pytest.mark.parametrize(
    "operators", ["(alpha) ' (SECRET) ' (omega) '", '0 0 (alpha) " T* (SECRET) Tj T* (omega) Tj']
)
def test_every_way_to_begin_a_line_is_followed(tmp_path: Path, operators: str) -> None:
    source = a_pdf(tmp_path / "in.pdf", f"BT /F 12 Tf 20 TL 72 720 Td {operators} ET\n")

    target, report = redacted(source, box("SECRET", 72, 680))

    assert ways(report) == ["vector"]
    assert words_of(target) == ["alpha", "omega"]


def test_form_placed_twice_loses_its_words_in_one_placement_only(tmp_path: Path) -> None:
    twice = "q 1 0 0 1 72 600 cm /X Do Q q 1 0 0 1 72 400 cm /X Do Q"
    source = with_objects(tmp_path, twice, "q 1 0 0 1 72 600 cm /X Do Q", X=a_form("FORMNAME"))

    target, report = redacted(source, box("FORMNAME", 72, 600))

    assert ways(report) == ["vector", "vector"]
    assert extract_text(target, page_numbers=[0]).split() == ["FORMNAME"]
    assert extract_text(target, page_numbers=[1]).split() == ["FORMNAME"]


def test_form_that_draws_itself_makes_its_page_a_picture(tmp_path: Path) -> None:
    def endless(made: pikepdf.Pdf) -> pikepdf.Stream:
        form: pikepdf.Stream = a_form("deep")(made)
        form.write(b"/Y Do")
        form.Resources.XObject = Dictionary(Y=form)
        return form

    source = with_objects(tmp_path, shown("words", 72, 700) + "/X Do", X=endless)

    _, report = redacted(source)

    assert ways(report) == ["raster"]
    assert "forms inside too many others" in report.details["page_ways"][0]["why"]


@pytest.mark.parametrize("coding", ["flate", "jpeg"])
def test_pixels_under_a_box_are_painted_in_that_placement_only(tmp_path: Path, coding: str) -> None:
    pixels = np.full((100, 200), 200, np.uint8)
    show = shown("words enough to make this page more than its picture alone, as a scan would be", 20, 760)
    show += "q 200 0 0 100 72 600 cm /I Do Q"
    source = with_objects(tmp_path, show, show, I=a_grey(pixels, coding))

    target, report = redacted(
        source, {"kind": "box", "page": 1, "rect": [72, HEIGHT - 700, 172, HEIGHT - 650], "extent": "exact"}
    )

    assert ways(report) == ["vector", "vector"]
    assert int(picture_in(target)[2:48, 2:98].max()) <= 10
    assert int(picture_in(target)[52:, 102:].min()) >= 190
    assert int(picture_in(target, 2).min()) >= 190


def test_picture_wholly_under_a_box_does_not_pass_at_all(tmp_path: Path) -> None:
    show = shown("words", 72, 760) + "q 200 0 0 100 72 600 cm /I Do Q"
    source = with_objects(tmp_path, show, I=a_grey(np.full((10, 20), 99, np.uint8)))

    target, _ = redacted(source, {"kind": "box", "page": 1, "rect": [70, 90, 275, 195], "extent": "exact"})

    with pikepdf.open(target) as made:
        assert "/XObject" not in made.pages[0].Resources
        assert not [part for part in made.objects if isinstance(part, pikepdf.Stream) and part.get("/Width")]


def test_what_hides_in_a_picture_beside_its_pixels_does_not_pass(tmp_path: Path) -> None:
    show = shown("words", 72, 760) + "q 20 0 0 10 72 600 cm /I Do Q q 20 0 0 10 72 500 cm /J Do Q"
    source = with_objects(
        tmp_path,
        show,
        I=a_grey(np.full((10, 20), 99, np.uint8), "jpeg", b"TRAILINGSECRET", Private=String("DICTSECRET")),
        J=a_grey(np.full((10, 20), 77, np.uint8), "flate", b"ROWSECRET"),
    )

    target, report = redacted(source)

    content = every_byte(target)
    assert ways(report) == ["vector"]
    for secret in (b"COMMENTSECRET", b"TRAILINGSECRET", b"DICTSECRET", b"ROWSECRET"):
        assert secret not in content


def test_pixels_cut_off_by_a_clip_are_painted_over(tmp_path: Path) -> None:
    pixels = np.full((100, 200), 200, np.uint8)
    show = shown("words", 72, 760) + "q 72 600 100 100 re W n 200 0 0 100 72 600 cm /I Do Q"
    source = with_objects(tmp_path, show, I=a_grey(pixels))

    target, report = redacted(source)

    assert ways(report) == ["vector"]
    assert int(picture_in(target)[:, 104:].max()) == 0
    assert int(picture_in(target)[:, :100].min()) == 200


def test_inline_picture_is_painted_too(tmp_path: Path) -> None:
    data = bytes([200]) * 100
    inline = "q 100 0 0 100 72 600 cm BI /W 10 /H 10 /BPC 8 /CS /G ID " + data.decode("latin-1") + " EI Q\n"
    source = a_pdf(tmp_path / "in.pdf", shown("words", 72, 760) + inline)

    target, report = redacted(
        source, {"kind": "box", "page": 1, "rect": [72, 92, 122, 192], "extent": "exact"}
    )

    assert ways(report) == ["vector"]
    assert picture_in(target).tolist()[5] == [0] * 5 + [200] * 5


def test_text_that_no_eye_sees_leaves_the_page_as_text(tmp_path: Path) -> None:
    content = shown("open", 72, 700) + shown("GHOSTSECRET", 72, 600, mode=3) + shown("BESIDESECRET", 700, 700)
    content += "q 0 0 50 50 re W n " + shown("CLIPSECRET", 300, 300) + " Q"
    source = a_pdf(tmp_path / "in.pdf", content)

    target, report = redacted(source)

    assert ways(report) == ["vector"]
    assert words_of(target) == ["open"]


def test_layer_that_is_off_is_left_out_and_one_that_is_on_stays(tmp_path: Path) -> None:
    path = tmp_path / "in.pdf"
    content = f"/OC /A BDC {shown('OFFSECRET', 72, 700)} EMC /OC /B BDC {shown('shown', 72, 600)} EMC"
    with pikepdf.open(a_pdf(tmp_path / "plain.pdf", content)) as made:
        off = made.make_indirect(Dictionary(Type=Name.OCG, Name=String("a")))
        on = made.make_indirect(Dictionary(Type=Name.OCG, Name=String("b")))
        made.pages[0].obj.Resources.Properties = Dictionary(A=off, B=on)
        made.Root.OCProperties = Dictionary(OCGs=Array([off, on]), D=Dictionary(OFF=Array([off])))
        made.save(path)

    target, report = redacted(path)

    assert ways(report) == ["vector"]
    assert words_of(target) == ["shown"]


def test_line_and_box_under_an_area_are_cut_where_it_ends(tmp_path: Path) -> None:
    drawing = "72 640 200 30 re f 72 600 m 400 600 l S 100 580 10 10 re f 2 w 72 500 m 80 500 l S"
    source = a_pdf(tmp_path / "in.pdf", shown("words", 72, 700) + drawing)

    target, report = redacted(
        source, {"kind": "box", "page": 1, "rect": [90, HEIGHT - 660, 300, HEIGHT - 570], "extent": "exact"}
    )

    assert ways(report) == ["vector"]
    content = content_of(target)
    assert "200 30 re" not in content
    assert "100 580 10 10 re" not in content
    assert "300 600 m\n400 600 l" in content
    picture = drawn(target)
    assert int(picture[int(HEIGHT) - 665, 100]) < 40
    assert int(picture[int(HEIGHT) - 590, 310]) > 200


def test_curve_under_an_area_makes_its_page_a_picture(tmp_path: Path) -> None:
    source = a_pdf(tmp_path / "in.pdf", shown("words", 72, 700) + "72 600 m 100 700 200 700 300 600 c S")

    _, report = redacted(source, {"kind": "box", "page": 1, "rect": [100, 100, 150, 200], "extent": "exact"})

    assert ways(report) == ["raster"]
    assert report.details["page_ways"][0]["why"] == ["a drawing under a black area"]


@pytest.mark.parametrize(
    ("operators", "why"),
    [
        ("/None gs", "a name that stands for nothing"),
        ("BT /F 12 Tf 7 Tr 72 700 Td (clip) Tj ET", "a text used as the edge of a drawing"),
        ("/Missing cs 1 scn", "a name that stands for nothing"),
        ("1 2 m zap", "an operator that is not known here"),
        ("1 0 rg", "a colour of an unknown form"),
    ],
)
def test_page_that_is_not_understood_becomes_a_picture_and_says_why(
    tmp_path: Path, operators: str, why: str
) -> None:
    source = a_pdf(tmp_path / "in.pdf", shown("words", 72, 700) + operators)

    _, report = redacted(source)

    assert ways(report) == ["raster"]
    assert report.details["pages_rasterised"][0]["why"] == [why]


def test_picture_under_a_filled_box_makes_its_page_a_picture(tmp_path: Path) -> None:
    show = shown("words", 72, 760) + "q 200 0 0 100 72 600 cm /I Do Q 0 g 80 610 100 50 re f"
    source = with_objects(tmp_path, show, I=a_grey(np.full((10, 20), 99, np.uint8)))

    _, report = redacted(source)

    assert report.details["page_ways"][0]["why"] == ["a picture under a filled box"]


def test_marked_content_and_structure_are_our_own(tmp_path: Path) -> None:
    body = "".join(shown(f"line {number} of a paragraph", 72, 700 - 14 * number) for number in range(3))
    source = a_pdf(tmp_path / "in.pdf", shown("A heading", 72, 740, 20) + body + shown("SECRET", 72, 600))

    target, _ = redacted(source, box("SECRET", 72, 600))

    with pikepdf.open(target) as made:
        section = made.Root.StructTreeRoot.K.K[0]
        kinds = [(str(part.S), str(part.get("/Alt", ""))) for part in section.K]
        parents = list(made.Root.StructTreeRoot.ParentTree.Nums[1])
    assert kinds == [("/H1", ""), ("/P", ""), ("/Figure", "redacted")]
    assert len(parents) == content_of(target).count("MCID")


def test_crop_turn_and_unit_of_a_page_stay(tmp_path: Path) -> None:
    source = a_pdf(
        tmp_path / "in.pdf",
        shown("words", 172, 500),
        rotate=90,
        CropBox=Array([100, 200, 500, 700]),
        UserUnit=2,
    )

    target, report = redacted(source)

    assert ways(report) == ["vector"]
    with pikepdf.open(target) as made:
        page = made.pages[0].obj
        assert [int(edge) for edge in page.MediaBox] == [100, 200, 500, 700]
        assert (int(page.Rotate), int(page.UserUnit)) == (90, 2)
    document = pypdfium2.PdfDocument(target)
    assert document[0].get_size() == (500, 400)
    document.close()


def test_same_source_and_marks_give_the_same_bytes(tmp_path: Path) -> None:
    source = a_pdf(tmp_path / "in.pdf", shown("some words", 72, 700), shown("more", 72, 700))
    mark = {"kind": "text", "literal": "words"}

    first = redacted(source, mark)[0].read_bytes()

    assert redacted(source, mark)[0].read_bytes() == first
