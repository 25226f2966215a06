import struct
import zipfile
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from redaction import sniff
from redaction.sniff import UnknownType, media_type
from tests.redaction.document_builders import a_pdf, shown


def encoded(name: str) -> bytes:
    buffer = BytesIO()
    Image.new("RGB", (8, 8)).save(buffer, name)
    return buffer.getvalue()


def zipped() -> bytes:
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("a.html", "<html>")
    return buffer.getvalue()


def packed(*names: str, mimetype: str = "") -> bytes:
    """An office file, by the names of its parts."""
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        if mimetype:
            archive.writestr("mimetype", mimetype)
        for name in names:
            archive.writestr(name, "<x/>")
    return buffer.getvalue()


def box(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", 8 + len(body)) + name + body


SRT = "1\n00:00:00,000 --> 00:00:00,033\n[latitude: 59.3] [longitude: 18.2] [rel_alt: 1.3 abs_alt: 2]\n"
GPX = '<?xml version="1.0"?>\n<!-- made -->\n<gpx version="1.1"><trk/></gpx>'
MP3_FRAME = b"\xff\xfb\x90\x00" + bytes(413)
AAC_FRAME = b"\xff\xf1\x50\x80\x02\x1f\xfc" + bytes(9)
AIRDATA = "time(millisecond),datetime(utc),latitude,longitude,height_above_takeoff(feet)\n0,x,1,2,3\n"

KNOWN = {
    "jpeg": encoded("JPEG"),
    "png": encoded("PNG"),
    "gif": encoded("GIF"),
    "tiff": encoded("TIFF"),
    "webp": encoded("WEBP"),
    "bmp": encoded("BMP"),
    "heic": box(b"ftyp", b"heic\x00\x00\x00\x00heic"),
    "mp4": box(b"ftyp", b"isom\x00\x00\x02\x00isom") + box(b"mdat", b"x"),
    "mov": box(b"ftyp", b"qt  \x00\x00\x02\x00qt  "),
    "m4a": box(b"ftyp", b"M4A \x00\x00\x02\x00M4A "),
    "matroska": b"\x1a\x45\xdf\xa3" + bytes(20),
    "avi": b"RIFF\x00\x00\x00\x00AVI LIST",
    "wav": b"RIFF\x00\x00\x00\x00WAVEfmt ",
    "flac": b"fLaC" + bytes(20),
    "ogg": b"OggS\x00\x02" + bytes(22) + b"OpusHead",
    "ogv": b"OggS\x00\x02" + bytes(22) + b"\x80theora",
    "mp3": MP3_FRAME * 2,
    "aac": AAC_FRAME * 2,
    "mpegts": (b"\x47" + bytes(187)) * 4,
    "ulog": b"ULog\x01\x12\x35\x01" + bytes(10),
    "ardupilot": b"\xa3\x95\x80\x80" + bytes(10),
    "tlog": (1_700_000_000_000_000).to_bytes(8, "big") + b"\xfd" + bytes(20),
    "dji_srt": SRT.encode(),
    "gpx": GPX.encode(),
    "kml": b'<kml xmlns="http://www.opengis.net/kml/2.2"/>',
    "geojson": b'{"type": "FeatureCollection", "features": []}',
    "csv": b"plate,time\nABC123,10:00\n",
    "parquet": b"PAR1" + bytes(20),
    "docx": packed("[Content_Types].xml", "word/document.xml"),
    "xlsx": packed("[Content_Types].xml", "xl/workbook.xml"),
    "odt": packed("content.xml", mimetype="application/vnd.oasis.opendocument.text"),
    "ods": packed("content.xml", mimetype="application/vnd.oasis.opendocument.spreadsheet"),
    "eml": b"From: a@b.example\r\nSubject: x\r\n\r\nHello, you\r\n",
}

REFUSED = {
    "empty": (b"", "is empty"),
    "web page": (b"<!DOCTYPE html><html></html>", "web page"),
    "svg": (b"<svg onload='x'/>", "SVG"),
    "playlist": (b"ffconcat version 1.0\nfile /etc/passwd\n", "playlist"),
    "hls": (b"#EXTM3U\n#EXT-X-VERSION:3\n", "playlist"),
    "script": (b"#!/bin/sh\nrm\n", "a script"),
    "zip": (zipped(), "ZIP"),
    "program": (b"MZ\x90\x00" + bytes(60), "a program"),
    "mail": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "old Office"),
    "gpx with entities": (b"<!DOCTYPE gpx [<!ENTITY a 'b'>]><gpx/>", "unknown"),
    "other xml": (b"<?xml version='1.0'?><data/>", "unknown"),
    "other json": (b'{"a": 1}', "unknown"),
    "plain subtitles": (b"1\n00:00:00,000 --> 00:00:01,000\nHello\n", "unknown"),
    "nul bytes": (b"a,b\n1,\x002\n", "unknown"),
    "blanks": (b"   \n ", "unknown"),
    "prose": (b"Dear Sir, I write, as ever\nto you\nand you\nand\nnothing\n", "unknown"),
    "one line": (b"hello", "unknown"),
    "avif": (box(b"ftyp", b"avif\x00\x00\x00\x00avif"), "unknown"),
    "workbook with macros": (packed("[Content_Types].xml", "xl/workbook.xml", "xl/vbaProject.bin"), "ZIP"),
    "headers of no mail": (b"Host: a\nSubject: b\n\nx", "unknown"),
    "lying ftyp": (b"\xff\x00\x00\x00ftypisom", "unknown"),
    "zip after a picture": (encoded("PNG") + zipped(), "ZIP archive at once"),
    "page in a pdf": (b"%PDF-1.4\n<script>alert(1)</script>", "web page at once"),
    "pdf in a picture": (encoded("JPEG")[:20] + b"%PDF-1.4", "PDF at once"),
    "pdf not at the start": (b"junk, \x01%PDF-1.4", "unknown"),
    "single mp3 sync": (b"\xff\xfb\x00\x00" + bytes(500), "unknown"),
}


def a_file(tmp_path: Path, content: bytes) -> Path:
    path = tmp_path / "file"
    path.write_bytes(content)
    return path


@pytest.mark.parametrize("name", KNOWN)
def test_type_is_known_by_content(tmp_path: Path, name: str) -> None:
    found = media_type(a_file(tmp_path, KNOWN[name]))

    assert (found.format, found.medium) == (name, sniff.MEDIUM[name])


def test_document_whose_main_part_has_a_number_is_known(tmp_path: Path) -> None:
    content = packed("[Content_Types].xml", "word/document2.xml")

    assert media_type(a_file(tmp_path, content)).format == "docx"


def test_pdf_is_known_by_content(tmp_path: Path) -> None:
    assert media_type(a_pdf(tmp_path / "x.bin", shown("a", 72, 700))).medium == "pdf"


@pytest.mark.parametrize("name", REFUSED)
def test_anything_else_is_refused_with_what_it_looks_like(tmp_path: Path, name: str) -> None:
    content, words = REFUSED[name]

    with pytest.raises(UnknownType, match=words):
        media_type(a_file(tmp_path, content))


def test_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnknownType, match="cannot be read"):
        media_type(tmp_path / "nothing")


def test_flight_table_may_be_read_either_way_flight_first(tmp_path: Path) -> None:
    flight = media_type(a_file(tmp_path, AIRDATA.encode()))
    table = media_type(a_file(tmp_path, KNOWN["csv"]))

    assert (flight.medium, flight.also) == ("flight", ("table",))
    assert (table.medium, table.also) == ("table", ("flight",))


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_table_is_known_in_any_common_spelling(tmp_path: Path, delimiter: str, encoding: str) -> None:
    rows = [["plate", "été"], ['"two\nlines"', "ü"], ["c", "d"]]
    content = "\r\n".join(delimiter.join(row) for row in rows)

    assert media_type(a_file(tmp_path, content.encode(encoding))).format == "csv"


def test_long_table_cut_within_a_letter_and_a_row_is_still_a_table(tmp_path: Path) -> None:
    row = "ABC123,münchen,1\n"
    content = ("plate,town,count\n" + row * 5000).encode()

    assert media_type(a_file(tmp_path, content)).format == "csv"


def test_table_of_one_column_needs_a_header_like_a_name(tmp_path: Path) -> None:
    assert media_type(a_file(tmp_path, b"plate\nABC123\nXYZ\n")).format == "csv"
    with pytest.raises(UnknownType):
        media_type(a_file(tmp_path, b"file '/etc/passwd'\nabc\n"))


@pytest.mark.parametrize(
    ("content", "row"),
    [
        ("plate,cam,time,state,why\nA,1,2,3,4\nB,1,2,3\nC,1,2,3,4\n", "row 3 has 4 cells, the header has 5"),
        ("plate;cam\n\nA;1;2\nB;2\n", "row 3 has 3 cells, the header has 2"),
        ('plate,cam\nA,1\nB\n"C,D",2\n', "row 3 has 1 cell, the header has 2"),
        ("plate|cam|at\n" + "A|1|2\nB|1\n" * 9000, "row 3 has 2 cells, the header has 3"),
    ],
)
def test_refusal_of_an_uneven_table_names_the_row(tmp_path: Path, content: str, row: str) -> None:
    with pytest.raises(UnknownType, match=f"unknown type, .*; if it is a table, {row}$"):
        media_type(a_file(tmp_path, content.encode()))


@pytest.mark.parametrize(
    "content",
    [
        "Dear Sir, I write, as ever\nto you\nand you, too\nand\nnothing\n",
        "1,2,3\n4,5\n",
        "a,a,b\n4,5\n",
    ],
)
def test_refusal_of_what_has_no_header_names_no_row(tmp_path: Path, content: str) -> None:
    with pytest.raises(UnknownType, match=r"cannot be redacted here$"):
        media_type(a_file(tmp_path, content.encode()))
