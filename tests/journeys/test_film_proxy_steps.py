"""A proxy in a real browser: each picture of the source is found at exactly its own time."""

import base64
from pathlib import Path

import pytest
from playwright.sync_api import Page

from redaction.preview import proxy
from tests.redaction.media_builders import a_video

UNEVEN = [0.2, 0.3, 0.35, 0.5, 0.9, 1.2, 1.2333, 1.2667, 2.0, 2.7]
STEP = """
async ([data, times]) => {
  const bytes = Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0));
  const film = document.createElement("video");
  film.muted = true;
  film.src = URL.createObjectURL(new Blob([bytes], { type: "video/mp4" }));
  document.body.append(film);
  await new Promise((done, failed) => {
    film.onloadeddata = done;
    film.onerror = () => failed(new Error(film.error.message));
  });
  const seen = [];
  for (const time of times) {
    const there = new Promise((done) => film.addEventListener("seeked", done, { once: true }));
    film.currentTime = time;
    await there;
    const picture = new VideoFrame(film); // that of now; one presented earlier may still be on its way
    seen.push(picture.timestamp / 1e6);
    picture.close();
  }
  return [film.videoWidth, film.videoHeight, seen];
}
"""


@pytest.mark.parametrize("start", [0.0, 1.0], ids=["first part", "a later part"])
def test_every_picture_is_on_screen_at_its_own_time(page: Page, tmp_path: Path, start: float) -> None:
    source = a_video(tmp_path / "in.mkv", times=UNEVEN, rotation=None)
    target = tmp_path / "part.mp4"
    said = proxy.part(str(source), str(target), start, None, 0, [0])
    local = [time - said["start"] for time in said["times"]]
    ends = [*local[1:], said["end"] - said["start"]]
    middles = [(one + other) / 2 for one, other in zip(local, ends, strict=True)]
    page.goto("about:blank")

    order = [*middles[::2], *middles[1::2]]  # there and back again
    shown = page.evaluate(STEP, [base64.b64encode(target.read_bytes()).decode(), order])

    assert shown[:2] == [320, 180]
    assert shown[2] == pytest.approx([*local[::2], *local[1::2]], abs=1e-4)
