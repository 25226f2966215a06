"""PDFs and pictures made for the tests: Courier everywhere, so that every letter's place is known."""

import io
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Name, String
from PIL import Image

from redaction.marks import Marks, parse

WIDTH, HEIGHT = 612.0, 792.0
LETTER = 0.6  # Courier's advance, of the font size
CROP = 20.0

HIDDEN = {
    "attachment": "ATTACHSECRET",
    "script": "JSSECRET",
    "named script": "NAMEDSECRET",
    "xmp": "XMPSECRET",
    "information": "INFOSECRET",
    "layer": "LAYERSECRET",
    "ghost": "GHOSTSECRET",
    "white": "WHITESECRET",
    "replacement": "ACTUALSECRET",
    "listed replacement": "LISTEDSECRET",
    "alternative": "ALTSECRET",
    "beside the crop": "CROPSECRET",
    "bookmark": "OUTLINESECRET",
    "link": "LINKSECRET",
    "under a box": "UNDERSECRET",
    "private data": "PIECESECRET",
    "note": "NOTESECRET",
    "old revision": "OLDSECRET",
    "stray object": "STRAYSECRET",
}


def some_marks(*entries: dict[str, Any]) -> Marks:
    """This will parse marks, numbering those without an id."""
    numbered = [{"id": f"m{number}", **entry} for number, entry in enumerate(entries, start=1)]
    return parse({"version": 1, "marks": numbered})


def shown(text: str, x: float, y: float, size: float = 12, mode: int = 0) -> str:
    """This will give the operators that draw a text with its baseline's left end at (x, y)."""
    escaped = text.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")
    return f"BT /F {size} Tf {mode} Tr 1 0 0 1 {x} {y} Tm ({escaped}) Tj ET\n"


def place(text: str, x: float, y: float, size: float = 12, height: float = HEIGHT) -> list[float]:
    """This will give the rectangle, from the top left, that a drawn text fills."""
    return [x, height - y - 0.8 * size, x + LETTER * size * len(text), height - y + 0.3 * size]


def a_font(pdf: pikepdf.Pdf) -> Any:
    return pdf.make_indirect(
        Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Courier, Encoding=Name.WinAnsiEncoding)
    )


def a_pdf(path: Path, *pages: str, rotate: int = 0, **page_keys: Any) -> Path:
    """This will write a PDF of US letter pages with the given content."""
    pdf = pikepdf.new()
    font = a_font(pdf)
    for content in pages:
        page = pdf.add_blank_page(page_size=(WIDTH, HEIGHT))
        page.obj.Resources = Dictionary(Font=Dictionary(F=font))
        page.obj.Contents = pdf.make_stream(content.encode("latin-1"))
        if rotate:
            page.obj.Rotate = rotate
        for key, value in page_keys.items():
            page.obj[Name("/" + key)] = value
    pdf.save(path)
    return path


def a_torture_pdf(path: Path) -> Path:
    """This will write one page with a secret in every hiding place of ``HIDDEN``.

    Visible are "Visible words remain" (72, 700), "BOXEDNAME" (72, 650), "FORMNAME" in a form XObject
    (72, 600), the field value "FIELDNAME" (72, 550) and "FREENAME" of a note (72, 500).
    """
    pdf = pikepdf.new()
    font = a_font(pdf)
    page = pdf.add_blank_page(page_size=(WIDTH, HEIGHT)).obj
    layer = pdf.make_indirect(Dictionary(Type=Name.OCG, Name=String("hidden")))
    form = _form(pdf, font, shown("FORMNAME", 0, 0), (0, -4, 200, 14))
    page.CropBox = Array([CROP, CROP, WIDTH - CROP, HEIGHT - CROP])
    page.Resources = Dictionary(
        Font=Dictionary(F=font),
        XObject=Dictionary(X=form),
        Properties=Dictionary(L=layer, R=Dictionary(ActualText=String(HIDDEN["listed replacement"]))),
    )
    page.Contents = pdf.make_stream(
        (
            shown("Visible words remain", 72, 700)
            + shown("BOXEDNAME", 72, 650)
            + "q 1 0 0 1 72 600 cm /X Do Q\n"
            + f"/OC /L BDC {shown(HIDDEN['layer'], 72, 450)} EMC\n"
            + shown(HIDDEN["ghost"], 72, 430, mode=3)
            + f"1 g {shown(HIDDEN['white'], 72, 410)} 0 g\n"
            + f"/Span <</ActualText ({HIDDEN['replacement']})>> BDC {shown('drawn', 72, 390)} EMC\n"
            + f"/Span /R BDC {shown('listed', 72, 370)} EMC\n"
            + shown(HIDDEN["beside the crop"], 300, 785)
            + shown(HIDDEN["under a box"], 72, 350)
            + "0 g 70 345 120 20 re f\n"
        ).encode()
    )
    page.PieceInfo = Dictionary(App=Dictionary(Private=String(HIDDEN["private data"])))
    page.Annots = Array(_annotations(pdf, font))
    root = pdf.Root
    root.OCProperties = Dictionary(OCGs=Array([layer]), D=Dictionary(OFF=Array([layer])))
    root.AcroForm = Dictionary(
        Fields=Array([page.Annots[0]]), DR=Dictionary(Font=Dictionary(F=font)), DA=String("/F 12 Tf 0 g")
    )
    root.OpenAction = Dictionary(S=Name.JavaScript, JS=String(f"app.alert('{HIDDEN['script']}')"))
    script = Dictionary(S=Name.JavaScript, JS=String(HIDDEN["named script"]))
    root.Names = Dictionary(JavaScript=Dictionary(Names=Array([String("a"), script])))
    with pdf.open_metadata() as metadata:
        metadata["dc:description"] = HIDDEN["xmp"]
    root.StructTreeRoot = Dictionary(
        Type=Name.StructTreeRoot, K=Dictionary(S=Name.Figure, Alt=String(HIDDEN["alternative"]))
    )
    pdf.trailer.Info = pdf.make_indirect(Dictionary(Author=String(HIDDEN["information"])))
    pdf.attachments["a.txt"] = HIDDEN["attachment"].encode()
    with pdf.open_outline() as outline:
        outline.root.append(pikepdf.OutlineItem(HIDDEN["bookmark"], 0))
    pdf.save(path, object_stream_mode=pikepdf.ObjectStreamMode.disable, compress_streams=False)
    _update(path)
    return path


def _form(pdf: pikepdf.Pdf, font: Any, content: str, box: tuple[float, ...]) -> pikepdf.Stream:
    form = pdf.make_stream(content.encode())
    form.Type, form.Subtype, form.BBox = Name.XObject, Name.Form, Array(box)
    form.Resources = Dictionary(Font=Dictionary(F=font))
    return form


def _annotations(pdf: pikepdf.Pdf, font: Any) -> Iterable[Any]:
    yield pdf.make_indirect(
        Dictionary(
            Type=Name.Annot,
            Subtype=Name.Widget,
            FT=Name.Tx,
            T=String("name"),
            V=String("FIELDNAME"),
            Rect=Array([72, 546, 272, 562]),
            F=4,
            DA=String("/F 12 Tf 0 g"),
            AP=Dictionary(N=_form(pdf, font, "/Tx BMC " + shown("FIELDNAME", 0, 4) + "EMC", (0, 0, 200, 16))),
        )
    )
    yield pdf.make_indirect(
        Dictionary(
            Type=Name.Annot,
            Subtype=Name.FreeText,
            Rect=Array([72, 496, 272, 512]),
            F=4,
            Contents=String(HIDDEN["note"]),
            DA=String("/F 12 Tf 0 g"),
            AP=Dictionary(N=_form(pdf, font, shown("FREENAME", 0, 4), (0, 0, 200, 16))),
        )
    )
    yield pdf.make_indirect(
        Dictionary(
            Type=Name.Annot,
            Subtype=Name.Link,
            Rect=Array([72, 696, 272, 712]),
            Border=Array([0, 0, 0]),
            A=Dictionary(S=Name.URI, URI=String(f"https://example.test/{HIDDEN['link']}")),
        )
    )


def _update(path: Path) -> None:
    """Appends a revision, so that an older object and one that nothing points to stay in the file."""
    content = path.read_bytes()
    start = int(content.rsplit(b"startxref", 1)[1].split()[0])
    with pikepdf.open(path) as pdf:
        size, (root, _) = int(pdf.trailer.Size), pdf.Root.objgen
    old = f"{size} 0 obj\n({HIDDEN['old revision']})\nendobj\n"
    old += f"{size + 1} 0 obj\n({HIDDEN['stray object']})\nendobj\n"
    first = len(content)
    second = first + old.index(f"{size + 1} 0 obj")
    xref = first + len(old)
    table = f"xref\n{size} 2\n{first:010} 00000 n \n{second:010} 00000 n \n"
    head = f"trailer\n<< /Size {size + 2} /Root {root} 0 R /Prev"
    trailer = f"{head} {start} >>\nstartxref\n{xref}\n%%EOF\n"
    content += (old + table + trailer).encode()
    again = f"{size} 0 obj\n(new)\nendobj\n"
    previous, xref = xref, len(content) + len(again)
    table = f"xref\n{size} 1\n{len(content):010} 00000 n \n"
    end = f"{head} {previous} >>\nstartxref\n{xref}\n%%EOF\n"
    path.write_bytes(content + (again + table + end).encode())


def a_picture(
    size: tuple[int, int] = (120, 80), colour: tuple[int, int, int] = (200, 120, 40)
) -> Image.Image:
    return Image.new("RGB", size, colour)


def a_jpeg_with_secrets(path: Path, orientation: int = 1) -> Path:
    """This will write a 120 by 80 JPEG with EXIF (GPS, description), a comment and trailing bytes."""
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif[0x010E] = "EXIFSECRET"
    exif.get_ifd(0x8825)[1] = "N"
    exif.get_ifd(0x8825)[2] = (53.0, 21.0, 54.0)
    buffer = io.BytesIO()
    a_picture().save(buffer, "JPEG", exif=exif, comment=b"COMMENTSECRET", quality=95)
    path.write_bytes(buffer.getvalue() + b"TRAILINGSECRET")
    return path


def every_byte(path: Path) -> bytes:
    """This will give a PDF's raw bytes with every stream decoded beside them."""
    found = [path.read_bytes()]
    with pikepdf.open(path) as pdf:
        for part in pdf.objects:
            if isinstance(part, pikepdf.Stream):
                found.append(part.read_raw_bytes())
                if part.get("/Filter") != Name.DCTDecode:
                    found.append(part.read_bytes())
    return b"\n".join(found)


def forms_of(secret: str) -> list[bytes]:
    """This will give the ways a word can be written in a file's bytes."""
    wide = secret.encode("utf-16-be")
    return [
        secret.encode(),
        wide,
        secret.encode("utf-16-le"),
        wide.hex().upper().encode(),
        secret.encode().hex().encode(),
    ]
