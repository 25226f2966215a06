from collections.abc import Callable
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name, String

from redaction import pipeline
from redaction.engines import pdf
from redaction.marks import Marks
from redaction.report import MarksError, Refused, Report
from tests.redaction.document_builders import (
    HEIGHT,
    WIDTH,
    a_pdf,
    shown,
    some_marks,
)


def redacted(tmp_path: Path, source: Path, marks: Marks) -> tuple[Path, Report]:
    target = tmp_path / "out.pdf"
    return target, pipeline.redact(source, marks, target, contained=False)


def test_mark_beyond_the_last_page_or_the_edge_is_named_before_work_starts(tmp_path: Path) -> None:
    source = a_pdf(tmp_path / "in.pdf", shown("words", 72, 700))
    faults: dict[str, dict[str, Any]] = {
        "no page 2": {"kind": "page", "page": 2},
        "no page 3": {"kind": "text", "literal": "x", "pages": [1, 3]},
        "leaves page 1": {"kind": "box", "page": 1, "rect": [600, 10, 613, 20]},
    }

    for words, entry in faults.items():
        with pytest.raises(MarksError, match=f"mark m1: .*{words}"):
            redacted(tmp_path, source, some_marks(entry))

    assert not (tmp_path / "out.pdf").exists()


def encrypted(made: pikepdf.Pdf, path: Path) -> None:
    made.save(path, encryption=pikepdf.Encryption(owner="o", user=""))


def locked(made: pikepdf.Pdf, path: Path) -> None:
    made.save(path, encryption=pikepdf.Encryption(owner="o", user="u"))


def portfolio(made: pikepdf.Pdf, path: Path) -> None:
    made.Root.Collection = Dictionary(View=Name.D)
    made.save(path)


def xfa(made: pikepdf.Pdf, path: Path) -> None:
    made.Root.AcroForm = Dictionary(XFA=String("<xdp/>"), Fields=Array())
    made.save(path)


def empty(made: pikepdf.Pdf, path: Path) -> None:
    del made.pages[0]
    made.save(path)


def cut_short(made: pikepdf.Pdf, path: Path) -> None:
    made.save(path)
    path.write_bytes(path.read_bytes()[:40])


def flat(made: pikepdf.Pdf, path: Path) -> None:
    made.pages[0].obj.MediaBox = Array([0, 0, 0.2, 500_000])
    made.save(path)


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (encrypted, "encrypted"),
        (locked, "encrypted"),
        (portfolio, "portfolio"),
        (xfa, "XFA"),
        (empty, "no pages"),
        (cut_short, "broken"),
        (flat, "size that can be drawn"),
    ],
)
def test_unfit_source_is_refused_with_a_sentence_and_leaves_nothing(
    tmp_path: Path, spoil: Callable[[pikepdf.Pdf, Path], None], words: str
) -> None:
    source = tmp_path / "in.pdf"
    with pikepdf.open(a_pdf(tmp_path / "plain.pdf", shown("words", 72, 700))) as made:
        spoil(made, source)

    with pytest.raises(Refused, match=words):
        redacted(tmp_path, source, Marks())

    assert sorted(path.name for path in tmp_path.iterdir()) == ["in.pdf", "plain.pdf"]


def test_source_beyond_the_limits_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = a_pdf(tmp_path / "in.pdf", shown("one", 72, 700), shown("two", 72, 700))

    monkeypatch.setattr(pdf.origin, "MOST_PAGES", 1)
    with pytest.raises(Refused, match="more than 1 pages"):
        pdf.redact(source, Marks(), tmp_path / "out.pdf")
    monkeypatch.setattr(pdf.origin, "LARGEST_FILE", 10)
    with pytest.raises(Refused, match="larger than"):
        pdf.redact(source, Marks(), tmp_path / "out.pdf")


def test_huge_page_is_drawn_within_the_pixel_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf.sheet, "MOST_PIXELS", 1_000_000)
    unclear = shown("big", 72, 700, 200) + "(unclear) zap"
    source = a_pdf(tmp_path / "in.pdf", unclear, MediaBox=Array([0, 0, 14400, 14400]))

    report = pdf.redact(source, Marks(), tmp_path / "out.pdf")

    assert report.details["pages_rasterised"][0]["dpi"] == 5


def test_preview_is_the_picture_that_boxes_are_measured_on(tmp_path: Path) -> None:
    source = a_pdf(tmp_path / "in.pdf", shown("words", 72, 700), rotate=90)

    picture = pdf.preview(source, 1, tmp_path)

    assert picture.shape[:2] == (round(WIDTH * 200 / 72), round(HEIGHT * 200 / 72))
    with pytest.raises(Refused, match="no page 2"):
        pdf.preview(source, 2, tmp_path)


def test_progress_is_told_page_by_page(tmp_path: Path) -> None:
    source = a_pdf(tmp_path / "in.pdf", shown("one", 72, 700), shown("two", 72, 700))
    heard: list[float] = []

    pdf.redact(source, Marks(), tmp_path / "o.pdf", progress=lambda share, _: heard.append(share))

    assert heard == sorted(heard)
    assert len(heard) >= 3
    assert heard[-1] == 1.0


def test_plain_language_of_the_source_is_kept_and_a_long_one_is_not(tmp_path: Path) -> None:
    kept = {}
    for language in ("fr", "xx-SECRETMESSAGE"):
        with pikepdf.open(a_pdf(tmp_path / "plain.pdf", shown("words", 72, 700))) as made:
            made.Root.Lang = String(language)
            made.save(tmp_path / "in.pdf")
        target, _ = redacted(tmp_path, tmp_path / "in.pdf", Marks())
        with pikepdf.open(target) as out:
            kept[language] = str(out.Root.Lang)

    assert kept == {"fr": "fr", "xx-SECRETMESSAGE": "en-US"}


def test_a_document_cut_off_in_a_page_is_refused_and_not_released_empty(tmp_path: Path) -> None:
    source = a_pdf(tmp_path / "in.pdf", shown("words", 72, 700) * 200)
    data = source.read_bytes()
    source.write_bytes(data[: data.index(b"stream") + 40])

    with pytest.raises(Refused, match="broken"):
        pipeline.redact(source, some_marks(), tmp_path / "out.pdf", contained=False)

    assert not (tmp_path / "out.pdf").exists()
