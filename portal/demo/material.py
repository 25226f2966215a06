"""The files of the demonstration, made from a seed: a traffic stop with speech, plate reads, a flight.

Each comes with the strings that must never leave, so that the demonstration can look for them.
"""

import csv
import math
import random
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

SEED = 20261122
Marks = list[dict[str, Any]]


@dataclass(frozen=True)
class Material:
    """One file to upload, its marks, and what of it may not leave."""

    path: Path
    title: str
    marks: Marks
    withheld: tuple[str, ...] = ()
    columns: tuple[str, ...] = field(default=())


def traffic_stop(folder: Path) -> Material:
    """This will film a stop: a road, two cars, an officer, a face, a plate, voices; 8 s, 640 x 360, 15 fps.

    The container carries a GPS tag and a title that name the scene; they must not survive.
    """
    import av
    from PIL import Image, ImageDraw, ImageFont

    path = folder / "BWC_Delgado_Maria_20261103.mp4"
    width, height, rate, seconds = 640, 360, 15, 8
    rng = np.random.default_rng(SEED)
    ground = _road(width, height, rng)
    font = ImageFont.load_default(size=20)
    with av.open(str(path), "w", options={"movflags": "use_metadata_tags"}) as container:
        container.metadata.update({"title": "Stop of Maria Delgado", "location": "+30.2672-097.7431/"})
        picture = container.add_stream("libx264", rate=rate, options={"preset": "veryfast", "crf": "23"})
        picture.width, picture.height, picture.pix_fmt = width, height, "yuv420p"
        sound = container.add_stream("aac", rate=16_000)
        sound.layout = "mono"
        for number in range(rate * seconds):
            image = Image.fromarray(ground.copy())
            draw = ImageDraw.Draw(image)
            shift = int(30 * math.sin(number / 20))
            draw.rectangle((330 + shift, 170, 560 + shift, 270), fill=(150, 30, 40))
            draw.rectangle((400 + shift, 225, 500 + shift, 252), fill=(245, 245, 240))
            draw.text((412 + shift, 227), "KTX 4821", fill=(20, 20, 60), font=font)
            draw.ellipse((110, 90, 170, 165), fill=(216, 170, 140))
            draw.ellipse((125, 115, 133, 123), fill=(30, 30, 30))
            draw.ellipse((147, 115, 155, 123), fill=(30, 30, 30))
            draw.rectangle((95, 165, 185, 330), fill=(30, 40, 90))
            draw.text((10, 330), f"UNIT 12  {number / rate:05.2f} s", fill=(255, 255, 255), font=font)
            frame = av.VideoFrame.from_ndarray(np.asarray(image), format="rgb24")
            container.mux(picture.encode(frame))
        container.mux(picture.encode(None))
        _speak(container, sound, seconds, rng)
    marks: Marks = [
        {"id": "face", "kind": "region", "start": 0, "end": seconds, "reason": "FACE_BYSTANDER",
         "keyframes": [{"t": 0, "rect": [0.15, 0.22, 0.14, 0.26]}]},
        {"id": "plate", "kind": "region", "start": 0, "end": seconds, "reason": "PLATE",
         "keyframes": [{"t": 0, "rect": [0.55, 0.60, 0.30, 0.12]}]},
        {"id": "name-spoken", "kind": "mute", "start": 2.0, "end": 3.5, "reason": "PII_SPOKEN"},
    ]  # fmt: skip
    return Material(
        path, "Body-worn camera, unit 12", marks, ("Maria Delgado", "Delgado", "+30.2672", "-097.7431")
    )


def _road(width: int, height: int, rng: np.random.Generator) -> "np.ndarray[Any, np.dtype[np.uint8]]":
    ground = np.zeros((height, width, 3), np.uint8)
    ground[: height // 2] = (135, 170, 205)
    ground[height // 2 :] = (92, 92, 96)
    ground[height * 3 // 4 : height * 3 // 4 + 6, ::2] = (230, 220, 120)
    noise = rng.integers(-8, 8, ground.shape)
    return np.clip(ground.astype(int) + noise, 0, 255).astype(np.uint8)


def _speak(container: Any, stream: Any, seconds: int, rng: np.random.Generator) -> None:
    """Voices by formant synthesis: a glottal buzz through two moving vowel resonances, in syllables."""
    import av

    rate = 16_000
    t = np.arange(rate * seconds) / rate
    vowels = np.array([(730, 1090), (270, 2290), (300, 870), (530, 1840), (570, 840), (440, 1020)])
    voice = np.zeros_like(t)
    for start in np.arange(0.1, seconds - 0.3, 0.28):
        span = (t >= start) & (t < start + 0.22)
        local = t[span] - start
        pitch = rng.uniform(95, 190)
        first, second = vowels[rng.integers(len(vowels))]
        harmonics = np.arange(1, 24)[:, None] * pitch
        weight = 1 / (1 + ((harmonics - first) / 110) ** 2) + 0.6 / (1 + ((harmonics - second) / 150) ** 2)
        buzz = (weight * np.sin(2 * np.pi * harmonics * local)).sum(axis=0)
        voice[span] += buzz * np.sin(np.pi * local / 0.22)
    samples = (0.5 * voice / np.abs(voice).max() * 32767).astype(np.int16)
    for place in range(0, len(samples), 1024):
        piece = samples[place : place + 1024][None, :]
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(piece), format="s16", layout="mono")
        frame.sample_rate, frame.pts, frame.time_base = rate, place, Fraction(1, rate)
        container.mux(stream.encode(frame))
    container.mux(stream.encode(None))


def incident_report(folder: Path) -> Material:
    """This will print the report of the stop as a PDF of one page."""
    from weasyprint import HTML

    path = folder / "report_Delgado_Maria.pdf"
    HTML(
        string="""<html lang="en"><title>Incident of Maria Delgado</title><body>
      <h1>Incident report 26-118204</h1><p>On November 3, 2026 at 6:12 PM a red sedan was stopped on Elm
      Street at 4th Avenue for a broken tail light.</p><p>Driver: Maria Delgado, born March 14, 1991,
      telephone 512-555-0143.</p><p>The driver was polite. A written warning was given and the stop ended at
      6:21 PM.</p>
      <p>Passenger: a child of eight years, Emily Delgado.</p></body></html>"""
    ).write_pdf(path)
    marks: Marks = [
        {"id": "driver", "kind": "text", "literal": "Maria Delgado", "pages": "all", "reason": "PII_DOC"},
        {"id": "birth", "kind": "text", "literal": "March 14, 1991", "pages": "all", "reason": "PII_DOC"},
        {"id": "phone", "kind": "text", "pattern": "phone", "pages": "all", "reason": "PII_DOC"},
        {"id": "child", "kind": "text", "literal": "Emily Delgado", "pages": "all", "reason": "MINOR"},
    ]  # fmt: skip
    gone = ("Delgado", "Emily", "March 14, 1991", "512-555-0143", "555-0143")
    return Material(path, "Incident report", marks, gone)


def plate_reads(folder: Path) -> Material:
    """This will write 400 reads of a day: plate, time, camera, place, the searching officer's reason."""
    path = folder / "lpr_export_detective_Hollis.csv"
    draw = random.Random(SEED)  # noqa: S311  a seed is the point
    letters = "ABCDEFGHJKLMNPRSTUVWXYZ"
    start = datetime(2026, 11, 3, 6, tzinfo=UTC)
    plates = [f"{''.join(draw.choices(letters, k=3))}{draw.randint(1000, 9999)}" for _ in range(150)]
    header = ("plate", "state", "read_at", "camera", "latitude", "longitude", "officer", "reason")
    with path.open("w", newline="", encoding="utf-8") as sink:
        rows = csv.writer(sink)
        rows.writerow(header)
        for number in range(400):
            at = start + timedelta(seconds=97 * number + draw.randint(0, 60))
            rows.writerow((
                draw.choice(plates), "TX", at.strftime("%Y-%m-%d %H:%M:%S"), f"LARK-{draw.randint(1, 6):02d}",
                f"{30.2 + draw.random() / 10:.6f}", f"{-97.8 + draw.random() / 10:.6f}",
                "Det. Hollis", "=HYPERLINK(1)" if number == 7 else "stolen vehicle",
            ))  # fmt: skip

    def column(name: str, action: str, **more: str) -> dict[str, str]:
        reason = {} if action == "release" else {"reason": "PLATE" if name == "plate" else "PII_DOC"}
        return {"id": name, "kind": "column", "name": name, "action": action, **reason, **more}

    marks: Marks = [
        column("plate", "mask"), column("state", "release"), column("read_at", "coarsen", to="hour"),
        column("camera", "release"), column("latitude", "drop"), column("longitude", "drop"),
        column("officer", "drop"), column("reason", "release"),
    ]  # fmt: skip
    return Material(path, "Plate reads of November 3", marks, (*plates, "Hollis"), header)


def flight_log(folder: Path) -> Material:
    """This will write a DJI subtitle log of three minutes: take-off from a home, out, round and back."""
    path = folder / "DJI_pilot_Okafor.SRT"
    start = datetime(2026, 11, 3, 15, tzinfo=UTC)
    home_lat, home_lon = 30.271234, -97.741234
    blocks = []
    for second in range(180):
        share = math.sin(math.pi * second / 180)
        lat, lon = home_lat + 0.012 * share, home_lon + 0.006 * math.sin(2 * math.pi * second / 180) * share
        at = start + timedelta(seconds=second)
        clock = f"{second // 3600:02d}:{second // 60 % 60:02d}:{second % 60:02d}"
        blocks.append(
            f"{second + 1}\n{clock},000 --> {clock},900\n"
            f'<font size="28">SrtCnt : {second + 1}, DiffTime : 1000ms\n'
            f"{at:%Y-%m-%d %H:%M:%S}.000\n[iso : 100] [shutter : 1/800.0] [fnum : 170] [ct : 5300] "
            f"[latitude: {lat:.6f}] [longitude: {lon:.6f}] "
            f"[rel_alt: {60 * share:.3f} abs_alt: {200 + 60 * share:.3f}]"
            " </font>\n"
        )
    path.write_text("\n".join(blocks), encoding="utf-8")
    marks: Marks = [
        {"id": "home", "kind": "home", "radius_m": 150, "reason": "ADDRESS", "seed": "5eed" * 8},
        {"id": "grid", "kind": "generalise", "grid_deg": 0.001, "altitude": "metre", "time": "relative",
         "reason": "ADDRESS"},
    ]  # fmt: skip
    return Material(path, "Flight log of November 3", marks, (f"{home_lat:.6f}", f"{home_lon:.6f}", "Okafor"))


def disguised(folder: Path) -> Path:
    """This will write a playlist that calls itself a film: a parser fed with it would open other files."""
    path = folder / "evidence.mp4"
    path.write_text("ffconcat version 1.0\nfile /etc/passwd\n")
    return path
