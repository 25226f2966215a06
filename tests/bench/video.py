"""Films against ffmpeg's own transcode: 5 % of ten minutes touched, and every picture of a minute.

The films are made once: textured ground that moves, walking boxes, grain; H.264 with B-frames and an IDR
picture every two seconds, and an AAC track, as a body-worn camera writes them.
"""

import json
import shutil
from fractions import Fraction
from pathlib import Path
from typing import Any, cast

import av
import numpy as np

from tests.bench.harness import Bench, Failed, Row, python

RATE = 30
LOOP = 60  # seconds that are drawn; longer films repeat them
SIZES = {720: (1280, 720), 1080: (1920, 1080)}

_RENDER = """
import sys
from pathlib import Path
from redaction.engines import video
from redaction.marks import load
source, marks, target = map(Path, sys.argv[1:4])
target.unlink(missing_ok=True)
video.redact(source, load(marks), target)
"""
_WHOLE = """
import sys
from pathlib import Path
from redaction import pipeline
from redaction.marks import load
source, marks, target = map(Path, sys.argv[1:4])
pipeline.redact(source, load(marks), target)
"""
_CHECK = """
import sys
from pathlib import Path
from redaction import pipeline
from redaction.marks import load
source, marks, target = map(Path, sys.argv[1:4])
found = pipeline.verify(target, source, load(marks))
sys.exit(len(found))
"""


def measure(bench: Bench) -> None:
    """This will add the rows of the video room."""
    if shutil.which("ffmpeg") is None:
        raise Failed("ffmpeg is not installed")
    long = round(600 * bench.scale)
    minute = max(4, round(60 * bench.scale))
    _compare(bench, "video-sparse", 720, long, 0.05, render=None, whole=10)
    for height in SIZES:
        _compare(bench, f"video-full-{height}", height, minute, 1.0, render=0.85, whole=0.6)
    commands = {}
    for share in (1 / 16, 1 / 4, 1):
        seconds = max(4, round(long * share))
        film = a_film(bench.folder, 720, seconds)
        commands[share] = python(_WHOLE, film, _marks(film, seconds, 0.05), _output(film))
    workload = f"5 % of {long} s of 720p, render and verification"
    bench.growth("video-sparse-growth", workload, commands, most=1.1, most_mib=1500)


def _compare(
    bench: Bench, name: str, height: int, seconds: int, share: float, *, render: float | None, whole: float
) -> None:
    film = a_film(bench.folder, height, seconds)
    marks, target = _marks(film, seconds, share), _output(film)
    peer = ["ffmpeg", "-v", "error", "-nostdin", "-y", "-i", str(film)]
    peer += ["-c:v", "libx264", "-preset", "veryfast", "-crf", "23", "-c:a", "aac", str(_peers(film))]
    workload = f"{seconds} s of {height}p, {share:.0%} touched"
    files = (film, marks, target)
    only = python(_RENDER, *files)
    bench.versus(f"{name}-render", workload, ours=only, peer=peer, goal=render)
    both = python(_WHOLE, *files)
    row = bench.versus(f"{name}-verified", workload, ours=both, peer=peer, goal=whole)
    bench.versus(f"{name}-check", f"{workload}, verification alone", ours=python(_CHECK, *files), peer=None)
    _sizes(bench, name, film, target, row)


def _sizes(bench: Bench, name: str, film: Path, target: Path, row: Row) -> None:
    source, ours, theirs = (path.stat().st_size / 1e6 for path in (film, target, _peers(film)))
    note = f"source {source:.1f} MB, ffmpeg's {theirs:.1f} MB; we use no B-frames"
    bench.add(Row(f"{name}-size", row.workload, f"{ours:.1f} MB", note=note))


def _peers(film: Path) -> Path:
    return film.with_suffix(".peer.mp4")


def _output(film: Path) -> Path:
    return film.with_suffix(".ours.mp4")


def _marks(film: Path, seconds: int, share: float) -> Path:
    """Two boxes that move over a share of the film, one black, one mosaic: in three runs, or all along."""
    runs = [(0.0, float(seconds))]
    if share < 1:
        length = seconds * share / 3
        runs = [(seconds * place, seconds * place + length) for place in (0.1, 0.45, 0.8)]
    rows = []
    for number, (start, end) in enumerate(runs):
        for style, left in (("solid", 0.1), ("mosaic", 0.6)):
            keyframes = [
                {"t": start, "rect": [left, 0.2, 0.2, 0.3]},
                {"t": end, "rect": [left + 0.1, 0.5, 0.2, 0.3]},
            ]
            mark = {"id": f"{style}{number}", "kind": "region", "start": start, "end": end, "style": style}
            rows.append({**mark, "keyframes": keyframes})
    path = film.with_suffix(f".{share:g}.json")
    path.write_text(json.dumps({"version": 1, "marks": rows}))
    return path


def a_film(folder: Path, height: int, seconds: int) -> Path:
    """A film of some seconds, made when it is not there; its first minute is drawn, the rest repeats it."""
    path = folder / f"camera-{height}-{seconds}.mp4"
    if path.exists():
        return path
    partial = path.with_suffix(".partial.mp4")
    if seconds <= LOOP:
        _draw(partial, height, seconds)
    else:
        _repeat(a_film(folder, height, LOOP), partial, seconds)
    partial.rename(path)
    return path


def _draw(path: Path, height: int, seconds: int) -> None:
    width, _ = SIZES[height]
    chance = np.random.default_rng(11)
    ground = _texture(chance, height + 320, width + 320, 24)
    walkers = [_texture(chance, height // 4, height // 8, 6) for _ in range(4)]
    grain = [chance.normal(0, 3.5, (height, width)).astype(np.int16) for _ in range(12)]
    with av.open(str(path), "w", options={"movflags": "+faststart"}) as out:
        stream: Any = out.add_stream("libx264", rate=RATE)
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        keys = {"g": str(2 * RATE), "keyint_min": str(2 * RATE), "sc_threshold": "0", "bf": "2"}
        stream.options = {"preset": "veryfast", "crf": "20"} | keys
        stream.codec_context.thread_type = "FRAME"
        sound = out.add_stream("aac", rate=48_000, layout="mono")
        for number in range(seconds * RATE):
            right, down = int(160 + 150 * np.sin(number / 90)), int(160 + 150 * np.cos(number / 70))
            luma = ground[down : down + height, right : right + width] + grain[number % len(grain)]
            for turn, walker in enumerate(walkers):
                tall, wide = walker.shape
                left = int((width - wide) * (0.5 + 0.5 * np.sin(number / 60 + 1.7 * turn)))
                top = int((height - tall) * (0.5 + 0.4 * np.cos(number / 85 + turn)))
                luma[top : top + tall, left : left + wide] = walker
            frame = av.VideoFrame(width, height, "yuv420p")
            for plane, values in zip(frame.planes, (np.clip(luma, 16, 235), 118, 138), strict=True):
                rows = np.frombuffer(cast(Any, plane), np.uint8).reshape(-1, plane.line_size)
                rows[:, : plane.width] = values
            frame.pts, frame.time_base = number, Fraction(1, RATE)
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
        _sing(out, sound, seconds)


def _sing(out: Any, track: Any, seconds: int) -> None:
    chance, block = np.random.default_rng(5), 48_000
    for second in range(seconds):
        steps = np.arange(second * block, (second + 1) * block)
        wave = (0.2 * np.sin(steps * 0.04) + 0.05 * chance.normal(size=block)).astype(np.float32)
        frame = av.AudioFrame.from_ndarray(wave[None], format="fltp", layout="mono")
        frame.sample_rate, frame.pts, frame.time_base = block, second * block, Fraction(1, block)
        out.mux(track.encode(frame))
    out.mux(track.encode(None))


def _texture(chance: np.random.Generator, height: int, width: int, cell: int) -> Any:
    """Smooth cells with finer ones on them: edges and detail at several sizes."""
    picture = np.zeros((height, width))
    for size, depth in ((cell * 4, 50), (cell, 30), (max(cell // 4, 2), 12)):
        small = chance.normal(0, depth, (height // size + 2, width // size + 2))
        picture += np.kron(small, np.ones((size, size)))[:height, :width]
    return np.clip(picture + 120, 20, 230).astype(np.int16)


def _repeat(loop: Path, path: Path, seconds: int) -> None:
    """The pictures of a shorter film again and again; each round begins with an IDR picture."""
    with av.open(str(path), "w", options={"movflags": "+faststart"}) as out:
        with av.open(str(loop)) as source:
            track: Any = out.add_stream_from_template(source.streams.video[0])
        sound = out.add_stream("aac", rate=48_000, layout="mono")
        for turn in range(-(-seconds // LOOP)):
            with av.open(str(loop)) as source:
                for packet in source.demux(source.streams.video[0]):
                    begin, shift = packet.pts or 0, round(turn * LOOP / packet.time_base)
                    if packet.size and float((begin + shift) * packet.time_base) < seconds:
                        packet.pts, packet.dts = begin + shift, (packet.dts or 0) + shift
                        packet.stream = track
                        out.mux(packet)
        _sing(out, sound, seconds)
