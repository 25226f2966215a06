"""Files to send the whole way: made here, each name known; or real ones, read first for what is in them."""

import csv
import io
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pikepdf
import pypdfium2

from redaction.engines.flight.reading import read as read_flight
from requests_app.custody.models import ResponsiveRecord
from requests_app.docket.models import RecordsRequest
from tests.journeys.errands import Document, Errand, Flight, Reads
from tests.redaction.flight_builders import HOME, PILOT, SERIAL, Spot, a_flight_csv, a_flight_kml
from tests.requests_app.custody.record_builders import a_pdf, a_record

_LINES = (
    "Report of Sergeant Okonkwo about the call of March 4",
    "The caller gave the number 3125550142 to the desk",
    "Maria Zebrafinch opened the door of the house",
    "A neighbour called Ostrander heard two voices",
    "Nothing was found and the officers left at 21:14",
)
_MORE = ("Zebrafinch signed this page", "The desk closed the call")
_HEADER = "id,Plate,State,Timestamp,Camera,Latitude,Longitude,Confidence,Narrative"
_REAL = ("pdf/xray_rectangles_yes.pdf", "lpr/synthetic_flocklike_2000.csv", "drone/synthetic.tlog")
_LETTERS = 6  # of a word of a real document that stands there once
_SCALE, _INK = 4, 60  # pixels a point; shades between ink and paper


def made(request: RecordsRequest, folder: Path) -> list[Errand]:
    return [a_report(request), some_reads(request), a_flight(request, folder, a_flight_kml)]


def made_otherwise(request: RecordsRequest, folder: Path) -> list[Errand]:
    return [a_report(request), some_reads(request), a_flight(request, folder, a_flight_csv)]


def real(samples: Path, request: RecordsRequest, folder: Path) -> list[Errand]:
    """What the folder of samples holds; ``folder`` is not written to."""
    del folder
    document, reads, flight = (samples / name for name in _REAL)
    add = partial(_add, request)
    content = reads.read_bytes()
    rows = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))
    track = read_flight(flight)
    spots = list(zip(track.lon.tolist(), track.lat.tolist(), strict=True))
    far = max(spots, key=lambda spot: abs(spot[0] - spots[0][0]) + abs(spot[1] - spots[0][1]))
    return [
        a_document_of(add(document.read_bytes(), document.name, "Filing of a court"), document),
        Reads(
            add(content, reads.name, "Plate reads"), rows,
            policy={"Plate": "mask", "State": "release", "Timestamp": "take", "Camera": "release",
                    "Confidence": "release"},
            overlooked="Camera",
        ),
        Flight(add(flight.read_bytes(), flight.name, "Flight"), spots, (), overlooked=far),
    ]  # fmt: skip


def a_report(request: RecordsRequest) -> Document:
    return Document(
        _add(request, _two_pages(), "zebrafinch_maria.pdf", "Report of the call"),
        drawn="3125550142",
        word="Okonkwo",
        sought="Zebrafinch",
        overlooked="Ostrander",
        kept=("Nothing", "officers", "neighbour", "signed this page"),
    )


def _two_pages() -> bytes:
    target = io.BytesIO()
    with pikepdf.open(io.BytesIO(a_pdf(*_LINES))) as first, pikepdf.open(io.BytesIO(a_pdf(*_MORE))) as second:
        first.pages.extend(second.pages)
        first.save(target)
    return target.getvalue()


def a_document_of(record: ResponsiveRecord, path: Path) -> Document:
    """Words that stand once in the document, each on a line of its own of the first page."""
    with pypdfium2.PdfDocument(path) as document:
        pages = [page.get_textpage().get_text_range() for page in document]
        everything = " ".join(pages).casefold()

        def stands_once(word: str) -> bool:
            return word.isalpha() and len(word) >= _LETTERS and everything.count(word.casefold()) == 1

        lines = [list(filter(stands_once, line.split())) for line in pages[0].splitlines()]
        words = [line[0] for line in lines if line]
        seen = _seen(document[0], words)
    drawn, word, sought, overlooked, *kept = [word for word in words if word in seen]
    below = [word for word in words if word not in seen]
    return Document(record, drawn, word, sought, overlooked, kept, below)


def _seen(page: pypdfium2.PdfPage, words: list[str]) -> set[str]:
    """Those with ink and paper where they stand; below a black box there is only one of both."""
    picture = page.render(scale=_SCALE).to_pil().convert("L")
    left, _bottom, _right, top = page.get_cropbox()
    text = page.get_textpage()
    found = set()
    for word in words:
        place = text.search(word).get_next()
        assert place is not None
        x0, y0, x1, y1 = text.get_charbox(place[0])
        box = ((x0 - left) * _SCALE, (top - y1) * _SCALE, (x1 - left) * _SCALE, (top - y0) * _SCALE)
        darkest, lightest = picture.crop(tuple(map(round, box))).getextrema()
        if lightest - darkest > _INK:
            found.add(word)
    return found


def some_reads(request: RecordsRequest) -> Reads:
    content = reads()
    return Reads(
        _add(request, content.encode(), "reads_of_det_hollis.csv", "Plate reads"),
        list(csv.DictReader(io.StringIO(content))),
        policy={"Plate": "mask", "State": "release", "Timestamp": "take", "Camera": "release",
                "Confidence": "release"},
        overlooked="Camera",
    )  # fmt: skip


def reads(rows: int = 60) -> str:
    streets = ("Elm", "Oak", "Main")
    lines = [
        f"{n},CANARY{n:03d},{'MN' if n % 4 else 'IA'},2026-02-{n % 5 + 1:02d} 05:{n % 60:02d}:44,"
        f"Cam {n % 3:03d} {streets[n % 3]} Street,41.{840000 + n},-93.{510000 + n},0.{700 + n},"
        + (f"Caller Maria Canary at 312-555-01{n:02d}" if n % 3 == 0 else "")
        for n in range(rows)
    ]
    return "\n".join([_HEADER, *lines]) + "\n"


def a_flight(request: RecordsRequest, folder: Path, write: Callable[[Path, list[Spot]], Path]) -> Flight:
    """Three kilometres out and back over open country."""
    legs = [*range(301), *range(299, -1, -1)]
    spots: list[Spot] = [(HOME[0] + leg * 8e-5, HOME[1] + leg * 4e-5, 40.0) for leg in legs]
    path = write(folder / ("made.kml" if write is a_flight_kml else "made.csv"), spots)
    return Flight(
        _add(request, path.read_bytes(), f"flight_of_okafor{path.suffix}", "Flight over the park"),
        [(lon, lat) for lat, lon, _high in spots],
        (PILOT, SERIAL),
        overlooked=(spots[300][1], spots[300][0]),
    )


def _add(request: RecordsRequest, content: bytes, name: str, title: str) -> ResponsiveRecord:
    return a_record(request=request, content=content, name=name, title=title)
