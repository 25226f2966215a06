"""Small films, made in a blink."""

from pathlib import Path

import av
import numpy


def a_film(path: Path, *, seconds: float = 2, rate: int = 5, size: tuple[int, int] = (64, 48)) -> Path:
    """A film whose picture is white on the left half and grey on the right, with a key frame each second."""
    width, height = size
    picture = numpy.full((height, width, 3), 128, "uint8")
    picture[:, : width // 2] = 255
    with av.open(str(path), "w", format="mp4") as container:
        stream = container.add_stream("libx264", rate=rate, options={"preset": "ultrafast", "g": str(rate)})
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        for _ in range(int(seconds * rate)):
            for packet in stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")):
                container.mux(packet)
        for packet in stream.encode(None):
            container.mux(packet)
    return path


def a_sound(path: Path, *, seconds: int = 1) -> Path:
    """A WAV of silence, or an MP4 with sound alone, by the path's suffix."""
    form = {".wav": "wav", ".mp4": "mp4"}[path.suffix]
    with av.open(str(path), "w", format=form) as container:
        stream = container.add_stream("pcm_s16le" if form == "wav" else "aac", rate=44100)
        kind = "s16" if form == "wav" else "fltp"
        silence = numpy.zeros((1, 44100 * seconds), "int16" if form == "wav" else "float32")
        frame = av.AudioFrame.from_ndarray(silence, format=kind, layout="mono")
        frame.sample_rate = 44100
        for packet in [*stream.encode(frame), *stream.encode(None)]:
            container.mux(packet)
    return path
