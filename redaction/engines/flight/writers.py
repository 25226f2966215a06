"""Released points as CSV, GPX, GeoJSON or KML."""

import csv
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TextIO
from xml.sax.saxutils import escape, quoteattr

from redaction.engines.flight.rows import Row
from redaction.engines.table.cells import disarm, is_number

Segments = Sequence[Sequence[Row]]

NAMESPACE = "urn:daylight:flight:1"


def write(path: Path, segments: Segments, names: Sequence[str]) -> None:
    """This will write the points in the format of the suffix."""
    with path.open("x", encoding="utf-8", newline="") as stream:
        WRITERS[path.suffix.lower()](stream, segments, names)


def _csv(stream: TextIO, segments: Segments, names: Sequence[str]) -> None:
    every = [row for segment in segments for row in segment]
    timed, counted = any(row.time for row in every), any(row.seconds for row in every)
    high = any(row.altitude is not None for row in every)
    head = [
        "segment",
        *["time"] * timed,
        *["seconds"] * counted,
        "latitude",
        "longitude",
        *["altitude_m"] * high,
    ]
    writer = csv.writer(stream, lineterminator="\r\n")
    writer.writerow([*head, *(disarm(name) for name in names)])
    numeric = {
        name for name in names if all(is_number(row.fields[name]) for row in every if row.fields[name])
    }
    for number, segment in enumerate(segments, 1):
        for row in segment:
            cells: list[str | int] = [number]
            cells += [row.time or ""] * timed + [row.seconds or ""] * counted + [row.lat, row.lon]
            cells += [row.altitude or ""] * high
            cells += [value if name in numeric else disarm(value) for name, value in _values(row, names)]
            writer.writerow(cells)


def _values(row: Row, names: Sequence[str]) -> list[tuple[str, str]]:
    return [(name, row.fields[name]) for name in names]


def _gpx(stream: TextIO, segments: Segments, names: Sequence[str]) -> None:
    stream.write('<?xml version="1.0" encoding="UTF-8"?>\n<gpx version="1.1" creator="daylight"')
    stream.write(f' xmlns="http://www.topografix.com/GPX/1/1" xmlns:d="{NAMESPACE}">\n<trk>\n')
    for segment in segments:
        stream.write("<trkseg>\n")
        for row in segment:
            stream.write(f'<trkpt lat="{row.lat}" lon="{row.lon}">')
            if row.altitude is not None:
                stream.write(f"<ele>{row.altitude}</ele>")
            if row.time is not None:
                stream.write(f"<time>{row.time}</time>")
            extra = [("seconds", row.seconds)] if row.seconds is not None else []
            values = extra + _values(row, names)
            if values:
                inner = "".join(
                    f"<d:field name={quoteattr(name)}>{escape(value)}</d:field>"
                    for name, value in values
                    if value
                )
                stream.write(f"<extensions>{inner}</extensions>" if inner else "")
            stream.write("</trkpt>\n")
        stream.write("</trkseg>\n")
    stream.write("</trk>\n</gpx>\n")


def _geojson(stream: TextIO, segments: Segments, names: Sequence[str]) -> None:
    features = []
    for number, segment in enumerate(segments, 1):
        line = [
            [float(row.lon), float(row.lat), *([float(row.altitude)] if row.altitude is not None else [])]
            for row in segment
        ]
        properties: dict[str, object] = {"segment": number}
        if any(row.time for row in segment):
            properties["times"] = [row.time for row in segment]
        if any(row.seconds for row in segment):
            properties["seconds"] = [float(row.seconds) if row.seconds else None for row in segment]
        if names:
            properties["fields"] = {name: [row.fields[name] for row in segment] for name in names}
        geometry = (
            {"type": "LineString", "coordinates": line}
            if len(line) > 1
            else {"type": "Point", "coordinates": line[0]}
        )
        features.append({"type": "Feature", "geometry": geometry, "properties": properties})
    json.dump({"type": "FeatureCollection", "features": features}, stream, ensure_ascii=False)
    stream.write("\n")


def _kml(stream: TextIO, segments: Segments, names: Sequence[str]) -> None:
    stream.write('<?xml version="1.0" encoding="UTF-8"?>\n<kml xmlns="http://www.opengis.net/kml/2.2"')
    stream.write(' xmlns:gx="http://www.google.com/kml/ext/2.2">\n<Document>\n')
    for segment in segments:
        if all(row.time for row in segment):
            stream.write("<Placemark><gx:Track>\n")
            stream.writelines(f"<when>{row.time}</when>\n" for row in segment)
            stream.writelines(
                f"<gx:coord>{row.lon} {row.lat} {row.altitude or 0}</gx:coord>\n" for row in segment
            )
            stream.write("</gx:Track></Placemark>\n")
        else:
            spots = "\n".join(
                f"{row.lon},{row.lat}" + (f",{row.altitude}" if row.altitude is not None else "")
                for row in segment
            )
            stream.write(
                f"<Placemark><LineString><coordinates>\n{spots}\n</coordinates></LineString></Placemark>\n"
            )
    stream.write("</Document>\n</kml>\n")


WRITERS: dict[str, Callable[[TextIO, Segments, Sequence[str]], None]] = {
    ".csv": _csv,
    ".gpx": _gpx,
    ".geojson": _geojson,
    ".kml": _kml,
}
