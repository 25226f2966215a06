"""The exact picture at a moment, and what is known of a recording before it is played."""

import base64
import io
from itertools import pairwise
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

from redaction.preview import calls, stills
from redaction.report import Refused
from tests.redaction.media_builders import CAMERA, a_sound, a_video, frames_of

SMALL = (96, 54)
UNEVEN = [0.0, 0.1, 0.15, 0.5, 1.2, 1.2333, 2.0, 2.7]


def seen(source: Path, at: float, suffix: str = "png") -> float:
    image = Image.open(io.BytesIO(base64.b64decode(stills.still(str(source), at, 0, suffix))))
    return float(np.asarray(image.convert("L")).mean())


def test_a_still_is_the_picture_on_the_screen_then(tmp_path: Path) -> None:
    source = a_video(tmp_path / "in.mp4", times=UNEVEN, coding={"g": "3"}, size=SMALL, audio=False)
    each = [seen(source, time + 0.0001) for time in UNEVEN]
    moments = [(0, 0), (0.12, 1), (0.499, 2), (0.5, 3), (1.1999, 4), (2.9, 7), (99, 7)]

    found = [seen(source, at) for at, _ in moments]

    assert found == [each[number] for _, number in moments]
    assert len(set(each)) == len(UNEVEN)


def test_every_picture_of_a_camera_can_be_reached(tmp_path: Path) -> None:
    source = a_video(tmp_path / "in.ts", coding=CAMERA, format_name="mpegts", size=SMALL)
    origin = stills.shape(str(source), 0)["origin"]

    found = [seen(source, round(time - origin, 3)) for time, _ in frames_of(source)[::3]]

    assert all(after > before + 2 for before, after in pairwise(found))


@pytest.mark.parametrize(("suffix", "kind"), [("jpg", "JPEG"), ("png", "PNG")])
def test_a_still_is_whole_and_upright(tmp_path: Path, suffix: str, kind: str) -> None:
    source = a_video(tmp_path / "in.mp4", seconds=0.3, rotation=90)

    image = Image.open(io.BytesIO(calls.still(source, 0.1, 0, suffix)))

    assert (image.format, image.size) == (kind, (180, 320))


@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
def test_a_turned_still_is_what_players_show(tmp_path: Path, rotation: int) -> None:
    source = tmp_path / "in.mp4"
    marked = np.full((90, 160, 3), 40, np.uint8)
    marked[:30, :40] = 230  # the left upper corner as stored
    with av.open(str(source), "w") as out:
        stream = out.add_stream("libx264", rate=5, options={"crf": "10"})
        stream.width, stream.height, stream.pix_fmt = 160, 90, "yuv420p"
        stream.set_display_rotation(rotation)
        out.mux(stream.encode(av.VideoFrame.from_ndarray(marked, format="rgb24")))
        out.mux(stream.encode(None))

    content = base64.b64decode(stills.still(str(source), 0, 0, "png"))

    shown = np.rot90(marked, rotation // 90)  # FFmpeg counts against the clock
    assert np.abs(np.asarray(Image.open(io.BytesIO(content))).astype(int) - shown).mean() < 8


def test_the_shape_tells_length_speed_and_tracks(tmp_path: Path) -> None:
    shape = calls.shape(a_video(tmp_path / "in.mp4", seconds=2, fps=10, extra=("audio",)))

    assert (shape["fps"], shape["frames"], shape["width"], shape["height"]) == (10, 20, 320, 180)
    assert shape["duration"] == pytest.approx(2, abs=0.05)
    assert [row["label"] for row in shape["sounds"]] == ["Sound 1 (mono)", "Sound 2 (mono)"]
    assert shape["stamped"] is True


def test_a_sound_has_a_shape_without_pictures(tmp_path: Path) -> None:
    shape = stills.shape(str(a_sound(tmp_path / "in.wav", seconds=1, channels=6)), 0)

    assert (shape["width"], shape["fps"], shape["frames"]) == (0, 0.0, None)
    assert shape["sounds"][0]["label"] == "Sound 1 (6 channels)"


def test_a_header_that_is_silent_about_the_length_is_measured(tmp_path: Path) -> None:
    source = a_sound(tmp_path / "in.mp3", seconds=2)
    raw = a_video(tmp_path / "in.mkv", seconds=2, options={"live": "1"}, audio=False)

    assert stills.shape(str(raw), 0)["duration"] == pytest.approx(2, abs=0.15)
    assert stills.length(str(source), 0, 0) == pytest.approx(2, abs=0.1)
    assert calls.length(raw, 0, 0) == pytest.approx(2, abs=0.15)


def test_no_picture_at_all_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="no picture"):
        calls.still(a_sound(tmp_path / "in.wav"), 0)


def test_a_file_that_is_gone_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="cannot be read"):
        calls.shape(tmp_path / "nothing.mp4")
