import zlib
from collections.abc import Callable
from typing import Any

import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name, String

from redaction.inspection import Inspection

Change = Callable[[pikepdf.Pdf, Any], object]


def judged(change: Change) -> str | None:
    """What a page is found to hold after a change to a page that is well."""
    pdf = pikepdf.new()
    page = pdf.add_blank_page(page_size=(300, 300)).obj
    font = Dictionary(
        Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Courier, Encoding=Name.WinAnsiEncoding
    )
    page.Resources = Dictionary(Font=Dictionary(T0=pdf.make_indirect(font)))
    page.Contents = pdf.make_stream(b"q\nQ")
    change(pdf, page)
    return Inspection().page(pdf.pages[0])


def an_image(pdf: pikepdf.Pdf, data: bytes = bytes(16), **keys: Any) -> Any:
    image = pdf.make_stream(data)
    image.Type, image.Subtype, image.Width, image.Height = Name.XObject, Name.Image, 4, 4
    image.ColorSpace, image.BitsPerComponent = Name.DeviceGray, 8
    for key, value in keys.items():
        image[Name("/" + key)] = value
    return image


def show(image: Callable[[pikepdf.Pdf], Any]) -> Change:
    def change(pdf: pikepdf.Pdf, page: Any) -> None:
        page.Resources.XObject = Dictionary(I0=image(pdf))

    return change


def colour(make: Callable[[pikepdf.Pdf], Any]) -> Change:
    def change(pdf: pikepdf.Pdf, page: Any) -> None:
        page.Resources.ColorSpace = Dictionary(C0=pdf.make_indirect(make(pdf)))

    return change


def a_function(pdf: pikepdf.Pdf, data: bytes = b"{ 0 0 0 }", kind: int = 4) -> Any:
    function = pdf.make_stream(data)
    function.FunctionType, function.Domain, function.Range = kind, Array([0, 1]), Array([0, 1] * 4)
    if kind == 0:
        function.Size, function.BitsPerSample = Array([2]), 8
    return function


def packed(tail: bytes) -> Callable[[pikepdf.Pdf], Any]:
    def make(pdf: pikepdf.Pdf) -> Any:
        image = an_image(pdf)
        image.write(zlib.compress(bytes(16)) + tail, filter=Name.FlateDecode)
        return image

    return make


def in_resources(key: str, name: str, make: Callable[[pikepdf.Pdf], Any]) -> Change:
    def change(pdf: pikepdf.Pdf, page: Any) -> None:
        page.Resources[Name("/" + key)] = Dictionary({f"/{name}": make(pdf)})

    return change


def a_cell(pdf: pikepdf.Pdf, content: bytes) -> Any:
    cell = pdf.make_stream(content)
    cell.PatternType, cell.PaintType, cell.TilingType = 1, 1, 1
    cell.BBox, cell.XStep, cell.YStep = Array([0, 0, 9, 9]), 9, 9
    return cell


def a_shading(pdf: pikepdf.Pdf) -> Any:
    return Dictionary(
        ShadingType=2,
        ColorSpace=Name.DeviceRGB,
        Coords=Array([0, 0, 1, 1]),
        Function=a_function(pdf),
        Extend=Array([True, False]),
    )


def a_letter_font(pdf: pikepdf.Pdf, name: str = "/a", drawn: bytes = b"600 0 d0\n0 0 9 9 re\nf") -> Any:
    return Dictionary(
        Type=Name.Font,
        Subtype=Name.Type3,
        FontBBox=Array([0, 0, 9, 9]),
        FontMatrix=Array([1, 0, 0, 1, 0, 0]),
        CharProcs=Dictionary({name: pdf.make_stream(drawn)}),
        Encoding=Dictionary(Differences=Array([97, Name(name)])),
    )


def separation(pdf: pikepdf.Pdf, ink: str = "/Black") -> Any:
    return Array([Name.Separation, Name(ink), Name.DeviceCMYK, a_function(pdf)])


@pytest.mark.parametrize(
    "change",
    [
        show(an_image),
        show(packed(b"")),
        show(lambda pdf: an_image(pdf, bytes(2), ImageMask=True, BitsPerComponent=1, Width=4, Height=2)),
        show(
            lambda pdf: an_image(
                pdf,
                bytes(64),
                ColorSpace=Array([Name.DeviceN, Array([Name.Cyan] * 4), Name.DeviceCMYK, a_function(pdf)]),
            )
        ),
        show(lambda pdf: an_image(pdf, SMask=an_image(pdf), Mask=Array([0, 1]))),
        colour(lambda pdf: Array([Name.Indexed, Name.DeviceRGB, 1, pdf.make_stream(bytes(6))])),
        colour(separation),
        colour(lambda pdf: Array([Name.CalRGB, Dictionary(WhitePoint=Array([1, 1, 1]))])),
        in_resources("Shading", "S0", a_shading),
        in_resources("Pattern", "N0", lambda pdf: a_cell(pdf, b"0 0 5 5 re\nf")),
        in_resources("ExtGState", "G0", lambda _: Dictionary(CA=0.5, BM=Name.Multiply, SMask=Name("/None"))),
        in_resources("Font", "T1", lambda pdf: pdf.make_indirect(a_letter_font(pdf))),
        colour(
            lambda pdf: Array([Name.Separation, Name.Black, Name.DeviceCMYK, a_function(pdf, bytes(8), 0)])
        ),
    ],
)
def test_known_part_passes(change: Change) -> None:
    assert judged(change) is None


def a_loop(pdf: pikepdf.Pdf) -> Any:
    form = pdf.make_stream(b"q\nQ")
    form.Type, form.Subtype, form.BBox = Name.XObject, Name.Form, Array([0, 0, 9, 9])
    form.Resources = Dictionary(XObject=Dictionary(X0=form))
    return form


def deep(pdf: pikepdf.Pdf) -> Any:
    space: Any = Name.DeviceGray
    for _ in range(60):
        space = Array([Name.Pattern, space])
    return space


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (show(lambda pdf: an_image(pdf, bytes(17))), "beside its pixels"),
        (show(lambda pdf: an_image(pdf, b"\xff\xd8words", Filter=Name.DCTDecode)), "beside its pixels"),
        (show(lambda pdf: an_image(pdf, Alternates=Array([]))), "/Alternates"),
        (show(lambda pdf: an_image(pdf, ColorSpace=Name.SECRET)), "a name that is not known"),
        (show(packed(b"words")), "behind its end"),
        (show(lambda pdf: an_image(pdf, Width=String("words"))), "should be a number"),
        (show(lambda pdf: an_image(pdf, Filter=Name.JPXDecode)), "should be a list"),
        (show(lambda _: String("words")), "should be"),
        (colour(lambda pdf: separation(pdf, "/SECRET")), "a name that is not known"),
        (colour(lambda pdf: Array([Name.SECRET])), "a colour space that is not known"),
        (colour(lambda _: Array([])), "a colour space that is not known"),
        (colour(lambda pdf: Array([Name.Indexed, Name.DeviceRGB, 1, String("words")])), "plain data"),
        (colour(lambda pdf: Array([Name.ICCBased, an_image(pdf)])), "an entry that is not known"),
        (colour(deep), "objects inside too many others"),
        (
            colour(
                lambda pdf: Array([Name.Separation, Name.Black, Name.DeviceCMYK, a_function(pdf, b"% x")])
            ),
            "unknown words",
        ),
        (
            colour(
                lambda pdf: Array(
                    [Name.Separation, Name.Black, Name.DeviceCMYK, a_function(pdf, bytes(99), 0)]
                )
            ),
            "behind its numbers",
        ),
        (in_resources("Pattern", "N0", lambda pdf: a_cell(pdf, b"BT\nET")), "text in a pattern"),
        (in_resources("Pattern", "SECRET", lambda pdf: a_cell(pdf, b"")), "a name that is not known"),
        (
            in_resources("ExtGState", "G0", lambda _: Dictionary(SMask=Dictionary(S=Name.Luminosity))),
            "a name that is not known",
        ),
        (in_resources("ExtGState", "G0", lambda _: Dictionary(HT=1)), "/HT"),
        (in_resources("Font", "T1", lambda pdf: a_letter_font(pdf, "/SECRETWORD")), "letter's name"),
        (
            in_resources("Font", "T1", lambda pdf: a_letter_font(pdf, drawn=b"(words) Tj")),
            "content in a form",
        ),
        (lambda pdf, page: page.__setitem__("/Contents", Array([pdf.make_stream(b"")])), "should be"),
        (lambda pdf, page: page.__setitem__("/SECRETKEY", 1), "one without a meaning here"),
        (
            lambda pdf, page: page.Resources.Font.T0.__setitem__("/ToUnicode", pdf.make_stream(b"words")),
            "list of letters",
        ),
        (lambda pdf, page: page.Resources.Font.T0.__setitem__("/ToUnicode", String("words")), "plain data"),
        (lambda pdf, page: page.Resources.__setitem__("/Font", String("words")), "should be a dictionary"),
    ],
)
def test_part_that_is_not_known_is_named(change: Change, words: str) -> None:
    assert words in str(judged(change))


def test_part_seen_clean_before_is_looked_at_once_and_still_listed() -> None:
    pdf = pikepdf.new()
    font = pdf.make_indirect(Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Courier))
    for _ in range(2):
        page = pdf.add_blank_page(page_size=(300, 300)).obj
        page.Resources = Dictionary(Font=Dictionary(T0=font), XObject=Dictionary(X0=a_loop(pdf)))
        page.Contents = pdf.make_stream(b"q\nQ")
    inspection = Inspection()

    found = [(inspection.page(page), set(inspection.fonts)) for page in pdf.pages]

    assert found == [(None, {font.objgen})] * 2
