"""PDFs: the engine alone against PyMuPDF, the gate and the verifier by themselves, pictures against pdftoppm.

Fifty pages: the samples of real files where ``SAMPLES`` names their folder, filled up with pages that
LibreOffice makes (or, without it, pages made here). Every twelfth word has a box, the same for both.
"""

import json
import os
import random
import shutil
import subprocess
from pathlib import Path

import pikepdf
import pypdfium2
from pikepdf import Array, Dictionary, Name

from redaction.engines.pdf import sheet
from tests.bench.harness import Bench, peers, python

PAGES = 50
LONG_PAGES = 2000
GOAL = 1 / 1.5
MOST_MIB = 400
EVERY = 12
DPI = 200

_SEED = 7
_WORDS = (
    "officer", "camera", "record", "request", "county", "plate", "reader", "vehicle", "report", "witness",
    "street", "number", "signal", "morning", "evening", "patrol", "unit", "release", "review", "date",
    "time", "location", "image", "track", "flight", "public", "clerk",
)  # fmt: skip

_ENGINE = """
import json, sys
from pathlib import Path
from redaction.engines import pdf
from redaction.marks import parse
folder, extent = Path(sys.argv[1]), sys.argv[2]
for name, boxes in json.loads((folder / "boxes.json").read_text()).items():
    marks = parse({"version": 1, "marks": [
        {"id": f"b{i}", "kind": "box", "page": page, "rect": rect, "extent": extent}
        for i, (page, rect) in enumerate(boxes)]})
    with pdf.settled(folder / name, folder) as pages:
        made = pdf.draft(pages, marks)
        made.document.save(folder / "out" / name)
"""
_WHOLE = """
import json, sys
from pathlib import Path
from redaction.engines import pdf
from redaction.marks import parse
from redaction.verify import pdf as verifier
folder, checks = Path(sys.argv[1]), sys.argv[2] == "verified"
for name, boxes in json.loads((folder / "boxes.json").read_text()).items():
    marks = parse({"version": 1, "marks": [
        {"id": f"b{i}", "kind": "box", "page": page, "rect": rect} for i, (page, rect) in enumerate(boxes)]})
    report = pdf.redact(folder / name, marks, folder / "out" / name)
    if checks and verifier.verify(folder / "out" / name, folder / name, marks, report):
        raise SystemExit(f"{name} does not verify")
"""
_GATE = """
import json, sys
from pathlib import Path
from redaction.engines.pdf import gate
folder = Path(sys.argv[1])
for name, pages in json.loads((folder / "gate.json").read_text()).items():
    gate.failing(folder / "settled" / name, folder / "candidates" / name,
                 {int(number): [tuple(box) for box in boxes] for number, boxes in pages.items()})
"""
_READY_FOR_GATE = """
import json, shutil, sys
from pathlib import Path
from redaction.engines import pdf
from redaction.marks import parse
folder = Path(sys.argv[1])
ready = {}
for part in ("settled", "candidates", "out"):
    (folder / part).mkdir(exist_ok=True)
for name, boxes in json.loads((folder / "boxes.json").read_text()).items():
    marks = parse({"version": 1, "marks": [
        {"id": f"b{i}", "kind": "box", "page": page, "rect": rect, "extent": "exact"}
        for i, (page, rect) in enumerate(boxes)]})
    with pdf.settled(folder / name, folder) as pages:
        made = pdf.draft(pages, marks)
        made.document.save(folder / "candidates" / name)
        shutil.copy(pages.path, folder / "settled" / name)
        ready[name] = made.rewritten()
(folder / "gate.json").write_text(json.dumps(ready))
"""
_PYMUPDF = """
import json, sys
from pathlib import Path
import pymupdf
folder = Path(sys.argv[1])
for name, boxes in json.loads((folder / "boxes.json").read_text()).items():
    document = pymupdf.open(folder / name)
    for page in document:
        rects = [rect for number, rect in boxes if number == page.number + 1]
        for rect in rects:
            page.add_redact_annot(pymupdf.Rect(rect) * page.derotation_matrix, fill=(0, 0, 0))
        if rects:
            page.apply_redactions(images=2, graphics=2)
    document.save(folder / "out" / ("peer-" + name), garbage=4, clean=True, deflate=True)
"""
_PICTURES = """
import sys
from pathlib import Path
import pypdfium2
from redaction.engines.pdf import drawn, sheet
from redaction.engines.pdf.document import Document
import pikepdf
source, target = Path(sys.argv[1]), Path(sys.argv[2])
with pikepdf.open(source) as pdf:
    document, opened = Document(pdf, "en-US", target.parent), pypdfium2.PdfDocument(source)
    for index in range(len(opened)):
        page = opened[index]
        this = sheet.read(page, index + 1)
        done = drawn.paint(page, this, [], 1.0, "en-US", scanned=False)
        document.draw(index + 1, (this.width, this.height), done.picture, done.words, [])
        page.close()
    document.save(target)
"""
_LONG = """
import sys
from pathlib import Path
from redaction.engines import pdf
from redaction.marks import parse
marks = parse({"version": 1, "marks": [{"id": "t", "kind": "text", "literal": "witness"}]})
pdf.redact(Path(sys.argv[1]), marks, Path(sys.argv[2]))
"""


def measure(bench: Bench) -> None:
    """This will measure the engine, the gate, the verifier, the pictures, and growth with the pages."""
    folder = bench.folder
    names = _corpus(folder, max(2, round(PAGES * bench.scale)))
    _choose_boxes(folder, names)
    subprocess.run(python(_READY_FOR_GATE, folder), check=True, env={**os.environ, "PYTHONPATH": os.getcwd()})
    work = f"{PAGES * bench.scale:g} pages, a box on every {EVERY}th word"
    peer = python(_PYMUPDF, folder, interpreter=peers())
    bench.versus(
        "pdf-engine",
        work,
        ours=python(_ENGINE, folder, "exact"),
        peer=peer,
        goal=GOAL,
        note="exact boxes, engine alone; goal is 1.5 times PyMuPDF's time",
    )
    bench.versus(
        "pdf-engine-line",
        work,
        ours=python(_ENGINE, folder, "line"),
        peer=peer,
        note="boxes grown to the end of their lines, which the peer does not do",
    )
    bench.versus("pdf-gate", work, ours=python(_GATE, folder), peer=None, note="the gate by itself")
    bench.versus("pdf-whole", work, ours=python(_WHOLE, folder, "plain"), peer=None, note="engine and gate")
    bench.versus(
        "pdf-verified", work, ours=python(_WHOLE, folder, "verified"), peer=None, note="and verifier"
    )
    report = folder / "report.pdf"
    pictures = ["pdftoppm", "-r", str(DPI), "-png", str(report), str(folder / "out" / "peer")]
    bench.versus(
        "pdf-pictures",
        f"every page of a report drawn at {DPI} dpi",
        ours=python(_PICTURES, report, folder / "out" / "pictures.pdf"),
        peer=pictures if shutil.which("pdftoppm") else None,
        note="ours with a text layer, the peer as PNG",
    )
    shares = {1 / 16: LONG_PAGES // 16, 1 / 4: LONG_PAGES // 4, 1.0: LONG_PAGES}
    commands = {}
    for share, count in shares.items():
        pages = max(2, round(count * bench.scale))
        source = folder / f"long-{pages}.pdf"
        if not source.exists():
            _made_here(source, pages)
        commands[share] = python(_LONG, source, folder / "out" / f"long-{pages}.pdf")
    bench.growth(
        "pdf-growth", f"{LONG_PAGES * bench.scale:g} pages, a text mark, with the gate", commands,
        most=1.15, most_mib=MOST_MIB,
    )  # fmt: skip


def _corpus(folder: Path, pages: int) -> list[str]:
    names: list[str] = []
    samples = os.environ.get("SAMPLES")
    for path in sorted((Path(samples) / "pdf").glob("*.pdf")) if samples else ():
        with pikepdf.open(path) as opened:
            if len(opened.pages) <= pages:
                pages -= len(opened.pages)
                shutil.copyfile(path, folder / path.name)
                names.append(path.name)
    if pages:
        report = folder / "report.pdf"
        if not report.exists() and not _by_libreoffice(report, PAGES):
            _made_here(report, PAGES)
        with pikepdf.open(report) as opened:
            del opened.pages[pages:]
            opened.save(folder / "rest.pdf")
        names.append("rest.pdf")
    return names


def _choose_boxes(folder: Path, names: list[str]) -> None:
    boxes: dict[str, list[tuple[int, list[float]]]] = {}
    for name in names:
        opened = pypdfium2.PdfDocument(folder / name)
        boxes[name] = []
        for index in range(len(opened)):
            this = sheet.read(opened[index], index + 1)
            for word in this.words[5::EVERY]:
                x0, y0, x1, y1 = word.box
                rect = [max(0.0, x0), max(0.0, y0), min(this.width, x1), min(this.height, y1)]
                if rect[0] < rect[2] and rect[1] < rect[3]:
                    boxes[name].append((index + 1, rect))
        opened.close()
    (folder / "boxes.json").write_text(json.dumps(boxes))


def _paragraphs(pages: int) -> list[str]:
    words = random.Random(_SEED)  # noqa: S311  # the same pages in each run, nothing secret
    return [" ".join(words.choices(_WORDS, k=90)).capitalize() + "." for _ in range(6 * pages)]


def _by_libreoffice(target: Path, pages: int) -> bool:
    office = shutil.which("soffice")
    if office is None:
        return False
    source = target.with_suffix(".html")
    body = "".join(f"<h2>Section {n}</h2><p>{text}</p>" for n, text in enumerate(_paragraphs(pages)))
    source.write_text(f"<html><body>{body}</body></html>")
    profile = f"-env:UserInstallation=file://{target.parent.resolve()}/profile"
    done = subprocess.run(
        [office, profile, "--headless", "--convert-to", "pdf", "--outdir", target.parent, source],
        check=False,
        capture_output=True,
        timeout=180,
    )
    return done.returncode == 0 and target.exists() and _count(target) >= pages


def _count(path: Path) -> int:
    with pikepdf.open(path) as opened:
        return len(opened.pages)


def _made_here(target: Path, pages: int) -> bool:
    paragraphs = _paragraphs(min(pages, 40))
    with pikepdf.new() as made:
        font = made.make_indirect(
            Dictionary(
                Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica, Encoding=Name.WinAnsiEncoding
            )
        )
        for number in range(pages):
            page = made.add_blank_page(page_size=(612, 792)).obj
            page.Resources = Dictionary(Font=Dictionary(F=font))
            lines = [f"BT /F 10 Tf 13 TL 1 0 0 1 60 740 Tm (Page {number + 1} of the report) Tj T*"]
            for text in (paragraphs[(number * 5 + place) % len(paragraphs)] for place in range(5)):
                words = text.split()
                rows = [" ".join(words[start : start + 12]) for start in range(0, len(words), 12)]
                lines += [f"({row}) '" for row in rows] + ["T*"]
            page.Contents = made.make_stream(("\n".join([*lines, "ET"])).encode("ascii"))
            page.Annots = Array()
        made.save(target)
    return True
