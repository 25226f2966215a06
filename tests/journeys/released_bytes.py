"""What a suspicious person finds in a released package: names, bytes, streams, texts, cells, coordinates."""

import csv
import io
import json
import re
import subprocess
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pikepdf
from defusedxml.ElementTree import parse
from pdfminer.high_level import extract_text
from PIL import Image

Spot = tuple[float, float]  # longitude, latitude

_CODINGS = ("utf-8", "utf-16-le", "utf-16-be")
_GAPS = re.compile(r"[\s\u00ad\u200b-\u200f\u2060\ufeff]+")


def holds_none_of(folder: Path, secrets: Iterable[str]) -> None:
    """Fails with every place below the folder where one of the texts shows, however it is written there."""
    wanted = {secret: _squeezed(secret) for secret in secrets}
    assert wanted
    assert all(wanted.values())
    found = [
        f"“{secret}” in {place}"
        for place, text in _places(folder)
        for secret, squeezed in wanted.items()
        if squeezed in text
    ]
    assert not found, "\n".join(found)


def texts(place: Path) -> str:
    """All that can be read in a file or below a folder, without blanks and in small letters."""
    return "".join(text for _place, text in _places(place))


def cells(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream))


def lines_of(path: Path) -> list[list[Spot]]:
    """The drawn lines of a released flight: a point next to another in one list is joined with it."""
    return {".csv": _of_csv, ".geojson": _of_geojson, ".kml": _of_kml, ".gpx": _of_gpx}[path.suffix](path)


def _squeezed(text: str) -> str:
    return _GAPS.sub("", text).casefold()


def _places(folder: Path) -> Iterator[tuple[str, str]]:
    for path in [folder] if folder.is_file() else sorted(folder.rglob("*")):
        yield f"the name {path.name}", _squeezed(path.name)
        if path.is_file():
            for place, content in _of_file(path.name, path.read_bytes()):
                yield from ((place, _squeezed(text)) for text in _read(content))


def _read(content: bytes | str) -> Iterator[str]:
    if isinstance(content, str):
        yield content
    else:
        yield from (content.decode(coding, errors="ignore") for coding in _CODINGS)


def _of_file(name: str, content: bytes) -> Iterator[tuple[str, bytes | str]]:
    yield name, content
    if zipfile.is_zipfile(io.BytesIO(content)):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            for inner in archive.namelist():
                yield f"the name {inner} in {name}", inner
                yield from _of_file(f"{inner} in {name}", archive.read(inner))
    elif content.startswith(b"%PDF"):
        yield from _of_pdf(name, content)
    elif name.endswith((".png", ".jpg", ".webp")):
        with Image.open(io.BytesIO(content)) as picture:
            yield f"the metadata of {name}", repr((picture.info, dict(picture.getexif())))


def _of_pdf(name: str, content: bytes) -> Iterator[tuple[str, bytes | str]]:
    yield f"the text of {name} by pdfminer", extract_text(io.BytesIO(content))
    done = subprocess.run(["pdftotext", "-layout", "-", "-"], input=content, capture_output=True, check=True)
    yield f"the text of {name} by Poppler", done.stdout
    with pikepdf.open(io.BytesIO(content)) as pdf:
        for number, thing in enumerate(pdf.objects):
            yield f"object {number} of {name}", repr(thing)
            if isinstance(thing, pikepdf.Stream):
                stream = _unpacked(thing)
                yield f"stream {number} of {name}", stream
        for number, page in enumerate(pdf.pages, start=1):
            yield f"the strings of page {number} of {name}", _strings(page)


def _unpacked(stream: pikepdf.Stream) -> bytes:
    try:
        return stream.read_bytes()
    except (pikepdf.PdfError, zlib.error, NotImplementedError):
        return stream.read_raw_bytes()  # a picture keeps its own coding


def _strings(page: pikepdf.Page) -> str:
    """What the page's operators write, also where its letters are set one by one."""
    parts: list[str] = []
    for instruction in pikepdf.parse_content_stream(page):
        for operand in instruction.operands:
            rows = operand if isinstance(operand, pikepdf.Array) else [operand]
            parts += [str(row) for row in rows if isinstance(row, pikepdf.String)]
    return "".join(parts)


def _of_csv(path: Path) -> list[list[Spot]]:
    found: dict[str, list[Spot]] = {}
    for row in cells(path):
        found.setdefault(row["segment"], []).append((float(row["longitude"]), float(row["latitude"])))
    return list(found.values())


def _of_geojson(path: Path) -> list[list[Spot]]:
    geometries = [feature["geometry"] for feature in json.loads(path.read_text())["features"]]
    return [
        [(float(lon), float(lat)) for lon, lat, *_high in _positions(geometry)] for geometry in geometries
    ]


def _positions(geometry: dict[str, Any]) -> list[list[float]]:
    rows = geometry["coordinates"]
    return rows if geometry["type"] == "LineString" else [rows]


def _of_kml(path: Path) -> list[list[Spot]]:
    found: list[list[Spot]] = []
    for node in _nodes(path, "Track"):
        rows = [(child.text or "").split() for child in node if child.tag.endswith("coord")]
        found.append([(float(lon), float(lat)) for lon, lat, *_high in rows])
    for node in _nodes(path, "coordinates"):
        rows = [place.split(",") for place in (node.text or "").split()]
        found.append([(float(lon), float(lat)) for lon, lat, *_high in rows])
    return found


def _of_gpx(path: Path) -> list[list[Spot]]:
    return [
        [
            (float(spot.get("lon", "")), float(spot.get("lat", "")))
            for spot in node
            if spot.tag.endswith("trkpt")
        ]
        for node in _nodes(path, "trkseg")
    ]


def _nodes(path: Path, name: str) -> list[ElementTree.Element]:
    return [node for node in parse(path).iter() if _tag(node) == name]


def _tag(node: ElementTree.Element) -> str:
    return node.tag.rpartition("}")[2]
