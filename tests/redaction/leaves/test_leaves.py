"""Pages as the person who marks them sees them: what is shown there is what the engine takes away."""

import base64
import io
from pathlib import Path
from typing import Any

import pikepdf
import pypdfium2
import pytest
from pikepdf import Array, Dictionary, Name
from PIL import Image, ImageDraw, ImageFont

from redaction import probe
from redaction.engines import pdf
from redaction.engines.pdf import notice, part
from redaction.leaves import reading, showing
from redaction.marks import parse
from redaction.report import Refused
from tests.redaction.document_builders import a_pdf, a_torture_pdf, shown
from tests.redaction.office_builders import a_docx, a_mail, paragraph

LINES = shown("Officer Ruth Canary", 100, 700) + shown("and nobody else here", 100, 660)


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "child").mkdir()
    monkeypatch.chdir(tmp_path / "child")


def paper(path: Path, medium: str = "pdf", **more: Any) -> dict[str, Any]:
    return {"path": str(path), "medium": medium, **more}


def picture(item: dict[str, Any]) -> Image.Image:
    return Image.open(io.BytesIO(base64.b64decode(item["picture"])))


def words(path: Path, number: int = 1) -> dict[str, list[float]]:
    (page,) = reading.read(paper(path), [number], False)
    return {text: box for text, *box, _line in page["words"]}


def marks(*entries: dict[str, Any]) -> dict[str, Any]:
    return {"version": 1, "marks": [{"id": f"m{n}", **entry} for n, entry in enumerate(entries)]}


def text_of(path: Path, number: int) -> str:
    with pypdfium2.PdfDocument(path) as document:
        return str(document[number - 1].get_textpage().get_text_range())


@pytest.mark.parametrize("turn", [0, 90, 180, 270])
@pytest.mark.parametrize("unit", [1, 2])
def test_box_of_a_word_takes_that_word_and_no_other(tmp_path: Path, turn: int, unit: int) -> None:
    crop = {"CropBox": Array([40, 60, 560, 740]), "UserUnit": unit}
    path = a_pdf(tmp_path / "a.pdf", LINES, LINES, rotate=turn, **crop)
    box = words(path, 2)["Ruth"]
    parsed = parse(marks({"kind": "box", "page": 2, "rect": box, "extent": "exact"}))

    pdf.redact(path, parsed, tmp_path / "out.pdf")

    assert "Ruth" not in text_of(tmp_path / "out.pdf", 2)
    for word in ("Officer", "Canary", "nobody"):
        assert word in text_of(tmp_path / "out.pdf", 2)
    assert "Ruth" in text_of(tmp_path / "out.pdf", 1)


def test_sizes_are_those_of_the_engine_with_crop_turn_and_unit(tmp_path: Path) -> None:
    path = a_pdf(tmp_path / "a.pdf", LINES, rotate=90, CropBox=Array([0, 0, 300, 500]), UserUnit=2)

    assert showing.measured(paper(path)) == [[1000, 600]]
    assert probe.examine(path).pages == ((1000, 600),)
    (drawn,) = showing.drawn(paper(path), [1], 500)
    assert drawn["size"] == [1000, 600]
    assert picture(drawn).size == (500, 300)


def test_page_by_itself_looks_as_in_the_whole_file(tmp_path: Path) -> None:
    path = a_torture_pdf(tmp_path / "torture.pdf")
    with pypdfium2.PdfDocument(path) as document:
        count = len(document)
    whole = Image.fromarray(pdf.preview(path, count, tmp_path))

    (drawn,) = showing.drawn(paper(path), [count], whole.width)

    alone = picture(drawn).convert("L").resize(whole.size)
    difference = [abs(a - b) for a, b in zip(alone.tobytes(), whole.convert("L").tobytes(), strict=True)]
    assert sum(value > 60 for value in difference) < len(difference) * 0.002


def test_what_pages_hand_down_reaches_a_page_by_itself_and_ties_do_not(tmp_path: Path) -> None:
    path = a_pdf(tmp_path / "a.pdf", LINES, shown("Second", 100, 700))
    with pikepdf.open(path, allow_overwriting_input=True) as file:
        first, second = file.pages[0].obj, file.pages[1].obj
        for page in (first, second):
            file.Root.Pages[Name.MediaBox] = page.MediaBox
            file.Root.Pages[Name.Resources] = page.Resources
            del page[Name.MediaBox], page[Name.Resources]
        note = Dictionary(
            Type=Name.Annot, Subtype=Name.Link, Rect=[0, 0, 9, 9], Dest=Array([second, Name.Fit])
        )
        first.Annots = Array([file.make_indirect(note)])
        file.save(path)

    part.keep(path, [1], tmp_path / "one.pdf")

    assert "Officer" in text_of(tmp_path / "one.pdf", 1)
    with pikepdf.open(tmp_path / "one.pdf") as one:
        assert len(one.pages) == 1
        streams = [found.read_bytes() for found in one.objects if isinstance(found, pikepdf.Stream)]
    assert not any(b"Second" in content for content in streams)


def test_page_that_is_not_there_says_so_beside_the_others(tmp_path: Path) -> None:
    path = a_pdf(tmp_path / "a.pdf", LINES)

    first, ninth = showing.drawn(paper(path), [1, 9], 220)

    assert picture(first).width == 220
    assert ninth == {"number": 9, "fault": "there is no page 9, the last is 1"}


def test_damaged_file_is_a_fault_of_each_page(tmp_path: Path) -> None:
    path = a_pdf(tmp_path / "a.pdf", LINES)
    path.write_bytes(path.read_bytes()[:200])

    (drawn,) = showing.drawn(paper(path), [1], 220)

    assert "broken" in drawn["fault"]
    with pytest.raises(Refused, match="broken"):
        showing.measured(paper(path))


def test_areas_are_what_the_engine_paints(tmp_path: Path) -> None:
    path = a_pdf(tmp_path / "a.pdf", LINES)
    box = words(path)["Ruth"]
    wanted = marks(
        {"kind": "box", "page": 1, "rect": box},
        {"kind": "box", "page": 1, "rect": box, "extent": "exact"},
        {"kind": "text", "literal": "nobody"},
        {"kind": "text", "literal": "absent"},
    )

    (page,) = reading.covered(paper(path), [1], wanted)

    assert set(page["areas"]) == {"m0", "m1", "m2"}
    assert max(rect[2] for rect in page["areas"]["m0"]) > words(path)["Canary"][2]
    assert page["areas"]["m1"] == [box]
    assert any("how wide" in words for words in page["warnings"])


def test_find_counts_all_and_gives_places_in_context(tmp_path: Path) -> None:
    path = a_pdf(tmp_path / "a.pdf", LINES, "", LINES)
    needles = [
        {"id": "a", "kind": "text", "literal": "CANARY"},
        {"id": "b", "kind": "text", "pattern": "ssn"},
    ]

    found = reading.found(paper(path), [1, 2, 3, 4], needles, False)

    assert found["counts"] == {"a": {"1": 1, "3": 1}, "b": {}}
    assert found["unread"] == [2, 4]
    (first, third) = found["hits"]
    assert (first["before"], first["text"]) == ("Officer Ruth ", "Canary")
    assert first["after"].strip() == "and nobody else here"
    assert third["page"] == 3
    (rect,) = first["rects"]
    assert rect[0] < words(path)["Canary"][0] < words(path)["Canary"][2] < rect[2]


def test_scan_is_read_on_demand_and_its_words_are_called_painted(tmp_path: Path) -> None:
    path = a_scan(tmp_path / "scan.pdf")
    needle = [{"id": "a", "kind": "text", "literal": "readable"}]

    (plain,) = reading.read(paper(path), [1], False)
    (read,) = reading.read(paper(path), [1], True)
    found = reading.found(paper(path), [1], needle, True)

    assert plain["painted"]
    assert plain["words"] == []
    assert [row[0] for row in read["words"]] == ["Readable", "words"]
    assert [hit["painted"] for hit in found["hits"]] == [True]
    assert found["counts"] == {"a": {}}
    assert found["unread"] == []


def test_scan_nobody_can_read_stays_unread(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = a_scan(tmp_path / "scan.pdf")
    monkeypatch.setattr("redaction.engines.pdf.ocr.words", lambda *_, **__: None)

    (read,) = reading.read(paper(path), [1], True)
    found = reading.found(paper(path), [1], [{"id": "a", "kind": "text", "literal": "x"}], True)

    assert read["unread"]
    assert found["unread"] == [1]


def test_after_is_the_page_the_engine_makes_and_open_suggestions_are_left_out(tmp_path: Path) -> None:
    path = a_pdf(tmp_path / "a.pdf", LINES, LINES)
    box, other = words(path)["Ruth"], words(path)["nobody"]
    wanted = marks(
        {"kind": "box", "page": 2, "rect": box, "extent": "exact"},
        {"kind": "box", "page": 2, "rect": other, "suggested": True},
        {"kind": "text", "literal": "Officer", "pages": [1]},
        {"kind": "text", "pattern": "ssn", "pages": "all"},
        {"kind": "box", "page": 2, "rect": other, "decision": "rejected", "suggested": True},
    )

    after = showing.burned(paper(path), 2, 612, wanted)

    drawn = picture(after).convert("L")
    assert after["way"] == "vector"
    assert after["number"] == 2
    assert drawn.getpixel((int(box[0] + box[2]) // 2, int(box[1] + box[3]) // 2)) == 0
    x0, y0, x1, y1 = other
    assert 255 in drawn.crop((x0, y0, x1, y1)).tobytes()  # letters on white, not a black area
    assert any("found nowhere" in words for words in after["warnings"])


def test_withheld_page_shows_its_own_number(tmp_path: Path) -> None:
    path = a_pdf(tmp_path / "a.pdf", LINES, LINES, LINES)
    whole = marks({"kind": "page", "page": 3, "reason": "VICTIM"})

    after = showing.burned(paper(path), 3, 612, whole)

    expected, _words = notice.draw(next(iter(parse(whole))), 612, 792, 1.0)
    assert after["way"] == "withheld"
    assert picture(after).convert("L").tobytes() == Image.fromarray(expected).tobytes()


def test_image_is_one_page_in_pixels(tmp_path: Path) -> None:
    path = a_sign(tmp_path / "a.png")
    this = paper(path, "image")
    box = {"kind": "box", "page": 1, "rect": [30, 20, 200, 90]}

    first, second = showing.drawn(this, [1, 2], 450)
    after = showing.burned(this, 1, 900, marks(box))

    assert showing.measured(this) == [[900, 260]]
    assert (first["size"], picture(first).size) == ([900, 260], (450, 130))
    assert second["fault"] == "an image has only page 1"
    assert reading.covered(this, [1], marks(box))[0]["areas"] == {"m0": [[30, 20, 200, 90]]}
    assert picture(after).convert("L").crop((30, 20, 200, 90)).getextrema() == (0, 0)


def test_words_of_an_image_come_when_asked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    this = paper(a_sign(tmp_path / "a.png"), "image")
    needle = [{"id": "a", "kind": "text", "literal": "words"}]

    plain, read = (reading.read(this, [1], pictures)[0] for pictures in (False, True))
    found = reading.found(this, [1], needle, True)
    quiet = reading.found(this, [1], needle, False)
    monkeypatch.setattr("redaction.engines.pdf.ocr.words", lambda *_, **__: None)
    unread = reading.read(this, [1], True)[0]

    assert (plain["words"], unread["words"], unread["unread"]) == ([], [], True)
    assert [row[0] for row in read["words"]] == ["Readable", "words"]
    assert [hit["text"] for hit in found["hits"]] == ["words"]
    assert (quiet["hits"], quiet["unread"]) == ([], [1])


def test_photograph_is_sent_as_jpeg(tmp_path: Path) -> None:
    noise = Image.effect_noise((1200, 1200), 90).convert("RGB")
    noise.save(tmp_path / "a.png")

    (drawn,) = showing.drawn(paper(tmp_path / "a.png", "image"), [1], 1650)

    assert drawn["kind"] == "jpeg"
    assert picture(drawn).format == "JPEG"


@pytest.mark.parametrize(("ink", "mode"), [("0 g", "L"), ("1 0 0 rg", "RGB")], ids=["grey", "red"])
def test_a_page_goes_in_as_few_colours_as_it_has_and_to_the_pixel(
    tmp_path: Path, ink: str, mode: str
) -> None:
    path = a_pdf(tmp_path / "a.pdf", ink + " 100 500 200 100 re f")

    (item,) = showing.drawn(paper(path), [1], 550)

    sent = picture(item)
    assert (item["kind"], sent.mode) == ("png", mode)
    with pypdfium2.PdfDocument(path) as document:
        whole = document[0].render(scale=550 / document[0].get_size()[0], rev_byteorder=True)
        assert sent.convert("RGB").tobytes() == Image.fromarray(whole.to_numpy()[:, :, :3].copy()).tobytes()


def test_office_file_becomes_pages_once_for_each_decision(tmp_path: Path) -> None:
    path = a_mail(tmp_path / "a.eml", "The caller was Ruth Canary of Elm Street.", Bcc="boss@town.example")
    kept = tmp_path / "kept.pdf"
    this = paper(path, "office", kept=str(kept))

    (page,) = reading.read(this, [1], False)
    made = kept.stat().st_mtime_ns
    (again,) = showing.drawn(this, [1], 220)

    assert "Canary" in [row[0] for row in page["words"]]
    assert kept.stat().st_mtime_ns == made
    assert picture(again).width == 220
    assert len(showing.measured(this)) == 1
    shown_too = {"id": "open-0", "kind": "hidden", "item": "bcc", "action": "show"}
    other = paper(path, "office", kept=str(tmp_path / "other.pdf"), hidden=[shown_too])
    assert len(showing.measured(other)) == 2


def test_office_file_that_makes_no_pages_says_why(tmp_path: Path) -> None:
    path = a_docx(tmp_path / "a.docx", paragraph("x"))
    path.write_bytes(path.read_bytes()[:300])

    with pytest.raises(Refused):
        showing.measured(paper(path, "office", kept=str(tmp_path / "kept.pdf")))


def a_sign(path: Path) -> Path:
    image = Image.new("L", (900, 260), 255)
    ImageDraw.Draw(image).text((40, 30), "Readable words", fill=0, font=ImageFont.load_default(size=36))
    image.save(path)
    return path


def a_scan(path: Path) -> Path:
    sign = Image.open(a_sign(path.with_suffix(".png")))
    sign.save(path, "PDF", resolution=144)
    return path
