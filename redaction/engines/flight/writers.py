"""Released points as CSV, GPX, GeoJSON or KML, written as they are spelled out."""

import csv
import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TextIO
from xml.sax.saxutils import escape, quoteattr

import numpy as np

from redaction.engines.flight.rows import Piece, Released
from redaction.engines.table.cells import disarm, is_number

NAMESPACE = "urn:daylight:flight:1"


def write(path: Path, released: Released) -> None:
    """This will write the points in the format of the suffix."""
    with path.open("x", encoding="utf-8", newline="") as stream:
        WRITERS[path.suffix.lower()](stream, released)


def _csv(stream: TextIO, released: Released) -> None:
    timed, counted = released.is_timed, bool(np.isfinite(released.seconds).any())
    high = bool(np.isfinite(released.heights).any())
    head = ["segment", *["time"] * timed, *["seconds"] * counted, "latitude", "longitude"]
    writer = csv.writer(stream, lineterminator="\r\n")
    writer.writerow([*head, *["altitude_m"] * high, *(disarm(name) for name in released.names)])
    numeric = {
        name
        for name in released.fields.names
        if all(is_number(text) for text in released.texts(name) if text)
    }
    for number, (start, stop) in enumerate(released.bounds, 1):
        for piece in released.pieces(start, stop):
            columns: list[list[str]] = [[str(number)] * len(piece.lat)]
            columns += [piece.time] * timed + [piece.seconds] * counted + [piece.lat, piece.lon]
            columns += [piece.altitude] * high
            for name in released.names:
                values = piece.fields[name]
                safe = name in numeric or name not in released.fields.names
                columns.append(values if safe else [disarm(value) for value in values])
            writer.writerows(zip(*columns, strict=True))


def _gpx(stream: TextIO, released: Released) -> None:
    stream.write('<?xml version="1.0" encoding="UTF-8"?>\n<gpx version="1.1" creator="daylight"')
    stream.write(f' xmlns="http://www.topografix.com/GPX/1/1" xmlns:d="{NAMESPACE}">\n<trk>\n')
    for start, stop in released.bounds:
        stream.write("<trkseg>\n")
        for piece in released.pieces(start, stop):
            extras = _extensions(piece, released.names)
            stream.writelines(
                f'<trkpt lat="{lat}" lon="{lon}">'
                + (f"<ele>{high}</ele>" if high else "")
                + (f"<time>{time}</time>" if time else "")
                + (f"<extensions>{extra}</extensions>" if extra else "")
                + "</trkpt>\n"
                for lat, lon, high, time, extra in zip(
                    piece.lat, piece.lon, piece.altitude, piece.time, extras, strict=True
                )
            )
        stream.write("</trkseg>\n")
    stream.write("</trk>\n</gpx>\n")


def _extensions(piece: Piece, names: list[str]) -> list[str]:
    columns = {"seconds": piece.seconds, **{name: piece.fields[name] for name in names}}
    extras = [""] * len(piece.lat)
    for name, values in columns.items():
        label = quoteattr(name)
        extras = [
            extra + (f"<d:field name={label}>{escape(value)}</d:field>" if value else "")
            for extra, value in zip(extras, values, strict=True)
        ]
    return extras


def _geojson(stream: TextIO, released: Released) -> None:
    stream.write('{"type": "FeatureCollection", "features": [')
    for number, (start, stop) in enumerate(released.bounds, 1):
        stream.write(",\n" if number > 1 else "\n")
        kind = "LineString" if stop - start > 1 else "Point"
        stream.write(f'{{"type": "Feature", "geometry": {{"type": "{kind}", "coordinates": ')
        stream.write("[" if kind == "LineString" else "")
        _list(stream, (_positions(piece) for piece in released.pieces(start, stop)))
        stream.write("]" if kind == "LineString" else "")
        stream.write(f'}}, "properties": {{"segment": {number}')
        if released.is_timed:
            _member(stream, "times", (map(_text, piece.time) for piece in released.pieces(start, stop)))
        if np.isfinite(released.seconds[start:stop]).any():
            _member(
                stream,
                "seconds",
                ((value or "null" for value in piece.seconds) for piece in released.pieces(start, stop)),
            )
        if released.names:
            stream.write(', "fields": {')
            for place, name in enumerate(released.names):
                stream.write(f"{', ' if place else ''}{json.dumps(name, ensure_ascii=False)}: [")
                _list(
                    stream,
                    (
                        (json.dumps(value, ensure_ascii=False) for value in piece.fields[name])
                        for piece in released.pieces(start, stop)
                    ),
                )
                stream.write("]")
            stream.write("}")
        stream.write("}}")
    stream.write("\n]}\n")


def _positions(piece: Piece) -> Iterable[str]:
    return (
        f"[{lon}, {lat}, {high}]" if high else f"[{lon}, {lat}]"
        for lat, lon, high in zip(piece.lat, piece.lon, piece.altitude, strict=True)
    )


def _text(value: str) -> str:
    return f'"{value}"' if value else "null"


def _member(stream: TextIO, name: str, chunks: Iterable[Iterable[str]]) -> None:
    stream.write(f', "{name}": [')
    _list(stream, chunks)
    stream.write("]")


def _list(stream: TextIO, chunks: Iterable[Iterable[str]]) -> None:
    for number, chunk in enumerate(chunks):
        stream.write((", " if number else "") + ", ".join(chunk))


def _kml(stream: TextIO, released: Released) -> None:
    stream.write('<?xml version="1.0" encoding="UTF-8"?>\n<kml xmlns="http://www.opengis.net/kml/2.2"')
    stream.write(' xmlns:gx="http://www.google.com/kml/ext/2.2">\n<Document>\n')
    for start, stop in released.bounds:
        if released.is_timed and all(all(piece.time) for piece in released.pieces(start, stop)):
            stream.write("<Placemark><gx:Track>\n")
            for piece in released.pieces(start, stop):
                stream.writelines(f"<when>{time}</when>\n" for time in piece.time)
            for piece in released.pieces(start, stop):
                stream.writelines(
                    f"<gx:coord>{lon} {lat} {high or 0}</gx:coord>\n"
                    for lat, lon, high in zip(piece.lat, piece.lon, piece.altitude, strict=True)
                )
            stream.write("</gx:Track></Placemark>\n")
            continue
        stream.write("<Placemark><LineString><coordinates>\n")
        for piece in released.pieces(start, stop):
            stream.writelines(
                f"{lon},{lat}" + (f",{high}\n" if high else "\n")
                for lat, lon, high in zip(piece.lat, piece.lon, piece.altitude, strict=True)
            )
        stream.write("</coordinates></LineString></Placemark>\n")
    stream.write("</Document>\n</kml>\n")


WRITERS: dict[str, Callable[[TextIO, Released], None]] = {
    ".csv": _csv,
    ".gpx": _gpx,
    ".geojson": _geojson,
    ".kml": _kml,
}
