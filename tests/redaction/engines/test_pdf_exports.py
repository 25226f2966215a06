"""Pages as the programs of the world write them: LibreOffice, Chromium, WeasyPrint."""

import base64
import io
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
import weasyprint
from PIL import Image

from redaction import pipeline, reading
from redaction.engines.office import libreoffice
from tests.patience import SECONDS
from tests.redaction.document_builders import every_byte, some_marks

SECRET = "Maria Delgado"


def picture() -> str:
    """A picture whose edge is half transparent, as a data address."""
    image = Image.new("RGBA", (40, 40), (200, 30, 20, 128))
    image.paste((0, 90, 160, 255), (8, 8, 32, 32))
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    return "data:image/png;base64," + base64.b64encode(buffer.getvalue()).decode()


def page() -> str:
    return f"""<html lang="en"><head><title>Report</title></head><body>
<h1>Report of the stop</h1>
<p>The driver, <b>{SECRET}</b>, waited. <i>Nothing was found</i> in the car; office hours efficient.</p>
<table border="1"><tr><td>Plate</td><td>Camera</td></tr><tr><td>ABC123</td><td>Elm Street</td></tr></table>
<img src="{picture()}" width="80" height="80" alt="">
<div style="background: linear-gradient(red, blue); width: 200px; height: 40px"></div>
<div style="opacity: 0.5; background: #0a0; width: 100px; height: 20px"></div>
<svg width="60" height="60"><circle cx="30" cy="30" r="25" fill="#fa0" stroke="black"/></svg>
<p style="font-family: serif">Signed by the officer of the watch.</p></body></html>"""


def by_libreoffice(folder: Path) -> Path:
    (folder / "report.html").write_text(page())
    return libreoffice.to_pdf(folder / "report.html", folder)


def by_chromium(folder: Path) -> Path:
    (folder / "report.html").write_text(page())
    browser = next(path for name in ("chromium", "google-chrome") if (path := shutil.which(name)))
    subprocess.run(
        [
            browser, "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={folder / 'profile'}",
            f"--print-to-pdf={folder / 'report.pdf'}", f"file://{folder / 'report.html'}",
        ],
        check=True, capture_output=True, timeout=SECONDS,
    )  # fmt: skip
    return folder / "report.pdf"


def by_weasyprint(folder: Path) -> Path:
    weasyprint.HTML(string=page()).write_pdf(folder / "report.pdf")
    return folder / "report.pdf"


def box_over(source: Path, words: str) -> dict[str, object]:
    """A box over words of an export, with its page."""
    for leaf in reading.leaves(source):
        start = leaf.text.find(words)
        boxes = [box for box in leaf.boxes[max(start, 0) : start + len(words)] if start >= 0 and box]
        if boxes:
            rect = [min(box[0] for box in boxes), min(box[1] for box in boxes)]
            rect += [max(box[2] for box in boxes), max(box[3] for box in boxes)]
            return {"kind": "box", "page": leaf.number, "rect": rect, "extent": "exact"}
    raise AssertionError("the export does not show the words")


@pytest.mark.parametrize("make", [by_libreoffice, by_chromium, by_weasyprint])
@pytest.mark.parametrize("kind", ["text", "box"])
def test_export_loses_what_is_marked_and_keeps_the_rest(
    tmp_path: Path, make: Callable[[Path], Path], kind: str
) -> None:
    source = make(tmp_path)
    target = tmp_path / "out.pdf"
    mark = {"kind": "text", "literal": SECRET} if kind == "text" else box_over(source, SECRET)

    pipeline.redact(source, some_marks(mark), target, contained=False)

    text = " ".join("".join(leaf.text for leaf in reading.leaves(target)).split())
    assert "Delgado" not in text
    assert b"Delgado" not in every_byte(target)
    kept = ("Nothing was found", "ABC123", "Elm Street", "Signed by the officer of the watch.")
    assert [words for words in kept if words not in text] == []
