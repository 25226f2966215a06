import base64
import socket
from pathlib import Path
from typing import Any

import pikepdf
import pytest

from requests_app.correspondence import pdf

PAGE = """<!doctype html><html lang="{lang}"><head><title>{title}</title><style>
@font-face {{ font-family: Ours; src: url(daylight-font:sans-regular); }} body {{ font-family: Ours; }}
{style}</style>{head}</head><body><h1>Décision § 5 – “yes”</h1>{body}</body></html>"""
PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


def written(tmp_path: Path, **parts: str) -> pikepdf.Pdf:
    whole = {"lang": "en", "title": "A letter", "style": "", "head": "", "body": "", **parts}
    target = tmp_path / "letter.pdf"
    pdf.letter_pdf(PAGE.format(**whole), target)
    return pikepdf.open(target)


def images(document: pikepdf.Pdf) -> int:
    return sum(len(page.get_images()) for page in document.pages)


def test_a_letter_is_tagged_pdf_ua_with_language_and_title(tmp_path: Path) -> None:
    with written(tmp_path, lang="es", title="Carta") as document:
        assert document.open_metadata()["pdfuaid:part"] == "1"
        assert str(document.Root.Lang) == "es"
        assert str(document.docinfo.Title) == "Carta"
        assert bool(document.Root.MarkInfo.Marked)


def test_it_is_set_in_our_own_font(tmp_path: Path) -> None:
    with written(tmp_path) as document:
        fonts = [str(font.BaseFont) for font in document.pages[0].Resources.Font.values()]

    assert fonts
    assert all("Ours" in font for font in fonts)


def test_the_same_letter_gives_the_same_bytes(tmp_path: Path) -> None:
    written(tmp_path).close()
    first = (tmp_path / "letter.pdf").read_bytes()
    written(tmp_path).close()

    assert (tmp_path / "letter.pdf").read_bytes() == first


def test_a_picture_may_come_as_data(tmp_path: Path) -> None:
    address = "data:image/png;base64," + base64.b64encode(PIXEL).decode()

    with written(tmp_path, body=f'<img src="{address}" alt="dot">') as document:
        assert images(document) == 1


@pytest.mark.parametrize(
    "parts",
    [
        {"body": '<img src="file://{secret}" alt="x">'},
        {"body": '<img src="{secret}" alt="x">'},
        {"body": '<img src="http://127.0.0.1:{port}/x.png" alt="x">'},
        {"body": '<svg width="9" height="9"><image href="file://{secret}" width="9" height="9"/></svg>'},
        {"body": '<object data="file://{secret}"></object><embed src="file://{secret}">'},
        {"head": '<link rel="attachment" href="file://{secret}">'},
        {"head": '<link rel="stylesheet" href="http://127.0.0.1:{port}/x.css">'},
        {"style": "@import url(http://127.0.0.1:{port}/x.css);"},
        {"style": "body {{ background: url(file://{secret}) }}"},
        {
            "style": "@font-face {{ font-family: Bad; src: url(daylight-font:../../../../manage.py) }}"
            " h1 {{ font-family: Bad }}"
        },
        {"head": '<base href="file:///">', "body": '<img src="{secret}" alt="x">'},
    ],
)
def test_words_that_staff_typed_cannot_read_a_file_or_open_a_connection(
    tmp_path: Path, parts: dict[str, str]
) -> None:
    secret = tmp_path / "secret.png"
    secret.write_bytes(PIXEL)
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.01)
        places: dict[str, Any] = {"secret": secret, "port": server.getsockname()[1]}

        with written(tmp_path, **{name: part.format(**places) for name, part in parts.items()}) as document:
            assert images(document) == 0
            assert "/Names" not in document.Root
            assert "/AF" not in document.Root
        with pytest.raises(TimeoutError):
            server.accept()


def test_a_letter_beyond_all_measure_is_refused(tmp_path: Path) -> None:
    with pytest.raises(pdf.LetterFailed, match="too long"):
        pdf.letter_pdf("x" * (pdf.LONGEST + 1), tmp_path / "letter.pdf")

    assert not (tmp_path / "letter.pdf").exists()


def test_every_font_is_shipped() -> None:
    for name in pdf.FONTS.values():
        assert (pdf._font_folder() / name).read_bytes()[:4] == b"wOF2"
