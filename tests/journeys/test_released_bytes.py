"""Whoever looks through a package finds what was written into it on purpose, however well it is hidden."""

import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import pikepdf
import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from tests.journeys.released_bytes import holds_none_of, lines_of
from tests.redaction.flight_builders import a_flight_geojson, a_flight_gpx, a_flight_kml, out_and_back
from tests.requests_app.custody.record_builders import a_pdf

SECRET = "Zebra Finch"


def in_a_name(folder: Path) -> None:
    (folder / "zebra-finch zebra finch.txt").write_text("nothing")


def in_utf_16(folder: Path) -> None:
    (folder / "log.csv").write_bytes("no,zebra finch".encode("utf-16-le"))


def across_a_line_break(folder: Path) -> None:
    (folder / "letter.txt").write_text("about Zebra\r\n  Finch")


def in_a_packed_workbook(folder: Path) -> None:
    with zipfile.ZipFile(folder / "table.xlsx", "w", zipfile.ZIP_DEFLATED) as book:
        book.writestr("xl/sharedStrings.xml", "<t>ZEBRA FINCH</t>" * 9)


def in_a_picture(folder: Path) -> None:
    note = PngInfo()
    note.add_text("Comment", SECRET, zip=True)
    Image.new("L", (4, 4)).save(folder / "map.png", pnginfo=note)


def letter_by_letter_in_a_pdf(folder: Path) -> None:
    _write(folder, "BT /F1 12 Tf 72 700 Td [" + " ".join(f"({letter}) -90" for letter in SECRET) + "] TJ ET")


def in_a_packed_object_of_a_pdf(folder: Path) -> None:
    _write(folder, "", title=SECRET)


def _write(folder: Path, content: str, title: str = "") -> None:
    with pikepdf.open(io.BytesIO(a_pdf("Nothing"))) as pdf:
        pdf.pages[0].contents_add(pdf.make_stream(content.encode()))
        pdf.Root.Hidden = pikepdf.Dictionary(Title=pikepdf.String(title))
        pdf.save(
            folder / "report.pdf", object_stream_mode=pikepdf.ObjectStreamMode.generate, compress_streams=True
        )


@pytest.mark.parametrize(
    "hide",
    [
        in_a_name, in_utf_16, across_a_line_break, in_a_packed_workbook, in_a_picture,
        letter_by_letter_in_a_pdf, in_a_packed_object_of_a_pdf,
    ],
)  # fmt: skip
def test_finds(tmp_path: Path, hide: Callable[[Path], None]) -> None:
    hide(tmp_path)

    with pytest.raises(AssertionError, match="“Zebra Finch” in "):
        holds_none_of(tmp_path, [SECRET])
    holds_none_of(tmp_path, ["Quagga"])


@pytest.mark.parametrize("write", [a_flight_geojson, a_flight_kml, a_flight_gpx])
def test_reads_every_spot_of_a_line(tmp_path: Path, write: Callable[[Path], Path]) -> None:
    path = write(tmp_path / f"flight.{write.__name__.removeprefix('a_flight_')}")

    (line,) = [line for line in lines_of(path) if len(line) > 1]

    assert [(round(lat, 6), round(lon, 6)) for lon, lat in line] == [
        (round(lat, 6), round(lon, 6)) for lat, lon, _high in out_and_back()
    ]
