"""How much the detectors find of what is known to be there, and how fast; docs/detectors.md has the table.

``SAMPLES`` may name a folder whose ``images/deface_city.jpg`` shows a crowd of about 22 faces.
"""

import os
import time
from collections.abc import Iterable
from pathlib import Path

import numpy as np
from PIL import Image

from redaction import detect
from redaction.detect import models, recognisers, stills
from redaction.detect.boxes import Found, shared
from redaction.detect.ways import WAYS
from redaction.engines.media.painting import rect_at
from tests.bench.harness import Bench, Row
from tests.bench.labelled import SIZE, Frame, Thing, a_film, a_frame

COVERED = 0.8  # of a number's area, for it to count as found
FRAMES = 24
FACES = 22  # counted by people, in the sample
SECONDS = 12


def measure(bench: Bench) -> None:
    """This will add the rows of this room."""
    frames = [a_frame(seed) for seed in range(max(2, round(FRAMES * bench.scale)))]
    for longest in (1280, 960, 640):
        _plates(bench, frames, longest)
    _stills(bench, frames)
    _film(bench)
    _faces(bench)
    _personal(bench)


def _plates(bench: Bench, frames: list[Frame], longest: int) -> None:
    """One look at one size, as films are looked at; by the width of the plate in a frame 1,280 wide."""
    way, network = WAYS["plates"], models.load(models.find("plates"))
    found: dict[int, list[bool]] = {}
    area, began = 0.0, time.perf_counter()
    for frame in frames:
        boxes = [box.grown(*way.pad) for box in network.find(frame.picture, longest) if way.fits(box, *SIZE)]
        area += _area(boxes) / (SIZE[0] * SIZE[1])
        for thing in frame.plates:
            found.setdefault(thing.width, []).append(_is_covered(thing, boxes))
    spent = (time.perf_counter() - began) / len(frames)
    every = [hit for hits in found.values() for hit in hits]
    by_width = "; ".join(f"{width} px {_share(hits)}" for width, hits in sorted(found.items()))
    bench.add(
        Row(
            id=f"plates at {longest}",
            workload=f"{len(frames)} drawn frames of {SIZE[0]}x{SIZE[1]}, 4 plates each",
            ours=f"recall {_share(every)}",
            note=f"{by_width}; {spent * 1000:.0f} ms a frame; {area / len(frames):.1%} of the picture boxed",
        )
    )


def _stills(bench: Bench, frames: list[Frame]) -> None:
    way, network = WAYS["plates"], models.load(models.find("plates"))
    began, hits = time.perf_counter(), []
    for frame in frames:
        boxes = [box.grown(*way.pad) for box in stills.look(network, way, frame.picture, way.stills)]
        hits += [_is_covered(thing, boxes) for thing in frame.plates]
    spent = (time.perf_counter() - began) / len(frames)
    bench.add(
        Row(
            id="plates in images",
            workload=f"{len(frames)} drawn frames, looked at in two sizes",
            ours=f"recall {_share(hits)}",
            note=f"{spent * 1000:.0f} ms an image",
        )
    )


def _film(bench: Bench) -> None:
    path, seconds = bench.folder / "drive.mp4", max(2, round(SECONDS * bench.scale))
    places = a_film(path, seconds=seconds)
    for kind in ("plates", "faces"):
        began = time.perf_counter()
        content = detect.suggest(path, kind)
        spent = time.perf_counter() - began
        speed = f"{len(places) / spent:.0f} frames a second"
        if kind == "faces":
            bench.add(Row(id="faces, speed", workload=f"{seconds} s of 720p30", ours=speed))
            continue
        hits = [
            _is_covered(thing, _at(content["marks"], number / 30))
            for number, things in enumerate(places)
            for thing in things
        ]
        bench.add(
            Row(
                id="plates in a film",
                workload=f"{seconds} s of 720p30, two plates of 110 and 90 px that drive by",
                ours=f"{_share(hits)} of frames",
                note=f"{speed}; {len(content['marks'])} tracks",
            )
        )


def _faces(bench: Bench) -> None:
    sample = Path(os.environ.get("SAMPLES", "")) / "images" / "deface_city.jpg"
    if not sample.is_file():
        bench.add(Row(id="faces", workload="no sample with faces is at hand (SAMPLES)", ours="-"))
        return
    picture = np.asarray(Image.open(sample).convert("RGB"))
    network = models.load(models.find("faces"))
    one = [box for box in network.find(picture, 640) if box.score >= WAYS["faces"].start]
    began = time.perf_counter()
    every = stills.look(network, WAYS["faces"], picture, WAYS["faces"].stills)
    bench.add(
        Row(
            id="faces",
            workload=f"a crowd of about {FACES} faces, 800x564",
            ours=f"{len(every)} finds",
            note=f"some are no faces; {len(one)} at 640 as in films; "
            f"{(time.perf_counter() - began) * 1000:.0f} ms",
        )
    )


_SENTENCES = (
    ("Victim: {name} was seen at the scene.", "name"),
    ("The witness {name} stated that he ran.", "name"),
    ("She spoke with Mr. {name} about it.", "name"),
    ("Then {name} walked away from the car.", "name"),
    ("DOB {dob}, he said.", "dob"),
    ("SSN {ssn} on file.", "ssn"),
    ("Reach her at {phone} any time.", "phone"),
    ("Mail goes to {mail} only.", "mail"),
    ("He lives at {address} with others.", "address"),
    ("The car with plate {plate} left.", "plate"),
    ("A van, {plate}, drove off.", "plate"),
    ("Driver license {licence} was shown.", "licence"),
)
_FIRST = ("Maria", "John", "Wei", "Aisha", "Patrick", "Emily", "Dmitri", "Lakshmi")
_STREETS = ("Oak", "Elm", "N. 5th", "Lake View")
_LAST = ("Delgado", "Smith", "Zhang", "Okafor", "O'Brien", "Novak", "van Dyke", "Ramirez-Lopez")


def _personal(bench: Bench) -> None:
    chance = np.random.default_rng(9)
    lines, wanted = [], []
    for number in range(max(60, round(1200 * bench.scale))):
        sentence, kind = _SENTENCES[number % len(_SENTENCES)]
        digits = [int(chance.integers(0, 10)) for _ in range(10)]
        tail = "".join(map(str, digits))
        value = {
            "name": f"{chance.choice(_FIRST)} {chance.choice(_LAST)}",
            "dob": f"{digits[0] % 12 + 1:02}/{digits[1] + 10}/19{digits[2]}{digits[3]}",
            "ssn": f"{tail[:3]}-{tail[3:5]}-{tail[5:9]}",
            "phone": f"(3{tail[:2]}) 555-{tail[3:7]}",
            "mail": f"u{tail[:5]}@example.org",
            "address": f"{digits[0] + 1}{tail[1:3]} {chance.choice(_STREETS)} Street",
            "plate": f"{chance.choice(list('ABCDEFG'))}KT{tail[:4]}",
            "licence": f"D{tail[:7]}",
        }[kind]
        lines.append(sentence.format(**{kind: value}))
        wanted.append((kind, value))
    began = time.perf_counter()
    seen = [{hit.value for hit in recognisers.in_text(line, passages=False)} for line in lines]
    spent = time.perf_counter() - began
    hits: dict[str, list[bool]] = {}
    for (kind, value), values in zip(wanted, seen, strict=True):
        hits.setdefault(kind, []).append(any(value in found for found in values))
    size = sum(map(len, lines)) / 1024
    bench.add(
        Row(
            id="personal data",
            workload=f"{len(lines)} written sentences, one value each; a quarter of the names without a cue",
            ours=f"recall {_share([hit for each in hits.values() for hit in each])}",
            note="; ".join(f"{kind} {_share(each)}" for kind, each in hits.items())
            + f"; {size / spent:.0f} KiB a second",
        )
    )


def _at(marks: list[dict[str, object]], moment: float) -> list[Found]:
    boxes = []
    for mark in marks:
        if mark["start"] <= moment < mark["end"]:  # type: ignore[operator]  # JSON: both are numbers
            x, y, w, h = rect_at(mark["keyframes"], moment)  # type: ignore[arg-type]  # JSON
            boxes.append(Found(x * SIZE[0], y * SIZE[1], (x + w) * SIZE[0], (y + h) * SIZE[1], 1.0))
    return boxes


def _is_covered(thing: Thing, boxes: Iterable[Found]) -> bool:
    """By one box; two halves of a number in two boxes count as a miss."""
    wanted = Found(*thing.rect, 1.0)
    return any(shared(wanted, box) > COVERED * wanted.width * wanted.height for box in boxes)


def _area(boxes: list[Found]) -> float:
    return sum(box.width * box.height for box in boxes)


def _share(hits: list[bool]) -> str:
    return f"{sum(hits) / len(hits):.0%}" if hits else "-"
