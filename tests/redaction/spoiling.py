"""Changing a release after it was made, as an engine with a fault would have made it."""

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pikepdf
from fontTools.fontBuilder import FontBuilder
from fontTools.pens.ttGlyphPen import TTGlyphPen
from pikepdf import Array, Dictionary, Name

from redaction.engines import pdf as engine
from redaction.engines.pdf import vector
from redaction.engines.pdf.layers import Unsure
from tests.redaction.document_builders import HEIGHT, WIDTH, a_pdf, place, shown, some_marks

SECRET = "SECRET"
BOX: dict[str, Any] = {"kind": "box", "page": 1, "rect": place(SECRET, 72, 700), "extent": "exact"}
AREA = tuple(BOX["rect"])


def a_release(folder: Path, *entries: dict[str, Any]) -> tuple[Path, Path]:
    """This will write a source with a secret and public words, and its release, not yet verified.

    The same release is made once; a test that replaces a step of the engine has its own.
    """
    source = a_pdf(folder / "in.pdf", shown(SECRET, 72, 700) + shown("public words", 72, 600))
    key = json.dumps(entries), vector.rewrite.__name__
    if key not in _made:
        engine.redact(source, some_marks(*entries), folder / "out.pdf")
        _made[key] = (folder / "out.pdf").read_bytes()
    (folder / "out.pdf").write_bytes(_made[key])
    return source, folder / "out.pdf"


_made: dict[tuple[str, str], bytes] = {}


def refuse(*_: object, **__: object) -> None:
    """This will stand in for the step that writes a page anew, so that every page becomes a picture."""
    raise Unsure("asked for by a test")


def spoil(path: Path, change: Callable[[pikepdf.Pdf], object]) -> Path:
    """This will change a release in place and write it as the engine does."""
    with pikepdf.open(path, allow_overwriting_input=True) as made:
        change(made)
        made.save(
            path,
            min_version="1.7",
            deterministic_id=True,
            object_stream_mode=pikepdf.ObjectStreamMode.generate,
            compress_streams=True,
        )
    return path


def draw_more(content: str) -> Callable[[pikepdf.Pdf], None]:
    """This will give a change that draws more before the black areas, marked as an artifact."""

    def change(made: pikepdf.Pdf) -> None:
        page = made.pages[0].obj
        before = page.Contents.read_bytes()
        marked = f"q\n/Artifact BMC\n{content}\nEMC\nQ\n".encode()
        page.Contents = made.make_stream(marked + before)

    return change


def write(text: str, x: float, y: float, mode: int = 0, size: float = 12) -> str:
    """This will give the operators of a text as the engine writes them; its page has the font /T0."""
    codes = text.encode("latin-1").hex().upper()
    return f"BT\n/T0 {size} Tf\n{mode} Tr\n1 0 0 1 {x} {y} Tm\n<{codes}> Tj\nET"


def a_font_program(letters: str) -> bytes:
    """This will make a TrueType font in which each letter is a block of its own width."""
    builder = FontBuilder(1000, isTTF=True)
    names = [".notdef", *letters]
    builder.setupGlyphOrder(names)
    builder.setupCharacterMap({ord(letter): letter for letter in letters})
    glyphs = {".notdef": TTGlyphPen(None).glyph()}
    for place_, letter in enumerate(letters):
        pen = TTGlyphPen(None)
        right = 300 + 10 * place_
        pen.moveTo((50, 0))
        for point in ((50, 600), (right, 600), (right, 0)):
            pen.lineTo(point)
        pen.closePath()
        glyphs[letter] = pen.glyph()
    builder.setupGlyf(glyphs)
    builder.setupHorizontalMetrics(dict.fromkeys(names, (600, 50)))
    builder.setupHorizontalHeader(ascent=800, descent=-200)
    builder.setupNameTable({"familyName": "Blocks", "styleName": "Regular"})
    builder.setupOS2()
    builder.setupPost()
    buffer = io.BytesIO()
    builder.save(buffer)
    return buffer.getvalue()


def an_embedded_pdf(path: Path, *texts: tuple[str, float, float]) -> Path:
    """This will write a page whose font is embedded and has just the letters of its texts."""
    letters = "".join(sorted({letter for text, _, _ in texts for letter in text}))
    pdf = pikepdf.new()
    page = pdf.add_blank_page(page_size=(WIDTH, HEIGHT)).obj
    descriptor = Dictionary(
        Type=Name.FontDescriptor,
        FontName=Name("/ABCDEF+Blocks"),
        Flags=32,
        FontBBox=Array([0, -200, 1000, 800]),
        ItalicAngle=0,
        Ascent=800,
        Descent=-200,
        CapHeight=600,
        StemV=80,
        FontFile2=pdf.make_stream(a_font_program(letters)),
    )
    font = Dictionary(
        Type=Name.Font,
        Subtype=Name.TrueType,
        BaseFont=Name("/ABCDEF+Blocks"),
        Encoding=Name.WinAnsiEncoding,
        FirstChar=32,
        LastChar=126,
        Widths=Array([600] * 95),
        FontDescriptor=pdf.make_indirect(descriptor),
    )
    page.Resources = Dictionary(Font=Dictionary(F=pdf.make_indirect(font)))
    page.Contents = pdf.make_stream("".join(shown(text, x, y) for text, x, y in texts).encode())
    pdf.save(path)
    return path
