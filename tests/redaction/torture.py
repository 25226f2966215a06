"""A PDF that hides words in every kind of place a PDF has, and shows some that must stay.

Each hidden or marked word is a code of its own ("ZQ…X"), so that it can be searched for in bytes and streams.
"""

import contextlib
import io
import zlib
from pathlib import Path
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Name, String
from PIL import Image

from tests.redaction.document_builders import HEIGHT, WIDTH, a_font, place, shown
from tests.redaction.torture_parts import CATALOGUE, hide_beside_pages, wrap_bytes

OPEN_WORDS = ("Anchorage", "Bellingham", "Cheyenne", "Duluth", "Evanston", "Fairbanks")

# what is shown and marked
SPLIT, KERNED, SPACED, PLAIN = "ZQSPLITX", "ZQKERNEDX", "ZQSPACEDX", "ZQPLAINX"
TURNED, FORMED, FIELD, NOTED = "ZQTURNEDX", "ZQFORMEDX", "ZQFIELDX", "ZQNOTEDX"
LIGATURE, BROKEN = "ZQLIGAOFFICEX", "ZQBROKENLINEX"
MARKED = (SPLIT, KERNED, SPACED, PLAIN, TURNED, FORMED, FIELD, NOTED, LIGATURE, BROKEN)

# what is on a page but cannot be seen
UNSEEN = {
    "invisible": "ZQINVISIBLEX",
    "white": "ZQWHITEX",
    "clipped": "ZQCLIPPEDX",
    "clear": "ZQCLEARX",
    "blended": "ZQBLENDEDX",
    "tiny": "ZQTINYX",
    "beside the page": "ZQBESIDEX",
    "in a layer that is off": "ZQLAYERX",
    "under a box": "ZQUNDERX",
    "under a picture": "ZQCOVEREDX",
    "replacement": "ZQACTUALX",
    "property": "ZQPROPERTYX",
    "marked point": "ZQPOINTX",
    "comment": "ZQCOMMENTX",
    "unused form": "ZQUNUSEDX",
    "pattern cell": "ZQPATTERNX",
    "soft mask": "ZQSOFTX",
    "glyph procedure": "ZQGLYPHX",
    "name of a resource": "ZQRESOURCEX",
    "name of an ink": "ZQINKX",
    "function": "ZQFUNCTIONX",
    "colour profile": "ZQPROFILEX",
    "comment of a picture": "ZQJPEGX",
    "behind a picture": "ZQTRAILX",
    "behind packed data": "ZQPACKEDX",
    "other version of a picture": "ZQALTERNATEX",
    "metadata of a picture": "ZQPICTUREX",
    "PostScript": "ZQPOSTSCRIPTX",
    "family of a font": "ZQFAMILYX",
    "letters of a font": "ZQCHARSETX",
    "halftone": "ZQHALFTONEX",
}

SECRETS = (*MARKED, *UNSEEN.values(), *CATALOGUE.values())


def all_bytes(path: Path) -> bytes:
    """This will give a PDF's raw bytes, and beside them every stream, unpacked and as it is stored."""
    found = [path.read_bytes()]
    with pikepdf.open(path, suppress_warnings=True) as pdf:
        for part in pdf.objects:
            if isinstance(part, pikepdf.Stream):
                found.append(part.read_raw_bytes())
                with contextlib.suppress(pikepdf.PdfError):
                    found.append(part.read_bytes())
    return b"\n".join(found)


def boxes() -> list[dict[str, Any]]:
    """This will give marks for all that is shown and to be withheld."""
    marks: list[dict[str, Any]] = [
        {"kind": "text", "literal": word, "pages": [1]} for word in (SPLIT, KERNED, SPACED, LIGATURE, BROKEN)
    ]
    exact = {"kind": "box", "page": 1, "extent": "exact"}
    marks += [
        {**exact, "rect": place(word, 72, y)}
        for word, y in ((PLAIN, 660), (FORMED, 600), (FIELD, 570), (NOTED, 540))
    ]
    marks.append({**exact, "rect": [440, 60, 470, 150]})  # the turned word
    marks.append({**exact, "page": 2, "rect": [60, 480, 240, 520]})  # the pattern
    marks.append({**exact, "page": 2, "rect": [60, 400, 200, 440]})  # what the soft mask lets through
    marks.append({**exact, "page": 3, "rect": [72, 92, 172, 142]})  # the upper half of the first picture
    return marks


def a_torture_file(path: Path) -> Path:
    """This will write three pages: tricks with text, hidden things on a page, pictures."""
    pdf = pikepdf.new()
    font = a_font(pdf)
    font.FontDescriptor = pdf.make_indirect(_descriptor())
    for content in (_text_tricks(), _hidden_things(), _pictures()):
        page = pdf.add_blank_page(page_size=(WIDTH, HEIGHT)).obj
        page.Resources = Dictionary(Font=Dictionary(F=font))
        page.Contents = pdf.make_stream(content.encode("latin-1"))
    first, second, third = (page.obj for page in pdf.pages)
    first.Resources.XObject = Dictionary(X=_form(pdf, font, shown(FORMED, 0, 0), (0, -4, 200, 14)))
    first.Annots = Array(_notes(pdf, font))
    pdf.Root.AcroForm = Dictionary(
        Fields=Array([first.Annots[0], first.Annots[-1]]),
        DR=Dictionary(Font=Dictionary(F=font)),
        DA=String("/F 12 Tf 0 g"),
    )
    _fill_second(pdf, second, font)
    _fill_third(pdf, third)
    hide_beside_pages(pdf)
    pdf.save(path, object_stream_mode=pikepdf.ObjectStreamMode.disable, compress_streams=False)
    wrap_bytes(path)
    return path


def _descriptor() -> Dictionary:
    return Dictionary(
        Type=Name.FontDescriptor,
        FontName=Name.Courier,
        FontFamily=String(UNSEEN["family of a font"]),
        CharSet=String("/" + UNSEEN["letters of a font"]),
        FontBBox=Array([0, -200, 600, 800]),
        Flags=33,
        ItalicAngle=0,
        Ascent=800,
        Descent=-200,
        CapHeight=600,
        StemV=80,
    )


def _text_tricks() -> str:
    kerned = " 5 ".join(f"({letter})" for letter in KERNED)
    split = f"({SPLIT[:3]}) Tj ({SPLIT[3:6]}) Tj ({SPLIT[6:]}) Tj"
    return (
        shown(f"{OPEN_WORDS[0]} before", 72, 720)
        + f"BT /F 12 Tf 1 0 0 1 72 700 Tm {split} ET\n"
        + f"BT /F 12 Tf 1 0 0 1 72 680 Tm [{kerned}] TJ ET\n"
        + shown(PLAIN, 72, 660)
        + shown(OPEN_WORDS[1], 300, 660)
        + f"BT /F 12 Tf 2 Tc 1 0 0 1 72 640 Tm ({SPACED}) Tj ET\n"
        + "BT 0 Tc ET\n"
        + "q 1 0 0 1 72 600 cm /X Do Q\n"
        + f"BT /F 12 Tf 0 1 -1 0 460 650 Tm ({TURNED}) Tj ET\n"
        + shown(f"{BROKEN[:8]}-", 72, 500)
        + shown(BROKEN[8:], 72, 486)
        + shown(LIGATURE, 72, 460)
        + shown(f"{OPEN_WORDS[2]} after", 72, 430)
    )


def _hidden_things() -> str:
    return (
        shown(f"{OPEN_WORDS[3]} remains", 72, 720)
        + f"% {UNSEEN['comment']}\n"
        + shown(UNSEEN["invisible"], 72, 700, mode=3)
        + f"1 g {shown(UNSEEN['white'], 72, 685)} 0 g\n"
        + f"q 0 0 10 10 re W n {shown(UNSEEN['clipped'], 72, 670)} Q\n"
        + f"q /CLEAR gs {shown(UNSEEN['clear'], 72, 655)} Q\n"
        + f"q /MULTIPLY gs 1 g {shown(UNSEEN['blended'], 72, 640)} Q\n"
        + shown(UNSEEN["tiny"], 300, 625, size=0.3)
        + shown(UNSEEN["beside the page"], 72, 900)
        + f"/OC /L BDC {shown(UNSEEN['in a layer that is off'], 72, 610)} EMC\n"
        + shown(UNSEEN["under a box"], 72, 590)
        + "0 g 70 585 120 20 re f\n"
        + shown(UNSEEN["under a picture"], 72, 560)
        + "q 140 0 0 20 70 555 cm /COVER Do Q\n"
        + f"/Span <</ActualText ({UNSEEN['replacement']})>> BDC {shown(OPEN_WORDS[4], 72, 530)} EMC\n"
        + f"/Span /R BDC EMC /Tag <</X ({UNSEEN['marked point']})>> DP\n"
        + "/Pattern cs /PAT scn 60 280 180 30 re f\n"
        + "q /SOFT gs 0 g 60 355 140 35 re f Q\n"
        + "BT /T3 12 Tf 1 0 0 1 300 530 Tm (a) Tj ET\n"
        + f"/{UNSEEN['name of a resource']} gs\n"
        + "/SEP cs 1 scn 300 500 10 10 re f\n"
    )


def _pictures() -> str:
    return (
        shown(f"{OPEN_WORDS[5]} pictured", 72, 730)
        + "q 100 0 0 100 72 600 cm /JPEG Do Q\n"
        + "q 100 0 0 100 200 600 cm /ICC Do Q\n"
        + "q 100 0 0 100 330 600 cm /FLATE Do Q\n"
    )


def _fill_second(pdf: pikepdf.Pdf, page: Any, font: Any) -> None:
    layer = pdf.make_indirect(Dictionary(Type=Name.OCG, Name=String("off")))
    pdf.Root.OCProperties = Dictionary(
        OCGs=Array([layer]),
        D=Dictionary(OFF=Array([layer])),
        Configs=Array([Dictionary(Name=String(CATALOGUE["configuration of layers"]), ON=Array([layer]))]),
    )
    resources = page.Resources
    resources.Properties = Dictionary(L=layer, R=Dictionary(ActualText=String(UNSEEN["property"])))
    resources.XObject = Dictionary(
        COVER=_image(pdf, bytes(range(100)) * 2, 20, 10),
        UNUSED=_form(pdf, font, shown(UNSEEN["unused form"], 0, 0), (0, 0, 100, 20)),
        PS=_post_script(pdf),
    )
    resources.ExtGState = Dictionary(
        CLEAR=Dictionary(ca=0),
        MULTIPLY=Dictionary(BM=Name.Multiply),
        SOFT=Dictionary(SMask=_soft_mask(pdf, font)),
    )
    halftone = Dictionary(Type=Name.Halftone, HalftoneType=1, Frequency=60, Angle=45, SpotFunction=Name.Round)
    halftone.HalftoneName = String(UNSEEN["halftone"])
    resources.ExtGState[Name("/" + UNSEEN["name of a resource"])] = Dictionary(HT=halftone)
    cell = pdf.make_stream(shown(UNSEEN["pattern cell"], 0, 4, size=10).encode())
    cell.Type, cell.PatternType, cell.PaintType, cell.TilingType = Name.Pattern, 1, 1, 1
    cell.BBox, cell.XStep, cell.YStep = Array([0, 0, 90, 15]), 90, 15
    cell.Resources = Dictionary(Font=Dictionary(F=font))
    resources.Pattern = Dictionary(PAT=cell)
    resources.Font.T3 = _drawn_font(pdf, font)
    tint = pdf.make_stream(f"% {UNSEEN['function']}\n{{ 0 exch 0 exch 0 exch }}".encode())
    tint.FunctionType, tint.Domain, tint.Range = 4, Array([0, 1]), Array([0, 1] * 4)
    ink = Name("/" + UNSEEN["name of an ink"])
    resources.ColorSpace = Dictionary(SEP=Array([Name.Separation, ink, Name.DeviceCMYK, tint]))


def _soft_mask(pdf: pikepdf.Pdf, font: Any) -> Dictionary:
    group = _form(pdf, font, "1 g " + shown(UNSEEN["soft mask"], 64, 365), (0, 0, WIDTH, HEIGHT))
    group.Group = Dictionary(S=Name.Transparency, CS=Name.DeviceGray)
    return Dictionary(Type=Name.Mask, S=Name.Luminosity, G=group)


def _drawn_font(pdf: pikepdf.Pdf, font: Any) -> Any:
    used = pdf.make_stream(f"600 0 0 0 500 500 d1 0 0 500 500 re f % {UNSEEN['glyph procedure']}".encode())
    spare = pdf.make_stream(f"600 0 d0 BT /F 900 Tf ({UNSEEN['glyph procedure']}) Tj ET".encode())
    return pdf.make_indirect(
        Dictionary(
            Type=Name.Font,
            Subtype=Name.Type3,
            FontBBox=Array([0, 0, 600, 600]),
            FontMatrix=Array([0.001, 0, 0, 0.001, 0, 0]),
            CharProcs=Dictionary(a=used, b=spare),
            Encoding=Dictionary(Differences=Array([97, Name.a, Name.b])),
            FirstChar=97,
            LastChar=98,
            Widths=Array([600, 600]),
            Resources=Dictionary(Font=Dictionary(F=font)),
        )
    )


def _post_script(pdf: pikepdf.Pdf) -> pikepdf.Stream:
    found = pdf.make_stream(f"({UNSEEN['PostScript']}) show".encode())
    found.Type, found.Subtype = Name.XObject, Name.PS
    return found


def _fill_third(pdf: pikepdf.Pdf, page: Any) -> None:
    picture = Image.new("RGB", (40, 40), (200, 120, 40))
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG", quality=95, comment=UNSEEN["comment of a picture"].encode())
    coded = _image(pdf, buffer.getvalue() + UNSEEN["behind a picture"].encode(), 40, 40, Name.DeviceRGB)
    coded.Filter = Name.DCTDecode
    coded.Metadata = pdf.make_stream(UNSEEN["metadata of a picture"].encode())
    other = _image(pdf, UNSEEN["other version of a picture"].encode().ljust(40 * 40, b"\0"), 40, 40)
    coded.Alternates = Array([Dictionary(Image=other)])
    profile = pdf.make_stream(_profile())
    profile.N = 3
    managed = _image(pdf, bytes([90, 160, 60]) * 1600, 40, 40, Array([Name.ICCBased, profile]))
    packed = _image(pdf, b"", 40, 40)
    packed.write(
        zlib.compress(bytes([128]) * 1600) + UNSEEN["behind packed data"].encode(), filter=Name.FlateDecode
    )
    page.Resources.XObject = Dictionary(JPEG=coded, ICC=managed, FLATE=packed)


def _profile() -> bytes:
    """A matrix profile for sRGB-like colours whose description is a secret."""
    words = UNSEEN["colour profile"].encode()
    described = b"desc\0\0\0\0" + (len(words) + 1).to_bytes(4) + words + b"\0" + bytes(90)
    described += bytes(-len(described) % 4)
    white = b"XYZ \0\0\0\0" + bytes.fromhex("0000F6D6000100000000D32D")
    curve = b"curv\0\0\0\0" + bytes.fromhex("0000000102330000")
    tags = {
        b"desc": described,
        b"wtpt": white,
        b"rXYZ": b"XYZ \0\0\0\0" + bytes.fromhex("00006FA2000038F500000390"),
        b"gXYZ": b"XYZ \0\0\0\0" + bytes.fromhex("000062990000B785000018DA"),
        b"bXYZ": b"XYZ \0\0\0\0" + bytes.fromhex("000024A000000F840000B6CF"),
        b"rTRC": curve,
        b"gTRC": curve,
        b"bTRC": curve,
    }
    start = 132 + 12 * len(tags)
    table, body = len(tags).to_bytes(4), b""
    for name, data in tags.items():
        table += name + (start + len(body)).to_bytes(4) + len(data).to_bytes(4)
        body += data
    head = bytes(4) + b"\0\0\0\0\x02\x10\0\0mntrRGB XYZ " + bytes(12) + b"acsp" + bytes(28)
    head += bytes.fromhex("0000F6D6000100000000D32D") + bytes(48)
    whole = bytearray(head[:128].ljust(128, b"\0") + table + body)
    whole[0:4] = len(whole).to_bytes(4)
    return bytes(whole)


def _image(pdf: pikepdf.Pdf, data: bytes, width: int, height: int, space: Any = Name.DeviceGray) -> Any:
    image = pdf.make_stream(data)
    image.Type, image.Subtype, image.Width, image.Height = Name.XObject, Name.Image, width, height
    image.ColorSpace, image.BitsPerComponent = space, 8
    return image


def _form(pdf: pikepdf.Pdf, font: Any, content: str, box: tuple[float, ...]) -> Any:
    form = pdf.make_stream(content.encode())
    form.Type, form.Subtype, form.BBox = Name.XObject, Name.Form, Array(box)
    form.Resources = Dictionary(Font=Dictionary(F=font))
    return form


def _notes(pdf: pikepdf.Pdf, font: Any) -> list[Any]:
    """A field and a note that show a marked word each, and notes that show nothing."""
    look: dict[str, Any] = {"Type": Name.Annot, "F": 4, "DA": String("/F 12 Tf 0 g")}
    field = Dictionary(
        **look,
        Subtype=Name.Widget,
        FT=Name.Tx,
        T=String("name"),
        V=String(FIELD),
        Rect=Array([72, 566, 272, 582]),
        AP=Dictionary(N=_form(pdf, font, f"/Tx BMC {shown(FIELD, 0, 4)} EMC", (0, 0, 200, 16))),
    )
    note = Dictionary(
        **look,
        Subtype=Name.FreeText,
        Contents=String(NOTED),
        Rect=Array([72, 536, 272, 552]),
        AP=Dictionary(N=_form(pdf, font, shown(NOTED, 0, 4), (0, 0, 200, 16))),
    )
    attached = pdf.make_stream(CATALOGUE["file in a note"].encode())
    model = pdf.make_stream(CATALOGUE["model"].encode())
    model.Type, model.Subtype = Name("/3D"), Name.U3D
    hidden: dict[str, Any] = {"Type": Name.Annot, "F": 2, "Rect": Array([0, 0, 10, 10])}
    silent = [
        Dictionary(
            **hidden, Subtype=Name.Text, Contents=String(CATALOGUE["note"]), T=String(CATALOGUE["author"])
        ),
        Dictionary(
            **hidden, Subtype=Name.FileAttachment, FS=Dictionary(F=String("a"), EF=Dictionary(F=attached))
        ),
        Dictionary(
            {"/Type": Name.Annot, "/Subtype": Name("/3D"), "/Rect": Array([0, 0, 10, 10]), "/3DD": model}
        ),
        Dictionary(
            **hidden,
            Subtype=Name.RichMedia,
            RichMediaContent=Dictionary(Note=String(CATALOGUE["rich media"])),
        ),
        Dictionary(
            **hidden, Subtype=Name.Link, A=Dictionary(S=Name.URI, URI=String(CATALOGUE["address of a link"]))
        ),
        Dictionary(
            **hidden,
            Subtype=Name.Widget,
            FT=Name.Sig,
            T=String("signed"),
            V=Dictionary(Type=Name.Sig, Reason=String(CATALOGUE["signature"]), ByteRange=Array([0, 1, 2, 3])),
        ),
    ]
    return [pdf.make_indirect(each) for each in (field, note, *silent)]
